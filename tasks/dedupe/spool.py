"""A run's texts in one file, from which any of them can be had: what is staged is read once.

Staged texts are compressed by the thousand, and candidates for copies stand anywhere among them:
of 400,000 articles each look-up of 4,096 would decompress all.
"""

import os
import tempfile
import weakref
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from tasks.dedupe.prints import Ints


class TextSpool:
    """Texts by id, in a file without a name that ends with this object."""

    def __init__(self, batches: Iterable[pa.RecordBatch], folder: Path | None = None) -> None:
        """Take texts over, some hundred at a time.

        Args:
            batches: With the columns ``article_id`` and ``text``.
            folder: Where the file is made; where the system has such files by default.
        """
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        keys, starts, sizes, end = [_NONE], [_NONE], [_NONE], 0
        for batch in batches:
            ids, texts = batch["article_id"], batch["text"].cast(pa.large_string())
            if not len(ids):
                continue
            places = np.frombuffer(texts.buffers()[1], np.int64)
            places = places[texts.offset : texts.offset + len(texts) + 1]
            data = memoryview(texts.buffers()[2] or b"")[places[0] : places[-1]]
            _write_all(self._file.fileno(), data)
            keys.append(_keys_of(ids.to_pylist()))
            starts.append(places[:-1] - places[0] + end)
            sizes.append(np.diff(places))
            end += len(data)
        unsorted = np.concatenate(keys)
        order = np.argsort(unsorted)
        self._keys = unsorted[order]
        self._starts, self._sizes = np.concatenate(starts)[order], np.concatenate(sizes)[order]

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """The texts of those that are there."""
        keys = _keys_of(article_ids)
        if not len(self._keys):
            return {}
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        is_there = (self._keys[places] == keys).tolist()
        spots = zip(self._starts[places].tolist(), self._sizes[places].tolist(), strict=True)
        file = self._file.fileno()
        return {
            one: os.pread(file, size, start).decode()
            for one, (start, size), is_known in zip(article_ids, spots, is_there, strict=True)
            if is_known
        }


_NONE = np.empty(0, dtype=np.int64)


def _keys_of(ids: Collection[str]) -> Ints:
    """64 bits of each id: among a million ids two share them once in 37 million runs."""
    return np.fromiter(map(hash, ids), np.int64, len(ids))


def _write_all(file: int, data: memoryview) -> None:
    while len(data):
        data = data[os.write(file, data) :]
