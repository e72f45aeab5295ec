"""Prefect's history without a server of one's own: complete when the command has ended."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.lake.tables import read

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]

PAGES = 500
"""Enough for 14 shards, so for 19 task runs."""

TASKS = 60
"""Without the drain a temporary server records some twenty of so many."""

RUN = """
import sys
from flows.history import drain_history, prepare_prefect
prepare_prefect()
from prefect import flow
from tasks.steps import step

@step("count", "count {number}")
def count(number):
    return number

@flow
def many():
    for future in [count.submit(number) for number in range(int(sys.argv[1]))]:
        future.result()

many()
print(drain_history())
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Prefect history that is new, and written by a temporary server only."""
    return tmp_path_factory.mktemp("new-prefect")


@pytest.fixture(scope="module")
def alone(home: Path, prefect_environment: dict[str, str]) -> dict[str, str]:
    """Environment without any server."""
    return {**prefect_environment, "PREFECT_HOME": str(home)}


@pytest.fixture(scope="module")
def run_id(
    alone: dict[str, str], story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The id of an ingest of many shards that ran on a temporary server."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "pages").mkdir()
    for number in range(PAGES):
        (folder / "pages" / f"{number:03d}.txt").write_text(story(number))
    command = [sys.executable, "-m", "flows.cli", "ingest", str(folder / "pages")]
    done = subprocess.run(
        [*command, "--lake", str(folder / "lake")],
        env=alone,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (run,) = read(Lake(folder / "lake"), "runs").to_pylist()
    return str(run["run_id"])


def test_every_task_run_is_recorded(run_id: str, home: Path) -> None:
    """After the command has ended, the database has all of the run's tasks, completed."""
    with sqlite3.connect(home / "prefect.db") as database:
        tasks = database.execute(
            "select name, state_type from task_run where flow_run_id = ?", [run_id]
        ).fetchall()
        (flow_state,) = database.execute(
            "select state_type from flow_run where id = ?", [run_id]
        ).fetchone()
    names = Counter(name.split(" ")[0] for name, _ in tasks)
    assert flow_state == "COMPLETED"
    assert {state for _, state in tasks} == {"COMPLETED"}
    assert names.pop("cut") == 14
    assert names == {"recover": 1, "discover": 1, "decide": 1, "publish": 1, "put": 1}


def test_the_command_waits_for_what_is_not_recorded_yet(
    alone: dict[str, str], run_id: str, home: Path
) -> None:
    """A temporary server that ends before would lose it."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(TASKS)],
        env=alone,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [str(TASKS)], done.stderr
    with sqlite3.connect(home / "prefect.db") as database:
        (recorded,) = database.execute(
            "select count(*) from task_run where flow_run_id != ? and state_type = 'COMPLETED'",
            [run_id],
        ).fetchone()
    assert recorded == TASKS


@pytest.fixture
def ui(run_id: str, alone: dict[str, str]) -> Iterator[str]:
    """Address at which `copydesk ui` serves that history."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flows.cli", "ui", "--port", str(port)]
    process = subprocess.Popen(
        command,
        env=alone,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                ask(f"{address}/api/health")
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def test_the_ui_shows_the_run(ui: str, run_id: str) -> None:
    """It serves the run, and pages that ask the right address for it."""
    assert ask(f"{ui}/api/flow_runs/{run_id}")["state"]["type"] == "COMPLETED"
    assert ask(f"{ui}/ui-settings")["api_url"] == f"{ui}/api"


def ask(address: str) -> Any:
    """What the server answers."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def test_a_server_that_does_not_answer_is_told(alone: dict[str, str], tmp_path: Path) -> None:
    """With its address, and no traceback; Prefect tries for a while before."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
    command = [sys.executable, "-m", "flows.cli", "ingest", "seeds", "--lake", str(tmp_path)]
    done = subprocess.run(
        command,
        env={**alone, "PREFECT_API_URL": nowhere},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 1
    assert f"Prefect does not answer ({nowhere})" in done.stderr
    assert "Traceback" not in done.stderr
