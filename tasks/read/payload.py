"""The payload of a WARC record: its HTTP body, out of its chunks and decompressed."""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tasks.read.gunzip import Inflater
from tasks.read.refs import Reason
from tasks.read.streams import Unpacker

_CHUNKED = re.compile(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_STEP = 1 << 16


@dataclass(frozen=True, slots=True)
class BadPayload:
    """Why a record's payload is no page."""

    detail: str
    """Empty where it is only too large."""
    reason: Reason = "bad-record"


def decode_payload(record: Any, limit: int) -> bytes | BadPayload:
    """What a record of warcio's holds, at most ``limit`` bytes.

    Headers of crawlers often speak of chunks or compression that the crawler has undone: a body
    that does not begin so is taken as it is. A body that the crawler says it cut short
    (``WARC-Truncated``) is taken as far as it goes.
    """
    headers = record.http_headers
    is_cut = record.rec_headers.get_header("WARC-Truncated") is not None
    transfer = (headers.get_header("Transfer-Encoding") or "") if headers else ""
    content = (headers.get_header("Content-Encoding") or "") if headers else ""
    data: bytes | BadPayload = record.raw_stream.read()
    if "chunked" in transfer.lower() and isinstance(data, bytes) and _CHUNKED.match(data):
        data = _join_chunks(data, is_cut)
    for name in reversed([part.strip().lower() for part in content.split(",")]):
        if isinstance(data, bytes):
            data = _unpack(data, name, limit, is_cut)
    if isinstance(data, bytes) and len(data) > limit:
        return BadPayload("", "too-large")
    return data


def _join_chunks(data: bytes, is_cut: bool) -> bytes | BadPayload:
    from warcio.bufferedreaders import (  # type: ignore[import-untyped]
        ChunkedDataException,
        ChunkedDataReader,
    )

    reader, pieces = ChunkedDataReader(io.BytesIO(data), raise_exceptions=True), list[bytes]()
    try:
        while piece := reader.read(_STEP):
            pieces.append(piece)
    except ChunkedDataException as error:
        if not is_cut:
            return BadPayload("The chunks of its HTTP body are damaged.")
        pieces.append(error.data)
    return b"".join(pieces)


def _unpack(data: bytes, name: str, limit: int, is_cut: bool) -> bytes | BadPayload:
    """One content coding undone."""
    if name in {"", "identity", "none"}:
        return data
    if name not in _CODINGS:
        if _MARKUP.match(data):
            return data
        return BadPayload(f"Its HTTP body is packed as {name[:20]}, which cannot be read.")
    begins, opened = _CODINGS[name]
    if not begins(data):
        return data
    unpacker, pieces, size = opened(), list[bytes](), 0
    for piece in unpacker.feed(data):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return BadPayload("", "too-large")
    if (unpacker.damage or not unpacker.at_end) and not is_cut:
        return BadPayload(f"The {name} data of its HTTP body is damaged or stops short.")
    return b"".join(pieces)


class _Deflater:
    """``deflate`` data, with the header that the standard wants or, as some send it, without."""

    def __init__(self) -> None:
        self.damage = ""
        self.rest = b""
        self.is_lost = True
        self._inflater = zlib.decompressobj()

    @property
    def at_end(self) -> bool:
        return self._inflater.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not _has_zlib_header(data):
            self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while data and not self._inflater.eof:
                piece = self._inflater.decompress(data, 1 << 20)
                data = self._inflater.unconsumed_tail
                if piece:
                    yield piece
        except zlib.error as error:
            self.damage = str(error)


def _open_zstd() -> Unpacker:
    from tasks.read.unzstd import Unzstd

    return Unzstd()


def _has_zlib_header(data: bytes) -> bool:
    return len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _begins(magic: bytes, data: bytes) -> bool:
    return data.startswith(magic)


_IS_GZIP = partial(_begins, b"\x1f\x8b")
_CODINGS: dict[str, tuple[Callable[[bytes], bool], Callable[[], Unpacker]]] = {
    "gzip": (_IS_GZIP, Inflater),
    "x-gzip": (_IS_GZIP, Inflater),
    "deflate": (lambda data: not _MARKUP.match(data), _Deflater),
    "zstd": (partial(_begins, b"\x28\xb5\x2f\xfd"), _open_zstd),
}
