"""Look again at what is new, under the lake's lock, before anything is decided.

While this run was cutting, another may have published the same pages, and an input may have
failed in one shard and not in another; shards taken over from a dead run carry its name; and what
was forgotten stays away.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.lake.files import write_rows
from tasks.lake.forgotten import Forgotten, PageKey, read_forgotten, redact_pages
from tasks.lake.layout import Lake
from tasks.lake.runs import Run, under_run
from tasks.lake.seen import seen_pages
from tasks.lake.staging import StagedShard
from tasks.lake.tables import open_table
from tasks.read.refs import ACCESS_REASONS
from tasks.read.uris import split_record
from tasks.schemas import STAGED

BOOKS = (
    "pages_in",
    "pages_new",
    "pages_seen",
    "pages_rejected",
    "pages_left_out",
    "articles_cut",
    "articles_published",
    "articles_withheld",
)
"""What must balance: always in ``runs.counts``, zero or not."""

STAGED_TABLES = ("pages", "articles", "fingerprints", "rejects", "inputs", "lines")


@dataclass(frozen=True, slots=True)
class Settled:
    """Shards as they will be published, and what was dropped from them."""

    shards: tuple[StagedShard, ...]
    pages_seen: int
    """Pages that another run published while this one was cutting, and those to forget."""
    pages_left_out: int
    """Pages of inputs that could not be read to the end: the next run reads them again."""


def settle(run: Run, shards: Sequence[StagedShard], pages_version: int, folder: Path) -> Settled:
    """Check again what is new, and bring shards of a dead run under this run's name.

    Args:
        run: The run that publishes.
        shards: What was cut, or taken over.
        pages_version: Version of ``pages`` at discovery; while it stays, nobody has published.
        folder: The run's staging folder, for what is written anew.
    """
    failed = frozenset(uri for shard in shards for uri in shard.failed_inputs)
    is_moved = open_table(run.lake, "pages").version() != pages_version
    forgotten = read_forgotten(run.lake)
    settled, seen_count, left_out = [], 0, 0
    for shard in shards:
        if forgotten:
            shard, dropped = _drop_forgotten(run, shard, forgotten, folder)
            seen_count += dropped
        if not failed and not is_moved and shard.run_id == run.run_id:
            settled.append(shard)
            continue
        pages = shard.rows("pages", ["source_uri", "page_id"])
        inputs = [split_record(uri)[0] for uri in pages["source_uri"].to_pylist()]
        is_failed = pa.array([uri in failed for uri in inputs], pa.bool_())
        is_seen = _seen_mask(run.lake, pages, inputs) if is_moved else _all_false(len(inputs))
        keep = pc.invert(pc.or_(is_failed, is_seen))
        lost = len(inputs) - (pc.sum(keep).as_py() or 0)
        if lost or failed or shard.run_id != run.run_id:
            before = shard.rows("rejects", ["reason"]).num_rows
            shard = _rewrite(run, shard, keep, failed, folder)
            left_out += before - shard.rows("rejects", ["reason"]).num_rows
        seen_count += pc.sum(pc.and_not(is_seen, is_failed)).as_py() or 0
        left_out += pc.sum(is_failed).as_py() or 0
        settled.append(shard)
    return Settled(tuple(settled), seen_count, left_out)


def count_books(settled: Settled, unchanged_records: int) -> Counter[str]:
    """The books of pages: in, new, seen before, rejected, left out; and articles cut.

    ``pages_in`` is what the readers counted; the others are counted from the rows that will be
    published, so that the two can disagree if something was lost.
    """
    books = Counter(dict.fromkeys(BOOKS, 0))
    books["pages_in"] = unchanged_records
    books["pages_seen"] = unchanged_records + settled.pages_seen
    books["pages_left_out"] = settled.pages_left_out
    for shard in settled.shards:
        books["pages_in"] += shard.counts.get("pages_in", 0)
        books["pages_seen"] += shard.counts.get("pages_seen", 0)
        books["pages_new"] += _count_rows(shard, "pages")
        books["articles_cut"] += _count_rows(shard, "articles")
        rejects = shard.rows("rejects", ["reason"])
        books["pages_rejected"] += rejects.num_rows
        for reason, count in Counter(rejects["reason"].to_pylist()).items():
            books[f"rejected.{reason}"] += count
    return books


def _count_rows(shard: StagedShard, table: str) -> int:
    """As the file says itself: it need not be read."""
    file = shard.file(table)
    return int(pq.read_metadata(file).num_rows) if file.exists() else 0


def _seen_mask(lake: Lake, pages: pa.Table, inputs: Sequence[str]) -> pa.Array:
    seen = seen_pages(lake, sorted(set(inputs))).pages
    keys = zip(pages["source_uri"].to_pylist(), pages["page_id"].to_pylist(), strict=True)
    return pa.array([key in seen for key in keys], pa.bool_())


def _drop_forgotten(
    run: Run, shard: StagedShard, forgotten: Forgotten, folder: Path
) -> tuple[StagedShard, int]:
    """A shard without what must not be ingested, and how many of its pages and rejects that were.

    Of a page that has other articles too, only the text of the forgotten one is blotted out.
    """
    pages = shard.rows("pages", ["source_uri", "url", "source"])
    keep = [
        not forgotten.has_page(*page)
        for page in zip(*(one.to_pylist() for one in pages.columns), strict=True)
    ]
    rejects = shard.rows("rejects")
    stays = [not forgotten.has_page(uri, None, "") for uri in rejects["source_uri"].to_pylist()]
    prints = shard.rows("fingerprints", ["article_id", "text_hash"])
    articles = {
        one
        for one, text_hash in zip(*(col.to_pylist() for col in prints.columns), strict=True)
        if forgotten.has_text(text_hash)
    }
    dropped = keep.count(False) + stays.count(False)
    if not dropped and not articles:
        return shard, 0
    target = replace(shard, folder=str(folder / "remembered" / shard.name))
    rows = {name: shard.rows(name) for name in STAGED_TABLES}
    kept = _kept_rows(run.run_id, rows, pa.array(keep, pa.bool_()), articles)
    kept["rejects"] = rejects.filter(pa.array(stays, pa.bool_()))
    known = [
        not forgotten.has("source_uri", uri) for uri in rows["inputs"]["input_uri"].to_pylist()
    ]
    kept["inputs"] = rows["inputs"].filter(pa.array(known, pa.bool_()))
    for name, content in kept.items():
        if content.num_rows:
            write_rows(content, target.file(name), STAGED[name], run.versions)
    return target, dropped


def _all_false(size: int) -> pa.Array:
    return pa.array(np.zeros(size, dtype=bool))


def _rewrite(
    run: Run, shard: StagedShard, keep: pa.Array, failed: frozenset[str], folder: Path
) -> StagedShard:
    """A shard without the pages to drop, all rows of it under this run's id and times."""
    target = folder / "settled" / shard.name
    rows = {name: shard.rows(name) for name in STAGED_TABLES}
    kept = _kept_rows(run.run_id, rows, keep)
    rejects, inputs = rows["rejects"], rows["inputs"]
    if failed:
        whose = [split_record(uri)[0] in failed for uri in rejects["source_uri"].to_pylist()]
        is_access = pc.is_in(rejects["reason"], pa.array(sorted(ACCESS_REASONS)))
        rejects = rejects.filter(pc.or_(pc.invert(pa.array(whose, pa.bool_())), is_access))
        inputs = inputs.filter(pc.invert(pc.is_in(inputs["input_uri"], pa.array(sorted(failed)))))
    kept |= {"rejects": rejects, "inputs": inputs}
    settled = replace(shard, run_id=run.run_id, folder=str(target))
    for name, content in kept.items():
        if content.num_rows:
            write_rows(under_run(content, run), settled.file(name), STAGED[name], run.versions)
    return settled


