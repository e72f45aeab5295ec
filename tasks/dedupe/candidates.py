"""What a decision knows of articles: this run's candidates, and those published earlier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.fingerprint import band_keys, passage_keys, stack_signatures
from tasks.dedupe.prints import Ints, Prints


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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Many candidates, in columns: an object each is made of few."""

    facts: pa.Table
    """With the columns ``FACTS``."""
    text_hashes: Ints
    shingles: Ints
    prints: Prints

    @classmethod
    def of(cls, articles: Sequence[Candidate]) -> "Candidates":
        """Those that are in memory."""
        columns = {name: [getattr(one, name) for one in articles] for name in FACTS.names}
        return cls(
            pa.table(columns, schema=FACTS),
            np.array([one.text_hash for one in articles], dtype=np.int64),
            np.array([one.shingles for one in articles], dtype=np.int64),
            Prints.of([one.signature for one in articles]),
        )

    def __len__(self) -> int:
        return len(self.text_hashes)

    def take(self, places: Ints) -> "Candidates":
        """Some of them, their signatures in memory."""
        facts = self.facts.take(pa.array(places))
        prints = self.prints.take(places)
        return Candidates(facts, self.text_hashes[places], self.shingles[places], prints)

    def listed(self, places: Ints) -> list[Candidate]:
        """Some of them, each by itself."""
        rows = zip(
            self.facts.take(pa.array(places)).to_pylist(),
            self.text_hashes[places].tolist(),
            self.shingles[places].tolist(),
            self.prints.signatures(places),
            strict=True,
        )
        return [
            Candidate(**facts, text_hash=text_hash, shingles=shingles, signature=signature)
            for facts, text_hash, shingles, signature in rows
        ]

    def ranked(self) -> Ints:
        """Places of those that have words, sorted by ``rank``."""
        places = np.flatnonzero(self.shingles)
        words, which = np.unique(self.facts["words"].to_numpy()[places], return_inverse=True)
        length = np.array([-_length(one) for one in words.tolist()], dtype=np.int64)[which]
        dates = self.facts["published_at"].cast(pa.int64())
        since, which_date = np.unique(
            pc.fill_null(dates, 0).to_numpy()[places], return_inverse=True
        )
        seconds = np.array([one / MICROSECONDS for one in since.tolist()], dtype=np.float64)
        columns = (
            length,
            pc.is_null(self.facts["title"]).to_numpy()[places],
            pc.is_null(dates).to_numpy()[places],
            seconds[which_date],
            self.text_hashes[places],
        )
        order = np.lexsort(columns[::-1])
        is_tied = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
        for column in columns:
            is_tied &= column[order[1:]] == column[order[:-1]]
        return _sort_tied(places[order], is_tied, self.facts["article_id"])


FACTS = pa.schema(
    [
        ("article_id", pa.string()),
        ("source_uri", pa.string()),
        ("source", pa.string()),
        ("words", pa.int64()),
        ("title", pa.string()),
        ("published_at", pa.timestamp("us", "UTC")),
        ("url", pa.string()),
    ]
)
"""What is known of candidates beside their texts' signatures."""
MICROSECONDS = 10**6
"""In a second."""


def _sort_tied(order: Ints, is_tied: npt.NDArray[np.bool_], ids: pa.ChunkedArray) -> Ints:
    """An order in which places of the same rank as the one before are sorted by their ids."""
    if not is_tied.any():
        return order
    tied = np.append(False, is_tied) | np.append(is_tied, False)
    group = np.cumsum(np.append(True, ~is_tied))[tied]
    names = ids.take(pa.array(order[tied])).to_pylist()
    ranked = sorted(zip(group.tolist(), names, order[tied].tolist(), strict=True))
    sorted_order = order.copy()
    sorted_order[tied] = [place for _, _, place in ranked]
    return sorted_order


@dataclass(frozen=True)
class Asked:
    """Articles whose originals are looked for; what an index asks of them is worked out then."""

    text_hashes: Ints
    """One an article."""
    shingles: Ints
    """How many each article has."""
    all_prints: Prints
    """Signatures, of others too."""
    places: Ints
    """Where among the signatures those of the articles are."""
    is_near: bool = True
    """Whether more than hashes of whole texts count."""

    @classmethod
    def of(cls, candidates: Candidates, places: Ints, *, is_near: bool = True) -> "Asked":
        """Some of the candidates."""
        hashes, shingles = candidates.text_hashes[places], candidates.shingles[places]
        return cls(hashes, shingles, candidates.prints, places, is_near)

    @cached_property
    def prints(self) -> Prints:
        """The articles' signatures, one a row."""
        return self.all_prints.take(self.places)

    @cached_property
    def keys(self) -> Ints:
        """A column a band and a row an article, or no rows where only hashes count."""
        signatures = self.prints.minhashes
        return band_keys(signatures if self.is_near else signatures[:0])


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
        -_length(article.words),
        article.title is None,
        date is None,
        0.0 if date is None else date.timestamp(),
        article.text_hash,
        article.article_id,
    )


def _length(words: int) -> int:
    """A text's length, in steps of a tenth."""
    return round(log(max(words, 1), 1.1))


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
        shared = set(asked.prints.passages.tolist()) if asked.is_near else set()
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
