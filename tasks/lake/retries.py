"""Rejects that are tried again: those that today's reader and rules did not see, and the wished."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.read.refs import ACCESS_REASONS
from tasks.read.uris import split_record

MOST_ATTEMPTS = 5
"""Tries after which a reject of content is left alone, until a person asks for another."""


@dataclass(frozen=True, slots=True)
class Retries:
    """What a run tries again."""

    version: str
    """``tasks.versions.reading_version`` of the run."""
    wanted: frozenset[str] = frozenset()
    """reject_ids that a person asked for."""

    @property
    def is_due(self) -> pc.Expression:
        """Whether a reject is to be tried again, over ``rejects``."""
        is_open = pc.field("discarded_by").is_null() & (pc.field("attempts") < MOST_ATTEMPTS)
        is_other = pc.coalesce(pc.field("tried_with") != self.version, pa.scalar(True))
        is_content = ~pc.field("reason").isin(pa.array(sorted(ACCESS_REASONS)))
        is_wanted = pc.field("reject_id").isin(pa.array(sorted(self.wanted), pa.string()))
        return is_wanted | (is_open & is_other & is_content)


def inputs_to_retry(lake: Lake, retries: Retries) -> set[str]:
    """URIs of the inputs that hold a reject to be tried again."""
    rows = read(lake, "rejects", ["source_uri"], retries.is_due)
    return {split_record(uri)[0] for uri in rows["source_uri"].to_pylist()}


def find_resolved(
    lake: Lake, read_uris: Iterable[pa.ChunkedArray], still: pa.ChunkedArray
) -> pa.Array:
    """reject_ids of the rejects at places that could be read this time.

    Args:
        lake: The lake.
        read_uris: Pages that are published now, and inputs that were read to their end.
        still: Places that were rejected again.
    """
    rows = read(lake, "rejects", ["reject_id", "source_uri"])
    rows = rows.filter(pc.invert(pc.is_in(rows["source_uri"], still)))
    if not rows.num_rows:
        return rows["reject_id"].combine_chunks()
    places = rows["source_uri"]
    is_read = reduce(pc.or_, (pc.is_in(places, uris) for uris in read_uris))
    return rows["reject_id"].filter(is_read).combine_chunks()
