"""What a maintenance did, for a terminal and a run's page."""

from typing import Any

from tasks.report.listing import print_table
from tasks.work.maintain import Maintained

_COLUMNS = ["table", "files put together", "into", "files removed"]


def maintained_rows(done: Maintained) -> list[dict[str, Any]]:
    """A row a table."""
    return [
        dict(zip(_COLUMNS, row, strict=True))
        for row in (
            (one.table, one.before, one.after, done.removed.get(one.table, 0))
            for one in done.tables
        )
    ]


def print_maintained(done: Maintained) -> None:
    """Print what was done, a row a table, and runs whose staging was given up."""
    print_table(_COLUMNS, [list(row.values()) for row in maintained_rows(done)])
    for run_id in done.dead_runs:
        print(f"Gave up what run {run_id} had cut before it died.")
