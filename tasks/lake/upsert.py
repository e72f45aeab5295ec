"""Replace rows by key in the small tables: whole files are rewritten, only those concerned."""

from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.intent import RemovedFile
from tasks.lake.layout import Lake
from tasks.lake.tables import open_table
from tasks.schemas import TABLES


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a table holds of some keys, and the files to drop so that new rows take their place."""

    old: pa.Table
    """Rows that have one of the keys."""
    survivors: pa.Table
    """The other rows of the files that have one."""
    removed: tuple[RemovedFile, ...]


def find_replaced(lake: Lake, name: str, keys: pa.Array) -> Replaced:
    """Find rows of an unpartitioned table by its one key column."""
    table = TABLES[name]
    (key,) = table.key
    wanted = pc.field(key).isin(keys)
    delta = open_table(lake, name)
    old, survivors, removed = [], [], []
    for fragment in delta.to_pyarrow_dataset().get_fragments(filter=wanted):
        if not fragment.count_rows(filter=wanted):
            continue
        rows = fragment.to_table(schema=table.schema)
        hit = pc.is_in(rows[key], keys)
        old.append(rows.filter(hit))
        survivors.append(rows.filter(pc.invert(hit)))
        path = unquote(fragment.path)
        removed.append(RemovedFile(path, (lake.table(name) / path).stat().st_size, {}))
    empty = table.schema.empty_table()
    return Replaced(
        old=pa.concat_tables([empty, *old]),
        survivors=pa.concat_tables([empty, *survivors]),
        removed=tuple(removed),
    )
