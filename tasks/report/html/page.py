"""The report as a page: all that is shown of a run, and the template that shows it."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import pyarrow.compute as pc
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.report.drift import SourceDrift, find_drift, show_band
from tasks.report.html import words
from tasks.report.html.articles import measure_articles
from tasks.report.html.charts import CHARTED_RUNS, draw_trend
from tasks.report.html.copies import find_copies
from tasks.report.html.cuts import Cuts, measure_cuts
from tasks.report.html.flow import NARROW, WIDE, draw_flow, read_books
from tasks.report.html.spreads import chart_spreads
from tasks.report.html.told import ToldRun
from tasks.report.past import Compared, PastRun, compare_past
from tasks.report.shown import many, percent, visible
from tasks.report.summary import top_rules
from tasks.rules.load import load_rules
from tasks.text.boilerplate import SCORE_RULE
from tasks.text.cut import OUTSIDE

# Caps, so that the report of any run is a file of some 200 kB.
RULES_SHOWN = 8
"""With lines that they cut."""
RULES_LISTED = 40
REJECTS_LISTED = 20
SOURCES_LISTED = 60

READERS = 2
"""Threads beside this one; what waits for another has been asked for after it."""

_LOADER = PackageLoader("tasks.report.html")


def render_report(lake: Lake, run: ToldRun, compared: Callable[[], Compared] | None = None) -> str:
    """The report of a run as one HTML file that asks nobody for anything.

    ``compared`` gives what ``compare_past`` does, for whoever wants that too.
    """
    facts = _gather(lake, run, compared or partial(_compare, lake, run))
    return _environment().get_template("report.html.j2").render(facts)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=_LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # All that a page says goes through this, before it is escaped.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "share": percent,
        "many": many,
        "place": words.place,
        "spent": words.spent,
        "reading": words.reading,
        "usual": lambda reading: show_band(reading.band, reading.measure),
        "minute": lambda at: f"{at:%d %B %Y, %H:%M} UTC",
    }
    return environment


def _gather(lake: Lake, run: ToldRun, compare: Callable[[], Compared]) -> dict[str, Any]:
    rules = top_rules(run.rules)
    shown = [rule for rule, _ in rules[:RULES_SHOWN]]
    # Arrow reads, and Vega draws, without Python's lock.
    with ThreadPoolExecutor(READERS) as readers:
        measured = readers.submit(measure_articles, lake, run)
        drawn = readers.submit(lambda: list(chart_spreads(measured.result())))
        copied = readers.submit(find_copies, lake, run)
        cuts = measure_cuts(lake, run, shown)
        compared = compare()
        past, drifts = compared.past, _find_drifts(compared)
        articles, spreads, groups = measured.result(), drawn.result(), copied.result()
    books = read_books(run.counts, cuts.empty_pages)
    flows = {name: draw_flow(books, shape) for name, shape in (("wide", WIDE), ("narrow", NARROW))}
    script = _file("report.js")
    return {
        "run": run,
        "lake": str(lake),
        "style": Markup(_file("report.css")),
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "verdict": words.verdict(run, books),
        "asides": list(words.asides(run, drifts)),
        "figures": list(words.figures(run, books, cuts)),
        "books": books,
        "flows": [(name, flow) for name, flow in flows.items() if flow is not None],
        "cuts": cuts,
        "characters": list(_characters(cuts)),
        "trends": list(_chart_trends(past)),
        "past": past[:CHARTED_RUNS][::-1],
        "articles": articles,
        "spreads": spreads,
        "drifts": drifts[:SOURCES_LISTED],
        "drifts_more": max(len(drifts) - SOURCES_LISTED, 0),
        "whys": _whys(shown),
        "rules": rules[:RULES_LISTED],
        "rules_more": max(len(rules) - RULES_LISTED, 0),
        "groups": groups,
        "rejects": _read_rejects(lake, run),
        "stages": _times(run, "worker."),
        "shards": _times(run, "shard."),
        "steps": [one for one in run.seconds.items() if "." not in one[0]],
    }


def _compare(lake: Lake, run: ToldRun) -> Compared:
    return compare_past(lake, run.run_id) if run.flow == "ingest" else Compared((), {})


def _find_drifts(compared: Compared) -> list[SourceDrift]:
    if not compared.past:
        return []
    now, *earlier = (compared.figures[run.run_id] for run in compared.past)
    return find_drift(now, earlier)


def _characters(cuts: Cuts) -> Iterator[tuple[str, int, float]]:
    whole = sum(cuts.characters.values())
    for label, count in cuts.characters.items():
        yield label, count, count / whole


def _chart_trends(past: Sequence[PastRun]) -> Iterator[tuple[str, list[str], Markup]]:
    """Title, what is counted, and the chart; none of a first run."""
    if len(past) < 2:
        return
    runs = len(past[:CHARTED_RUNS])
    for title, shown, told in (
        (
            "Articles a run",
            {"published": "articles_published", "withheld": "articles_withheld"},
            f"Articles that each of the last {runs} runs published and withheld",
        ),
        (
            "Rejected pages a run",
            {"rejected": "pages_rejected"},
            f"Pages that each of the last {runs} runs rejected",
        ),
    ):
        yield title, list(shown), draw_trend(past, shown, told)


def _whys(ids: Sequence[str]) -> dict[str, str]:
    """What some rules are for, as far as today's packs know it."""
    known = {rule.id: rule.why for rule in load_rules().rules}
    known[SCORE_RULE] = "Lines whose words, shape and neighbours speak against them."
    known[OUTSIDE] = "Lines that stand in no story of the layout."
    for one in ids:
        if one.startswith("learned."):
            known[one] = "A line that the source's other pages have too."
    return {one: known.get(one, "") for one in ids}


def _read_rejects(lake: Lake, run: ToldRun) -> list[dict[str, Any]]:
    columns = ["reason", "source_uri", "detail"]
    rows = read(lake, "rejects", columns, pc.field("run_id") == run.run_id)
    ordered = rows.sort_by([("reason", "ascending"), ("source_uri", "ascending")])
    found: list[dict[str, Any]] = ordered.slice(0, REJECTS_LISTED).to_pylist()
    return found


def _times(run: ToldRun, prefix: str) -> list[tuple[str, float]]:
    found = [
        (name.removeprefix(prefix), seconds)
        for name, seconds in run.seconds.items()
        if name.startswith(prefix)
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))


@cache
def _file(name: str) -> str:
    return _LOADER.get_source(Environment(autoescape=True), name)[0]
