"""The page of tables, from the Arrow schemas with which they are written."""

import pyarrow as pa

from generate.markdown import code, table
from tasks.schemas import LAKE_VERSION, TABLES, Table

HEAD = f"""# Tables

Written from `tasks/schemas.py`, with which the files are written; lake version {LAKE_VERSION}. A
type with `?` may be null, and null is unknown or not applicable: never an empty text, never a
guess. Times are in UTC, to the microsecond; hashes are in lower-case hex; a share or a measure
goes from 0 to 1. The examples are from the sample pages, long ones shortened with `…`. How to
read the tables is on [a page of its own](../how-to/read.md).
"""


def tables_page() -> str:
    """Every table, and of every column what it holds, when it is null, and an example."""
    lines = [HEAD, *_overview()]
    for one in TABLES.values():
        lines += _section(one)
    return "\n".join(lines)


def _overview() -> list[str]:
    rows = [
        (f"[`{one.name}`](#{one.name})", one.row, ", ".join(map(code, one.key)))
        for one in TABLES.values()
    ]
    return table(("table", "one row is", "key"), rows)


def _section(one: Table) -> list[str]:
    lines = [f"## {one.name}", "", f"One row is {one.row}.", ""]
    rows = [
        (
            code(field.name),
            _kind(field.type) + ("?" if field.nullable else ""),
            (field.metadata or {}).get(b"comment", b"").decode(),
        )
        for field in one.full_schema
    ]
    return lines + table(("column", "type", "what it holds"), rows)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "struct"
    if pa.types.is_list(kind):
        return f"list of {_kind(kind.value_type)}"
    return str(kind)