def _kept_rows(
    run_id: str, rows: Mapping[str, pa.Table], keep: pa.Array, forgotten: Collection[str] = ()
) -> dict[str, pa.Table]:
    """Rows of the pages that are kept, by table; their articles but for the forgotten ones."""
    pages = rows["pages"].filter(keep)
    keys = set(zip(pages["source_uri"].to_pylist(), pages["page_id"].to_pylist(), strict=True))
    blotted: defaultdict[PageKey, set[int]] = defaultdict(set)
    is_kept = []
    columns = ("article_id", "source_uri", "page_id", "position")
    for identity, uri, page, position in zip(
        *(rows["articles"][name].to_pylist() for name in columns), strict=True
    ):
        is_kept.append((uri, page) in keys and identity not in forgotten)
        if identity in forgotten:
            blotted[uri, page].add(position)
    articles = rows["articles"].filter(pa.array(is_kept, pa.bool_()))
    prints = rows["fingerprints"]
    teaches = pa.array(
        [
            key not in blotted
            for key in zip(
                rows["pages"]["source_uri"].to_pylist(),
                rows["pages"]["page_id"].to_pylist(),
                strict=True,
            )
        ],
        pa.bool_(),
    )
    return {
        "pages": redact_pages(pages, blotted, run_id) if blotted else pages,
        "articles": articles,
        "fingerprints": prints.filter(pc.is_in(prints["article_id"], articles["article_id"])),
        "lines": _kept_lines(rows["lines"], keep, teaches),
    }


def _kept_lines(lines: pa.Table, keep: pa.Array, teaches: pa.Array) -> pa.Table:
    """The lines of the pages that are kept and teach, by these pages' new places."""
    page = lines["page"].combine_chunks()
    place = pc.subtract(pc.cumulative_sum(keep.cast(pa.int64())), 1).cast(page.type)
    moved = lines.set_column(0, lines.schema.field("page"), place.take(page))
    return moved.filter(pc.and_(keep, teaches).take(page))
