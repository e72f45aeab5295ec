"""Which line templates are cut, in a run and from now on, and what a person decides on them.

A run cuts by the state of ``learned`` at its start, written down in its staging folder: so its
outcome doesn't depend on how it is divided into shards, or on who publishes beside it.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.learn import MIN_PROPOSED
from tasks.lake.runs import Run
from tasks.lake.tables import read
from tasks.lake.upsert import Replaced, find_replaced
from tasks.schemas import LEARNED
from tasks.text.templates import learned_rule

SNAPSHOT = "learned.staged"

Decision = Literal["active", "revoked"]


class ActiveTemplates:
    """What a run cuts by, of all sources; it stays in Arrow until a source is asked for."""

    def __init__(self, folder: Path) -> None:
        """Read the snapshot in a run's staging folder; without one nothing is active."""
        self._rows = pa.table({"source": pa.array([], pa.string())})
        if (folder / SNAPSHOT).exists():
            with pq.ParquetFile(folder / SNAPSHOT) as file:
                self._rows = file.read()
        self._rules: dict[str, Mapping[str, str]] = {}

    def of(self, source: str) -> Mapping[str, str]:
        """The source's active templates, each with the id of its rule."""
        if source not in self._places:
            return {}
        if source not in self._rules:
            templates = self._rows["template"].slice(*self._places[source]).to_pylist()
            self._rules[source] = {one: learned_rule(source, one) for one in templates}
        return self._rules[source]

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        """Where each source's rows begin, and how many they are."""
        places, at = {}, 0
        for found in self._rows["source"].value_counts().to_pylist():  # in the order of the rows
            places[found["values"]] = (at, found["counts"])
            at += found["counts"]
        return places


def snapshot_active(lake: Lake, folder: Path) -> str:
    """Write down what a run cuts by, for its workers; sha256, hex, of it.

    Templates on fewer than ``MIN_PROPOSED`` pages are not cut by, whoever approved them.
    """
    is_active = (pc.field("state") == "active") & (pc.field("pages") >= MIN_PROPOSED)
    rows = read(lake, LEARNED.name, ["source", "template"], is_active)
    rows = rows.sort_by([("source", "ascending"), ("template", "ascending")])
    pq.write_table(rows, folder / SNAPSHOT)
    return hashlib.sha256(json.dumps(rows.to_pydict()).encode()).hexdigest()


def decide_template(
    run: Run, rule_id: str, decision: Decision, by: str
) -> tuple[dict[str, Any], pa.Table, Replaced]:
    """A template as a person wants it, the new rows of its source, and what they replace.

    Call it under the lake's lock.

    Args:
        run: The run that publishes the decision.
        rule_id: ``learned.<source>.<hash>``, as spans and ``copydesk rules learned`` have it.
        decision: What its state is to be.
        by: Who decides.

    Raises:
        SettingError: where no template has this id.
    """
    source = rule_id.removeprefix("learned.").rpartition(".")[0]
    found = find_replaced(run.lake, LEARNED.name, pa.array([source]), by="source")
    rows = found.old.to_pylist()
    chosen = [
        row for row in rows if row["template"] and learned_rule(source, row["template"]) == rule_id
    ]
    if not chosen:
        message = (
            f"{rule_id}: no such line was learned. `copydesk rules learned --state all` "
            "lists the ids of those that were."
        )
        raise SettingError(message)
    for row in chosen:
        row.update(state=decision, decided_by=by, run_id=run.run_id)
    return chosen[0], pa.Table.from_pylist(rows, schema=LEARNED.schema), found
