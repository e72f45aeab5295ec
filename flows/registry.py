"""What a Prefect server is told of us: work pool, deployments, automation."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import files as files_of
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psutil
import yaml

from flows.processes import read_environment
from tasks.errors import CopydeskError, SettingError

POOL = "copydesk"
PROJECT_FILE = "prefect.yaml"
INGEST = "ingest"
"""The deployment that reads sources."""
PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
"""The command, of the environment that this one runs in."""


def read_project(
    file: Path, lake: str | None, sources: Sequence[str], sources_file: Path | None
) -> dict[str, Any]:
    """What a prefect.yaml says, with another lake and other sources where they are given.

    Args:
        file: The prefect.yaml; where there is none, the one that the installed package brings.
        lake: For every deployment; as the file says where None.
        sources: For `ingest`, with ``sources_file``; as the file says where neither is given.
        sources_file: A sources.toml.

    Raises:
        SettingError: where it has no deployments, or there is none and nothing says what to read.
    """
    has_sources = bool(sources) or sources_file is not None
    plan = _load_own(file) if file.exists() else _load_packaged(file, has_sources)
    for deployment in plan["deployments"]:
        settings = deployment.setdefault("parameters", {}).setdefault("settings", {})
        if lake is not None:
            settings["lake"] = lake
        if deployment["name"] == INGEST and has_sources:
            settings["sources"] = list(sources)
            settings["sources_file"] = None if sources_file is None else str(sources_file)
    return plan


def _load_own(file: Path) -> dict[str, Any]:
    try:
        plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{file}: {error}\nCorrect it there, or run `copydesk up` in another folder."
        raise SettingError(message) from error
    if not isinstance(plan, dict) or not plan.get("deployments"):
        message = (
            f"{file}: has no deployments. Write them as Copydesk's own {PROJECT_FILE} does, or run "
            "`copydesk up` in another folder."
        )
        raise SettingError(message)
    return plan


def _load_packaged(file: Path, has_sources: bool) -> dict[str, Any]:
    """The deployments that an installed package brings; a checkout's lie in its own folder."""
    try:
        brought = [one for one in files_of("copydesk") or () if one.name == PROJECT_FILE]
    except PackageNotFoundError:  # run from a checkout that was never installed
        brought = []
    if not has_sources or not brought:
        message = f"{file}: not found. Run `copydesk up` in a folder that has a {PROJECT_FILE}" + (
            ", or say what to read: SOURCE, or --sources FILE." if brought else "."
        )
        raise SettingError(message)
    plan: dict[str, Any] = yaml.safe_load(brought[0].read_text(encoding="utf-8"))
    for deployment in plan["deployments"]:
        # A module's name in the place of a file's: here is none to be found from this folder.
        path, _, flow = deployment["entrypoint"].partition(":")
        deployment["entrypoint"] = f"{path.removesuffix('.py').replace('/', '.')}.{flow}"
    return plan


def describe_deployments(plan: Mapping[str, Any]) -> list[str]:
    """A line a deployment: its name, and when it runs."""
    lines = []
    for deployment in plan["deployments"]:
        schedules = deployment.get("schedules") or []
        times = ", ".join(f"{one['cron']} {one.get('timezone', 'UTC')}" for one in schedules)
        lines.append(f"{deployment['name']}: {times or 'by hand'}")
    return lines


def register(project: Path, plan: Mapping[str, Any], api: str) -> None:
    """Deploy what a prefect.yaml says; create pool and automation where they are missing.

    Raises:
        CopydeskError: where Prefect refuses a deployment, with its reason.
    """
    _register_pool(api)
    _register_automation(api)
    with TemporaryDirectory() as folder:
        file = Path(folder) / PROJECT_FILE
        file.write_text(yaml.safe_dump(dict(plan), sort_keys=False), encoding="utf-8")
        done = subprocess.run(
            [*PREFECT, "deploy", "--all", "--prefect-file", str(file)],
            env={**os.environ, "PREFECT_API_URL": api, "PWD": str(project)},
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        message = f"{project / PROJECT_FILE} cannot be deployed:\n{done.stdout}{done.stderr}"
        raise CopydeskError(message)


def is_polled(api: str, since: datetime) -> bool:
    """Whether a worker has asked our pool for runs after that time."""
    from prefect.client.orchestration import SyncPrefectClient

    with SyncPrefectClient(api) as client:
        beats = [one.last_heartbeat_time for one in client.read_workers_for_work_pool(POOL)]
    return any(beat is not None and beat >= since for beat in beats)


def find_runs(processes: Iterable[psutil.Process]) -> set[UUID]:
    """The flow runs that some processes of a worker execute."""
    return {
        UUID(found)
        for process in processes
        if (found := read_environment(process).get("PREFECT__FLOW_RUN_ID"))
    }


def mark_crashed(api: str, runs: Iterable[UUID], message: str) -> None:
    """Say that runs were killed; those that have said themselves how they ended stay as they are.

    Else they would go on as running, and keep the one slot that their deployment has.
    """
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.states import Crashed

    with SyncPrefectClient(api) as client:
        for run in runs:
            state = client.read_flow_run(run).state
            if state is None or not state.is_final():
                client.set_flow_run_state(run, Crashed(message=message), force=True)


def _register_pool(api: str) -> None:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    with SyncPrefectClient(api) as client:
        try:
            client.read_work_pool(POOL)
        except ObjectNotFound:
            template = ProcessWorker.get_default_base_job_template()
            pool = WorkPoolCreate(name=POOL, type="process", base_job_template=template)
            client.create_work_pool(pool)


def _register_automation(api: str) -> None:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.events.schemas.automations import AutomationCore

    text = (files("flows") / "crashed.yaml").read_text(encoding="utf-8")
    automation = AutomationCore.model_validate(yaml.safe_load(text))
    with SyncPrefectClient(api) as client:
        # One that is there stays as it is: somebody may have changed or paused it.
        if not client.read_automations_by_name(automation.name):
            client.create_automation(automation)
