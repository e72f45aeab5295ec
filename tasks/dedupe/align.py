"""Two token sequences laid side by side: what is the same, and what stands for what."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt

from tasks.compiled import twin
from tasks.dedupe.fingerprint import UInts, hash_words, mix_runs

_compiled = twin(__name__)

Places = npt.NDArray[np.intp]
Step = tuple[bool, int, int, int, int]
"""Whether a stretch is the same, and where it starts and ends in the one sequence and the other."""

ANCHOR_TOKENS = 4
# A gap between anchors is searched token by token up to this many pairs (200 by 200 tokens, some
# 5 ms; 70 ms where both have the same two words over and over); a larger one holds two different
# passages.
GAP_PAIRS = 40_000
LONG_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the alignment; its ends are exclusive."""

    is_same: bool
    a_start: int
    a_end: int
    b_start: int
    b_end: int
    kinship: float
    """Share of the tokens around that are the same, 0..1, between the nearest anchors: near 0
    where two unlike passages face each other."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A sequence of tokens, with what an alignment asks of it; made once for many."""

    tokens: UInts
    """Hashes, in order."""
    grams: UInts
    """Those runs of ``ANCHOR_TOKENS`` that stand in one place only, as numbers, sorted."""
    places: Places
    """Where each of them begins."""


def hash_sequence(tokens: UInts) -> Hashed:
    """Prepare a sequence of hashed tokens to be aligned."""
    if len(tokens) < ANCHOR_TOKENS:
        return Hashed(tokens, tokens[:0], np.empty(0, dtype=np.intp))
    runs = mix_runs(tokens, ANCHOR_TOKENS)
    places = np.argsort(runs)
    grams = runs[places]
    is_unlike = np.ones(len(grams) + 1, dtype=np.bool_)
    np.not_equal(grams[1:], grams[:-1], out=is_unlike[1:-1])
    is_unique = is_unlike[1:] & is_unlike[:-1]
    return Hashed(tokens, grams[is_unique], places[is_unique])


def align(a: Sequence[str], b: Sequence[str]) -> list[Stretch]:
    """Lay two sequences side by side, first where they share what is unique in each.

    The stretches cover both sequences in order. Passages that moved are seen as left out in one
    place and put in at another.
    """
    return align_hashed(hash_sequence(hash_words(a)), hash_sequence(hash_words(b)))


def align_hashed(a: Hashed, b: Hashed) -> list[Stretch]:
    """``align``, of sequences that were prepared before."""
    stretches: list[Stretch] = []
    a_at = b_at = 0
    for a_start, b_start, size in [*_anchor_runs(a, b), (len(a.tokens), len(b.tokens), 0)]:
        if a_start > a_at or b_start > b_at:
            stretches += _align_gap(a.tokens, b.tokens, (a_at, a_start, b_at, b_start))
        a_at, b_at = a_start + size, b_start + size
        if size:
            stretches.append(Stretch(True, a_start, a_at, b_start, b_at, 1.0))
    return stretches


def _anchor_runs(a: Hashed, b: Hashed) -> list[tuple[int, int, int]]:
    """Runs (a start, b start, size) that are the same and in order on both sides."""
    if _compiled is not None:
        found: list[tuple[int, int, int]] = _compiled.anchor_runs(
            a.grams, a.places, b.grams, b.places, len(a.tokens), ANCHOR_TOKENS
        )
        return found
    runs: list[tuple[int, int, int]] = []
    for a_at, b_at, length in _diagonals(*_shared_grams(a, b)):
        a_end = a_at + length
        if runs:
            a_start, b_start, size = runs[-1]
            if a_at - a_start == b_at - b_start and a_at <= a_start + size:
                runs[-1] = (a_start, b_start, a_end - a_start)
                continue
            # Grams at the beginning may reach back into the run before.
            overlap = max(a_start + size - a_at, b_start + size - b_at, 0)
            if overlap >= length:
                continue
            a_at, b_at = a_at + overlap, b_at + overlap
        runs.append((a_at, b_at, a_end - a_at))
    return runs


