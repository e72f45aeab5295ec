"""Finished shards of a dead run, in the plan of the next."""

import json
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.read.refs import InputRef, Part, ShardRef
from tasks.work.takeover import adopt_shards, rest_of

REF = InputRef("file:///wire.jsonl", 10_000, None)


@given(st.lists(st.integers(1, 60), unique=True, max_size=12), st.sets(st.integers(0, 11)))
def test_what_is_left_and_what_is_done_are_the_whole(cuts: list[int], chosen: set[int]) -> None:
    """Each record in exactly one of them; the input's end in one that says so."""
    marks = [1, *sorted(one for one in cuts if one > 1), None]
    old = [
        Part(REF, first, stop, last=stop is None)
        for first, stop in pairwise(marks)
        if first is not None
    ]
    done = [part for number, part in enumerate(old) if number in chosen]
    ranges = [(part.first, part.stop or float("inf")) for part in done]
    planned = [Part(REF, 1, 23, last=False), Part(REF, 23, 40, 900, last=False), Part(REF, 40)]
    left = [rest for part in planned for rest in rest_of(part, ranges)]
    together = [record for part in [*left, *done] for record in range(part.first, part.stop or 100)]
    assert sorted(together) == list(range(1, 100))
    assert sum(part.last for part in [*left, *done]) == 1
    assert all((part.stop is None) == part.last for part in left)
    assert all(part.offset == 0 or part.first == 23 for part in left)


def test_nothing_to_adopt_changes_nothing() -> None:
    """The plan stays as it is."""
    shard = ShardRef("shard-000", (Part(REF),), 10, 100)
    assert adopt_shards([shard], []) == ([], [shard])


def test_a_shard_is_taken_over_though_more_has_come_since(
    desk: Any, tmp_path: Path, story: Callable[[int], str]
) -> None:
    """A file of records is divided otherwise then; no finished record is cut again."""
    feed = tmp_path / "feed"
    feed.mkdir()
    lines = [json.dumps({"text": story(number)}) for number in range(90)]
    (feed / "wire.jsonl").write_text("\n".join(lines))
    lake = tmp_path / "lake"
    with suppress(KeyboardInterrupt), desk(lake, "dying", feed) as run:
        run.recover()
        plan = run.plan()
        assert len(plan.shards) > 2
        run.work = type(plan)(
            **{**{name: getattr(plan, name) for name in plan.__slots__}, "shards": plan.shards[1:]}
        )
        run.cut()
        finished = sum(shard.counts["pages_in"] for shard in run.shards)
        raise KeyboardInterrupt
    more = [json.dumps({"text": story(number)}) for number in range(100, 160)]
    (feed / "more.jsonl").write_text("\n".join(more))
    with desk(lake, "next", feed) as run:
        run.recover()
        plan = run.plan()
        assert sum(shard.counts["pages_in"] for shard in plan.staged) == finished
        fresh = run.cut()
        assert sum(shard.counts["pages_in"] for shard in fresh) == 150
        run.finish()
    pages = read(Lake(lake), "pages")["source_uri"].to_pylist()
    assert len(pages) == len(set(pages)) == 150
    assert read(Lake(lake), "inputs").num_rows == 2
