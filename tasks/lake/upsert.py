"""Replace rows by key in the small tables: whole files are rewritten, only those concerned."""

from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.intent import RemovedFile
from tasks.lake.layout import Lake
from tasks.lake.tables import dataset
from tasks.schemas import TABLES


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a table holds of some keys, and the files to drop so that new rows take their place."""

    old: pa.Table
    """Rows that have one of the keys."""
    survivors: pa.Table
    """The other rows of the files that have one."""
    removed: tuple[RemovedFile, ...]


def find_replaced(lake: Lake, name: str, keys: pa.Array, by: str | None = None) -> Replaced:
    """Find rows of an unpartitioned table by a column.

    ``by`` is a column of the key; None where the key is one column.
    """
    table = TABLES[name]
    key = by or table.key[0]
    wanted = pc.field(key).isin(keys)
    old, survivors, removed = [], [], []
    for fragment in dataset(lake, name).get_fragments(filter=wanted):
        if not fragment.count_rows(filter=wanted):
            continue
        rows = fragment.to_table(schema=table.schema)
        hit = pc.is_in(rows[key], keys)
        old.append(rows.filter(hit))
        survivors.append(rows.filter(pc.invert(hit)))
        path = unquote(fragment.path)
        removed.append(RemovedFile(path, lake.storage.size(f"{name}/{path}"), {}))
    empty = table.schema.empty_table()
    return Replaced(
        old=pa.concat_tables([empty, *old]),
        survivors=pa.concat_tables([empty, *survivors]),
        removed=tuple(removed),
    )
