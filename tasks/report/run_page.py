"""What a run's page in the Prefect UI shows: names, tables and charts, ready for artifacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tasks.report.charts import bar_chart, data_uri
from tasks.report.drift import LANGUAGE, Reading, SourceDrift, show_band, show_value
from tasks.report.past import PastRun
from tasks.report.summary import Summary, summary_markdown, top_rules

MOST_SOURCES = 200
"""Rows of the table of sources: the browser shows them all at once."""
CHARTED_RUNS = 30


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the last runs."""

    key: str
    """Of its artifact: the same in every run."""
    title: str
    description: str
    uri: str
    """An address that holds the picture."""


def name_with_counts(name: str, counts: Mapping[str, int]) -> str:
    """What a run is called when it has ended: its name and what came of it."""
    parts = [
        f"{count:,} {what}"
        for what in ("published", "withheld", "rejected")
        if (count := counts.get(_BOOK_OF[what], 0))
    ]
    return f"{name} · {', '.join(parts) or 'nothing new'}"


def page_markdown(summary: Summary, drifts: Sequence[SourceDrift], charts: Sequence[Chart]) -> str:
    """The summary, with the sources that are not as usual among its notes, and the charts."""
    alarms = [f"Not as usual: {alarm}" for alarm in source_alarms(drifts)]
    told = replace(summary, notes=(*summary.notes, *alarms))
    lines = [summary_markdown(told), "", "## The last runs", ""]
    lines += [f"![{chart.title}]({chart.uri})\n" for chart in charts]
    return "\n".join(lines)


def source_alarms(drifts: Sequence[SourceDrift]) -> list[str]:
    """A line a source that left a usual band."""
    return [f"{one.source}: {'; '.join(one.alarms)}" for one in drifts if one.alarms]


def rule_rows(rules: Mapping[str, int]) -> list[dict[str, Any]]:
    """Rules and the lines they cut, most first."""
    return [{"rule": rule, "lines cut": lines} for rule, lines in top_rules(rules)]


def reject_rows(summary: Summary) -> list[dict[str, Any]]:
    """The first rejects, and a row a reason for those that are not named."""
    named = [
        {"reason": one["reason"], "page": one["source_uri"], "detail": one["detail"]}
        for one in summary.rejects
    ]
    more = []
    for key, count in sorted(summary.counts.items()):
        kind, _, reason = key.partition(".")
        unnamed = count - sum(one["reason"] == reason for one in named)
        if kind == "rejected" and unnamed > 0:
            more.append({"reason": reason, "page": f"and {unnamed:,} more", "detail": ""})
    return [*named, *more]


def duplicate_rows(summary: Summary) -> list[dict[str, Any]]:
    """The first withheld articles, each with what it is a copy of and by what measure."""
    return [
        {
            "kind": one["kind"],
            "article": one["source_uri"],
            "copy of": one["kept_source_uri"],
            "Jaccard": round(one["jaccard"], 2),
            "containment": round(one["containment"], 2),
        }
        for one in summary.duplicates
    ]


def group_rows(summary: Summary) -> list[dict[str, Any]]:
    """The articles with most copies in this run, most first."""
    return [
        {
            "copies": one["copies"],
            "kept": one["kept_source_uri"],
            "look at it": f"copydesk duplicates {one['kept_article_id'][:12]}",
        }
        for one in summary.groups
    ]


def source_rows(drifts: Sequence[SourceDrift]) -> list[dict[str, Any]]:
    """A row a source: its figures, what each usually is, and what left its band."""
    rows = []
    for one in drifts[:MOST_SOURCES]:
        row = {
            "source": one.source,
            "not as usual": "; ".join(one.alarms),
            "articles": f"{one.figures.articles:,}",
        }
        row |= {f"{reading.measure.name} (usual)": _cell(one, reading) for reading in one.readings}
        rows.append(row)
    return rows


def draw_charts(past: Sequence[PastRun]) -> list[Chart]:
    """What the last runs brought.

    Args:
        past: Runs, newest first.
    """
    runs = list(reversed(past[:CHARTED_RUNS]))
    labels = [f"{run.started_at:%m-%d %H:%M}" for run in runs]

    def draw(key: str, title: str, description: str, shown: Sequence[str]) -> Chart:
        series = {name: [run.counts.get(_BOOK_OF[name], 0) for run in runs] for name in shown}
        return Chart(key, title, description, data_uri(bar_chart(title, labels, series)))

    return [
        draw(
            "volumes",
            "Articles a run",
            f"Articles that the last {CHARTED_RUNS} runs published and withheld.",
            ("published", "withheld"),
        ),
        draw(
            "rejected",
            "Rejected pages a run",
            f"Pages that the last {CHARTED_RUNS} runs rejected.",
            ("rejected",),
        ),
    ]


_BOOK_OF = {
    "published": "articles_published",
    "withheld": "articles_withheld",
    "rejected": "pages_rejected",
}


def _cell(drift: SourceDrift, reading: Reading) -> str:
    """A value, and its band in brackets."""
    parts = [show_value(reading)]
    if reading.measure is LANGUAGE and drift.main_language is not None:
        parts.insert(0, drift.main_language)
    if reading.band is not None:
        parts.append(f"({show_band(reading.band, reading.measure)})")
    return " ".join(filter(None, parts))
