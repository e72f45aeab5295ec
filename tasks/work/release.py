"""Withheld articles decided anew, because the article that each was a copy of is gone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.candidates import Earlier, EarlierIndex, Ints
from tasks.dedupe.decide import Mode, decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.index import ArticleTexts, ChainedTexts, read_candidates
from tasks.lake.earlier import open_index
from tasks.lake.runs import Run, under_run
from tasks.lake.verdict_rows import part_articles
from tasks.schemas import ARTICLES, STAGED
from tasks.work.rows import fingerprint_row


@dataclass(frozen=True, slots=True)
class Released:
    """What becomes of the copies."""

    articles: pa.Table
    """Those that are published now, one of each group of copies."""
    prints: pa.Table
    """Their fingerprints."""
    duplicates: pa.Table
    """Those that are copies of another article, with the new evidence."""


def release(run: Run, copies: pa.Table, gone: Collection[str], mode: Mode = "near") -> Released:
    """Take the verdicts on withheld articles again. Call it under the lake's lock.

    Args:
        run: The run that publishes them.
        copies: Rows of ``duplicates``.
        gone: Published articles, by id, that will not be there any more.
        mode: As of ``decide``.
    """
    articles = under_run(copies.select(ARTICLES.schema.names), run).cast(ARTICLES.schema)
    prints = fingerprint_articles(articles, run.run_id)
    index = open_index(run.lake)
    decision = decide(
        read_candidates(ds.dataset(articles), ds.dataset(prints)),
        IndexWithout(index, gone),
        ChainedTexts(ArticleTexts(ds.dataset(articles)), index),
        mode,
    )
    kept, still_withheld = part_articles(articles, decision)
    is_kept = pc.is_in(prints["article_id"], kept["article_id"].combine_chunks())
    return Released(kept, prints.filter(is_kept), still_withheld)


class IndexWithout:
    """``EarlierIndex`` that has some articles no more."""

    def __init__(self, index: EarlierIndex, gone: Collection[str]) -> None:
        self._index = index
        self._gone = frozenset(gone)

    def find_earlier(
        self, text_hashes: Ints, keys: Ints, passages: Sequence[Ints]
    ) -> Sequence[Earlier]:
        """See ``EarlierIndex``."""
        found = self._index.find_earlier(text_hashes, keys, passages)
        return [one for one in found if one.article_id not in self._gone]


def fingerprint_articles(articles: pa.Table, run_id: str) -> pa.Table:
    """Rows of ``fingerprints`` for rows that have ``article_id``, ``source_uri`` and ``text``."""
    rows = articles.select(["article_id", "source_uri", "text"]).to_pylist()
    return pa.Table.from_pylist(
        [
            fingerprint_row(row["article_id"], row["source_uri"], fingerprint(row["text"]), run_id)
            for row in rows
        ],
        schema=STAGED["fingerprints"].schema,
    )
