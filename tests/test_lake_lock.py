"""One writer at a time, and what a run owns while it lives."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tasks.errors import LockTimeoutError
from tasks.lake.layout import Lake
from tasks.lake.lock import is_owned, lake_lock, owner_lock
from tasks.lake.staging import claim_staging, find_dead_runs, remove_dead_run

HOLDER = """
import sys, time
from pathlib import Path
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.staging import claim_staging
lake = Lake(Path(sys.argv[1]))
with lake_lock(lake, "ingest of another process", 0), claim_staging(lake, "other", {"name": "x"}):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held_elsewhere(lake: Lake, root: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lake's lock and the staging of run ``other``."""
    command = [sys.executable, "-c", HOLDER, str(lake.root)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake that is not there yet."""
    return Lake(tmp_path / "lake")


def test_the_lock_says_who_holds_it(lake: Lake) -> None:
    """Name, process, host and time, while it is held and no longer."""
    with lake_lock(lake, "ingest 7", 0):
        holder = json.loads(lake.holder.read_text())
        assert (holder["holder"], holder["pid"]) == ("ingest 7", os.getpid())
        assert set(holder) == {"holder", "pid", "host", "since"}
    assert not lake.holder.exists()


def test_a_second_writer_is_told_who_holds_the_lock(lake: Lake, root: Path) -> None:
    """It waits as long as it was told to, then names the holder and its process."""
    with held_elsewhere(lake, root) as process:
        with pytest.raises(LockTimeoutError) as caught, lake_lock(lake, "late", 0.2):
            pytest.fail("two writers at once")
        message = str(caught.value)
        assert "held by ingest of another process" in message
        assert re.search(rf"process {process.pid} on \S+, since 20", message)
        assert "--lock-wait" in message


def test_a_writer_without_a_name_is_said_to_be_one(lake: Lake, root: Path) -> None:
    """A holder that died while it wrote its name, or has not yet."""
    with held_elsewhere(lake, root):
        lake.holder.unlink()
        with pytest.raises(LockTimeoutError, match="left no name"), lake_lock(lake, "late", 0):
            pytest.fail("two writers at once")


def test_a_dead_holders_lock_is_taken_over(lake: Lake, root: Path) -> None:
    """SIGKILL leaves the file, and the next writer holds it at once under its own name."""
    with held_elsewhere(lake, root) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert "another process" in lake.holder.read_text()
        with lake_lock(lake, "next", 5):
            assert json.loads(lake.holder.read_text())["holder"] == "next"


def test_a_waiting_writer_gets_the_lock_when_it_is_free(lake: Lake, root: Path) -> None:
    """It need not be started again."""
    with held_elsewhere(lake, root) as process:
        process.kill()
        with lake_lock(lake, "next", 10):
            assert lake.holder.exists()


def test_an_error_inside_lets_go_of_the_lock(lake: Lake) -> None:
    """The next writer does not wait."""
    with suppress(ValueError), lake_lock(lake, "one", 0):
        raise ValueError
    with lake_lock(lake, "two", 0):
        assert json.loads(lake.holder.read_text())["holder"] == "two"


def test_a_claim_is_owned_while_its_block_runs(tmp_path: Path) -> None:
    """And free after it."""
    claim = tmp_path / "run" / "owner.lock"
    with owner_lock(claim):
        assert is_owned(claim)
    assert not is_owned(claim)


def test_a_living_run_is_not_dead(lake: Lake, root: Path) -> None:
    """Its staging is left alone for as long as its process lives."""
    with held_elsewhere(lake, root) as process:
        assert find_dead_runs(lake) == []
        process.kill()
        process.wait()
        (dead,) = find_dead_runs(lake)
        assert (dead.run_id, dead.facts, dead.shards) == ("other", {"name": "x"}, ())


def test_a_run_that_ends_well_leaves_no_staging(lake: Lake) -> None:
    """Its folder goes with it, and its claim."""
    with claim_staging(lake, "run", {}) as folder:
        (folder / "shard").mkdir()
    assert list(lake.staging.iterdir()) == []


def test_a_run_that_begins_is_not_taken_for_dead(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds its claim before another run can see its folder."""
    seen = []

    def look(path: Path, _: object) -> None:
        path.parent.mkdir(parents=True)
        seen.extend(find_dead_runs(lake))

    monkeypatch.setattr("tasks.lake.staging.write_json", look)
    assert find_dead_runs(lake) == []
    with claim_staging(lake, "run", {}):
        assert seen == []


def test_a_run_that_fails_leaves_its_staging(lake: Lake) -> None:
    """For the next one to take over."""
    with suppress(ValueError), claim_staging(lake, "run", {"name": "ingest 1"}):
        raise ValueError
    assert [dead.run_id for dead in find_dead_runs(lake)] == ["run"]


def test_dead_runs_come_oldest_first(lake: Lake) -> None:
    """By the time they began; one that could not even write that comes before."""
    for run_id, facts in (
        ("a", {"started_at": "2025-03-05T00:00:00+00:00"}),
        ("b", {"started_at": "2025-03-04T00:00:00+00:00"}),
        ("c", {}),
    ):
        with suppress(ValueError), claim_staging(lake, run_id, facts):
            raise ValueError
    assert [dead.run_id for dead in find_dead_runs(lake)] == ["c", "b", "a"]


def test_a_half_written_shard_is_none(lake: Lake) -> None:
    """A draft, or a folder without its manifest, is no finished shard."""
    with suppress(ValueError), claim_staging(lake, "run", {}) as folder:
        (folder / "shard-000.77.draft").mkdir()
        (folder / "shard-000.77.draft" / "shard.json").write_text("{}")
        (folder / "shard-001").mkdir()
        raise ValueError
    (dead,) = find_dead_runs(lake)
    assert dead.shards == ()
    remove_dead_run(dead)
    assert find_dead_runs(lake) == []


def test_no_staging_has_no_dead_runs(lake: Lake) -> None:
    """A lake that is not there yet has none."""
    assert find_dead_runs(lake) == []
