"""Worker processes: one that hangs or dies costs one page, and none outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.errors import WorkerLostError
from tasks.read.origins import Origin
from tasks.work import pool as pool_module
from tasks.work.pool import ShardPool, worker_count
from tasks.work.shard import cut_shard

TRAPS = """
import os, signal, sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    import tasks.work.cutter as shard
    cut = shard.cut
    def trap(text, *rest):
        if "hang in C" in text:
            # As a regular expression gone wild does: no signal gets through until it returns.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            with open(os.environ["TRAPPED"], "w") as out:
                out.write(str(os.getpid()))
            time.sleep(600)
        while "hang in Python" in text:
            pass
        if "die always" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if text.startswith("The") and not os.path.exists(os.environ["TRAPPED"] + ".once"):
            open(os.environ["TRAPPED"] + ".once", "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return cut(text, *rest)
    shard.cut = trap
"""
"""A ``sitecustomize`` that makes a worker hang or die on pages that say so."""

PARENT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.lake.layout import Lake
from tasks.lake.staging import plan_shard
from tasks.read.discover import list_inputs
from tasks.read.plan import plan_shards
from tasks.read.refs import Limits
from tasks.work.pool import ShardPool
from tasks.work.job import Job
from tasks.work.shard import cut_shard
folder, feed = Path(sys.argv[1]), sys.argv[2]
(shard,) = plan_shards(list_inputs([feed])).shards
job = Job(Lake(folder), folder, "run", datetime.now(UTC), Limits(), 600.0, (), "digest", {})
with ShardPool(1) as pool:
    pool.work_shard(cut_shard, plan_shard(folder, shard), job)
"""


PAGES = {
    "0-good.txt": None,
    "1-hangs.txt": "hang in C",
    "2-good.txt": None,
    "3-dies.txt": "die always",
    "5-slow.txt": "hang in Python",
    "6-good.txt": None,
}
"""A feed by file: what a trap is set for, or a good page."""


@pytest.fixture(scope="module")
def trapped(
    root: Path, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with the feed, in an environment whose workers fall into its traps."""
    folder = tmp_path_factory.mktemp("trapped")
    (folder / "sitecustomize.py").write_text(TRAPS)
    (folder / "feed").mkdir()
    for number, (name, text) in enumerate(PAGES.items()):
        (folder / "feed" / name).write_text(text or story(number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{root}")
        patch.setenv("TRAPPED", str(folder / "trapped"))
        yield folder


@dataclass(frozen=True)
class Outcome:
    """What came of the feed."""

    pages: set[str]
    rejects: dict[str, dict[str, Any]]
    hung: int
    """The process that hung."""


@pytest.fixture(scope="module")
def outcome(desk: Any, trapped: Path) -> Outcome:
    """Cut the feed as one shard in a pool of one worker."""
    with (
        pytest.MonkeyPatch.context() as patch,
        desk(trapped / "lake", "run", trapped / "feed") as ingest,
        ShardPool(1) as pool,
    ):
        patch.setattr("tasks.work.pool.GRACE_SECONDS", 1.0)
        ingest.recover()
        (planned,) = ingest.plan().shards
        # Long enough for a first page on a busy machine: it loads the models of languages.
        shard = pool.work_shard(cut_shard, planned, replace(ingest.job, page_seconds=8.0))
        pages = shard.rows("pages", ["source_uri"])["source_uri"].to_pylist()
        rejects = shard.rows("rejects").to_pylist()
    return Outcome(
        pages={_name(uri) for uri in pages},
        rejects={_name(one["source_uri"]): one for one in rejects},
        hung=int((trapped / "trapped").read_text()),
    )


def _name(uri: str) -> str:
    return uri.rsplit("/", 1)[1]


def is_running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_the_rest_of_a_shard_is_cut(outcome: Outcome) -> None:
    """Before, between and after the pages on which workers hang or die.

    Also the first page, on which a worker was killed once: that may happen to any.
    """
    assert outcome.pages == {"0-good.txt", "2-good.txt", "6-good.txt"}


def test_a_page_that_takes_too_long_is_rejected(outcome: Outcome) -> None:
    """Its deadline rings inside the worker, which goes on with the next page."""
    reject = outcome.rejects["5-slow.txt"]
    assert (reject["reason"], reject["detail"]) == ("timeout", "took longer than 8 s")


@pytest.mark.parametrize("name", ["1-hangs.txt", "3-dies.txt"])
def test_a_page_that_costs_a_worker_is_rejected(outcome: Outcome, name: str) -> None:
    """One in a call that no signal interrupts; or two, which crash or eat all memory on it."""
    reject = outcome.rejects[name]
    assert reject["reason"] == "timeout"
    assert reject["detail"] == "a worker hung or died on this page and was replaced"
    assert reject["page_id"]


def test_a_worker_that_hangs_is_killed(outcome: Outcome) -> None:
    """It does not go on beside its successor."""
    assert not is_running(outcome.hung)


def test_a_worker_that_dies_before_it_has_a_shard_costs_nothing(
    desk: Any, trapped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed as it starts: another one takes the shard."""
    once = tmp_path / "once"
    trap = (
        "import os, sys\n"
        f"if '--multiprocessing-fork' in sys.orig_argv and not os.path.exists({str(once)!r}):\n"
        f"    open({str(once)!r}, 'w').close()\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "sitecustomize.py").write_text(trap)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}")
    with desk(tmp_path / "lake", "run", trapped / "feed" / "0-good.txt") as ingest:
        ingest.recover()
        (planned,) = ingest.plan().shards
        with ShardPool(1) as pool:
            shard = pool.work_shard(cut_shard, planned, ingest.job)
    assert once.exists()
    assert shard.counts["pages_new"] == 1


def test_a_worker_that_is_killed_between_two_shards_costs_nothing(
    desk: Any, trapped: Path, tmp_path: Path
) -> None:
    """Another one takes the next shard."""
    with desk(tmp_path / "lake", "run", trapped / "feed" / "0-good.txt") as ingest:
        ingest.recover()
        (planned,) = ingest.plan().shards
        with ShardPool(1) as pool:
            for _ in range(3):
                shard = pool.work_shard(cut_shard, planned, ingest.job)
                assert shard.counts["pages_new"] == 1
                for worker in psutil.Process().children():
                    if "spawn_main" in " ".join(worker.cmdline()):
                        worker.kill()
                time.sleep(0.3)


@pytest.mark.parametrize("error", [RuntimeError, BrokenPipeError, None])
def test_a_pool_that_breaks_before_it_has_a_shard_costs_nothing(
    desk: Any, trapped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Any
) -> None:
    """Whether it says so, or forgets the shard."""
    schedule, calls = pool_module.ProcessPool.schedule, []

    def break_once(self: Any, *arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            return schedule(self, *arguments, **options)
        self.stop()
        if error is not None:
            raise error
        return Future()

    monkeypatch.setattr(pool_module.ProcessPool, "schedule", break_once)
    with desk(tmp_path / "lake", "run", trapped / "feed" / "0-good.txt") as ingest:
        ingest.recover()
        (planned,) = ingest.plan().shards
        with ShardPool(1) as pool:
            assert pool.work_shard(cut_shard, planned, ingest.job).counts["pages_new"] == 1
    assert len(calls) == 2


def test_shards_that_wait_for_a_worker_end_with_the_run(
    desk: Any, trapped: Path, tmp_path: Path
) -> None:
    """No thread waits for ever for what nobody will do."""
    with desk(tmp_path / "lake", "run", trapped / "feed" / "0-good.txt") as ingest:
        ingest.recover()
        (planned,) = ingest.plan().shards
        with ShardPool(1) as pool:
            pass
        with pytest.raises(WorkerLostError, match="has ended"):
            pool.work_shard(cut_shard, planned, ingest.job)


def test_workers_end_when_their_parent_is_killed(trapped: Path, tmp_path: Path) -> None:
    """SIGKILL leaves no process behind, not even one in the middle of a page."""
    note = tmp_path / "trapped"
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(trapped / "feed")]
    environment = {**os.environ, "TRAPPED": str(note)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as parent:
        assert wait_for(lambda: note.exists() and note.read_text() != "", 60)
        worker = int(note.read_text())
        assert is_running(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert wait_for(lambda: not is_running(worker), 10)


def test_workers_that_die_beside_the_pages_stop_the_run(
    desk: Any, trapped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no page to reject: after a few tries the message says what may help."""
    tries = []
    lost = pool_module._Lost(None, exit_code=-9)
    monkeypatch.setattr(ShardPool, "_try", lambda *_: tries.append(1) or lost)
    with desk(trapped / "other", "run", trapped / "feed") as ingest, ShardPool(1) as pool:
        ingest.recover()
        (planned,) = ingest.plan().shards
        with pytest.raises(WorkerLostError, match=r"exit code -9.*Try fewer --workers"):
            pool.work_shard(cut_shard, planned, ingest.job)
    assert len(tries) == pool_module.MOST_DEATHS


def test_a_worker_a_core_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the cores that the process may use."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5})
    assert (worker_count(0), worker_count(7)) == (3, 7)


@pytest.mark.parametrize(("of_source", "most"), [(None, 30.0), (5.0, 30.0), (90.0, 90.0)])
def test_a_page_of_a_slow_source_is_not_held_to_hang_before_its_time(
    desk: Any, tmp_path: Path, of_source: float | None, most: float
) -> None:
    """A worker is killed only when its page has taken longer than any page may."""
    with desk(tmp_path / "lake", "run") as ingest:
        ingest.set(origins=(Origin(page_seconds=of_source),))
        assert ingest.job.most_page_seconds == most
