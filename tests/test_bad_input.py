"""Bad input ends in ``rejects`` with a reason, and the rest goes on."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.report.summary import check_balance
from tasks.schemas import TABLES

pytestmark = pytest.mark.flow

Done = subprocess.CompletedProcess[str]

DRIVER = """
import os, sys
from tasks.work import plan

LOCKED, VANISHING = sys.argv[1:3]
del sys.argv[1:3]
scandir, list_inputs = os.scandir, plan.list_inputs

def refuse(path="."):
    # For root no folder is locked: what the kernel tells everybody else.
    if os.geteuid() == 0 and str(path) == LOCKED:
        raise PermissionError(13, "Permission denied", path)
    return scandir(path)

def lose(*arguments, **options):
    yield from list_inputs(*arguments, **options)
    if os.path.exists(VANISHING):
        os.unlink(VANISHING)

os.scandir, plan.list_inputs = refuse, lose
from flows.cli import main
main()
"""
"""The command, where one folder may not be read and one file goes after it was listed."""

EXPECTED = {
    "empty.txt": "empty",
    "blank.txt": "empty",
    "noise.txt": "binary",
    "photo.jpg": "unsupported-format",
    "one-line.txt": "too-large",
    "one-line.jsonl#L1": "too-large",
    "broken.txt": "undecodable",
    "locked": "permission",
    "dangling.txt": "vanished",
    "vanishing.txt": "vanished",
    "pipe": "not-a-file",
    "wire.jsonl#L2": "bad-record",
    "wire.jsonl#L3": "bad-record",
    "wire.jsonl#L5": "surrogate",
    "cut-off.txt.gz": "bad-compression",
}
"""By name, the reason that each bad input is rejected for."""
GOOD = {"good.txt", "one-line.jsonl#L2", "wire.jsonl#L1", "wire.jsonl#L6"}
TRIED_AGAIN = {"locked", "dangling.txt"}
"""Errors of access whose cause is still there in the second run."""


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory, story: Callable[[int], str]) -> Iterator[Path]:
    """A folder of bad input of every kind, and a few good pages."""
    folder = tmp_path_factory.mktemp("bad") / "feed"
    folder.mkdir()
    (folder / "good.txt").write_text(story(1))
    (folder / "empty.txt").touch()
    (folder / "blank.txt").write_text(" \n\t\n")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    with (folder / "one-line.txt").open("wb") as line:
        line.writelines(b"A line without end. " * 50_000 for _ in range(100))
    with (folder / "one-line.jsonl").open("wb") as line:
        line.write(b'{"text": "')
        line.writelines(b"A line without end. " * 50_000 for _ in range(100))
        line.write(b'"}\n{"text": "A short line that follows a long one is a page."}\n')
    (folder / "broken.txt").write_bytes("Šest měst čeká na déšť\n".encode() * 20 + b"\xc3\x28\xff")
    (folder / "locked").mkdir(mode=0)
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    (folder / "vanishing.txt").write_text(story(2))
    os.mkfifo(folder / "pipe")
    (folder / "wire.jsonl").write_text(
        '{"text": "A first good record of the wire."}\n'
        '{"text": "A record that stops in the mid\n'
        '["no", "object"]\n'
        "\n"
        '{"text": "Half a pair: \\ud83d."}\n'
        '{"text": "Another good record, after the bad ones."}\n'
    )
    (folder / "cut-off.txt.gz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b")
    yield folder
    (folder / "locked").chmod(0o700)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs of this module publish."""
    return tmp_path_factory.mktemp("bad-lake") / "lake"


@pytest.fixture(scope="module")
def first(bad: Path, lake: Path, served: dict[str, str], root: Path) -> Done:
    """The first ingest of it."""
    return ingest(bad, lake, served, root)


@pytest.fixture(scope="module")
def first_rejects(first: Done, lake: Path) -> list[dict[str, Any]]:
    """What was rejected then."""
    assert first.returncode == 0, first.stdout + first.stderr
    return rows(lake, "rejects")


@pytest.fixture(scope="module")
def second(
    first_rejects: list[dict[str, Any]],
    bad: Path,
    lake: Path,
    served: dict[str, str],
    root: Path,
) -> Done:
    """The second ingest, of the same folder."""
    return ingest(bad, lake, served, root)


def ingest(bad: Path, lake: Path, served: dict[str, str], root: Path) -> Done:
    """Run the command on the folder; see ``DRIVER``."""
    places = [str(bad / "locked"), str(bad / "vanishing.txt")]
    command = [sys.executable, "-c", DRIVER, *places, "ingest", str(bad), "--lake", str(lake)]
    return subprocess.run(
        command, env=served, cwd=root, capture_output=True, text=True, check=False, timeout=240
    )


