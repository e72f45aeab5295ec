"""Charts as SVG, drawn by Vega-Lite while the report is written: the file carries no library.

Colours are the page's CSS variables, so that a chart turns dark with the page.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from tasks.report.html.articles import Spread
from tasks.report.html.vega import draw
from tasks.report.past import PastRun
from tasks.report.shown import many

WIDTH, HEIGHT = 340, 200
"""Pixels: a phone's column; on a larger screen charts stand side by side."""
CHARTED_RUNS = 30

_CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "aria": False,
        "labelColor": "var(--quiet)",
        "titleColor": "var(--quiet)",
        "titleFontWeight": "normal",
        "titleFontSize": 11,
        "labelFontSize": 11,
        "gridColor": "var(--line)",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "bar": {"cornerRadiusEnd": 1},
}
_ROOT = re.compile(r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>")


def draw_trend(past: Sequence[PastRun], shown: Mapping[str, str], title: str) -> Markup:
    """What the last runs brought, a bar a run, oldest first; this run's in full colour.

    Args:
        past: Runs, newest first: this one, and those before it.
        shown: What is counted by its name: the key in ``runs.counts``; stacked in this order.
        title: What the chart says, for those who do not see it.
    """
    runs = list(reversed(past[:CHARTED_RUNS]))
    values = [
        {
            "run": number,
            "of": f"{name} {'now' if run is past[0] else 'before'}",
            "order": order,
            "n": run.counts.get(key, 0),
            "told": f"{run.started_at:%d %b %H:%M}: {run.counts.get(key, 0):,} {name}",
        }
        for number, run in enumerate(runs)
        for order, (name, key) in enumerate(shown.items())
    ]
    first, last = (f"{runs[at].started_at:%d %b %H:%M}" for at in (0, -1))
    ends = [0, len(runs) - 1]
    axis = {
        "values": ends,
        "labelExpr": f"datum.value == 0 ? {json.dumps(first)} : {json.dumps(last)}",
        "labelAlign": {
            "condition": {"test": "datum.value == 0", "value": "left"},
            "value": "right",
        },
        "labelAngle": 0,
        "grid": False,
        "title": None,
    }
    colours = {
        f"{name} {when}": f"color-mix(in srgb, var(--{name}) {strength}%, var(--ground))"
        for name in shown
        for when, strength in (("now", 100), ("before", 55))
    }
    scale = {"domain": list(colours), "range": list(colours.values())}
    spec = {
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "run", "type": "ordinal", "axis": axis, "scale": {"paddingInner": 0.2}},
            "y": _counted(
                max(sum(run.counts.get(key, 0) for key in shown.values()) for run in runs)
            ),
            "color": {"field": "of", "type": "nominal", "scale": scale, "legend": None},
            "order": {"field": "order"},
            "description": {"field": "told"},
        },
    }
    return _draw(spec, title)


def draw_spread(
    spread: Spread, labels: Sequence[str], unit: str, colour: str, title: str
) -> Markup:
    """How a figure is spread over articles: a bar a class.

    Args:
        spread: The counts.
        labels: Of the classes' lower bounds.
        unit: What the figure is, below the axis.
        colour: Name of the page's colour.
        title: What the chart says, for those who do not see it.
    """
    values = [
        {"at": number, "n": count, "told": f"{label} {unit}: {many(count, 'article')}"}
        for number, (label, count) in enumerate(zip(labels, spread.counts, strict=True))
    ]
    axis = {
        "title": unit,
        "grid": False,
        "labelAngle": 0,
        "labelExpr": f"{json.dumps(list(labels))}[datum.value]",
        "labelOverlap": "parity",
        "labelSeparation": 3,
    }
    spec = {
        "data": {"values": values},
        "mark": {"type": "bar", "color": f"var(--{colour})"},
        "encoding": {
            "x": {"field": "at", "type": "ordinal", "axis": axis, "scale": {"paddingInner": 0.12}},
            "y": _counted(max(spread.counts)),
            "description": {"field": "told"},
        },
    }
    return _draw(spec, title)


def _counted(most: int) -> dict[str, Any]:
    """The axis of the counts ``n``, none of which is above ``most``."""
    axis: dict[str, Any] = {"format": ",d", "tickCount": 4, "title": None}
    if most <= 4:  # else there are ticks between 0 and 1
        axis["values"] = list(range(most + 1))
    return {"field": "n", "type": "quantitative", "axis": axis}


def _draw(spec: Mapping[str, Any], title: str) -> Markup:
    whole = {
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 2,
        "config": _CONFIG,
        **spec,
    }
    svg = draw(whole)
    found = _ROOT.match(svg)
    assert found is not None, svg[:200]
    root = f'<svg class="chart" viewBox="{found[1]}" role="img" aria-label="{escape(title)}">'
    return Markup(root + svg[found.end() :])
