"""What quality rules measure of a text: how its lines look, and which phrases and words it has.

Shares are 0..1, of lines that are not blank; 0 where there is nothing to measure.
"""

import re
from itertools import islice
from typing import NamedTuple

from tasks.compiled import twin
from tasks.text.repetition import shares_of_duplicates

QUOTES = "\"'“”’»«」』"
"""Quotation marks that may close."""
MARKS = ".!?…"
"""What ends a sentence where white space follows."""
OTHER_MARKS = "。！？｡।॥۔؟։።"
"""What ends one whatever follows."""
CLOSERS = QUOTES + ")]"
"""What may stand between a mark and white space."""
ENDS = MARKS + OTHER_MARKS + QUOTES
BULLETS = "•‣◦▪●"
DASHES = "-*–"
"""Bullets where a space follows."""
SHORT = 30
"""A line of fewer characters is short."""

POLICIES = (
    *("terms of use", "privacy policy"),
    *("cookie policy", "uses cookies", "use of cookies", "use cookies"),
)
"""Phrases of policy notices."""
PHRASES = ("lorem ipsum", "{", "}", "javascript", *POLICIES)
"""What is looked for, in lower case."""
STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
_compiled = twin(__name__)


class LineShares(NamedTuple):
    """How a text's lines look."""

    ended: float = 0.0
    """Lines that end in a terminal or closing mark."""
    bulleted: float = 0.0
    """Lines that start with a bullet."""
    trailing: float = 0.0
    """Lines that end with an ellipsis."""
    short: float = 0.0
    """Lines of fewer than ``SHORT`` characters."""
    repeated: float = 0.0
    """Lines that stood before."""
    held_in_repeated: float = 0.0
    """Characters of lines that are in lines that stood before."""
    repeated_paragraphs: float = 0.0
    """Paragraphs that stood before; blank lines part them."""
    held_in_repeated_paragraphs: float = 0.0


def measure_lines(text: str) -> LineShares:
    """Look at all lines, stripped, without blank ones."""
    if _compiled is None:
        return _measure_lines(text)
    return LineShares._make(_compiled.measure_lines(text, ENDS, BULLETS, DASHES, SHORT))


def find_phrases(text: str) -> frozenset[str]:
    """Find which of ``PHRASES`` there are in a text, whatever its case."""
    found: frozenset[str] | None = None if _FINDER is None else _FINDER.find(text)
    return _find_phrases(text) if found is None else found


def has_stop_words(text: str) -> bool:
    """Whether two of the pieces of a text are ``STOP_WORDS``; most have them among the first."""
    if _compiled is None:
        return _has_stop_words(text)
    return bool(_compiled.has_two(text, STOP_WORDS, _LONGEST))


def ends_sentences(text: str, least: int) -> bool:
    """Whether so many sentences end in a text, by their marks and what follows these."""
    if _compiled is None:
        return _ends_sentences(text, least)
    return bool(_compiled.ends_sentences(text, least, MARKS, CLOSERS, OTHER_MARKS))


def count_characters(text: str, start: int, end: int) -> int:
    """Characters from ``start`` to ``end`` that are not white space."""
    if _compiled is None:
        return _count_characters(text, start, end)
    return int(_compiled.count_characters(text, start, end))


def _measure_lines(text: str) -> LineShares:
    lines = [line for raw in text.splitlines() if (line := raw.strip())]
    if not lines:
        return LineShares()
    return LineShares(
        sum(map(_is_ended, lines)) / len(lines),
        sum(line.startswith(_BULLETS) for line in lines) / len(lines),
        sum(line.endswith(("…", "...")) for line in lines) / len(lines),
        sum(len(line) < SHORT for line in lines) / len(lines),
        *shares_of_duplicates(lines),
        *shares_of_duplicates([part for raw in _BLANK.split(text) if (part := raw.strip())]),
    )


_BLANK = re.compile(r"\n\s*\n")
_ENDS = frozenset(ENDS)
_BULLETS = (*BULLETS, *(f"{dash} " for dash in DASHES))


def _is_ended(line: str) -> bool:
    return line.rstrip(")]")[-1:] in _ENDS


def _find_phrases(text: str) -> frozenset[str]:
    folded = text.casefold()
    return frozenset(phrase for phrase in PHRASES if phrase in folded)


def _has_stop_words(text: str) -> bool:
    found = filter(STOP_WORDS.__contains__, text.casefold().split())
    return len(list(islice(found, 2))) == 2


# look-behind and possessive marks keep it linear in a row of a million dots
_SENTENCE_END = re.compile(
    rf"(?<![{MARKS}])[{MARKS}]++[{re.escape(CLOSERS)}]*+(?=\s|$)|[{OTHER_MARKS}]++"
)


def _ends_sentences(text: str, least: int) -> bool:
    return len(list(islice(_SENTENCE_END.finditer(text), least))) == least


def _count_characters(text: str, start: int, end: int) -> int:
    return len("".join(text[start:end].split()))


_LONGEST = max(map(len, STOP_WORDS))
_FINDER = None if _compiled is None else _compiled.Finder(PHRASES)
