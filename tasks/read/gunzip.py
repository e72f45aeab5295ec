"""Gzip data that may be damaged: all that is good comes out, in pieces of bounded size."""

import zlib
from collections.abc import Iterator

_CHUNK_BYTES = 1 << 20
"""Decompressed: 64 KB of a gzip bomb are 64 MB."""
_MAGIC = b"\x1f\x8b\x08"
_PROBE_BYTES = 512
"""Of a gzip member, to see what its content begins with."""


class Inflater:
    """Gzip data in, decompressed bytes out, in pieces of bounded size."""

    def __init__(self) -> None:
        self.damage = ""
        """What is wrong with the data met so far; empty where nothing is."""
        self.rest = b""
        """What was fed and not decompressed, where there is damage: it begins in it, or before."""
        self.is_lost = True
        """Whether nothing came out of the member that is being read."""
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._begun = False
        self._members = 0

    @property
    def at_end(self) -> bool:
        """Whether the data may stop here: after at least one whole member."""
        return self._members > 0 and not self._begun

    def copy(self) -> "Inflater":
        """Another one that goes on from here; some 40 kB."""
        other = Inflater()
        other.is_lost, other._begun, other._members = self.is_lost, self._begun, self._members
        other._member = self._member.copy()
        return other

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` decompresses to; sets ``damage`` after the last good byte."""
        more = False
        while data or more:
            if not self._begun:
                data = data.lstrip(b"\0") if self._members else data  # padding between members
                self._begun = bool(data)
                if not data:
                    return
            before = self._member.copy()
            try:
                chunk = self._member.decompress(data, _CHUNK_BYTES)
            except zlib.error as error:
                self._member, self.damage, self.rest = before, _say(error), data
                yield from self._salvage(data)
                return
            if chunk:
                self.is_lost = False
                yield chunk
            data = self._member.unconsumed_tail
            more = len(chunk) == _CHUNK_BYTES  # zlib may hold some back that needs no more input
            if self._member.eof:
                more = False
                data = self._member.unused_data
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._begun, self._members = False, self._members + 1
                self.is_lost = True

    def _salvage(self, data: bytes) -> Iterator[bytes]:
        """Byte by byte what zlib had decompressed before it met the damage and threw all away."""
        for at in range(len(data)):
            try:
                chunk = self._member.decompress(data[at : at + 1])
            except zlib.error:
                return
            if chunk:
                self.is_lost = False
                yield chunk


def find_member(data: bytes, more: Iterator[bytes], begins: bytes) -> bytes:
    """The stored bytes from the next gzip member on whose content begins so; empty if none does.

    Args:
        data: Where to look first, from its second byte on.
        more: What follows; only as much is read as has to be.
        begins: The first bytes of the member's content.
    """
    at = 1
    while True:
        at = data.find(_MAGIC, at)
        if at >= 0 and len(data) - at >= _PROBE_BYTES and _begins(data[at:], begins):
            return data[at:]
        if at >= 0 and len(data) - at >= _PROBE_BYTES:
            at += 1
            continue
        chunk = next(more, b"")
        if not chunk:
            break
        kept = at if at >= 0 else max(len(data) - len(_MAGIC) + 1, 1)
        data, at = data[kept:] + chunk, 0
    while at >= 0 and not _begins(data[at:], begins):
        at = data.find(_MAGIC, at + 1)
    return data[at:] if at >= 0 else b""


def _begins(data: bytes, content: bytes) -> bool:
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return member.decompress(data[:_PROBE_BYTES], len(content)) == content
    except zlib.error:
        return False


def _say(error: zlib.error) -> str:
    return str(error).rpartition(": ")[2]
