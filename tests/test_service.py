"""`copydesk up` and `down`: what they start and stop, and what a browser then shows of a run."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from flows.processes import find_marked, is_running, start_process, stop_processes
from tasks.lake.layout import Lake
from tasks.lake.tables import read

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


@dataclass
class Project:
    """A copy of the project that a service is brought up for."""

    folder: Path
    environment: dict[str, str]
    port: int
    said: str = ""
    """By the `up` that started it."""

    @property
    def address(self) -> str:
        """Of the UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        """What `up` remembers of its processes."""
        return Path(self.environment["PREFECT_HOME"]) / "copydesk.json"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the project."""
        command = [sys.executable, "-m", "flows.cli", *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        """Bring it up."""
        return self.run("up", "--port", str(self.port))

    def ask(self, path: str, body: object = None) -> Any:
        """What Prefect's API answers."""
        request = urllib.request.Request(
            f"{self.address}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def processes(self) -> list[psutil.Process]:
        """All that were started for it: their environment has its Prefect home."""
        home = self.environment["PREFECT_HOME"]
        return [
            one for one in psutil.process_iter() if _environment(one).get("PREFECT_HOME") == home
        ]


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ() if process.pid != os.getpid() else {}
    except (psutil.Error, OSError):
        return {}


@pytest.fixture(scope="module")
def project(
    root: Path, tmp_path_factory: pytest.TempPathFactory, prefect_environment: dict[str, str]
) -> Project:
    """A copy of the project, a Prefect home and a free port."""
    folder = tmp_path_factory.mktemp("service")
    copy = folder / "project"
    for name in ("flows", "tasks", "seeds"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "prefect.yaml", copy)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**prefect_environment, "PREFECT_HOME": str(folder / "home")}
    return Project(copy, environment, port)


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[Project]:
    """The service, up; taken down at the end, whatever happened."""
    done = project.up()
    project.said = done.stdout
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield project
    finally:
        project.run("down")
        stop_processes(project.processes(), 5)


@pytest.fixture(scope="module")
def run_id(up: Project) -> str:
    """The id of a run that the scheduler made, moved to now, worked by the worker."""
    soon = {"deployments": {"name": {"any_": ["ingest"]}}, "limit": 1}
    (scheduled,) = wait_for(lambda: up.ask("flow_runs/filter", soon), 60)
    assert scheduled["auto_scheduled"]
    up.ask(f"flow_runs/{scheduled['id']}/set_state", {"state": {"type": "SCHEDULED"}})
    wait_for(lambda: up.ask(f"flow_runs/{scheduled['id']}")["state_type"] in ENDED, 120)
    return str(scheduled["id"])


ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def wait_for(ask: Callable[[], Any], limit_seconds: float) -> Any:
    """The first answer that is something."""
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.5)
    pytest.fail(f"nothing after {limit_seconds} s")


def test_up_says_where_and_what(up: Project) -> None:
    """It prints the address, and when each deployment runs."""
    assert f"Up: {up.address}" in up.said
    assert {"  ingest: 0 * * * * UTC", "  reprocess: by hand"} <= set(up.said.splitlines())


def test_a_second_up_starts_nothing(up: Project) -> None:
    """It says that it is up already, and where."""
    before = up.state.read_text()
    done = up.up()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"Up already: {up.address}")
    assert up.state.read_text() == before


def test_status_says_that_it_is_up(up: Project) -> None:
    """For a person, and by its exit code."""
    done = up.run("status")
    assert done.returncode == 0
    assert up.address in done.stdout


def test_lost_heartbeats_are_watched(up: Project) -> None:
    """There is one automation, and it marks runs as crashed."""
    (found,) = up.ask("automations/filter", {})
    assert found["enabled"]
    assert found["trigger"]["posture"] == "Proactive"
    assert [action["state"] for action in found["actions"]] == ["CRASHED"]


def test_a_scheduled_run_completes(up: Project, run_id: str) -> None:
    """The worker picks it up, it publishes to the lake of prefect.yaml, and is named by counts."""
    run = up.ask(f"flow_runs/{run_id}")
    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["name"].endswith("· 13 published, 2 withheld, 2 rejected")
    (row,) = read(Lake(up.folder / "data" / "lake"), "runs").to_pylist()
    assert row["run_id"] == run_id


@pytest.fixture
def page(browser: Any, up: Project) -> Iterator[Any]:
    """A page of a real browser that asks nobody but the server; its errors fail the test."""
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda got: got.ok or got.status in (304, 404) or wrong.append(got.url))
    page.route(lambda url: not url.startswith(up.address), lambda route: route.abort())
    yield page
    page.close()
    assert wrong == []


