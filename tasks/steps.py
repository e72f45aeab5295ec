"""Every Prefect task: retries, names, artifacts. Policy only; the work is in the folders beside.

Between tasks go paths and small counts, never tables: Prefect records what it is passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run as current

from tasks.dedupe.decide import Mode
from tasks.lake.recovery import Recovered, recover
from tasks.lake.runs import Run
from tasks.lake.staging import PlannedShard, StagedShard
from tasks.read.transient import is_transient
from tasks.report.summary import Summary, summary_markdown, top_rules
from tasks.work.finish import Decided, Limits, decide_run, publish_run
from tasks.work.plan import RunPlan, plan_run
from tasks.work.pool import ShardPool
from tasks.work.shard import Job

RETRIES = 3
DELAYS = [5, 30, 120]
"""Seconds: a network share that hiccups is back by then."""
JITTER = 0.2


def only_transient(task: Any, run: TaskRun, state: State[Any]) -> bool:
    """Only I/O errors that may pass are tried again: content and bugs would fail alike."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and is_transient(error)


STARTED_TASKS: set[UUID] = set()
"""Task runs that this process began: what its history must show when it ends."""


def note_started(task: Any, run: TaskRun, state: State[Any]) -> None:
    """Note a task run that must not be missing from the history."""
    STARTED_TASKS.add(run.id)


_POLICY: dict[str, Any] = {
    "on_running": [note_started],
    "retries": RETRIES,
    "retry_delay_seconds": DELAYS,
    "retry_jitter_factor": JITTER,
    "retry_condition_fn": only_transient,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


@task(name="recover", task_run_name="recover what earlier runs left", **_POLICY)
def recover_lake(run: Run, folder: Path) -> Recovered:
    """Finish a publication under way and take over dead runs; see ``lake.recovery``."""
    return recover(run, folder)


@task(name="discover", task_run_name="discover what is new", **_POLICY)
def discover(sources: Sequence[str], job: Job, recovered: Recovered) -> RunPlan:
    """List the inputs and plan the shards; see ``work.plan``."""
    return plan_run(sources, job, recovered.shards)


@task(name="cut", task_run_name="cut {planned.name} ({planned.pages} pages)", **_POLICY)
def cut_shard(planned: PlannedShard, job: Job, pool: ShardPool) -> StagedShard:
    """Take one shard's pages their whole way in a worker process; see ``work.shard``."""
    is_last = (current.run_count or 1) > RETRIES
    return pool.cut_shard(planned, replace(job, limits=replace(job.limits, last_try=is_last)))


@task(name="decide", task_run_name="decide on duplicates ({mode})", **_POLICY)
def decide(
    run: Run,
    plan: RunPlan,
    shards: Sequence[StagedShard],
    mode: Mode,
    limits: Limits,
    folder: Path,
) -> Decided:
    """Settle what is new and withhold copies, on evidence; see ``work.finish``."""
    return decide_run(run, plan, shards, mode, limits, folder)


@task(name="publish", task_run_name="publish to the lake", **_POLICY)
def publish(
    run: Run,
    decided: Decided,
    recovered: Recovered,
    seconds: Mapping[str, float],
    folder: Path,
) -> Summary:
    """Write the intent and carry it out, once; see ``lake.publish``."""
    return publish_run(run, decided, recovered, seconds, folder)


@task(name="report", task_run_name="put the report on the run's page", **_POLICY)
def report(summary: Summary) -> None:
    """Put the summary and the rules on the run's page, as artifacts."""
    create_markdown_artifact(
        summary_markdown(summary),
        key="summary",
        description="The books of the run: what came in, what was published, what was not and why.",
    )
    create_table_artifact(
        [{"rule": rule, "lines cut": lines} for rule, lines in top_rules(summary.rules)],
        key="rules",
        description="Lines that each boilerplate rule cut in this run, most first.",
    )
