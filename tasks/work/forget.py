"""Takedown: articles and pages gone from every table and file, and never ingested again."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.fingerprint import fingerprint
from tasks.lake.commit import roll_forward
from tasks.lake.forgotten import (
    forgotten_rows,
    read_forgotten,
    redact_pages,
)
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.reports import drop_reports
from tasks.lake.rewrite import Rewrite
from tasks.lake.runs import Run, run_row, run_rows
from tasks.lake.staging import claim_staging, find_dead_runs, remove_dead_run
from tasks.lake.tables import create_tables, dataset
from tasks.lake.unlearn import Unlearned
from tasks.lake.verdict_rows import unlink
from tasks.schemas import FORGOTTEN, PAGES
from tasks.work.by_hand import run_by_hand
from tasks.work.release import Released, release
from tasks.work.targets import Found, Targets, any_of, find_targets, is_uri


@dataclass(frozen=True, slots=True)
class Takedown:
    """What a takedown does, or would do."""

    run_id: str
    pages: int
    """Pages that are gone."""
    redacted: int
    """Pages that stay, the text of a forgotten article blotted out."""
    published: int
    """Articles that were published."""
    withheld: int
    """Articles that were withheld as copies."""
    released: int
    """Copies that are published in the place of a forgotten article."""
    rejects: int
    examples: tuple[str, ...]
    """Titles or addresses of some, for a person to check."""


EXAMPLES = 5


def forget(
    lake: Lake,
    targets: Targets,
    why: str,
    by: str,
    *,
    with_copies: bool = False,
    dry_run: bool = False,
    wait_seconds: float = 600.0,
) -> Takedown:
    """Take articles and pages out of every table, and put them on the list of what stays away.

    Withheld copies of a forgotten article are decided anew, and one of them is published in its
    place, unless ``with_copies`` has them forgotten too.

    Args:
        lake: From where.
        targets: What.
        why: The reason, for the row in ``runs``.
        by: Who asks.
        with_copies: Forget withheld copies as well.
        dry_run: Only say what would be done.
        wait_seconds: How long to wait for another writer.

    Raises:
        SettingError: where an article is not there, or a beginning of an id is ambiguous.
        LakeError: where there is no lake, or a newer one.
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    told = {"command": "forget", "by": by, "why": why, "with_copies": with_copies}
    run = run_by_hand(lake, "forget", told | asdict(targets))
    with lake_lock(lake, run.name, wait_seconds):
        create_tables(lake)
        roll_forward(lake)
        found = find_targets(lake, targets, with_copies)
        if dry_run:
            return _plan_only(run, targets, found)
        with claim_staging(lake, run.run_id, run.facts) as folder:
            # Cut pages of a run that died may hold what must go; they are cut again without it.
            for dead in find_dead_runs(lake):
                if dead.run_id != run.run_id:
                    remove_dead_run(dead)
            return _carry_out(run, targets, found, f"{by}: {why}", folder)


def _plan_only(run: Run, targets: Targets, found: Found) -> Takedown:
    pages = _count(run.lake, "pages", found.where)
    published = _published_ids(run.lake, found)
    released = release(run, found.copies, published).articles.num_rows
    where = _where_rejects(targets, _uris_of_pages(run.lake, found))
    rejects = _count(run.lake, "rejects", where)
    redacted = len(_staying_pages(run.lake, found))
    return _takedown(run, found, pages, redacted, len(published), released, rejects)


def _count(lake: Lake, table: str, where: pc.Expression | None) -> int:
    return 0 if where is None else int(dataset(lake, table).count_rows(filter=where))


def _published_ids(lake: Lake, found: Found) -> list[str]:
    ids = pc.field("article_id").isin(found.articles["article_id"].combine_chunks())
    return list(dataset(lake, "articles").to_table(["article_id"], filter=ids)[0].to_pylist())


def _uris_of_pages(lake: Lake, found: Found) -> list[str]:
    """Where the pages that go came from."""
    if found.where is None:
        return []
    pages = dataset(lake, "pages").to_table(["source_uri"], filter=found.where)
    return list(pages["source_uri"].to_pylist())


def _where_rejects(targets: Targets, uris: Sequence[str]) -> pc.Expression | None:
    """Rejects at the places of the pages that go, and at those that are named."""
    at_pages = pc.field("source_uri").isin(pa.array(uris, pa.string()))
    named = [is_uri(pc.field("source_uri"), one) for one in targets.source_uris]
    return any_of([*([at_pages] if uris else []), *named])


def _takedown(
    run: Run, found: Found, pages: int, redacted: int, published: int, released: int, rejects: int
) -> Takedown:
    rows = found.articles.slice(0, EXAMPLES).to_pylist()
    return Takedown(
        run_id=run.run_id,
        pages=pages,
        redacted=redacted,
        published=published,
        withheld=found.articles.num_rows - published,
        released=released,
        rejects=rejects,
        examples=tuple(row["title"] or row["url"] or row["source_uri"] for row in rows),
    )


