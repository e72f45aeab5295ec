"""Every Prefect task: retries, names, artifacts. Policy only; the work is in the folders beside.

Between tasks go paths and small counts, never tables: Prefect records what it is passed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import Task
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
DELAYS: list[float] = [5, 30, 120]
"""Seconds: a network share that hiccups is back by then."""
JITTER = 0.2


def only_transient(task: Any, run: TaskRun, state: State[Any]) -> bool:
    """Only I/O errors that may pass are tried again: content and bugs would fail alike."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and is_transient(error)


STARTED_TASKS: set[str] = set()
"""Ids of the task runs that this process began: what its history must show when it ends."""

P = ParamSpec("P")
R = TypeVar("R")


def step(name: str, run_name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task with the policy that all have: retries with back-off on I/O errors that may pass."""

    def make(work: Callable[P, R]) -> Task[P, R]:
        @wraps(work)
        def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            STARTED_TASKS.add(str(current.id))
            return work(*args, **kwargs)

        return Task(
            noted,
            name=name,
            task_run_name=run_name,
            retries=RETRIES,
            retry_delay_seconds=DELAYS,
            retry_jitter_factor=JITTER,
            retry_condition_fn=only_transient,
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    return make


@step("recover", "recover what earlier runs left")
def recover_lake(run: Run, folder: Path) -> Recovered:
    """Finish a publication under way and take over dead runs; see ``lake.recovery``."""
    return recover(run, folder)


@step("discover", "discover what is new")
def discover(sources: Sequence[str], job: Job, recovered: Recovered) -> RunPlan:
    """List the inputs and plan the shards; see ``work.plan``."""
    return plan_run(sources, job, recovered.shards)


@step("cut", "cut {planned.name} ({planned.pages} pages)")
def cut_shard(planned: PlannedShard, job: Job, pool: ShardPool) -> StagedShard:
    """Take one shard's pages their whole way in a worker process; see ``work.shard``."""
    is_last = (current.run_count or 1) > RETRIES
    return pool.cut_shard(planned, replace(job, limits=replace(job.limits, last_try=is_last)))


@step("decide", "decide on duplicates ({mode})")
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


@step("publish", "publish to the lake")
def publish(
    run: Run,
    decided: Decided,
    recovered: Recovered,
    seconds: Mapping[str, float],
    folder: Path,
) -> Summary:
    """Write the intent and carry it out, once; see ``lake.publish``."""
    return publish_run(run, decided, recovered, seconds, folder)


@step("report", "put the report on the run's page")
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
