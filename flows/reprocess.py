"""Stored pages cut again with today's rules, and what changes replaced: plan → recut → replace."""

from collections.abc import Sequence
from pathlib import Path

from prefect import get_run_logger
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.begin import begin_run, settings_flow
from flows.heartbeat import beating
from flows.ingest import SHARD_THREADS
from flows.settings import ReprocessSettings
from tasks import steps
from tasks.lake.learned import snapshot_active
from tasks.lake.lock import lake_lock
from tasks.lake.runs import Run
from tasks.lake.staging import PlannedShard, claim_staging
from tasks.lake.tables import check_version
from tasks.read.refs import Limits
from tasks.report.reprocess import Reprocessed
from tasks.work.job import Job
from tasks.work.pool import ShardPool, worker_count
from tasks.work.recut import Recut
from tasks.work.selection import Selection, check_sources, plan_recut


@settings_flow(
    __doc__,
    task_runner=ThreadPoolTaskRunner(max_workers=SHARD_THREADS),
)
def reprocess(settings: ReprocessSettings) -> Reprocessed:
    """Cut stored pages again, replace those that change, and take verdicts on them anew.

    Delta readers see the lake before or after, never in between. Run again, nothing changes.
    """
    run = begin_run(settings, settings.lake, settings.rule_packs)
    check_version(run.lake)
    check_sources(run.lake, settings.sources)
    with beating(run), claim_staging(run.lake, run.run_id, run.facts) as folder:
        job = _job(run, settings, folder)
        planned = plan_recut(run.lake, job.selection, run.versions["rules"], folder)
        get_run_logger().info(
            f"{sum(one.pages for one in planned):,} pages to cut again in {len(planned)} shards"
        )
        shards = _recut(planned, job, settings)
        if settings.dry_run:
            done = Reprocessed.of(run, shards, None)
        else:
            with lake_lock(run.lake, run.name, settings.lock_wait_seconds):
                counts = steps.replace_pages(run, shards, settings.dedupe, folder, settings.guard)
            done = Reprocessed.of(run, shards, counts)
    steps.report_reprocess(done)
    return done


def _job(run: Run, settings: ReprocessSettings, folder: Path) -> Job:
    snapshot_active(run.lake, folder)
    return Job(
        lake=run.lake,
        folder=folder,
        run_id=run.run_id,
        started_at=run.started_at,
        limits=Limits(),
        page_seconds=settings.page_seconds,
        rule_packs=settings.rule_packs,
        digest="",
        versions=run.versions,
        selection=Selection(settings.sources, settings.since, settings.every),
    )


def _recut(planned: Sequence[PlannedShard], job: Job, settings: ReprocessSettings) -> list[Recut]:
    if not planned:
        return []
    with ShardPool(min(worker_count(settings.workers), len(planned))) as pool:
        futures = [steps.recut_shard.submit(shard, job, pool) for shard in planned]
        done = [future.result() for future in as_completed(futures)]
    return sorted(done, key=lambda shard: shard.name)
