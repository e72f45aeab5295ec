"""Runs that a person starts at a terminal, without Prefect: they have a row in ``runs`` as well."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tasks.lake.layout import Lake
from tasks.lake.runs import Run
from tasks.versions import run_versions


def run_by_hand(lake: Lake, flow: str, told: Mapping[str, Any], name: str | None = None) -> Run:
    """A run with an id of its own, begun now.

    Args:
        lake: Where it works.
        flow: As ``runs.flow`` has it.
        told: What it was asked to do: the row's ``settings``.
        name: As people look for it; the flow and the time of its start, unless given.
    """
    now = datetime.now(UTC)
    return Run(
        run_id=str(uuid4()),
        name=name or f"{flow} {now:%Y-%m-%d %H:%M:%S}",
        flow=flow,
        started_at=now,
        lake=lake,
        settings=json.dumps(dict(told), ensure_ascii=False),
        versions=run_versions(),
    )
