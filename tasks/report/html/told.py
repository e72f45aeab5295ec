"""The run that a report is of, as the lake's table ``runs`` tells it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.tables import check_version, read
from tasks.schemas import RUNS

REPORTED = ("ingest", "reprocess")
"""Flows that cut pages: of the others there is nothing to show that `copydesk runs` does not."""


@dataclass(frozen=True, slots=True)
class ToldRun:
    """A row of ``runs``."""

    run_id: str
    name: str
    flow: str
    started_at: datetime
    ended_at: datetime | None
    """None of a run that crashed."""
    state: str
    message: str | None
    """Why it stopped; None where it did not."""
    settings: Mapping[str, Any]
    versions: Mapping[str, str]
    counts: Mapping[str, int]
    rules: Mapping[str, int]
    """Lines cut, by rule."""
    seconds: Mapping[str, float]

    @property
    def wall_seconds(self) -> float | None:
        """From its start until it was ready to publish; None where that is not known."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()

    def where(self, at: str) -> pc.Expression:
        """Which rows of a table are of this run.

        Rows of an ingest are told by its start, which stays when another run cuts them again.

        Args:
            at: The table's column that has the start of the run that read the page.
        """
        if self.flow == "ingest":
            return pc.field(at) == self.started_at
        return pc.field("run_id") == self.run_id


def find_run(lake: Lake, given: str | None = None) -> ToldRun:
    """The run that a person means: by the beginning of its id, or the newest that has a report.

    Raises:
        SettingError: where no run, or several, have such an id, or it is of another flow.
        LakeError: where there is no lake, or a newer one.
    """
    check_version(lake)
    if given is None:
        where = pc.field("flow").isin(list(REPORTED))
    else:
        where = pc.starts_with(pc.field("run_id"), given.strip())
    known = read(lake, RUNS.name, ["run_id", "flow", "started_at"], where)
    found = known.sort_by([("started_at", "descending")]).to_pylist()
    if not found or (given is not None and len(found) > 1):
        raise SettingError(_none_or_many(lake, given, len(found)))
    if found[0]["flow"] not in REPORTED:
        message = (
            f"Run {found[0]['run_id']} is of the flow `{found[0]['flow']}`, which cuts no pages: "
            "it has no report. `copydesk runs` lists the others."
        )
        raise SettingError(message)
    (row,) = read(lake, RUNS.name, where=pc.field("run_id") == found[0]["run_id"]).to_pylist()
    maps = {name: dict(row.pop(name)) for name in ("versions", "counts", "rules", "seconds")}
    row.pop("recovered_by")
    return ToldRun(**row | maps | {"settings": json.loads(row["settings"])})


def _none_or_many(lake: Lake, given: str | None, found: int) -> str:
    if given is None:
        return f"{lake}: no run has read any page yet. `copydesk ingest SOURCE` is one."
    if found:
        return f"{given}: {found} runs have an id that begins so. Give more of it."
    return f"{given}: no such run in {lake}. `copydesk runs` lists them."
