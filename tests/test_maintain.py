"""A lake kept in order: fewer files, the same rows, for every reader; nothing lost on the way."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from tasks.lake import commit
from tasks.lake.compact import clear_table, compact_table, plan_bins
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.runs import Run
from tasks.lake.staging import claim_staging
from tasks.lake.tables import log_rows, read
from tasks.schemas import TABLES
from tasks.versions import run_versions
from tasks.work.maintain import give_up_staging

Story = Callable[[int], str]
TOMORROW = timedelta(days=1)


class DiedError(Exception):
    """A process ends here."""


@pytest.fixture
def lake(desk: Any, tmp_path: Path, story: Story) -> Lake:
    """A lake that four runs have written to, one of them a copy."""
    place = Lake(tmp_path / "lake")
    feed = tmp_path / "feed"
    feed.mkdir()
    for number in range(4):
        (feed / f"{number}.txt").write_text(story(number % 3))
        with desk(place.root, f"run-{number}", feed) as run:
            run.work_through()
    return place


def tomorrow(lake: Lake, run_id: str = "night") -> Run:
    """A run for which today is a closed day."""
    now = datetime.now(UTC) + TOMORROW
    return Run(run_id, f"maintain {run_id}", "maintain", now, lake, "{}", run_versions())


def contents(lake: Lake) -> dict[str, list[str]]:
    """All rows of all tables, as readers see them."""
    return {name: sorted(map(repr, read(lake, name).to_pylist())) for name in TABLES}


def files(lake: Lake, table: str) -> int:
    """How many files a table's newest version has."""
    return int(log_rows(lake, table).num_rows)


def compact_all(lake: Lake, run: Run, *, keep_files: bool = False) -> None:
    """Put the files of all tables together."""
    with lake_lock(lake, run.name, 10), claim_staging(lake, run.run_id, run.facts) as folder:
        for name in TABLES:
            compact_table(run, name, folder, keep_files=keep_files)


def test_rows_stay_and_files_get_fewer(lake: Lake) -> None:
    """Every table has the same rows in one file."""
    before = contents(lake)
    assert files(lake, "pages") == 4
    compact_all(lake, tomorrow(lake))
    assert contents(lake) == before
    assert {name: files(lake, name) for name in ("pages", "articles", "bands", "runs")} == {
        "pages": 1,
        "articles": 1,
        "bands": 1,
        "runs": 1,
    }


def test_plain_readers_count_nothing_twice(lake: Lake) -> None:
    """The old files are gone as soon as the new one is there."""
    rows = read(lake, "articles").num_rows
    compact_all(lake, tomorrow(lake))
    found = ds.dataset(sorted(map(str, (lake.root / "articles").glob("*/*.parquet"))))
    assert found.count_rows() == rows


def test_kept_files_serve_older_versions(lake: Lake) -> None:
    """With `keep_files` yesterday's version can be read, until it is cleared."""
    version = DeltaTable(str(lake.root / "articles")).version()
    rows = read(lake, "articles").num_rows
    compact_all(lake, tomorrow(lake), keep_files=True)
    old = DeltaTable(str(lake.root / "articles"), version=version)
    assert old.to_pyarrow_dataset().count_rows() == rows
    assert clear_table(lake, "articles", 24) == 0
    assert clear_table(lake, "articles", 0) == 3
    assert read(lake, "articles").num_rows == rows


def test_today_is_left_alone(lake: Lake) -> None:
    """The partition that still grows is not rewritten."""
    assert not plan_bins(lake, "articles", datetime.now(UTC).date())
    assert len(plan_bins(lake, "articles", date(2999, 1, 1))) == 1


def test_large_files_are_left_alone(lake: Lake) -> None:
    """A file of half the target is large enough; bins end at the target."""
    sizes = sorted(log_rows(lake, "pages")["size_bytes"].to_pylist())
    assert not plan_bins(lake, "pages", date(2999, 1, 1), target=sizes[0] * 2)
    assert [len(one) for one in plan_bins(lake, "pages", date(2999, 1, 1), sizes[-1] * 2 + 99)] == (
        [2, 2]
    )


