"""The engine that a run's settings name, opened and closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from prefect import get_run_logger

from flows.settings import IngestSettings
from tasks.errors import SettingError
from tasks.work.engine import Engine, LocalEngine
from tasks.work.pool import worker_count

if TYPE_CHECKING:
    from prefect_dask import PrefectDaskClient

CONNECT_SECONDS = 10.0
WORKERS_SECONDS = 30.0
"""So long a run waits for a cluster's first worker, which may be starting."""


@contextmanager
def open_engine(settings: IngestSettings) -> Iterator[Engine]:
    """The engine, for as long as the block runs.

    Raises:
        SettingError: where the cluster cannot be had, and what to do about it.
    """
    if settings.engine == "local":
        yield LocalEngine(worker_count(settings.workers))
        return
    address = settings.scheduler
    try:
        client = _connect(address)
    except ModuleNotFoundError as error:
        message = (
            f"--engine dask needs a package that is not installed ({error.name}).\n"
            "Install it here and where Dask's workers run: pip install 'copydesk[dask]'"
        )
        raise SettingError(message) from error
    except (OSError, ValueError) as error:  # a TimeoutError is an OSError
        message = (
            f"--scheduler {address}: no Dask scheduler answers there ({error}).\n"
            "Start one with `dask scheduler`, and give the address that it tells."
        )
        raise SettingError(message) from error
    from tasks.work.cluster import DaskEngine

    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError as error:
            message = (
                f"--scheduler {address}: the Dask cluster there has no worker.\n"
                f"Start some, on any machine that reaches it: dask worker {address}"
            )
            raise SettingError(message) from error
        yield DaskEngine(client, get_run_logger().warning)


def _connect(address: str | None) -> "PrefectDaskClient":
    from prefect_dask import PrefectDaskClient

    connect = partial(PrefectDaskClient, address, timeout=CONNECT_SECONDS, set_as_default=False)
    try:
        return connect()
    except AssertionError:
        # Its loop's thread has 10 s to start, and had not, now and then on a busy machine.
        return connect()
