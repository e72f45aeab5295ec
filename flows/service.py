"""`copydesk up`, `down` and `status`: a Prefect server with our deployments, and their worker."""

import os
import socket
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from flows.history import prepare_prefect
from flows.processes import find_marked, is_running, start_process, stop_processes
from flows.registry import (
    POOL,
    PREFECT,
    PROJECT_FILE,
    describe_deployments,
    find_runs,
    is_polled,
    mark_crashed,
    read_project,
    register,
)
from flows.started import Service, alone, answers, find_service, forget, log_file, remember
from tasks.errors import CopydeskError, SettingError

HOST = "127.0.0.1"

START_SECONDS = 120.0
"""For a server to answer: a first start migrates a new database, 8-14 s were measured."""
STOP_SECONDS = 20.0
"""For what is asked to end, before it is killed."""

SERVER_SETTINGS: Mapping[str, str] = {
    # The slots of running deployments must outlive the server. In memory, as Prefect has them, a
    # server that dies in mid-run leaves the slot taken, and every later run is cancelled.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    # Runs that ended 90 days ago are forgotten; the lake's own `runs` remembers them.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(90 * 24 * 60 * 60),
}
WORKER_SETTINGS: Mapping[str, str] = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # Prefect's least; flows/crashed.yaml waits for four
}
"""Both give way to what the environment says."""


def bring_up(
    port: int,
    lake: str | None,
    sources: Sequence[str],
    sources_file: Path | None,
    database: str | None,
) -> None:
    """Start server and worker with the deployments of this folder's prefect.yaml, or say where.

    Args:
        port: Of the UI and the API, on loopback.
        lake: In place of the lake that prefect.yaml names.
        sources: In place of the sources that it names, with ``sources_file``.
        sources_file: A sources.toml.
        database: URL of Prefect's own database; its SQLite file where None.

    Raises:
        SettingError: where there is no prefect.yaml, or the port is taken.
        CopydeskError: where something does not start; says what, and where its log is.
    """
    prepare_prefect()
    with alone():
        found = find_service()
        if found is not None and found.is_up:
            print(f"Up already: {found.address}")
            print("With other options: `copydesk down`, then `copydesk up` again.")
            return
        plan = read_project(Path.cwd() / PROJECT_FILE, lake, sources, sources_file)
        service = _begin(found, f"http://{HOST}:{port}")
        _check_port(port)
        try:
            service = _start_server(service, port, database)
            print("Registering the deployments …", flush=True)
            register(Path(service.project), plan, service.api)
            if not service.has_worker:
                service = _start_worker(service)
        except BaseException:
            _stop(service)
            raise
    print(f"Up: {service.address}")
    for line in describe_deployments(plan):
        print(f"  {line}")
    print(f"The runs are at {service.address}/runs; `copydesk down` ends it.")


def take_down() -> None:
    """Stop what `bring_up` started, runs under way included, and nothing else."""
    with alone():
        found = find_service()
        if found is None:
            print("Nothing is up.")
            return
        _stop(found)
    print("Down. If a run was under way, the next one takes over what it had cut.")


def show_status() -> bool:
    """Print whether it is up, and where; tells the same."""
    found = find_service()
    if found is None:
        print("Nothing is up.")
    elif found.is_up:
        print(f"Up: {found.address}, since {found.started_at}, for {found.project}")
        return True
    else:
        print(f"Part of it has ended: see {log_file('server')} and {log_file('worker')}.")
        print("`copydesk up` starts it again.")
    return False


def use_running_server(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let a command's run go to the server that is up, unless it was told another one.

    Two servers would write one history file.
    """
    found = find_service()
    if found is not None and "PREFECT_API_URL" not in environment and found.is_up:
        environment["PREFECT_API_URL"] = found.api


def _begin(found: Service | None, address: str) -> Service:
    """What is started: all anew, or the server of a worker that has lost it.

    A run that is under way waits for its server for a while: it must not be stopped for nothing.
    """
    project = str(Path.cwd())
    if found is not None:
        lost = found.has_worker and not found.has_server
        if lost and (found.address, found.project) == (address, project):
            print("The server had ended; its worker goes on.")
            return found
        _stop(found)  # what is left of it
    return Service(
        mark=uuid4().hex,
        address=address,
        project=project,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server=0,
    )


def _start_server(service: Service, port: int, database: str | None) -> Service:
    print("Starting the Prefect server …", flush=True)
    environment = {
        **_environment(SERVER_SETTINGS),
        # Without it the UI looks for its API on port 4200, and looks empty.
        "PREFECT_UI_API_URL": service.api,
    }
    if database is not None:  # never among the arguments: it may have a password in it
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = _with_driver(database)
    command = [*PREFECT, "server", "start", "--host", HOST, "--port", str(port)]
    mark, log = f"{service.mark}.server", log_file("server")
    process = start_process(command, mark, environment, Path(service.project), log).pid
    service = replace(service, server=process)
    remember(service)
    _wait("server", process, mark, lambda: answers(service.api))
    return service


def _start_worker(service: Service) -> Service:
    print("Starting the worker …", flush=True)
    environment = {**_environment(WORKER_SETTINGS), "PREFECT_API_URL": service.api}
    command = [*PREFECT, "worker", "start", "--pool", POOL, "--name", POOL]
    mark, log = f"{service.mark}.worker", log_file("worker")
    since = datetime.now(UTC)
    process = start_process(command, mark, environment, Path(service.project), log).pid
    service = replace(service, worker=process)
    remember(service)
    _wait("worker", process, mark, lambda: is_polled(service.api, since))
    return service


def _stop(service: Service) -> None:
    """End the worker and its runs, tell the server that these are dead, and end it."""
    workers = find_marked(f"{service.mark}.worker")
    killed = find_runs(workers)
    stop_processes(workers, STOP_SECONDS)
    if killed and answers(service.api):
        mark_crashed(service.api, killed, "`copydesk down` stopped it. The next run takes over.")
    stop_processes(find_marked(f"{service.mark}.server"), STOP_SECONDS)
    forget()


def _wait(role: str, process: int, mark: str, is_ready: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not is_ready():
        if not is_running(process, mark):
            last = log_file(role).read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            message = "\n".join([f"The {role} ended at once. {log_file(role)} ends with:", *last])
            raise CopydeskError(message)
        if time.monotonic() > end:
            message = f"The {role} is not ready after {START_SECONDS:.0f} s: see {log_file(role)}."
            raise CopydeskError(message)
        time.sleep(0.2)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # As the server does: a port on which old connections linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = f"--port {port}: {error.strerror}. Is a server there already? Try another."
            raise SettingError(message) from error


def _with_driver(database: str) -> str:
    """A database's URL with the driver that Prefect wants."""
    scheme, parted, rest = database.partition("://")
    return f"postgresql+asyncpg{parted}{rest}" if scheme.startswith("postgres") else database


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This command's environment and some settings, without the address of another server."""
    known = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    # What a terminal is spared belongs into their logs.
    return {**settings, **known, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"}
