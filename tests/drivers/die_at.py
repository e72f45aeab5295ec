"""Run ingests that are killed with SIGKILL at stated points: ``die_at.py POINT SOURCE=LAKE``.

POINT is ``never``, ``after SECONDS`` of the flow, or ``MODULE:NAME:N:before|after``: the N-th call
of a function, before or after it did its work. Several SOURCE=LAKE pairs run one after another.

After ``--`` comes another POINT with pairs of its own. Each has a process of its own, forked from
one that has imported everything: importing takes longer than the ingest. How each ended is told.
"""

import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import groupby
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
    """Fork, and tell how it went."""
    from flows.history import prepare_prefect

    prepare_prefect()
    import flows.ingest  # noqa: F401  # imported now, so that seconds count from the flow's start

    for is_break, group in groupby(sys.argv[1:], "--".__eq__):
        if is_break:
            continue
        point, *pairs = group
        child = os.fork()
        if not child:
            run(point, pairs)
            return
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


def run(point: str, pairs: Sequence[str]) -> None:
    """Arm, and ingest."""
    from flows.console import run_ingest
    from flows.settings import IngestSettings

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
        print(f"seconds {time.perf_counter() - started:.2f}", flush=True)


if __name__ == "__main__":
    main()
