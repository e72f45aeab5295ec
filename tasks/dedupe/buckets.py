"""Buckets of kept articles by look-up key: who may be whose original."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tasks.dedupe.prints import Ints, ranges

Places = npt.NDArray[np.int32]

# Thousands of stories from one template share a key, and all are kept: a bucket holds the first so
# many of them, else each new one would be compared with all.
BUCKET_LIMIT = 512

Pairs = tuple[Ints, Ints]
"""Nodes, and at the same index a node before each that it shares a bucket with."""


class Buckets:
    """Kept nodes by key. Only keys that two nodes share have a bucket."""

    def __init__(self, parts: Iterable[tuple[Ints, Ints]], count: int) -> None:
        """Take nodes, numbered below ``count``, and their keys, each pair of them once.

        They come in parts, so that memory holds one: all pairs that have a key are in one part.
        """
        owners, buckets, sizes, known = [_NONE], [_NONE], [_NONE], 0
        for nodes, keys in parts:
            shared, bucket, size = _share(keys)
            owners.append(nodes[shared].astype(np.int32))
            buckets.append((bucket + known).astype(np.int32))
            sizes.append(size.astype(np.int32))
            known += len(size)
        owner = np.concatenate(owners)
        order = np.argsort(owner, kind="stable")
        self._buckets = np.concatenate(buckets)[order]
        del buckets, order
        self._starts = np.append(0, np.cumsum(np.bincount(owner, minlength=count)))
        """Where the buckets of each node begin."""
        members = np.concatenate(sizes)
        most = np.append(0, np.cumsum(np.minimum(members - 1, BUCKET_LIMIT)[self._buckets]))
        self._most = most[self._starts]
        """Pairs that the nodes before each may give."""
        room = np.minimum(members, BUCKET_LIMIT)
        self._first = np.cumsum(room, dtype=np.int64) - room
        """Where the members of each bucket begin."""
        self._members = np.empty(int(room.sum()), dtype=np.int32)
        self._held = np.zeros(len(room), dtype=np.int32)
        """How many members each bucket has; they are sorted."""

    def stretch(self, first: int, most: int) -> int:
        """Where a stretch of nodes ends for which ``enter`` gives no more pairs, or one node's."""
        most += self._most[first]
        return max(first + 1, int(np.searchsorted(self._most, most, side="right")) - 1)

    def enter(self, first: int, end: int) -> Pairs:
        """Put nodes into their buckets, one after the other, but for those that are full.

        All nodes before ``first`` have been entered.

        Returns:
            For each node those that were in a bucket of it then, once for each such bucket.
        """
        rows = slice(self._starts[first], self._starts[end])
        order = np.argsort(self._buckets[rows], kind="stable")
        bucket = self._buckets[rows][order]
        sizes = np.diff(self._starts[first : end + 1])
        nodes = np.repeat(np.arange(first, end), sizes)[order]
        is_first = np.ones(len(bucket), dtype=np.bool_)
        np.not_equal(bucket[1:], bucket[:-1], out=is_first[1:])
        begins = np.flatnonzero(is_first)
        sizes = np.diff(np.append(begins, len(bucket)))
        before = self._held[bucket] + np.arange(len(bucket)) - np.repeat(begins, sizes)
        fits = before < BUCKET_LIMIT
        self._members[self._first[bucket[fits]] + before[fits]] = nodes[fits]
        self._held[bucket[begins]] = np.minimum(self._held[bucket[begins]] + sizes, BUCKET_LIMIT)
        found = np.minimum(before, BUCKET_LIMIT)
        mates = self._members[ranges(self._first[bucket], found)]
        return np.repeat(nodes, found), mates.astype(np.int64)

    def leave(self, nodes: Ints) -> None:
        """Take nodes out again: they are no one's originals, or not entered yet."""
        is_gone = np.zeros(len(self._starts), dtype=np.bool_)
        is_gone[nodes] = True
        sizes = self._starts[nodes + 1] - self._starts[nodes]
        touched = np.unique(self._buckets[ranges(self._starts[nodes], sizes)])
        held, first = self._held[touched], self._first[touched]
        members = self._members[ranges(first, held.astype(np.int64))]
        stays = ~is_gone[members]
        left = np.bincount(np.repeat(np.arange(len(touched)), held)[stays], minlength=len(touched))
        self._members[ranges(first, left)] = members[stays]
        self._held[touched] = left


def _share(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Places of the keys that are there more than once, numbers of these keys, and how often."""
    may_share = _sift(keys)
    order = np.argsort(keys[may_share])
    places = may_share[order]
    ordered = keys[places]
    is_first = np.ones(len(ordered) + 1, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:-1])
    is_shared = ~(is_first[1:] & is_first[:-1])
    begins = np.flatnonzero((is_first[:-1])[is_shared])
    places = places[is_shared]
    sizes = np.diff(np.append(begins, len(places)))
    return places, np.repeat(np.arange(len(sizes)), sizes), sizes


def _sift(keys: Ints) -> Ints:
    """Places of the keys that another has the last bits of: the others need no sorting."""
    size = 1 << max(2 * len(keys), 1).bit_length()
    bits = keys & np.int64(size - 1)
    counts = np.bincount(bits, minlength=size)
    return np.flatnonzero(counts[bits] > 1)


_NONE: Places = np.empty(0, dtype=np.int32)
