"""A Dask cluster as the engine of a run: this machine plans, decides and publishes.

What is planned and cut goes through the lake's storage, never through Dask, which passes names and
counts. Only verifying sends texts. Workers need neither Prefect nor its API.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.dedupe.lookup import FindHits, Hits, codes_of_bands, find_hits, join_hits
from tasks.dedupe.prints import Ints
from tasks.errors import SettingError, WorkerLostError
from tasks.lake.layout import Lake
from tasks.lake.learned import SNAPSHOT
from tasks.lake.mirror import Mirror
from tasks.lake.staging import PlannedShard, StagedShard, read_parts
from tasks.lake.tables import log_rows
from tasks.read.uris import is_remote, uri_to_path
from tasks.work.engine import ShardWorker
from tasks.work.job import Job
from tasks.work.pool import Work
from tasks.work.remote import Errand, Packs, call_there, find_hits_there, look_around, work_there

if TYPE_CHECKING:  # an extra
    from distributed import Client
    from distributed import Future as Promise

POLL_SECONDS = 2.0
ANSWER_SECONDS = 60.0
"""For each worker to say whether it sees what it will need."""
ALONE_SECONDS = 60.0
"""So long a run waits for a worker when the cluster has none left."""

MIN_ROWS = 50_000_000
"""Of ``bands``, a million articles: with fewer this process has looked them up in 0.2 s."""
TASK_ROWS = 10_000_000
"""Of small files that go into one task: some 40 ms of work."""

Tell = Callable[[str], None]
"""Tells those who watch the run."""


class DaskEngine:
    """The workers of a Dask cluster."""

    def __init__(self, client: "Client", tell: Tell) -> None:
        self._client = client
        self._tell = tell
        self.slots = sum(client.nthreads().values())

    def start(self) -> Executor:
        """See ``Engine``."""
        return _ClusterExecutor(self._client, self._tell)

    def finder(self, lake: Lake) -> FindHits:
        """See ``Engine``: a task a file, or a few small ones, with the codes of the file's bands.

        ``maintain`` sorts the table by band, so that then a task has some few bands.
        """
        return partial(self._find_hits, lake)

    def _find_hits(self, lake: Lake, bands: ds.Dataset, codes: Ints) -> Hits:
        facts = log_rows(lake, "bands")
        if (pc.sum(facts["num_records"]).as_py() or 0) < MIN_ROWS:
            return find_hits(bands, codes)
        starts, asked = [], []
        for paths, first, last in _by_band(facts):
            own = codes_of_bands(codes, first, last)
            if own.start < own.stop:
                call = (call_there, find_hits_there, str(lake), paths, codes[own])
                starts.append(own.start)
                asked.append(self._client.submit(*call, pure=False))
        try:
            found: list[Hits] = self._client.gather(asked)
        except Exception as error:  # whatever went wrong: this process meets it too, or does better
            self._tell(f"The Dask cluster did not look up bands: {error}. This machine does it.")
            return find_hits(bands, codes)
        hits = zip(starts, found, strict=True)
        return join_hits([(codes[:0], codes[:0]), *((at + own, of) for at, (own, of) in hits)])

    @contextmanager
    def open_pool(self, shards: Sequence[PlannedShard], job: Job) -> Iterator[ShardWorker]:
        """See ``Engine``: workers must have this version and these rules, and see lake and sources.

        Raises:
            SettingError: naming the worker, and what to do.
        """
        mirror = Mirror.of(job.lake)
        mirror.put(job.folder / SNAPSHOT)
        packs = _read_packs(job)
        self._look_around(job, packs, _local_inputs(shards))
        pool = _ClusterPool(self._client, packs, self._tell)
        try:
            yield pool
        finally:
            pool.end()

    def _look_around(self, job: Job, packs: Packs, inputs: Sequence[str]) -> None:
        """Ask each worker; one that does not answer is asked again with its first shard."""
        asked = {
            worker: self._client.submit(look_around, job, packs, inputs, workers=worker, pure=False)
            for worker in sorted(self._client.nthreads())
        }
        end = time.monotonic() + ANSWER_SECONDS
        for worker, answer in asked.items():
            wrong: str | None = None
            with suppress(TimeoutError):
                wrong = answer.result(timeout=max(0.0, end - time.monotonic()))
            if wrong is not None:
                message = f"Dask worker {worker}: {wrong}"
                raise SettingError(message)


class _ClusterPool:
    """Has shards worked by the cluster; see ``ShardWorker``."""

    def __init__(self, client: "Client", packs: Packs, tell: Tell) -> None:
        self._client = client
        self._packs = packs
        self._tell = tell
        self._lock = threading.Lock()
        self._open: set[Promise] = set()
        self._is_ended = False
        self._asked = self._seen = time.monotonic()

    def end(self) -> None:
        """Let the cluster do no more of what was asked."""
        with self._lock:
            self._is_ended = True
            left = list(self._open)
        with suppress(Exception):  # the scheduler may be gone
            self._client.cancel(left)

    def work_shard(self, work: Work[StagedShard], planned: PlannedShard, job: Job) -> StagedShard:
        """See ``ShardWorker``. A worker that is lost costs its shard one try: Dask asks another."""
        mirror = Mirror.of(job.lake)
        mirror.put(Path(planned.file))
        key = f"cut-{planned.name}-of-{job.run_id}-{uuid4().hex[:8]}"
        errand = Errand(planned, job, self._packs, key)
        staged = self._wait(self._client.submit(work_there, work, errand, key=key, pure=False))
        self._tell_losses(planned, key)
        folder = job.folder / Path(staged.folder).name
        mirror.fetch_folder(folder)
        return replace(staged, name=planned.name, folder=str(folder))

    def _wait(self, promise: "Promise") -> StagedShard:
        from distributed import CancelledError, KilledWorker

        with self._lock:
            self._open.add(promise)
        is_done = threading.Event()
        promise.add_done_callback(lambda _: is_done.set())
        try:
            while not is_done.wait(POLL_SECONDS):
                self._check()
            staged: StagedShard = promise.result()
        except KilledWorker as error:
            message = (
                f"{error}\nDask gave the shard up. Do its workers have the memory that they need? "
                "What was cut is kept."
            )
            raise WorkerLostError(message) from error
        except (CancelledError, OSError) as error:
            if isinstance(error, CancelledError) or self._client.status != "running":
                message = "The Dask scheduler is gone. What was cut is kept: run it again."
                raise WorkerLostError(message) from error
            raise
        finally:
            with self._lock:
                self._open.discard(promise)
        return staged

    def _check(self) -> None:
        """Raise where there is nobody to wait for."""
        if self._is_ended:
            message = "The run has ended. What was cut is kept."
            raise WorkerLostError(message)
        with self._lock:
            now = time.monotonic()
            if now - self._asked > POLL_SECONDS:
                self._asked = now
                if self._client.nthreads():
                    self._seen = now
            alone = now - self._seen
        if alone > ALONE_SECONDS:
            message = (
                f"The Dask cluster has had no worker for {alone:.0f} s. What was cut is kept: "
                "start workers and run it again."
            )
            raise WorkerLostError(message)

    def _tell_losses(self, planned: PlannedShard, topic: str) -> None:
        tries = [told["worker"] for _, told in self._client.get_events(topic)]
        for lost, after in pairwise(tries):
            self._tell(f"{planned.name}: Dask worker {lost} was lost; {after} worked it again.")


class _ClusterExecutor(Executor):
    """Calls worked by the cluster, each in a process of its machine."""

    def __init__(self, client: "Client", tell: Tell) -> None:
        self._executor: Any = client.get_executor(pure=False)
        self._tell = tell

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = self._executor.submit(call_there, fn, *args, **kwargs)
        return done

    def map(self, fn: Callable[..., Any], *iterables: Any, **options: Any) -> Iterator[Any]:
        """See ``Executor``.

        Raises:
            BrokenProcessPool: whatever went wrong: who asked works it out alone, and meets it.
        """
        try:
            yield from super().map(fn, *iterables, **options)
        except Exception as error:
            self._tell(f"The Dask cluster did not verify copies: {error}. This machine does it.")
            raise BrokenProcessPool(str(error)) from error

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait and not cancel_futures)


def _by_band(facts: pa.Table) -> Iterator[tuple[list[str], int, int]]:
    """Files of ``bands`` in tasks of ``TASK_ROWS`` or one file, with their first and last band."""
    columns = ("min.band", "max.band", "num_records", "path")
    paths: list[str] = []
    first = last = rows = 0
    for least, most, count, path in sorted(
        zip(*(facts[name].to_pylist() for name in columns), strict=True)
    ):
        if paths and rows + count > TASK_ROWS:
            yield paths, first, last
            paths, rows = [], 0
        first = min(first, least) if paths else least
        last = max(last, most) if paths else most
        paths.append(path)
        rows += count
    if paths:
        yield paths, first, last


def _read_packs(job: Job) -> Packs:
    paths = [*job.rule_packs, *(path for origin in job.origins for path in origin.rules)]
    return {str(path): path.read_bytes() for path in paths}


def _local_inputs(shards: Sequence[PlannedShard]) -> list[str]:
    """A file of each shard that is read from a folder, as far as it is still there."""
    firsts = [read_parts(shard.file)[0].input.uri for shard in shards]
    paths = [uri_to_path(uri) for uri in firsts if not is_remote(uri)]
    return [str(path) for path in paths if path.exists()]
