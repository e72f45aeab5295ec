"""Vega-Lite, in a process of its own where one was started: here it holds Python's lock meanwhile.

Starting takes it 0.35 s, a chart 0.02. That process imports this module, so it imports little.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from tasks.work.spawn import spawn_workers

_EMPTY = {"data": {"values": []}, "mark": "bar"}

_BESIDE: list[ProcessPoolExecutor] = []
"""The processes, one of each run that has one."""


@contextmanager
def drawing_beside() -> Iterator[None]:
    """Have a process that draws, started beside what comes before a report.

    The block waits for its end, however the block ends: where multiprocessing started this
    process, Python closes the queues to its children first and waits for them then, for ever.
    """
    with spawn_workers(1) as beside:
        beside.submit(to_svg, _EMPTY)
        _BESIDE.append(beside)
        try:
            yield
        finally:
            _BESIDE.remove(beside)


def draw(spec: dict[str, Any]) -> str:
    """A chart as SVG."""
    for beside in _BESIDE[:1]:
        with suppress(RuntimeError):  # it was killed, or another run's report is done
            return beside.submit(to_svg, spec).result()
    return to_svg(spec)


def to_svg(spec: dict[str, Any]) -> str:
    """The same, drawn by this process."""
    # Imported where it is used: a worker or `--help` draws nothing.
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))
