"""Workers that are started before a run knows its shards."""

from pathlib import Path

import pytest

from tasks.work import pool as pool_module
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
