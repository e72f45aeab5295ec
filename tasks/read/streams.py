"""An input's bytes: opened with care, hashed as stored, decompressed in chunks, cut into lines.

Memory stays bounded whatever the input holds: a gzip bomb, a line of gigabytes.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import BinaryIO, Literal, NoReturn, Protocol

from tasks.read.gunzip import Inflater, find_member
from tasks.read.refs import HEAD_BYTES, InputRef, Reason
from tasks.read.uris import uri_to_path

CHUNK_BYTES = 1 << 16

Packing = Literal["", "gz", "zst"]
"""How an input is compressed as stored, by the last suffix of its name; "" where it is not."""


class RefusedError(Exception):
    """An input that cannot be read to its end; the message is the detail of its reject."""

    reason: Reason


class NotAFileError(RefusedError):
    """A folder, a pipe, a socket or a device."""

    reason = "not-a-file"


class ChangedError(RefusedError):
    """A file that is no longer what discovery listed."""

    reason = "changed-while-reading"


class DamagedError(RefusedError):
    """Compressed data that cannot be decompressed to its end."""

    reason = "bad-compression"


class TooLargeError(RefusedError):
    """Compressed data that cannot be decompressed in the memory allowed."""

    reason = "too-large"


class Unpacker(Protocol):
    """Compressed data in, decompressed bytes out, in pieces of bounded size."""

    damage: str
    """What is wrong with the data met so far; empty where nothing is."""
    rest: bytes
    """What was fed and not decompressed, where there is damage: it begins in it, or before."""
    is_lost: bool
    """Whether nothing came out of the member that is being read."""

    @property
    def at_end(self) -> bool:
        """Whether the data may stop here."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` decompresses to; sets ``damage`` after the last good byte."""