SHOWN = {
    "summary": "articles cut 15 = published 13 + withheld 2",
    "rejects": "Over 1% of it are control characters.",
    "duplicates": "ridge-post/kelvale-station.txt",
    "sources": "elbtal-anzeiger",
    "rules": "lines cut",
}


def test_a_person_reads_the_run_in_a_browser(up: Project, run_id: str, page: Any) -> None:
    """Its page says how it ended; its artifacts' texts are there, and its charts are drawn."""
    of_run = {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
    found = {one["key"]: one["id"] for one in up.ask("artifacts/filter", of_run)}
    page.goto(f"{up.address}/runs/flow-run/{run_id}")
    page.get_by_text("13 published, 2 withheld, 2 rejected").first.wait_for()
    page.get_by_text("Completed", exact=True).first.wait_for()
    page.get_by_text("shard-000: 10 new pages").first.wait_for()
    page.get_by_text("Artifacts", exact=True).last.click()
    for key in (*SHOWN, "volumes", "rejected"):
        page.get_by_text(key, exact=True).first.wait_for()
    for key, text in SHOWN.items():
        page.goto(f"{up.address}/artifacts/artifact/{found[key]}")
        page.get_by_text(text).first.wait_for()
    for key in ("summary", "volumes", "rejected"):
        page.goto(f"{up.address}/artifacts/artifact/{found[key]}")
        page.locator("img[src^='data:image/svg+xml']").first.wait_for()
        widths = "images => images.map(image => image.naturalWidth)"
        assert min(page.eval_on_selector_all("img[src^='data:']", widths)) == 760


def test_up_brings_a_dead_server_back(up: Project) -> None:
    """Its worker goes on, with the run that it may have, and is up with it again."""
    before = json.loads(up.state.read_text())
    psutil.Process(before["server"]).kill()
    assert "Part of it has ended" in up.run("status").stdout
    done = up.up()
    assert done.returncode == 0, done.stderr
    assert json.loads(up.state.read_text())["worker"] == before["worker"]
    assert up.run("status").returncode == 0


def test_down_stops_what_up_started_and_nothing_else(up: Project) -> None:
    """Even a process of the same user, in the same Prefect home, goes on; its own are all gone."""
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep, env=up.environment) as bystander:
        done = up.run("down")
        try:
            assert done.returncode == 0
            assert [process.pid for process in up.processes()] == [bystander.pid]
            assert not up.state.exists()
        finally:
            bystander.kill()
    assert up.run("down").stdout == "Nothing is up.\n"
    assert up.run("status").returncode == 1


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with us."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_stale_state_file_harms_nobody(
    project: Project, tmp_path: Path, stranger: "subprocess.Popen[bytes]"
) -> None:
    """Where the ids of what was started are another's by now, `down` leaves that one alone."""
    facts = {
        "mark": "0" * 32,
        "address": "http://127.0.0.1:1",
        "project": str(tmp_path),
        "started_at": "2025-01-01T00:00:00+00:00",
        "server": stranger.pid,
        "worker": stranger.pid,
    }
    elsewhere = Project(tmp_path, {**project.environment, "PREFECT_HOME": str(tmp_path)}, 1)
    elsewhere.environment["PYTHONPATH"] = str(project.folder)
    elsewhere.state.write_text(json.dumps(facts))
    assert "Part of it has ended" in elsewhere.run("status").stdout
    assert elsewhere.run("down").returncode == 0
    assert stranger.poll() is None
    assert not elsewhere.state.exists()


def test_a_folder_without_deployments_is_refused(project: Project, tmp_path: Path) -> None:
    """It says which file is missing and where to run it, and starts nothing."""
    elsewhere = Project(tmp_path, {**project.environment, "PREFECT_HOME": str(tmp_path)}, 1)
    elsewhere.environment["PYTHONPATH"] = str(project.folder)
    done = elsewhere.up()
    assert done.returncode == 2
    assert f"{tmp_path / 'prefect.yaml'}: not found" in done.stderr
    assert not elsewhere.state.exists()


def test_a_taken_port_is_refused(project: Project, tmp_path: Path) -> None:
    """It says so before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {**project.environment, "PREFECT_HOME": str(tmp_path)}
        done = Project(project.folder, environment, taken.getsockname()[1]).up()
    assert done.returncode == 2
    assert "Address already in use" in done.stderr


def test_children_that_were_left_behind_are_found_by_their_mark(tmp_path: Path) -> None:
    """A process whose parent is gone, in a session of its own, is stopped with the others."""
    leave = (
        "import subprocess, sys;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True)"
    )
    command = [sys.executable, "-c", leave]
    assert start_process(command, "m.test", os.environ, tmp_path, tmp_path / "log").wait() == 0
    (child,) = find_marked("m.test")
    assert is_running(child.pid, "m.test")
    assert not is_running(child.pid, "another")
    stop_processes([child], 10)
    assert find_marked("m.test") == []
