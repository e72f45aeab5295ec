"""Which pages go into which task: inputs grouped, and large ones divided, into shards."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tasks.read.formats import Format, format_of
from tasks.read.opened import RefusedError
from tasks.read.refs import InputRef, Part, Reject, ShardRef
from tasks.read.rejects import access_reject
from tasks.read.streams import DamagedError, Stored
from tasks.read.transient import is_transient

SMALLEST_PAGES = 25
SMALLEST_BYTES = 128 * 1024
"""A shard below both is not worth a task: recording one costs ~60 ms of CPU."""
TARGET_SHARDS = 12
"""Of a run with pages enough, but for the small ones at its end: some 16 in all. Prefect's server
takes 60 ms of CPU to record one, on cores that could cut."""
MOST_SHARDS = 50
"""With more pages than this many full shards hold, shards hold more pages instead."""
LAST_SHARDS = 3
"""So many shards' worth of pages is left when shards begin to get smaller, so that the workers of a
run end at nearly the same time."""
LEAST_SHARE = 4
"""The smallest of them are this part of a whole one."""
_PACKED_RATIO = 4
"""Text is about four times as long as its compressed data."""
_MOST_MARKS = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """The least that a shard can be given: a file, or the records between two marks."""

    part: Part
    pages: int


Measure = Callable[[InputRef, bool], list[Piece] | Reject]
"""Finds an input's pieces, in order; told whether this is the last try, after which transient I/O
errors are rejects."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of a run."""

    shards: tuple[ShardRef, ...]
    rejects: tuple[Reject, ...]
    """Inputs whose records could not even be counted."""
    left: int = 0
    """Inputs for which there was no room."""


class Room:
    """How many pages a run takes on, in all and of each block of the sources file.

    An input is taken whole or left for a later run: the last that is taken may go beyond.
    """

    def __init__(self, most: int | None = None, of_origins: Sequence[int | None] = ()) -> None:
        """Room for so many; None is no bound, neither in all nor of a block."""
        given: dict[int | None, int | None] = {None: None, **dict(enumerate(of_origins))}
        self._left = {origin: pages for origin, pages in given.items() if pages is not None}
        self._total = most

    @property
    def is_bounded(self) -> bool:
        """Whether there are pages for which there may be no room."""
        return self._total is not None or bool(self._left)

    def has_any(self, ref: InputRef) -> bool:
        """Whether there is room for another input of its block."""
        return (self._total is None or self._total > 0) and self._left.get(ref.origin, 1) > 0

    def take(self, ref: InputRef, pages: int) -> None:
        """Make less of it."""
        if self._total is not None:
            self._total -= pages
        if ref.origin in self._left:
            self._left[ref.origin] -= pages


def measure(ref: InputRef, last_try: bool) -> list[Piece] | Reject:
    """An input's pieces, in order: ``Measure``, by reading it where it has records."""
    kind, packing = format_of(ref.uri)
    if kind.read is None:
        return [Piece(Part(ref), 1)]
    if kind.scan is None:
        return [Piece(Part(ref, work=ref.size * (_PACKED_RATIO if packing else 1)), 1)]
    try:
        with Stored(ref, packing) as stored:
            marks = _scan(kind, stored)
            stored.verify_unchanged()
            return _divide(ref, marks, stored.sha256)
    except RefusedError as refused:
        return Reject(ref.uri, refused.reason, str(refused))
    except OSError as error:
        if is_transient(error) and not last_try:
            raise
        return access_reject(ref.uri, error)


