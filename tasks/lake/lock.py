"""One writer at a time: an OS file lock that dies with its holder."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tasks.errors import LockTimeoutError
from tasks.lake.files import write_json
from tasks.lake.layout import Lake


@contextmanager
def lake_lock(lake: Lake, holder: str, wait_seconds: float) -> Iterator[None]:
    """Hold the lake's lock; a process that dies lets go of it.

    Args:
        lake: Whose lock.
        holder: Who asks, as others will read it: ``ingest <run id>``.
        wait_seconds: How long to wait for another holder.

    Raises:
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    lake.control.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lake.lock)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        message = (
            f"{lake.root}: waited {wait_seconds:.0f} s for the lake's lock, held by "
            f"{_describe_holder(lake.holder)}. Try again when it has ended, or wait longer with "
            "--lock-wait SECONDS."
        )
        raise LockTimeoutError(message) from error
    try:
        write_json(
            lake.holder,
            {
                "holder": holder,
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
            },
        )
        yield
        lake.holder.unlink(missing_ok=True)
    finally:
        lock.release()


@contextmanager
def owner_lock(path: Path) -> Iterator[None]:
    """Hold a run's claim on its staging folder for as long as the run lives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    lock.acquire(timeout=0)
    try:
        yield
    finally:
        lock.release()


def is_owned(path: Path) -> bool:
    """Whether a living process holds this claim."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _describe_holder(path: Path) -> str:
    # The holder writes its name just after it takes the lock: give it a moment.
    for _ in range(10):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            where = f"process {found['pid']} on {found['host']}, since {found['since']}"
            return f"{found['holder']} ({where})"
        except (OSError, ValueError, KeyError):
            time.sleep(0.05)
    return "a writer that left no name"
