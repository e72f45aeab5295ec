"""What a decision knows of articles: this run's candidates, and those published earlier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from tasks.dedupe.fingerprint import band_keys, passage_keys, stack_signatures

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article of this run, before it is decided whether it is published."""

    article_id: str
    source_uri: str
    source: str
    words: int
    text_hash: int
    signature: bytes
    shingles: int
    title: str | None = None
    published_at: datetime | None = None
    url: str | None = None
    is_published: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An article that an earlier run published."""

    article_id: str
    source_uri: str
    source: str
    text_hash: int
    signature: bytes
    shingles: int
    title: str | None = None
    words: int = 0
    published_at: datetime | None = None
    url: str | None = None
    is_published: ClassVar[bool] = True


Known = Candidate | Earlier


@dataclass(frozen=True)
class Asked:
    """Articles whose originals are looked for; what an index asks of them is worked out then."""

    articles: Sequence[Known]
    is_near: bool = True
    """Whether more than hashes of whole texts count."""

    @cached_property
    def text_hashes(self) -> Ints:
        """One an article."""
        return np.array([one.text_hash for one in self.articles], dtype=np.int64)

    @cached_property
    def shingles(self) -> Ints:
        """How many each article has."""
        return np.array([one.shingles for one in self.articles], dtype=np.int64)

    @cached_property
    def signatures(self) -> npt.NDArray[np.uint32]:
        """The MinHash parts, one a row."""
        return stack_signatures([one.signature for one in self.articles])

    @cached_property
    def passages(self) -> Sequence[Ints]:
        """Each article's keys of passages."""
        return [passage_keys(one.signature) for one in self.articles]

    @cached_property
    def keys(self) -> Ints:
        """A column a band and a row an article, or no rows where only hashes count."""
        return band_keys(self.signatures if self.is_near else self.signatures[:0])


class EarlierIndex(Protocol):
    """Looks up earlier runs' published articles."""

    def find_earlier(self, asked: Asked) -> Sequence[Earlier]:
        """Earlier articles that may be originals of those asked for, by their keys; each once."""
        ...


class TextSource(Protocol):
    """Fetches texts of this run's articles and of earlier ones."""

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """The text of each article asked for; one that is not there is left out."""
        ...


def rank(article: Known) -> tuple[int, bool, bool, float, int, str]:
    """Sorts the article to keep first: the most complete, with title and date, the oldest.

    Length counts in steps of a tenth: among copies that are nearly as long the longest is mostly
    the one with a page's tail on it. Then a title, a date, the earlier date; then the hash of the
    text, so that the choice does not hang on where the pages lay, and between equal texts the id.
    """
    date = article.published_at
    return (
        -round(log(max(article.words, 1), 1.1)),
        article.title is None,
        date is None,
        0.0 if date is None else date.timestamp(),
        article.text_hash,
        article.article_id,
    )


def is_better(article: Known, other: Known) -> bool:
    """Whether an article comes before another in the stated order, not by hash or id alone."""
    return rank(article)[:4] < rank(other)[:4]


class MemoryIndex:
    """Earlier articles held in memory: those of an empty lake, or a test's."""

    def __init__(self, earlier: Sequence[Earlier] = ()) -> None:
        self._earlier = tuple(earlier)
        self._keys = band_keys(stack_signatures([one.signature for one in earlier]))

    def find_earlier(self, asked: Asked) -> Sequence[Earlier]:
        """See ``EarlierIndex``: whatever shares a key with one of them."""
        hashes = set(asked.text_hashes.tolist())
        bands = [set(column) for column in asked.keys.T.tolist()]
        shared = {key for one in asked.passages for key in one.tolist()} if asked.is_near else set()
        return [
            one
            for one, row in zip(self._earlier, self._keys.tolist(), strict=True)
            if one.text_hash in hashes
            or any(key in band for key, band in zip(row, bands, strict=True))
            or not shared.isdisjoint(passage_keys(one.signature).tolist())
        ]


class MemoryTexts:
    """Texts held in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """See ``TextSource``."""
        return {one: self._texts[one] for one in article_ids if one in self._texts}
