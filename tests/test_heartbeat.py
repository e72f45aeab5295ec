"""Signs of life of runs that are started by hand."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)

from flows import heartbeat
from flows.heartbeat import beating, without_prefects
from tasks.lake.layout import locate_lake
from tasks.lake.runs import Run


class Beats:
    """Stands in for Prefect, and counts."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.third = threading.Event()

    def emit(self, event: str, resource: dict[str, str]) -> None:
        """Take one."""
        self.seen.append((event, resource))
        if len(self.seen) == 3:
            self.third.set()


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> Beats:
    """What is sent, a hundred times a second."""
    beats = Beats()
    monkeypatch.setattr(heartbeat, "emit_event", beats.emit)
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    return beats


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run's facts."""
    lake = locate_lake(str(tmp_path))
    return Run("7d3c", "ingest by hand", "ingest", datetime.now(UTC), lake, "{}", {})


def test_it_beats_until_the_run_ends(beats: Beats, run: Run) -> None:
    """Again and again, of the run's id, and not once more afterwards."""
    with without_prefects(), beating(run):
        assert beats.third.wait(60)
    assert {event for event, _ in beats.seen} == {"prefect.flow-run.heartbeat"}
    assert {of["prefect.resource.id"] for _, of in beats.seen} == {"prefect.flow-run.7d3c"}
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}


def test_it_leaves_it_to_prefect(beats: Beats, run: Run) -> None:
    """Where Prefect beats, as below a worker, nobody else does."""
    with beating(run):
        pass
    assert not beats.seen


def test_what_prefect_was_told_stays() -> None:
    """Who has set how often it beats keeps that."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: 45}), without_prefects():
        assert get_current_settings().flows.heartbeat_frequency == 45
