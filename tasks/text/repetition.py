"""How much a text repeats itself, as Gopher's rules measure it: lines, paragraphs, runs of words.

Shares are 0..1, of characters without those between words; 0 where there is nothing to measure.
Source: Rae et al. 2021, arXiv:2112.11446, appendix A.1.1.
"""

from collections import Counter
from collections.abc import Iterator, Sequence


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
    """Bound ``share_in_repeated_runs`` from above for five words and more, ten times as fast.

    A repeated run of n words starts n - 4 repeated runs of five, so no more than five words a
    repeat are covered; none of them is longer than the longest.
    """
    starts = max(len(words) - 4, 0)
    repeats = starts - len(set(_runs(words, 5)))
    return share(5 * repeats * max(map(len, words), default=0), _characters(words))


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
