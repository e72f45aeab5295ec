"""An input's bytes: opened with care, hashed as stored, decompressed in chunks, cut into lines.

Memory stays bounded whatever the input holds: a gzip bomb, a line of gigabytes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Literal, NoReturn, Protocol

from tasks.read.gunzip import Inflater, find_member
from tasks.read.opened import Opened, RefusedError, open_input
from tasks.read.refs import HEAD_BYTES, InputRef

Packing = Literal["", "gz", "zst"]
"""How an input is compressed as stored, by the last suffix of its name; "" where it is not."""


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
        self._opened: Opened
        self._position = 0
        """In the decompressed bytes."""

    def __enter__(self) -> "Stored":
        self._opened = open_input(self.ref)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    @property
    def head(self) -> bytes:
        """The first bytes read: decompressed, or as stored where none could be decompressed."""
        return self._unpacked_head or self._stored_head

    @property
    def sha256(self) -> str | None:
        """Of the stored bytes, in hex; None unless all of them were read."""
        return self._hash.hexdigest() if self.ended and self._whole else None

    def verify_unchanged(self) -> None:
        """Raise ``ChangedError`` if the input is not what discovery listed."""
        self._opened.verify()

    def peek(self, count: int) -> bytes:
        """The first stored bytes, at most ``count``."""
        return self._opened.peek(count)

    def chunks(self, offset: int = 0, *, resume: bytes = b"") -> Iterator[bytes]:
        """The decompressed bytes from ``offset`` on, all of those before any damage.

        With ``resume``, reading goes on behind damage at the next gzip member whose content begins
        so, if there is one; an empty chunk stands for what is missing, behind a NUL where nothing
        came out of the damaged member.
        """
        if self.packing and self.ref.size:
            mark = _Bookmark.before(self, offset)
            position = 0 if mark is None else mark.position
            yield from _skip(self._unpack(resume, mark), offset - position)
            return
        self._whole = not offset
        yield from self._read(offset)

    def open_file(self) -> BinaryIO:
        """The stored bytes as a file, to be read in any order, and closed; not with ``chunks``."""
        self._whole = False
        self._stored_head = self.peek(HEAD_BYTES)
        return self._opened.open_file()

    def _read(self, offset: int = 0) -> Iterator[bytes]:
        for chunk in self._opened.read(offset):
            self._hash.update(chunk)
            self._stored_head = self._stored_head or chunk[:HEAD_BYTES]
            yield chunk
        self.ended = True

    def _unpack(self, resume: bytes, mark: "_Bookmark | None") -> Iterator[bytes]:
        """All that can be decompressed, member after member; from the mark on, if there is one."""
        unpacker, at, is_whole = _open_unpacker(self.packing), 0, True
        if mark is not None:
            unpacker, at, self._whole = mark.inflater.copy(), mark.at, False
            self._position = mark.position
            self._stored_head, self._unpacked_head = mark.heads
        source = self._read(at)
        for stored in source:
            if is_whole and isinstance(unpacker, Inflater):
                _Bookmark.put(self, at, unpacker)
            at += len(stored)
            yield from self._feed(unpacker, stored)
            while unpacker.damage:
                is_whole = False
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
            self._position += len(chunk)
            yield chunk

    def _refuse(self, unpacker: Unpacker) -> NoReturn:
        if getattr(unpacker, "is_too_large", False):
            detail = "Its Zstandard data asks for more memory than 128 MB to be decompressed."
            raise TooLargeError(detail)
        detail = f"Its {_PACKINGS[self.packing]} data is damaged: {unpacker.damage}."
        raise DamagedError(detail)


@dataclass(frozen=True, slots=True)
class _Bookmark:
    """How far this process has come with a gzip file: the next shard of it goes on from there.

    Without it each shard would decompress all that stands before it: of a file in 24 shards twelve
    times its length.
    """

    ref: InputRef
    at: int
    """Stored bytes that were read."""
    position: int
    """Bytes that they decompress to."""
    inflater: Inflater
    heads: tuple[bytes, bytes]
    """Of the stored and of the decompressed bytes."""

    @staticmethod
    def put(stored: Stored, at: int, inflater: Inflater) -> None:
        """Note a place at which nothing was amiss so far, over the one noted before."""
        heads = stored._stored_head, stored._unpacked_head
        _bookmarks[:] = [_Bookmark(stored.ref, at, stored._position, inflater.copy(), heads)]

    @staticmethod
    def before(stored: Stored, offset: int) -> "_Bookmark | None":
        """The place noted last, if it is in this input, unchanged, and not behind ``offset``."""
        for mark in _bookmarks:
            if mark.ref == stored.ref and 0 < mark.position <= offset:
                return mark
        return None


_bookmarks: list[_Bookmark] = []
"""None or one."""


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


_PACKINGS: dict[Packing, str] = {"gz": "gzip", "zst": "Zstandard"}


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
