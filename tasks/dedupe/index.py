"""The index across runs: earlier articles looked up in the lake's tables, read by band."""

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.candidates import Candidate, Earlier, Ints, TextSource
from tasks.dedupe.fingerprint import PARAMETERS
from tasks.dedupe.lookup import Probes, find_numbers
from tasks.errors import LakeError

_FACTS = ["article_id", "source_uri", "text_hash", "signature", "shingles", "parameters"]
_PUBLISHED = ["article_id", "source", "title", "words", "published_at", "url"]


class LakeIndex:
    """``EarlierIndex`` and ``TextSource`` over three datasets of the lake, which the caller opens.

    From the bands come numbers, from the fingerprints of these the place of each article: its
    partition and its page's URI, so that of ``articles`` only row groups are read whose
    statistics admit them. An earlier article counts while it is in ``articles``.
    """

    def __init__(self, fingerprints: ds.Dataset, bands: ds.Dataset, articles: ds.Dataset) -> None:
        self._fingerprints = fingerprints
        self._bands = bands
        self._articles = articles
        self._places: dict[str, tuple[date, str]] = {}

    def find_earlier(
        self, text_hashes: Ints, keys: Ints, passages: Sequence[Ints]
    ) -> Sequence[Earlier]:
        """See ``EarlierIndex``.

        Raises:
            LakeError: if a fingerprint that was found was made with other parameters.
        """
        if next(iter(self._bands.get_fragments()), None) is None:
            return []
        numbers = find_numbers(self._bands, Probes.of(text_hashes, keys, passages))
        if not len(numbers):
            return []
        wanted = pc.field("number").isin(pa.array(numbers, pa.int32()))
        facts = self._fingerprints.to_table([*_FACTS, "ingest_date"], filter=wanted)
        check_parameters(facts["parameters"].unique().to_pylist())
        rows = facts.drop_columns(["parameters"]).to_pylist()
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
        is_near, is_wanted = self._where(known)
        texts: dict[str, str] = {}
        for fragment in self._articles.get_fragments(filter=is_near):
            # `#L9` sorts behind `#L80`: ranges of URIs overlap. Ids tell at a thirtieth of the
            # cost of texts which row group it is.
            for group in fragment.split_by_row_group(filter=is_wanted):
                if group.count_rows(filter=is_wanted):
                    rows = group.to_table(columns=["article_id", "text"], filter=is_wanted)
                    texts.update(zip(*(column.to_pylist() for column in rows.columns), strict=True))
        return texts

    def _read(self, article_ids: Sequence[str], columns: list[str]) -> pa.Table:
        is_near, is_wanted = self._where(article_ids)
        return self._articles.to_table(columns, filter=is_near & is_wanted)

    def _where(self, article_ids: Sequence[str]) -> tuple[pc.Expression, pc.Expression]:
        """Of which partitions articles are; and, over the columns of files, which rows."""
        places = [self._places[one] for one in article_ids]
        dates = pa.array({day for day, _ in places}, pa.date32())
        uris = pa.array({uri for _, uri in places}, pa.string())
        is_place = pc.field("source_uri").isin(uris)
        is_one = pc.field("article_id").isin(pa.array(article_ids, pa.string()))
        return pc.field("ingest_date").isin(dates) & is_place, is_place & is_one


class ArticleTexts:
    """``TextSource`` over a run's staged articles."""

    def __init__(self, articles: ds.Dataset) -> None:
        self._articles = articles

    def fetch_texts(self, article_ids: Collection[str]) -> Mapping[str, str]:
        """See ``TextSource``."""
        wanted = pc.field("article_id").isin(pa.array(article_ids, pa.string()))
        # Arrow reads ahead what would be most of a run's texts.
        rows = self._articles.to_table(
            ["article_id", "text"], filter=wanted, batch_readahead=1, fragment_readahead=1
        )
        return dict(zip(rows["article_id"].to_pylist(), rows["text"].to_pylist(), strict=True))


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


def read_candidates(articles: ds.Dataset, fingerprints: ds.Dataset) -> list[Candidate]:
    """A run's candidates from its staged articles and their fingerprints.

    Raises:
        LakeError: if an article has no fingerprint, or one made with other parameters.
    """
    facts = fingerprints.to_table(columns=_FACTS)
    check_parameters(facts["parameters"].unique().to_pylist())
    place = {article_id: at for at, article_id in enumerate(facts["article_id"].to_pylist())}
    prints = [facts[name].to_pylist() for name in ("text_hash", "signature", "shingles")]
    rows = articles.to_table(columns=_CANDIDATE)
    columns = [rows[name].to_pylist() for name in _CANDIDATE]
    columns[2] = list(map(sys.intern, columns[2]))  # thousands of articles are of one source
    candidates = []
    for row in zip(*columns, strict=True):
        at = place.get(row[0])
        if at is None:
            message = (
                f"staged article {row[0]} ({row[1]}) has no fingerprint.\n"
                "Its shard was not staged whole: remove the run's staging and run again."
            )
            raise LakeError(message)
        known = (values[at] for values in prints)
        candidates.append(Candidate(*row[:4], *known, *row[4:]))
    return candidates


_CANDIDATE = ["article_id", "source_uri", "source", "words", "title", "published_at", "url"]


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