def test_the_index_still_finds(lake: Lake, desk: Any, tmp_path: Path, story: Story) -> None:
    """After a merge a copy is withheld, and its number goes on from the last."""
    compact_all(lake, tomorrow(lake))
    more = tmp_path / "more"
    more.mkdir()
    (more / "copy.txt").write_text(story(2))
    (more / "new.txt").write_text(story(9))
    with desk(lake.root, "after", more) as run:
        counts = run.work_through().counts
    assert (counts["articles_published"], counts["articles_withheld"]) == (1, 1)
    numbers = sorted(row["number"] for row in read(lake, "fingerprints").to_pylist())
    assert numbers == [0, 1, 2, 3]


def test_it_is_no_news_for_who_follows_the_log(lake: Lake) -> None:
    """The commit says that no data changed."""
    compact_all(lake, tomorrow(lake))
    log = lake.root / "articles" / "_delta_log"
    newest = max(log.glob("*.json")).read_text()
    assert '"dataChange":false' in newest
    assert '"dataChange":true' not in newest


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_death_in_the_commit_loses_nothing(
    lake: Lake,
    desk: Any,
    tmp_path: Path,
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """The next ingest finishes the merge."""
    before = contents(lake)
    real = commit._commit

    def die(*arguments: Any) -> None:
        if moment == "after":
            real(*arguments)
        raise DiedError

    run = tomorrow(lake)
    monkeypatch.setattr(commit, "_commit", die)
    with suppress(DiedError):
        compact_all(lake, run)
    monkeypatch.setattr(commit, "_commit", real)
    with desk(lake.root, "next", tmp_path / "feed") as following:
        following.work_through()
    after = contents(lake)
    assert {name: rows for name, rows in after.items() if name != "runs"} == {
        name: rows for name, rows in before.items() if name != "runs"
    }
    assert files(lake, "pages") == 1


def test_readers_open_a_table_again_that_is_rewritten(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is gone between the log and the reading is no error."""
    from tasks.lake import tables

    real, opened = tables.dataset, []

    def slow(*arguments: Any) -> Any:
        found = real(*arguments)
        if not opened:
            opened.append(1)
            monkeypatch.setattr(tables, "dataset", real)
            compact_all(lake, tomorrow(lake))
        return found

    rows = read(lake, "pages").num_rows
    monkeypatch.setattr(tables, "dataset", slow)
    assert read(lake, "pages").num_rows == rows


def test_old_staging_is_given_up(lake: Lake, desk: Any, tmp_path: Path, story: Story) -> None:
    """A dead run's work goes after some days, not before."""
    feed = tmp_path / "other"
    feed.mkdir()
    (feed / "page.txt").write_text(story(12))
    with suppress(DiedError), desk(lake.root, "dead", feed) as run:
        run.recover()
        run.plan()
        run.cut()
        raise DiedError
    now = tomorrow(lake)
    assert not give_up_staging(now, days=1)
    facts = lake.staging / "dead" / "run.json"
    old = datetime.now(UTC) - timedelta(days=8)
    facts.write_text(facts.read_text().replace(f"{datetime.now(UTC):%Y-%m-%d}", f"{old:%Y-%m-%d}"))
    assert [one.run_id for one in give_up_staging(now, days=7)] == ["dead"]


@pytest.mark.flow
def test_the_command(copydesk: Any, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row a table, a row in `runs`, and the rows of the rest as they were."""
    before = contents(lake)
    done = copydesk("maintain", "--lake", lake.root)
    assert done.returncode == 0, done.stdout + done.stderr
    after = contents(lake)
    assert {name: rows for name, rows in after.items() if name != "runs"} == {
        name: rows for name, rows in before.items() if name != "runs"
    }
    assert files(lake, "pages") == 1
    assert {row["flow"] for row in read(lake, "runs").to_pylist()} == {"ingest", "maintain"}
