"""Signs of life of a run that a person started: every half minute, and no wait at its end."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context

from prefect.events import emit_event
from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)

from tasks.lake.runs import Run

SECONDS = 30.0
"""Between two of them; flows/crashed.yaml waits for four."""


@contextmanager
def without_prefects() -> Iterator[None]:
    """Keep Prefect from sending signs of life itself, unless it was told how often.

    By itself it sends one every three minutes, when flows/crashed.yaml has long given up the run,
    and its thread looks once a second whether the run has ended: the run waits for it.
    """
    if "heartbeat_frequency" in get_current_settings().flows.model_fields_set:
        yield
        return
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


@contextmanager
def beating(run: Run) -> Iterator[None]:
    """Send signs of life for as long as the block runs, where Prefect does not."""
    if get_current_settings().flows.heartbeat_frequency is not None:
        yield
        return
    ended = threading.Event()
    resource = {
        "prefect.resource.id": f"prefect.flow-run.{run.run_id}",
        "prefect.resource.name": run.name,
    }

    def beat() -> None:
        while True:
            emit_event("prefect.flow-run.heartbeat", resource)
            if ended.wait(SECONDS):
                return

    # In this context, Prefect adds which flow it is a run of.
    thread = threading.Thread(
        target=copy_context().run, args=(beat,), name="heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
