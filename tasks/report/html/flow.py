"""The books as a flow diagram: pages on the left, what was published on the right.

A stream is as thick as what flows in it: pages up to those that were cut, from there on articles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.report.shown import many

LEAST = 3.0
"""Thickness of a stream that is there at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An end that pages or articles come to."""

    what: str
    count: int
    kind: str
    """What its colour says: ``published``, ``withheld``, ``rejected`` or ``idle``."""


@dataclass(frozen=True, slots=True)
class Books:
    """The counts of a run, ready to be drawn."""

    pages: int
    with_articles: int
    articles: int
    published: Sequence[Outcome]
    """What became of the articles."""
    ended: Sequence[Outcome]
    """What became of pages that gave no article."""


@dataclass(frozen=True, slots=True)
class Node:
    """A bar of the diagram, and its words."""

    x: float
    y: float
    height: float
    count: int
    what: str
    kind: str
    text_y: float


@dataclass(frozen=True, slots=True)
class Stream:
    """A ribbon from one bar to another, as an SVG path."""

    path: str
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A diagram that is ready to be written as SVG."""

    width: float
    height: float
    bar: float
    heads: tuple[Node, ...]
    """The three bars that have their words above them."""
    ends: tuple[Node, ...]
    """The bars that have their words beside them."""
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """The room that a diagram has, in pixels."""

    width: float
    columns: tuple[float, float, float, float]
    """Where the bars stand, from the left."""
    stream: float
    """Thickness of all that came in."""
    pitch: float
    """From one line of words to the next."""
    bar: float
    head: float
    """Room above the bars, for words."""


WIDE = Shape(1040, (0, 285, 550, 785), stream=190, pitch=44, bar=12, head=58)
NARROW = Shape(328, (0, 78, 154, 214), stream=150, pitch=40, bar=8, head=46)


def read_books(counts: Mapping[str, int], empty_pages: int) -> Books:
    """The books of an ingest, or of a reprocess, as streams.

    Args:
        counts: As in ``runs.counts``.
        empty_pages: Pages among the new ones that gave no article.
    """
    get = counts.get
    kinds = {"exact": "exact copies", "near": "near copies", "contained": "excerpts"}
    published = [Outcome("published", get("articles_published", 0), "published")]
    published += [
        Outcome(f"withheld: {told}", get(f"withheld.{kind}", 0), "withheld")
        for kind, told in kinds.items()
    ]
    unnamed = get("articles_withheld", 0) - sum(one.count for one in published[1:])
    published.append(Outcome("withheld", unnamed, "withheld"))
    if "pages_examined" in counts:
        came, cut = get("pages_examined", 0), get("pages_changed", 0)
        ended = [Outcome("unchanged", came - cut, "idle")]
    else:
        came, cut = get("pages_in", 0), get("pages_new", 0)
        ended = [
            Outcome("seen before", get("pages_seen", 0), "idle"),
            Outcome("left for the next run", get("pages_left_out", 0), "idle"),
        ]
    ended.append(Outcome("without an article", empty_pages, "idle"))
    reasons = [(key.partition(".")[2], n) for key, n in counts.items() if key[:9] == "rejected."]
    reasons.sort(key=lambda item: (-item[1], item[0]))
    ended += [Outcome(f"rejected: {reason}", count, "rejected") for reason, count in reasons[:5]]
    ended.append(Outcome("rejected: others", sum(n for _, n in reasons[5:]), "rejected"))
    return Books(
        pages=came,
        with_articles=max(cut - empty_pages, 0),
        articles=sum(one.count for one in published),
        published=[one for one in published if one.count],
        ended=[one for one in ended if one.count],
    )


def draw_flow(books: Books, shape: Shape) -> Flow | None:
    """Lay the diagram out; None where nothing came in."""
    if not books.pages:
        return None
    first, second, third, _ = shape.columns
    top = shape.head
    ends: list[Node] = []
    streams: list[Stream] = []
    heads: list[Node] = []

    cut = _thickness(books.with_articles, books.pages, shape.stream)
    y = top
    if books.with_articles:
        heads.append(_head(second, top, cut, books.with_articles, "with articles", "cut"))
        if books.articles:
            heads.append(_head(third, top, cut, books.articles, "articles", "cut"))
            told = f"{many(books.with_articles, 'page')} held {many(books.articles, 'article')}"
            streams.append(_ribbon(second + shape.bar, top, cut, third, top, cut, "cut", told))
            y = _fan_out(books.published, books.articles, cut, shape, top, ends, streams)
        y = max(y, top + cut) + shape.pitch / 3

    left = top
    if books.with_articles:
        told = f"{many(books.with_articles, 'page')} with articles"
        streams.append(_ribbon(first + shape.bar, left, cut, second, top, cut, "cut", told))
        left += cut
    for end in books.ended:
        thick = _thickness(end.count, books.pages, shape.stream)
        ends.append(_end(second, y, thick, end, shape))
        told = f"{many(end.count, 'page')} {end.what}"
        streams.append(_ribbon(first + shape.bar, left, thick, second, y, thick, end.kind, told))
        left += thick
        y += max(thick + 6, shape.pitch * 0.7)
    heads.insert(0, _head(first, top, left - top, books.pages, "pages in", "came"))
    bottom = max([left, y, *(one.text_y + 8 for one in ends)])
    return Flow(shape.width, bottom + 6, shape.bar, tuple(heads), tuple(ends), tuple(streams))


def _fan_out(
    outcomes: Sequence[Outcome],
    total: int,
    stream: float,
    shape: Shape,
    top: float,
    ends: list[Node],
    streams: list[Stream],
) -> float:
    """Lay out what became of the articles; where it ends."""
    third, last = shape.columns[2:]
    thin = [max(stream * one.count / total, LEAST) for one in outcomes]
    # Where thin streams were made thicker, the thick ones give way: they leave one bar.
    shrink = stream / sum(thin)
    left, y = top, top
    for one, thick in zip(outcomes, thin, strict=True):
        ends.append(_end(last, y, thick, one, shape))
        told = f"{many(one.count, 'article')} {one.what}"
        streams.append(
            _ribbon(third + shape.bar, left, thick * shrink, last, y, thick, one.kind, told)
        )
        left += thick * shrink
        y += max(thick + 6, shape.pitch)
    return y


def _thickness(count: int, total: int, stream: float) -> float:
    return max(stream * count / total, LEAST) if count else 0.0


def _head(x: float, y: float, height: float, count: int, what: str, kind: str) -> Node:
    return Node(x, y, height, count, what, kind, y)


def _end(x: float, y: float, height: float, outcome: Outcome, shape: Shape) -> Node:
    # Words stand at the bar's middle, but never higher than the bar's own start allows.
    middle = y + max(height, shape.pitch * 0.5) / 2
    return Node(x, y, height, outcome.count, outcome.what, outcome.kind, middle)


def _ribbon(
    x: float,
    y: float,
    height: float,
    to_x: float,
    to_y: float,
    to_height: float,
    kind: str,
    told: str,
) -> Stream:
    bend = (x + to_x) / 2
    path = (
        f"M{x:.1f} {y:.1f}C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        f"V{to_y + to_height:.1f}C{bend:.1f} {to_y + to_height:.1f} {bend:.1f} "
        f"{y + height:.1f} {x:.1f} {y + height:.1f}Z"
    )
    return Stream(path, kind, told)
