"""Two token sequences laid side by side: what is the same, and what stands for what."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import lt

ANCHOR_TOKENS = 4
# A gap between anchors is searched token by token up to this many pairs (200 by 200 tokens, some
# 5 ms at worst); a larger one holds two different passages.
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


def align(a: Sequence[str], b: Sequence[str]) -> list[Stretch]:
    """Lay two sequences side by side, first where they share what is unique in each.

    The stretches cover both sequences in order. Passages that moved are seen as left out in one
    place and put in at another.
    """
    stretches: list[Stretch] = []
    a_at = b_at = 0
    for a_start, b_start, size in [*_anchor_runs(a, b), (len(a), len(b), 0)]:
        stretches += _align_gap(a, b, (a_at, a_start, b_at, b_start))
        a_at, b_at = a_start + size, b_start + size
        if size:
            stretches.append(Stretch(True, a_start, a_at, b_start, b_at, 1.0))
    return stretches


def _anchor_runs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Runs (a start, b start, size) that are the same and in order on both sides."""
    in_a, in_b = _unique_grams(a), _unique_grams(b)
    pairs = sorted((at, in_b[gram]) for gram, at in in_a.items() if gram in in_b)
    runs: list[tuple[int, int, int]] = []
    for a_at, b_at in _longest_rising(pairs):
        if runs:
            a_start, b_start, size = runs[-1]
            if a_at - a_start == b_at - b_start and a_at <= a_start + size:
                runs[-1] = (a_start, b_start, a_at + ANCHOR_TOKENS - a_start)
                continue
            overlap = max(a_start + size - a_at, b_start + size - b_at, 0)
            if overlap >= ANCHOR_TOKENS:
                continue
            a_at, b_at = a_at + overlap, b_at + overlap
            runs.append((a_at, b_at, ANCHOR_TOKENS - overlap))
            continue
        runs.append((a_at, b_at, ANCHOR_TOKENS))
    return runs


def _unique_grams(tokens: Sequence[str]) -> dict[tuple[str, ...], int]:
    grams = list(zip(*(tokens[at:] for at in range(ANCHOR_TOKENS)), strict=False))
    if len(set(grams)) == len(grams):
        return {gram: at for at, gram in enumerate(grams)}
    counts = Counter(grams)
    return {gram: at for at, gram in enumerate(grams) if counts[gram] == 1}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs, sorted by their first, whose second rises as well."""
    seconds = [b_at for _, b_at in pairs]
    if all(map(lt, seconds, seconds[1:])):  # nothing has moved, as in most copies
        return list(pairs)
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, b_at) in enumerate(pairs):
        place = bisect_left(tails, b_at) if tails and b_at <= tails[-1] else len(tails)
        before.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [b_at]
        ends[place : place + 1] = [at]
    rising = []
    at = ends[-1] if ends else -1
    while at >= 0:
        rising.append(pairs[at])
        at = before[at]
    return rising[::-1]


def _align_gap(
    a: Sequence[str], b: Sequence[str], gap: tuple[int, int, int, int]
) -> Iterator[Stretch]:
    a_start, a_end, b_start, b_end = gap
    if a_start == a_end and b_start == b_end:
        return
    if (a_end - a_start) * (b_end - b_start) > GAP_PAIRS:
        yield Stretch(False, a_start, a_end, b_start, b_end, 0.0)
        return
    matcher = SequenceMatcher(None, a[a_start:a_end], b[b_start:b_end], autojunk=False)
    opcodes = matcher.get_opcodes()
    # The anchors at both ends of a gap are its context: one word changed between them is kin. What
    # is only put in or left out at length says nothing of the rest.
    same = sum(block.size for block in matcher.get_matching_blocks()) + ANCHOR_TOKENS
    sizes = [
        (a_to - a_from, b_to - b_from)
        for tag, a_from, a_to, b_from, b_to in opcodes
        if tag != "equal"
    ]
    unlike = sum(max(size) for size in sizes if min(size) or max(size) < LONG_TOKENS)
    for tag, a_from, a_to, b_from, b_to in opcodes:
        yield Stretch(
            tag == "equal",
            a_start + a_from,
            a_start + a_to,
            b_start + b_from,
            b_start + b_to,
            same / (same + unlike),
        )
