"""The articles of a decision in their total order, and what comparisons by signature ask of them.

A node is an article's place in that order: earlier runs' articles first, by id, then this run's by
``candidates.rank``.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tasks.dedupe.candidates import Candidates, Earlier, Known
from tasks.dedupe.prints import Ints, MinHashes, Prints

PASSAGES_AT_ONCE = 500_000
"""Keys of passages among which shared ones are looked for at a time, or up to twice as many: some
40 MB."""

Keys = tuple[Ints, Ints]
"""Nodes, and a key that each has."""


class Nodes:
    """Earlier articles, then this run's."""

    def __init__(self, earlier: Sequence[Earlier], candidates: Candidates) -> None:
        self.first = len(earlier)
        """The first node that is of this run."""
        self._earlier = earlier
        self._candidates = candidates
        self._places = candidates.ranked()
        of_candidates = np.full(len(candidates), -1, dtype=np.int64)
        of_candidates[self._places] = self.first + np.arange(len(self._places))
        before = Prints.of([one.signature for one in earlier])
        self._all = (before, np.arange(self.first)), (candidates.prints, of_candidates)
        """Signatures, and what node each of them is of; -1 of what is no node."""
        self.shingles = self._join([one.shingles for one in earlier], candidates.shingles)
        self.passages = self._join(before.counts, candidates.prints.counts)
        """How many each node has."""

    def __len__(self) -> int:
        return self.first + len(self._places)

    def listed(self, nodes: Sequence[int]) -> list[Known]:
        """Some articles, each by itself."""
        new = [node for node in nodes if node >= self.first]
        places = self._places[np.array(new, dtype=np.int64) - self.first]
        made = iter(self._candidates.listed(places))
        return [next(made) if node >= self.first else self._earlier[node] for node in nodes]

    def minhashes(self, nodes: Ints) -> MinHashes:
        """The MinHash parts of some nodes, one a row."""
        (before, _), (new, _) = self._all
        is_new = nodes >= self.first
        if is_new.all():
            return new.rows(self._places[nodes - self.first])
        rows = np.empty((len(nodes), before.minhashes.shape[1]), dtype=np.uint32)
        rows[is_new] = new.rows(self._places[nodes[is_new] - self.first])
        rows[~is_new] = before.rows(nodes[~is_new])
        return rows

    def text_keys(self) -> Iterator[Keys]:
        """Each node's hash of the text."""
        hashes = [one.text_hash for one in self._earlier]
        yield np.arange(len(self)), self._join(hashes, self._candidates.text_hashes)

    def band_keys(self) -> Iterator[Keys]:
        """The keys of each band."""
        nodes = np.arange(len(self))
        (before, _), (new, _) = self._all
        for columns in zip(before.band_columns(), new.band_columns(), strict=True):
            yield nodes, self._join(*columns)

    def passage_keys(self) -> Iterator[Keys]:
        """The keys of passages, in parts of which none has a key of another."""
        count = sum(len(prints.passages) for prints, _ in self._all)
        parts = 1 << (count // PASSAGES_AT_ONCE).bit_length()
        for part in range(parts):
            found = [prints.passages_in(part, parts, nodes) for prints, nodes in self._all]
            owners, keys = zip(*found, strict=True)
            yield np.concatenate(owners), np.concatenate(keys)

    def _join(self, before: Sequence[int] | Ints, new: Ints) -> Ints:
        """A column of earlier articles and one of candidates, by node."""
        return np.concatenate([np.array(before, dtype=np.int64), new[self._places]])
