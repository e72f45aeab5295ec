"""Workers that are started before a run knows its shards."""

from pathlib import Path

import pytest

from tasks.read.discover import list_inputs
from tasks.read.plan import measure, plan_shards
from tasks.read.refs import InputRef
from tasks.work import ahead
from tasks.work import pool as pool_module
from tasks.work.ahead import LEAST_BYTES, measure_once, measured_ahead
from tasks.work.pool import ShardPool, started_ahead
from tasks.work.warm import BYTES_A_WORKER, count_ahead, warm_up


@pytest.mark.parametrize(("size", "workers"), [(10, 1), (BYTES_A_WORKER, 2), (1 << 24, 3)])
def test_workers_started_ahead_are_of_use(tmp_path: Path, size: int, workers: int):
    """A small file has work for one, a large one for all."""
    file = tmp_path / "texts.jsonl"
    file.write_bytes(bytes(size))
    assert count_ahead([str(file)], 3) == workers


def test_nothing_is_started_for_what_is_not_at_hand(tmp_path: Path):
    """Object stores, patterns and what is not there are looked at when the run plans."""
    assert count_ahead(["s3://bucket/feed", "*.txt", str(tmp_path / "gone")], 4) == 0


def test_warming_up_needs_nothing():
    """All that it loads is there, and it cuts its page."""
    pool = pool_module._make_pool()
    pool.schedule(warm_up, args=[()]).result(timeout=60)
    pool.stop()
    pool.join()


def test_a_pool_takes_the_workers_that_are_there():
    """The first pool of the block uses what was started, and ends it."""
    with started_ahead(1, warm_up, ()):
        (started,) = pool_module._READY
        with ShardPool(1) as pool:
            assert pool._open() is started
        assert not started.active
    assert not pool_module._READY


def test_workers_that_nobody_took_end_with_the_block():
    """A run with nothing new leaves no process."""
    with started_ahead(1, warm_up, ()):
        (started,) = pool_module._READY
    assert not started.active


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A file of records that is worth measuring ahead."""
    file = tmp_path / "texts.jsonl"
    line = b'{"text": "The ferry is late."}\n'
    file.write_bytes(line * (LEAST_BYTES // len(line) + 1))
    return file


def refs_of(file: Path) -> list[InputRef]:
    """The file, as discovery lists it."""
    return [one for one in list_inputs([file]) if isinstance(one, InputRef)]


def test_a_plan_is_the_same_with_what_was_measured_ahead(records: Path):
    """The worker finds the same pieces, and what it was asked is not measured again."""
    refs = refs_of(records)
    with started_ahead(1, warm_up, ()), measured_ahead([str(records)]):
        assert refs[0] in ahead._ASKED
        assert plan_shards(refs, measure=measure_once) == plan_shards(refs)
        assert not ahead._ASKED


def test_a_file_that_has_changed_is_measured_again(records: Path):
    """It is another input by its size and time."""
    with started_ahead(1, warm_up, ()), measured_ahead([str(records)]):
        with records.open("ab") as file:
            file.write(b'{"text": "And late again."}\n')
        (ref,) = refs_of(records)
        pieces = measure_once(ref, True)
        assert pieces == measure(ref, True)
        assert ahead._ASKED


def test_a_worker_that_is_lost_costs_its_answer_only(records: Path):
    """The file is measured here."""
    (ref,) = refs_of(records)
    with started_ahead(1, warm_up, ()), measured_ahead([str(records)]):
        (started,) = pool_module._READY
        started.stop()
        started.join()
        assert measure_once(ref, True) == measure(ref, True)


def test_nothing_is_asked_where_no_worker_was_started(records: Path):
    """A Dask cluster's workers are not here."""
    with started_ahead(0, warm_up, ()), measured_ahead([str(records)]):
        assert not ahead._ASKED
