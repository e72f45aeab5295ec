"""The deployment: `prefect deploy --all` and a process worker run prefect.yaml as it stands."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def ask(address: str, body: dict[str, Any] | None = None) -> Any:
    """What Prefect's API answers."""
    request = urllib.request.Request(
        address,
        None if body is None else json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that the deployed run writes to a lake of its own."""
    folder = tmp_path_factory.mktemp("deployed") / "project"
    for name in ("flows", "tasks", "seeds"):
        shutil.copytree(root / name, folder / name)
    shutil.copy(root / "prefect.yaml", folder)
    return folder


@pytest.fixture(scope="module")
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


def test_a_worker_picks_up_a_scheduled_run(worker: None, project: Path, prefect_api: str) -> None:
    """A run that the hourly schedule made, its hour come, ends completed, with a lake to show."""
    of_ingest = {"deployments": {"name": {"any_": ["ingest"]}}}
    by_schedule = {"flow_runs": {"tags": {"all_": ["auto-scheduled"]}}, "limit": 1}
    (scheduled,) = wait_for(
        lambda: ask(f"{prefect_api}/flow_runs/filter", {**of_ingest, **by_schedule}), 60
    )
    run = f"{prefect_api}/flow_runs/{scheduled['id']}"
    ask(f"{run}/set_state", {"state": {"type": "SCHEDULED"}})
    wait_for(lambda: ask(run)["state_type"] in {"COMPLETED", "FAILED", "CRASHED"}, 120)
    assert ask(run)["state_type"] == "COMPLETED"
    (row,) = read(Lake(project / "data" / "lake"), "runs").to_pylist()
    assert (row["run_id"], row["state"]) == (scheduled["id"], "completed")


def test_ingest_is_scheduled_every_hour(worker: None, prefect_api: str) -> None:
    """The server has the hourly schedule, active, and lets one run go at a time."""
    named = {"deployments": {"name": {"any_": ["ingest"]}}}
    (found,) = ask(f"{prefect_api}/deployments/filter", named)
    (schedule,) = found["schedules"]
    assert (schedule["active"], schedule["schedule"]["cron"]) == (True, "0 * * * *")
    assert found["global_concurrency_limit"]["limit"] == 1


def test_every_deployment_tells_what_it_is(root: Path) -> None:
    """Each has a description of its own, tags, parameters, one run at a time, and our pool."""
    deployments = yaml.safe_load((root / "prefect.yaml").read_text())["deployments"]
    assert len({one["description"] for one in deployments}) == len(deployments)
    for one in deployments:
        assert "copydesk" in one["tags"]
        assert one["parameters"]["settings"]
        assert one["concurrency_limit"]["limit"] == 1
        assert one["concurrency_limit"]["collision_strategy"] in {"CANCEL_NEW", "ENQUEUE"}
        assert one["work_pool"]["name"] == "copydesk"


def wait_for(question: Callable[[], Any], limit_seconds: float) -> Any:
    """The first answer that is something."""
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.5)
    pytest.fail(f"nothing after {limit_seconds} s")
