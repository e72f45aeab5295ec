"""A page's lines: where they are, what they say, and what their shape tells."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, count
from typing import NamedTuple, overload

from tasks.compiled import twin

LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\Z)")
BULLET = re.compile(r"\A(?:[*+•◦▪▸►●○‣∙·–—-]|o(?=\s{1,4}\S))\s+(?=\S)")
_DEBRIS = re.compile(r"\((?:BUTTON|X|\s|\*)\)|\[(?:\s|X)\]|_{3,}|^#+(?=\S)")
_DEBRIS_MARKS = "([_#"
_FIGURE = re.compile(r"[0-9]")
_BULLETS = "*+•◦▪▸►●○‣∙·–—-o"
_PLAIN = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("\xa0", " "), ("\u200b", ""))
_LONGEST_KEPT = 240
"""Characters of a line whose bare form is remembered."""
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\x00"
"""Characters that a line may begin or end with and that nobody sees."""
_compiled = twin(__name__)
_EDGES = INVISIBLE + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


class Line(NamedTuple):
    """One line of a page, with its line break."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a line
    """Place among the page's lines, from 0."""
    start: int
    """First character, counted in the page's text."""
    end: int
    """One past the last character, the line break included."""
    text: str
    """What it says, without white space and invisible characters around; "" for a blank line."""
    indent: int = 0
    """Characters of white space before what it says."""
    is_item: bool = False
    """Whether a list's bullet stands before it."""


class Lines(Sequence[Line]):
    """A text's lines, kept in columns.

    A million tuples would have Python's garbage collector look at them over and over.
    """

    __slots__ = ("ends", "indents", "items", "starts", "texts")

    def __init__(
        self,
        starts: list[int],
        ends: list[int],
        texts: list[str],
        indents: list[int],
        items: list[bool],
    ) -> None:
        self.starts = starts
        self.ends = ends
        self.texts = texts
        self.indents = indents
        self.items = items

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        if isinstance(at, slice):
            return [self[index] for index in range(len(self))[at]]
        index = at if at >= 0 else range(len(self))[at]
        return Line(
            index,
            self.starts[index],
            self.ends[index],
            self.texts[index],
            self.indents[index],
            self.items[index],
        )

    def __iter__(self) -> Iterator[Line]:
        columns = (self.starts, self.ends, self.texts, self.indents, self.items)
        return map(Line, count(), *columns)


def split_lines(text: str) -> Lines:
    r"""The lines of a text, in order: they cover it without gap or overlap.

    Breaks are ``\n``, ``\r\n``, ``\r``, vertical tab, form feed, NEL and the two Unicode
    separators. A text that ends in a break has no empty last line.
    """
    if _compiled is not None:
        return Lines(*_compiled.columns(text)[:5])
    is_odd = any(map(text.__contains__, _NO_BREAKS))
    raws = list(filter(None, LINE.findall(text))) if is_odd else text.splitlines(keepends=True)
    ends = list(accumulate(map(len, raws)))
    texts = [raw.strip(_EDGES) for raw in raws]
    return Lines(
        starts=[0, *ends][: len(raws)],
        ends=ends,
        texts=texts,
        indents=[len(raw) - len(raw.lstrip()) for raw in raws],
        items=[BULLET.match(text) is not None for text in texts],
    )


_NO_BREAKS = "\x1c\x1d\x1e"
"""Characters that ``splitlines`` alone takes for breaks."""


def is_plain(text: str) -> bool:
    """Whether a text has no white space but single spaces, and no invisible character."""
    return "  " not in text and text.isprintable()


def bare(text: str) -> str:
    """What rules see of a line: no bullet, no renderer's debris, one kind of quote and of space.

    Debris is what text browsers write for buttons, fields and images. Where nothing else is in a
    line, the line is given as it is.
    """
    return _bare(text) if len(text) <= _LONGEST_KEPT else make_bare(text)


def make_bare(text: str) -> str:
    """Like ``bare``, which remembers what it gives, for those who remember it themselves."""
    shown = text
    if not shown.isascii():
        for odd, plain in _PLAIN:  # a tenth of what `translate` takes
            shown = shown.replace(odd, plain)
    if shown[:1] in _BULLETS and (bullet := BULLET.match(shown)):
        shown = shown[bullet.end() :]
    if "(" in shown or "_" in shown or "#" in shown:
        shown = _DEBRIS.sub("", shown)
    if is_plain(shown) and " " not in (shown[:1], shown[-1:]):
        return shown or text
    return " ".join(shown.split()) or text


# The lines of a site's menus recur from page to page, and each is asked several times.
_bare = lru_cache(maxsize=1 << 13)(make_bare)


def _has_digit(text: str) -> bool:
    """Whether a character of it is a figure, in any script."""
    if text.isascii():
        return _FIGURE.search(text) is not None
    return any(map(str.isdigit, text))


has_digit: Callable[[str], bool] = _has_digit if _compiled is None else _compiled.has_digit


def clean(text: str) -> str:
    """The line as a person would write it: no bullet, no renderer's debris, single spaces."""
    shown = _cut_bullet(text)
    if any(map(shown.__contains__, _DEBRIS_MARKS)):
        shown = _DEBRIS.sub("", shown)
    return " ".join(shown.split()) or text


def without_bullet(text: str) -> str:
    """The line without a list's bullet before it."""
    return strip(_cut_bullet(text))


def _cut_bullet(text: str) -> str:
    bullet = BULLET.match(text) if text[:1] in _BULLETS else None
    return text[bullet.end() :] if bullet else text


def strip(text: str) -> str:
    """The text without white space and invisible characters at its ends."""
    return text.strip(_EDGES)
