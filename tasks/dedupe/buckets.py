"""Buckets of kept articles by look-up key: who may be whose original."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import numpy as np

from tasks.dedupe.candidates import Ints

# Thousands of stories from one template share a key, and all are kept: a bucket holds the first so
# many of them, else each new one would be compared with all.
BUCKET_LIMIT = 512


class Buckets:
    """Kept nodes by key. Only keys that two nodes share have a bucket."""

    def __init__(self, pairs: Iterable[tuple[Ints, Ints]], count: int) -> None:
        """Take nodes, numbered below ``count``, and their keys, each pair of them once.

        They come in parts, so that memory holds one: all pairs that have a key are in one part.
        """
        owners, buckets, first = [_NONE], [_NONE], 0
        for nodes, keys in pairs:
            unique, bucket, sizes = np.unique(keys, return_inverse=True, return_counts=True)
            is_shared = sizes[bucket] > 1
            owners.append(nodes[is_shared].astype(np.int32))
            buckets.append((bucket[is_shared] + first).astype(np.int32))
            first += len(unique)
        owner = np.concatenate(owners)
        order = np.argsort(owner, kind="stable")
        self._keys = np.concatenate(buckets)[order]
        self._starts: list[int] = np.searchsorted(owner[order], np.arange(count + 1)).tolist()
        self._members: dict[int, list[int]] = {}

    def shares(self, node: int) -> bool:
        """Whether any other node has a key of this one's: of news nine in ten share none."""
        return self._starts[node] < self._starts[node + 1]

    def enter(self, node: int) -> None:
        """Put a node into its buckets, but for those that are full."""
        for key in self._keys_of(node):
            members = self._members.setdefault(key, [])
            if len(members) < BUCKET_LIMIT:
                members.append(node)

    def leave(self, node: int) -> None:
        """Take a node out again: it is no one's original."""
        for key in self._keys_of(node):
            if node in self._members[key]:
                self._members[key].remove(node)

    def find(self, node: int) -> set[int]:
        """The nodes entered so far that share a bucket with this one."""
        members = map(self._members.get, self._keys_of(node))
        return set[int]().union(*filter(None, members))

    def count_shared(self, node: int) -> Counter[int]:
        """How many buckets each of the nodes entered so far shares with this one."""
        members = map(self._members.get, self._keys_of(node))
        return Counter(chain.from_iterable(filter(None, members)))

    def _keys_of(self, node: int) -> list[int]:
        start, end = self._starts[node], self._starts[node + 1]
        keys: list[int] = self._keys[start:end].tolist() if start < end else []
        return keys


_NONE = np.empty(0, dtype=np.int32)