def _carry_out(run: Run, targets: Targets, found: Found, message: str, folder: Path) -> Takedown:
    lake, rewrite = run.lake, Rewrite(run, folder)
    published = _published_ids(lake, found)
    released = release(run, found.copies, published)
    unlearned = _unlearn(lake, found, targets, set(published))
    rejects = _forget_rejects(rewrite, found, targets)
    redacted = len(_staying_pages(lake, found))
    pages = _forget_pages(rewrite, found)
    _forget_articles(rewrite, found, released, published)
    if unlearned.sources or targets.sources:
        concerned = pa.array([*unlearned.sources, *targets.sources])
        rewrite.take_out(
            "learned",
            pc.field("source").isin(concerned),
            lambda rows: unlearned.take_back(
                rows.filter(~pc.field("source").isin(pa.array(targets.sources, pa.string()))),
                run.run_id,
            ),
        )
    _remember(rewrite, targets, found)
    done = _takedown(
        run, found, pages, redacted, len(published), released.articles.num_rows, rejects
    )
    counts = {
        "pages_forgotten": done.pages,
        "pages_redacted": done.redacted,
        "articles_forgotten": done.published,
        "duplicates_forgotten": done.withheld,
        "articles_released": done.released,
        "rejects_forgotten": done.rejects,
    }
    rewrite.put_in("runs", run_rows([run_row(run, "completed", counts, {}, {}, message)]))
    # Before and after: neither one that dies here nor one made meanwhile may show them any more.
    drop_reports(lake)
    rewrite.publish()
    drop_reports(lake)
    return done


def _forget_pages(rewrite: Rewrite, found: Found) -> int:
    """Take whole pages out, and blot articles out of those that stay."""
    keys = [uri for uri, _ in found.positions]
    stays = pc.field("source_uri").isin(pa.array(keys, pa.string()))
    goes = pc.scalar(False) if found.where is None else found.where
    gone = _count(rewrite.run.lake, "pages", found.where)

    def change(rows: pa.Table) -> pa.Table:
        return redact_pages(rows.filter(~goes), found.positions, rewrite.run.run_id)

    rewrite.take_out("pages", goes | stays, change)
    return gone


def _staying_pages(lake: Lake, found: Found) -> set[tuple[str, str]]:
    """Pages out of which an article is blotted: those that don't go whole."""
    if found.where is None or not found.positions:
        return set(found.positions)
    rows = dataset(lake, "pages").to_table(["source_uri", "page_id"], filter=found.where)
    return set(found.positions) - {(row["source_uri"], row["page_id"]) for row in rows.to_pylist()}


def _forget_articles(
    rewrite: Rewrite, found: Found, released: Released, published: Sequence[str]
) -> None:
    """Take articles out, put released ones in, and let no link point at what is gone."""
    gone = found.articles["article_id"].combine_chunks()
    is_gone, is_linked = pc.field("article_id").isin(gone), pc.field("supersedes").isin(gone)
    rewrite.take_out(
        "articles", is_gone | is_linked, lambda rows: unlink(rows.filter(~is_gone), gone)
    )
    moved = pc.field("article_id").isin(found.copies["article_id"].combine_chunks())
    rewrite.take_out("duplicates", is_gone | moved)
    rewrite.take_out_of_index(published)
    rewrite.put_in("articles", released.articles, "released")
    rewrite.put_in("duplicates", released.duplicates, "released")
    rewrite.put_in_index(released.prints)


def _forget_rejects(rewrite: Rewrite, found: Found, targets: Targets) -> int:
    """Take out rejects and inputs at the places of what is forgotten."""
    uris = _uris_of_pages(rewrite.run.lake, found)
    inputs = pa.array(sorted({*uris, *targets.source_uris}), pa.string())
    rewrite.take_out("inputs", pc.field("input_uri").isin(inputs))
    where = _where_rejects(targets, uris)
    return 0 if where is None else rewrite.take_out("rejects", where)


def _unlearn(lake: Lake, found: Found, targets: Targets, published: set[str]) -> Unlearned:
    """What the pages concerned had taught: those with a published article that is no revision."""
    unlearned = Unlearned()
    columns = ["article_id", "source_uri", "page_id", "supersedes"]
    taught = {
        (row["source_uri"], row["page_id"])
        for row in found.articles.select(columns).to_pylist()
        if row["article_id"] in published and row["supersedes"] is None
    }
    uris = pa.array(sorted({uri for uri, _ in taught}), pa.string())
    for row in _pages(lake, pc.field("source_uri").isin(uris)):
        is_teacher = (row["source_uri"], row["page_id"]) in taught
        if is_teacher and row["source"] not in targets.sources:
            unlearned.add(row["source"], row["text"], row["spans"])
    return unlearned


def _pages(lake: Lake, where: pc.Expression) -> Iterator[dict[str, Any]]:
    columns = ["source_uri", "page_id", "source", "text", "spans"]
    for batch in dataset(lake, PAGES.name).to_batches(columns=columns, filter=where):
        yield from batch.to_pylist()


def _remember(rewrite: Rewrite, targets: Targets, found: Found) -> None:
    """Put what is forgotten on the list. Texts too, but for a source's: others may have them."""
    is_of_source = pc.is_in(found.articles["source"], pa.array(targets.sources, pa.string()))
    texts = found.articles.filter(pc.invert(is_of_source))["text"].to_pylist()
    prints = [one for one in map(fingerprint, texts) if one.shingles]
    run_id, known = rewrite.run.run_id, read_forgotten(rewrite.run.lake).hashes
    rows = forgotten_rows(targets.named, (one.text_hash for one in prints), run_id).to_pylist()
    fresh = [row for row in rows if (row["kind"], row["hash"]) not in known]
    rewrite.put_in("forgotten", pa.Table.from_pylist(fresh, schema=FORGOTTEN.schema))
