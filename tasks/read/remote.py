"""Inputs in object stores: ``s3://…``, and whatever else fsspec has a file system for."""

import errno
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Protocol

from tasks.read.opened import ChangedError, check_unchanged
from tasks.read.refs import InputRef
from tasks.read.uris import split_remote


class Remote(Protocol):
    """A store of objects, as far as reading needs it. Paths are ``bucket/key``."""

    def look(self, path: str) -> InputRef | None:
        """The object with this name; None where there is none."""

    def walk(self, folder: str) -> Iterator[InputRef]:
        """All objects below a folder, in any order."""

    def read(self, path: str, offset: int, etag: str | None) -> Iterator[bytes]:
        """An object's bytes from ``offset`` on; of the version with that etag, where known."""

    def open(self, path: str, ref: InputRef) -> BinaryIO:
        """An object as a file, to be read in any order."""


@lru_cache(maxsize=16)
def open_remote(scheme: str) -> Remote:
    """The stores that a scheme names.

    Raises:
        SettingError: where there is no reader for it, or its package is missing.
    """
    if scheme == "s3":
        from tasks.read.s3 import S3Objects

        return S3Objects()
    from tasks.read.others import OtherObjects

    return OtherObjects(scheme)


class OpenedObject:
    """An object; see ``opened.open_input``."""

    def __init__(self, ref: InputRef) -> None:
        scheme, self._path = split_remote(ref.uri)
        self._ref = ref
        self._remote = open_remote(scheme)
        self.verify()

    def verify(self) -> None:
        """See ``Opened``."""
        now = self._remote.look(self._path)
        if now is None:
            raise FileNotFoundError(errno.ENOENT, "There is no such object any more", self._ref.uri)
        known = self._ref.etag is not None and now.etag is not None
        if known and now.etag != self._ref.etag:
            detail = "It was replaced after it was listed: its entity tag is another."
            raise ChangedError(detail)
        check_unchanged(self._ref, now.size, self._ref.modified if known else now.modified)

    def peek(self, count: int) -> bytes:
        """See ``Opened``."""
        head = b""
        for chunk in self.read(0):
            head += chunk
            if len(head) >= count:
                break
        return head[:count]

    def read(self, offset: int) -> Iterator[bytes]:
        """See ``Opened``."""
        if offset < self._ref.size:  # an empty range is an error to S3
            yield from self._remote.read(self._path, offset, self._ref.etag)

    def open_file(self) -> BinaryIO:
        """See ``Opened``."""
        return self._remote.open(self._path, self._ref)

    def close(self) -> None:
        """See ``Opened``; nothing is held."""
