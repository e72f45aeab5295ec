"""Where the pieces of a text stand: what is between white space, as ``str.split`` parts it.

Found once for all who ask about one text after another: readability counts pieces, and quality
looks for runs of them that recur.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_LONGEST = 1 << 16
_BASE = 0x9E37_79B9_7F4A_7C15
_POWERS = np.multiply.accumulate(np.full(_LONGEST, _BASE, np.uint64))
_INVERSES = np.multiply.accumulate(np.full(_LONGEST, pow(_BASE, -1, 1 << 64), np.uint64))

_LAST_SPACE = 0x3000
_IS_SPACE = np.array([chr(code).isspace() for code in range(_LAST_SPACE + 2)])
_SPACES = bytes(_IS_SPACE[:256].tolist())
_BARE = bytes(0 if is_space else code for code, is_space in enumerate(_SPACES))


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a text."""

    text: str
    starts: Integers
    """First character of each."""
    ends: Integers
    """One past the last."""

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sizes(self) -> Integers:
        """How many characters each has."""
        return self.ends - self.starts

    @property
    def characters(self) -> int:
        """How many all have together."""
        return int(self.ends.sum() - self.starts.sum())

    def hashes(self) -> Hashes:
        """One of each: the same where they are, in this process; another where not, all but surely.

        A piece is the sum of its characters times powers of a number; those of where it stands in
        the text are divided out.
        """
        if len(self.text) >= _LONGEST or not len(self):
            words = self.text.split()
            return np.fromiter(map(hash, words), np.int64, len(words)).view(np.uint64)
        if (codes := _latin(self.text, _BARE)) is None:
            codes = _codes(self.text)
            codes = codes * ~_is_space(codes)
        values = codes * _POWERS[: len(codes)]
        sums: Hashes = np.add.reduceat(values, self.starts) * _INVERSES.take(self.starts)
        return sums


@lru_cache(1)
def find_pieces(text: str) -> Pieces:
    """Find the pieces of ``text``; the same as ``text.split()``."""
    is_space = _latin(f" {text} ", _SPACES)
    if is_space is None:
        is_space = _is_space(_codes(f" {text} "))
    edges = (is_space[1:] != is_space[:-1]).nonzero()[0]
    return Pieces(text, edges[::2], edges[1::2])


def _latin(text: str, table: bytes) -> npt.NDArray[np.generic] | None:
    """What a table has for each character, if all are in Latin-1: a fifth of the time of codes."""
    try:
        return np.frombuffer(text.encode("latin-1").translate(table), np.uint8)
    except UnicodeEncodeError:
        return None


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _is_space(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    return _IS_SPACE.take(codes, mode="clip")
