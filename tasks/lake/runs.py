"""A run as the lake knows it: what it is called, what it was told, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import pyarrow as pa

from tasks.lake.layout import Lake
from tasks.schemas import RUNS

State = Literal["completed", "nothing-new", "stopped", "crashed"]


SLOWEST = 10
"""Shards of a run whose time is kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a flow, from its start on."""

    run_id: str
    """The Prefect flow run's id."""
    name: str
    """The flow run's name."""
    flow: str
    started_at: datetime
    """UTC."""
    lake: Lake
    settings: str
    """JSON."""
    versions: dict[str, str]

    @property
    def ingest_date(self) -> date:
        """UTC date of the start: the partition that its articles go to."""
        return self.started_at.astimezone(UTC).date()

    @property
    def facts(self) -> dict[str, Any]:
        """What staging says of the run, for whoever finds it dead."""
        return {
            "name": self.name,
            "flow": self.flow,
            "started_at": self.started_at.isoformat(),
            "settings": self.settings,
            "versions": self.versions,
        }


def run_rows(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of ``runs`` as Arrow."""
    return pa.Table.from_pylist(rows, schema=RUNS.schema)


def run_row(
    run: Run,
    state: State,
    counts: Mapping[str, int],
    rules: Mapping[str, int],
    seconds: Mapping[str, float],
    message: str | None = None,
) -> dict[str, Any]:
    """The row of a run that is about to publish, or that stopped."""
    return {
        "run_id": run.run_id,
        "name": run.name,
        "flow": run.flow,
        "started_at": run.started_at,
        "ended_at": datetime.now(UTC),
        "state": state,
        "message": message,
        "recovered_by": None,
        "settings": run.settings,
        "versions": sorted(run.versions.items()),
        "counts": sorted(counts.items()),
        "rules": sorted(rules.items()),
        "seconds": sorted(seconds.items()),
    }


def slowest_shards(shards: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Seconds of work in the shards that took longest, as ``runs.seconds`` has them.

    Args:
        shards: By name: seconds that each stage took.
    """
    spent = {f"shard.{name}": sum(seconds.values()) for name, seconds in shards.items()}
    longest = sorted(spent, key=lambda name: (-spent[name], name))[:SLOWEST]
    return {name: spent[name] for name in longest}


def crashed_row(facts: Mapping[str, Any], recovered_by: str) -> dict[str, Any]:
    """The row of a run that died before it could write its own, from what its staging said."""
    started = facts.get("started_at")
    return {
        "run_id": facts["run_id"],
        "name": facts.get("name", facts["run_id"]),
        "flow": facts.get("flow", "ingest"),
        "started_at": datetime.now(UTC) if started is None else datetime.fromisoformat(started),
        "ended_at": None,
        "state": "crashed",
        "message": f"Its process died; {facts.get('shards', 0)} finished shards were taken over.",
        "recovered_by": recovered_by,
        "settings": facts.get("settings", "{}"),
        "versions": sorted(facts.get("versions", {}).items()),
        "counts": [],
        "rules": [],
        "seconds": [],
    }


def under_run(rows: pa.Table, run: Run) -> pa.Table:
    """Rows with this run's id and start in every column that tells the run or its time."""
    values = {
        "run_id": run.run_id,
        "first_run_id": run.run_id,
        "received_at": run.started_at,
        "ingested_at": run.started_at,
    }
    for name, value in values.items():
        if name in rows.schema.names:
            index = rows.schema.get_field_index(name)
            field = rows.schema.field(index)
            rows = rows.set_column(index, field, pa.repeat(pa.scalar(value, field.type), len(rows)))
    return rows
