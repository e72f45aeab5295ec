"""From settled shards and verdicts to an intent: which file goes where. Under the lake's lock."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.decide import Decision
from tasks.lake.commit import roll_forward
from tasks.lake.earlier import next_number, number_rows
from tasks.lake.files import delta_statistics, write_rows
from tasks.lake.intent import (
    AddedFile,
    Intent,
    RemovedFile,
    TableChange,
    read_intent,
    write_intent,
)
from tasks.lake.learn import merge_learned
from tasks.lake.retries import find_resolved
from tasks.lake.runs import Run, run_rows
from tasks.lake.settle import Settled
from tasks.lake.staging import StagedShard
from tasks.lake.tables import open_table
from tasks.lake.upsert import Replaced, find_replaced
from tasks.lake.verdict_rows import part_articles
from tasks.memory import give_back
from tasks.schemas import INDEX_TABLES, STAGED, TABLES

INDEX_ROWS = 20_000
"""Articles in a file of the index, or a shard's more: sorting their keys takes some 80 MB."""
FILE_ROWS = 8_000
"""Articles in a file that is written anew, or a shard's more: some 16 MB of text."""
WRITERS = min(4, len(os.sched_getaffinity(0)))
"""Threads that write files: Arrow compresses without Python's lock."""


@dataclass(frozen=True, slots=True)
class Added:
    """Rows written for a table, and where they will go."""

    table: str
    staged: Path
    name: str
    """``shard-003``, or what the rows are one file of."""
    partition: date | None = None
    """Day of the partition it goes to, in a table that has them; None is the run's own."""


def name_publication(run: Run) -> str:
    """What the run's next publication is called: it names the files and the commits.

    The run's id; with a number if the run, tried again as a whole, has published before.
    """
    name, number = run.run_id, 1
    while _is_published(run, name):
        number += 1
        name = f"{run.run_id}.{number}"
    return name


def publish(
    run: Run,
    publication: str,
    settled: Settled,
    decision: Decision,
    run_facts: Iterable[dict[str, Any]],
    folder: Path,
) -> None:
    """Write the intent of a publication and carry it out; does nothing if that was done.

    Args:
        run: The run that publishes.
        publication: As ``name_publication`` gave it before the first try.
        settled: Its shards.
        decision: Which articles go to ``duplicates``, and which supersede earlier ones.
        run_facts: Rows for ``runs``.
        folder: The run's staging folder.
    """
    # Tried again: what is half done is finished, what is done is not done twice.
    if read_intent(run.lake) is not None:
        roll_forward(run.lake)
    if _is_published(run, publication):
        return
    out = folder / "publish"
    removed: dict[str, tuple[RemovedFile, ...]] = {}
    added = [
        Added("pages", shard.file("pages"), shard.name)
        for shard in settled.shards
        if shard.file("pages").exists()
    ]
    untaught = decision.withheld.keys() | decision.supersedes.keys()
    with ThreadPoolExecutor(WRITERS) as writers:
        prints = writers.submit(_fingerprint_files, run, settled.shards, decision.withheld, out)
        learned = writers.submit(merge_learned, run, settled.shards, untaught)
        untouched, groups = _group_shards(settled.shards, decision)
        added += [Added("articles", shard.file("articles"), shard.name) for shard in untouched]
        articles = [writers.submit(_article_files, run, group, decision, out) for group in groups]
        for files in (*articles, prints):
            added += files.result()
        taught = learned.result()
    if taught is not None:
        file, removed["learned"] = _replace(run, "learned", *taught, out)
        added.append(file)
    rejects, inputs = _gather(settled.shards, "rejects"), _gather(settled.shards, "inputs")
    resolved = _resolved(run, settled.shards, rejects, inputs)
    for table, rows, gone in (
        ("rejects", rejects, resolved),
        ("inputs", inputs, None),
        ("runs", run_rows(list(run_facts)), None),
    ):
        if rows.num_rows or gone:
            file, removed[table] = _upsert(run, table, rows, out, gone)
            added.append(file)
    carry_out(run, publication, added, removed)


