"""Shards: which pages go into which task."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.read.discover import list_inputs, plan_shards
from tasks.read.pages import read_part
from tasks.read.refs import InputRef, Page

Records = Callable[..., InputRef]


@pytest.fixture
def records(tmp_path) -> Records:
    """Writes a file of so many records and gives its reference."""

    def write(count: int, name: str = "a.jsonl", characters: int = 20) -> InputRef:
        path = tmp_path / name
        line = json.dumps({"text": "x" * characters})
        path.write_text((line + "\n") * count)
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return ref

    return write


def files(count: int, size: int) -> list[InputRef]:
    """Text files as discovery would list them; plain text is not opened to plan."""
    return [InputRef(f"file:///in/{number:05d}.txt", size, None) for number in range(count)]


@given(st.lists(st.integers(0, 5_000_000), max_size=200))
def test_every_input_is_in_one_shard_in_its_order(sizes):
    """Shards hold all inputs once, and tell their number and bytes."""
    refs = [InputRef(f"file:///{i}.txt", size, None) for i, size in enumerate(sizes)]
    plan = plan_shards(refs)
    parts = [part for shard in plan.shards for part in shard.parts]
    assert [part.input for part in parts] == refs
    assert all(part.last and part.stop is None for part in parts)
    assert sum(shard.pages for shard in plan.shards) == len(refs)
    assert sum(shard.work for shard in plan.shards) == sum(sizes)
    assert plan == plan_shards(refs)


@pytest.mark.parametrize(
    ("count", "size", "least", "most"),
    [
        (0, 3000, 0, 0),
        (5, 3000, 1, 1),
        (100, 3000, 2, 4),
        (1_000, 3000, 10, 50),
        (40_000, 3000, 10, 50),
        (90_000, 3000, 10, 50),
        (200_000, 3000, 10, 55),
        (2, 5_000_000, 2, 2),
        (500, 1_000_000, 10, 50),
    ],
)
def test_a_run_has_some_tens_of_shards(count, size, least, most):
    """Few pages are not scattered, many are in 10 to 50 shards, very many in larger ones."""
    assert least <= len(plan_shards(files(count, size)).shards) <= most


def test_shards_are_named_by_their_number():
    """A shard's name sorts as the shards do."""
    names = [shard.name for shard in plan_shards(files(300, 3000)).shards]
    assert names[:2] == ["shard-000", "shard-001"]
    assert names == sorted(names)


def test_bytes_bound_a_shard_too():
    """Large pages make shards of fewer pages."""
    plan = plan_shards(files(100, 10_000_000), max_bytes_per_shard=30_000_000)
    assert max(shard.pages for shard in plan.shards) == 3


def test_a_file_of_records_is_divided(records):
    """One file with work for two cores is never one shard."""
    assert len(plan_shards([records(200)]).shards) > 1
    plan = plan_shards([records(20_000)])
    assert 10 <= len(plan.shards) <= 50
    assert max(shard.pages for shard in plan.shards) <= 2000


def test_a_few_large_records_are_divided_by_bytes(records):
    """Ten records of a megabyte are work for several cores."""
    assert len(plan_shards([records(10, characters=1_000_000)]).shards) == 10


def test_a_small_file_of_records_is_one_part(records):
    """What fits one shard is not divided."""
    (shard,) = plan_shards([records(20)]).shards
    (part,) = shard.parts
    assert (part.first, part.stop, part.records, part.last) == (1, None, 20, True)


def test_files_of_records_share_shards(records):
    """Many small files of records do not make a shard each."""
    refs = [records(2, f"{number}.jsonl") for number in range(10)]
    (shard,) = plan_shards(refs).shards
    assert (len(shard.parts), shard.pages) == (10, 20)


def test_more_records_than_marks_are_divided(records):
    """Even where only every so many records are remembered, each is read once."""
    ref = records(150_000, characters=1)
    plan = plan_shards([ref], target_shards=40)
    assert 10 <= len(plan.shards) <= 80
    uris = [page.source_uri for s in plan.shards for part in s.parts for page in read_part(part)]
    assert uris == [f"{ref.uri}#L{number}" for number in range(1, 150_001)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.unlink(), "vanished"),
        (lambda path: path.write_text("{}"), "changed-while-reading"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not-a-file"),
    ],
)
def test_records_that_cannot_be_counted_are_rejected(records, change, reason):
    """A file of records that is gone or changed is a reject of the plan, the rest goes on."""
    ref = records(2)
    change(Path(ref.uri.removeprefix("file://")))
    plan = plan_shards([ref, *files(2, 10)])
    assert [(reject.source_uri, reject.reason) for reject in plan.rejects] == [(ref.uri, reason)]
    assert [shard.pages for shard in plan.shards] == [2]


def test_a_failing_disk_is_tried_again_until_the_last_try(records, monkeypatch):
    """A transient error while counting is raised, or on the last try rejected."""
    ref = records(2)

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        plan_shards([ref], last_try=False)
    (reject,) = plan_shards([ref]).rejects
    assert reject.reason == "io"


def test_the_corpus_of_the_benchmark_is_divided_and_read(shared):
    """40,000 records in one gzip file: divided evenly, and the last is found by its offset."""
    path = shared / "corpus" / "bench.jsonl.gz"
    if not path.exists():
        pytest.skip(f"needs {path}")
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    plan = plan_shards([ref])
    assert 10 <= len(plan.shards) <= 50
    assert sum(shard.pages for shard in plan.shards) == 40_000
    (part,) = plan.shards[-1].parts
    *_, last = read_part(part)
    assert isinstance(last, Page)
    assert last.source_uri.endswith("#L40000")


def test_the_last_shards_are_smaller():
    """Workers end at nearly the same time, whoever gets the last shard."""
    pages = [shard.pages for shard in plan_shards(files(4000, 1000)).shards]
    assert max(pages[:8]) == min(pages[:8]) == 333
    assert pages[8:] == sorted(pages[8:], reverse=True)
    assert pages[-1] <= 84
