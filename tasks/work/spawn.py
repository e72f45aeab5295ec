"""Processes spawned clean, and gone with their parent.

Whoever is spawned imports this module, so it imports nothing of ours, and no Arrow: a process that
compares texts takes 60 MB.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType
from typing import Any

POLL_SECONDS = 0.5

_MAIN = threading.Lock()

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class _CleanProcess(SpawnProcess):
    """A spawned process that does not import the parent's main module.

    Under a Prefect worker that module is Prefect's engine: importing it costs each process a
    second and 80 MB, and breaks the wall between text logic and Prefect.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802  # multiprocessing's name for the hook
        with _clean_parent():
            return SpawnProcess._Popen(process_obj)


class CleanContext(SpawnContext):
    """Spawns processes that import no main module."""

    Process = _CleanProcess


def spawn_workers(count: int) -> ProcessPoolExecutor:
    """Processes for work that needs no watching: one that dies breaks the pool."""
    return ProcessPoolExecutor(
        count,
        mp_context=CleanContext(),
        initializer=start_worker,
        initargs=(os.getpid(),),
    )


def start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, end when the parent ends, and look for garbage seldom."""
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def collect_seldom() -> None:
    """Look for cycles of objects after 50,000 new ones, not 700: nearly all are rows of tables.

    Looking took a tenth of the time, and found next to nothing.
    """
    gc.set_threshold(50_000, 20, 50)


def _end_with(parent: int) -> None:
    # Linux could signal it, but on the end of the *thread* that started the process.
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while modules are imported, nor among them later: all of them stay.

    Looking took a third of the time in which Prefect is imported, and 0.4 s when Python ended.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _clean_parent() -> Iterator[None]:
    """Let multiprocessing find an empty main module, so that children import none.

    They are told to do linear algebra in one thread: there is a process a core, and matrices of a
    page's lines are small. With two threads the model took twice the CPU time, and no less of the
    clock.
    """
    with _MAIN:
        real = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        threads = {name: os.environ.get(name) for name in _THREADS}
        os.environ.update(dict.fromkeys(_THREADS, "1"))
        try:
            yield
        finally:
            sys.modules["__main__"] = real
            for name, value in threads.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