def _shared_grams(a: Hashed, b: Hashed) -> tuple[Places, Places]:
    """Places of grams that both have, by their order in the first and rising in the second."""
    place = np.searchsorted(b.grams, a.grams)
    is_inside = place < len(b.grams)
    is_shared = is_inside.copy()
    is_shared[is_inside] = b.grams[place[is_inside]] == a.grams[is_inside]
    in_a, in_b = a.places[is_shared], b.places[place[is_shared]]
    order = np.argsort(in_a)
    in_a, in_b = in_a[order], in_b[order]
    rising = _longest_rising(in_b)
    return in_a[rising], in_b[rising]


def _diagonals(in_a: Places, in_b: Places) -> Iterator[tuple[int, int, int]]:
    """Grams that touch or overlap and lie as far apart on both sides, as runs."""
    if not len(in_a):
        return
    steps = np.diff(in_a)
    is_first = np.ones(len(in_a), dtype=np.bool_)
    is_first[1:] = (steps > ANCHOR_TOKENS) | (steps != np.diff(in_b))
    starts = np.flatnonzero(is_first)
    ends = np.append(starts[1:], len(in_a)) - 1
    yield from zip(
        in_a[starts].tolist(),
        in_b[starts].tolist(),
        (in_a[ends] + ANCHOR_TOKENS - in_a[starts]).tolist(),
        strict=True,
    )


def _longest_rising(values: Places) -> Places:
    """Places of the longest part of the values that rises."""
    falls = np.flatnonzero(values[1:] <= values[:-1])
    if not len(falls):  # nothing has moved, as in most copies
        return np.arange(len(values))
    ordered: list[int] = values.tolist()
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    starts = [0, *(falls + 1).tolist()]
    for start, stop in zip(starts, [*starts[1:], len(ordered)], strict=True):
        at = start
        while at < stop and tails and ordered[at] <= tails[-1]:
            place = bisect_left(tails, ordered[at])
            before.append(ends[place - 1] if place else -1)
            tails[place], ends[place] = ordered[at], at
            at += 1
        if at < stop:  # it rises to its end
            before += [ends[-1] if ends else -1, *range(at, stop - 1)]
            tails += ordered[at:stop]
            ends += range(at, stop)
    rising = []
    at = ends[-1]
    while at >= 0:
        rising.append(at)
        at = before[at]
    return np.array(rising[::-1], dtype=np.intp)


def _align_gap(a: UInts, b: UInts, gap: tuple[int, int, int, int]) -> Iterator[Stretch]:
    a_start, a_end, b_start, b_end = gap
    if (a_end - a_start) * (b_end - b_start) > GAP_PAIRS:
        yield Stretch(False, a_start, a_end, b_start, b_end, 0.0)
        return
    steps = (_steps if _compiled is None else _compiled.steps)(a, b, *gap)
    # The anchors at both ends of a gap are its context: one word changed between them is kin. What
    # is only put in or left out at length says nothing of the rest.
    same, unlike = ANCHOR_TOKENS, 0
    for is_same, a_from, a_to, b_from, b_to in steps:
        fewer, more = sorted((a_to - a_from, b_to - b_from))
        if is_same:
            same += more
        elif fewer or more < LONG_TOKENS:
            unlike += more
    for is_same, a_from, a_to, b_from, b_to in steps:
        yield Stretch(
            is_same,
            a_start + a_from,
            a_start + a_to,
            b_start + b_from,
            b_start + b_to,
            same / (same + unlike),
        )


def _steps(a: UInts, b: UInts, a_start: int, a_end: int, b_start: int, b_end: int) -> list[Step]:
    """How one becomes the other; most gaps have nothing in common, and need no search."""
    one: list[int] = a[a_start:a_end].tolist()
    other: list[int] = b[b_start:b_end].tolist()
    if set(one).isdisjoint(other):
        return [(False, 0, len(one), 0, len(other))]
    opcodes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [
        (tag == "equal", a_from, a_to, b_from, b_to) for tag, a_from, a_to, b_from, b_to in opcodes
    ]
