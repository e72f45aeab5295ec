"""What a run has planned and cut and not yet published: a folder a run, a folder a finished shard.

A run owns its folder for as long as it lives; the claim is an OS lock that dies with it. The next
run takes over a dead one's finished shards and removes the rest. Of a lake in an object store the
finished shards are there too, and the claim is a lease: the next run may be on another machine.
"""

import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.lake.disk import explain_disk
from tasks.lake.files import encode_json, read_json, sync_files, sync_folder, write_json, write_rows
from tasks.lake.layout import Lake
from tasks.lake.lock import is_owned, owner_lock
from tasks.lake.mirror import MANIFEST, Mirror
from tasks.read.refs import InputRef, Part, ShardRef
from tasks.schemas import STAGED

RUN_FACTS = "run.json"


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """A shard to cut, small enough to hand from task to task; its parts are in ``file``."""

    name: str
    pages: int
    """How many pages it should hold."""
    file: str
    """Absolute path of the shard's parts, JSON."""


@dataclass(frozen=True, slots=True)
class StagedShard:
    """A shard whose pages are cut and on disk: what its task hands on."""

    name: str
    run_id: str
    """The run that cut it: another than the publishing one where it was taken over."""
    folder: str
    """Absolute path."""
    digest: str
    """Of rules, reader and settings: a shard cut with others is cut again."""
    counts: dict[str, int]
    """The shard's part of the books."""
    rules: dict[str, int]
    """Lines cut, by rule."""
    seconds: dict[str, float]
    """Time spent in each stage."""
    failed_inputs: tuple[str, ...] = ()
    """Inputs that could not be read to the end this time: none of their pages is published."""

    def file(self, table: str) -> Path:
        """The staged rows of a table; absent where the shard has none."""
        return Path(self.folder) / f"{table}.staged"

    def rows(self, table: str, columns: list[str] | None = None) -> pa.Table:
        """The staged rows of a table; an empty table where the shard has none."""
        if not self.file(table).exists():
            schema = STAGED[table].schema
            return schema.empty_table() if columns is None else schema.empty_table().select(columns)
        # ParquetFile, not read_table: staged files are no dataset, whatever their folder is called.
        with pq.ParquetFile(self.file(table)) as file:
            return file.read(columns=columns)


@dataclass(frozen=True, slots=True)
class DeadRun:
    """A run whose process is gone and whose staging is left."""

    lake: Lake
    run_id: str
    folder: Path
    facts: dict[str, Any]
    """As it wrote them at its start: name, started_at, settings; may be empty."""
    shards: tuple[StagedShard, ...]


@contextmanager
def claim_staging(lake: Lake, run_id: str, facts: Mapping[str, Any]) -> Iterator[Path]:
    """Own a staging folder while the run lives; remove it at the end unless it failed.

    A run that fails leaves its finished shards for the next one.
    """
    folder, mirror = lake.staging / run_id, Mirror.of(lake)
    with explain_disk(lake), owner_lock(_claim_of(folder)), mirror.claim(run_id):
        write_json(folder / RUN_FACTS, dict(facts))
        mirror.put(folder / RUN_FACTS)
        yield folder
        _remove_staging(lake, folder)


@contextmanager
def cleared_beside(folder: Path) -> Iterator[None]:
    """Remove a run's shards here while the block runs: they are published, and nobody's concern.

    What is left of the folder goes with the claim.
    """

    def clear() -> None:
        for child in folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child, ignore_errors=True)

    thread = threading.Thread(target=clear)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def plan_shard(folder: Path, shard: ShardRef) -> PlannedShard:
    """Write a shard's parts down, so that tasks pass a path and not thousands of references."""
    file = folder / "plan" / f"{shard.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    # Not synced: of a run that died nobody reads it.
    file.write_bytes(encode_json([_part_facts(part) for part in shard.parts]))
    return PlannedShard(shard.name, shard.pages, str(file))


