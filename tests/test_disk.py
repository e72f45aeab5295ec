"""A disk that is full or may not be written is told to a person, and is not the end of anything."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tasks.errors import LakeError
from tasks.lake.disk import explain_disk
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.staging import claim_staging
from tasks.lake.tables import read


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: to who writes, as good as a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def feed(tmp_path: Path, story: Callable[[int], str]) -> Path:
    """A folder of a few pages."""
    folder = tmp_path / "feed"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_text(story(number))
    return folder


@pytest.mark.parametrize("most", [100, 3000, 8000, 14_000])
def test_an_ingest_that_meets_a_full_disk_is_finished_by_the_next(
    desk: Any, feed: Path, tmp_path: Path, most: int
) -> None:
    """It says so, wherever it was; with room again all pages are published, once."""
    lake = tmp_path / "lake"
    with desk(lake, "first", feed) as ingest:
        ingest.recover()
    with (
        pytest.raises(LakeError, match=r"cannot be written \(.*Make room"),
        full_disk(most),
        desk(lake, "second", feed) as ingest,
    ):
        ingest.work_through()
    with desk(lake, "third", feed) as ingest:
        assert ingest.work_through().counts["articles_published"] == 5
    assert len(read(Lake(lake), "articles")) == 5


@pytest.mark.flow
def test_a_run_that_fails_leaves_no_process_to_wait_for(
    served: dict[str, str], feed: Path, tmp_path: Path
) -> None:
    """The command ends, also where multiprocessing started its process."""
    driver = Path(__file__).parent / "drivers" / "fail_in_child.py"
    command = [sys.executable, str(driver), str(feed), str(tmp_path / "lake")]
    done = subprocess.run(
        command, env=served, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert "Make room" in done.stderr


def test_what_deltalake_says_of_a_full_disk_is_understood(tmp_path: Path) -> None:
    """It gives the number of the error in its text only."""
    schema = pa.schema([pa.field("a", pa.int64())])
    with pytest.raises(LakeError, match="Make room"), full_disk(100), explain_disk(Lake(tmp_path)):
        DeltaTable.create(str(tmp_path / "table"), schema=schema)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("step", ["lock", "staging"])
def test_a_lake_that_may_not_be_written_is_told(tmp_path: Path, number: int, step: str) -> None:
    """With the place, and what to do."""
    lake = Lake(tmp_path)
    block = lake_lock(lake, "test", 1) if step == "lock" else claim_staging(lake, "run", {})
    place = f"{tmp_path}/articles"
    with pytest.raises(LakeError, match=rf"{place}: cannot be written .* Make it writable"), block:
        raise OSError(number, os.strerror(number), place)


def test_other_errors_pass_as_they_are(tmp_path: Path) -> None:
    """A fault of ours is not told as one of the disk."""
    with pytest.raises(FileNotFoundError), explain_disk(Lake(tmp_path)):
        (tmp_path / "nowhere").read_bytes()


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    """Nor is a folder below one: it says so, and what to give."""
    (tmp_path / "file").write_text("not a lake\n")
    for place in (tmp_path / "file", tmp_path / "file" / "lake"):
        with (
            pytest.raises(LakeError, match=r"is a file\. Give another --lake"),
            claim_staging(Lake(place), "run", {}),
        ):
            pass
