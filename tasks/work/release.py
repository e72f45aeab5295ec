"""Verdicts taken again, because an article that they hung on has changed or is gone."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.candidates import Asked, Candidate, Earlier, EarlierIndex, MemoryIndex
from tasks.dedupe.decide import Decision, Mode, decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.guard import check_guard
from tasks.dedupe.index import ArticleTexts, ChainedTexts, read_candidates
from tasks.errors import RunStoppedError
from tasks.lake.earlier import open_index
from tasks.lake.runs import Run, under_run
from tasks.lake.verdict_rows import part_articles
from tasks.schemas import ARTICLES, STAGED
from tasks.work.rows import fingerprint_row


@dataclass(frozen=True, slots=True)
class Released:
    """What becomes of the copies of an article that is gone."""

    articles: pa.Table
    """Those that are published now, one of each group of copies."""
    prints: pa.Table
    """Their fingerprints."""
    duplicates: pa.Table
    """Those that are copies of another article, with the new evidence."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Articles to decide on, and their fingerprints, as a shard stages them."""

    articles: pa.Table
    prints: pa.Table


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
    decision = decide_anew(run, [Pool(articles, prints)], gone, mode)
    kept, still_withheld = part_articles(articles, decision)
    is_kept = pc.is_in(prints["article_id"], kept["article_id"].combine_chunks())
    return Released(kept, prints.filter(is_kept), still_withheld)


def decide_anew(
    run: Run, pools: Sequence[Pool], gone: Collection[str], mode: Mode, *, guard: bool = False
) -> Decision:
    """Decide on articles as if some published ones were not there.

    Those among them that were published are decided first: what is published stays published,
    unless it has become a copy of something that was published before it. An excerpt counts as a
    copy within its source, whatever ``--contained`` the runs that cut the articles were told.

    Args:
        run: The run that publishes.
        pools: The articles.
        gone: Published articles, by id, that count no more as they are in the lake.
        mode: As of ``decide``.
        guard: Whether to stop where one kept article would swallow too many others.

    Raises:
        RunStoppedError: by the guard.
    """
    articles = ds.dataset(pa.concat_tables([pool.articles for pool in pools]))
    prints = ds.dataset(pa.concat_tables([pool.prints for pool in pools]))
    candidates = read_candidates(articles, prints)
    earlier = open_index(run.lake)
    index = _Index(earlier, gone)
    texts = ChainedTexts(ArticleTexts(articles), earlier)
    ids = candidates.facts["article_id"].to_pylist()
    was_there = np.array([one in gone for one in ids], dtype=np.bool_)
    before = np.flatnonzero(was_there)
    first = decide(candidates.take(before), index, texts, mode)
    index.add([one for one in candidates.listed(before) if one.article_id not in first.withheld])
    second = decide(candidates.take(np.flatnonzero(~was_there)), index, texts, mode)
    decision = Decision(
        {**first.withheld, **second.withheld},
        {**first.supersedes, **second.supersedes},
        first.compared + second.compared,
        first.capped + second.capped,
    )
    trip = check_guard(decision, candidates.facts) if guard else None
    if trip is not None:
        raise RunStoppedError(trip.message)
    return decision


def fingerprint_articles(articles: pa.Table, run_id: str) -> pa.Table:
    """Staged rows of ``fingerprints`` for rows with ``article_id``, ``source_uri`` and ``text``."""
    rows = articles.select(["article_id", "source_uri", "text"]).to_pylist()
    return pa.Table.from_pylist(
        [
            fingerprint_row(row["article_id"], row["source_uri"], fingerprint(row["text"]), run_id)
            for row in rows
        ],
        schema=STAGED["fingerprints"].schema,
    )


class _Index:
    """``EarlierIndex`` that lacks some articles of the lake, and has some more."""

    def __init__(self, index: EarlierIndex, gone: Collection[str]) -> None:
        self._index = index
        self._gone = frozenset(gone)
        self._more = MemoryIndex()

    def add(self, candidates: Sequence[Candidate]) -> None:
        self._more = MemoryIndex([Earlier(**asdict(one)) for one in candidates])

    def find_earlier(self, asked: Asked) -> Sequence[Earlier]:
        """See ``EarlierIndex``."""
        found = self._index.find_earlier(asked)
        more = self._more.find_earlier(asked)
        return [*(one for one in found if one.article_id not in self._gone), *more]
