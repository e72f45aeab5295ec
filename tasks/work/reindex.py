"""The index of duplicates, made anew from the texts of the published articles.

Like any publication it is one intent under the lake's lock: killed before that is written it has
changed nothing, killed after it is finished by whoever comes next. An index of another layout is
emptied first; until the new one is in, ``lake.earlier.open_index`` refuses it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.dedupe.fingerprint import fingerprint
from tasks.lake.commit import roll_forward
from tasks.lake.earlier import number_rows
from tasks.lake.files import write_rows
from tasks.lake.intent import RemovedFile
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.publish import Added, carry_out
from tasks.lake.runs import Run, run_row, run_rows
from tasks.lake.staging import claim_staging
from tasks.lake.tables import create_tables, is_old_index, log_rows, replace_table
from tasks.schemas import INDEX_TABLES, STAGED, TABLES
from tasks.work.by_hand import run_by_hand
from tasks.work.pool import worker_count
from tasks.work.rows import fingerprint_row
from tasks.work.spawn import spawn_workers

FILE_ARTICLES = 50_000
"""Articles of one file of the index: some 3 million keys, sorted in 200 MB of memory."""
READ_ARTICLES = 1_000


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was done."""

    run_id: str
    """Of its row in ``runs``."""
    articles: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _File:
    """A file of ``articles``, and where its fingerprints are staged."""

    path: str
    day: date
    prints: Path


def reindex(lake: Lake, workers: int = 0, wait_seconds: float = 600.0) -> Reindexed:
    """Make the index anew, and leave a row in ``runs``. Other writers wait meanwhile.

    Args:
        lake: Whose index.
        workers: Processes that fingerprint; 0 is one a core.
        wait_seconds: How long to wait for another writer.

    Raises:
        LakeError: where there is no lake, or a newer one.
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    run = run_by_hand(lake, "reindex", {"command": "reindex"})
    log_rows(lake, "articles")  # no lake is an error, and not an occasion to make one
    with lake_lock(lake, run.name, wait_seconds):
        create_tables(lake)
        roll_forward(lake)
        with claim_staging(lake, run.run_id, run.facts) as folder:
            articles = _rebuild(run, folder, workers)
    return Reindexed(run.run_id, articles, (datetime.now(UTC) - run.started_at).total_seconds())


def _rebuild(run: Run, folder: Path, workers: int) -> int:
    files = _article_files(run.lake, folder)
    added: list[Added] = []
    first = 0
    for number, (prints, days) in enumerate(_gather(_fingerprint(run, files, workers))):
        rows = number_rows(prints, days, first)
        first += prints.num_rows
        for name, content in zip(INDEX_TABLES, rows, strict=True):
            added.append(_write(run, folder, name, content, f"index-{number:05d}"))
    row = run_row(run, "completed", {"articles_indexed": first}, {}, {})
    added.append(_write(run, folder, "runs", run_rows([row]), "rows"))
    removed = {name: _empty(run.lake, name) for name in INDEX_TABLES}
    carry_out(run, run.run_id, added, removed)
    return first


def _article_files(lake: Lake, folder: Path) -> list[_File]:
    """By day and name: so articles that came together have numbers that lie together."""
    log = log_rows(lake, "articles").select(["partition.ingest_date", "path"])
    ordered = sorted(
        (row["partition.ingest_date"], unquote(row["path"])) for row in log.to_pylist()
    )
    return [
        _File(path, day, folder / f"prints-{number:06d}.staged")
        for number, (day, path) in enumerate(ordered)
    ]


def _fingerprint(run: Run, files: Sequence[_File], workers: int) -> Iterator[_File]:
    """The files, in order, each as soon as its fingerprints are staged."""
    count = min(worker_count(workers), len(files))
    if count <= 1:
        for file in files:
            yield stage_prints(run, file)
        return
    with spawn_workers(count) as pool:
        yield from pool.map(stage_prints, [run] * len(files), files)


def stage_prints(run: Run, file: _File) -> _File:
    """Stage the fingerprints of a file's articles; work of a process of its own."""
    schema = STAGED["fingerprints"].schema
    found = [schema.empty_table()]
    with (
        run.lake.storage.files("articles").open_input_file(file.path) as source,
        pq.ParquetFile(source) as parquet,
    ):
        columns = ["article_id", "source_uri", "text", "run_id"]
        for batch in parquet.iter_batches(READ_ARTICLES, columns=columns):
            rows = [
                fingerprint_row(
                    row["article_id"], row["source_uri"], fingerprint(row["text"]), row["run_id"]
                )
                for row in batch.to_pylist()
            ]
            found.append(pa.Table.from_pylist(rows, schema=schema))
    write_rows(pa.concat_tables(found), file.prints, STAGED["fingerprints"], run.versions)
    return file


def _gather(files: Iterator[_File]) -> Iterator[tuple[pa.Table, pa.ChunkedArray]]:
    """Staged fingerprints and their articles' days, ``FILE_ARTICLES`` at a time."""
    prints: list[pa.Table] = []
    days: list[pa.Array] = []
    for file in files:
        with pq.ParquetFile(file.prints) as parquet:
            for batch in parquet.iter_batches(FILE_ARTICLES):
                prints.append(pa.Table.from_batches([batch]))
                days.append(pa.repeat(pa.scalar(file.day), batch.num_rows))
                if sum(map(len, prints)) >= FILE_ARTICLES:
                    yield pa.concat_tables(prints).combine_chunks(), pa.chunked_array(days)
                    prints, days = [], []
        file.prints.unlink()
    if prints:
        yield pa.concat_tables(prints).combine_chunks(), pa.chunked_array(days)


def _write(run: Run, folder: Path, table: str, rows: pa.Table, name: str) -> Added:
    path = folder / "publish" / f"{table}-{name}.staged"
    write_rows(rows, path, TABLES[table], run.versions)
    return Added(table, path, name)


def _empty(lake: Lake, name: str) -> tuple[RemovedFile, ...]:
    """The files that the new ones replace; a table of another layout is made anew at once."""
    log = log_rows(lake, name).select(["path", "size_bytes"]).to_pylist()
    files = [RemovedFile(unquote(row["path"]), row["size_bytes"], {}) for row in log]
    if not is_old_index(lake, name):
        return tuple(files)
    replace_table(lake, TABLES[name])
    for file in files:
        lake.storage.remove(f"{name}/{file.path}")
    return ()
