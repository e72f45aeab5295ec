"""One input, open: its bytes in any order, and whether it is still what discovery listed."""

import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Protocol

from tasks.read.refs import InputRef, Reason
from tasks.read.uris import is_remote, uri_to_path

CHUNK_BYTES = 1 << 16


class RefusedError(Exception):
    """An input that cannot be read to its end; the message is the detail of its reject."""

    reason: Reason


class NotAFileError(RefusedError):
    """A folder, a pipe, a socket or a device."""

    reason = "not-a-file"


class ChangedError(RefusedError):
    """An input that is no longer what discovery listed."""

    reason = "changed-while-reading"


class Opened(Protocol):
    """An input's bytes as stored."""

    def verify(self) -> None:
        """Raise ``ChangedError`` if the input is not what discovery listed."""

    def peek(self, count: int) -> bytes:
        """The first bytes, at most ``count``."""

    def read(self, offset: int) -> Iterator[bytes]:
        """The bytes from ``offset`` to the end, in chunks."""

    def open_file(self) -> BinaryIO:
        """The bytes as a file of its own, to be read in any order, and closed."""

    def close(self) -> None:
        """Let go of the input."""


def open_input(ref: InputRef) -> Opened:
    """Open an input, wherever it lies.

    Raises:
        NotAFileError: where it is none.
        ChangedError: where it is not what discovery listed.
        OSError: where it cannot be reached.
    """
    if is_remote(ref.uri):
        from tasks.read.remote import OpenedObject  # object stores are an extra

        return OpenedObject(ref)
    return OpenedFile(ref)


class OpenedFile:
    """A file of this machine; see ``open_input``."""

    def __init__(self, ref: InputRef) -> None:
        self._ref = ref
        # Not blocking, or opening a pipe that took the file's place would wait for ever.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._descriptor = os.open(uri_to_path(ref.uri), flags)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise NotAFileError(_NOT_A_FILE) from error
            raise
        try:
            self.verify()
        except BaseException:
            self.close()
            raise

    def verify(self) -> None:
        """See ``Opened``."""
        now = os.fstat(self._descriptor)
        if not stat.S_ISREG(now.st_mode):
            raise NotAFileError(_NOT_A_FILE)
        check_unchanged(self._ref, now.st_size, modified_at(now))

    def peek(self, count: int) -> bytes:
        """See ``Opened``."""
        return os.pread(self._descriptor, count, 0)

    def read(self, offset: int) -> Iterator[bytes]:
        """See ``Opened``."""
        if offset:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
        while chunk := os.read(self._descriptor, CHUNK_BYTES):
            yield chunk

    def open_file(self) -> BinaryIO:
        """See ``Opened``."""
        return os.fdopen(os.dup(self._descriptor), "rb")

    def close(self) -> None:
        """See ``Opened``."""
        os.close(self._descriptor)


def check_unchanged(ref: InputRef, size: int, modified: datetime | None) -> None:
    """Raise ``ChangedError`` where size or time differ from what discovery listed."""
    if size != ref.size:
        detail = f"It was {ref.size} bytes when listed and is {size} now."
        raise ChangedError(detail)
    if ref.modified is not None and modified != ref.modified:
        detail = f"It was of {ref.modified} when listed and is of {modified} now."
        raise ChangedError(detail)


def modified_at(status: os.stat_result) -> datetime | None:
    """Time of last change, UTC, to the microsecond; None where no date can hold it."""
    try:
        return _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    except OverflowError:
        return None


_NOT_A_FILE = "It is a folder, a pipe, a socket or a device."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
