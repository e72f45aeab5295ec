"""Which stored pages are cut again, and in which shards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.files import write_json
from tasks.lake.layout import Lake
from tasks.lake.staging import PlannedShard
from tasks.lake.tables import dataset, read

PAGES_PER_SHARD = 4_000
_SOURCES_NAMED = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """Which pages are cut again."""

    sources: tuple[str, ...] = ()
    """``pages.source``; none is all."""
    since: date | None = None
    """Only pages received on this day, UTC, or later."""
    every: bool = False
    """Also pages that today's rules have cut: for what was learned, or decided on, since."""

    def where(self, rules_version: str) -> pc.Expression:
        """The condition, over ``pages``."""
        chosen = pc.scalar(True)
        if not self.every:
            chosen = chosen & (pc.field("rules_version") != rules_version)
        if self.sources:
            chosen = chosen & pc.field("source").isin(pa.array(self.sources))
        if self.since is not None:
            since = pa.scalar(self.since, pa.date32()).cast(pa.timestamp("us", tz="UTC"))
            chosen = chosen & (pc.field("received_at") >= since)
        return chosen


def check_sources(lake: Lake, sources: Sequence[str]) -> None:
    """Refuse sources of which the lake has no page.

    Raises:
        SettingError: naming the first of them, and those that there are.
    """
    known = sorted(pc.unique(read(lake, "pages", ["source"])["source"]).to_pylist())
    for source in sources:
        if source not in known:
            named = ", ".join(known[:_SOURCES_NAMED]) or "none yet"
            more = f" and {len(known) - _SOURCES_NAMED} more" if len(known) > _SOURCES_NAMED else ""
            message = f"{source}: no source of the lake {lake}. Its sources are {named}{more}."
            raise SettingError(message)


def plan_recut(
    lake: Lake, selection: Selection, rules_version: str, folder: Path
) -> list[PlannedShard]:
    """Divide the pages to cut again into shards of row groups."""
    where = selection.where(rules_version)
    shards, groups, size = list[PlannedShard](), list[list[Any]](), 0

    def finish() -> None:
        nonlocal groups, size
        if groups:
            name = f"recut-{len(shards) + 1:03d}"
            file = folder / "plan" / f"{name}.json"
            write_json(file, groups)
            shards.append(PlannedShard(name, size, str(file)))
        groups, size = [], 0

    for fragment in dataset(lake, "pages").get_fragments(filter=where):
        for part in fragment.split_by_row_group():
            count = part.count_rows(filter=where)
            if count:
                groups.append([fragment.path, part.row_groups[0].id])
                size += count
            if size >= PAGES_PER_SHARD:
                finish()
    finish()
    return shards
