"""The short form of ``benchmarks/mangle.py``: some hundred mangled inputs, watched."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def mangled(root: Path, served: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """An ingest of mangled inputs of every kind, by the command."""
    script = root / "benchmarks" / "mangle.py"
    return subprocess.run(
        [sys.executable, str(script), "--inputs", "300", "--seed", "7"],
        cwd=root,
        env=served,
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )


def test_no_crash_no_hang_no_memory_without_bound(
    mangled: subprocess.CompletedProcess[str],
) -> None:
    """Each input ends as pages or as a reject, within the limits, and every page rebuilds."""
    assert mangled.returncode == 0, mangled.stdout + mangled.stderr


@pytest.mark.parametrize("kind", ["bomb", "gzip cut off", "zstd cut off"])
def test_what_is_no_page_is_rejected(mangled: subprocess.CompletedProcess[str], kind: str) -> None:
    """With its reason, and not tried page by page until memory ends."""
    (row,) = [line for line in mangled.stdout.splitlines() if line.startswith(kind)]
    assert "bad-compression" in row or "too-large" in row


def test_a_strange_path_is_no_matter(mangled: subprocess.CompletedProcess[str]) -> None:
    """Files with line breaks in their names, or with what is no UTF-8, are pages like others."""
    (row,) = [line for line in mangled.stdout.splitlines() if line.startswith("path name")]
    pages, rejects = row.split()[2:4]
    assert int(pages) > 20
    assert rejects == "0"
