"""Inputs in stores that fsspec has a file system for: ``gs://…``, ``abfs://…``, ``memory://…``."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO

import fsspec  # type: ignore[import-untyped]

from tasks.errors import SettingError
from tasks.read.opened import CHUNK_BYTES
from tasks.read.refs import InputRef
from tasks.read.uris import join_remote


class OtherObjects:
    """Objects of another store; see ``remote.Remote``."""

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        if scheme in {"http", "https"}:
            message = f"{scheme}://…: web addresses are not fetched. Give files, or a WARC of them."
            raise SettingError(message)
        try:
            self._files: Any = fsspec.filesystem(scheme)
        except (ImportError, ValueError, TypeError) as error:  # no host, for one of ftp://
            message = f"{scheme}://…: there is no reader for this. {error}"
            raise SettingError(message) from error

    def look(self, path: str) -> InputRef | None:
        """See ``Remote``."""
        try:
            with self._as_os_errors(path):
                found = self._files.info(self._inner(path))
        except FileNotFoundError:
            return None
        return self._refer(found) if found["type"] == "file" else None

    def walk(self, folder: str) -> Iterator[InputRef]:
        """See ``Remote``."""
        with self._as_os_errors(folder):
            found = self._files.find(self._inner(folder), detail=True)
        for one in found.values():
            yield self._refer(one)

    def read(self, path: str, offset: int, etag: str | None) -> Iterator[bytes]:
        """See ``Remote``."""
        with self._as_os_errors(path), self._files.open(self._inner(path), "rb") as file:
            if offset:
                file.seek(offset)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def open(self, path: str, ref: InputRef) -> BinaryIO:
        """See ``Remote``."""
        with self._as_os_errors(path):
            opened: BinaryIO = self._files.open(self._inner(path), "rb")
            return opened

    def _inner(self, path: str) -> str:
        """The path as the file system wants it: some have a slash in front."""
        stripped: str = self._files._strip_protocol(f"{self._scheme}://{path}")
        return stripped

    def _refer(self, found: dict[str, Any]) -> InputRef:
        names = ("LastModified", "last_modified", "mtime", "modified", "updated", "created")
        times = [found[name] for name in names if found.get(name) is not None]
        etag = next((found[name] for name in ("ETag", "etag") if found.get(name)), None)
        return InputRef(
            join_remote(self._scheme, str(found["name"])),
            int(found["size"] or 0),
            _as_time(times[0]) if times else None,
            None if etag is None else str(etag),
        )

    @contextmanager
    def _as_os_errors(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError:
            raise
        except Exception as error:  # each file system has errors of its own
            raise OSError(errno.EIO, f"{type(error).__name__}: {error}"[:300], path) from error


def _as_time(found: object) -> datetime | None:
    if isinstance(found, int | float):
        return datetime.fromtimestamp(found, UTC)
    if isinstance(found, str):
        try:
            found = datetime.fromisoformat(re.sub(r"Z$", "+00:00", found))
        except ValueError:
            return None
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
