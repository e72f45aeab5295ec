"""A publication: its intent, the steps that carry it out, and what they replace."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tasks.errors import LakeError
from tasks.lake import commit
from tasks.lake.commit import roll_forward
from tasks.lake.intent import (
    AddedFile,
    Intent,
    RemovedFile,
    TableChange,
    read_intent,
    remove_intent,
    write_intent,
)
from tasks.lake.layout import Lake
from tasks.lake.tables import open_table, read
from tasks.lake.upsert import find_replaced
from tasks.schemas import TABLES

INTENT = Intent(
    publication="run.2",
    run_id="run",
    written_at="2025-03-04T00:00:00+00:00",
    changes=(
        TableChange(
            "articles",
            (AddedFile("s/a.staged", "ingest_date=2025-03-04/ä.parquet", 9, "{}", {"d": "x"}),),
            (RemovedFile("old.parquet", 8, {}),),
        ),
        TableChange("runs", ()),
    ),
)


class DiedError(Exception):
    """The writer's process ends here."""


def test_an_intent_comes_back(tmp_path: Path) -> None:
    """What was written is read, every field of it."""
    lake = Lake(tmp_path)
    write_intent(lake, INTENT)
    assert read_intent(lake) == INTENT


def test_no_intent_is_none(tmp_path: Path) -> None:
    """Nothing is under way in a new lake, nor after the last step."""
    lake = Lake(tmp_path)
    assert read_intent(lake) is None
    write_intent(lake, INTENT)
    remove_intent(lake, INTENT)
    assert read_intent(lake) is None


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_an_intent_of_another_version_is_refused(tmp_path: Path, version: object) -> None:
    """Rather than half understood; the message says who can finish it."""
    lake = Lake(tmp_path)
    write_intent(lake, INTENT)
    content = json.loads(lake.intent.read_text())
    lake.intent.write_text(json.dumps({**content, "version": version}))
    with pytest.raises(LakeError, match="Let the version that wrote it finish"):
        read_intent(lake)


def test_a_damaged_intent_is_refused(tmp_path: Path) -> None:
    """It names the file and does not guess."""
    lake = Lake(tmp_path)
    write_intent(lake, INTENT)
    lake.intent.write_text(lake.intent.read_text()[:-40])
    with pytest.raises(LakeError, match=r"intent\.json: not readable as JSON"):
        read_intent(lake)


