"""Pages go through the stages together; each has its own time and its place in the diary."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest

from tasks.read.refs import Page
from tasks.work.batch import MOST_CHARACTERS, MOST_PAGES, Batch
from tasks.work.cutter import Cutter
from tasks.work.deadline import PageTimeout, Watch
from tasks.work.diary import Diary, read_diary
from tasks.work.worked import WorkedPage

Stage = Callable[[WorkedPage], None]


class Stages:
    """Stands for a cutter: its stages are those of a test."""

    def __init__(self, *stages: Stage) -> None:
        self.stages = [(f"stage {number}", stage) for number, stage in enumerate(stages)]

    def clock(self, stage: str) -> Any:
        """Measures nothing."""
        return nullcontext()


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    """A diary of no shard."""
    found = Diary(tmp_path / "shard.page")
    yield found
    found.close()


@pytest.fixture
def work(diary: Diary) -> Callable[..., Sequence[WorkedPage]]:
    """Takes pages through stages, each of them in the time given."""

    def run(seconds: Sequence[float], *stages: Stage) -> Sequence[WorkedPage]:
        with Watch() as watch:
            batch = Batch(cast("Cutter", Stages(*stages)), diary, watch)
            for number, each in enumerate(seconds):
                batch.add(make_page(f"file:///{number}"), each)
            return batch.work()

    return run


def make_page(uri: str, text: str = "text") -> Page:
    """A page that says little."""
    return Page(source_uri=uri, page_id="", source="", text=text, encoding="utf-8")


def spin(seconds: float) -> None:
    """Work for so long, in Python."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def number_of(worked: WorkedPage) -> int:
    """Which of a batch's pages it is."""
    return int(worked.page.source_uri[-1])


def test_a_stage_sees_all_pages_before_the_next(work: Any) -> None:
    """And each in order: that is what keeps its tables in the cache."""
    seen: list[tuple[str, int]] = []
    pages = work(
        [9.0] * 3,
        lambda one: seen.append(("a", number_of(one))),
        lambda one: seen.append(("b", number_of(one))),
    )
    assert seen == [(stage, number) for stage in "ab" for number in range(3)]
    assert [number_of(one) for one in pages] == [0, 1, 2]


def test_a_page_that_takes_too_long_is_given_up(work: Any) -> None:
    """No later stage sees it; the others go on."""
    seen: list[int] = []
    pages = work(
        [9.0, 0.05, 9.0],
        lambda one: spin(5.0 if number_of(one) == 1 else 0.0),
        lambda one: seen.append(number_of(one)),
    )
    assert seen == [0, 2]
    assert [bool(one.seconds_left) for one in pages] == [True, False, True]


def test_the_time_is_that_of_all_stages(work: Any) -> None:
    """A page that is slow in each of them has as little as one that is slow in one."""
    rounds = [0]

    def slow(worked: WorkedPage) -> None:
        rounds[0] += 1
        spin(0.1)

    (page,) = work([0.25], *[slow] * 9)
    assert not page.seconds_left
    assert rounds[0] <= 3


def test_the_diary_names_the_page_of_each_stage(work: Any, diary: Diary) -> None:
    """Whatever the stage: a worker may die in any. Between batches it names none."""
    named: list[tuple[str, str | None]] = []

    def look(worked: WorkedPage) -> None:
        named.append((worked.page.source_uri, read_diary(diary.path)))

    work([9.0, 9.0], look, look)
    assert len(named) == 4
    assert all(uri == noted for uri, noted in named)
    assert read_diary(diary.path) is None


def test_a_batch_ends_with_many_pages_or_long_ones(diary: Diary) -> None:
    """So it takes little memory, whatever pages are like."""
    batch = Batch(cast("Cutter", Stages()), diary, Watch())
    for _ in range(MOST_PAGES - 1):
        batch.add(make_page("file:///0"), 1.0)
    assert not batch.is_full
    batch.add(make_page("file:///0"), 1.0)
    assert batch.is_full
    batch.work()
    assert not batch.is_full
    batch.add(make_page("file:///0", "a" * MOST_CHARACTERS), 1.0)
    assert batch.is_full


def test_an_alarm_of_a_page_that_is_done_spares_the_next() -> None:
    """It rings in the midst of work that has time enough, or of none."""
    with Watch() as watch:
        watch.begin(0.05)
        assert 0 < watch.end() <= 0.05
        spin(0.03)
        watch.begin(5.0)
        spin(0.1)
        assert watch.end() > 4.0


def test_a_page_with_less_time_than_the_one_before_has_no_more() -> None:
    """Though the alarm was set for later."""
    with Watch() as watch:
        watch.begin(30.0)
        watch.end()
        watch.begin(0.05)
        with pytest.raises(PageTimeout):
            spin(5.0)


def test_it_rings_again_where_the_first_alarm_was_for_another_page() -> None:
    """That one is early for the page at work, which is given up in its own time."""
    with Watch() as watch:
        watch.begin(0.05)
        watch.end()
        watch.begin(0.15)
        with pytest.raises(PageTimeout):
            spin(5.0)


def test_the_signal_is_given_back() -> None:
    """To whoever had it before, with no alarm left."""
    before = signal.getsignal(signal.SIGALRM)
    with Watch() as watch:
        watch.begin(30.0)
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_has_no_alarm() -> None:
    """There are no signals; the pool ends what takes too long."""
    left: list[float] = []

    def run() -> None:
        with Watch() as watch:
            watch.begin(0.01)
            spin(0.05)
            left.append(watch.end())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert left[0] > 0
