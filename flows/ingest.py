"""Raw pages in, published articles out: recover → discover → cut → decide → publish → report."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.begin import begin_run, settings_flow
from flows.engines import open_engine
from flows.heartbeat import beating
from flows.settings import IngestSettings
from tasks import steps
from tasks.errors import RunStoppedError
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.recovery import Recovered
from tasks.lake.runs import Run
from tasks.lake.staging import PlannedShard, StagedShard, claim_staging, cleared_beside
from tasks.read.origins import Origin, load_origins
from tasks.read.refs import Limits as PageLimits
from tasks.report.html.vega import drawing_beside
from tasks.report.progress import PROGRESS
from tasks.report.summary import Summary, books_lines
from tasks.versions import work_digest
from tasks.work.engine import Engine
from tasks.work.finish import Limits, record_stop
from tasks.work.job import Job, block_facts
from tasks.work.plan import RunPlan
from tasks.work.spawn import collect_seldom

PROGRESS_SECONDS = 2.0
"""Between two updates of the progress on a run's page: each is a request to Prefect's server."""
# A thread a shard that is being cut and one that waits: each only waits on a worker process.
SHARD_THREADS = max(8, os.cpu_count() or 1) + 1


@settings_flow(
    __doc__,
    task_runner=ThreadPoolTaskRunner(max_workers=SHARD_THREADS),
)
def ingest(settings: IngestSettings) -> Summary:
    """Cut, score and deduplicate the pages of some sources, and publish them to a lake.

    Running it again publishes nothing twice; killed at any point, the next run finishes it.
    """
    collect_seldom()
    origins = () if settings.sources_file is None else load_origins(settings.sources_file)
    run = begin_run(settings, settings.lake, settings.rule_packs)
    seconds: dict[str, float] = {}
    with (
        beating(run),
        open_engine(settings) as engine,
        claim_staging(run.lake, run.run_id, run.facts) as folder,
        ExitStack() as rest,
    ):
        with lake_lock(run.lake, run.name, settings.lock_wait_seconds):
            recovered = steps.recover_lake(run, folder)
        job = replace(_job(run, settings, origins, recovered, folder), slots=engine.slots)
        with _timed(seconds, "discover"):
            plan = steps.discover(settings.sources, job, recovered)
        with _timed(seconds, "cut"):
            shards = _cut(plan, job, engine)
        with lake_lock(run.lake, run.name, settings.lock_wait_seconds):
            try:
                with _timed(seconds, "decide"):
                    limits = _limits(settings, engine, run.lake)
                    decided = steps.decide(run, plan, shards, settings.dedupe, limits, folder)
            except RunStoppedError as stop:
                record_stop(run, recovered, str(stop), folder)
                raise
            rest.enter_context(drawing_beside())  # for the report
            summary = steps.publish(run, decided, recovered, seconds, folder)
        with cleared_beside(folder):
            summary = steps.report(summary)
    for line in books_lines(summary.counts):
        get_run_logger().info(line)
    return summary


def _job(
    run: Run,
    settings: IngestSettings,
    origins: tuple[Origin, ...],
    recovered: Recovered,
    folder: Path,
) -> Job:
    blocks = [block_facts(origin, settings.rule_packs) for origin in origins]
    return Job(
        lake=run.lake,
        folder=folder,
        run_id=run.run_id,
        started_at=run.started_at,
        limits=PageLimits(page_bytes=settings.max_page_bytes),
        page_seconds=settings.page_seconds,
        rule_packs=settings.rule_packs,
        digest=work_digest(run.versions, recovered.learned, settings.max_page_bytes, *blocks),
        versions=run.versions,
        replay=frozenset(settings.replay),
        origins=origins,
        since=settings.since,
        limit=settings.limit,
    )


def _limits(settings: IngestSettings, engine: Engine, lake: Lake) -> Limits:
    return Limits(
        max_rejected=settings.max_rejected,
        guard=settings.guard,
        max_group=settings.max_group,
        max_source_share=settings.max_source_share,
        contained=settings.contained,
        start=engine.start,
        find=engine.finder(lake),
    )


def _cut(plan: RunPlan, job: Job, engine: Engine) -> Sequence[StagedShard]:
    """Cut the planned shards, each in a task of its own, and tell how far they are."""
    if not plan.shards:
        return plan.staged
    progress = PROGRESS.get()
    progress.begin(plan.pages)
    artifact = create_progress_artifact(
        0.0, key="progress", description=f"Of {plan.pages} pages, those that are cut."
    )
    staged = list(plan.staged)
    # The flow's own threads are as many as this machine's processes may want.
    threads = max(SHARD_THREADS, engine.slots + 1)
    with (
        engine.open_pool(plan.shards, job) as pool,
        ThreadPoolTaskRunner[StagedShard](max_workers=threads) as runner,
    ):
        futures: dict[PrefectFuture[StagedShard], PlannedShard] = {
            runner.submit(steps.cut_shard, {"planned": shard, "job": job, "pool": pool}): shard
            for shard in plan.shards
        }
        done, told = 0, time.monotonic()
        for future in as_completed(list(futures)):
            staged.append(future.result())
            done += futures[future].pages
            progress.advance(futures[future].pages)
            if done == plan.pages or time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                update_progress_artifact(cast("UUID", artifact), 100.0 * done / max(plan.pages, 1))
    # By name: what comes of a run must not depend on which shard was done first.
    return sorted(staged, key=lambda shard: shard.name)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note a stage's wall seconds."""
    started = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - started