@pytest.fixture(scope="module")
def interrupted(
    desk: Any, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A lake with one run published and a second that died right after its intent.

    The second adds pages, changes an input, tries a reject again and has a duplicate: it adds
    files to every table, and replaces some. Don't write to it.
    """
    folder = tmp_path_factory.mktemp("interrupted")
    lake, feed = folder / "lake", folder / "feed"
    feed.mkdir()
    (feed / "0.txt").write_text(story(0))
    (feed / "1.txt").write_text(story(1))
    (feed / "link.txt").symlink_to(feed / "nowhere")
    with desk(lake, "first", feed) as ingest:
        ingest.work_through()
    (feed / "1.txt").write_text(story(11))
    (feed / "2.txt").write_text(story(2))
    (feed / "copy.txt").write_text(story(0))
    with suppress(DiedError), desk(lake, "second", feed) as ingest:
        ingest.recover()
        ingest.plan()
        ingest.cut()
        ingest.decide()
        with _dying_at(commit.__file__, 1):
            ingest.publish()
    return lake


@pytest.fixture(scope="module")
def finished(interrupted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same lake, its publication finished undisturbed."""
    lake = tmp_path_factory.mktemp("finished") / "lake"
    shutil.copytree(interrupted, lake)
    roll_forward(Lake(lake))
    return lake


def contents(lake: Path) -> dict[str, list[str]]:
    """Each table's rows, in an order of their own."""
    return {name: sorted(map(repr, read(Lake(lake), name).to_pylist())) for name in TABLES}


def files(lake: Path) -> dict[str, set[str]]:
    """Each table's Parquet files on disk."""
    return {
        name: {str(one.relative_to(lake / name)) for one in (lake / name).rglob("*.parquet")}
        for name in TABLES
    }


def test_an_intent_changes_nothing_yet(interrupted: Path) -> None:
    """Before the first step the tables are those of the run before."""
    assert read_intent(Lake(interrupted)) is not None
    assert {row["run_id"] for row in read(Lake(interrupted), "pages").to_pylist()} == {"first"}


def test_rolling_forward_finishes_the_publication(finished: Path) -> None:
    """Every table has the second run's rows, and the intent is gone."""
    assert read_intent(Lake(finished)) is None
    for name in ("pages", "fingerprints", "duplicates", "articles", "inputs", "runs"):
        rows = read(Lake(finished), name).to_pylist()
        assert "second" in {row["run_id"] for row in rows}, name


def test_rolling_forward_without_intent_does_nothing(finished: Path) -> None:
    """It says that there was none, and no table has a new version."""
    before = {name: open_table(Lake(finished), name).version() for name in TABLES}
    assert roll_forward(Lake(finished)) is None
    assert before == {name: open_table(Lake(finished), name).version() for name in TABLES}


def test_plain_readers_see_only_files_of_the_log(finished: Path) -> None:
    """What was replaced is gone from disk."""
    for name, found in files(finished).items():
        log = DeltaTable(str(finished / name)).file_uris()
        assert found == {uri.split(f"/{name}/", 1)[1] for uri in log}


def test_a_reject_tried_again_is_one_row(finished: Path) -> None:
    """It counts its attempts and keeps the run that first met it."""
    (row,) = read(Lake(finished), "rejects").to_pylist()
    assert (row["attempts"], row["first_run_id"], row["run_id"]) == (2, "first", "second")


def test_a_changed_input_is_one_row(finished: Path) -> None:
    """The last state of a file takes the place of the one before."""
    uris = [row["input_uri"] for row in read(Lake(finished), "inputs").to_pylist()]
    assert len(uris) == len(set(uris)) == 4


STEPS = 20
"""Places to die at, of some 300 lines that a publication runs through."""


@pytest.mark.parametrize("step", range(STEPS))
def test_a_publication_can_die_before_any_line(
    interrupted: Path, finished: Path, tmp_path: Path, step: int
) -> None:
    """Whoever comes next brings every table to the same state, once."""
    lake = tmp_path / "lake"
    shutil.copytree(interrupted, lake)
    line = 1 + step * _count_lines(interrupted, tmp_path / "counted") // STEPS
    with suppress(DiedError), _dying_at(commit.__file__, line):
        roll_forward(Lake(lake))
    roll_forward(Lake(lake))
    assert contents(lake) == contents(finished)
    assert files(lake) == files(finished)
    assert read_intent(Lake(lake)) is None
    for name in TABLES:
        version = open_table(Lake(lake), name).version()
        assert version == open_table(Lake(finished), name).version()


def test_a_lost_staged_file_stops_the_publication(interrupted: Path, tmp_path: Path) -> None:
    """It names the file and what can be done, and keeps the intent."""
    lake = Lake(Path(shutil.copytree(interrupted, tmp_path / "lake")))
    intent = read_intent(lake)
    assert intent is not None
    lost = lake.root / intent.changes[0].added[0].staged
    lost.unlink()
    with pytest.raises(LakeError, match="neither there nor published") as caught:
        roll_forward(lake)
    assert str(lost) in str(caught.value)
    assert read_intent(lake) == intent


def test_the_next_run_finishes_the_publication(
    interrupted: Path, finished: Path, desk: Any, tmp_path: Path
) -> None:
    """It says whose it was, and publishes nothing of it again."""
    lake = Path(shutil.copytree(interrupted, tmp_path / "lake"))
    with desk(lake, "third", interrupted.parent / "feed") as ingest:
        summary = ingest.work_through()
    assert ingest.recovered.rolled_forward == "second"
    assert any("second" in note for note in summary.notes)
    assert contents(lake)["articles"] == contents(finished)["articles"]
    states = {row["run_id"]: row["state"] for row in read(Lake(lake), "runs").to_pylist()}
    assert states["second"] == "completed"


def test_rows_are_replaced_by_key(finished: Path) -> None:
    """The rows of a key, those that share their file, and that file are found."""
    uri = next(u for u in _uris(finished) if u.endswith("/2.txt"))
    found = find_replaced(Lake(finished), "inputs", pa.array([uri]))
    assert found.old["input_uri"].to_pylist() == [uri]
    survivors = found.survivors["input_uri"].to_pylist()
    assert uri not in survivors
    assert sorted([uri, *survivors]) == sorted(_uris(finished))
    assert {removed.path for removed in found.removed} == files(finished)["inputs"]


def test_a_key_that_no_row_has_replaces_nothing(finished: Path) -> None:
    """No file is rewritten for it."""
    found = find_replaced(Lake(finished), "inputs", pa.array(["file:///nowhere"]))
    assert (found.old.num_rows, found.survivors.num_rows, found.removed) == (0, 0, ())


def _uris(lake: Path) -> list[str]:
    uris: list[str] = read(Lake(lake), "inputs")["input_uri"].to_pylist()
    return uris


def _count_lines(lake: Path, copy: Path) -> int:
    """How many lines a publication runs through."""
    if not _LINES:
        shutil.copytree(lake, copy)
        with _dying_at(commit.__file__, sys.maxsize) as counted:
            roll_forward(Lake(copy))
        _LINES.append(counted[0])
    return _LINES[0]


_LINES: list[int] = []


@contextmanager
def _dying_at(module: str, last: int) -> Iterator[list[int]]:
    """Raise ``DiedError`` before the ``last`` line that runs in a module; gives their number."""
    lines = [0]

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != module:
            return None
        if event == "line":
            lines[0] += 1
            if lines[0] == last:
                raise DiedError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)


