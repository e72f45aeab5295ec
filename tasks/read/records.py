"""WARC files cut into records, whatever is damaged in between, with bounded memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"WARC/"
"""What a record begins with; so what a gzip member does, where damage before it is passed over."""
_HEADER_BYTES = 1 << 16
"""A record's own header is some 500 bytes; one of more than this is damage."""
_VERSION = re.compile(rb"WARC/[01]\.\d")
_NEXT = re.compile(rb"\nWARC/[01]\.\d")
_END = b"\r\n\r\n"
"""What follows a block; some writers leave it out."""
_BLANK = re.compile(rb"\s*+")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record, or what is left of it."""

    number: int
    """From 1, records of all types counted."""
    offset: int
    """Where it begins, in bytes of the decompressed input."""
    header: bytes
    """WARC version and fields, with the empty line after them."""
    block: bytes
    """What follows, at most as many bytes as were asked to be kept."""
    size: int
    """Bytes of the whole block."""
    damage: str = ""
    """Why it cannot be used, in one sentence; empty where it can."""


def split_records(
    chunks: Iterator[bytes], keep: int, *, first: int = 1, offset: int = 0
) -> Iterator[WarcRecord]:
    """The records of ``chunks``; at most ``keep`` bytes of each block are held.

    An empty chunk says that bytes are missing there. After damage the next line that begins a
    record is looked for; all that is passed over counts as one record.
    """
    tape, number = _Tape(chunks, offset), first
    while tape.skip_blank() or tape.at_gap:
        start = tape.at
        record = _take_record(tape, number, start, keep)
        yield record
        number += 1
        if tape.at_gap:
            tape.resume()
        elif record.damage:
            tape.skip_to_record(start)


def _take_record(tape: "_Tape", number: int, start: int, keep: int) -> WarcRecord:
    header = tape.take_header()
    found = _LENGTH.search(header) if _VERSION.match(header) else None
    if found is None:
        detail = "No WARC header with a length stands where the record should begin."
        if tape.at_gap:
            detail = _GAP
        return WarcRecord(number, start, header, tape.peek(256), 0, detail)
    length = int(found[1])
    block = tape.take(length, keep)
    damage, is_ended = "", tape.peek(len(_END)) == _END
    whole = tape.skip_blank()
    if tape.at_gap:
        damage = _GAP
    elif tape.at < start + len(header) + length:
        damage = "The file stops before the record's end."
    elif whole and not is_ended and tape.peek(len(MAGIC)) != MAGIC:
        damage = "The record's length is wrong: it does not end there, and no other begins."
    return WarcRecord(number, start, header, block, length, damage)


_GAP = "Its gzip data is damaged."


class _Tape:
    """Bytes in order, taken from the front."""

    def __init__(self, chunks: Iterator[bytes], offset: int) -> None:
        self.at = offset
        """Bytes taken so far."""
        self.at_gap = False
        """Whether the bytes after those held are missing; nothing is taken beyond."""
        self._chunks = chunks
        self._held = bytearray()
        self._no_end_before = 0
        """Where no header ends: records that are all damage would search the same again."""

    def peek(self, count: int) -> bytes:
        """The next bytes, fewer at the end or before a gap."""
        self._fill(count)
        return bytes(self._held[:count])

    def take(self, count: int, keep: int) -> bytes:
        """The next bytes, of which the first ``keep`` are given."""
        kept = bytearray()
        while count:
            if not self._held and not self._fill(1):
                break
            step = min(count, len(self._held))
            kept += self._held[: max(min(step, keep - len(kept)), 0)]
            self._drop(step)
            count -= step
        return bytes(kept)

    def take_header(self) -> bytes:
        """All up to the next empty line; nothing where it is too far away."""
        while True:
            begin = max(self._no_end_before - self.at - 3, 0)
            found = _HEADER_END.search(self._held, begin)
            if found is not None:
                return self.take(found.end(), found.end())
            searched = len(self._held)
            self._no_end_before = self.at + searched
            if searched > _HEADER_BYTES or not self._fill(searched + 1):
                return b""

    def skip_blank(self) -> bool:
        """Pass over line ends and blanks; whether something follows, without a gap between."""
        while True:
            found = _BLANK.match(self._held)
            self._drop(found.end() if found else 0)
            if self._held:
                return True
            if not self._fill(1):
                return False

    def skip_to_record(self, start: int) -> None:
        """Pass over all before the next line that begins a record, behind ``start``."""
        if self.at > start and _VERSION.match(self.peek(16)):
            return
        while (found := _NEXT.search(self._held)) is None:
            self._drop(max(len(self._held) - 16, 0))
            if not self._fill(len(self._held) + 1):
                self._drop(len(self._held))
                return
        self._drop(found.start() + 1)

    def resume(self) -> None:
        """Go on behind a gap; what is held before it is of no use."""
        self._drop(len(self._held))
        self.at_gap = False

    def _fill(self, count: int) -> bool:
        """Hold ``count`` bytes, if there are so many before the end or a gap."""
        while len(self._held) < count and not self.at_gap:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self.at_gap = not chunk
            self._held += chunk
        return len(self._held) >= count

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self.at += count
