"""The index of published articles in the lake: opened, checked, and continued."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.index import LakeIndex, check_parameters
from tasks.dedupe.lookup import FindHits, band_rows
from tasks.errors import LakeError
from tasks.lake.layout import Lake
from tasks.lake.tables import dataset, is_old_index, log_rows
from tasks.schemas import FINGERPRINTS, INDEX_TABLES


def open_index(lake: Lake, find: FindHits | None = None) -> LakeIndex:
    """The index, if every published article is in it and is comparable.

    Asks the Delta logs only, no file. ``find`` looks up bands in another place than this process.

    Raises:
        LakeError: where the index lacks articles, is laid out as an earlier copydesk did, or was
            made with other parameters.
    """
    if any(is_old_index(lake, name) for name in INDEX_TABLES):
        message = (
            f"{lake}: an earlier copydesk made its index of duplicates, which is laid out "
            "in another way now.\nRebuild it with `copydesk reindex`."
        )
        raise LakeError(message)
    prints, articles = log_rows(lake, "fingerprints"), log_rows(lake, "articles")
    have, need = (pc.sum(one["num_records"]).as_py() or 0 for one in (prints, articles))
    if have < need:
        message = (
            f"{lake}: the index of duplicates has {have} of {need} published articles.\n"
            "Rebuild it with `copydesk reindex`."
        )
        raise LakeError(message)
    if have:
        made_with = {
            one for end in ("min", "max") for one in prints[f"{end}.parameters"].to_pylist()
        }
        check_parameters(made_with)
    return LakeIndex(
        dataset(lake, "fingerprints"), dataset(lake, "bands"), dataset(lake, "articles"), find
    )


def next_number(lake: Lake) -> int:
    """The number of the article that is indexed next. Call it under the lake's lock."""
    files = log_rows(lake, "fingerprints")
    return 1 + (pc.max(files["max.number"]).as_py() if files.num_rows else -1)


def number_rows(rows: pa.Table, dates: pa.Array, first: int) -> tuple[pa.Table, pa.Table]:
    """Rows of ``fingerprints`` and of ``bands`` for staged fingerprints.

    Args:
        rows: As a shard stages them.
        dates: The partition of each one's article.
        first: The number of the first.
    """
    numbers = pa.array(np.arange(first, first + rows.num_rows, dtype=np.int32))
    columns = {"number": numbers, "ingest_date": dates}
    columns |= {name: rows[name] for name in rows.schema.names}
    prints = pa.table(columns).select(FINGERPRINTS.schema.names).cast(FINGERPRINTS.schema)
    hashes, signatures = (rows[name].combine_chunks() for name in ("text_hash", "signature"))
    return prints, band_rows(first, hashes, signatures)
