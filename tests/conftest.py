"""What tests share: sample pages, gold data where it is at hand, a Prefect server, the command."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SERVER = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]

Copydesk = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real pages and their gold; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    if not (folder / "gold" / "score.py").exists():
        pytest.skip(f"needs the gold data in {folder}, or where COPYDESK_SHARED says")
    return folder


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Prefect history of the tests' own."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_environment(prefect_home: Path) -> dict[str, str]:
    """Environment of processes that use Prefect, without a server's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    kept.pop("COPYDESK_LAKE", None)
    return {
        **kept,
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


@pytest.fixture(scope="session")
def prefect_api(prefect_environment: dict[str, str], prefect_home: Path) -> Iterator[str]:
    """Address of the API of a Prefect server on loopback, stopped at the end by its id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (prefect_home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*SERVER, "--port", str(port)],
            env=prefect_environment,
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}/api"
        try:
            _wait_for(f"{address}/health", server)
            yield address
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="session")
def served(prefect_environment: dict[str, str], prefect_api: str) -> dict[str, str]:
    """Environment of processes that use the tests' Prefect server."""
    return {**prefect_environment, "PREFECT_API_URL": prefect_api}


@pytest.fixture(scope="session")
def copydesk(served: dict[str, str]) -> Copydesk:
    """Run the command, in a process of its own, against the tests' Prefect server."""

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
        given = {"env": served, "cwd": ROOT, "timeout": 240, **options}
        return subprocess.run(command, capture_output=True, text=True, check=False, **given)

    return run


@pytest.fixture(scope="session")
def seeds_run(
    copydesk: Copydesk, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The sample pages ingested once: the lake, and what the command said. Don't write to it."""
    lake = tmp_path_factory.mktemp("seeds") / "lake"
    done = copydesk("ingest", "seeds", "--lake", lake)
    assert done.returncode == 0, done.stdout + done.stderr
    return lake, done


@pytest.fixture
def seeds_lake(seeds_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Path:
    """A copy of the lake of the sample pages, to write to."""
    return Path(shutil.copytree(seeds_run[0], tmp_path / "lake"))


def _wait_for(address: str, server: "subprocess.Popen[bytes]", limit_seconds: float = 90) -> None:
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"the Prefect server at {address} did not answer")
