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
_kinds = np.zeros(0x110000, np.uint32)
_small = np.zeros(0x110000, np.uint32)


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of some lines, with the kinds that each is of."""

    codes: npt.NDArray[np.uint32]
    """Code points, each line's followed by a line break's."""
    kinds: npt.NDArray[np.uint32]
    starts: Integers
    """Place of each line's first character."""
    ends: Integers
    """Place of each line's break."""

    def first(self, *kinds: int) -> Flags:
        """Whether each line's first character is of each kind: shape (kinds, lines)."""
        return _are(self.kinds[self.starts], np.array(kinds, np.uint32)[:, None])

    def last(self, *kinds: int) -> Flags:
        """Whether each line's last character is of each kind: shape (kinds, lines)."""
        return _are(self.kinds[self.ends - 1], np.array(kinds, np.uint32)[:, None])

    def any(self, *kinds: int) -> Flags:
        """Whether each line has a character of each kind: shape (kinds, lines)."""
        said = np.bitwise_or.reduceat(self.kinds, self.starts)
        return _are(said, np.array(kinds, np.uint32)[:, None])

    def count(self, kind: int) -> Integers:
        """How many characters of a kind each line has; its break is white space."""
        return self.sum(_are(self.kinds, kind))

    def sum(self, flags: Flags) -> Integers:
        """How many of each line's characters are flagged."""
        sums: Integers = np.add.reduceat(flags.view(np.uint8), self.starts, dtype=np.int64)
        return sums

    def begin_words(self) -> Flags:
        """Which characters follow white space or begin a line, and are none."""
        is_space = _are(self.kinds, SPACE)
        begins = ~is_space
        begins[1:] &= is_space[:-1]
        return begins

    def first_words(self) -> Integers:
        """How many characters each line has before its first white space."""
        spaces = np.flatnonzero(_are(self.kinds, SPACE))
        ends: Integers = spaces[np.searchsorted(spaces, self.starts)]
        return ends - self.starts


def read_characters(joined: str) -> Characters:
    """The characters of lines that are not empty, each followed by a line break."""
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds.take(codes)
    if not kinds.all():
        for code in np.unique(codes[kinds == 0]).tolist():
            char = chr(code)
            tests = enumerate(test(char) for test in _TESTS)
            _kinds[code] = _SEEN | sum(2 << place for place, passed in tests if passed)
            small = char.casefold()
            _small[code] = ord(small) if len(small) == 1 else code
        kinds = _kinds.take(codes)
    ends = np.flatnonzero(codes == _BREAK)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return Characters(codes, kinds, starts, ends)


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
    codes = _small.take(read.codes)
    text = codes.tobytes().decode("utf-32-le", "surrogatepass")
    if _are(read.kinds, LONG).any():  # ß becomes ss: there are more characters then
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
    size = len(read.starts)
    lines = np.arange(size).repeat(read.sum(begins))
    return Words(text, list(places), words, lines, read.sum(is_letter), size)


def _are(kinds: npt.NDArray[np.uint32], kind: int | npt.NDArray[np.uint32]) -> Flags:
    found: Flags = (kinds & kind) != 0
    return found
