"""A lock in an object store: an object that its holder renews, and that runs out if it does not.

A holder that died on this machine is known to be dead at once. Who takes a lease over does so under
the condition that it is still as it was read; so of several only one does, and a holder that was
away for longer than the lease finds out at its next step.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tasks.errors import LakeError
from tasks.lake.bucket import BucketStorage, Version
from tasks.lake.process import describe_process, is_gone

LEASE_SECONDS = 30.0
"""How long after its last renewal a lease is held."""
RENEW_SECONDS = 7.0
"""Four renewals a lease: one that fails, or comes late on a busy machine, does no harm."""
POLL_SECONDS = 1.0


class Lease:
    """One lease, held or asked for, by its name in the lake."""

    def __init__(self, storage: BucketStorage, name: str, facts: Mapping[str, Any]) -> None:
        """Nothing is asked for yet.

        Args:
            storage: The lake's.
            name: Of the object.
            facts: Who asks, for those who wait.
        """
        self._storage = storage
        self._name = name
        self._facts = {**facts, "process": describe_process(), "token": uuid4().hex}
        self._renewals = 0
        self._etag: str | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, wait_seconds: float) -> Version | None:
        """Take the lease, and renew it from now on; who holds it, where the wait was in vain."""
        end = time.monotonic() + wait_seconds
        while True:
            found = self._storage.look(self._name)
            if found is None or not _is_held(self._storage, found):
                over = None if found is None else found.etag
                self._etag = self._storage.put(self._name, self._content(), over)
                if self._etag is not None:
                    self._begin()
                    return None
            elif time.monotonic() >= end:
                return found
            else:
                time.sleep(min(POLL_SECONDS, max(end - time.monotonic(), 0.05)))

    def verify(self) -> None:
        """Raise if another has taken it over.

        Raises:
            LakeError: saying who.
        """
        found = self._storage.look(self._name)
        if found is None or not self._is_own(found):
            message = (
                f"{self._storage.address}: this run lost the lake's lock: it was not renewed for "
                f"{LEASE_SECONDS:.0f} s (was the machine asleep, or the store away?). "
                "What it had not begun to publish, it does not; run it again."
            )
            raise LakeError(message)

    def give_back(self) -> None:
        """Let go of it, if it is still held."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._storage.clear(self._name, lambda data: self._token(data) == self._facts["token"])

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def _renew(self) -> None:
        while not self._ended.wait(RENEW_SECONDS):
            self._renewals += 1
            try:
                etag = self._storage.put(self._name, self._content(), self._etag)
            except (LakeError, OSError):
                continue  # the next may get through
            if etag is None:
                return  # taken over: `verify` will say so
            self._etag = etag

    def _content(self) -> bytes:
        return json.dumps({**self._facts, "renewals": self._renewals}).encode()

    def _is_own(self, found: Version) -> bool:
        return bool(self._token(found.data) == self._facts["token"])

    @staticmethod
    def _token(data: bytes) -> str | None:
        return facts_of(data).get("token")


_held: dict[tuple[str, str], Lease] = {}
"""The leases that this process holds, by address and name: one of a name at a time."""


@contextmanager
def keep_lease(storage: BucketStorage, name: str, lease: Lease) -> Iterator[None]:
    """Say that this process holds a lease that was taken, and give it back at the end."""
    _held[storage.address, name] = lease
    try:
        yield
    finally:
        del _held[storage.address, name]
        lease.give_back()


def verify_lease(storage: BucketStorage, name: str) -> None:
    """Raise if this process does not hold a lease of that name, or no longer.

    Raises:
        LakeError: saying which.
    """
    lease = _held.get((storage.address, name))
    if lease is None:
        message = f"{storage.address}: to be written under its lock only, and {name} is not held."
        raise LakeError(message)
    lease.verify()


def is_leased(storage: BucketStorage, name: str) -> bool:
    """Whether anybody holds a lease of that name."""
    found = storage.look(name)
    return found is not None and _is_held(storage, found)


def facts_of(data: bytes) -> dict[str, Any]:
    """What a lease says of its holder; nothing where that cannot be read."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_held(storage: BucketStorage, found: Version) -> bool:
    if found.is_cleared or is_gone(facts_of(found.data).get("process", {})):
        return False
    # Both times are the store's own, in whole seconds: one more, so that none is cut short.
    return (storage.now() - found.modified).total_seconds() <= LEASE_SECONDS + 1
