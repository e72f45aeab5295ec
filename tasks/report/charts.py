"""Small charts of the last runs, as SVG that an image artifact can carry."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 52, 40
GRID_LINES = 4
COLOURS = ("#2f6f9f", "#e0a030", "#b03a48")
"""Told apart by people who do not see red and green, in print too; by order of the series."""
MOST_LABELS = 8
"""Along the bottom: more would run into each other."""


def bar_chart(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """A chart of stacked bars as SVG, a bar a label, from left to right.

    Args:
        title: What is counted.
        labels: Of the bars.
        series: Numbers by name, each as long as ``labels``; stacked in this order from the bottom.
    """
    totals = [sum(stack) for stack in zip(*series.values(), strict=True)]
    top = _round_up(max(totals, default=0))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
        *_legend(list(series)),
        *_grid(top),
        *_bars(labels, series, top),
        "</svg>",
    ]
    return "\n".join(parts)


def data_uri(svg: str) -> str:
    """An SVG as an address that holds it: what an image artifact takes."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _legend(names: Sequence[str]) -> list[str]:
    parts, left = [], LEFT
    for name, colour in zip(names, COLOURS, strict=False):
        parts.append(f'<rect x="{left}" y="30" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{left + 15}" y="39">{escape(name)}</text>')
        left += 15 + 8 * len(name) + 16
    return parts


def _grid(top: int) -> list[str]:
    parts = []
    for line in range(GRID_LINES + 1):
        height = _height(top * line / GRID_LINES, top)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">'
            f"{top * line // GRID_LINES:,}</text>"
        )
    return parts


def _bars(labels: Sequence[str], series: Mapping[str, Sequence[int]], top: int) -> list[str]:
    parts = []
    room = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    every = -(-len(labels) // MOST_LABELS)
    for index, label in enumerate(labels):
        left, base = LEFT + room * index, 0
        for name, colour in zip(series, COLOURS, strict=False):
            count = series[name][index]
            high, low = _height(base + count, top), _height(base, top)
            parts.append(
                f'<rect x="{left + room * 0.1:.1f}" y="{high:.1f}" width="{room * 0.8:.1f}" '
                f'height="{low - high:.1f}" fill="{colour}">'
                f"<title>{escape(label)}: {escape(name)} {count:,}</title></rect>"
            )
            base += count
        # From the right, so that the newest always has its label.
        if (len(labels) - 1 - index) % every == 0:
            middle = min(left + room / 2, WIDTH - RIGHT - 36)
            parts.append(
                f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
                f"{escape(label)}</text>"
            )
    return parts


def _height(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _round_up(most: int) -> int:
    """The least round number that is not less, of which a fourth is whole; 4 at least."""
    size = 4
    while True:
        for factor in (1, 2, 5):
            if size * factor >= most:
                return size * factor
        size *= 10
