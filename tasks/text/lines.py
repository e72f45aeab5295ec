"""A page's lines: where they are, what they say, and what their shape tells."""

import re
from dataclasses import dataclass

LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\Z)")
BULLET = re.compile(r"\A(?:[*+•◦▪▸►●○‣∙·–—-]|o(?=\s{1,4}\S))\s+(?=\S)")
_DEBRIS = re.compile(r"\((?:BUTTON|X|\s|\*)\)|\[(?:\s|X)\]|_{3,}|^#+(?=\S)")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " ", "\u200b": None})
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\x00"
"""Characters that a line may begin or end with and that nobody sees."""
_EDGES = INVISIBLE + "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, with its line break."""

    index: int
    """Place among the page's lines, from 0."""
    start: int
    """First character, counted in the page's text."""
    end: int
    """One past the last character, the line break included."""
    text: str
    """What it says, without white space and invisible characters around; "" for a blank line."""
    indent: int = 0
    """Characters of white space before what it says."""

    @property
    def is_item(self) -> bool:
        """Whether a list's bullet stands before it."""
        return BULLET.match(self.text) is not None


def split_lines(text: str) -> list[Line]:
    r"""The lines of a text, in order: they cover it without gap or overlap.

    Breaks are ``\n``, ``\r\n``, ``\r``, vertical tab, form feed, NEL and the two Unicode
    separators. A text that ends in a break has no empty last line.
    """
    lines: list[Line] = []
    for found in LINE.finditer(text):
        start, end = found.span()
        if start == end:
            break
        raw = found.group()
        lines.append(Line(len(lines), start, end, strip(raw), len(raw) - len(raw.lstrip())))
    return lines


def bare(text: str) -> str:
    """What rules see of a line: no bullet, no renderer's debris, one kind of quote and of space.

    Debris is what text browsers write for buttons, fields and images. Where nothing else is in a
    line, the line is given as it is.
    """
    shown = text
    if not shown.isascii():
        shown = shown.translate(_PLAIN)
    shown = BULLET.sub("", shown, count=1)
    if "(" in shown or "_" in shown or "#" in shown:
        shown = _DEBRIS.sub("", shown)
    return " ".join(shown.split()) or text


def clean(text: str) -> str:
    """The line as a person would write it: no bullet, no renderer's debris, single spaces."""
    return " ".join(_DEBRIS.sub("", BULLET.sub("", text, count=1)).split()) or text


def without_bullet(text: str) -> str:
    """The line without a list's bullet before it."""
    return strip(BULLET.sub("", text, count=1))


def strip(text: str) -> str:
    """The text without white space and invisible characters at its ends."""
    return text.strip(_EDGES)
