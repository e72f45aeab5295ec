"""Every Prefect task: retries, names, artifacts. Policy only; the work is in the folders beside.

Between tasks go paths and small counts, never tables: Prefect records what it is passed.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect import Task, get_run_logger
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from prefect.runtime import task_run as current

from tasks.dedupe.decide import Mode
from tasks.lake.compact import Compacted
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.recovery import Recovered, recover
from tasks.lake.runs import Run
from tasks.lake.staging import PlannedShard, StagedShard
from tasks.read.transient import is_transient
from tasks.read.uris import path_to_uri
from tasks.report.card import refresh_card
from tasks.report.drift import SourceDrift, find_drift
from tasks.report.html.store import write_report
from tasks.report.html.told import find_run
from tasks.report.maintain import maintained_rows
from tasks.report.past import Compared, compare_past
from tasks.report.progress import PROGRESS
from tasks.report.reprocess import Reprocessed, reprocess_markdown
from tasks.report.run_page import (
    Chart,
    draw_charts,
    duplicate_rows,
    group_rows,
    name_with_counts,
    page_markdown,
    reject_rows,
    rule_rows,
    source_alarms,
    source_rows,
)
from tasks.report.summary import Summary
from tasks.work import maintain as maintenance
from tasks.work.engine import ShardWorker
from tasks.work.finish import Decided, Limits, decide_run, publish_run
from tasks.work.job import Job
from tasks.work.maintain import Maintained
from tasks.work.plan import RunPlan, plan_run
from tasks.work.pool import ShardPool
from tasks.work.recut import Recut
from tasks.work.recut import recut_shard as recut
from tasks.work.replace import replace_pages as put_in_place
from tasks.work.shard import cut_shard as cut

RETRIES = 3
DELAYS: list[float] = [5, 30, 120]
"""Seconds: a network share that hiccups is back by then."""
JITTER = 0.2
MOST_TOLD = 400
"""Characters of an error that passes, perhaps."""


def only_transient(task: Any, run: TaskRun, state: State[Any]) -> bool:
    """Only I/O errors that may pass are tried again: content and bugs would fail alike."""
    error = state.result(raise_on_failure=False)
    if not isinstance(error, BaseException) or not is_transient(error):
        return False
    told, delay = str(error).partition("\n")[0], DELAYS[min(run.run_count, RETRIES) - 1]
    told = told[:MOST_TOLD].rstrip(". ")
    PROGRESS.get().warn(f"{run.name}: {told}. Trying again in {delay:.0f} s …")
    return True


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
    plan = plan_run(sources, job, recovered.shards)
    get_run_logger().info(
        f"{plan.inputs:,} inputs, {plan.unchanged_inputs:,} of them unchanged: "
        f"{plan.pages:,} pages to cut in {len(plan.shards):,} shards"
    )
    return plan


@step("cut", "cut {planned.name} ({planned.pages} pages)")
def cut_shard(planned: PlannedShard, job: Job, pool: ShardWorker) -> StagedShard:
    """Take one shard's pages their whole way in a worker process; see ``work.shard``."""
    is_last = (current.run_count or 1) > RETRIES
    job = replace(job, limits=replace(job.limits, last_try=is_last))
    staged = pool.work_shard(cut, planned, job)
    count = staged.counts.get
    get_run_logger().info(
        f"{planned.name}: {count('pages_new', 0):,} new pages, {count('pages_seen', 0):,} seen "
        f"before, {count('pages_rejected', 0):,} rejected; {count('articles_cut', 0):,} articles"
    )
    return staged


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
    decided = decide_run(run, plan, shards, mode, limits, folder)
    counts = decided.counts
    kinds = [
        f"{kind} {counts[key]:,}"
        for kind in ("exact", "near", "contained")
        if counts.get(key := f"withheld.{kind}")
    ]
    get_run_logger().info(
        f"{counts['articles_cut']:,} articles: {counts['articles_published']:,} to publish, "
        f"{counts['articles_withheld']:,} withheld ({', '.join(kinds) or 'no copies'})"
    )
    return decided


@step("publish", "publish to the lake")
def publish(
    run: Run,
    decided: Decided,
    recovered: Recovered,
    seconds: Mapping[str, float],
    folder: Path,
) -> Summary:
    """Write the intent and carry it out, once; see ``lake.publish``."""
    summary = publish_run(run, decided, recovered, seconds, folder)
    for note in summary.notes:
        get_run_logger().warning(note)
    rows = ", ".join(f"{name} {count:,}" for name, count in summary.rows.items())
    get_run_logger().info(f"{summary.lake} has now: {rows}")
    return summary


@step("report", "put the report on the run's page")
def report(summary: Summary) -> Summary:
    """Put tables, charts and alarms on the run's page, and the counts into its name.

    The summary that is returned says where the run's report is.
    """
    lake = locate_lake(summary.lake)
    with ThreadPoolExecutor(3) as beside:  # the report takes longer than all of them
        compared = beside.submit(compare_past, lake, summary.run_id)
        page = beside.submit(copy_context().run, _put_page, summary, compared)
        card = beside.submit(refresh_card, lake)
        summary = replace(summary, report=_put_report(lake, summary.run_id, compared.result))
        _tell_of_card(card.result())
        page.result()
    return summary


