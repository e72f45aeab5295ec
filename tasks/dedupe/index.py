"""The index across runs: earlier articles looked up in the lake's tables, read by band."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.candidates import Candidate, Earlier, Ints
from tasks.dedupe.fingerprint import BANDS, PARAMETERS, band_keys, passage_keys, stack_signatures
from tasks.errors import LakeError
from tasks.schemas import BANDS as BANDS_TABLE

_FACTS = ["article_id", "source_uri", "text_hash", "signature", "shingles", "parameters"]
_PUBLISHED = ["article_id", "source", "title", "words", "published_at", "url"]


class LakeIndex:
    """``EarlierIndex`` over three datasets of the lake, which the caller opens.

    Filters are pushed down, so that row groups whose statistics exclude them are not read. An
    earlier article counts while it is in ``articles``.
    """

    def __init__(self, fingerprints: ds.Dataset, bands: ds.Dataset, articles: ds.Dataset) -> None:
        self._fingerprints = fingerprints
        self._bands = bands
        self._articles = articles

    def find_earlier(self, text_hashes: Ints, keys: Ints, passages: Ints) -> Sequence[Earlier]:
        """See ``EarlierIndex``.

        Raises:
            LakeError: if a fingerprint that was found was made with other parameters.
        """
        by_hash = pc.field("text_hash").isin(pa.array(np.unique(text_hashes)))
        found = [self._fingerprints.to_table(columns=_FACTS, filter=by_hash)]
        known = set(found[0]["article_id"].to_pylist())
        by_band = self._find_bands(keys, passages) - known
        if by_band:
            wanted = pc.field("article_id").isin(pa.array(sorted(by_band)))
            found.append(self._fingerprints.to_table(columns=_FACTS, filter=wanted))
        facts = pa.concat_tables(found)
        _check_parameters(facts)
        return self._with_articles(facts)

    def _find_bands(self, keys: Ints, passages: Ints) -> set[str]:
        wanted = [*keys.T, passages] if len(keys) else []
        found: set[str] = set()
        for band, column in enumerate(wanted):
            is_hit = (pc.field("band") == pa.scalar(band, pa.int16())) & pc.field("key").isin(
                pa.array(np.unique(column))
            )
            hits = self._bands.to_table(columns=["article_id"], filter=is_hit)
            found.update(hits["article_id"].to_pylist())
        return found

    def _with_articles(self, facts: pa.Table) -> list[Earlier]:
        published = pc.field("article_id").isin(facts["article_id"].combine_chunks())
        rows = self._articles.to_table(columns=_PUBLISHED, filter=published)
        published_of = {row["article_id"]: row for row in rows.to_pylist()}
        return [
            Earlier(
                **published_of[row["article_id"]],
                source_uri=row["source_uri"],
                text_hash=row["text_hash"],
                signature=row["signature"],
                shingles=row["shingles"],
            )
            for row in facts.to_pylist()
            if row["article_id"] in published_of
        ]


class ArticleTexts:
    """``TextSource`` over datasets that have ``article_id`` and ``text``: staged files, the lake.

    A text that is in several of them is taken from the first.
    """

    def __init__(self, datasets: Sequence[ds.Dataset]) -> None:
        self._datasets = tuple(datasets)

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """See ``TextSource``: one scan of each dataset, skipping what its statistics exclude."""
        missing = set(article_ids)
        texts: dict[str, str] = {}
        for dataset in self._datasets:
            if not missing:
                break
            wanted = pc.field("article_id").isin(pa.array(sorted(missing)))
            rows = dataset.to_table(columns=["article_id", "text"], filter=wanted)
            for article_id, text in zip(
                rows["article_id"].to_pylist(), rows["text"].to_pylist(), strict=True
            ):
                texts.setdefault(article_id, text)
            missing -= texts.keys()
        return texts


def read_candidates(articles: ds.Dataset, fingerprints: ds.Dataset) -> list[Candidate]:
    """A run's candidates from its staged articles and their fingerprints.

    Raises:
        LakeError: if an article has no fingerprint, or one made with other parameters.
    """
    facts = fingerprints.to_table(columns=_FACTS)
    _check_parameters(facts)
    fingerprint_of = {row["article_id"]: row for row in facts.drop("source_uri").to_pylist()}
    columns = ["article_id", "source_uri", "source", "words", "title", "published_at", "url"]
    candidates = []
    for row in articles.to_table(columns=columns).to_pylist():
        known = fingerprint_of.get(row["article_id"])
        if known is None:
            message = (
                f"staged article {row['article_id']} ({row['source_uri']}) has no fingerprint.\n"
                "Its shard was not staged whole: remove the run's staging and run again."
            )
            raise LakeError(message)
        candidates.append(
            Candidate(
                **row,
                text_hash=known["text_hash"],
                signature=known["signature"],
                shingles=known["shingles"],
            )
        )
    return candidates


def band_rows(article_ids: Sequence[str], signatures: Sequence[bytes]) -> pa.Table:
    """The rows of ``bands`` for published articles, sorted by band and key.

    The keys of passages come after the bands, under the number ``BANDS``, several an article.
    """
    keys = band_keys(stack_signatures(signatures))
    passages = [passage_keys(signature) for signature in signatures]
    places = np.arange(len(article_ids))
    owners = np.concatenate(
        [np.tile(places, BANDS), np.repeat(places, [len(one) for one in passages])]
    )
    bands = np.full(len(owners), BANDS, dtype=np.int16)
    bands[: keys.size] = np.repeat(np.arange(BANDS, dtype=np.int16), len(places))
    table = pa.table(
        {
            "band": bands,
            "key": np.concatenate([keys.T.reshape(-1), *passages]),
            "article_id": pa.array(article_ids, pa.string()).take(pa.array(owners)),
        }
    )
    ordered = table.sort_by([("band", "ascending"), ("key", "ascending")])
    return ordered.cast(BANDS_TABLE.schema)


def _check_parameters(facts: pa.Table) -> None:
    for made_with in _distinct(facts["parameters"]):
        if made_with != PARAMETERS:
            message = (
                f"fingerprints made with {made_with!r} cannot be compared with {PARAMETERS!r}.\n"
                "Rebuild the index from `pages`, or use the version of copydesk that made it."
            )
            raise LakeError(message)


def _distinct(column: pa.ChunkedArray) -> Iterator[str]:
    yield from sorted(column.unique().to_pylist())
