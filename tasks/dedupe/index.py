"""The index across runs: earlier articles looked up in the lake's tables, read by band."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.candidates import FACTS, Asked, Candidates, Earlier, TextSource
from tasks.dedupe.estimates import least_estimate
from tasks.dedupe.fingerprint import PARAMETERS, estimate_jaccard, stack_signatures
from tasks.dedupe.lookup import READERS, FindHits, Probes, find_pairs
from tasks.dedupe.prints import ROWS_AT_ONCE, Ints, Prints
from tasks.dedupe.spool import TextSpool
from tasks.errors import LakeError
from tasks.memory import give_back

_FACTS = ["article_id", "source_uri", "text_hash", "signature", "shingles", "parameters"]
PAIRS_AT_ONCE = 100_000
"""Pairs whose signatures are compared at a time: 100 MB."""
_PUBLISHED = ["article_id", "source", "title", "words", "published_at", "url"]


class LakeIndex:
    """``EarlierIndex`` and ``TextSource`` over three datasets of the lake, which the caller opens.

    From the bands come numbers, from the fingerprints of these the place of each article: its
    partition and its page's URI, so that of ``articles`` only row groups are read whose
    statistics admit them. An earlier article counts while it is in ``articles``.
    """

    def __init__(
        self,
        fingerprints: ds.Dataset,
        bands: ds.Dataset,
        articles: ds.Dataset,
        find: FindHits | None = None,
    ) -> None:
        """Take the datasets; ``find`` looks up bands elsewhere, see ``find_pairs``."""
        self._find = find
        self._fingerprints = fingerprints
        self._bands = bands
        self._articles = articles
        self._places: dict[str, tuple[date, str]] = {}

    def find_earlier(self, asked: Asked) -> Sequence[Earlier]:
        """See ``EarlierIndex``; those that no signature speaks for are left out.

        Raises:
            LakeError: if a fingerprint that was found was made with other parameters.
        """
        if next(iter(self._bands.get_fragments()), None) is None:
            return []
        probes = Probes.of(asked.text_hashes, asked.keys, asked.prints)
        places, numbers = find_pairs(self._bands, probes, self._find)
        if not len(numbers):
            return []
        distinct = np.unique(numbers)
        wanted = pc.field("number").isin(pa.array(distinct, pa.int32()))
        near = _admitting(self._fingerprints, "number", distinct.tolist())
        facts = _read(self._fingerprints, near, [*_FACTS, "number", "ingest_date"], wanted)
        check_parameters(facts["parameters"].unique().to_pylist())
        facts = facts.filter(_speaks_for(facts, asked, places, numbers))
        rows = facts.drop_columns(["parameters", "number"]).to_pylist()
        for row in rows:
            self._places[row["article_id"]] = row.pop("ingest_date"), row["source_uri"]
        published = self._read([row["article_id"] for row in rows], _PUBLISHED)
        published_of = {row["article_id"]: row for row in published.to_pylist()}
        return [
            Earlier(**row, **{name: known[name] for name in _PUBLISHED[1:]})
            for row in rows
            if (known := published_of.get(row["article_id"])) is not None
        ]

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """The texts of articles that were found; others are left out."""
        known = [one for one in article_ids if one in self._places]
        near, is_wanted = self._where(known)
        texts: dict[str, str] = {}
        with ThreadPoolExecutor(READERS) as readers:
            for some in readers.map(lambda part: _texts_in(part[0], part[1], is_wanted), near):
                texts.update(some)
        return texts

    def _read(self, article_ids: Sequence[str], columns: list[str]) -> pa.Table:
        near, is_wanted = self._where(article_ids)
        return _read(self._articles, near, columns, is_wanted)

    def _where(self, article_ids: Sequence[str]) -> tuple["_Near", pc.Expression]:
        """The row groups that may have articles; and, over the columns of files, which rows."""
        places = [self._places[one] for one in article_ids]
        dates = pa.array({day for day, _ in places}, pa.date32())
        uris = sorted({uri for _, uri in places})
        near = _admitting(self._articles, "source_uri", uris, pc.field("ingest_date").isin(dates))
        is_place = pc.field("source_uri").isin(pa.array(uris, pa.string()))
        is_one = pc.field("article_id").isin(pa.array(article_ids, pa.string()))
        return near, is_place & is_one


_Near = list[tuple[ds.ParquetFileFragment, list[int]]]


def _admitting(
    rows: ds.Dataset, column: str, wanted: Sequence[Any], where: pc.Expression | None = None
) -> _Near:
    """The parts of files whose statistics admit one of some sorted values, and their row groups.

    Arrow leaves no row group out for the sake of a list of values.
    """
    near: _Near = []
    for fragment in rows.get_fragments(filter=where):
        groups = [group.id for group in fragment.row_groups if _admits(group, column, wanted)]
        if groups:
            near.append((fragment.subset(row_group_ids=groups), groups))
    return near


def _admits(group: Any, column: str, wanted: Sequence[Any]) -> bool:
    bounds = (group.statistics or {}).get(column)
    if bounds is None:
        return True
    at = bisect_left(wanted, bounds["min"])
    return at < len(wanted) and bool(wanted[at] <= bounds["max"])


def _read(rows: ds.Dataset, near: _Near, columns: list[str], where: pc.Expression) -> pa.Table:
    """Rows of some parts of a dataset's files."""
    found = [one.to_table(rows.schema, columns=columns, filter=where) for one, _ in near]
    empty = pa.schema([rows.schema.field(name) for name in columns]).empty_table()
    return pa.concat_tables([empty, *found], promote_options="permissive")


