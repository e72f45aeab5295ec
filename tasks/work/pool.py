"""Worker processes: spawned clean, killed one by one, gone with their parent."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from pebble import ProcessExpired, ProcessPool

from tasks.lake.staging import PlannedShard, StagedShard
from tasks.work.shard import Job, cut_shard

# A worker may take this much longer than the page's own deadline, which rings inside it, before
# it is held to hang in a call that no signal interrupts.
GRACE_SECONDS = 10.0

POLL_SECONDS = 0.5

_MAIN = threading.Lock()


class _CleanProcess(SpawnProcess):
    """A spawned process that does not import the parent's main module.

    Under a Prefect worker that module is Prefect's engine: importing it costs each process a
    second and 80 MB, and breaks the wall between text logic and Prefect.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802  # multiprocessing's name for the hook
        with _main_hidden():
            return SpawnProcess._Popen(process_obj)


class _CleanContext(SpawnContext):
    Process = _CleanProcess


class ShardPool:
    """A pool of worker processes for shards; they are started with the first shard.

    Threads share it: each owns one shard and waits for it here.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ProcessPool(
            max_workers=workers,
            initializer=_start_worker,
            initargs=(os.getpid(),),
            context=_CleanContext(),
        )

    def __enter__(self) -> "ShardPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def cut_shard(self, planned: PlannedShard, job: Job) -> StagedShard:
        """Cut a shard in a worker process.

        A page on which its worker hangs or dies is rejected as ``timeout`` and the shard is
        worked again without it, in a new process; the others go on.

        Raises:
            OSError: as ``tasks.work.shard.cut_shard``.
        """
        while True:
            lost = self._try(planned, job)
            if isinstance(lost, StagedShard):
                return lost
            job = replace(job, skip=job.skip | {lost})

    def _try(self, planned: PlannedShard, job: Job) -> StagedShard | str:
        """The shard, or the page on which its worker was lost."""
        diary = job.folder / f"{planned.name}.page"
        diary.unlink(missing_ok=True)
        future = self._pool.schedule(cut_shard, args=[planned, job])
        while True:
            try:
                staged: StagedShard = future.result(timeout=POLL_SECONDS)
            except FutureTimeout:
                if _is_stuck(diary, job.page_seconds + GRACE_SECONDS):
                    page = diary.read_text(encoding="utf-8")
                    future.cancel()  # type: ignore[no-untyped-call]  # kills the worker
                    return page
            except ProcessExpired:
                lost = _last_page(diary)
                if lost is None or lost in job.skip:
                    raise
                return lost
            else:
                return staged


def worker_count(wanted: int) -> int:
    """How many processes to run: as many as wanted, or one a core that this process may use."""
    return wanted or len(os.sched_getaffinity(0))


def _is_stuck(diary: Path, limit: float) -> bool:
    try:
        found = diary.stat()
    except FileNotFoundError:
        return False
    return found.st_size > 0 and time.time() - found.st_mtime > limit


def _last_page(diary: Path) -> str | None:
    try:
        return diary.read_text(encoding="utf-8") or None
    except FileNotFoundError:
        return None


def _start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end when the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    # Linux could signal it, but on the end of the *thread* that started the process.
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Let multiprocessing find an empty main module, so that children import none."""
    with _MAIN:
        real = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = real
