"""Finished shards of a dead run in the plan of a new one: what they hold is not cut again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tasks.lake.staging import StagedShard, parts_of
from tasks.read.refs import InputRef, Part, ShardRef

Records = tuple[int, float]
"""The first record, from 1, and one past the last; infinity where it is the input's end."""


def adopt_shards(
    shards: Sequence[ShardRef], adoptable: Sequence[StagedShard]
) -> tuple[list[StagedShard], list[ShardRef]]:
    """Finished shards all of which is still to be done, and the shards without what they hold.

    They may have been divided otherwise: with other inputs beside them, or another limit.

    Args:
        shards: Of the plan; it has each of its inputs whole.
        adoptable: Cut with the same rules, reader and settings.
    """
    wanted = {part.input for shard in shards for part in shard.parts}
    adopted: list[StagedShard] = []
    done: defaultdict[InputRef, list[Records]] = defaultdict(list)
    for staged in adoptable:
        parts = parts_of(staged)
        if not parts or staged.failed_inputs:
            continue
        if all(part.input in wanted and not _overlaps(part, done[part.input]) for part in parts):
            adopted.append(staged)
            for part in parts:
                done[part.input].append(_records(part))
    left = (_without(shard, done) for shard in shards)
    return adopted, [shard for shard in left if shard.parts]


def rest_of(part: Part, done: Sequence[Records]) -> Iterator[Part]:
    """What is left of a part: itself, or the stretches between those that are done."""
    first, stop = _records(part)
    at = first
    for begin, end in sorted(done):
        if end <= at or begin >= stop:
            continue
        if begin > at:
            yield _stretch(part, at, begin)
        at = int(end) if end < stop else 0
        if not at:
            return
    if at == first:
        yield part
    else:
        yield _stretch(part, at, stop)


def _without(shard: ShardRef, done: Mapping[InputRef, Sequence[Records]]) -> ShardRef:
    parts = tuple(rest for part in shard.parts for rest in rest_of(part, done.get(part.input, ())))
    if parts == shard.parts:
        return shard
    work = sum(part.work for part in parts)
    pages = max(1, shard.pages * work // max(shard.work, 1))
    return replace(shard, parts=parts, pages=pages, work=work)


def _stretch(part: Part, first: int, stop: float) -> Part:
    """Some records of a part, of a length that is not known in bytes."""
    begins_it = first == part.first
    ends_it = stop == _records(part)[1]
    return replace(
        part,
        first=first,
        # Where another record begins nobody wrote down: the reader counts from the start.
        offset=part.offset if begins_it else 0,
        stop=part.stop if ends_it else int(stop),
        last=part.last and ends_it,
        work=part.work // 2,
    )


def _overlaps(part: Part, done: Sequence[Records]) -> bool:
    first, stop = _records(part)
    return any(begin < stop and first < end for begin, end in done)


def _records(part: Part) -> Records:
    return part.first, float("inf") if part.stop is None else part.stop
