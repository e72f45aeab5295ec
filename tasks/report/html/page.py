"""The report as a page: what is said of a run, and the template that says it."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.report.drift import LANGUAGE, Reading, SourceDrift, find_drift, show_band, show_value
from tasks.report.html.articles import Articles, measure_articles
from tasks.report.html.charts import draw_spread, draw_trend
from tasks.report.html.copies import find_copies
from tasks.report.html.cuts import Cuts, measure_cuts
from tasks.report.html.flow import NARROW, WIDE, Books, draw_flow, read_books
from tasks.report.html.told import ToldRun
from tasks.report.past import PastRun, read_figures, read_past
from tasks.report.shown import percent, visible
from tasks.report.summary import top_rules
from tasks.rules.load import load_rules
from tasks.text.boilerplate import SCORE_RULE
from tasks.text.cut import OUTSIDE

RULES_SHOWN = 8
RULES_LISTED = 40
REJECTS_SHOWN = 20
SOURCES_SHOWN = 60
SHARDS_SHOWN = 10


def render_report(lake: Lake, run: ToldRun) -> str:
    """The report of a run as one HTML file that asks nobody for anything."""
    return _environment().get_template("report.html.j2").render(_gather(lake, run))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What a page says goes through this: it must not speak to who looks at it.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {
        "number": lambda value: f"{value:,}",
        "share": percent,
        "place": _place,
        "day": lambda at: f"{at:%d %B %Y, %H:%M} UTC",
        "spent": _spent,
        "shown": _shown,
        "usual": lambda reading: show_band(reading.band, reading.measure),
    }
    return environment


def _gather(lake: Lake, run: ToldRun) -> dict[str, Any]:
    rules = top_rules(run.rules)
    cuts = measure_cuts(lake, run, [rule for rule, _ in rules[:RULES_SHOWN]])
    articles = measure_articles(lake, run)
    past = read_past(lake, run.run_id) if run.flow == "ingest" else []
    drifts = _drifts(lake, past)
    books = read_books(run.counts, cuts.empty_pages)
    return {
        "run": run,
        "lake": str(lake),
        "style": Markup(_file("report.css")),
        "script": Markup(_file("report.js")),
        "script_hash": _hash(_file("report.js")),
        "verdict": verdict(run, books),
        "asides": list(_asides(run, drifts)),
        "figures": list(_figures(run, books, cuts)),
        "books": books,
        "flows": [
            (name, drawn)
            for name, shape in (("wide", WIDE), ("narrow", NARROW))
            if (drawn := draw_flow(books, shape)) is not None
        ],
        "cuts": cuts,
        "characters": list(_characters(cuts)),
        "trends": list(_trends(past)),
        "past": list(reversed(past[:30])),
        "articles": articles,
        "spreads": list(_spreads(articles)),
        "drifts": drifts[:SOURCES_SHOWN],
        "drifts_more": max(len(drifts) - SOURCES_SHOWN, 0),
        "whys": _whys([rule for rule, _ in rules[:RULES_SHOWN]]),
        "rules": rules[:RULES_LISTED],
        "rules_more": max(len(rules) - RULES_LISTED, 0),
        "groups": find_copies(lake, run),
        "rejects": _rejects(lake, run),
        "stages": _stages(run, "worker."),
        "steps": [one for one in run.seconds.items() if "." not in one[0]],
        "shards": _stages(run, "shard.")[:SHARDS_SHOWN],
    }


def verdict(run: ToldRun, books: Books) -> str:
    """What happened, in a sentence."""
    count = run.counts.get
    if run.state == "crashed":
        return "This run died before it published anything."
    if run.state == "stopped":
        return "This run was stopped, and published nothing."
    if run.state == "nothing-new":
        seen = count("pages_seen", 0)
        return f"Nothing new: all {seen:,} pages were seen before." if seen else "Nothing new."
    parts = [_many(count("articles_published", 0), "article") + " published"]
    if withheld := count("articles_withheld", 0):
        parts.append(f"{withheld:,} withheld as {'a copy' if withheld == 1 else 'copies'}")
    if rejected := count("pages_rejected", 0):
        parts.append(f"{_many(rejected, 'page')} rejected")
    *most, last = parts
    told = f"{', '.join(most)} and {last}" if most else last
    return f"{told}, from {_many(books.pages, 'page')}."


def _asides(run: ToldRun, drifts: Sequence[SourceDrift]) -> Iterator[tuple[str, str]]:
    """What a person should know beside: how bad it is, and a sentence."""
    if run.message:
        yield "bad", run.message
    unusual = [one for one in drifts if one.alarms]
    if unusual:
        names = ", ".join(one.source for one in unusual[:3])
        more = f" and {len(unusual) - 3} more" if len(unusual) > 3 else ""
        yield "bad", f"Not as usual: {names}{more}."
    elif any(reading.band for one in drifts for reading in one.readings):
        yield "good", "Every source is as usual."
    if run.counts.get("pages_left_out"):
        yield "note", f"{run.counts['pages_left_out']:,} pages are left for the next run."


def _figures(run: ToldRun, books: Books, cuts: Cuts) -> Iterator[tuple[str, str, str, str]]:
    """Four figures: colour, number, what it is, and what it is a share of."""
    count = run.counts.get
    articles = books.articles
    published, withheld = count("articles_published", 0), count("articles_withheld", 0)
    rejected = count("pages_rejected", 0)
    whole = sum(cuts.characters.values()) - cuts.characters.get("blank", 0)
    cut = cuts.characters.get("boilerplate", 0)
    yield "published", f"{published:,}", "published", f"of {_many(articles, 'article')}"
    yield (
        "withheld",
        f"{withheld:,}",
        f"withheld as {'a copy' if withheld == 1 else 'copies'}",
        _of(withheld, articles, "article"),
    )
    noun = "page" if rejected == 1 else "pages"
    yield "rejected", f"{rejected:,}", f"{noun} rejected", _of(rejected, books.pages, "page")
    yield (
        "boilerplate",
        percent(cut / whole) if whole else "–",
        "of the text cut",
        f"{cut:,} of {whole:,} characters" if whole else "no text came in",
    )


def _characters(cuts: Cuts) -> Iterator[tuple[str, int, float]]:
    whole = sum(cuts.characters.values())
    for label, count in cuts.characters.items():
        yield label, count, count / whole


def _drifts(lake: Lake, past: Sequence[PastRun]) -> list[SourceDrift]:
    if not past:
        return []
    figures = read_figures(lake, past)
    now, *earlier = (figures[run.run_id] for run in past)
    return find_drift(now, earlier)


def _trends(past: Sequence[PastRun]) -> Iterator[tuple[str, Markup]]:
    if len(past) < 2:
        return
    told = f"Articles that each of the last {len(past[:30])} runs published and withheld"
    shown = {"published": "articles_published", "withheld": "articles_withheld"}
    yield "Articles a run", draw_trend(past, shown, told)
    told = f"Pages that each of the last {len(past[:30])} runs rejected"
    yield "Rejected pages a run", draw_trend(past, {"rejected": "pages_rejected"}, told)


def _spreads(articles: Articles) -> Iterator[dict[str, Any]]:
    """The charts of articles: those for which there is something to draw."""
    for title, unit, colour, spread, show, say in (
        (
            "Length",
            "words",
            "body",
            articles.lengths,
            "{:.0f}",
            "Half of the articles have {low} to {high} words; the middle one has {middle}.",
        ),
        (
            "Readability, any language",
            "LIX",
            "body",
            articles.lix,
            "{:.0f}",
            "Half score {low} to {high}, the middle one {middle}. "
            "Below 40 reads like fiction, above 60 like a law.",
        ),
        (
            "Reading ease, English",
            "Flesch reading ease",
            "body",
            articles.ease,
            "{:.0f}",
            "Half score {low} to {high}, the middle one {middle}. "
            "Higher is easier; 60 to 70 is plain English.",
        ),
        (
            "Cut from the page",
            "of an article's page",
            "boilerplate",
            articles.boilerplate,
            "{:.0%}",
            "Half of the articles stood on pages of which {low} to {high} was cut.",
        ),
    ):
        if spread.quartiles is None:
            continue
        labels = [show.format(bound) for bound in spread.bounds]
        low, middle, high = (show.format(value) for value in spread.quartiles)
        said = say.format(low=low, middle=middle, high=high)
        yield {
            "title": title,
            "unit": unit,
            "said": said,
            "labels": _classes(labels),
            "counts": spread.counts,
            "chart": draw_spread(spread, labels, unit, colour, f"{title}. {said}"),
        }


def _classes(labels: Sequence[str]) -> list[str]:
    ends = [*(f"to {label}" for label in labels[1:]), "and more"]
    return [f"{label} {end}" for label, end in zip(labels, ends, strict=True)]


def _whys(ids: Sequence[str]) -> dict[str, str]:
    """What each rule is for, as far as today's packs know it."""
    known = {rule.id: rule.why for rule in load_rules().rules}
    known[SCORE_RULE] = "Lines whose words, shape and neighbours speak against them."
    known[OUTSIDE] = "Lines that stand in no story of the layout."
    learned = {one: "The source's other pages have it too." for one in ids if one[:8] == "learned."}
    return known | learned


