"""The wall: only ``flows`` and ``tasks.steps`` know of Prefect, and text logic knows of no lake."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

IMPORT_ALL = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [one.name for one in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
names = [name for name in names if name != "tasks.steps"]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, sorted(sys.modules)]))
"""

MAIN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import prefect
from tasks.lake.layout import Lake
from tasks.lake.staging import plan_shard
from tasks.read.discover import list_inputs
from tasks.read.plan import plan_shards
from tasks.read.refs import Limits
from tasks.work.pool import ShardPool
from tasks.work.job import Job
from tasks.work.shard import cut_shard
assert "prefect" in sys.modules
folder, page = Path(sys.argv[1]), sys.argv[2]
(shard,) = plan_shards(list_inputs([page])).shards
job = Job(Lake(folder), folder, "run", datetime.now(UTC), Limits(), 60.0, (), "digest", {})
with ShardPool(1) as pool:
    print(pool.work_shard(cut_shard, plan_shard(folder, shard), job).counts)
"""
"""A program without the usual guard, as a Prefect worker's engine may be started."""

SPY = """
import json, os, sys
if "--multiprocessing-fork" in sys.orig_argv:
    import tasks.work.cutter as shard
    cut = shard.cut
    def spy(*args):
        with open(os.environ["SPY"], "w") as out:
            json.dump(sorted(sys.modules), out)
        return cut(*args)
    shard.cut = spy
"""


def imported(root: Path, package: str) -> tuple[list[str], set[str]]:
    """All modules of a package, and all that are loaded when they are."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, package],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names, loaded = json.loads(done.stdout)
    return names, set(loaded)


@pytest.fixture(scope="module")
def tasks_loaded(root: Path) -> tuple[list[str], set[str]]:
    """Every module of ``tasks`` but ``steps``, imported in a process of their own."""
    return imported(root, "tasks")


def test_tasks_do_not_load_prefect(tasks_loaded: tuple[list[str], set[str]]) -> None:
    """All of them but ``tasks.steps`` run without it."""
    names, loaded = tasks_loaded
    assert {"tasks.text.cut", "tasks.work.pool", "tasks.lake.commit"} <= set(names)
    assert not {name for name in loaded if name.partition(".")[0] == "prefect"}


def test_the_command_does_not_load_prefect(root: Path) -> None:
    """``explain``, ``sql`` and ``--help`` answer at once: it is imported inside the commands."""
    code = "import flows.cli, flows.settings, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert "prefect" not in json.loads(done.stdout)


def test_text_knows_nothing_of_the_lake(root: Path) -> None:
    """Pure functions of a page: of what lies around them they know the references at most."""
    _, loaded = imported(root, "tasks.text")
    around = {
        name
        for name in loaded
        if name.startswith(("tasks.lake", "tasks.read", "tasks.work", "tasks.report", "flows"))
    }
    assert around <= {"tasks.read", "tasks.read.refs"}
    assert not {"deltalake", "duckdb"} & loaded


def test_workers_do_not_load_prefect(
    root: Path, tmp_path: Path, story: Callable[[int], str]
) -> None:
    """Not even when the program that starts them has imported it, and has no guard."""
    (tmp_path / "sitecustomize.py").write_text(SPY)
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / "page.txt").write_text(story(1))
    done = subprocess.run(
        [sys.executable, tmp_path / "main.py", tmp_path, tmp_path / "page.txt"],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}",
            "SPY": str(tmp_path / "loaded"),
            "PREFECT_HOME": str(tmp_path / "prefect"),
            "DO_NOT_TRACK": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'pages_new': 1" in done.stdout
    loaded = json.loads((tmp_path / "loaded").read_text())
    assert "tasks.text.cut" in loaded
    assert "prefect" not in loaded
