"""The steps of an ingest as the flow takes them, without Prefect; see ``bare.py``."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

from tasks.lake.layout import locate_lake
from tasks.lake.lock import lake_lock
from tasks.lake.recovery import recover
from tasks.lake.runs import Run
from tasks.lake.staging import claim_staging, cleared_beside
from tasks.read.refs import Limits as PageLimits
from tasks.report.card import refresh_card
from tasks.report.html.store import write_report
from tasks.report.html.told import find_run
from tasks.report.past import compare_past
from tasks.report.run_page import draw_charts
from tasks.versions import run_versions, work_digest
from tasks.work.engine import LocalEngine
from tasks.work.finish import Limits, decide_run, publish_run
from tasks.work.job import Job
from tasks.work.plan import plan_run
from tasks.work.pool import ShardPool
from tasks.work.shard import cut_shard
from tasks.work.spawn import collect_seldom


def ingest(source: str, lake: str, workers: int) -> None:
    """Read, cut, decide, publish, report."""
    collect_seldom()
    run = Run(
        run_id=str(uuid4()),
        name="bare",
        flow="ingest",
        started_at=datetime.now(UTC),
        lake=locate_lake(lake),
        settings="{}",
        versions=run_versions(()),
    )
    seconds: dict[str, float] = {}
    with claim_staging(run.lake, run.run_id, run.facts) as folder:
        with lake_lock(run.lake, run.name, 60):
            recovered = recover(run, folder)
        limits = PageLimits()
        job = Job(
            lake=run.lake,
            folder=folder,
            run_id=run.run_id,
            started_at=run.started_at,
            limits=limits,
            page_seconds=30.0,
            rule_packs=(),
            digest=work_digest(run.versions, recovered.learned, limits.page_bytes),
            versions=run.versions,
        )
        plan = plan_run([source], job, recovered.shards)
        started = time.perf_counter()
        count = min(workers, len(plan.shards))
        with ShardPool(count) as pool, ThreadPoolExecutor(9) as threads:
            futures = [threads.submit(pool.work_shard, cut_shard, one, job) for one in plan.shards]
            shards = sorted((one.result() for one in futures), key=lambda shard: shard.name)
        seconds["cut"] = time.perf_counter() - started
        with lake_lock(run.lake, run.name, 60):
            started = time.perf_counter()
            limits_of_run = Limits(
                0.5,
                guard=True,
                max_group=100,
                max_source_share=0.5,
                start=LocalEngine(workers).start,
            )
            staged = [*plan.staged, *shards]
            decided = decide_run(run, plan, staged, "near", limits_of_run, folder)
            seconds["decide"] = time.perf_counter() - started
            publish_run(run, decided, recovered, seconds, folder)
        with cleared_beside(folder):
            report(run)


def report(run: Run) -> None:
    """Write what a run leaves beside its tables, and make what its page in Prefect would show."""
    with ThreadPoolExecutor(2) as beside:
        compared = beside.submit(compare_past, run.lake, run.run_id)
        card = beside.submit(refresh_card, run.lake)
        write_report(run.lake, find_run(run.lake, run.run_id), compared.result)
        card.result()
    draw_charts(compared.result().past)