def _rejects(lake: Lake, run: ToldRun) -> list[Mapping[str, Any]]:
    columns = ["run_id", "reason", "source_uri", "detail", "attempts"]
    rows = read(
        lake, "rejects", columns, run.where("run_id") if run.flow != "ingest" else _of_run(run)
    )
    order = [("reason", "ascending"), ("source_uri", "ascending")]
    found: list[Mapping[str, Any]] = rows.sort_by(order).slice(0, REJECTS_SHOWN).to_pylist()
    return found


def _of_run(run: ToldRun) -> Any:
    import pyarrow.compute as pc

    return pc.field("run_id") == run.run_id


def _stages(run: ToldRun, prefix: str) -> list[tuple[str, float]]:
    found = [
        (name.removeprefix(prefix), n) for name, n in run.seconds.items() if name.startswith(prefix)
    ]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _of(part: int, whole: int, noun: str) -> str:
    return f"{percent(part / whole)} of {_many(whole, noun)}" if whole else f"of no {noun}"


def _place(uri: str) -> str:
    """A URI as a person reads it: the last parts of a path, decoded."""
    return unquote("/".join(uri.rsplit("/", 2)[1:])) if uri.startswith("file:") else unquote(uri)


def _shown(reading: Reading, main_language: str | None) -> str:
    value = show_value(reading) or "–"
    return f"{main_language} {value}" if reading.measure is LANGUAGE and main_language else value


def _spent(seconds: float) -> str:
    if seconds >= 120:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@cache
def _file(name: str) -> str:
    loader = PackageLoader("tasks.report.html")
    return loader.get_source(Environment(autoescape=True), name)[0]


def _hash(script: str) -> str:
    """What the page's policy lets run: this script, and no other."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
