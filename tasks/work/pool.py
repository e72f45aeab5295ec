"""Worker processes: spawned clean, killed one by one, gone with their parent.

They start before anything else is imported, so this module imports little: no Arrow.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from tasks.errors import WorkerLostError
from tasks.work.diary import read_diary
from tasks.work.spawn import POLL_SECONDS, CleanContext, start_worker

if TYPE_CHECKING:
    from tasks.lake.staging import PlannedShard
    from tasks.work.job import Job

# A worker may take this much longer than the page's own deadline, which rings inside it, before
# it is held to hang in a call that no signal interrupts.
GRACE_SECONDS = 10.0

END_SECONDS = 10.0
"""For a worker that is told to end."""

DEATHS_ON_A_PAGE = 2
"""So many workers die on a page before it is held to be the reason."""
MOST_DEATHS = 3
"""So many workers of a shard die between pages before the run gives up."""

S = TypeVar("S")
T = TypeVar("T")
Work = Callable[["PlannedShard", "Job"], S]
"""A function that a worker imports by its name, and what it gives."""


class ShardPool:
    """Worker processes for shards, each in a pool of its own; they are started when first needed.

    Threads share it: each owns one shard and waits for it here. In one pool for all workers, one
    that is killed as it takes a task leaves the pool broken, the task lost, or the others waiting
    for a lock; here its pool goes with it.

    Of the shards that wait the first by name is next: those of one compressed file go on where the
    one before ended, and the plan has the smallest last.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._is_ended = False
        self._pools: set[ProcessPool] = set()
        self._idle: list[ProcessPool | None] = [None] * workers
        self._waiting: list[str] = []
        """Names of shards, a heap."""
        self._changed = threading.Condition()
        """Notified when either of the two has changed."""

    def __enter__(self) -> ShardPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_ended = True
        # Idle ones need not be waited for: ending takes 0.1 s, in which the next step begins.
        self._discard(*self._pools, wait=error is not None)

    def work_shard(self, work: Work[S], planned: PlannedShard, job: Job) -> S:
        """Have a shard worked in a worker process.

        A page on which a worker hangs, or on which a second one dies, is rejected as ``timeout``;
        the shard is worked again without it, in a new process, and the others go on. The first
        death is not held against the page: the kernel, or a person, may have killed any process.

        Raises:
            OSError: as ``work`` does.
            WorkerLostError: where workers die beside the pages, as often as ``MOST_DEATHS``, or
                where the run has ended meanwhile.
        """
        deaths: Counter[str | None] = Counter()
        while True:
            outcome = self._try(work, planned, job)
            if not isinstance(outcome, _Lost):
                return outcome
            deaths[outcome.page] += 1
            if outcome.page is None:
                if deaths[None] == MOST_DEATHS:
                    message = (
                        f"{planned.name}: {MOST_DEATHS} workers died while they read or wrote it "
                        f"(exit code {outcome.exit_code}). Is there memory enough? Try fewer "
                        "--workers. What was cut is kept."
                    )
                    raise WorkerLostError(message)
            elif outcome.has_hung or deaths[outcome.page] == DEATHS_ON_A_PAGE:
                job = replace(job, skip=job.skip | {outcome.page})

    def _try(self, work: Work[S], planned: PlannedShard, job: Job) -> S | _Lost:
        """What came of the shard, or how its worker was lost."""
        diary = _diary_of(planned, job)
        pool = self._take(planned.name)
        try:
            pool = pool or self._open()
            diary.unlink(missing_ok=True)
            outcome: S | _Lost = self._work(pool, work, planned, job)
            if isinstance(outcome, _Lost):
                self._discard(pool)
                pool = None
            return outcome
        finally:
            with self._changed:
                self._idle.append(pool)
                self._changed.notify_all()

    def _work(self, pool: ProcessPool, work: Work[S], planned: PlannedShard, job: Job) -> S | _Lost:
        diary = _diary_of(planned, job)
        page, since = None, time.monotonic()
        try:
            future = pool.schedule(work, args=[planned, job])
        except (RuntimeError, BrokenPipeError):  # it was killed when it was idle, or as it started
            return _Lost(None)
        while True:
            try:
                done: S = future.result(timeout=POLL_SECONDS)
            except FutureTimeout:
                self._check_ended()
                now, at = time.monotonic(), read_diary(diary)
                if at is None or at != page:
                    page, since = at, now
                elif now - since > job.most_page_seconds + GRACE_SECONDS:
                    return _Lost(page, has_hung=True)
                # A pool that breaks before it has looked at its tasks forgets to end them.
                if not pool.active and not future.done():
                    return _Lost(read_diary(diary))
            except ProcessExpired as death:
                return _Lost(read_diary(diary), exit_code=death.exitcode)
            except BrokenProcessPool:  # it was killed before it had the shard
                return _Lost(read_diary(diary))
            else:
                return done

    def _take(self, name: str) -> ProcessPool | None:
        """Wait for a worker that has nothing to do; None where one is to be started."""
        with self._changed:
            heappush(self._waiting, name)
            while not self._idle or self._waiting[0] != name:
                self._check_ended()
                self._changed.wait(POLL_SECONDS)
            self._check_ended()
            heappop(self._waiting)
            self._changed.notify_all()  # the next may have a worker too
            return self._idle.pop()

    def _check_ended(self) -> None:
        if self._is_ended:
            message = "The run has ended, and its workers with it. What was cut is kept."
            raise WorkerLostError(message)

    def _open(self) -> ProcessPool:
        pool = _READY.pop() if _READY else _make_pool()
        self._pools.add(pool)
        return pool

    def _discard(self, *pools: ProcessPool, wait: bool = True) -> None:
        """End workers, whatever they are at."""
        self._pools.difference_update(pools)
        _end(pools, wait=wait)


