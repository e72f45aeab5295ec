"""How a flow's run begins: what it is called, and what the lake is told of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import Flow
from prefect.runtime import flow_run as current

from flows.settings import FlowSettings
from tasks.lake.layout import locate_lake
from tasks.lake.runs import Run
from tasks.versions import run_versions

P = ParamSpec("P")
R = TypeVar("R")


class SettingsFlow(Flow[P, R]):
    """A flow that is told settings: they say themselves how they are written down.

    Prefect asks FastAPI, and imports all of it for that: a tenth of a second of each run's start.
    """

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """What Prefect keeps of what a run was told."""
        settings = {
            name: one.model_dump(mode="json")
            for name, one in parameters.items()
            if isinstance(one, FlowSettings)
        }
        rest = {name: one for name, one in parameters.items() if name not in settings}
        return {**settings, **(super().serialize_parameters(rest) if rest else {})}


def settings_flow(
    description: str | None, **options: Any
) -> Callable[[Callable[P, R]], SettingsFlow[P, R]]:
    """A flow with what all of ours have: a run's name, and results that Prefect does not keep.

    Args:
        description: On its page in Prefect.
        options: More of what Prefect's flows have.
    """

    def make(work: Callable[P, R]) -> SettingsFlow[P, R]:
        return SettingsFlow(
            work,
            name=work.__name__,
            flow_run_name=name_run,
            description=description,
            persist_result=False,
            **options,
        )

    return make


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
