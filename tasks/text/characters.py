"""What the characters and words of a page's lines are, looked up for all lines at once.

A page is some thousand characters, and Python takes 50 ns for each that it is asked about. Here a
table answers, which asks about each character once in a process.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.uint32]
"""Some kinds, one a row, as ``kinds_of`` gives them."""

_TESTS: tuple[Callable[[str], bool], ...] = (
    str.isspace,
    str.isupper,
    str.islower,
    str.isdigit,
    lambda char: char.casefold().isalnum() and not char.casefold().isdecimal(),
    lambda char: len(char.casefold()) > 1,
    "\"'“„«‘”»「".__contains__,
    ":：;".__contains__,
    "?？؟".__contains__,
    ",".__contains__,
    ",、،".__contains__,
    "|•·»→›/".__contains__,
    "©®".__contains__,
    "-–—".__contains__,
    "[]{}".__contains__,
    "(_*=".__contains__,
    ".…]".__contains__,
    ".!?。！？؟۔।".__contains__,
    "*+•◦▪▸►●○‣∙·–—-o".__contains__,
)
(
    SPACE, UPPER, LOWER, DIGIT, LETTER, LONG, QUOTE, COLON, QUESTION, COMMA, ANY_COMMA, BAR, SIGN,
    DASH, BRACKET, DEBRIS, DOT, STOP, BULLET,
) = (2 << place for place in range(len(_TESTS)))  # fmt: skip
_SEEN = 1
_BREAK = ord("\n")
_COUNTED = (DIGIT, ANY_COMMA, BAR, STOP)
_FIELD = 16
"""Bits in which each of them is counted, so that one sum counts all."""
_SHIFTS = np.arange(len(_COUNTED), dtype=np.uint64)[:, None] * np.uint64(_FIELD)
KINDS = np.zeros(0x110000, np.uint32)
"""What each character is, by code point; 0 for one that was never met."""
_counted = np.zeros(0x110000, np.uint64)
SMALL = np.zeros(0x110000, np.uint32)
"""Each character that was met in its small form, or as it is where that is longer."""


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of some lines, with the kinds that each is of."""

    codes: npt.NDArray[np.uint32]
    """Code points, each line's followed by a line break's."""
    kinds: Kinds
    starts: Integers
    """Place of each line's first character."""
    ends: Integers
    """Place of each line's break."""
    is_space: Flags
    """Whether each is white space, as a line's break is."""

    def first(self, kinds: Kinds) -> Flags:
        """Whether each line's first character is of each kind: shape (kinds, lines)."""
        return _are(self.kinds.take(self.starts), kinds)

    def last(self, kinds: Kinds) -> Flags:
        """Whether each line's last character is of each kind: shape (kinds, lines)."""
        return _are(self.kinds.take(self.ends - 1), kinds)

    def any(self, kinds: Kinds) -> Flags:
        """Whether each line has a character of each kind: shape (kinds, lines)."""
        return _are(np.bitwise_or.reduceat(self.kinds, self.starts), kinds)

    def count(self, kind: int) -> Integers:
        """How many characters of a kind each line has."""
        return self.sum(_are(self.kinds, kind))

    def count_marks(self) -> Integers:
        """How many figures, commas, bars and stops each line has: shape (4, lines).

        For lines of fewer than 65,536 characters.
        """
        sums = np.add.reduceat(_counted.take(self.codes), self.starts)
        counts: Integers = (sums >> _SHIFTS & 0xFFFF).view(np.int64)
        return counts

    def sum(self, flags: Flags) -> Integers:
        """How many of each line's characters are flagged."""
        sums: Integers = np.add.reduceat(flags.view(np.uint8), self.starts, dtype=np.int64)
        return sums

    def begin_words(self) -> Flags:
        """Which characters follow white space or begin a line, and are none."""
        begins = ~self.is_space
        begins[1:] &= self.is_space[:-1]
        return begins

    def first_words(self) -> Integers:
        """How many characters each line has before its first white space."""
        (spaces,) = self.is_space.nonzero()
        ends: Integers = spaces.take(spaces.searchsorted(self.starts))
        return ends - self.starts


def kinds_of(*kinds: int) -> Kinds:
    """Kinds that are asked about together."""
    return np.array(kinds, np.uint32)[:, None]


def read_characters(joined: str) -> Characters:
    """The characters of lines that are not empty, each followed by a line break."""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = KINDS.take(codes)
    if not kinds.all():
        for code in np.unique(codes[kinds == 0]).tolist():
            learn(code)
        kinds = KINDS.take(codes)
    (ends,) = (codes == _BREAK).nonzero()
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return Characters(codes, kinds, starts, ends, _are(kinds, SPACE))


def learn(code: int) -> None:
    """Put a character into the tables."""
    char = chr(code)
    tests = enumerate(test(char) for test in _TESTS)
    kind = _SEEN | sum(2 << place for place, passed in tests if passed)
    KINDS[code] = kind
    counted = (1 << at * _FIELD for at, one in enumerate(_COUNTED) if kind & one)
    _counted[code] = sum(counted)
    small = char.casefold()
    SMALL[code] = ord(small) if len(small) == 1 else code


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some lines: letters without anything between, in small letters."""

    text: str
    """The lines in small letters, each followed by a line break."""
    vocabulary: list[str]
    """Each word once."""
    words: Integers
    """The words of all lines, in order, as places in the vocabulary."""
    lines: Integers
    """The line of each."""
    letters: Integers
    """How many letters each line has."""
    size: int
    """How many lines there are."""

    def count(self, of_word: npt.NDArray[np.generic]) -> Integers:
        """The sum over each line's words of a number that the vocabulary's words have."""
        sums = np.bincount(self.lines, of_word.take(self.words), self.size)
        return sums.astype(np.int64)


def read_words(read: Characters) -> Words:
    """The words of the lines whose characters were read."""
    codes = SMALL.take(read.codes)
    text = codes.tobytes().decode("utf-32-le", "surrogatepass")
    if int(np.bitwise_or.reduce(read.kinds)) & LONG:  # ß becomes ss: there are more characters then
        text = text.casefold()
        read = read_characters(text)
        codes = read.codes
    is_letter = _are(read.kinds, LETTER)
    shown = np.where(is_letter | (codes == _BREAK), codes, np.uint32(ord(" ")))
    flat = shown.tobytes().decode("utf-32-le").split()
    places: dict[str, int] = defaultdict(count().__next__)
    words = np.fromiter(map(places.__getitem__, flat), np.int64, len(flat))
    begins = is_letter.copy()
    begins[1:] &= ~is_letter[:-1]
    size = read.starts.size
    lines = np.arange(size).repeat(read.sum(begins))
    return Words(text, list(places), words, lines, read.sum(is_letter), size)


def _are(kinds: Kinds, kind: int | Kinds) -> Flags:
    found: Flags = (kinds & kind) != 0
    return found
