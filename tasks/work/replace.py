"""Recut pages put in the place of what they were, and the verdicts that hung on them taken again.

Under the lake's lock. What was published stays published if it can: those articles are decided
first; then those that were withheld, and copies of an article that has changed or is gone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.decide import Decision, Mode
from tasks.lake.commit import roll_forward
from tasks.lake.forgotten import PageKey
from tasks.lake.layout import Lake
from tasks.lake.rewrite import Rewrite
from tasks.lake.runs import Run, run_row, run_rows, slowest_shards, under_run
from tasks.lake.tables import read
from tasks.lake.verdict_rows import part_articles, unlink
from tasks.schemas import ARTICLES, DUPLICATES
from tasks.work.recut import Recut
from tasks.work.release import Pool, decide_anew, fingerprint_articles


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a reprocess did to the lake."""

    counts: dict[str, int]
    rules: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Before:
    """What the lake has of the pages that change."""

    published: frozenset[str]
    """article_ids."""
    withheld: frozenset[str]
    copies: pa.Table
    """Rows of ``duplicates`` of other pages that point at one of the published."""


def replace_pages(
    run: Run, shards: Sequence[Recut], mode: Mode, folder: Path, *, guard: bool
) -> Replaced:
    """Decide on the recut pages' articles and publish it all as one publication.

    Pages that somebody else has rewritten, or taken out, since they were cut are left alone.

    Raises:
        RunStoppedError: by the guard.
    """
    roll_forward(run.lake)
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for shard in shards:
        counts.update(shard.counts)
        rules.update(shard.rules)
        seconds.update({f"worker.{name}": spent for name, spent in shard.seconds.items()})
    seconds.update(slowest_shards({shard.name: shard.seconds for shard in shards}))
    stale = _stale_pages(run.lake, shards)
    counts["pages_left_alone"] = len(stale)
    staged = [_Shard.of(shard, stale) for shard in shards if shard.counts.get("pages_changed")]
    keys = {key for shard in staged for key in shard.keys}
    before = _read_before(run.lake, keys)
    released = under_run(before.copies.select(ARTICLES.schema.names), run).cast(ARTICLES.schema)
    prints = fingerprint_articles(released, run.run_id)
    pools = [Pool(shard.articles, shard.prints) for shard in staged]
    decision = decide_anew(
        run, [*pools, Pool(released, prints)], before.published, mode, guard=guard
    )
    rewrite = Rewrite(run, folder)
    kept = _put_in(rewrite, staged, released, decision)
    _take_out(rewrite, keys, before, kept)
    _index(rewrite, kept, [*(shard.prints for shard in staged), prints], before)
    counts["articles_before"] = len(before.published)
    counts["articles_published"] = sum(rows.num_rows for rows in kept)
    counts["articles_withheld"] = len(decision.withheld)
    counts["articles_released"] = _count(released, decision)
    row = run_row(run, "completed" if keys else "nothing-new", counts, rules, seconds)
    rewrite.put_in("runs", run_rows([row]))
    rewrite.publish()
    return Replaced(dict(counts), dict(rules))


@dataclass(frozen=True, slots=True)
class _Shard:
    """A shard's rows, without pages that changed meanwhile."""

    name: str
    pages: pa.Table
    articles: pa.Table
    prints: pa.Table

    @classmethod
    def of(cls, shard: Recut, stale: set[PageKey]) -> "_Shard":
        pages, articles = shard.rows("pages"), shard.rows("articles")
        prints = shard.rows("fingerprints")
        if stale:
            pages = pages.filter(_mask(pages, stale))
            articles = articles.filter(_mask(articles, stale))
            prints = prints.filter(pc.is_in(prints["article_id"], _ids(articles)))
        return cls(shard.name, pages, articles, prints)

    @property
    def keys(self) -> list[PageKey]:
        return _keys(self.pages)


def _stale_pages(lake: Lake, shards: Iterable[Recut]) -> set[PageKey]:
    """Pages whose row is not the one that was cut again."""
    bases = {key: run_id for shard in shards for key, run_id in shard.bases.items()}
    uris = pa.array(sorted({uri for uri, _ in bases}), pa.string())
    columns = ["source_uri", "page_id", "run_id"]
    rows = read(lake, "pages", columns, pc.field("source_uri").isin(uris))
    now = dict(zip(_keys(rows), rows["run_id"].to_pylist(), strict=True))
    return {key for key, run_id in bases.items() if now.get(key) != run_id}


