"""A Prefect server for benchmarks: on loopback, in a home of its own, gone at the end."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SECONDS = 180.0


@dataclass(frozen=True)
class Server:
    """A server that is up."""

    api: str
    process: psutil.Process

    def memory(self) -> int:
        """Resident bytes of the server and all below it."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_info().rss for one in family)


@contextmanager
def prefect_server(home: Path) -> Iterator[Server]:
    """A server that answers; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--no-ui"]
    home.mkdir(parents=True)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**known, **settings},
            stdout=log,
            stderr=log,
        )
    api = f"http://127.0.0.1:{port}/api"
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(api):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((home / "server.log").read_text()[-2000:])
            time.sleep(0.2)
        yield Server(api, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _answers(api: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
