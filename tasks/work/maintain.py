"""A lake kept in order: files put together, old ones removed, staging of the dead cleared."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tasks.lake.commit import roll_forward
from tasks.lake.compact import Compacted, clear_table, compact_table
from tasks.lake.layout import Lake
from tasks.lake.reports import drop_old_reports
from tasks.lake.rewrite import Rewrite
from tasks.lake.runs import Run, crashed_row, run_row, run_rows
from tasks.lake.staging import DeadRun, find_dead_runs, remove_dead_run
from tasks.lake.tables import read


@dataclass(frozen=True, slots=True)
class Maintained:
    """What was done to a lake."""

    run_id: str
    lake: str
    tables: tuple[Compacted, ...]
    removed: dict[str, int]
    """Files removed, by table."""
    dead_runs: tuple[str, ...]
    """Runs whose staging was given up."""

    @property
    def counts(self) -> dict[str, int]:
        """For the row in ``runs``."""
        counts = Counter[str]()
        for one in self.tables:
            counts["files_merged"] += one.before
            counts["files_written"] += one.after
        counts["files_removed"] = sum(self.removed.values())
        counts["staging_removed"] = len(self.dead_runs)
        return dict(counts)


def compact(run: Run, name: str, folder: Path, keep_hours: int) -> Compacted:
    """Finish what a dead writer began, then put a table's files together. Under the lock."""
    roll_forward(run.lake)
    return compact_table(run, name, folder, keep_files=keep_hours > 0)


def clear(lake: Lake, name: str, keep_hours: int) -> int:
    """Remove the files of a table that are not kept any more. Under the lock."""
    roll_forward(lake)
    return clear_table(lake, name, keep_hours)


def give_up_staging(run: Run, days: int) -> tuple[DeadRun, ...]:
    """Dead runs whose staging no later run has taken over for so long. Under the lock."""
    latest = datetime.now(UTC) - timedelta(days=days)
    return tuple(dead for dead in find_dead_runs(run.lake) if _started(dead) < latest)


def finish(run: Run, done: Maintained, dead: tuple[DeadRun, ...], folder: Path) -> None:
    """Write the row of the run, and those of runs whose work is given up; drop old reports.

    Under the lock.
    """
    roll_forward(run.lake)
    known = set(read(run.lake, "runs", ["run_id"])["run_id"].to_pylist())
    rows = [
        crashed_row({"run_id": one.run_id, "shards": 0, **one.facts}, run.run_id)
        for one in dead
        if one.run_id not in known
    ]
    rewrite = Rewrite(run, folder)
    rewrite.put_in("runs", run_rows([*rows, run_row(run, "completed", done.counts, {}, {})]))
    rewrite.publish()
    for one in dead:
        remove_dead_run(one)
    drop_old_reports(run.lake)


def _started(dead: DeadRun) -> datetime:
    started = dead.facts.get("started_at")
    return datetime.now(UTC) if started is None else datetime.fromisoformat(started)