_READY: list[ProcessPool] = []
"""Workers that were started before any pool wanted them."""


@contextmanager
def started_ahead(workers: int, warm_up: Callable[..., None], *args: object) -> Iterator[None]:
    """Start workers for the first pool of this block, while the block does what comes before.

    Args:
        workers: How many.
        warm_up: What each does first, such as loading what any work needs.
        args: Its arguments.
    """
    for _ in range(workers):
        pool = _make_pool()
        pool.schedule(warm_up, args=args)
        _READY.append(pool)
    try:
        yield
    finally:
        left = _READY[:]
        _READY.clear()
        _end(left)


def ask_ahead(work: Callable[..., T], *args: object) -> Asked[T] | None:
    """Ask the last of the workers that were started ahead; None where there is none."""
    if not _READY:
        return None
    return Asked(_READY[-1], _READY[-1].schedule(work, args=args))


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """Something that a worker was asked before it has shards."""

    pool: ProcessPool
    future: Future[T]

    def answer(self) -> T:
        """Wait for what it says.

        Raises:
            WorkerLostError: where it is no more.
            Exception: what the work raised.
        """
        while True:
            try:
                return self.future.result(timeout=POLL_SECONDS)
            except FutureTimeout:
                if not self.pool.active and not self.future.done():
                    message = "A worker was lost before it had a shard."
                    raise WorkerLostError(message) from None


def _make_pool() -> ProcessPool:
    return ProcessPool(
        max_workers=1,
        initializer=start_worker,
        initargs=(os.getpid(),),
        context=CleanContext(),
    )


def _end(pools: Sequence[ProcessPool], *, wait: bool = True) -> None:
    for pool in pools:
        pool.stop()  # type: ignore[no-untyped-call]
    # Not waited for without end: a worker that was killed as it told something may leave a
    # thread of its pool waiting for the rest.
    ends = [threading.Thread(target=pool.join, daemon=True) for pool in pools]
    for end in ends:
        end.start()
    if wait:
        for end in ends:
            end.join(END_SECONDS)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A worker that is no more."""

    page: str | None
    """``source_uri`` of what it was at; None between pages."""
    has_hung: bool = False
    """Whether it was killed here; else it died."""
    exit_code: int | None = None


def worker_count(wanted: int) -> int:
    """How many processes to run: as many as wanted, or one a core that this process may use."""
    return wanted or len(os.sched_getaffinity(0))


def _diary_of(planned: PlannedShard, job: Job) -> Path:
    return job.folder / f"{planned.name}.page"
