"""Open, create and read the lake's Delta tables.

`deltalake` and Arrow's datasets are imported where a table is opened: a worker process opens none,
and starts in two thirds of the time and with 56 MB less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

from tasks.errors import LakeError
from tasks.lake.layout import Lake
from tasks.schemas import INDEX_TABLES, INDEX_VERSION, LAKE_VERSION, TABLES, Table

if TYPE_CHECKING:
    import pyarrow.dataset as ds
    from deltalake import DeltaTable

VERSION_KEY = "copydesk.lake_version"

READ_TRIES = 5
"""A table that is rewritten while it is read is opened again so often."""


def create_tables(lake: Lake) -> None:
    """Create the tables that are not there; give those that are the columns they lack.

    Call it under the lake's lock.

    Raises:
        LakeError: where a table was written by a newer copydesk.
    """
    from deltalake import DeltaTable

    for table in TABLES.values():
        if not DeltaTable.is_deltatable(lake.table_uri(table.name)):
            if lake.address is None:
                lake.table(table.name).mkdir(parents=True, exist_ok=True)
            _create(lake, table, "ignore")
    opened = check_version(lake)
    for table in TABLES.values():
        if not _is_old_index(lake, opened[table.name], table.name):
            _add_columns(opened[table.name], table)


def check_version(lake: Lake) -> dict[str, DeltaTable]:
    """Refuse a lake that a newer copydesk has written; all its tables, by name.

    Raises:
        LakeError: naming the table and both versions.
    """
    opened = {name: open_table(lake, name) for name in TABLES}
    for name, table in opened.items():
        found = _version(lake, table, name)
        if found > LAKE_VERSION:
            message = (
                f"{lake.table_uri(name)}: written by a newer copydesk (lake version {found}, "
                f"this one knows {LAKE_VERSION}). Upgrade copydesk, or choose another --lake."
            )
            raise LakeError(message)
    return opened


def is_old_index(lake: Lake, name: str) -> bool:
    """Whether a table is of the index and laid out as no look-up reads it any more."""
    return name in INDEX_TABLES and _is_old_index(lake, open_table(lake, name), name)


def replace_table(lake: Lake, table: Table) -> None:
    """Make a table anew, empty, with today's columns; its files stay where they are."""
    _create(lake, table, "overwrite")


def exists(lake: Lake) -> bool:
    """Whether the lake has been created: ``runs`` is the last of its tables."""
    from deltalake import DeltaTable

    with lake.storage.reach():
        return DeltaTable.is_deltatable(lake.table_uri("runs"))


def open_table(lake: Lake, name: str) -> DeltaTable:
    """A table at its newest version.

    Raises:
        LakeError: where there is no such table.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        with lake.storage.reach():
            return DeltaTable(lake.table_uri(name))
    except TableNotFoundError as error:
        message = (
            f"{lake}: no lake here (table {name!r} is missing). "
            "Run `copydesk ingest SOURCE --lake …` first, or check --lake and COPYDESK_LAKE."
        )
        raise LakeError(message) from error


def dataset(lake: Lake, name: str, opened: DeltaTable | None = None) -> ds.Dataset:
    """A table as an Arrow dataset, read lazily; ``ingest_date`` included, typed as a date.

    Its fragments' paths are below the table's folder. Of a table that is open already, as it was
    then.
    """
    # Arrow's own file system: deltalake's is written in Python, and a thread of Arrow's that still
    # closes a file through it when the interpreter ends aborts the process.
    files = lake.storage.files(name)
    return (opened or open_table(lake, name)).to_pyarrow_dataset(filesystem=files)


def read(
    lake: Lake,
    name: str,
    columns: Iterable[str] | None = None,
    where: pc.Expression | None = None,
) -> pa.Table:
    """Rows of a table as an Arrow table.

    Safe without the lock: where a file is rewritten and gone before it is read, the table is
    opened again.
    """
    wanted = None if columns is None else list(columns)
    for _ in range(READ_TRIES - 1):
        try:
            return dataset(lake, name).to_table(columns=wanted, filter=where)
        except FileNotFoundError:
            continue
    return dataset(lake, name).to_table(columns=wanted, filter=where)


def log_rows(lake: Lake, name: str) -> pa.Table:
    """What the Delta log says of a table's files: ``num_records``, ``min.…`` and others."""
    return pa.table(open_table(lake, name).get_add_actions(flatten=True))


def count_rows(lake: Lake) -> dict[str, int]:
    """Rows of each table, in the order of commits; read from the logs, whatever the lake's size."""
    return {name: pc.sum(log_rows(lake, name)["num_records"]).as_py() or 0 for name in TABLES}


def _create(lake: Lake, table: Table, mode: Literal["ignore", "overwrite"]) -> None:
    from deltalake import DeltaTable

    DeltaTable.create(
        lake.table_uri(table.name),
        schema=table.full_schema,
        mode=mode,
        name=table.name,
        description=table.row,
        partition_by=None if table.partition is None else [table.partition.name],
        configuration={
            VERSION_KEY: str(LAKE_VERSION),
            # Without it deltalake's readers hold the other columns' missing statistics to
            # be null, and a filter on such a column finds no row.
            "delta.dataSkippingStatsColumns": ",".join(table.statistics),
        },
        raise_if_key_not_exists=False,
    )


def _is_old_index(lake: Lake, table: DeltaTable, name: str) -> bool:
    return name in INDEX_TABLES and _version(lake, table, name) < INDEX_VERSION


def _version(lake: Lake, table: DeltaTable, name: str) -> int:
    found = table.metadata().configuration.get(VERSION_KEY)
    if found is None or not str(found).isdecimal():
        message = (
            f"{lake.table_uri(name)}: a Delta table that copydesk did not create "
            f"(no {VERSION_KEY}). Choose another --lake."
        )
        raise LakeError(message)
    return int(found)


def _add_columns(found: DeltaTable, table: Table) -> None:
    """Add what a table made by an earlier copydesk lacks: `learned` had fewer and no row."""
    from deltalake import Schema

    known = {field.name for field in found.schema().fields}
    if lacking := [field for field in table.full_schema if field.name not in known]:
        found.alter.add_columns(Schema.from_arrow(pa.schema(lacking)).fields)
