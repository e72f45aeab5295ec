"""A lake in an object store: puts take the place of renames, conditions that of the file lock.

What a run stages is written to this machine first, then put under the same name below the lake's
address, so that the next run, maybe on another machine, finds it. A publication copies it, within
the store, to its place.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from deltalake.exceptions import DeltaError, TableNotFoundError
from pyarrow.fs import FileSystem, S3FileSystem, SubTreeFileSystem

from tasks.errors import LakeError
from tasks.lake.storage import Move
from tasks.read.s3 import advise, as_os_errors, describe, open_bucket

T = TypeVar("T")

CLOCK = "_copydesk/clock"
_THREADS = 8
"""Requests at a time: each takes some 50 ms, of which next to nothing is ours."""
_CLEARED = b"nothing "
"""What begins so stands for no file: S3 removes under no condition. What follows is never the
same twice, or a writer could not tell that others wrote and cleared in between."""


@dataclass(frozen=True, slots=True)
class Version:
    """A small object, as it was when it was read."""

    data: bytes
    etag: str
    modified: datetime
    """By the store's own clock, to the second."""

    @property
    def is_cleared(self) -> bool:
        """Whether it stands for no file."""
        return self.data.startswith(_CLEARED)


class BucketStorage:
    """A prefix of an S3 bucket; see ``Storage``."""

    def __init__(self, root: Path, address: str) -> None:
        self._root = root
        self.address = address
        self._bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._store = open_bucket(self._bucket)
        # In a folder that others may write to: nobody else's is used, and nobody else reads ours.
        root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if root.parent.stat().st_uid != os.getuid():
            message = f"{root.parent}: belongs to another user. Say by TMPDIR where to work."
            raise LakeError(message)

    def read(self, name: str) -> bytes | None:
        """See ``Storage``."""
        found = self.look(name)
        return None if found is None or found.is_cleared else found.data

    def look(self, name: str) -> Version | None:
        """A small object and its version; None where there is none."""
        try:
            with self._errors(name):
                found = self._store.get(self._prefix + name)
                data = bytes(found.bytes())
        except FileNotFoundError:
            return None
        return Version(data, str(found.meta["e_tag"]), found.meta["last_modified"])

    def put(self, name: str, data: bytes, over: str | None) -> str | None:
        """Write a small object over a version of it, or where there is none; its etag.

        None where it is another version by now, or there is one.
        """
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with self._errors(name):
                mode = "create" if over is None else {"e_tag": over}
                done = self._store.put(self._prefix + name, data, mode=mode, use_multipart=False)  # type: ignore[arg-type]
                return str(done["e_tag"])
        except (AlreadyExistsError, PreconditionError):
            # A put whose answer was lost is sent again, and refused for its own sake.
            found = self.look(name)
            return found.etag if found is not None and found.data == data else None
        except FileNotFoundError as error:
            message = f"{self.address}: {error.strerror}. Make the bucket first."
            raise LakeError(message) from error

    def replace(self, name: str, data: bytes, verify: Callable[[], None]) -> None:
        """See ``Storage``."""
        before = self.look(name)
        verify()
        if self.put(name, data, None if before is None else before.etag) is None:
            message = (
                f"{self.address}/{name}: written by another, though this run held the lake's lock. "
                "Nothing of this run was published; run it again."
            )
            raise LakeError(message)

    def clear(self, name: str, is_own: Callable[[bytes], bool]) -> None:
        """See ``Storage``."""
        found = self.look(name)
        if found is not None and not found.is_cleared and is_own(found.data):
            # Refused: another cleared it, who finished what it asked for.
            self.put(name, _CLEARED + uuid4().hex.encode(), found.etag)

    def upload(self, name: str) -> None:
        """Put a file of this machine under its name, over what there was."""
        with self._errors(name):
            self._store.put(self._prefix + name, self._root / name)

    def upload_all(self, names: Iterable[str]) -> None:
        """Put files of this machine under their names, some at a time."""
        self._each(names, self.upload)

    def has(self, name: str) -> bool:
        """Whether a file is there that is as large as this machine's."""
        return self._size(name) == (self._root / name).stat().st_size

    def fetch(self, name: str) -> None:
        """Bring a file to this machine, under its name."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.fetched")
        with self._errors(name), draft.open("wb") as sink:
            for chunk in self._store.get(self._prefix + name):
                sink.write(chunk)
        draft.replace(path)

    def names(self, folder: str) -> list[str]:
        """The names of all objects below a folder, sorted."""
        cut = len(self._prefix)
        with self._errors(folder):
            batches = self._store.list(self._prefix + folder)
            return sorted(str(one["path"])[cut:] for batch in batches for one in batch)

    def remove_all(self, folder: str) -> None:
        """Remove all below a folder."""
        self._each(self.names(folder), self.remove)

    def place(self, moves: Iterable[Move]) -> str | None:
        """See ``Storage``."""
        lost: list[str] = []

        def copy(move: Move) -> None:
            staged, place = move
            try:
                self._copy(staged, place)
            except FileNotFoundError:
                if self._size(place) is None:
                    lost.append(f"{self.address}/{staged}")

        self._each(moves, copy)
        return min(lost, default=None)

    def _copy(self, name: str, place: str) -> None:
        with self._errors(name):
            self._store.copy(self._prefix + name, self._prefix + place)

    def remove(self, name: str) -> None:
        """See ``Storage``."""
        with self._errors(name):
            self._store.delete(self._prefix + name)

    def size(self, name: str) -> int:
        """See ``Storage``."""
        with self._errors(name):
            return int(self._store.head(self._prefix + name)["size"])

    def files(self, folder: str) -> FileSystem:
        """See ``Storage``."""
        below = f"{self._bucket}/{self._prefix}{folder}"
        # Arrow knows the other variables by itself.
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return SubTreeFileSystem(below, S3FileSystem(region=region, endpoint_override=endpoint))

    def now(self) -> datetime:
        """The time by the store's clock, to the second: ours may be wrong."""
        with self._errors(CLOCK):
            self._store.put(self._prefix + CLOCK, uuid4().hex.encode())
            return self._store.head(self._prefix + CLOCK)["last_modified"]

    def _size(self, name: str) -> int | None:
        try:
            return self.size(name)
        except FileNotFoundError:
            return None

    @contextmanager
    def reach(self) -> Iterator[None]:
        """See ``Storage``."""
        try:
            yield
        except TableNotFoundError:
            raise
        except (OSError, DeltaError) as error:
            message = f"{self.address}: {describe(error)}. {advise()}."
            raise LakeError(message) from OSError(errno.EIO, str(error))

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            with as_os_errors(f"{self.address}/{name}"):
                yield
        except FileNotFoundError:
            raise
        except OSError as error:
            message = f"{self.address}: {error.strerror}."
            raise LakeError(message) from error

    @staticmethod
    def _each(items: Iterable[T], work: Callable[[T], None]) -> None:
        """Do the same with all of them, some at a time; the first error is raised."""
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(work, items))
