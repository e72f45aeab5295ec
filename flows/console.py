"""The commands that talk to Prefect: run an ingest at a terminal, serve the UI.

Workers start before anything else is imported: the rest, Arrow and Prefect, while they do.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from flows.history import drain_history, explain_lost_server, prepare_prefect
from flows.settings import FlowSettings, IngestSettings, MaintainSettings, ReprocessSettings
from tasks.errors import CopydeskError
from tasks.report.progress import PROGRESS
from tasks.work.pool import started_ahead, worker_count
from tasks.work.spawn import loading
from tasks.work.warm import count_ahead, warm_up

if TYPE_CHECKING:
    from tasks.report.reprocess import Reprocessed
    from tasks.report.summary import Summary
    from tasks.work.maintain import Maintained

R = TypeVar("R")
S = TypeVar("S", bound=FlowSettings)


def run_ingest(settings: IngestSettings) -> None:
    """Run an ingest here and now, show how far it is, and print what it did.

    Raises:
        CopydeskError: where the run stopped or failed; its message is for a person.
    """

    def load() -> "Callable[[IngestSettings], Summary]":
        from flows.ingest import ingest

        return ingest

    is_local = settings.engine == "local"
    ahead = count_ahead(settings.sources, worker_count(settings.workers)) if is_local else 0
    with started_ahead(ahead, warm_up, settings.rule_packs):
        with loading():
            from tasks.report.terminal import print_summary
            from tasks.work.ahead import measured_ahead
        with measured_ahead(settings.sources):
            summary = _run_here(load, settings)
    print_summary(summary)


def run_reprocess(settings: ReprocessSettings, show: int) -> None:
    """Run a reprocess here and now, and print what changed, with ``show`` differences.

    Raises:
        CopydeskError: where the run stopped or failed; its message is for a person.
    """

    def load() -> "Callable[[ReprocessSettings], Reprocessed]":
        from flows.reprocess import reprocess

        return reprocess

    done = _run_here(load, settings)
    from tasks.report.reprocess import print_reprocessed

    print_reprocessed(done, show)


def run_maintain(settings: MaintainSettings) -> None:
    """Run a maintenance here and now, and print what it did.

    Raises:
        CopydeskError: where the run stopped or failed; its message is for a person.
    """

    def load() -> "Callable[[MaintainSettings], Maintained]":
        from flows.maintain import maintain

        return maintain

    done = _run_here(load, settings)
    from tasks.report.maintain import print_maintained

    print_maintained(done)


def _run_here(load: Callable[[], Callable[[S], R]], settings: S) -> R:
    """Run the flow that is loaded in this process, with its history complete at the end."""
    with loading():
        from flows.service import use_running_server
        from tasks.report.terminal import TerminalProgress
    prepare_prefect()
    use_running_server()
    with explain_lost_server(), TerminalProgress() as progress:
        progress.say("Starting Prefect …")
        token = PROGRESS.set(progress)
        try:
            with loading():
                flow = load()
                from flows.heartbeat import without_prefects
            with without_prefects():
                outcome = flow(settings)
        except KeyboardInterrupt:
            message = "Interrupted. What was cut is kept; the same command goes on from there."
            raise CopydeskError(message) from None
        finally:
            PROGRESS.reset(token)
        progress.say("Waiting for Prefect's history …")
        drain_history()
    return outcome


def serve_ui(port: int) -> None:
    """Serve the Prefect UI of this history, or say where it is served already."""
    from flows.started import find_service

    prepare_prefect()
    found = find_service()
    if found is not None and found.is_up:
        print(f"The runs are at {found.address}/runs: `copydesk up` serves them.")
        return
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        # Without it the UI looks for its API on port 4200, and looks empty.
        "PREFECT_UI_API_URL": f"{address}/api",
    }
    environment.pop("PREFECT_API_URL", None)
    print(f"The runs are at {address}/runs; Ctrl-C ends it.")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    try:
        ended = subprocess.run([*command, "--port", str(port)], env=environment, check=False)
    except KeyboardInterrupt:
        return
    if ended.returncode:
        message = (
            f"The Prefect server ended with {ended.returncode}. Is port {port} taken? Try --port."
        )
        raise CopydeskError(message)
