"""Look again under the lock: what others published, what failed, what came of a dead run."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tasks.lake.layout import Lake
from tasks.lake.seen import known_inputs, seen_pages
from tasks.lake.staging import find_dead_runs
from tasks.lake.tables import read
from tasks.report.summary import check_balance

Story = Callable[[int], str]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Where a lake will be."""
    return tmp_path / "lake"


@pytest.fixture
def feed(tmp_path: Path, story: Story) -> Path:
    """A folder of three pages."""
    folder = tmp_path / "feed"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(story(number))
    return folder


class DiedError(Exception):
    """A run's process ends here."""


def die(desk: Any, lake: Path, run_id: str, *sources: Path, digest: str | None = None) -> None:
    """Leave the staging of a run that cut everything and published nothing."""
    with suppress(DiedError), desk(lake, run_id, *sources) as dead:
        dead.recover()
        dead.job = replace(dead.job, digest=digest or dead.job.digest)
        dead.plan()
        dead.cut()
        raise DiedError


def rows(lake: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return read(Lake(lake), table).to_pylist()


def counts_of(lake: Path, run_id: str) -> dict[str, int]:
    """The books of a run."""
    return next(dict(row["counts"]) for row in rows(lake, "runs") if row["run_id"] == run_id)


def test_pages_published_meanwhile_are_dropped(desk: Any, lake: Path, feed: Path) -> None:
    """Of two runs that cut the same pages, the one that is first publishes them."""
    with desk(lake, "slow", feed) as slow:
        slow.recover()
        slow.plan()
        with desk(lake, "fast", feed) as fast:
            fast.work_through()
        slow.finish()
    assert {row["run_id"] for row in rows(lake, "pages")} == {"fast"}
    assert len(rows(lake, "pages")) == len(rows(lake, "articles")) == 3


def test_pages_published_meanwhile_count_as_seen(desk: Any, lake: Path, feed: Path) -> None:
    """The slower run's books say that all pages were seen, and they balance."""
    with desk(lake, "slow", feed) as slow:
        slow.recover()
        slow.plan()
        with desk(lake, "fast", feed) as fast:
            fast.work_through()
        slow.finish()
    counts = counts_of(lake, "slow")
    assert (counts["pages_in"], counts["pages_seen"], counts["pages_new"]) == (3, 3, 0)
    assert counts["articles_cut"] == 0
    assert check_balance(counts) is None


def test_what_is_new_is_published_beside_what_was_published_meanwhile(
    desk: Any, lake: Path, feed: Path, story: Story
) -> None:
    """Only the pages that the other run had are dropped."""
    with desk(lake, "fast", feed) as fast:
        fast.recover()
        fast.plan()
        (feed / "3.txt").write_text(story(3))
        with desk(lake, "slow", feed) as slow:
            slow.recover()
            slow.plan()
            fast.finish()
            slow.finish()
    pages = {row["source_uri"].rsplit("/", 1)[1]: row["run_id"] for row in rows(lake, "pages")}
    assert pages == {"0.txt": "fast", "1.txt": "fast", "2.txt": "fast", "3.txt": "slow"}
    assert len(rows(lake, "articles")) == 4


def test_rejects_met_by_two_runs_at_once_are_one_row(desk: Any, lake: Path, feed: Path) -> None:
    """The later run counts as another attempt."""
    (feed / "empty.txt").touch()
    with desk(lake, "slow", feed) as slow:
        slow.recover()
        slow.plan()
        with desk(lake, "fast", feed) as fast:
            fast.work_through()
        slow.finish()
    (reject,) = rows(lake, "rejects")
    assert (reject["first_run_id"], reject["run_id"], reject["attempts"]) == ("fast", "slow", 2)
    assert check_balance(counts_of(lake, "slow")) is None


def test_an_input_that_changes_while_it_is_cut_is_left_out_whole(
    desk: Any, lake: Path, feed: Path, story: Story
) -> None:
    """None of its records is published, though some were read well; the rest goes on."""
    wire = feed / "wire.jsonl"
    wire.write_text("".join(f'{{"text": {_json(story(n))}}}\n' for n in range(10, 40)))
    with desk(lake, "first", feed) as ingest:
        ingest.recover()
        ingest.plan()
        os.utime(wire, (1, 1))
        ingest.finish()
    assert {row["source_uri"].rsplit("/", 1)[1] for row in rows(lake, "pages")} == {
        "0.txt",
        "1.txt",
        "2.txt",
    }
    assert {row["reason"] for row in rows(lake, "rejects")} == {"changed-while-reading"}
    assert not any(row["input_uri"].endswith("wire.jsonl") for row in rows(lake, "inputs"))


def test_an_input_that_failed_in_one_shard_is_dropped_from_the_others(
    desk: Any, lake: Path, feed: Path, story: Story
) -> None:
    """A file of records that changes between two of its shards publishes neither."""
    wire = feed / "wire.jsonl"
    wire.write_text("".join(f'{{"text": {_json(story(n))}}}\n' for n in range(10, 70)) + "{\n")
    with desk(lake, "first", feed) as ingest:
        ingest.recover()
        plan = ingest.plan()
        assert len(plan.shards) > 2
        ingest.work, whole = _split(plan)
        early = list(ingest.cut())
        os.utime(wire, (1, 1))
        ingest.work = whole
        ingest.shards = sorted([*early, *ingest.cut()], key=lambda shard: shard.name)
        assert any(shard.rows("pages").num_rows for shard in early)
        ingest.decide()
        ingest.publish()
    counts = counts_of(lake, "first")
    assert len(rows(lake, "pages")) == counts["pages_new"] == 3
    assert counts["pages_left_out"] > 0
    assert check_balance(counts) is None


def test_an_input_left_out_is_published_by_the_next_run(
    desk: Any, lake: Path, feed: Path, story: Story
) -> None:
    """The next run reads it again, whole, by itself."""
    wire = feed / "wire.jsonl"
    wire.write_text("".join(f'{{"text": {_json(story(n))}}}\n' for n in range(10, 14)))
    with desk(lake, "first", feed) as ingest:
        ingest.recover()
        ingest.plan()
        os.utime(wire, (1, 1))
        ingest.finish()
    with desk(lake, "second", feed) as ingest:
        ingest.work_through()
    assert len(rows(lake, "pages")) == len(rows(lake, "articles")) == 7


def test_shards_of_a_dead_run_are_taken_over(desk: Any, lake: Path, feed: Path) -> None:
    """What it had cut is not cut again."""
    die(desk, lake, "dead", feed)
    with desk(lake, "next", feed) as ingest:
        ingest.recover()
        assert ingest.plan().shards == ()
        ingest.finish()
    assert len(rows(lake, "articles")) == 3


def test_shards_taken_over_come_under_the_new_runs_id(desk: Any, lake: Path, feed: Path) -> None:
    """No row of any table but ``runs`` names the dead run; times are the new run's."""
    (feed / "empty.txt").touch()
    die(desk, lake, "dead", feed)
    with desk(lake, "next", feed) as ingest:
        ingest.work_through()
    for table in ("pages", "articles", "fingerprints", "rejects", "inputs"):
        assert {row["run_id"] for row in rows(lake, table)} == {"next"}, table
    assert {row["first_run_id"] for row in rows(lake, "rejects")} == {"next"}
    assert {row["ingested_at"] for row in rows(lake, "articles")} == {ingest.run.started_at}
    assert {row["received_at"] for row in rows(lake, "pages")} == {ingest.run.started_at}


def test_a_dead_run_is_on_record(desk: Any, lake: Path, feed: Path) -> None:
    """``runs`` says that it crashed, when it began and who took over."""
    die(desk, lake, "dead", feed)
    with desk(lake, "next", feed) as ingest:
        ingest.work_through()
    dead = next(row for row in rows(lake, "runs") if row["run_id"] == "dead")
    assert (dead["state"], dead["recovered_by"]) == ("crashed", "next")
    assert dead["started_at"] < ingest.run.started_at


def test_a_dead_run_survives_the_death_of_its_successor(desk: Any, lake: Path, feed: Path) -> None:
    """Shards and record go on to the third run when the second dies as well."""
    die(desk, lake, "one", feed)
    with suppress(DiedError), desk(lake, "two", feed) as ingest:
        ingest.recover()
        raise DiedError
    with desk(lake, "three", feed) as ingest:
        ingest.recover()
        assert ingest.plan().shards == ()
        ingest.finish()
    states = {row["run_id"]: row["state"] for row in rows(lake, "runs")}
    assert states == {"one": "crashed", "two": "crashed", "three": "completed"}
    assert len(rows(lake, "articles")) == 3


def test_shards_cut_with_other_rules_are_cut_again(desk: Any, lake: Path, feed: Path) -> None:
    """A dead run's work is taken over only where it is what this run would do."""
    die(desk, lake, "dead", feed, digest="of other rules")
    with desk(lake, "next", feed) as ingest:
        ingest.recover()
        assert sum(shard.pages for shard in ingest.plan().shards) == 3
        ingest.finish()
    assert len(rows(lake, "articles")) == 3


def test_a_page_that_changed_since_the_dead_run_is_cut_again(
    desk: Any, lake: Path, feed: Path, story: Story
) -> None:
    """A staged shard of an older state is not published."""
    die(desk, lake, "dead", feed)
    (feed / "1.txt").write_text(story(11))
    with desk(lake, "next", feed) as ingest:
        ingest.work_through()
    assert {row["text"] for row in rows(lake, "pages")} == {story(n) for n in (0, 11, 2)}


def test_a_run_that_ends_leaves_no_staging(desk: Any, lake: Path, feed: Path) -> None:
    """Neither its own nor that of the dead run before it."""
    die(desk, lake, "dead", feed)
    with desk(lake, "next", feed) as ingest:
        ingest.work_through()
    assert list(Lake(lake).staging.iterdir()) == []
    assert find_dead_runs(Lake(lake)) == []


def test_a_page_that_changes_is_a_new_page(desk: Any, lake: Path, feed: Path, story: Story) -> None:
    """Its articles stand beside the old ones; the input has one row."""
    with desk(lake, "first", feed) as ingest:
        ingest.work_through()
    (feed / "1.txt").write_text(story(11))
    with desk(lake, "second", feed) as ingest:
        ingest.work_through()
    assert len(rows(lake, "pages")) == len(rows(lake, "articles")) == 4
    assert len(rows(lake, "inputs")) == 3


def test_records_added_to_a_file_are_the_only_new_ones(
    desk: Any, lake: Path, tmp_path: Path, story: Story
) -> None:
    """A feed that grows line by line publishes each line once."""
    wire = tmp_path / "wire.jsonl"
    lines = [f'{{"text": {_json(story(n))}}}\n' for n in range(6)]
    wire.write_text("".join(lines[:4]))
    with desk(lake, "first", wire) as ingest:
        ingest.work_through()
    wire.write_text("".join(lines))
    with desk(lake, "second", wire) as ingest:
        ingest.work_through()
    counts = counts_of(lake, "second")
    assert (counts["pages_seen"], counts["pages_new"]) == (4, 2)
    assert len(rows(lake, "articles")) == 6


def test_each_file_has_the_rows_that_the_log_says(desk: Any, lake: Path, feed: Path) -> None:
    """Plain readers of the files see what readers of the log see."""
    with desk(lake, "first", feed) as ingest:
        ingest.work_through()
    files = list((lake / "articles").glob("ingest_date=*/*.parquet"))
    assert sum(pq.read_metadata(file).num_rows for file in files) == len(rows(lake, "articles"))


def _json(text: str) -> str:
    return json.dumps(text)


def _split(plan: Any) -> tuple[Any, Any]:
    """A plan of the first two shards, and one of the others."""
    early, late = plan.shards[:2], plan.shards[2:]
    return replace(plan, shards=early), replace(plan, shards=late, staged=())


def test_what_is_seen_is_of_the_inputs_asked_for(tmp_path: Path, desk: Any, story: Story) -> None:
    """Not of all that lie between them by name; a file of records is one input."""
    feed = tmp_path / "feed"
    feed.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (feed / name).write_text(story(ord(name[0])), encoding="utf-8")
    record = json.dumps({"text": story(7)})
    (feed / "d.jsonl").write_text(f"{record}\n{json.dumps({'text': story(8)})}\n", encoding="utf-8")
    with desk(tmp_path / "lake", "run", feed) as one:
        one.work_through()
    asked = [(feed / name).as_uri() for name in ("a.txt", "d.jsonl")]
    seen = seen_pages(Lake(tmp_path / "lake"), asked)
    assert {uri for uri, _ in seen.pages} == {asked[0], f"{asked[1]}#L1", f"{asked[1]}#L2"}
    assert known_inputs(Lake(tmp_path / "lake"), asked).keys() == set(asked)
