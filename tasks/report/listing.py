"""Rows of the lake printed for a terminal, or for another program."""

import csv
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tasks.errors import SettingError
from tasks.lake.layout import locate_lake
from tasks.lake.query import query
from tasks.lake.tables import read

FORMATS = ("table", "csv", "json")

BOOK_COLUMNS = {
    "pages_in": "in",
    "pages_new": "new",
    "pages_seen": "seen",
    "pages_rejected": "rejected",
    "articles_published": "published",
    "articles_withheld": "withheld",
}


def print_query(lake: str | None, statement: str, form: str) -> None:
    """Print the rows of a query as a table, as CSV with a head, or as JSON, one row a line.

    Raises:
        SettingError: for another form, or a statement that DuckDB refuses.
    """
    if form not in FORMATS:
        message = f"--format {form}: choose one of {', '.join(FORMATS)}."
        raise SettingError(message)
    answer = query(locate_lake(lake), statement)
    names, rows = answer.columns, answer.rows
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif form == "json":
        for row in rows:
            print(json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False))
    else:
        print_table(names, rows)


def list_runs(lake: str | None, last: int) -> None:
    """Print the newest runs of a lake with their books."""
    columns = ["started_at", "state", "run_id", "counts"]
    rows = read(locate_lake(lake), "runs", columns).sort_by([("started_at", "descending")])
    names = ["started (UTC)", "state", *BOOK_COLUMNS.values(), "run"]
    table = []
    for row in rows.slice(0, last).to_pylist():
        counts = dict(row["counts"])
        books = [counts.get(name, 0) for name in BOOK_COLUMNS]
        table.append(
            [f"{row['started_at']:%Y-%m-%d %H:%M:%S}", row["state"], *books, row["run_id"]]
        )
    print_table(names, table)


def print_table(names: list[str], rows: list[Any]) -> None:
    """Print rows as a table; for another program one row a line, whole, parted by tabs."""
    if not sys.stdout.isatty():
        print("\t".join(names))
        for row in rows:
            print("\t".join(_plain(cell) for cell in row))
        return
    table = Table(*names)
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    Console().print(table)


def _plain(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())