def _read_before(lake: Lake, keys: set[PageKey]) -> _Before:
    uris = pa.array(sorted({uri for uri, _ in keys}), pa.string())
    of_pages = pc.field("source_uri").isin(uris)
    found = []
    for table in ("articles", "duplicates"):
        rows = read(lake, table, ["article_id", "source_uri", "page_id"], of_pages)
        found.append(
            frozenset(
                one
                for one, key in zip(rows["article_id"].to_pylist(), _keys(rows), strict=True)
                if key in keys
            )
        )
    published, withheld = found
    points = pc.field("kept_article_id").isin(pa.array(sorted(published), pa.string()))
    others = ~pc.field("article_id").isin(pa.array(sorted(withheld), pa.string()))
    copies = read(lake, "duplicates", DUPLICATES.schema.names, points & others)
    return _Before(published, withheld, copies)


def _put_in(
    rewrite: Rewrite, shards: Sequence[_Shard], released: pa.Table, decision: Decision
) -> list[pa.Table]:
    """Add new rows of pages, articles and duplicates; the articles that are published."""
    kept = []
    for shard in shards:
        rewrite.put_in("pages", shard.pages, shard.name)
        published, copies = part_articles(shard.articles, decision)
        rewrite.put_in("duplicates", copies, shard.name)
        days = pc.cast(published["ingested_at"], pa.date32())
        for day in pc.unique(days).to_pylist():
            rows = published.filter(pc.equal(days, pa.scalar(day, pa.date32())))
            rewrite.put_in("articles", rows, f"{shard.name}-{day:%Y%m%d}", day)
        kept.append(published)
    published, copies = part_articles(released, decision)
    rewrite.put_in("articles", published, "released")
    rewrite.put_in("duplicates", copies, "released")
    return [*kept, published]


def _take_out(
    rewrite: Rewrite, keys: set[PageKey], before: _Before, kept: Sequence[pa.Table]
) -> None:
    """Take the old rows out; links to an article that is not published any more end."""
    uris = pa.array(sorted({uri for uri, _ in keys}), pa.string())

    def spare(rows: pa.Table) -> pa.Table:
        return rows.filter(_mask(rows, keys))

    rewrite.take_out("pages", pc.field("source_uri").isin(uris), spare)
    after = {one for rows in kept for one in rows["article_id"].to_pylist()}
    old = pa.array(sorted(before.published), pa.string())
    gone = pa.array(sorted(before.published - after), pa.string())
    is_old, is_linked = pc.field("article_id").isin(old), pc.field("supersedes").isin(gone)
    rewrite.take_out(
        "articles", is_old | is_linked, lambda rows: unlink(rows.filter(~is_old), gone)
    )
    copies = {*before.withheld, *before.copies["article_id"].to_pylist()}
    rewrite.take_out(
        "duplicates", pc.field("article_id").isin(pa.array(sorted(copies), pa.string()))
    )
    rewrite.take_out_of_index(before.published)


def _index(
    rewrite: Rewrite, kept: Sequence[pa.Table], prints: Sequence[pa.Table], before: _Before
) -> None:
    rows, published = pa.concat_tables(prints), pa.concat_tables(kept)
    rows = rows.filter(pc.is_in(rows["article_id"], _ids(published)))
    place = pc.index_in(rows["article_id"], value_set=_ids(published))
    days = pc.cast(published["ingested_at"], pa.date32()).combine_chunks()
    rewrite.put_in_index(rows.combine_chunks(), days.take(place.combine_chunks()))


def _count(released: pa.Table, decision: Decision) -> int:
    return sum(one not in decision.withheld for one in released["article_id"].to_pylist())


def _keys(rows: pa.Table) -> list[PageKey]:
    return list(zip(rows["source_uri"].to_pylist(), rows["page_id"].to_pylist(), strict=True))


def _mask(rows: pa.Table, without: set[PageKey]) -> pa.Array:
    return pa.array([key not in without for key in _keys(rows)], pa.bool_())


def _ids(rows: pa.Table) -> pa.Array:
    return rows["article_id"].combine_chunks()
