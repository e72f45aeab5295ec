"""How a flow's run begins: what it is called, and what the lake is told of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from prefect.runtime import flow_run as current

from flows.settings import FlowSettings
from tasks.lake.layout import locate_lake
from tasks.lake.runs import Run
from tasks.versions import run_versions


def name_run() -> str:
    """Name a run by its flow and its start, as people look for it."""
    return f"{current.flow_name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def begin_run(settings: FlowSettings, lake: str | None, rule_packs: Sequence[Path] = ()) -> Run:
    """The flow run that is under way, as the lake has it.

    Args:
        settings: All that it was told.
        lake: Where it works, as it was told.
        rule_packs: What it cuts by beside our own.
    """
    return Run(
        run_id=str(current.id),
        name=str(current.name),
        flow=str(current.flow_name),
        started_at=datetime.now(UTC),
        lake=locate_lake(lake),
        settings=settings.model_dump_json(),
        versions=run_versions(rule_packs),
    )
