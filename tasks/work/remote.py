"""What runs on the machines of a Dask cluster: shards, verdicts, and whether both can be worked.

A shard is worked there as it is here, by a process that is watched and may be killed alone. Of a
lake in an object store all files go through it; of one in a folder they are there already.
"""

import hashlib
import multiprocessing
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Generic, TypeVar
from uuid import uuid4

from tasks.dedupe.lookup import Hits, hits_in, join_hits
from tasks.dedupe.prints import Ints
from tasks.errors import CopydeskError, SettingError
from tasks.lake.files import write_bytes
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.learned import SNAPSHOT
from tasks.lake.mirror import Mirror
from tasks.lake.staging import PlannedShard, StagedShard
from tasks.versions import run_versions
from tasks.work.job import Job
from tasks.work.pool import ShardPool, Work
from tasks.work.spawn import spawn_workers

T = TypeVar("T")
R = TypeVar("R")

IDLE_SECONDS = 30.0
"""After so long without work a machine's processes are ended: between two shards it is less."""

Packs = Mapping[str, bytes]
"""The run's rule packs by their paths on its machine, which others don't have."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A shard to work elsewhere."""

    planned: PlannedShard
    job: Job
    packs: Packs
    topic: str
    """Under which Dask notes who began it."""


def work_there(work: Work[StagedShard], errand: Errand) -> StagedShard:
    """Work a shard in a process of this machine, and leave it where the run's machine finds it.

    Each try has a folder of its own, which the result names: one that was given up for lost and
    goes on nevertheless writes over nothing.

    Raises:
        SettingError: where copydesk or its rules are others here, or the lake is not in reach.
        OSError: as the work does.
        WorkerLostError: where processes die again and again.
    """
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(errand.topic, {"worker": worker.address})
    planned, job = _move_in(errand, Path(worker.local_directory))
    if wrong := _find_wrong(job):
        message = f"Dask worker {worker.address}: {wrong}"
        raise SettingError(message)
    with _SHARDS.lend(worker.state.nthreads) as pool:
        staged = pool.work_shard(work, planned, job)
    if job.lake.address is not None:  # it is in the store
        shutil.rmtree(staged.folder, ignore_errors=True)
    return staged


def call_there(call: Callable[..., R], *args: object) -> R:
    """What a call gives in a process of this machine: a thread would wait for the others'."""
    from distributed import get_worker

    with _CALLS.lend(get_worker().state.nthreads) as processes:
        return processes.submit(call, *args).result()


def find_hits_there(where: str, paths: Sequence[str], codes: Ints) -> Hits:
    """For sorted codes, the hits in some files of a lake's ``bands``; see ``lookup.find_hits``."""
    files = locate_lake(where).storage.files("bands")
    found = [(codes[:0], codes[:0])]
    for path in paths:
        with files.open_input_file(path) as source:
            found.append(hits_in(source, codes))
    return join_hits(found)


def look_around(job: Job, packs: Packs, inputs: Sequence[str]) -> str | None:
    """Why this machine cannot work a run's shards; None where it can.

    Args:
        job: The run's.
        packs: Its rule packs.
        inputs: Paths of some files that it is to read.
    """
    from distributed import get_worker

    here = Errand(PlannedShard("", 0, ""), job, packs, "")
    try:
        _, job = _move_in(here, Path(get_worker().local_directory))
        if wrong := _find_wrong(job):
            return wrong
    except (CopydeskError, OSError) as error:
        return str(error)
    return find_missing(inputs)


def find_missing(paths: Sequence[str]) -> str | None:
    """What to do about the first of some files that this machine does not see; None for none."""
    for path in paths:
        if not Path(path).exists():
            return (
                f"{path} is not there on {socket.gethostname()}. Put sources into a folder that "
                "all machines see under the same path, or into s3://…"
            )
    return None


def _find_wrong(job: Job) -> str | None:
    """What keeps this machine from giving the same results as the run's; None where nothing."""
    here = _versions(job.rule_packs)
    others = [
        f"{name} {here.get(name)} for {wanted}"
        for name, wanted in sorted(job.versions.items())
        if here.get(name) != wanted
    ]
    if others:
        return f"has {', '.join(others)}. Install there what the run's machine has."
    if job.lake.address is None and not os.access(job.folder, os.W_OK):
        return (
            f"the lake {job.lake} is not there on {socket.gethostname()}, or may not be written. "
            "Let --lake be a folder that all machines see under the same path, or s3://…"
        )
    return None


def _move_in(errand: Errand, scratch: Path) -> tuple[PlannedShard, Job]:
    """The shard and the job as they are on this machine, with all files that they name."""
    planned, job, lake = errand.planned, errand.job, errand.job.lake
    home = scratch / "copydesk"
    packs = {path: _unpack(home, path, data) for path, data in errand.packs.items()}
    job = replace(
        job,
        rule_packs=tuple(packs[str(path)] for path in job.rule_packs),
        origins=tuple(
            replace(origin, rules=tuple(packs[str(path)] for path in origin.rules))
            for origin in job.origins
        ),
    )
    if lake.address is not None:
        here = Lake(home / lake.root.name, lake.address)
        job = replace(job, lake=here, folder=here.root / lake.name_of(job.folder))
        files = [job.folder / SNAPSHOT]
        if planned.file:
            planned = replace(planned, file=str(here.root / lake.name_of(Path(planned.file))))
            files.append(Path(planned.file))
        with _FETCHING:
            Mirror.of(here).fetch(files)
    return replace(planned, name=f"{planned.name}-{uuid4().hex[:8]}"), job


def _unpack(home: Path, path: str, data: bytes) -> Path:
    """A rule pack under a name of its content: processes keep what they have compiled by it."""
    file = home / "packs" / hashlib.sha256(data).hexdigest()[:16] / Path(path).name
    with _FETCHING:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(file, data)
    return file


@lru_cache(maxsize=16)
def _versions(packs: tuple[Path, ...]) -> dict[str, str]:
    return run_versions(packs)


class _Kept(Generic[T]):
    """Processes of this machine that threads share, ended when no thread has had any for long."""

    def __init__(self, start: Callable[[int], T], end: Callable[[T], None]) -> None:
        self._start, self._end = start, end
        self._lock = threading.Lock()
        self._kept: T | None = None
        self._users = 0
        # A process that ends waits for its children before all else.
        Finalize(None, self._end_all, exitpriority=100)

    @contextmanager
    def lend(self, count: int) -> Iterator[T]:
        """Lend them, or start so many."""
        with self._lock:
            self._users += 1
            if self._kept is None:
                # Dask forbids its workers children, lest they outlive them; ours don't.
                multiprocessing.current_process().daemon = False
                self._kept = self._start(count)
            lent = self._kept
        try:
            yield lent
        except BrokenProcessPool:
            with self._lock:
                self._kept = None if self._kept is lent else self._kept
            raise
        finally:
            with self._lock:
                self._users -= 1
            timer = threading.Timer(IDLE_SECONDS, self._end_idle)
            timer.daemon = True
            timer.start()

    def _end_idle(self) -> None:
        with self._lock:
            kept = None if self._users else self._kept
            if kept is not None:
                self._kept = None
        if kept is not None:
            self._end(kept)

    def _end_all(self) -> None:
        if self._kept is not None:
            self._end(self._kept)


_SHARDS: _Kept[ShardPool] = _Kept(ShardPool, lambda pool: pool.__exit__(None, None, None))
_CALLS: _Kept[ProcessPoolExecutor] = _Kept(
    spawn_workers, lambda processes: processes.shutdown(cancel_futures=True)
)
_FETCHING = threading.Lock()
