"""How much a text repeats itself, as Gopher's rules measure it: lines, paragraphs, runs of words.

Shares are 0..1, of characters without those between words; 0 where there is nothing to measure.
Source: Rae et al. 2021, arXiv:2112.11446, appendix A.1.1.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tasks.compiled import twin
from tasks.text.pieces import Hashes, Integers, find_pieces


def share(part: float, whole: float) -> float:
    """Return ``part`` over ``whole``; 0 where there is no whole."""
    return part / whole if whole else 0.0


def shares_of_duplicates(texts: Sequence[str]) -> tuple[float, float]:
    """How many of ``texts`` stood before, over all; and how many characters are in them."""
    if len(set(texts)) == len(texts):
        return 0.0, 0.0
    seen: set[str] = set()
    again = []
    for text in texts:
        if text in seen:
            again.append(text)
        seen.add(text)
    characters = share(sum(map(len, again)), sum(map(len, texts)))
    return share(len(again), len(texts)), characters


LONGEST = 10
"""Words of the longest run that can be asked about."""

_compiled = twin(__name__)


def find_runs(text: str) -> "Runs":
    """Prepare a text's runs of words to be asked about."""
    found: Runs = (Runs if _compiled is None else _compiled.Runs)(text)
    return found


class Runs:
    """The runs of a text's words.

    Whether one recurs is told by hashes first, which most texts are done with; what does is then
    compared word by word.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = find_pieces(text)
        self._characters = self._pieces.characters
        self._hashes: dict[int, Hashes] = {}
        self._words: list[str] = []

    def hold_in_top(self, size: int, limit: float) -> bool:
        """Whether the run of ``size`` words that recurs most holds more than ``limit``.

        It holds its characters as often as it stands there: that may be more than all, where it
        overlaps itself.
        """
        if (size + 1) // 2 * self._in_pair_at_most < limit * self._characters:
            return False
        if not self._recurs(size):
            return False
        counts = Counter(self._run(start, size) for start in self._recurring(size))
        most = max(counts.values())
        longest = max(sum(map(len, run)) for run, count in counts.items() if count == most)
        return most > 1 and share(most * longest, self._characters) > limit

    @cached_property
    def repeated_at_most(self) -> float:
        """A bound on the share of runs of five words, or more, that stood before.

        All words of such runs of five, wherever they stood: a longer one is made of these.
        """
        # most texts repeat no four
        if not (self._recurs(4) and self._recurs(5)):
            return 0.0
        starts = self._again(5)[0]
        is_held = np.zeros(len(self._pieces), np.bool_)
        for place in range(5):
            is_held[starts + place] = True
        return share(int(self._pieces.sizes[is_held].sum()), self._characters)

    def hold_in_repeated(self, size: int, limit: float) -> bool:
        """Whether runs of ``size`` words that stood before hold more than ``limit``.

        No word is counted twice.
        """
        if not self._recurs(size):
            return False
        seen: set[tuple[str, ...]] = set()
        repeated = end = 0
        for start in self._recurring(size):
            if start < end:
                continue
            run = self._run(start, size)
            if run in seen:
                repeated += sum(map(len, run))
                end = start + size
            else:
                seen.add(run)
        return share(repeated, self._characters) > limit

    @cached_property
    def _in_pair_at_most(self) -> int:
        """A bound on the characters of the pair of words that holds most, wherever it stands.

        The pairs of a longer run stand there as often, so that it holds no more than they do.
        """
        if len(self._pieces) < 2:
            return 0
        if len(self._text) > _SIZE:
            return self._characters
        sizes = self._pieces.sizes
        return _most_held(self._hashes_of(2), sizes[:-1] + sizes[1:])

    def _recurs(self, size: int) -> bool:
        """Whether a run of ``size`` words may stand there twice: surely, if one does."""
        if len(self._pieces) <= size:
            return False
        runs = np.sort(self._hashes_of(size))
        return bool((runs[1:] == runs[:-1]).any())

    def _recurring(self, size: int) -> list[int]:
        """Where the runs start that may stand there twice, in order."""
        starts: list[int] = np.union1d(*self._again(size)).tolist()
        return starts

    def _again(self, size: int) -> tuple[Integers, Integers]:
        """Where the runs start that may have stood before; and those that may come again."""
        hashes = self._hashes_of(size)
        order = hashes.argsort(kind="stable")
        is_same = hashes[order[1:]] == hashes[order[:-1]]
        return order[1:][is_same], order[:-1][is_same]

    def _run(self, start: int, size: int) -> tuple[str, ...]:
        self._words = self._words or self._text.split()
        return tuple(self._words[start : start + size])

    def _hashes_of(self, size: int) -> Hashes:
        """A hash of each run of so many words, made from those of its halves."""
        found = self._hashes.get(size)
        if found is None:
            if size == 1:
                found = self._pieces.hashes()
            else:
                after = size // 2
                head, tail = self._hashes_of(size - after), self._hashes_of(after)
                found = head[:-after] * _POWERS[after] + tail[size - after :]
            self._hashes[size] = found
        return found


def _most_held(hashes: Hashes, sizes: Integers) -> int:
    """The most that those of one hash and size hold together."""
    # the size takes the place of the lowest bits, so that one sort orders both
    ordered = np.sort((hashes & ~_SIZE) | sizes.view(np.uint64))
    is_last = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_last[:-1])
    last = is_last.nonzero()[0]
    times = last + 1
    times[1:] -= times[:-1].copy()
    return int((times * (ordered.take(last) & _SIZE).view(np.int64)).max())


_SIZE = np.uint64(0xFFFF)
_POWERS = [np.uint64(pow(0xD6E8_FEB8_6659_FD93, after, 1 << 64)) for after in range(LONGEST)]
