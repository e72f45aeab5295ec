"""Processes that stay when the command has ended: started with a mark, found and stopped by it."""

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

MARK = "COPYDESK_SERVICE"
"""Name of the environment variable that children inherit: what they started is found by it too.

A process id may be another's by the time it is used, and a start time moves with the clock; a mark
made for one start is nobody else's.
"""


def start_process(
    command: Sequence[str],
    mark: str,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one, in a session of its own.

    Args:
        command: Program and arguments: no secrets, everyone may read them.
        mark: What it and its children will be found by.
        environment: All of its environment but the mark.
        folder: Its working directory.
        log: File that its output is added to.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env={**environment, MARK: mark},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def is_running(process_id: int, mark: str) -> bool:
    """Whether that process is there, and is the one that was started with the mark."""
    try:
        return _has_mark(psutil.Process(process_id), mark)
    except psutil.NoSuchProcess:
        return False


def find_marked(mark: str) -> list[psutil.Process]:
    """The processes that carry a mark, which their parents may have outlived or not."""
    return [process for process in psutil.process_iter() if _has_mark(process, mark)]


def stop_processes(processes: Iterable[psutil.Process], grace_seconds: float) -> None:
    """Ask processes to end, wait for them, and kill those that are left. None may be there."""
    asked = list(processes)
    for process in asked:
        _signal(process, by_force=False)
    _, left = psutil.wait_procs(asked, timeout=grace_seconds)
    for process in left:
        _signal(process, by_force=True)
    psutil.wait_procs(left, timeout=grace_seconds)


def read_environment(process: psutil.Process) -> dict[str, str]:
    """The environment that a process was started with; empty where it is gone or another user's."""
    try:
        return dict(process.environ())
    except (psutil.Error, OSError):
        return {}


def _has_mark(process: psutil.Process, mark: str) -> bool:
    return read_environment(process).get(MARK) == mark


def _signal(process: psutil.Process, *, by_force: bool) -> None:
    try:
        # psutil refuses where the id is another process's by now.
        process.kill() if by_force else process.terminate()
    except psutil.NoSuchProcess:
        return