def plan_shards(
    inputs: Iterable[InputRef],
    room: Room | None = None,
    *,
    max_records_per_shard: int = 4000,
    max_bytes_per_shard: int = 64 << 20,
    target_shards: int = TARGET_SHARDS,
    last_try: bool = True,
    measure: Measure = measure,
) -> Plan:
    """Shards for ``inputs``, in their order; the same for the same inputs.

    A run of any size gets some ``target_shards``, fewer where shards would be too small to be
    worth a task, and up to ``MOST_SHARDS`` before a shard gets more than
    ``max_records_per_shard`` pages; the last are smaller, see ``LAST_SHARDS``. Files of records
    are read once, to number their records.

    Args:
        inputs: What to read; what has not changed is left out by the caller.
        room: How much of it; all without.
        max_records_per_shard: Exceeded only in runs of more than ``MOST_SHARDS`` full shards.
        max_bytes_per_shard: Of text, roughly; exceeded only by a single page, and between
            the places in a file of records that are kept to divide it at.
        target_shards: How many shards to aim at.
        last_try: If False, transient I/O errors are raised, to be tried again.
        measure: For those who have measured some inputs before.

    Raises:
        OSError: If ``last_try`` is False.
    """
    pieces: list[Piece] = []
    rejects: list[Reject] = []
    room, left = room or Room(), 0
    for ref in inputs:
        if not room.has_any(ref):
            left += 1
            continue
        found = measure(ref, last_try)
        if isinstance(found, Reject):
            rejects.append(found)
        else:
            pieces += found
            room.take(ref, sum(piece.pages for piece in found))
    pages = sum(piece.pages for piece in pieces)
    work = sum(piece.part.work for piece in pieces)
    most_pages = max(max_records_per_shard, -(-pages // MOST_SHARDS))
    size = _Size(
        pages=min(max(-(-pages // target_shards), SMALLEST_PAGES), most_pages),
        work=min(max(-(-work // target_shards), SMALLEST_BYTES), max_bytes_per_shard),
    )
    shards = tuple(
        ShardRef(
            name=f"shard-{number:03d}",
            parts=tuple(_join(group)),
            pages=sum(piece.pages for piece in group),
            work=sum(piece.part.work for piece in group),
        )
        for number, group in enumerate(_group(pieces, size))
    )
    return Plan(shards, tuple(rejects), left)


@dataclass(frozen=True, slots=True)
class _Size:
    pages: int
    work: int

    def at_end(self, pages: int, work: int) -> "_Size":
        """How large the next shard is when so much is left."""
        least = max(self.pages // LEAST_SHARE, SMALLEST_PAGES)
        lightest = max(self.work // LEAST_SHARE, SMALLEST_BYTES)
        return _Size(
            pages=max(min(self.pages, pages // LAST_SHARDS), least),
            work=max(min(self.work, work // LAST_SHARDS), lightest),
        )


def _group(pieces: Sequence[Piece], whole: _Size) -> Iterator[list[Piece]]:
    """Pieces in their order, as many to a group as its size allows, at least one."""
    left_pages = sum(piece.pages for piece in pieces)
    left_work = sum(piece.part.work for piece in pieces)
    group, pages, work = list[Piece](), 0, 0
    size = whole.at_end(left_pages, left_work)
    for piece in pieces:
        if group and (pages + piece.pages > size.pages or work + piece.part.work > size.work):
            yield group
            left_pages, left_work = left_pages - pages, left_work - work
            group, pages, work = [], 0, 0
            size = whole.at_end(left_pages, left_work)
        group.append(piece)
        pages += piece.pages
        work += piece.part.work
    if group:
        yield group


def _join(group: Iterable[Piece]) -> list[Part]:
    """The parts of a shard: neighbouring pieces of one input become one."""
    parts: list[Part] = []
    for piece in group:
        part = piece.part
        if parts and parts[-1].input is part.input:
            work = parts[-1].work + part.work
            parts[-1] = replace(parts[-1], stop=part.stop, last=part.last, work=work)
        else:
            parts.append(part)
    return parts


@dataclass(slots=True)
class _Marks:
    """Places at which a file of records may be divided: few, however many its records are."""

    places: list[tuple[int, int, int]] = field(default_factory=list)
    """Number and offset of a record, and how many records are before it."""
    records: int = 0
    end: int = 0
    """Bytes, decompressed, up to the end of the last record."""
    step_pages: int = SMALLEST_PAGES
    step_bytes: int = SMALLEST_BYTES

    def add(self, number: int, offset: int, size: int) -> None:
        """Count a record, and mark it if the last mark is far enough behind."""
        if not self.places or self._is_far(offset):
            self.places.append((number, offset, self.records))
            if len(self.places) > _MOST_MARKS:
                self.places = self.places[::2]
                self.step_pages *= 2
                self.step_bytes *= 2
        self.records += 1
        self.end = offset + size

    def _is_far(self, offset: int) -> bool:
        _, marked, records = self.places[-1]
        return self.records - records >= self.step_pages or offset - marked >= self.step_bytes


def _scan(kind: Format, stored: Stored) -> _Marks:
    assert kind.scan is not None
    marks = _Marks()
    try:
        for line in kind.scan(stored):
            if not line.blank:
                marks.add(line.number, line.offset, line.size)
    except DamagedError:
        marks.records += 1  # the reject that the last part gives of the input itself
    return marks


def _divide(ref: InputRef, marks: _Marks, sha256: str | None) -> list[Piece]:
    """A piece from each mark to the next; the last one reads to the end."""
    records = max(marks.records, 1)  # an input without any gives one reject
    ends = [*marks.places[1:], (None, marks.end, records)]
    return [
        Piece(
            Part(
                ref,
                first=number if at else 1,
                stop=stop,
                offset=offset if at else 0,
                last=stop is None,
                sha256=sha256,
                records=records,
                work=end - offset,
            ),
            pages=after - before,
        )
        for at, ((number, offset, before), (stop, end, after)) in enumerate(
            zip(marks.places or [(1, 0, 0)], ends, strict=True)
        )
    ]
