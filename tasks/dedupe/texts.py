"""Texts of articles, prepared for comparison, a bounded number in memory."""

from collections import OrderedDict
from collections.abc import Iterable

from tasks.dedupe.candidates import TextSource
from tasks.dedupe.verdicts import Measured, measure

SHINGLES_KEPT = 3_000_000
"""Shingles of texts that stay in memory between batches: some 80 MB with the texts."""


class TextCache:
    """Texts prepared for comparison; the least recently used are let go."""

    def __init__(self, source: TextSource) -> None:
        """Take where texts come from."""
        self._source = source
        self._measured: OrderedDict[str, Measured] = OrderedDict()
        self._size = 0
        """Their shingles."""

    def prefetch(self, article_ids: Iterable[str]) -> None:
        """Have these texts at hand, fetched in one go."""
        wanted = dict.fromkeys(article_ids)
        for article_id in wanted:
            if article_id in self._measured:
                self._measured.move_to_end(article_id)
        missing = [article_id for article_id in wanted if article_id not in self._measured]
        while self._measured and self._size > SHINGLES_KEPT:
            oldest = next(iter(self._measured))
            if oldest in wanted:
                break
            self._size -= len(self._measured.pop(oldest).shingles)
        if missing:
            for article_id, text in self._source.fetch_texts(missing).items():
                measured = self._measured[article_id] = measure(text)
                self._size += len(measured.shingles)

    def have(self, article_id: str) -> Measured:
        """A text that is known to be there."""
        return self._measured[article_id]

    def get(self, article_id: str) -> Measured | None:
        """A text fetched before; None where the source did not have it."""
        return self._measured.get(article_id)