class Stored:
    """One input, open for reading. A context manager, good for one pass.

    Raises:
        NotAFileError: On entering.
        ChangedError: On entering, and from ``verify_unchanged``.
        DamagedError: From ``chunks``, after all that could be decompressed.
        TooLargeError: From ``chunks``, where Zstandard data asks for too much memory.
        OSError: Where the input cannot be reached.
    """

    def __init__(self, ref: InputRef, packing: Packing = "") -> None:
        self.ref = ref
        self.ended = False
        """Whether all stored bytes were read, the last one included."""
        self.packing = packing
        self._stored_head = b""
        self._unpacked_head = b""
        self._whole = True
        self._hash = hashlib.sha256()
        self._descriptor = -1

    def __enter__(self) -> "Stored":
        # Not blocking, or opening a pipe that took the file's place would wait for ever.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._descriptor = os.open(uri_to_path(self.ref.uri), flags)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise NotAFileError(_NOT_A_FILE) from error
            raise
        try:
            self.verify_unchanged()
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    @property
    def head(self) -> bytes:
        """The first bytes read: decompressed, or as stored where none could be decompressed."""
        return self._unpacked_head or self._stored_head

    @property
    def sha256(self) -> str | None:
        """Of the stored bytes, in hex; None unless all of them were read."""
        return self._hash.hexdigest() if self.ended and self._whole else None

    def verify_unchanged(self) -> None:
        """Raise ``ChangedError`` if the file is not what discovery listed."""
        now = os.fstat(self._descriptor)
        if not stat.S_ISREG(now.st_mode):
            raise NotAFileError(_NOT_A_FILE)
        modified = modified_at(now)
        if now.st_size != self.ref.size:
            detail = f"It was {self.ref.size} bytes when listed and is {now.st_size} now."
            raise ChangedError(detail)
        if self.ref.modified is not None and modified != self.ref.modified:
            detail = f"It was of {self.ref.modified} when listed and is of {modified} now."
            raise ChangedError(detail)

    def peek(self, count: int) -> bytes:
        """The first stored bytes, at most ``count``."""
        return os.pread(self._descriptor, count, 0)

    def chunks(self, offset: int = 0, *, resume: bytes = b"") -> Iterator[bytes]:
        """The decompressed bytes from ``offset`` on, all of those before any damage.

        With ``resume``, reading goes on behind damage at the next gzip member whose content begins
        so, if there is one; an empty chunk stands for what is missing, behind a NUL where nothing
        came out of the damaged member.
        """
        if self.packing and self.ref.size:
            yield from _skip(self._unpack(resume), offset)
            return
        if offset:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            self._whole = False
        yield from self._read()

    def open_file(self) -> BinaryIO:
        """The stored bytes as a file, to be read in any order, and closed; not with ``chunks``."""
        self._whole = False
        self._stored_head = self.peek(HEAD_BYTES)
        return os.fdopen(os.dup(self._descriptor), "rb")

    def _read(self) -> Iterator[bytes]:
        while chunk := os.read(self._descriptor, CHUNK_BYTES):
            self._hash.update(chunk)
            self._stored_head = self._stored_head or chunk[:HEAD_BYTES]
            yield chunk
        self.ended = True

    def _unpack(self, resume: bytes) -> Iterator[bytes]:
        """All that can be decompressed, member after member."""
        unpacker, source = _open_unpacker(self.packing), self._read()
        for stored in source:
            yield from self._feed(unpacker, stored)
            while unpacker.damage:
                rest = find_member(unpacker.rest, source, resume) if resume else b""
                if not rest:
                    for _ in source:  # the rest, for the hash of the whole
                        pass
                    self._refuse(unpacker)
                if unpacker.is_lost:
                    yield b"\0"  # or what was whole before it would seem to be cut short
                unpacker = _open_unpacker(self.packing)
                yield b""
                yield from self._feed(unpacker, rest)
        if not unpacker.at_end:
            detail = f"Its {_PACKINGS[self.packing]} data stops before its end."
            raise DamagedError(detail)

    def _feed(self, unpacker: Unpacker, stored: bytes) -> Iterator[bytes]:
        for chunk in unpacker.feed(stored):
            if len(self._unpacked_head) < HEAD_BYTES:
                self._unpacked_head = (self._unpacked_head + chunk)[:HEAD_BYTES]
            yield chunk

    def _refuse(self, unpacker: Unpacker) -> NoReturn:
        if getattr(unpacker, "is_too_large", False):
            detail = "Its Zstandard data asks for more memory than 128 MB to be decompressed."
            raise TooLargeError(detail)
        detail = f"Its {_PACKINGS[self.packing]} data is damaged: {unpacker.damage}."
        raise DamagedError(detail)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its newline."""

    number: int
    """From 1, blank lines counted."""
    offset: int
    """Where it begins, in bytes of the decompressed input."""
    data: bytes
    """At most as many bytes as were asked to be kept."""
    size: int
    """Bytes of the whole line."""
    blank: bool
    """Whether it is only white space."""


def split_lines(
    chunks: Iterator[bytes], keep: int, *, first: int = 1, offset: int = 0
) -> Iterator[Line]:
    r"""The lines of ``chunks``, parted by ``\n`` only; at most ``keep`` bytes of each are held.

    A line that damage cuts short is not given.
    """
    kept, held, size, blank, number = list[bytes](), 0, 0, True, first
    for chunk in chunks:
        pieces = chunk.split(b"\n")
        for at, piece in enumerate(pieces):
            if held < keep:
                kept.append(piece[: keep - held])
                held += len(kept[-1])
            size += len(piece)
            blank = blank and not piece.strip()
            if at < len(pieces) - 1:
                yield Line(number, offset, b"".join(kept), size, blank)
                offset += size + 1
                kept, held, size, blank, number = [], 0, 0, True, number + 1
    if size:
        yield Line(number, offset, b"".join(kept), size, blank)


def modified_at(status: os.stat_result) -> datetime | None:
    """Time of last change, UTC, to the microsecond; None where no date can hold it."""
    try:
        return _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    except OverflowError:
        return None


_PACKINGS: dict[Packing, str] = {"gz": "gzip", "zst": "Zstandard"}
_NOT_A_FILE = "It is a folder, a pipe, a socket or a device."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _open_unpacker(packing: Packing) -> Unpacker:
    if packing == "gz":
        return Inflater()
    from tasks.read.unzstd import Unzstd  # few inputs are

    return Unzstd()


def _skip(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count < len(chunk) or not (chunk or count):
            yield chunk[count:]
        count = max(count - len(chunk), 0)