def publish_decision(
    run: Run, rows: pa.Table, replaced: Replaced, run_facts: dict[str, Any], folder: Path
) -> None:
    """Publish what a person decided: rows of ``learned``, and the row of the run that says so."""
    out = folder / "publish"
    learned, learned_removed = _replace(run, "learned", rows, replaced, out)
    runs, runs_removed = _upsert(run, "runs", run_rows([run_facts]), out)
    removed = {"learned": learned_removed, "runs": runs_removed}
    carry_out(run, name_publication(run), [learned, runs], removed)


def carry_out(
    run: Run,
    publication: str,
    added: Sequence[Added],
    removed: Mapping[str, tuple[RemovedFile, ...]],
    *,
    is_rewrite: bool = False,
    keep_files: bool = False,
) -> None:
    """Write an intent and carry it out. Call it under the lake's lock.

    Args:
        run: The run that publishes.
        publication: As ``name_publication`` gave it.
        added: Files to put into tables.
        removed: By table: files to take out, whose other rows the added ones hold.
        is_rewrite: As of ``TableChange``.
        keep_files: As of ``TableChange``.
    """
    intent = _intent(run, publication, added, removed)
    changes = tuple(
        replace(change, is_rewrite=is_rewrite, keep_files=keep_files) for change in intent.changes
    )
    write_intent(run.lake, replace(intent, changes=changes))
    roll_forward(run.lake)


def _group_shards(
    shards: Sequence[StagedShard], decision: Decision
) -> tuple[list[StagedShard], list[list[StagedShard]]]:
    """Shards whose articles are published as staged; the others, those of a file together."""
    concerned = pa.array([*decision.withheld, *decision.supersedes], pa.string())
    untouched: list[StagedShard] = []
    groups: list[list[StagedShard]] = []
    room = 0
    for shard in shards:
        identities = shard.rows("articles", ["article_id"])["article_id"]
        if not pc.any(pc.is_in(identities, concerned)).as_py():
            untouched += [shard] if len(identities) else []
            continue
        if len(identities) > room:
            groups.append([])
            room = FILE_ROWS
        groups[-1].append(shard)
        room -= len(identities)
    return untouched, groups


def _article_files(
    run: Run, shards: Sequence[StagedShard], decision: Decision, out: Path
) -> list[Added]:
    """Files of some shards' published and withheld articles."""
    parted = [part_articles(shard.rows("articles"), decision) for shard in shards]
    published, copies = (pa.concat_tables(rows) for rows in zip(*parted, strict=True))
    tables = {"duplicates": copies, "articles": published}
    added = [
        _write(run, name, rows, shards[0].name, out) for name, rows in tables.items() if len(rows)
    ]
    give_back()
    return added


def _fingerprint_files(
    run: Run, shards: Sequence[StagedShard], withheld: Mapping[str, object], out: Path
) -> list[Added]:
    """Fingerprints and bands of what is published: one file each, or several of many rows."""
    added: list[Added] = []
    first = next_number(run.lake)
    for rows in _published_prints(shards, withheld):
        dates = pa.repeat(pa.scalar(run.ingest_date), rows.num_rows)
        name = f"index-{len(added) // 2 + 1:03d}" if added else "index"
        for table, indexed in zip(INDEX_TABLES, number_rows(rows, dates, first), strict=True):
            added.append(_write(run, table, indexed, name, out))
        first += rows.num_rows
        give_back()
    return added


def _published_prints(
    shards: Sequence[StagedShard], withheld: Mapping[str, object]
) -> Iterator[pa.Table]:
    """The fingerprints of what is published, so many shards' at a time as ``INDEX_ROWS`` hold."""
    gathered: list[pa.Table] = []
    copies = pa.array(list(withheld), pa.string())
    for number, shard in enumerate(shards, 1):
        rows = shard.rows("fingerprints")
        gathered.append(rows.filter(pc.invert(pc.is_in(rows["article_id"], copies))))
        count = sum(rows.num_rows for rows in gathered)
        if count and (count >= INDEX_ROWS or number == len(shards)):
            yield pa.concat_tables(gathered).combine_chunks()
            gathered = []


