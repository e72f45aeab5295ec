"""The short form of ``benchmarks/chaos.py``: killed ingests, and faults between."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.flow, pytest.mark.kill, pytest.mark.timeout(900)]

FAULTS = [
    "ingest killed",
    "two ingests at once",
    "Prefect server died and came back",
    "lake compared with an undisturbed one",
]


@pytest.fixture(scope="module")
def chaos(root: Path, prefect_environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A few rounds, each with another fault, with a Prefect server of its own that dies too."""
    command = [sys.executable, str(root / "benchmarks" / "chaos.py"), "--short", "--seed", "7"]
    return subprocess.run(
        command,
        cwd=root,
        env=prefect_environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )


def test_nothing_is_lost_and_nothing_is_there_twice(
    chaos: subprocess.CompletedProcess[str],
) -> None:
    """After each recovery all holds that must; else it exits 1 and says how to see it again."""
    assert chaos.returncode == 0, chaos.stdout + chaos.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_survived(chaos: subprocess.CompletedProcess[str], fault: str) -> None:
    """As often as it was made."""
    rows = [line.split() for line in chaos.stdout.splitlines() if line.startswith(fault)]
    assert rows
    assert all(row[-1] == row[-2] for row in rows)


@pytest.mark.parametrize("fault", ["disk full", "lake read-only"])
def test_a_disk_that_takes_nothing_is_survived(
    chaos: subprocess.CompletedProcess[str], fault: str
) -> None:
    """Where a disk of its own may be mounted."""
    if "skipped" in chaos.stdout:
        pytest.skip(chaos.stdout[chaos.stdout.index("skipped") :].splitlines()[0])
    assert fault in chaos.stdout
