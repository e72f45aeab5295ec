"""How much a text repeats itself, as Gopher's rules measure it: lines, paragraphs, runs of words.

Shares are 0..1, of characters without those between words; 0 where there is nothing to measure.
Source: Rae et al. 2021, arXiv:2112.11446, appendix A.1.1.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np


def share(part: float, whole: float) -> float:
    """Return ``part`` over ``whole``; 0 where there is no whole."""
    return part / whole if whole else 0.0


def share_of_duplicates(texts: Sequence[str]) -> float:
    """How many of ``texts`` stood before, over all."""
    return share(len(_duplicates(texts)), len(texts))


def share_in_duplicates(texts: Sequence[str]) -> float:
    """How many characters are in those of ``texts`` that stood before, over all."""
    return share(_characters(_duplicates(texts)), _characters(texts))


def share_in_top_run(words: Sequence[str], size: int) -> float:
    """How many characters the run of ``size`` words that recurs most holds, over all.

    0 where none recurs. May leave 0..1 where the run overlaps itself.
    """
    counts = Counter(_runs(words, size))
    most = max(counts.values(), default=0)
    if most < 2:
        return 0.0
    longest = max(_characters(run) for run, count in counts.items() if count == most)
    return share(most * longest, _characters(words))


def share_of_top_word(words: Sequence[str]) -> float:
    """How many characters the word that holds most has, each time it stands there, over all.

    ``size`` times that bounds ``share_in_top_run`` from above: each word of a run stands there as
    often as the run, at least.
    """
    most = max((count * len(word) for word, count in Counter(words).items()), default=0)
    return share(most, _characters(words))


def share_in_repeated_runs(words: Sequence[str], size: int) -> float:
    """How many characters are in runs of ``size`` words that stood before, none counted twice."""
    seen: set[tuple[str, ...]] = set()
    repeated = start = 0
    while start + size <= len(words):
        run = tuple(words[start : start + size])
        if run in seen:
            repeated += _characters(run)
            start += size
        else:
            seen.add(run)
            start += 1
    return share(repeated, _characters(words))


def bound_repeated_runs(words: Sequence[str]) -> float:
    """Bound ``share_in_repeated_runs`` from above for five words and more, in a tenth of its time.

    A repeated run of n words is made of repeated runs of five, so that what these hold bounds it;
    most texts repeat none.
    """
    if not _may_repeat(words):
        return 0.0
    seen: set[tuple[str, ...]] = set()
    repeated = covered = 0
    for start, run in enumerate(_runs(words, _SHORTEST_RUN)):
        if run in seen:
            repeated += _characters(run[max(covered - start, 0) :])
            covered = start + _SHORTEST_RUN
        else:
            seen.add(run)
    return share(repeated, _characters(words))


_SHORTEST_RUN = 5
_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)


def _may_repeat(words: Sequence[str]) -> bool:
    """Whether two runs of five have one hash: always where a run stands twice."""
    starts = len(words) - _SHORTEST_RUN + 1
    if starts < 2:
        return False
    hashes = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    mixed = hashes[:starts]
    for at in range(1, _SHORTEST_RUN):
        mixed = mixed * _MULTIPLIER + hashes[at : at + starts]
    mixed.sort()
    return bool((mixed[1:] == mixed[:-1]).any())


def _duplicates(texts: Sequence[str]) -> list[str]:
    """Return those that stood before, each time they come again."""
    seen: set[str] = set()
    again = []
    for text in texts:
        if text in seen:
            again.append(text)
        seen.add(text)
    return again


def _runs(words: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def _characters(texts: Sequence[str]) -> int:
    return sum(map(len, texts))
