"""What a run did, for people: the books, the rules, the rejects and the duplicates."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.dedupe.decide import Withheld

EXAMPLES = 20
"""How many rejects, duplicates and groups a summary names."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a run: counts and a few examples, small enough to hand on."""

    run_id: str
    name: str
    state: str
    lake: str
    counts: Mapping[str, int]
    """The books; keys as in ``runs.counts``."""
    rules: Mapping[str, int]
    """Lines cut, by rule."""
    seconds: Mapping[str, float]
    rejects: tuple[Mapping[str, Any], ...] = ()
    """The first few: source_uri, reason, detail."""
    duplicates: tuple[Mapping[str, Any], ...] = ()
    """The first few: title, source_uri, kind, jaccard, containment, kept_source_uri."""
    groups: tuple[Mapping[str, Any], ...] = ()
    """The articles with most copies in this run: kept_source_uri, copies, kept_article_id."""
    notes: tuple[str, ...] = ()
    """What a person should know: a run taken over, a publication finished."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows of each table after the run."""
    report: str | None = None
    """Where its report is, a path or an address; None where there is none."""


def check_balance(counts: Mapping[str, int]) -> str | None:
    """What does not add up in the books; None where they balance."""
    get = counts.get
    pages_out = sum(
        get(name, 0) for name in ("pages_new", "pages_seen", "pages_rejected", "pages_left_out")
    )
    if get("pages_in", 0) != pages_out:
        return f"pages in {get('pages_in', 0)} ≠ new + seen + rejected + left out {pages_out}"
    articles_out = get("articles_published", 0) + get("articles_withheld", 0)
    if get("articles_cut", 0) != articles_out:
        return f"articles cut {get('articles_cut', 0)} ≠ published + withheld {articles_out}"
    return None


def books_lines(counts: Mapping[str, int]) -> list[str]:
    """The books as two or three lines of text that can be added up by eye."""

    def count(name: str) -> str:
        return f"{counts.get(name, 0):,}"

    pages = (
        f"pages in {count('pages_in')} = new {count('pages_new')} + seen before "
        f"{count('pages_seen')} + rejected {count('pages_rejected')}"
    )
    if counts.get("pages_left_out"):
        pages += f" + left out until the next run {count('pages_left_out')}"
    articles = (
        f"articles cut {count('articles_cut')} = published {count('articles_published')} "
        f"+ withheld {count('articles_withheld')}"
    )
    return [pages, articles, *_dedupe_lines(counts)]


def largest_groups(withheld: Mapping[str, Withheld]) -> tuple[Mapping[str, Any], ...]:
    """The kept articles that most were withheld for, most first: ``Summary.groups``."""
    counted = Counter((one.kept_article_id, one.kept_source_uri) for one in withheld.values())
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        {"kept_source_uri": uri, "copies": copies, "kept_article_id": kept}
        for (kept, uri), copies in ordered[:EXAMPLES]
    )


def top_rules(rules: Mapping[str, int]) -> list[tuple[str, int]]:
    """Rules and the lines they cut, most first."""
    return sorted(rules.items(), key=lambda item: (-item[1], item[0]))


def summary_markdown(summary: Summary) -> str:
    """The summary as Markdown: the artifact on the run's page."""
    lines = [f"# {summary.name}: {summary.state}", ""]
    lines += [f"- {line}" for line in books_lines(summary.counts)]
    lines += [f"- lake: `{summary.lake}`"]
    lines += [] if summary.report is None else [f"- report: `{summary.report}`"]
    lines.append("")
    lines += [f"> - {note}" for note in summary.notes]
    if summary.rejects:
        lines += ["", "## Rejected", "", "| reason | page | detail |", "|---|---|---|"]
        lines += [_row(one["reason"], one["source_uri"], one["detail"]) for one in summary.rejects]
    if summary.duplicates:
        lines += [
            "",
            "## Withheld",
            "",
            "| kind | article | Jaccard | copy of |",
            "|---|---|---|---|",
        ]
        lines += [
            _row(one["kind"], one["source_uri"], f"{one['jaccard']:.2f}", one["kept_source_uri"])
            for one in summary.duplicates
        ]
    if summary.groups:
        lines += ["", "## Largest groups", "", "| copies | kept | id |", "|---|---|---|"]
        lines += [
            _row(one["copies"], one["kept_source_uri"], one["kept_article_id"])
            for one in summary.groups
        ]
        lines += ["", "`copydesk duplicates ID` shows them side by side."]
    lines += ["", "## Seconds by stage", "", "| stage | seconds |", "|---|---|"]
    lines += [_row(name, f"{taken:.2f}") for name, taken in sorted(summary.seconds.items())]
    return "\n".join(lines)


_DEDUPE_TOLD = {
    "articles_superseding": "published, they update an article that stays published beside them",
    "withheld.better_copy": "withheld, though better than the copy that an earlier run published",
    "dedupe_capped": "had more likely originals than were looked at",
}


def _dedupe_lines(counts: Mapping[str, int]) -> list[str]:
    return [
        f"of them {counts[name]:,} {told}"
        for name, told in _DEDUPE_TOLD.items()
        if counts.get(name)
    ]


def _row(*cells: object) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())