def test_a_publish_that_failed_after_its_last_commit_publishes_once(
    desk: Any, story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again after all tables were committed and the intent gone, it changes nothing."""
    source = tmp_path / "pages"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.txt").write_text(story(number))
    (source / "copy.txt").write_text(story(1))  # so that a file of articles is written anew
    lake = tmp_path / "lake"
    with desk(lake, "run-1", source) as ingest:
        ingest.recover()
        ingest.plan()
        ingest.cut()
        ingest.decide()

        def fail(lake: object) -> None:
            raise TimeoutError

        with monkeypatch.context() as patched:
            patched.setattr("tasks.work.finish.count_rows", fail)
            with pytest.raises(TimeoutError):
                ingest.publish()
        before = {name: DeltaTable(str(lake / name)).version() for name in TABLES}
        ingest.publish()
    assert {name: DeltaTable(str(lake / name)).version() for name in TABLES} == before
    assert DeltaTable(str(lake / "articles")).to_pyarrow_table().num_rows == 3


def test_a_run_that_dies_while_another_cuts_is_finished_before_that_decides(
    desk: Any, story: Any, tmp_path: Path
) -> None:
    """Its intent is carried out, not written over; its pages are seen, and published once."""
    source = tmp_path / "pages"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.txt").write_text(story(number))
    lake = tmp_path / "lake"
    with desk(lake, "slow", source) as slow:
        slow.recover()
        slow.plan()
        slow.cut()
        with suppress(DiedError), desk(lake, "dies", source) as dies:
            dies.recover()
            dies.plan()
            dies.cut()
            dies.decide()
            with _dying_at(commit.__file__, 1):
                dies.publish()
        slow.decide()
        summary = slow.publish()
    assert summary.counts["pages_seen"] == 3
    assert DeltaTable(str(lake / "articles")).to_pyarrow_table().num_rows == 3
