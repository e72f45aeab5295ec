"""What earlier runs of the same sources brought: what a run is compared with."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.lake.layout import Lake
from tasks.lake.tables import dataset, open_table, read
from tasks.schemas import RUNS

MOST_RUNS = 50
"""Two days of hourly runs: what happens once a day is in them twice."""
MOST_DAYS = 90

Figures = Mapping[str, "SourceFigures"]
"""By source."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that ended well, this one or an earlier one."""

    run_id: str
    started_at: datetime
    counts: Mapping[str, int]
    """The books; keys as in ``runs.counts``."""


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """What one run brought of one source."""

    pages: int = 0
    """New ones, those without an article too."""
    articles: int = 0
    """Published and withheld."""
    boilerplate_share: float | None = None
    """Mean of the articles' own, 0..1; None without an article."""
    lix: float | None = None
    """Mean of the articles' readability by LIX, higher is harder; None where no article has it."""
    languages: Mapping[str, int] = field(default_factory=dict)
    """Articles by language."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A run beside those before it."""

    past: tuple[PastRun, ...]
    """This one and those before it, newest first; see ``read_past``."""
    figures: Mapping[str, Figures]
    """Of each of them, by its id."""


def compare_past(lake: Lake, run_id: str) -> Compared:
    """A run beside those before it; of no run where it is not in the lake."""
    past = read_past(lake, run_id)
    return Compared(tuple(past), read_figures(lake, past) if past else {})


def read_past(lake: Lake, run_id: str) -> list[PastRun]:
    """A run and those before it that were told the same sources, newest first; at most 51.

    Runs that were stopped or crashed are left out: they brought nothing. Empty where the run is
    not in the lake.
    """
    columns = ["run_id", "started_at", "state", "settings", "counts"]
    of_run = pc.field("run_id") == run_id
    found = read(lake, RUNS.name, columns, of_run).to_pylist()
    if not found:
        return []
    this = found[0]
    ended_well = pc.field("state").isin(["completed", "nothing-new"])
    is_near = (pc.field("started_at") >= this["started_at"] - timedelta(days=MOST_DAYS)) & (
        pc.field("started_at") <= this["started_at"]
    )
    where = (pc.field("flow") == "ingest") & ended_well & is_near & ~of_run
    rows = [
        row
        for row in read(lake, RUNS.name, columns, where).to_pylist()
        if _sources_of(row) == _sources_of(this)
    ]
    rows.sort(key=lambda row: row["started_at"], reverse=True)
    return [
        PastRun(row["run_id"], row["started_at"], dict(row["counts"]))
        for row in [this, *rows[:MOST_RUNS]]
    ]


def read_figures(lake: Lake, runs: Collection[PastRun]) -> dict[str, Figures]:
    """What each of some runs brought, by source; reads the files written since the first of them.

    Every run is there, with no source where it brought nothing. Rows are told by when their run
    began, which stays when a page is cut again by another run.
    """
    known = {run.started_at: run.run_id for run in runs}
    times = pa.array(known, RUNS.schema.field("started_at").type)

    def rows(table: str, at: str, **columns: pc.Expression) -> pa.Table:
        wanted = {"at": pc.field(at), "source": pc.field("source"), **columns}
        part = rows_since(lake, table, min(known))
        return part.to_table(columns=wanted, filter=pc.field(at).isin(times))

    measured = {
        "language": pc.field("language"),
        "boilerplate_share": pc.field("boilerplate_share"),
        "lix": pc.field("readability", "lix"),
    }
    articles = [rows(name, "ingested_at", **measured) for name in ("articles", "duplicates")]
    figures: dict[str, dict[str, SourceFigures]] = {run: {} for run in known.values()}
    for (at, source), one in _measure(rows("pages", "received_at"), pa.concat_tables(articles)):
        figures[known[at]][source] = one
    return dict(figures)


def rows_since(lake: Lake, name: str, since: datetime) -> ds.Dataset:
    """The part of a table that may hold rows of runs which started then or later.

    A file is committed after the start of the run whose rows it has; one that was written anew
    since has older rows too.
    """
    opened = open_table(lake, name)
    actions = pa.table(opened.get_add_actions(flatten=True))
    first = pa.scalar(int(since.timestamp() * 1000))
    is_recent = pc.greater_equal(actions["modification_time"], first)
    recent = set(actions["path"].filter(is_recent).to_pylist())
    table = dataset(lake, name, opened)
    fragments = [one for one in table.get_fragments() if one.path in recent]
    return ds.FileSystemDataset(fragments, table.schema, table.format, table.filesystem)


def _measure(
    pages: pa.Table, articles: pa.Table
) -> Iterator[tuple[tuple[datetime, str], SourceFigures]]:
    by = ["at", "source"]
    counted = _by_key(pages.group_by(by).aggregate([("at", "count")]))
    means = [("at", "count"), ("boilerplate_share", "mean"), ("lix", "mean")]
    measured = _by_key(articles.group_by(by).aggregate(means))
    languages: dict[tuple[datetime, str], Counter[str]] = {}
    for row in articles.group_by([*by, "language"]).aggregate([("at", "count")]).to_pylist():
        mixed = languages.setdefault((row["at"], row["source"]), Counter())
        mixed[row["language"]] += row["at_count"]
    for key in counted.keys() | measured.keys():
        found = measured.get(key, {})
        yield (
            key,
            SourceFigures(
                pages=counted.get(key, {}).get("at_count", 0),
                articles=found.get("at_count", 0),
                boilerplate_share=found.get("boilerplate_share_mean"),
                lix=found.get("lix_mean"),
                languages=languages.get(key, {}),
            ),
        )


def _by_key(groups: pa.Table) -> dict[tuple[datetime, str], dict[str, Any]]:
    return {(row["at"], row["source"]): row for row in groups.to_pylist()}


def _sources_of(row: Mapping[str, Any]) -> list[Any]:
    """What a run was told to read; one that tried rejects again read something else."""
    settings = json.loads(row["settings"])
    return [settings.get(name) for name in ("sources", "sources_file", "replay")]
