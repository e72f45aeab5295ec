"""Prefect's history of a run: complete before the command ends."""

import os
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from tasks.errors import CopydeskError

DRAIN_SECONDS = 60.0
"""The 50 task runs of a large ingest are recorded within two seconds of its end."""
POLL_SECONDS = 0.02

QUIET: dict[str, str] = {
    # What a person at the terminal sees is ours, errors too; Prefect's lines go to the run's page.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # A first start migrates a new database: 8-14 s were measured, 20 is Prefect's limit.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    # Nothing is reported to anyone.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


def prepare_prefect(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what the command wants of Prefect, before it is imported; what is set already stays."""
    for name, value in QUIET.items():
        environment.setdefault(name, value)


@contextmanager
def explain_lost_server() -> Iterator[None]:
    """Tell a person in the place of an error that says that Prefect's server does not answer.

    Prefect's client tries again for some 20 s before it gives up.

    Raises:
        CopydeskError: naming the server; other errors pass as they are.
    """
    try:
        yield
    except Exception as error:
        if not _is_of_server(error):
            raise
        server = os.environ.get("PREFECT_API_URL", "its temporary server")
        message = (
            f"Prefect does not answer ({server}): {str(error) or type(error).__name__}. Is it up? "
            "What was cut is kept, and what was begun is finished: the same command goes on."
        )
        raise CopydeskError(message) from error


def drain_history(limit_seconds: float = DRAIN_SECONDS) -> int:
    """Wait until Prefect has recorded every task run of this process; how many there are.

    Tasks send their history as events, which the server works off in its own time: a temporary
    server that ends with the command loses the rest. Of 200 task runs, 13 to 28 were saved
    without waiting.

    Raises:
        CopydeskError: where some are not recorded within ``limit_seconds``.
    """
    from prefect.client.orchestration import get_client

    from tasks.steps import STARTED_TASKS

    wanted = set(STARTED_TASKS)
    end = time.monotonic() + limit_seconds
    with get_client(sync_client=True) as client:
        while (recorded := _count_ended(client, wanted)) < len(wanted):
            if time.monotonic() > end:
                message = (
                    f"Prefect recorded {recorded} of {len(wanted)} task runs within "
                    f"{limit_seconds:.0f} s. The lake is complete; the run's page is not."
                )
                raise CopydeskError(message)
            time.sleep(POLL_SECONDS)
    return recorded


def _is_of_server(error: Exception) -> bool:
    from httpx import TransportError
    from prefect.exceptions import PrefectHTTPStatusError

    if isinstance(error, PrefectHTTPStatusError):
        return error.response.is_server_error
    # Prefect raises a bare RuntimeError where it reaches no server at a run's start.
    return isinstance(error, TransportError) or "Failed to reach API" in str(error)


def _count_ended(client: object, task_run_ids: set[str]) -> int:
    states = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]
    what = {
        "task_runs": {
            "id": {"any_": sorted(task_run_ids)},
            "state": {"type": {"any_": states}},
        }
    }
    response = client._client.post("/task_runs/count", json=what)  # type: ignore[attr-defined]
    response.raise_for_status()
    return int(response.json())