def _resolved(
    run: Run, shards: Sequence[StagedShard], rejects: pa.Table, inputs: pa.Table
) -> pa.Array:
    """Rejects, by key, of what could be read this time."""
    pages = (shard.rows("pages", ["source_uri"])["source_uri"] for shard in shards)
    return find_resolved(run.lake, chain([inputs["input_uri"]], pages), rejects["source_uri"])


def _upsert(
    run: Run, table: str, rows: pa.Table, out: Path, gone: pa.Array | None = None
) -> tuple[Added, tuple[RemovedFile, ...]]:
    """Rows that take the place of those with the same key; a reject counts its attempts on.

    ``gone`` are keys of rows that are taken out.
    """
    (key,) = TABLES[table].key
    rows = _last_by_key(rows, key)
    keys = pa.chunked_array([rows[key].combine_chunks(), *([] if gone is None else [gone])])
    found = find_replaced(run.lake, table, keys.combine_chunks())
    if table == "rejects" and found.old.num_rows:
        rows = _count_attempts(rows, found.old)
    return _replace(run, table, rows, found, out)


def _replace(
    run: Run, table: str, rows: pa.Table, found: Replaced, out: Path
) -> tuple[Added, tuple[RemovedFile, ...]]:
    """Rows that take the place of those found, and the other rows of the same files."""
    everything = pa.concat_tables([found.survivors, rows])
    return _write(run, table, everything, "rows", out), found.removed


def _last_by_key(rows: pa.Table, key: str) -> pa.Table:
    """One row a key, the last."""
    place = {value: index for index, value in enumerate(rows[key].to_pylist())}
    return rows.take(pa.array(sorted(place.values()), pa.int64()))


def _count_attempts(rows: pa.Table, old: pa.Table) -> pa.Table:
    before = {row["reject_id"]: row for row in old.to_pylist()}
    merged = [
        row
        if (first := before.get(row["reject_id"])) is None
        else {
            **row,
            "attempts": first["attempts"] + 1,
            "first_run_id": first["first_run_id"],
        }
        for row in rows.to_pylist()
    ]
    return pa.Table.from_pylist(merged, schema=rows.schema)


def _gather(shards: Sequence[StagedShard], table: str) -> pa.Table:
    schema = STAGED[table].schema
    staged = [shard.rows(table).cast(schema) for shard in shards if shard.file(table).exists()]
    return pa.concat_tables([schema.empty_table(), *staged]).combine_chunks()


def _write(run: Run, table: str, rows: pa.Table, name: str, out: Path) -> Added:
    path = out / f"{table}-{name}.staged"
    write_rows(rows, path, TABLES[table], run.versions)
    return Added(table, path, name)


def _intent(
    run: Run,
    publication: str,
    added: Sequence[Added],
    removed: Mapping[str, tuple[RemovedFile, ...]],
) -> Intent:
    by_table: dict[str, list[AddedFile]] = {}
    for one in added:
        by_table.setdefault(one.table, []).append(_added_file(run, one, publication))
    return Intent(
        publication=publication,
        run_id=run.run_id,
        written_at=datetime.now(UTC).isoformat(),
        changes=tuple(
            TableChange(name, tuple(by_table.get(name, ())), removed.get(name, ()))
            for name in TABLES
            if name in by_table or removed.get(name)
        ),
    )


def _added_file(run: Run, one: Added, publication: str) -> AddedFile:
    table = TABLES[one.table]
    partition: dict[str, str] = {}
    place = ""
    if table.partition is not None:
        day = (one.partition or run.ingest_date).isoformat()
        partition = {table.partition.name: day}
        place = f"{table.partition.name}={day}/"
    return AddedFile(
        staged=str(one.staged.relative_to(run.lake.root)),
        path=f"{place}{publication}-{one.name}.parquet",
        size=one.staged.stat().st_size,
        statistics=delta_statistics(one.staged, table),
        partition=partition,
    )


def _is_published(run: Run, publication: str) -> bool:
    """Whether the last of the tables has the publication's commit."""
    runs = open_table(run.lake, "runs")
    return runs.transaction_version(f"copydesk/{publication}") is not None
