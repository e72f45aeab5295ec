"""Run an ingest that is killed with SIGKILL at a stated point: ``die_at.py POINT SOURCE LAKE``.

POINT is ``never``, ``after SECONDS`` of the flow, or ``MODULE:NAME:N:before|after``: the N-th call
of a function, before or after it did its work. Several SOURCE=LAKE pairs run one after another.
"""

import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Make the process die at ``point``."""
    if point == "never":
        return
    module, path, nth, moment = point.split(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    setattr(owner, name, _dying(getattr(owner, name), int(nth), moment))


def _dying(function: Callable[..., Any], nth: int, moment: str) -> Callable[..., Any]:
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and moment == "before":
            die()
        result = function(*args, **kwargs)
        if calls == nth and moment == "after":
            die()
        return result

    return call


def main() -> None:
    """Arm, and run."""
    point, *pairs = sys.argv[1:]
    from flows.console import run_ingest
    from flows.history import prepare_prefect
    from flows.settings import IngestSettings

    prepare_prefect()
    import flows.ingest  # noqa: F401  # imported now, so that seconds count from the flow's start

    if point.startswith("after "):
        timer = threading.Timer(float(point.removeprefix("after ")), die)
        timer.daemon = True
        timer.start()
    else:
        arm(point)
    for pair in pairs:
        source, lake = pair.split("=")
        started = time.perf_counter()
        run_ingest(IngestSettings(sources=(source,), lake=lake, workers=1))
        print(f"seconds {time.perf_counter() - started:.2f}")


if __name__ == "__main__":
    main()
