"""The deployment: `prefect deploy --all` and a process worker run prefect.yaml as it stands."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.lake.tables import read

pytestmark = [pytest.mark.flow, pytest.mark.timeout(240)]


def prefect(*arguments: str, cwd: Path, env: dict[str, str]) -> None:
    """Run a command of Prefect's."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def ask(address: str, body: dict[str, Any]) -> Any:
    """What Prefect's API answers."""
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """A copy of the project, so that the deployed run writes to a lake of its own."""
    folder = tmp_path / "project"
    for name in ("flows", "tasks", "seeds"):
        shutil.copytree(root / name, folder / name)
    shutil.copy(root / "prefect.yaml", folder)
    return folder


@pytest.fixture
def worker(project: Path, served: dict[str, str]) -> Iterator[None]:
    """The deployments registered, and a worker that waits for their runs."""
    environment = {**served, "PWD": str(project)}
    prefect(
        "work-pool",
        "create",
        "copydesk",
        "--type",
        "process",
        "--overwrite",
        cwd=project,
        env=environment,
    )
    prefect("deploy", "--all", cwd=project, env=environment)
    with subprocess.Popen(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", "copydesk"],
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield
        process.terminate()


def test_a_worker_runs_the_deployment(
    worker: None, project: Path, served: dict[str, str], prefect_api: str
) -> None:
    """A run of the deployment ends completed, and its lake has the sample pages' articles."""
    prefect("deployment", "run", "ingest/ingest", cwd=project, env=served)
    of_deployment = {"deployments": {"name": {"any_": ["ingest"]}}}
    by_hand = {"flow_runs": {"tags": {"operator": "or_", "is_null_": False}}}
    end = time.monotonic() + 120
    states: list[str] = []
    while time.monotonic() < end and "COMPLETED" not in states:
        time.sleep(1)
        found = ask(f"{prefect_api}/flow_runs/filter", {**of_deployment, **by_hand})
        states = [run["state_type"] for run in found]
        assert not {"FAILED", "CRASHED"} & set(states), found
    assert "COMPLETED" in states
    (run,) = read(Lake(project / "data" / "lake"), "runs").to_pylist()
    assert run["state"] == "completed"


def test_the_deployment_is_scheduled_every_hour(worker: None, prefect_api: str) -> None:
    """The server has the hourly schedule, active, and lets one run go at a time."""
    (found,) = ask(f"{prefect_api}/deployments/filter", {})
    (schedule,) = found["schedules"]
    assert (schedule["active"], schedule["schedule"]["cron"]) == (True, "0 * * * *")
    assert found["global_concurrency_limit"]["limit"] == 1