def rows(lake: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return read(Lake(lake), table).to_pylist()


def name_of(row: dict[str, Any]) -> str:
    """The last part of a row's address."""
    return str(row["source_uri"]).rsplit("/", 1)[1]


def runs_of(lake: Path) -> list[dict[str, Any]]:
    """The runs, in their order."""
    return sorted(rows(lake, "runs"), key=lambda row: row["started_at"])


def test_bad_input_does_not_stop_a_run(first: Done) -> None:
    """The command says what was rejected, and exits 0."""
    assert first.returncode == 0, first.stderr
    assert f"rejected {len(EXPECTED)}" in first.stdout


@pytest.mark.parametrize("name", EXPECTED)
def test_each_bad_input_is_rejected_with_its_reason(
    first_rejects: list[dict[str, Any]], name: str
) -> None:
    """And a sentence for a person."""
    (reject,) = [row for row in first_rejects if name_of(row) == name]
    assert reject["reason"] == EXPECTED[name]
    assert reject["detail"].endswith(".")
    assert reject["attempts"] == 1


def test_nothing_else_is_rejected(first_rejects: list[dict[str, Any]]) -> None:
    """One row for each bad input, and none for a good one."""
    assert sorted(map(name_of, first_rejects)) == sorted(EXPECTED)


def test_the_good_pages_are_published(first_rejects: list[dict[str, Any]], lake: Path) -> None:
    """Also the good records beside bad ones."""
    assert {name_of(row) for row in rows(lake, "pages")} == GOOD
    assert "good.txt" in {name_of(row) for row in rows(lake, "articles")}


def test_the_books_balance(first_rejects: list[dict[str, Any]], lake: Path) -> None:
    """Each bad input counts as a page that came in."""
    counts = dict(runs_of(lake)[0]["counts"])
    assert check_balance(counts) is None
    assert counts["pages_rejected"] == len(EXPECTED)
    assert counts["pages_in"] == len(EXPECTED) + len(GOOD)


def test_rejects_show_the_beginning(first_rejects: list[dict[str, Any]]) -> None:
    """Of what was read, not more than 256 bytes."""
    heads = {name_of(row): row["head"] for row in first_rejects}
    assert heads["one-line.txt"] == (b"A line without end. " * 13)[:256]
    assert heads["wire.jsonl#L3"] == b'["no", "object"]'
    assert heads["empty.txt"] is None


def test_errors_of_access_are_tried_again(second: Done, lake: Path) -> None:
    """In every run, and counted: the folder and the link are still as they were."""
    assert second.returncode == 0, second.stderr
    again = {name_of(row): row["attempts"] for row in rows(lake, "rejects") if row["attempts"] > 1}
    assert again == dict.fromkeys(TRIED_AGAIN, 2)


def test_a_reject_keeps_the_run_that_met_it_first(second: Done, lake: Path) -> None:
    """Beside the one that met it last."""
    before, after = (run["run_id"] for run in runs_of(lake))
    for row in rows(lake, "rejects"):
        assert row["first_run_id"] == before
        assert row["run_id"] == (after if name_of(row) in TRIED_AGAIN else before)


def test_errors_of_content_are_not_tried_again(second: Done, lake: Path) -> None:
    """They count as seen before, and no row is added."""
    counts = dict(runs_of(lake)[1]["counts"])
    assert counts["pages_rejected"] == len(TRIED_AGAIN)
    assert counts["pages_new"] == 0
    assert check_balance(counts) is None
    assert len(rows(lake, "rejects")) == len(EXPECTED)


@pytest.fixture(scope="module")
def mostly_bad(tmp_path_factory: pytest.TempPathFactory, story: Callable[[int], str]) -> Path:
    """Twenty pages of which three are empty."""
    folder = tmp_path_factory.mktemp("mostly") / "feed"
    folder.mkdir()
    for number in range(17):
        (folder / f"good-{number}.txt").write_text(story(number))
    for number in range(3):
        (folder / f"empty-{number}.txt").touch()
    return folder


@pytest.fixture(scope="module")
def stopped_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are to be published."""
    return tmp_path_factory.mktemp("stopped") / "lake"


@pytest.fixture(scope="module")
def stopped(copydesk: Callable[..., Done], mostly_bad: Path, stopped_lake: Path) -> Done:
    """An ingest of too many bad pages."""
    done = copydesk("ingest", mostly_bad, "--lake", stopped_lake)
    for name in TABLES:
        found = rows(stopped_lake, name)
        assert [row["state"] for row in found] == ["stopped"] if name == "runs" else not found, name
    return done


def test_too_many_rejects_stop_a_run(stopped: Done) -> None:
    """It exits 1 and says how many there were, and what to do."""
    assert stopped.returncode == 1
    assert "3 of 20 new pages (15%) were rejected" in stopped.stderr
    assert "nothing was published" in stopped.stderr
    assert "run again with --max-rejected 0.2" in stopped.stderr
    assert "empty-0.txt" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_stopped_run_goes_on_where_it_is_told_to(
    stopped: Done, copydesk: Callable[..., Done], mostly_bad: Path, stopped_lake: Path
) -> None:
    """With a higher share all is published, from what was cut already."""
    done = copydesk("ingest", mostly_bad, "--lake", stopped_lake, "--max-rejected", "1")
    assert done.returncode == 0, done.stderr
    assert len(rows(stopped_lake, "articles")) == len(rows(stopped_lake, "pages")) == 17
    assert len(rows(stopped_lake, "rejects")) == 3
    assert [run["state"] for run in runs_of(stopped_lake)] == ["stopped", "completed"]
    assert "Cutting" not in done.stderr
