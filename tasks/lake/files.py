"""Files written so that they are whole or absent: Parquet with our settings, and small JSON."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.schemas import LAKE_VERSION, Table

FAST_LEVEL = 1
"""Of zstd, for what a run writes: in 0.6 times the CPU time of level 3, files are 1.2 times as
large."""
DENSE_LEVEL = 3
"""For what is written anew, once: by ``maintain``, or where pages are cut again."""

SYNCS_AT_ONCE = 8

LONGEST_BOUND = 256
"""Characters of a string in the Delta log: enough to tell the URIs of most files apart."""
LAST_STRING = "\U0010ffff" * 8
"""Sorts behind every string that text has."""


def write_rows(
    rows: pa.Table,
    path: Path,
    table: Table,
    versions: Mapping[str, str],
    *,
    level: int = FAST_LEVEL,
    is_synced: bool = True,
) -> None:
    """Write a table's rows as one Parquet file.

    Args:
        rows: What to write.
        path: Where.
        table: Whose rows: it has the schema, and the columns whose statistics files are skipped by.
        versions: Go into the file's metadata beside the schema's version.
        level: Of compression.
        is_synced: Whether it is on the disk when this returns; else see ``sync_files``.
    """
    metadata = {f"copydesk.{name}": value for name, value in versions.items()}
    metadata["copydesk.schema_version"] = str(LAKE_VERSION)
    schema = table.schema.with_metadata(metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as sink:
        pq.write_table(
            rows.cast(schema),
            sink,
            row_group_size=table.row_group_rows,
            write_statistics=list(table.statistics) or False,
            **_encoding(table, level),
        )
        sink.flush()
        if is_synced:
            os.fsync(sink.fileno())


def _encoding(table: Table, level: int) -> dict[str, Any]:
    if not table.encodings:
        return {"compression": "zstd", "compression_level": level}
    others = [name for name in table.schema.names if name not in table.encodings]
    return {
        "column_encoding": dict(table.encodings),
        "use_dictionary": others,
        "compression": dict.fromkeys(others, "zstd") | dict.fromkeys(table.encodings, "none"),
        "compression_level": dict.fromkeys(others, level),
    }


def delta_statistics(path: Path, table: Table) -> str:
    """A file's statistics as the Delta log wants them: JSON with rows, least and greatest values.

    Read from the file's footer, so that they can't differ from what it holds. Every column that
    ``table`` names has bounds unless all its values are null: readers take a missing bound for
    null, and find no row. Long strings have wider, shorter bounds.
    """
    footer = pq.read_metadata(path)
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for group in range(footer.num_row_groups):
        for index in range(footer.num_columns):
            column = footer.row_group(group).column(index)
            name, found = column.path_in_schema, column.statistics
            if name not in table.statistics or found is None:
                continue
            nulls[name] = nulls.get(name, 0) + (found.null_count or 0)
            if found.has_min_max:
                low, high = found.min, found.max
            elif column.physical_type == "BYTE_ARRAY" and found.num_values:
                low, high = "", LAST_STRING  # Parquet keeps no bounds of more than 4 kB
            else:
                continue
            least[name] = min(least.get(name, low), low)
            greatest[name] = max(greatest.get(name, high), high)
    return json.dumps(
        {
            "numRecords": footer.num_rows,
            "minValues": {name: _plain(value) for name, value in _shortened(least, "").items()},
            "maxValues": {
                name: _plain(value) for name, value in _shortened(greatest, LAST_STRING).items()
            },
            "nullCount": nulls,
        }
    )


def _shortened(bounds: Mapping[str, Any], end: str) -> dict[str, Any]:
    """Bounds of which no string is much longer than ``LONGEST_BOUND``."""
    return {
        name: value[:LONGEST_BOUND] + end
        if isinstance(value, str) and len(value) > LONGEST_BOUND
        else value
        for name, value in bounds.items()
    }


def _plain(value: Any) -> Any:
    """A footer's value as Delta's JSON has it; timestamps are ISO 8601 with Z."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if hasattr(value, "strftime") else value


def write_json(path: Path, content: Any) -> None:
    """Write JSON so that a reader finds the old file, the new one, or none: never half of one."""
    write_bytes(path, encode_json(content))


def encode_json(content: Any) -> bytes:
    """JSON as our files have it."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one, the new one, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    with draft.open("wb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def read_json(path: Path) -> Any:
    """What ``write_json`` wrote; None where the file is missing or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def sync_files(folder: Path) -> None:
    """Have all files of a folder on the disk, and the folder itself.

    At the same time: a disk writes ten in hardly more time than one.
    """
    with ThreadPoolExecutor(SYNCS_AT_ONCE) as threads:
        list(threads.map(_sync, (path for path in folder.iterdir() if path.is_file())))
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
