"""What earlier runs of the same sources brought: what a run is compared with."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
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

    Every run is there, with no source where it brought nothing.
    """
    since = min(run.started_at for run in runs)
    known = [run.run_id for run in runs]
    of_runs = pc.field("run_id").isin(known)
    key = {"run_id": pc.field("run_id"), "source": pc.field("source")}
    measured = key | {
        "language": pc.field("language"),
        "boilerplate_share": pc.field("boilerplate_share"),
        "lix": pc.field("readability", "lix"),
    }
    pages = _written_since(lake, "pages", since).to_table(columns=key, filter=of_runs)
    articles = pa.concat_tables(
        _written_since(lake, name, since).to_table(columns=measured, filter=of_runs)
        for name in ("articles", "duplicates")
    )
    return _gather(known, pages, articles)


def _gather(runs: Collection[str], pages: pa.Table, articles: pa.Table) -> dict[str, Figures]:
    by = ["run_id", "source"]
    counted = {
        (row["run_id"], row["source"]): row["run_id_count"]
        for row in pages.group_by(by).aggregate([("run_id", "count")]).to_pylist()
    }
    means = [("run_id", "count"), ("boilerplate_share", "mean"), ("lix", "mean")]
    measured: dict[tuple[str, str], dict[str, Any]] = {
        (row["run_id"], row["source"]): row
        for row in articles.group_by(by).aggregate(means).to_pylist()
    }
    languages: dict[tuple[str, str], Counter[str]] = {}
    mix = articles.group_by([*by, "language"]).aggregate([("run_id", "count")])
    for row in mix.to_pylist():
        mixed = languages.setdefault((row["run_id"], row["source"]), Counter())
        mixed[row["language"]] += row["run_id_count"]
    figures: dict[str, dict[str, SourceFigures]] = {run: {} for run in runs}
    for run, source in counted.keys() | measured.keys():
        means_of = measured.get((run, source), {})
        figures[run][source] = SourceFigures(
            pages=counted.get((run, source), 0),
            articles=means_of.get("run_id_count", 0),
            boilerplate_share=means_of.get("boilerplate_share_mean"),
            lix=means_of.get("lix_mean"),
            languages=languages.get((run, source), {}),
        )
    return dict(figures)


def _written_since(lake: Lake, name: str, since: datetime) -> ds.Dataset:
    """The part of a table that may hold rows of runs which started then or later.

    A file is committed after the start of the run whose rows it has; one that was written anew
    since has older rows too.
    """
    actions = pa.table(open_table(lake, name).get_add_actions(flatten=True))
    first = int(since.timestamp() * 1000)
    recent = {
        row["path"]
        for row in actions.select(["path", "modification_time"]).to_pylist()
        if row["modification_time"] >= first
    }
    table = dataset(lake, name)
    fragments = [one for one in table.get_fragments() if one.path in recent]
    return ds.FileSystemDataset(fragments, table.schema, table.format, table.filesystem)


def _sources_of(row: Mapping[str, Any]) -> list[Any]:
    """What a run was told to read; one that tried rejects again read something else."""
    settings = json.loads(row["settings"])
    return [settings.get(name) for name in ("sources", "sources_file", "replay")]
