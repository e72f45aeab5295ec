"""Small files that an hourly ingest leaves, put together; what nobody reads any more removed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

from tasks.lake.layout import Lake
from tasks.lake.rewrite import Rewrite
from tasks.lake.runs import Run
from tasks.lake.tables import log_rows, open_table
from tasks.schemas import BANDS, FINGERPRINTS, TABLES

TARGET_BYTES = 64 << 20
"""A file that is put together is about so large: some 300 MB in memory."""

CHECKPOINT_VERSIONS = 10
"""Commits since the last checkpoint from which a new one is worth its writing."""

ORDER = {FINGERPRINTS.name: ("number",), BANDS.name: ("band", "key", "number")}
"""Tables whose files are sorted: a look-up merges them."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of one table's files."""

    table: str
    before: int
    """Files that were put together."""
    after: int
    """Files that hold their rows now."""


def plan_bins(lake: Lake, name: str, today: date, target: int = TARGET_BYTES) -> list[list[str]]:
    """Files of a table to put together: paths below its folder, those of a bin in one partition.

    Files of half the target and more are left alone, and so is today's partition: it still grows.
    """
    rows = log_rows(lake, name)
    partition = TABLES[name].partition
    found: defaultdict[str, list[tuple[int, str, int]]] = defaultdict(list)
    firsts = rows["min.number"].to_pylist() if name == FINGERPRINTS.name else [0] * rows.num_rows
    for path, size, first in zip(
        rows["path"].to_pylist(), rows["size_bytes"].to_pylist(), firsts, strict=True
    ):
        folder = unquote(path).rpartition("/")[0]
        is_open = partition is not None and folder.endswith(today.isoformat())
        if size * 2 < target and not is_open:
            found[folder].append((first, unquote(path), size))
    bins: list[list[str]] = []
    for files in found.values():
        paths, held = list[str](), 0
        for _, path, size in sorted(files):
            if paths and held + size > target:
                bins.append(paths)
                paths, held = [], 0
            paths.append(path)
            held += size
        bins.append(paths)
    return [paths for paths in bins if len(paths) > 1]


def compact_table(
    run: Run, name: str, folder: Path, *, keep_files: bool, target: int = TARGET_BYTES
) -> Compacted:
    """Put a table's small files together, in one commit. Call it under the lake's lock.

    Args:
        run: The run that does it.
        name: The table.
        folder: The run's staging folder.
        keep_files: Whether the old files stay, until ``clear_table``.
        target: Bytes.
    """
    bins = plan_bins(run.lake, name, run.ingest_date, target)
    if bins:
        rewrite = Rewrite(run, folder, is_rewrite=True, keep_files=keep_files)
        rewrite.merge(name, bins, ORDER.get(name, ()))
        rewrite.publish()
    return Compacted(name, sum(map(len, bins)), len(bins))


def clear_table(lake: Lake, name: str, keep_hours: int) -> int:
    """Remove files that no version of the last hours has; how many they were. Under the lock.

    Writes a checkpoint too, where many commits came since the last one, and drops log entries
    that are older than the table's retention: so a table opens fast after a year.
    """
    table = open_table(lake, name)
    removed = table.vacuum(
        retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False
    )
    table = open_table(lake, name)
    if table.version() >= CHECKPOINT_VERSIONS:
        table.create_checkpoint()
        table.cleanup_metadata()
    return len(removed)