def _texts_in(
    fragment: ds.ParquetFileFragment, groups: Sequence[int], is_wanted: pc.Expression
) -> dict[str, str]:
    """Texts of some row groups of a file, by article."""
    texts: dict[str, str] = {}
    for group in groups:
        # `#L9` sorts behind `#L80`: ranges of URIs overlap. Ids tell at a thirtieth of the cost
        # of texts which row group it is.
        one = fragment.subset(row_group_ids=[group])
        if one.count_rows(filter=is_wanted):
            rows = one.to_table(columns=["article_id", "text"], filter=is_wanted)
            texts.update(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    return texts


def _speaks_for(facts: pa.Table, asked: Asked, places: Ints, numbers: Ints) -> pa.Array:
    """Which earlier articles may be originals by the estimate of one pair's Jaccard at least.

    Args:
        facts: Rows of ``fingerprints``.
        asked: Articles.
        places: Theirs, one a pair.
        numbers: Of the pairs' earlier articles.
    """
    order = np.argsort(facts["number"].to_numpy())
    at = np.searchsorted(facts["number"].to_numpy(), numbers, sorter=order)
    is_there = at < len(order)
    rows, ours = order[at[is_there]], places[is_there]
    is_same = facts["number"].to_numpy()[rows] == numbers[is_there]  # it may be of an older index
    rows, ours = rows[is_same], ours[is_same]
    signatures = stack_signatures(facts["signature"].to_pylist())
    shingles = facts["shingles"].to_numpy()
    may_be = np.zeros(len(facts), dtype=np.bool_)
    for first in range(0, len(rows), PAIRS_AT_ONCE):
        theirs, own = rows[first : first + PAIRS_AT_ONCE], ours[first : first + PAIRS_AT_ONCE]
        estimates = estimate_jaccard(asked.prints.minhashes[own], signatures[theirs])
        least = least_estimate(asked.shingles[own], shingles[theirs])
        may_be[theirs[estimates >= least]] = True
    return pa.array(may_be)


class ArticleTexts:
    """``TextSource`` over a run's staged articles, which are read when a text is first asked for.

    ``folder`` is where they are then kept for as long as this object lives; see ``spool``.
    """

    def __init__(self, articles: ds.Dataset, folder: Path | None = None) -> None:
        self._articles = articles
        self._folder = folder
        self._spool: TextSpool | None = None

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """See ``TextSource``."""
        if self._spool is None:
            self._spool = TextSpool(_read_on(self._articles, ["article_id", "text"]), self._folder)
        return self._spool.fetch_texts(article_ids)


class ChainedTexts:
    """Several sources of texts: each text comes from the first that has it."""

    def __init__(self, *sources: TextSource) -> None:
        self._sources = sources

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """See ``TextSource``."""
        missing, texts = set(article_ids), dict[str, str]()
        for source in self._sources:
            texts.update(source.fetch_texts(missing))
            missing -= texts.keys()
        return texts


def read_candidates(
    articles: ds.Dataset, fingerprints: ds.Dataset, folder: Path | None = None
) -> Candidates:
    """A run's candidates from its staged articles and their fingerprints.

    ``folder`` is where their signatures are kept for as long as the candidates live; see
    ``prints``.

    Raises:
        LakeError: if an article has no fingerprint, or one made with other parameters.
    """
    rows = [
        batch.set_column(2, "source", batch["source"].dictionary_encode())
        for batch in _read_on(articles, FACTS.names)
    ]
    facts = _join(rows, articles.schema, FACTS.names)
    ids, known = facts["article_id"], list[pa.RecordBatch]()
    is_alike = True
    at = 0

    def signatures() -> Iterator[pa.Array]:
        nonlocal is_alike, at
        for batch in _read_on(fingerprints, ["article_id", *_PRINT, "parameters"]):
            check_parameters(batch["parameters"].unique().to_pylist())
            own = batch["article_id"]
            is_alike = is_alike and ids.slice(at, len(own)).equals(pa.chunked_array([own]))
            at += len(own)
            known.append(batch.select(["text_hash", "shingles"]))
            yield batch["signature"]

    prints = Prints.spool(signatures(), folder)
    numbers = _join(known, fingerprints.schema, ["text_hash", "shingles"])
    hashes = numbers["text_hash"].to_numpy()
    shingles = numbers["shingles"].to_numpy().astype(np.int64)
    give_back()
    if is_alike and at == len(facts):  # as shards stage them
        return Candidates(facts, hashes, shingles, prints)
    staged = fingerprints.to_table(columns=["article_id"])["article_id"]
    places = _places_of(facts, staged)
    return Candidates(facts, hashes[places], shingles[places], prints.take(places))


def _read_on(rows: ds.Dataset, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Some columns, so many rows at a time, a file after the other.

    Across files Arrow reads ahead up to a gigabyte, whatever it is told, where this process is the
    slower one.
    """
    for fragment in rows.get_fragments():
        yield from fragment.to_batches(
            schema=rows.schema, columns=columns, batch_size=ROWS_AT_ONCE, batch_readahead=1
        )


def _join(batches: Sequence[pa.RecordBatch], schema: pa.Schema, columns: list[str]) -> pa.Table:
    empty = pa.schema([schema.field(name) for name in columns]).empty_table()
    table = pa.Table.from_batches(batches) if batches else empty
    return table.unify_dictionaries().combine_chunks()


def _places_of(facts: pa.Table, known: pa.ChunkedArray) -> Ints:
    """Where the articles' fingerprints are.

    Raises:
        LakeError: if one has none.
    """
    places = pc.index_in(facts["article_id"], value_set=known.combine_chunks())
    if places.null_count:
        lost = facts.filter(pc.is_null(places)).slice(0, 1).to_pylist()[0]
        message = (
            f"staged article {lost['article_id']} ({lost['source_uri']}) has no fingerprint.\n"
            "Its shard was not staged whole: remove the run's staging and run again."
        )
        raise LakeError(message)
    found: Ints = places.to_numpy().astype(np.int64)
    return found


_PRINT = ["text_hash", "signature", "shingles"]


def check_parameters(found: Collection[str]) -> None:
    """Refuse fingerprints that were made with other parameters.

    Raises:
        LakeError: naming both, and what to do.
    """
    for made_with in sorted(found):
        if made_with != PARAMETERS:
            message = (
                f"fingerprints made with {made_with!r} cannot be compared with {PARAMETERS!r}.\n"
                "Rebuild the index with `copydesk reindex`, or use the version of copydesk that "
                "made it."
            )
            raise LakeError(message)
