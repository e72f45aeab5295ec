"""Buckets of kept articles by look-up key: who may be whose original."""

from collections import Counter

import numpy as np

from tasks.dedupe.candidates import Ints

# Thousands of stories from one template share a key, and all are kept: a bucket holds the first so
# many of them, else each new one would be compared with all.
BUCKET_LIMIT = 512


class Buckets:
    """Kept nodes by key. Only keys that two nodes share have a bucket."""

    def __init__(self, nodes: Ints, keys: Ints, count: int) -> None:
        """Take the pairs of node and key, each once, for nodes numbered below ``count``."""
        self._keys_of: list[list[int]] = [[] for _ in range(count)]
        self._members: dict[int, list[int]] = {}
        _, bucket, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        shared = sizes[bucket] > 1
        for node, key in zip(nodes[shared].tolist(), bucket[shared].tolist(), strict=True):
            self._keys_of[node].append(key)

    def enter(self, node: int) -> None:
        """Put a node into its buckets, but for those that are full."""
        for key in self._keys_of[node]:
            members = self._members.setdefault(key, [])
            if len(members) < BUCKET_LIMIT:
                members.append(node)

    def leave(self, node: int) -> None:
        """Take a node out again: it is no one's original."""
        for key in self._keys_of[node]:
            if node in self._members[key]:
                self._members[key].remove(node)

    def count_shared(self, node: int) -> Counter[int]:
        """How many buckets each of the nodes entered so far shares with this one."""
        shared: Counter[int] = Counter()
        for key in self._keys_of[node]:
            shared.update(self._members.get(key, ()))
        return shared
