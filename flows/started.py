"""What one `copydesk up` started, as it is remembered for the next command."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from flows.processes import is_running
from tasks.errors import CopydeskError
from tasks.lake.files import read_json, write_json


@dataclass(frozen=True, slots=True)
class Service:
    """What one `copydesk up` started."""

    mark: str
    """Its processes carry it: ``MARK.server``, ``MARK.worker``."""
    address: str
    """Of the UI; the API is below it."""
    project: str
    """The folder whose prefect.yaml was deployed."""
    started_at: str
    """UTC, ISO 8601."""
    server: int
    """Process id."""
    worker: int = 0
    """Process id; 0 until it is started."""

    @property
    def api(self) -> str:
        """Address of the API."""
        return f"{self.address}/api"

    @property
    def has_server(self) -> bool:
        """Whether its server runs."""
        return is_running(self.server, f"{self.mark}.server")

    @property
    def has_worker(self) -> bool:
        """Whether its worker runs."""
        return is_running(self.worker, f"{self.mark}.worker")

    @property
    def is_up(self) -> bool:
        """Whether both run, and the server answers."""
        return self.has_server and self.has_worker and answers(self.api)


def find_service() -> Service | None:
    """What was started last and not taken down; its processes may have ended by themselves."""
    facts = read_json(_state_file())
    return None if facts is None else Service(**facts)


def remember(service: Service) -> None:
    """Write down what was started so far."""
    write_json(_state_file(), asdict(service))


def forget() -> None:
    """It is stopped."""
    _state_file().unlink(missing_ok=True)


def log_file(role: str) -> Path:
    """Where the server or the worker writes."""
    return _home() / f"copydesk-{role}.log"


@contextmanager
def alone() -> Iterator[None]:
    """One `up` or `down` at a time."""
    _home().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(_home() / "copydesk.lock", timeout=0):
            yield
    except Timeout as error:
        message = "Another `copydesk up` or `down` is under way. Try again when it has ended."
        raise CopydeskError(message) from error


def answers(api: str) -> bool:
    """Whether a Prefect API is served there."""
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=5):
            return True
    except OSError:
        return False


def _home() -> Path:
    return Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser().absolute()


def _state_file() -> Path:
    return _home() / "copydesk.json"
