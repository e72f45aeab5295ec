"""The page of tables, from the Arrow schemas with which they are written."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from generate.markdown import code, table
from tasks.columns import COLUMNS
from tasks.schemas import LAKE_VERSION, TABLES, Table

HEAD = f"""# Tables

Written from `tasks/schemas.py`, by which the files are written, and from `tasks/columns.py`. The
lake's version is {LAKE_VERSION}. Null is unknown or not applicable: never an empty text, never a
guess. Times are in UTC, to the microsecond; hashes are in lower-case hex. Most examples are of the
sample pages, long ones shortened with `…`. How to read the tables is on
[a page of its own](../how-to/read.md).
"""


def tables_page() -> str:
    """Every table, and of every column what it holds, when it is null, and an example."""
    lines = [HEAD]
    rows = (
        (f"[`{one.name}`](#{one.name})", one.row, ", ".join(map(code, one.key)))
        for one in TABLES.values()
    )
    lines += table(("table", "one row is", "key"), rows)
    for one in TABLES.values():
        lines += _section(one)
    return "\n".join(lines)


def _section(one: Table) -> list[str]:
    lines = [f"## {one.name}", "", f"One row is {one.row}.", ""]
    if one.partition is not None:
        lines += [f"`{one.partition.name}` is in the files' paths and not in the files.", ""]
    if one.name == "duplicates":
        lines += ["Beside the columns of [`articles`](#articles), which are the same:", ""]
    fields = {field.name: field for field in one.full_schema}
    rows = []
    for name, column in COLUMNS[one.name].items():
        if one.name == "duplicates" and name in COLUMNS["articles"]:
            continue
        top, _, inner = name.partition(".")
        field = _inner(fields[top].type, inner) if inner else fields[top]
        comment = (field.metadata or {}).get(b"comment", b"").decode()
        told = (column.unit, column.null or "never", _example(column.example))
        rows.append((code(name), _kind(field.type), comment, *told))
    return lines + table(("column", "type", "what it holds", "unit", "null", "example"), rows)


def _inner(kind: pa.DataType, name: str) -> pa.Field:
    return (kind.value_type if pa.types.is_list(kind) else kind).field(name)


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "struct"
    if pa.types.is_list(kind):
        return f"list of {_kind(kind.value_type)}"
    if pa.types.is_map(kind):
        return f"map of {_kind(kind.key_type)} to {_kind(kind.item_type)}"
    return {"double": "float64", "date32[day]": "date"}.get(str(kind), str(kind))


def _example(value: Any) -> str:
    if value is None:
        return "see below"
    if isinstance(value, datetime):
        return code(f"{value:%Y-%m-%d %H:%M:%S}")
    if isinstance(value, date):
        return code(value.isoformat())
    return code(repr(value) if isinstance(value, bytes | list | dict) else value)
