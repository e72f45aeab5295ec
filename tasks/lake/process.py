"""Which process it is that holds something, so that others on its machine can tell when it died."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any


def describe_process() -> dict[str, Any]:
    """This process: its machine since it booted, its id, and when it began.

    Where the system does not tell (it has no ``/proc``), ``machine`` is None.
    """
    pid = os.getpid()
    return {"machine": _machine(), "pid": pid, "began": _began(pid)}


def is_gone(process: Mapping[str, Any]) -> bool:
    """Whether a process, as it described itself, ran on this machine and runs no more."""
    machine = _machine()
    if machine is None or process.get("machine") != machine:
        return False
    return _began(process.get("pid", 0)) != process.get("began")


@lru_cache(maxsize=1)
def _machine() -> str | None:
    """The same for all processes that can see each other: of one boot, in one container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return None


def _began(pid: int) -> str | None:
    """When a process began, in clock ticks since boot: ids are used again. None where it ended."""
    try:
        # Its name, in brackets, may hold anything. A killed one that nobody waited for is a zombie.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
