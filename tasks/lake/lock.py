"""One writer at a time: an OS file lock that dies with its holder, or a lease that runs out."""

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tasks.errors import LockTimeoutError
from tasks.lake.disk import explain_disk
from tasks.lake.files import write_json
from tasks.lake.layout import Lake


def lake_lock(lake: Lake, holder: str, wait_seconds: float) -> AbstractContextManager[None]:
    """Hold the lake's lock, in a ``with`` block; a process that dies lets go of it.

    On a folder at once. In an object store when its lease has run out.

    Args:
        lake: Whose lock.
        holder: Who asks, as others will read it: ``ingest <run id>``.
        wait_seconds: How long to wait for another holder.

    Raises:
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    if lake.address is not None:
        return _lease_lock(lake, holder, wait_seconds)
    return _file_lock(lake, holder, wait_seconds)


def verify_lock(lake: Lake) -> None:
    """Raise if this process does not hold the lake's lock any more; a file lock can't be lost.

    Raises:
        LakeError: saying why.
    """
    if lake.address is not None:
        from tasks.lake.bucket import BucketStorage
        from tasks.lake.lease import verify_lease

        assert isinstance(lake.storage, BucketStorage)
        verify_lease(lake.storage, lake.name_of(lake.lock))


@contextmanager
def _file_lock(lake: Lake, holder: str, wait_seconds: float) -> Iterator[None]:
    with explain_disk(lake):
        lake.control.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lake.lock)
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout as error:
            raise _waited_in_vain(lake, wait_seconds, _describe_holder(lake.holder)) from error
        try:
            write_json(lake.holder, _facts(holder))
            yield
            lake.holder.unlink(missing_ok=True)
        finally:
            lock.release()


@contextmanager
def _lease_lock(lake: Lake, holder: str, wait_seconds: float) -> Iterator[None]:
    from tasks.lake.bucket import BucketStorage
    from tasks.lake.lease import Lease, facts_of, keep_lease

    storage, name = lake.storage, lake.name_of(lake.lock)
    assert isinstance(storage, BucketStorage)
    lease = Lease(storage, name, _facts(holder))
    held_by = lease.take(wait_seconds)
    if held_by is not None:
        raise _waited_in_vain(lake, wait_seconds, _describe(facts_of(held_by.data)))
    with keep_lease(storage, name, lease):
        yield


def _facts(holder: str) -> dict[str, Any]:
    return {
        "holder": holder,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _waited_in_vain(lake: Lake, wait_seconds: float, holder: str) -> LockTimeoutError:
    message = (
        f"{lake}: waited {wait_seconds:.0f} s for the lake's lock, held by {holder}. "
        "Try again when it has ended, or wait longer with --lock-wait SECONDS."
    )
    return LockTimeoutError(message)


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
            return _describe(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            time.sleep(0.05)
    return _describe({})


def _describe(found: Mapping[str, Any]) -> str:
    try:
        where = f"process {found['pid']} on {found['host']}, since {found['since']}"
        return f"{found['holder']} ({where})"
    except KeyError:
        return "a writer that left no name"
