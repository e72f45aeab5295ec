"""Parquet: each row is a page, with the columns that a record of JSON Lines has as fields.

A page's bytes are its row as canonical JSON: an object of all columns, keys sorted, without
spaces, in UTF-8 and not escaped. Binary is base64; dates and times are strings as Arrow writes them
(``2025-03-04 08:15:00.000000Z``), durations the number of their units, decimals strings; null is
null, and a float that is no number is ``NaN`` or ``Infinity``.
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from tasks.read.fields import make_record_page
from tasks.read.opened import RefusedError
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reject
from tasks.read.streams import Line, Stored, TooLargeError
from tasks.read.uris import folder_name, record_uri

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FILE_BYTES = 8 << 30
"""A file that is compressed as a whole is first decompressed to disk, up to this size."""
_SURELY_ROWS = 10_000_000
"""No more than a file may have whose rows are all alike; else a row takes a byte at least."""
_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 64
"""Read at once: rows may be far larger than their mean."""


class _BrokenError(RefusedError):
    """A file that is no Parquet, or not of pages."""

    reason = "bad-record"


def read_parquet(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
    """The rows from ``part.first`` to before ``part.stop``, one page or reject each.

    A row group that cannot be read is one reject, at the first row that is missing.
    """
    uri, folder = part.input.uri, folder_name(part.input.uri)
    with _open(stored) as file:
        groups = _groups(file)
        first, stop = part.first, part.stop or sum(group.num_rows for group in groups) + 1
        if stop == 1:
            yield Reject(uri, "empty", "It holds no records.", stored.peek(HEAD_BYTES))
        begin = 1
        for at, group in enumerate(groups):
            end = begin + group.num_rows
            if begin < stop and first < end:
                for number, row in _read_group(file, at, begin, max(first, begin)):
                    if number >= stop:
                        return
                    yield _make_page(record_uri(uri, number), row, folder, limits)
            begin = end


def scan_parquet(stored: Stored) -> Iterator[Line]:
    """The place of each row; its offset and size are a share of its row group's."""
    try:
        with _open(stored) as file:
            groups = _groups(file)
    except _BrokenError:
        return  # the reader says so
    number, offset = 0, 0
    for group in groups:
        size = _row_bytes(group)
        for _ in range(group.num_rows):
            number += 1
            yield Line(number, offset, b"", size, blank=False)
            offset += size


@contextmanager
def _open(stored: Stored) -> "Iterator[pq.ParquetFile]":
    """The file, whose columns are right.

    Raises:
        _BrokenError: If it is not.
        OSError: From the disk.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _as_file(stored) as source:
        try:
            names = [
                field.name for field in pq.ParquetFile(source).schema_arrow if _is_text(field.type)
            ]
            file = pq.ParquetFile(source, read_dictionary=names, buffer_size=1 << 20)
        except (pa.ArrowException, OSError, ValueError) as error:
            _raise_access(error)
            detail = f"It cannot be read as Parquet: {_say(error)}"
            raise _BrokenError(detail) from error
        _check(file.schema_arrow)
        _check_rows([group.num_rows for group in _groups(file)], stored.ref.size)
        yield file


def _groups(file: "pq.ParquetFile") -> list[Any]:
    return [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]


def _check_rows(rows: list[int], size: int) -> None:
    """Refuse a footer whose damage says that there are rows without end."""
    if min(rows, default=0) < 0 or sum(rows) > max(_SURELY_ROWS, size):
        detail = f"Its footer is damaged: it names {sum(rows)} rows in {size} bytes."
        raise _BrokenError(detail)


@contextmanager
def _as_file(stored: Stored) -> Iterator[BinaryIO]:
    """The Parquet data as a file that can be read in any order."""
    if not stored.packing:
        with stored.open_file() as file:
            yield file
        return
    with tempfile.TemporaryFile() as unpacked:
        size = 0
        for chunk in stored.chunks():
            size += len(chunk)
            if size > FILE_BYTES:
                detail = f"It is larger than {FILE_BYTES} bytes, decompressed."
                raise TooLargeError(detail)
            unpacked.write(chunk)
        unpacked.seek(0)
        yield unpacked


def _check(schema: "pa.Schema") -> None:
    names = schema.names
    if "text" not in names:
        shown = ", ".join(f"`{name[:40]}`" for name in names[:10]) or "none"
        detail = f"It has no column `text`; its columns are {shown}."
        raise _BrokenError(detail)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        detail = f"It has two columns named `{twice[:40]}`."
        raise _BrokenError(detail)
    kind = schema.field("text").type
    if not _is_text(getattr(kind, "value_type", kind)):
        detail = f"Its column `text` is {kind}, not string."
        raise _BrokenError(detail)


def _is_text(kind: "pa.DataType") -> bool:
    return str(kind) in {"string", "large_string", "string_view"}


def _read_group(
    file: "pq.ParquetFile", group: int, begin: int, first: int
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The rows of a row group from ``first`` on, with their numbers; a string says why not."""
    import pyarrow as pa

    metadata = file.metadata.row_group(group)
    rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES // _row_bytes(metadata)))
    number = begin
    try:
        for batch in file.iter_batches(rows, row_groups=[group], use_threads=False):
            skipped = min(max(first - number, 0), batch.num_rows)
            table = _with_plain_types(batch.slice(skipped))
            number += skipped
            for at in range(table.num_rows):
                yield number, _to_row(table.slice(at, 1))
                number += 1
    except (pa.ArrowException, OSError, ValueError) as error:
        _raise_access(error)
        last = begin + metadata.num_rows - 1
        yield (
            max(number, first),
            f"Rows {max(number, first)} to {last} cannot be read: {_say(error)}",
        )


def _to_row(batch: "pa.RecordBatch") -> dict[str, Any] | str:
    try:
        row: dict[str, Any] = batch.to_pylist()[0]
    except UnicodeDecodeError as error:
        return f"The row is not UTF-8: byte {error.start} of a string is {error.reason}."
    return row


def _with_plain_types(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """Dates and times as strings: Python has no nanoseconds, and no years above 9999."""
    import pyarrow as pa

    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        kind = _plain_type(field.type)
        columns.append(column if kind == field.type else column.cast(kind))
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain_type(kind: "pa.DataType") -> "pa.DataType":
    import pyarrow as pa

    if pa.types.is_duration(kind):
        return pa.int64()
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        return pa.string()
    if pa.types.is_large_list(kind):
        return pa.large_list(_plain_type(kind.value_type))
    if pa.types.is_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in kind])
    return kind


def _make_page(uri: str, row: dict[str, Any] | str, folder: str, limits: Limits) -> Page | Reject:
    if isinstance(row, str):
        return Reject(uri, "undecodable" if "UTF-8" in row else "bad-record", row)
    data = json.dumps(
        row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_to_string
    ).encode("utf-8", "surrogatepass")
    if len(data) > limits.page_bytes:
        detail = f"The row is {len(data)} bytes; the limit for one page is {limits.page_bytes}."
        return Reject(uri, "too-large", detail, data[:HEAD_BYTES])
    return make_record_page(uri, row, data, hashlib.sha256(data).hexdigest(), folder)


def _to_string(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _row_bytes(group: Any) -> int:
    """Mean size of a row of a row group, uncompressed."""
    return max(1, int(group.total_byte_size) // max(int(group.num_rows), 1))


def _raise_access(error: Exception) -> None:
    """Raise what is an error of the disk; Arrow's own have no number."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


def _say(error: Exception) -> str:
    line = " ".join(str(error).split())[:200].rstrip(".")
    return f"{line}."
