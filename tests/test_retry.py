"""A run whose publish failed, tried again by Prefect: publishes once."""

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.client.schemas.objects import TaskRun
from prefect.states import Failed

from tasks.lake.intent import read_intent
from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.report.progress import PROGRESS
from tasks.report.summary import check_balance
from tasks.report.terminal import TerminalProgress
from tasks.schemas import TABLES
from tasks.steps import only_transient

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

PAGES = 12

RUN = """
import sys
from flows.history import drain_history, prepare_prefect
prepare_prefect()
from flows.ingest import ingest
from flows.settings import IngestSettings, make_settings
from tasks.lake import commit

error_number, pages, lake = int(sys.argv[1]), sys.argv[2], sys.argv[3]
real, calls = commit.commit_change, []

def fail_once(lake, intent, change):
    if change.table == "articles" and not calls:
        calls.append(change)
        raise OSError(error_number, "the disk of this test")
    real(lake, intent, change)

if __name__ == "__main__":
    commit.commit_change = fail_once
    settings = make_settings(IngestSettings, sources=[pages], lake=lake, workers=1)
    print(ingest.with_options(retries=1)(settings).run_id)
    assert calls
    drain_history()
"""
"""An ingest whose first publish fails when some tables are committed and some are not."""


def test_a_person_is_told_why_a_task_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """Each time, with the wait that comes; nothing is said of an error that does not pass."""
    run = TaskRun(task_key="publish", dynamic_key="0", name="publish to the lake")
    passing, lasting = (
        Failed(data=OSError(number, "the disk of this test", "/lake"), message="")
        for number in (errno.EIO, errno.ENOSPC)
    )
    token = PROGRESS.set(TerminalProgress())
    try:
        for run.run_count in (1, 2, 3):
            assert only_transient(None, run, passing)
        assert not only_transient(None, run, lasting)
    finally:
        PROGRESS.reset(token)
    why = f"publish to the lake: [Errno {errno.EIO}] the disk of this test: '/lake'"
    waits = [f"{why}. Trying again in {seconds} s …" for seconds in (5, 30, 120)]
    assert capsys.readouterr().err.splitlines() == waits


@pytest.mark.parametrize(
    "error", [errno.EIO, errno.ENOSPC], ids=["the task is tried again", "the run is tried again"]
)
def test_a_run_retried_after_a_failed_publish_publishes_once(
    error: int,
    served: dict[str, str],
    story: Callable[[int], str],
    root: Path,
    tmp_path: Path,
) -> None:
    """Whether Prefect tries the task again or the whole run, every row is in the lake once."""
    (tmp_path / "pages").mkdir()
    for number in range(PAGES):
        (tmp_path / "pages" / f"{number}.txt").write_text(story(number))
    (tmp_path / "run.py").write_text(RUN)
    done = subprocess.run(
        [
            sys.executable,
            str(tmp_path / "run.py"),
            str(error),
            str(tmp_path / "pages"),
            str(tmp_path / "lake"),
        ],
        env={**served, "PYTHONPATH": str(root)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lake = Lake(tmp_path / "lake")
    assert read_intent(lake) is None
    for table in TABLES.values():
        keys = read(lake, table.name, table.key).to_pylist()
        assert len({tuple(row.values()) for row in keys}) == len(keys)
    assert read(lake, "articles").num_rows == PAGES
    (run,) = read(lake, "runs").to_pylist()
    assert run["run_id"] == done.stdout.strip()
    assert check_balance(dict(run["counts"])) is None
