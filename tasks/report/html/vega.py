"""Vega-Lite, in a process of its own where one was started: here it holds Python's lock meanwhile.

Starting takes it 0.35 s, a chart 0.02. That process imports this module, so it imports little.
"""

from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from typing import Any

from tasks.work.spawn import spawn_workers

_EMPTY = {"data": {"values": []}, "mark": "bar"}

_BESIDE: list[ProcessPoolExecutor] = []
"""The process, if there is one."""


def start_drawing() -> None:
    """Start a process that draws, beside what comes before a report."""
    stop_drawing()
    _BESIDE.append(spawn_workers(1))
    _BESIDE[0].submit(to_svg, _EMPTY)


def stop_drawing() -> None:
    """Let the process end that was started, if there is one."""
    while _BESIDE:
        _BESIDE.pop().shutdown(wait=False)


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
