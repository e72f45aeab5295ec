"""What a run does first: finish what others began, and take over what the dead left."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.lake.commit import roll_forward
from tasks.lake.files import read_json
from tasks.lake.learned import snapshot_active
from tasks.lake.runs import Run, crashed_row
from tasks.lake.staging import (
    StagedShard,
    adopt_shard,
    find_dead_runs,
    note,
    remove_dead_run,
)
from tasks.lake.tables import create_tables, read

CRASHED = "crashed.json"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a run found and took over."""

    rolled_forward: str | None
    """run_id of the run whose publication was finished; None where none was under way."""
    crashed: tuple[dict[str, Any], ...]
    """Facts of runs that died before they published, to be written with this run's own."""
    shards: tuple[StagedShard, ...]
    """Finished shards of dead runs, moved into this run's folder."""
    learned: str
    """Digest of the line templates that this run cuts by: those active at its start."""


def recover(run: Run, folder: Path) -> Recovered:
    """Create the tables, finish a publication, take over dead runs. Call it under the lock.

    Args:
        run: The run that takes over.
        folder: Its staging folder.
    """
    create_tables(run.lake)
    intent = roll_forward(run.lake)
    states = {
        row["run_id"]: row["state"]
        for row in read(run.lake, "runs", ["run_id", "state"]).to_pylist()
    }
    crashed: list[dict[str, Any]] = []
    shards: list[StagedShard] = []
    for dead in find_dead_runs(run.lake):
        state = states.get(dead.run_id)
        if state is None:
            crashed += read_json(dead.folder / CRASHED) or []
            crashed.append({"run_id": dead.run_id, "shards": len(dead.shards), **dead.facts})
        if state in (None, "stopped"):  # else its shards are published, their files gone
            for shard in dead.shards:
                name = f"adopted-{len(shards) + 1:03d}"
                shards.append(adopt_shard(run.lake, shard, folder, name))
        # Written down before the folder goes: if this run dies too, the next one still knows.
        note(run.lake, folder / CRASHED, crashed)
        remove_dead_run(dead)
    return Recovered(
        rolled_forward=None if intent is None else intent.run_id,
        crashed=tuple(crashed),
        shards=tuple(shards),
        learned=snapshot_active(run.lake, folder),
    )


def crashed_rows(recovered: Recovered, run: Run) -> list[dict[str, Any]]:
    """Rows of ``runs`` for the runs that died."""
    return [crashed_row(facts, run.run_id) for facts in recovered.crashed]
