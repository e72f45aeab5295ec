"""What a run has to do: inputs listed, compared with the lake, and divided into shards."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tasks.lake.forgotten import read_forgotten
from tasks.lake.retries import inputs_to_retry
from tasks.lake.seen import known_inputs, seen_pages
from tasks.lake.staging import (
    PlannedShard,
    StagedShard,
    plan_shard,
    stage_shard,
)
from tasks.lake.tables import open_table
from tasks.read.discover import list_inputs, plan_shards
from tasks.read.origins import is_since
from tasks.read.plan import TARGET_SHARDS, Room
from tasks.read.refs import InputRef, Reject
from tasks.versions import reading_version
from tasks.work.ahead import measure_once
from tasks.work.job import Job
from tasks.work.rows import Rows, reject_row
from tasks.work.takeover import adopt_shards


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run's work."""

    shards: tuple[PlannedShard, ...]
    """To cut."""
    staged: tuple[StagedShard, ...]
    """Cut already: taken over from a dead run, or rejects met while listing."""
    inputs: int
    """Files and objects listed."""
    unchanged_inputs: int
    unchanged_records: int
    """Pages in the unchanged inputs: seen before."""
    pages_version: int
    """Version of ``pages`` when the inputs were compared."""
    inputs_left: int = 0
    """New ones that are left for a later run, for want of room."""

    @property
    def pages(self) -> int:
        """Pages to cut, as far as listing can tell."""
        return sum(shard.pages for shard in self.shards)


def plan_run(sources: Sequence[str], job: Job, adoptable: Sequence[StagedShard]) -> RunPlan:
    """List the inputs of a run and say what is to be done with each.

    Raises:
        SettingError: where a source names nothing.
    """
    pages_version = open_table(job.lake, "pages").version()
    listed = list(_list_all(sources, job))
    refs = [one for one in listed if isinstance(one, InputRef)]
    rejects = [one for one in listed if isinstance(one, Reject)]
    fresh, unchanged_records = _compare(job, refs)
    room = Room(job.limit, [origin.limit for origin in job.origins])
    if room.is_bounded or job.since is not None:
        fresh.sort(key=_age)
    target = max(TARGET_SHARDS, 2 * job.slots)
    plan = plan_shards(fresh, room, target_shards=target, measure=measure_once)
    adopted, shards = adopt_shards(
        plan.shards, [one for one in adoptable if one.digest == job.digest]
    )
    staged = [*adopted, *_stage_rejects([*rejects, *plan.rejects], job)]
    return RunPlan(
        shards=tuple(plan_shard(job.folder, shard) for shard in shards),
        staged=tuple(staged),
        inputs=len(listed),
        unchanged_inputs=len(refs) - len(fresh),
        unchanged_records=unchanged_records,
        pages_version=pages_version,
        inputs_left=plan.left,
    )


def _list_all(sources: Sequence[str], job: Job) -> Iterator[InputRef | Reject]:
    """What the sources file names, then what the arguments do: each input once, and new enough."""
    named = [
        *((number, origin.at) for number, origin in enumerate(job.origins)),
        *([(None, sources)] if sources else []),
    ]
    seen: set[str] = set()
    for number, at in named:
        for one in list_inputs(at, skip=str(job.lake)):
            uri = one.uri if isinstance(one, InputRef) else one.source_uri
            if uri in seen:
                continue
            seen.add(uri)
            if isinstance(one, Reject):
                yield one
                continue
            ref = replace(one, origin=number)
            if is_since(ref, job.since) and is_since(ref, job.origin_of(ref).since):
                yield ref


def _age(ref: InputRef) -> tuple[bool, datetime, str]:
    """Sorts oldest first; what has no time comes last."""
    return ref.modified is None, ref.modified or datetime.max.replace(tzinfo=UTC), ref.uri


def _compare(job: Job, refs: Sequence[InputRef]) -> tuple[list[InputRef], int]:
    """Inputs that are new, changed or to be tried again, and how many records the others have."""
    known = known_inputs(job.lake, [ref.uri for ref in refs])
    forgotten = read_forgotten(job.lake)
    retried = inputs_to_retry(job.lake, job.retries)
    fresh, unchanged_records = [], 0
    for ref in refs:
        before = known.get(ref.uri)
        if forgotten.has("source_uri", ref.uri):
            unchanged_records += 1
        elif before is None:
            fresh.append(ref)
        elif before.state == (ref.size, ref.modified, ref.etag) and ref.uri not in retried:
            unchanged_records += before.records
        else:
            fresh.append(replace(ref, known=True))
    return fresh, unchanged_records


def _stage_rejects(rejects: Iterable[Reject], job: Job) -> list[StagedShard]:
    """What could not even be listed, staged like a shard; nothing where there is none."""
    found = list(rejects)
    if not found:
        return []
    seen = seen_pages(job.lake, [reject.source_uri for reject in found], job.retries)
    fresh = [reject for reject in found if not seen.has_reject(reject)]
    rows = Rows("rejects")
    for reject in fresh:
        rows.add(reject_row(reject, job.run_id, reading_version(job.versions)))
    counts = {
        "pages_in": len(found),
        "pages_seen": len(found) - len(fresh),
        "pages_rejected": len(fresh),
    }
    staged = StagedShard(
        name="discovery",
        run_id=job.run_id,
        folder=str(Path(job.folder) / "discovery"),
        digest=job.digest,
        counts=counts,
        rules={},
        seconds={},
    )
    stage_shard(job.lake, staged, (), {"rejects": rows.table()}, job.versions)
    return [staged]