def read_parts(file: str | Path) -> tuple[Part, ...]:
    """The parts of a planned or finished shard."""
    return tuple(_part(facts) for facts in json.loads(Path(file).read_text(encoding="utf-8")))


def stage_shard(
    lake: Lake,
    staged: StagedShard,
    parts: Iterable[Part],
    rows: Mapping[str, pa.Table],
    versions: Mapping[str, str],
) -> None:
    """Write a shard's rows, one file a table, and make them appear all at once.

    A retry replaces what an earlier attempt left.
    """
    target = Path(staged.folder)
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for table, content in rows.items():
        if content.num_rows:
            file = draft / f"{table}.staged"
            write_rows(content, file, STAGED[table], versions, is_synced=False)
    facts = [_part_facts(part) for part in parts]
    (draft / "parts.json").write_bytes(encode_json(facts))
    (draft / MANIFEST).write_bytes(encode_json(asdict(staged)))
    sync_files(draft)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    sync_folder(target.parent)
    Mirror.of(lake).put_shard(target)


def parts_of(staged: StagedShard) -> tuple[Part, ...]:
    """What a finished shard was cut from."""
    return read_parts(Path(staged.folder) / "parts.json")


def note(lake: Lake, file: Path, content: Any) -> None:
    """Write a small file beside a run's shards, for whoever finds the run dead."""
    write_json(file, content)
    Mirror.of(lake).put(file)


def find_dead_runs(lake: Lake) -> list[DeadRun]:
    """Runs that left staging and whose process is gone, oldest first. Call it under the lock."""
    mirror = Mirror.of(lake)
    mirror.fetch_dead()
    if not lake.staging.is_dir():
        return []
    dead = []
    for folder in sorted(lake.staging.iterdir()):
        if not folder.is_dir() or is_owned(_claim_of(folder)) or mirror.is_claimed(folder.name):
            continue
        facts = read_json(folder / RUN_FACTS) or {}
        dead.append(DeadRun(lake, folder.name, folder, facts, tuple(_finished_shards(folder))))
    return sorted(dead, key=lambda run: str(run.facts.get("started_at", "")))


def adopt_shard(lake: Lake, shard: StagedShard, folder: Path, name: str) -> StagedShard:
    """Move a dead run's finished shard into another run's folder, under a name of that run."""
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    Path(shard.folder).rename(target)
    adopted = replace(shard, name=name, folder=str(target))
    write_json(target / MANIFEST, asdict(adopted))
    Mirror.of(lake).put_shard(target)
    return adopted


def remove_dead_run(run: DeadRun) -> None:
    """Remove what is left of a dead run."""
    _remove_staging(run.lake, run.folder)
    Mirror.of(run.lake).remove_claim(run.run_id)


def _claim_of(folder: Path) -> Path:
    """The lock of a run that owns a folder.

    Beside the folder, which is made under it: no other run sees a folder not yet claimed.
    """
    return folder.with_name(f"{folder.name}.lock")


def _remove_staging(lake: Lake, folder: Path) -> None:
    Mirror.of(lake).remove_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)
    _claim_of(folder).unlink(missing_ok=True)


def _finished_shards(folder: Path) -> Iterator[StagedShard]:
    for child in sorted(folder.iterdir()):
        content = None if child.suffix == ".draft" else read_json(child / MANIFEST)
        if content is not None:
            content["folder"] = str(child)
            content["failed_inputs"] = tuple(content["failed_inputs"])
            yield StagedShard(**content)


def _part_facts(part: Part) -> dict[str, Any]:
    facts = asdict(part)
    modified = part.input.modified
    facts["input"]["modified"] = None if modified is None else modified.isoformat()
    return facts


def _part(facts: dict[str, Any]) -> Part:
    given = dict(facts["input"])
    if given["modified"] is not None:
        given["modified"] = datetime.fromisoformat(given["modified"])
    return Part(**{**facts, "input": InputRef(**given)})
