"""Signatures of many articles, in arrays that a file may hold: of a large run they fill no memory.

Of 400,000 articles they are 280 MB, of which a decision needs a column at a time to find out who
shares a key, and then a row here and there.
"""

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.dedupe.fingerprint import BANDS, PERMUTATIONS, ROWS_PER_BAND, band_columns

Ints = npt.NDArray[np.int64]
MinHashes = npt.NDArray[np.uint32]

BANDS_AT_ONCE = 7
"""Of 400,000 articles 34 MB: each reads through all signatures once."""
ROWS_AT_ONCE = 16_384
"""Articles whose signatures are gone through at a time: 8 MB, and passages for 3 MB."""
FILE_PARTS = 8
"""Of a file, of which one is in memory while rows are picked: of 400,000 articles 26 MB."""

_MINHASH_WORDS = PERMUTATIONS // 2
"""Of 64 bits, as passages are."""
_SPREAD_BITS = 40
"""Keys of passages are the least of many: their first bits are mostly 0."""


@dataclass(frozen=True, slots=True)
class Prints:
    """The signatures of some articles, one a row."""

    minhashes: MinHashes
    """A row an article, ``PERMUTATIONS`` wide."""
    passages: Ints
    """The keys of all articles' passages, one article after the other."""
    counts: Ints
    """How many passages each article has."""
    maps: tuple[mmap.mmap, ...] = ()
    """The files' pages, where the arrays lie in files."""

    @classmethod
    def of(cls, signatures: Sequence[bytes]) -> "Prints":
        """Those of signatures as ``fingerprint`` makes them."""
        return cls(*split_signatures(pa.array(signatures, pa.large_binary())))

    @classmethod
    def spool(cls, columns: Iterable[pa.Array], folder: Path | None = None) -> "Prints":
        """Those of signatures that come some thousand at a time, taken over into files.

        Args:
            columns: Binary arrays.
            folder: Where the files are made, which have no name and end with this object; where
                the system has such files by default.
        """
        minhashes, passages = _Spool(folder), _Spool(folder)
        counts = [np.empty(0, dtype=np.int64)]
        for column in columns:
            rows, keys, some = split_signatures(column)
            minhashes.add(rows)
            passages.add(keys)
            counts.append(some)
        of_rows, of_keys = minhashes.map(), passages.map()
        return cls(
            np.frombuffer(of_rows or b"", dtype="<u4").reshape(-1, PERMUTATIONS),
            np.frombuffer(of_keys or b"", dtype="<i8"),
            np.concatenate(counts),
            tuple(one for one in (of_rows, of_keys) if one is not None),
        )

    def __len__(self) -> int:
        return len(self.counts)

    def rows(self, places: Ints) -> MinHashes:
        """The MinHash parts of some articles, one a row."""
        if not self.maps:
            return self.minhashes[places]
        found = np.empty((len(places), PERMUTATIONS), dtype=np.uint32)
        # From one end of the file to the other: the system maps what lies around a row as well.
        for part in np.array_split(np.argsort(places), FILE_PARTS):
            found[part] = self.minhashes[places[part]]
            self._let_go()
        return found

    def take(self, places: Ints) -> "Prints":
        """Those of some articles, in memory."""
        counts = self.counts[places]
        starts = np.cumsum(self.counts) - self.counts
        keys = self.passages[ranges(starts[places], counts)]
        self._let_go()
        return Prints(self.rows(places), keys, counts)

    def signatures(self, places: Ints) -> list[bytes]:
        """Those of some articles as ``fingerprint`` made them."""
        some = self.take(places)
        ends = np.cumsum(some.counts).tolist()
        spans = zip([0, *ends], ends, strict=False)
        return [
            row.tobytes() + some.passages[start:end].tobytes()
            for row, (start, end) in zip(some.minhashes, spans, strict=True)
        ]

    def band_columns(self) -> Iterator[Ints]:
        """``fingerprint.band_columns`` of all."""
        for first in range(0, BANDS, BANDS_AT_ONCE):
            start = first * ROWS_PER_BAND
            end = min(first + BANDS_AT_ONCE, BANDS) * ROWS_PER_BAND
            part = np.empty((end - start, len(self)), dtype=np.uint32)
            for at in range(0, len(self), ROWS_AT_ONCE):
                part[:, at : at + ROWS_AT_ONCE] = self.minhashes[
                    at : at + ROWS_AT_ONCE, start:end
                ].T
                self._let_go()
            yield from band_columns(part.T, first)

    def passages_in(self, part: int, parts: int, owners: Ints) -> tuple[Ints, Ints]:
        """The keys of passages that fall into one part of several, and whose they are.

        Args:
            part: Which, from 0.
            parts: How many, a power of two.
            owners: What each article is called; of those below 0 nothing is told.
        """
        whose, found, start = [owners[:0]], [self.passages[:0]], 0
        for at in range(0, len(self), ROWS_AT_ONCE):
            counts = self.counts[at : at + ROWS_AT_ONCE]
            end = start + int(counts.sum())
            keys = self.passages[start:end]
            names = np.repeat(owners[at : at + ROWS_AT_ONCE], counts)
            is_in = names >= 0
            if parts > 1:
                is_in &= (keys >> _SPREAD_BITS) & np.int64(parts - 1) == part
            whose.append(names[is_in])
            found.append(keys[is_in])
            start = end
            self._let_go()
        return np.concatenate(whose), np.concatenate(found)

    def _let_go(self) -> None:
        """Let the system take back the pages that were read: they are in the file."""
        for one in self.maps:
            one.madvise(mmap.MADV_DONTNEED)


def split_signatures(column: pa.Array) -> tuple[MinHashes, Ints, Ints]:
    """The MinHash parts, the keys of passages, and how many of these each article has."""
    signatures = column.cast(pa.large_binary())
    places = np.frombuffer(signatures.buffers()[1] or bytes(8), np.int64)
    places = places[signatures.offset : signatures.offset + len(signatures) + 1]
    data = memoryview(signatures.buffers()[2] or b"")[places[0] : places[-1]]
    words = np.frombuffer(data, dtype="<i8")
    sizes = np.diff(places) // words.itemsize
    starts = (places[:-1] - places[0]) // words.itemsize
    is_passage = np.arange(len(words)) - np.repeat(starts, sizes) >= _MINHASH_WORDS
    minhashes = words[~is_passage].view("<u4").reshape(len(sizes), PERMUTATIONS)
    return minhashes, words[is_passage], sizes - _MINHASH_WORDS


def ranges(starts: Ints, sizes: Ints) -> Ints:
    """The numbers of all ranges, one after the other."""
    ends = np.cumsum(sizes)
    steps = np.arange(ends[-1] if len(ends) else 0)
    return steps + np.repeat(starts - ends + sizes, sizes)


class _Spool:
    """A file without a name, written to its end and then mapped."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def add(self, values: npt.NDArray[Any]) -> None:
        self._file.write(values.data)

    def map(self) -> mmap.mmap | None:
        """None of an empty file, which cannot be mapped."""
        self._file.flush()
        if not os.fstat(self._file.fileno()).st_size:
            return None
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
