"""Rejects as a product: listed, shown, tried again by themselves or on request, discarded."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.retries import MOST_ATTEMPTS
from tasks.lake.tables import read
from tasks.report.rejects import choose_rejects
from tasks.work.discard import discard_rejects
from tasks.work.replay import places_to_read

Story = Callable[[int], str]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Where a lake will be."""
    return Lake(tmp_path / "lake")


@pytest.fixture
def feed(tmp_path: Path, story: Story) -> Path:
    """A file of records, of which one is no JSON; and a file that is empty."""
    folder = tmp_path / "feed"
    folder.mkdir()
    lines = [json.dumps({"text": story(1)}), "{broken", json.dumps({"text": story(2)})]
    (folder / "wire.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "empty.txt").write_text("")
    return folder


def ingest(
    lake: Lake, desk: Any, run_id: str, source: Path, *, reader: str = "1", wanted: Any = ()
) -> dict[str, int]:
    """Take a source the whole way with a reader of some version; the books."""
    with desk(lake.root, run_id, source) as run:
        run.run = replace(run.run, versions={**run.run.versions, "reader": reader})
        run.recover()
        run.job = replace(run.job, versions=run.run.versions, replay=frozenset(wanted))
        run.plan()
        return dict(run.finish().counts)


def rejects(lake: Lake) -> dict[str, dict[str, Any]]:
    """Rows of ``rejects`` by reason."""
    return {row["reason"]: row for row in read(lake, "rejects").to_pylist()}


def test_a_reject_is_left_alone(lake: Lake, desk: Any, feed: Path) -> None:
    """With the same reader and rules it is not tried a second time."""
    ingest(lake, desk, "first", feed)
    counts = ingest(lake, desk, "second", feed)
    assert counts["pages_rejected"] == 0
    assert {row["attempts"] for row in rejects(lake).values()} == {1}


def test_a_reject_is_tried_again_with_another_reader(lake: Lake, desk: Any, feed: Path) -> None:
    """Only rejects are: the pages beside them were seen."""
    ingest(lake, desk, "first", feed)
    counts = ingest(lake, desk, "second", feed, reader="2")
    assert (counts["pages_rejected"], counts["pages_new"], counts["pages_seen"]) == (2, 0, 2)
    assert {row["attempts"] for row in rejects(lake).values()} == {2}
    assert {row["first_run_id"] for row in rejects(lake).values()} == {"first"}


def test_tries_come_to_an_end(lake: Lake, desk: Any, feed: Path) -> None:
    """However often the reader changes."""
    for number in range(MOST_ATTEMPTS + 2):
        ingest(lake, desk, f"run-{number}", feed, reader=str(number))
    assert {row["attempts"] for row in rejects(lake).values()} == {MOST_ATTEMPTS}


def test_one_that_goes_through_is_gone(lake: Lake, desk: Any, feed: Path, story: Story) -> None:
    """A place that gives a page has no reject any more."""
    ingest(lake, desk, "first", feed)
    (feed / "empty.txt").write_text(story(3))
    counts = ingest(lake, desk, "second", feed)
    assert counts["pages_new"] == 1
    assert set(rejects(lake)) == {"bad-record"}


def test_a_wished_reject_is_tried_alone(lake: Lake, desk: Any, feed: Path) -> None:
    """Replay by id tries that one; the books balance."""
    ingest(lake, desk, "first", feed)
    wanted = rejects(lake)["bad-record"]["reject_id"]
    counts = ingest(lake, desk, "second", feed, wanted=[wanted])
    assert (counts["pages_in"], counts["pages_rejected"], counts["pages_seen"]) == (4, 1, 3)
    attempts = {reason: row["attempts"] for reason, row in rejects(lake).items()}
    assert attempts == {"bad-record": 2, "empty": 1}


def test_a_discarded_reject_is_not_tried(lake: Lake, desk: Any, feed: Path) -> None:
    """It stays in the table with who discarded it, and the run that says so."""
    ingest(lake, desk, "first", feed)
    chosen = rejects(lake)["empty"]["reject_id"]
    run_id = discard_rejects(lake, [chosen], "lena", 10)
    counts = ingest(lake, desk, "second", feed, reader="2")
    assert counts["pages_rejected"] == 1
    assert rejects(lake)["empty"]["discarded_by"] == "lena"
    run = next(row for row in read(lake, "runs").to_pylist() if row["run_id"] == run_id)
    assert (run["flow"], run["message"]) == ("rejects", "lena: discarded 1 rejects")


def test_known_rejects_do_not_stop_a_run(lake: Lake, desk: Any, tmp_path: Path) -> None:
    """Tried again, a heap of old rejects is no sign of a wrong source."""
    page = tmp_path / "feed" / "page.jsonl"
    page.parent.mkdir()
    good = [json.dumps({"text": f"The council met again at the harbour, {n}."}) for n in range(400)]
    page.write_text("\n".join([*good, *["{broken"] * 30]) + "\n")
    ingest(lake, desk, "first", page)
    counts = ingest(lake, desk, "second", page, reader="2")
    assert counts["pages_rejected"] == 30


def test_ids_may_be_beginnings(lake: Lake, desk: Any, feed: Path) -> None:
    """An id that begins one reject's is that one; another is a clear error."""
    ingest(lake, desk, "first", feed)
    whole = rejects(lake)["empty"]["reject_id"]
    assert [row["reject_id"] for row in choose_rejects(lake, [whole[:10]], None, every=False)] == [
        whole
    ]
    with pytest.raises(SettingError, match="no reject"):
        choose_rejects(lake, ["ffffffffff"], None, every=False)
    with pytest.raises(SettingError, match="Nothing is named"):
        choose_rejects(lake, [], None, every=False)


def test_places_that_are_gone_are_told_apart(lake: Lake, desk: Any, feed: Path) -> None:
    """Only what is still there is read again."""
    ingest(lake, desk, "first", feed)
    (feed / "empty.txt").unlink()
    there, missing = places_to_read(rejects(lake).values())
    assert [uri.rpartition("/")[2] for uri in there] == ["wire.jsonl"]
    assert [uri.rpartition("/")[2] for uri in missing] == ["empty.txt"]


def test_the_list_and_one_of_it(lake: Lake, desk: Any, feed: Path) -> None:
    """`list` counts by reason; `show` says when it is tried again."""
    ingest(lake, desk, "first", feed)
    listed = CliRunner().invoke(app, ["rejects", "list", "--lake", str(lake.root)])
    assert listed.exit_code == 0, listed.output
    assert "2 rejects: 1 bad-record, 1 empty" in listed.output
    chosen = rejects(lake)["bad-record"]["reject_id"]
    shown = CliRunner().invoke(app, ["rejects", "show", chosen[:12], "--lake", str(lake.root)])
    assert shown.exit_code == 0, shown.output
    assert "{broken" in shown.output
    assert "when the reader or the rules change" in shown.output


@pytest.mark.flow
def test_replay_runs_an_ingest_of_its_own(
    copydesk: Any, desk: Any, lake: Lake, feed: Path, story: Story
) -> None:
    """A reject whose file is mended goes through, and leaves the list."""
    ingest(lake, desk, "first", feed)
    (feed / "empty.txt").write_text(story(3))
    done = copydesk("rejects", "replay", "--reason", "empty", "--lake", lake.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(rejects(lake)) == {"bad-record"}