def _put_page(summary: Summary, compared: Future[Compared]) -> None:
    """Put all but the report on the run's page, and the counts into its name."""
    past, figures = compared.result().past, compared.result().figures
    now, *earlier = (figures[run.run_id] for run in past)
    drifts = find_drift(now, earlier)
    for alarm in source_alarms(drifts):
        get_run_logger().warning(f"Not as usual: {alarm}")
    charts = draw_charts(past)
    _put_tables(summary, drifts, charts)
    for chart in charts:
        create_image_artifact(chart.uri, key=chart.key, description=chart.description)
    with get_client(sync_client=True) as client:
        name = name_with_counts(summary.name, summary.counts)
        client.update_flow_run(UUID(str(flow_run.id)), name=name)


def _put_card(lake: Lake) -> None:
    """Write the dataset card beside the tables; without it a run is none the worse."""
    _tell_of_card(refresh_card(lake))


def _tell_of_card(wrong: str | None) -> None:
    if wrong is not None:
        get_run_logger().warning(wrong)


def _put_report(
    lake: Lake, run_id: str, compared: Callable[[], Compared] | None = None
) -> str | None:
    """Write a run's report into the lake and link it; where it is. No run fails for it."""
    try:
        where = write_report(lake, find_run(lake, run_id), compared)
    except Exception as error:
        get_run_logger().warning(
            f"The report could not be written: {error}. `copydesk report {run_id}` tries again."
        )
        return None
    create_link_artifact(
        where if "://" in where else path_to_uri(Path(where)),
        link_text=where,
        key="report",
        description="The report of the run, one HTML file: its books, trends, rules and copies.",
    )
    get_run_logger().info(f"The report is {where}")
    return where


def _put_tables(summary: Summary, drifts: Sequence[SourceDrift], charts: Sequence[Chart]) -> None:
    create_markdown_artifact(
        page_markdown(summary, drifts, charts),
        key="summary",
        description="The books of the run: what came in, what was published, what was not and why.",
    )
    for key, rows, description in (
        ("rules", rule_rows(summary.rules), "Lines that each rule cut in this run, most first."),
        ("rejects", reject_rows(summary), "Pages that could not be worked, and why."),
        ("duplicates", duplicate_rows(summary), "Articles withheld as copies, with the evidence."),
        ("groups", group_rows(summary), "Articles with most copies in this run, most first."),
        (
            "sources",
            source_rows(drifts),
            "What each source brought: new pages, share of boilerplate, share of its main "
            "language, readability (LIX); in brackets what is usual, by the last 50 runs of the "
            "same sources, where ten or more of them had it.",
        ),
    ):
        create_table_artifact(rows, key=key, description=description)


@step("recut", "recut {planned.name} ({planned.pages} pages)")
def recut_shard(planned: PlannedShard, job: Job, pool: ShardPool) -> Recut:
    """Cut stored pages again in a worker process, and stage what changes; see ``work.recut``."""
    done = pool.work_shard(recut, planned, job)
    get_run_logger().info(
        f"{planned.name}: {done.counts.get('pages_examined', 0):,} pages cut again, "
        f"{done.counts.get('pages_changed', 0):,} change"
    )
    return done


@step("replace", "replace what changed")
def replace_pages(
    run: Run, shards: Sequence[Recut], mode: Mode, folder: Path, guard: bool
) -> dict[str, int]:
    """Decide on the recut articles and publish them in one go; see ``work.replace``."""
    return put_in_place(run, shards, mode, folder, guard=guard).counts


@step("report", "put the report on the run's page")
def report_reprocess(done: Reprocessed) -> None:
    """Put what changed on the run's page."""
    if not done.is_dry:
        _put_card(locate_lake(done.lake))
        _put_report(locate_lake(done.lake), done.run_id)
    create_markdown_artifact(
        reprocess_markdown(done),
        key="reprocess",
        description="What today's rules change in stored pages, article by article.",
    )


@step("compact", "compact {name}")
def compact(run: Run, name: str, folder: Path, keep_hours: int) -> Compacted:
    """Put a table's small files together; see ``lake.compact``."""
    done = maintenance.compact(run, name, folder, keep_hours)
    get_run_logger().info(f"{name}: {done.before} files became {done.after}")
    return done


@step("clear", "clear {name}")
def clear(run: Run, name: str, keep_hours: int) -> int:
    """Remove files of a table that no reader needs any more; see ``lake.compact``."""
    removed = maintenance.clear(run.lake, name, keep_hours)
    get_run_logger().info(f"{name}: {removed} files removed")
    return removed


@step("report", "put the report on the run's page")
def report_maintain(done: Maintained) -> None:
    """Put what was done on the run's page."""
    _put_card(locate_lake(done.lake))
    create_table_artifact(
        maintained_rows(done),
        key="maintain",
        description="Files of each table: put together, and removed because no version has them.",
    )
