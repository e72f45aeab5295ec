"""Who may be whose original, by signatures alone: what the texts are then read for."""

from collections.abc import Iterator

import numpy as np

from tasks.dedupe.buckets import Buckets
from tasks.dedupe.estimates import least_estimate
from tasks.dedupe.fingerprint import PERMUTATIONS
from tasks.dedupe.nodes import Nodes
from tasks.dedupe.prints import Ints

# Two texts of which one holds the other share most of its passages; a house disclaimer is one or
# two of them.
MIN_PASSAGES_SHARED = 0.3
NODES_AT_ONCE = 4_096
"""Nodes whose mates are looked for at a time, at most."""
PAIRS_AT_ONCE = 250_000
"""Shared keys gone through at a time, but for one node's: some 15 MB."""
ESTIMATES_AT_ONCE = 8_192
"""Pairs whose signatures are compared at a time: 10 MB."""

_NODE_SPAN = 1 << 32


class Mates:
    """Nodes that share keys, entered in their order."""

    def __init__(self, nodes: Nodes, *, by_text: bool, by_passage: bool) -> None:
        """Take the nodes: all earlier ones are entered.

        Args:
            nodes: All of them.
            by_text: Whether only hashes of whole texts count, instead of bands.
            by_passage: Whether passages count.
        """
        self._nodes = nodes
        keys = nodes.text_keys() if by_text else nodes.band_keys()
        self._by_band = Buckets(keys, len(nodes))
        self._by_passage = Buckets(nodes.passage_keys() if by_passage else (), len(nodes))
        at = 0
        while at < nodes.first:
            at, _, _ = self._enter(at, nodes.first)

    def find(self, first: int, end: int) -> Iterator[tuple[int, Ints]]:
        """Enter nodes, and tell for each its mates, the likeliest first; all before are entered.

        Mates are nodes before one that are still there and may be its original. More nodes may
        have been entered than were told, where nobody asks on: see ``leave``.
        """
        at = first
        while at < end:
            start = at
            at, by_band, by_passage = self._enter(at, end)
            nodes, mates = self._estimate(np.union1d(by_band, by_passage))
            found = dict(_by_node(nodes, mates))
            self.entered = at
            for node in range(start, at):
                yield node, found.get(node, _NO_MATES)

    def leave(self, nodes: Ints) -> None:
        """Take nodes out again, those too that have been entered and not told."""
        self._by_band.leave(nodes)
        self._by_passage.leave(nodes)

    def _enter(self, first: int, end: int) -> tuple[int, Ints, Ints]:
        """Enter some nodes: where these end, and pairs by bands and by passages."""
        for buckets in (self._by_band, self._by_passage):
            end = min(end, first + NODES_AT_ONCE, buckets.stretch(first, PAIRS_AT_ONCE))
        nodes, mates = self._by_band.enter(first, end)
        by_band = nodes * _NODE_SPAN + mates
        nodes, mates = self._by_passage.enter(first, end)
        by_passage, shared = np.unique(nodes * _NODE_SPAN + mates, return_counts=True)
        passages = self._nodes.passages
        fewer = np.minimum(passages[by_passage // _NODE_SPAN], passages[by_passage % _NODE_SPAN])
        return end, by_band, by_passage[shared >= MIN_PASSAGES_SHARED * fewer]

    def _estimate(self, pairs: Ints) -> tuple[Ints, Ints]:
        """Pairs of which the signatures say that one may be a copy, the likeliest of a node first.

        A node's pairs lie together.
        """
        nodes, mates = pairs // _NODE_SPAN, pairs % _NODE_SPAN
        both, which = np.unique(np.concatenate([nodes, mates]), return_inverse=True)
        signatures = self._nodes.minhashes(both)
        shares = [np.empty(0, dtype=np.float64)]
        for at in range(0, len(pairs), ESTIMATES_AT_ONCE):
            end = min(at + ESTIMATES_AT_ONCE, len(pairs))
            theirs = which[len(pairs) + at : len(pairs) + end]
            is_same = signatures[which[at:end]] == signatures[theirs]
            shares.append(np.count_nonzero(is_same, axis=1) / PERMUTATIONS)
        jaccard = np.concatenate(shares)
        sizes = self._nodes.shingles[nodes], self._nodes.shingles[mates]
        overlap = jaccard / (1 + jaccard) * (sizes[0] + sizes[1]) / np.minimum(*sizes)
        may_be = np.flatnonzero(jaccard >= least_estimate(*sizes))
        order = may_be[np.lexsort((-overlap[may_be], nodes[may_be]))]
        return nodes[order], mates[order]


_NO_MATES = np.empty(0, dtype=np.int64)


def _by_node(nodes: Ints, mates: Ints) -> Iterator[tuple[int, Ints]]:
    begins = np.flatnonzero(np.diff(nodes, prepend=-1)).tolist()
    ends = [*begins[1:], len(nodes)]
    for begin, end in zip(begins, ends, strict=False):
        yield int(nodes[begin]), mates[begin:end]
