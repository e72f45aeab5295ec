"""Two texts in two columns, what differs marked: by colour, or by signs where there is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table
from rich.text import Text

from tasks.dedupe.align import align
from tasks.dedupe.folding import UNSPACED, normalise
from tasks.report.shown import visible

_WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_STYLES = ("bold red", "bold green")
_SIGNS = (("[-", "-]"), ("{+", "+}"))


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands in one place of two texts; empty where one has nothing there."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one side's text."""

    text: str
    differs: bool
    """Whether the other side has something else in its place, or nothing."""


@dataclass(frozen=True, slots=True)
class _Word:
    written: str
    form: str
    """What is compared: without case, quotes and dashes."""
    gap: str
    """White space after it: none, a space, or the end of a paragraph."""


def find_differences(left: str, right: str) -> list[Difference]:
    """What differs between two texts, in order; spacing, case, quotes and dashes aside."""
    a, b = _split(left), _split(right)
    return [
        Difference(_join(a[a_from:a_to]), _join(b[b_from:b_to]))
        for is_same, a_from, a_to, b_from, b_to in _stretches(a, b)
        if not is_same
    ]


def put_side_by_side(left: str, right: str, titles: tuple[str, str], *, colour: bool) -> Table:
    """A table of two columns: paragraphs that are the same stand beside each other."""
    table = Table(*map(visible, titles), show_lines=False, expand=True, pad_edge=False)
    for column in table.columns:
        column.ratio = 1
    for row in _rows(_split(left), _split(right)):
        table.add_row(*(_marked(side, words, colour) for side, words in enumerate(row)))
        table.add_row("", "")
    return table


def mark_differences(left: str, right: str) -> list[tuple[list[Piece], list[Piece]]]:
    """Both texts in rows: paragraphs that are the same stand beside each other."""
    rows = _rows(_split(left), _split(right))
    return [(_pieces(one), _pieces(other)) for one, other in rows]


_Marked = list[tuple[_Word, bool]]


def _rows(a: Sequence[_Word], b: Sequence[_Word]) -> Iterator[tuple[_Marked, _Marked]]:
    """Words with whether they differ, cut where a paragraph ends in both texts."""
    left: _Marked = []
    right: _Marked = []
    for is_same, a_from, a_to, b_from, b_to in _stretches(a, b):
        if not is_same:
            left += [(word, True) for word in a[a_from:a_to]]
            right += [(word, True) for word in b[b_from:b_to]]
            continue
        for one, other in zip(a[a_from:a_to], b[b_from:b_to], strict=True):
            left.append((one, False))
            right.append((other, False))
            if "\n" in one.gap and "\n" in other.gap:
                yield left, right
                left, right = [], []
    if left or right:
        yield left, right


def _stretches(a: Sequence[_Word], b: Sequence[_Word]) -> Iterator[tuple[bool, int, int, int, int]]:
    for one in align([word.form for word in a], [word.form for word in b]):
        yield one.is_same, one.a_start, one.a_end, one.b_start, one.b_end


def _split(text: str) -> list[_Word]:
    words = []
    for paragraph in _PARAGRAPH.split(text.strip()):
        found = list(_WORD.finditer(paragraph))
        for number, match in enumerate(found):
            is_last = number + 1 == len(found)
            gap = "\n" if is_last else " " if paragraph[match.end()].isspace() else ""
            written = match.group()
            words.append(_Word(written, normalise(written) or written, gap))
    return words


def _join(words: Sequence[_Word]) -> str:
    return "".join(word.written + word.gap for word in words).strip()


def _pieces(words: _Marked) -> list[Piece]:
    return [
        Piece(_join([word for word, _ in group]), differs)
        for differs, group in groupby(words, key=lambda marked: marked[1])
    ]


def _marked(side: int, words: _Marked, colour: bool) -> Text:
    """One cell; a run of words that differ is in colour, or between signs."""
    out = Text()
    before, opened, closed = False, *_SIGNS[side]
    for number, (word, differs) in enumerate(words):
        is_next = number + 1 < len(words) and words[number + 1][1]
        shown = visible(word.written)
        if not colour and differs:
            shown = f"{'' if before else opened}{shown}{'' if is_next else closed}"
        style = _STYLES[side] if colour and differs else ""
        gap = "\n\n" if "\n" in word.gap and number + 1 < len(words) else word.gap.strip("\n")
        out.append(shown, style=style)
        out.append(gap, style=style if is_next and "\n" not in gap else "")
        before = differs
    return out
