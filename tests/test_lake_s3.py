"""A lake in an S3 server on loopback: as good as a folder, for writers and for readers."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable
from pyarrow.fs import S3FileSystem

from tasks.errors import LakeError, LockTimeoutError
from tasks.lake import commit, lease
from tasks.lake.bucket import BucketStorage
from tasks.lake.commit import roll_forward
from tasks.lake.intent import Intent, TableChange, read_intent, remove_intent, write_intent
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.lock import lake_lock
from tasks.lake.query import query
from tasks.lake.restore import rebuild_page
from tasks.lake.staging import claim_staging, find_dead_runs
from tasks.lake.tables import open_table, read
from tasks.read.transient import is_transient
from tasks.report.summary import check_balance
from tasks.schemas import TABLES

OF_A_RUN = {"run_id", "first_run_id", "ingested_at", "received_at", "ingest_date"}
"""Columns that differ from run to run."""

HOLDER = """
import sys, time
from tasks.lake.layout import locate_lake
from tasks.lake.lock import lake_lock
from tasks.lake.staging import claim_staging
lake = locate_lake(sys.argv[1])
with lake_lock(lake, "ingest of another process", 0), claim_staging(lake, "other", {"name": "x"}):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this machine in which runs work."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "machine"))
    return tmp_path / "machine"


@pytest.fixture
def feed(bucket: Any, story: Callable[[int], str]) -> str:
    """Stories in a bucket, one of them twice, and an empty page."""
    for number in range(5):
        bucket.put(f"feed/{number}.txt", story(number).encode())
    lines = [json.dumps({"text": story(number)}) for number in (3, 5, 6)]
    bucket.put("feed/wire.jsonl", "\n".join(lines).encode())
    bucket.put("feed/empty.txt", b"")
    return f"s3://{bucket.name}/feed"


@pytest.fixture
def address(bucket: Any, work: Path) -> str:
    """Where a lake will be."""
    return f"s3://{bucket.name}/news/lake"


def contents(lake: Lake) -> dict[str, list[str]]:
    """Rows of the tables that must be the same, but for what belongs to a run."""
    found = {}
    for name in ("articles", "pages", "duplicates", "rejects", "inputs", "learned"):
        rows = read(lake, name).to_pylist()
        plain = [
            {k: v for k, v in row.items() if k not in OF_A_RUN | {"first_seen", "last_seen"}}
            for row in rows
        ]
        found[name] = sorted(json.dumps(row, default=str, sort_keys=True) for row in plain)
    return found


def run_through(desk: Any, lake: str | Path, run_id: str, *sources: str) -> Any:
    """An ingest from its start to its end."""
    with desk(lake, run_id, *sources) as ingest:
        return ingest.work_through()


def test_a_lake_in_a_bucket_is_that_of_a_folder(
    desk: Any, feed: str, address: str, tmp_path: Path, bucket: Any, work: Path
) -> None:
    """Tables, books and pages; nothing stays behind, here or there; again, nothing is new."""
    summary = run_through(desk, address, "one", feed)
    assert check_balance(summary.counts) is None
    assert summary.counts["articles_withheld"] == 1
    run_through(desk, tmp_path / "lake", "one", feed)
    lake = locate_lake(address)
    assert contents(lake) == contents(Lake(tmp_path / "lake"))
    left = {key.removeprefix("news/lake/_copydesk/") for key in bucket.keys("news/lake/_copydesk")}
    assert left == {"clock", "intent.json", "lock"} & left
    assert list(lake.staging.iterdir()) == []
    for page in read(lake, "pages").to_pylist():
        assert rebuild_page(lake, page["page_id"])
    again = run_through(desk, address, "two", feed)
    assert (again.state, again.counts["articles_published"]) == ("nothing-new", 0)


def test_every_reader_reads_it(desk: Any, feed: str, address: str, bucket: Any) -> None:
    """DuckDB, Polars, Delta's own client, and Arrow on the plain files."""
    import polars as pl

    run_through(desk, address, "one", feed)
    lake = locate_lake(address)
    assert query(lake, "select count(*) from articles").rows == [(7,)]
    uri = f"{address}/articles"
    assert pl.read_delta(uri)["article_id"].n_unique() == 7
    assert len(DeltaTable(uri).to_pyarrow_table(columns=["article_id"])) == 7
    arrow = S3FileSystem(endpoint_override=bucket.environment["AWS_ENDPOINT_URL"])
    keys = [key for key in bucket.keys("news/lake/articles") if "/_delta_log/" not in key]
    assert all(key.endswith(".parquet") for key in keys)
    plain = [f"{bucket.name}/{key}" for key in keys]
    rows = ds.dataset(plain, filesystem=arrow, partitioning="hive").to_table()
    assert sorted(rows["article_id"].to_pylist()) == sorted(
        read(lake, "articles")["article_id"].to_pylist()
    )


def test_a_store_that_cannot_be_reached_is_told(
    bucket: Any, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own words and what is missing; another try may get through."""
    nowhere = locate_lake(f"s3://{bucket.name}-not/lake")
    with pytest.raises(LakeError, match=r"NoSuchBucket.*Make the bucket first"):  # noqa: SIM117
        with lake_lock(nowhere, "one", 0):
            pytest.fail("a lock without a bucket")
    with pytest.raises(LakeError, match="no lake here"):
        open_table(locate_lake(f"s3://{bucket.name}/lake"), "runs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_REGION")
    away = locate_lake("s3://copydesk-away/lake")
    with pytest.raises(LakeError, match="AWS_REGION is not set") as told:
        open_table(away, "runs")
    assert is_transient(told.value)
    with pytest.raises(LakeError, match="AWS_REGION is not set") as told:  # noqa: SIM117
        with lake_lock(away, "one", 0):
            pytest.fail("a lock without a server")
    assert is_transient(told.value)


def test_the_lake_is_not_read_into_itself(desk: Any, feed: str, bucket: Any, work: Path) -> None:
    """Though it lies in its source."""
    lake = f"{feed}/lake"
    run_through(desk, lake, "one", feed)
    again = run_through(desk, lake, "two", feed)
    assert again.state == "nothing-new"


@pytest.fixture
def lake(address: str) -> Lake:
    """A lake that is not there yet."""
    return locate_lake(address)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Processes of this machine are held to be on another; tell how long a lease is, in seconds."""
    monkeypatch.setattr(lease, "is_gone", lambda _: False)

    def set_lease(seconds: float) -> None:
        monkeypatch.setattr(lease, "LEASE_SECONDS", seconds)
        monkeypatch.setattr(lease, "RENEW_SECONDS", seconds / 4)

    return set_lease


def held_elsewhere(lake: Lake, root: Path) -> "subprocess.Popen[str]":
    """A process that holds the lake's lock and the staging of run ``other``."""
    command = [sys.executable, "-c", HOLDER, str(lake)]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_who_holds_the_lock(lake: Lake, root: Path) -> None:
    """After the time it was told to wait; and gets it at once when the holder was killed."""
    with held_elsewhere(lake, root) as process:
        try:
            with pytest.raises(LockTimeoutError) as told, lake_lock(lake, "late", 0.2):
                pytest.fail("two writers at once")
            message = (
                rf"{lake}: waited .* held by ingest of another process \(process {process.pid}"
            )
            told.match(message)
            assert find_dead_runs(lake) == []
        finally:
            process.kill()
        process.wait()
        with lake_lock(lake, "next", 5):
            (dead,) = find_dead_runs(lake)
            assert (dead.run_id, dead.facts) == ("other", {"name": "x"})


def test_a_lease_runs_out_when_its_holder_is_gone(
    lake: Lake, root: Path, elsewhere: Callable[[float], None]
) -> None:
    """Of another machine nothing else tells."""
    with held_elsewhere(lake, root) as process:
        process.kill()
        process.wait()
        elsewhere(3)
        with pytest.raises(LockTimeoutError), lake_lock(lake, "early", 0):
            pytest.fail("two writers at once")
        with lake_lock(lake, "next", 20):
            (dead,) = find_dead_runs(lake)
            assert dead.run_id == "other"


def test_a_lease_is_renewed_while_its_holder_lives(
    lake: Lake, elsewhere: Callable[[float], None]
) -> None:
    """For longer than it would last."""
    elsewhere(2)
    with lake_lock(lake, "long", 0), claim_staging(lake, "run", {}):
        with pytest.raises(LockTimeoutError), lake_lock(lake, "other", 6):
            pytest.fail("two writers at once")
        assert find_dead_runs(lake) == []


def test_one_of_many_gets_the_lock(lake: Lake) -> None:
    """However many ask at the same moment, and however often."""
    inside, most = [], []

    def ask(number: int) -> None:
        with lake_lock(lake, f"writer {number}", 60):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.05)
            inside.remove(number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(12)))
    assert most == [1] * 12


def steal(lake: Lake) -> None:
    """Take the lock over, as another machine does when the lease has run out."""
    storage = lake.storage
    assert isinstance(storage, BucketStorage)
    found = storage.look("_copydesk/lock")
    assert found is not None
    assert storage.put("_copydesk/lock", b'{"token": "of another"}', found.etag)


INTENT = Intent("one", "one", "2025-03-04T00:00:00+00:00", (TableChange("pages", ()),))


def test_who_lost_the_lock_writes_no_intent(lake: Lake) -> None:
    """It finds out before it publishes anything, and leaves the lock to its holder."""
    with lake_lock(lake, "asleep", 0):
        steal(lake)
        with pytest.raises(LakeError, match="lost the lake's lock"):
            write_intent(lake, INTENT)
    assert read_intent(lake) is None
    with pytest.raises(LockTimeoutError), lake_lock(lake, "third", 0):
        pytest.fail("two writers at once")


def test_who_lost_the_lock_after_it_looked_writes_no_intent(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If in between another wrote one: even if that one is finished by then."""
    with lake_lock(lake, "asleep", 0):
        storage = lake.storage

        def publish_elsewhere() -> None:
            storage.replace("_copydesk/intent.json", b'{"publication": "two"}', lambda: None)
            storage.clear("_copydesk/intent.json", lambda data: True)

        monkeypatch.setattr("tasks.lake.intent.verify_lock", lambda _: publish_elsewhere())
        with pytest.raises(LakeError, match="written by another"):
            write_intent(lake, INTENT)
    assert read_intent(lake) is None


def test_an_intent_is_removed_by_those_only_who_carried_it_out(lake: Lake) -> None:
    """Not the one that another wrote since."""
    with lake_lock(lake, "one", 0):
        write_intent(lake, INTENT)
        other = Intent("two", "two", INTENT.written_at, INTENT.changes)
        remove_intent(lake, other)
        assert read_intent(lake) == INTENT
        remove_intent(lake, INTENT)
        assert read_intent(lake) is None
        write_intent(lake, other)
        assert read_intent(lake) == other


def test_nothing_is_published_without_the_lock(lake: Lake) -> None:
    """Nor carried out."""
    with pytest.raises(LakeError, match="is not held"):
        write_intent(lake, INTENT)


SOME = 12
"""A change of the store of so many is where an ingest dies, without the mark ``kill`` too."""


class PowerCut(BaseException):
    """The end of a process, at a request to the store."""


class Fuse:
    """Lets so many changes of the store through; from then on the process is dead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: float = float("inf")
        self.used = 0
        for name in ("put", "upload", "remove", "_copy"):
            monkeypatch.setattr(BucketStorage, name, self._fused(getattr(BucketStorage, name)))
        monkeypatch.setattr(commit, "_write_commit", self._fused(commit._write_commit))

    def _fused(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def fused(*args: Any, **options: Any) -> Any:
            if self.left <= 0:
                raise PowerCut
            self.left -= 1
            self.used += 1
            return work(*args, **options)

        return fused


@pytest.fixture
def fuse(monkeypatch: pytest.MonkeyPatch) -> Fuse:
    """A power cut to be set."""
    return Fuse(monkeypatch)


def cut_short(desk: Any, fuse: Fuse, after: float, *arguments: str) -> None:
    """An ingest that dies after so many changes of the store."""
    fuse.left, fuse.used = after, 0
    try:
        run_through(desk, *arguments)
    except (PowerCut, OSError):
        pass
    finally:
        fuse.left = float("inf")
        lease._held.clear()


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "step", [pytest.param(SOME, id="some"), pytest.param(3, id="many", marks=pytest.mark.kill)]
)
def test_an_ingest_that_dies_at_any_change_is_finished_by_the_next(
    desk: Any,
    feed: str,
    bucket: Any,
    work: Path,
    tmp_path: Path,
    fuse: Fuse,
    elsewhere: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    """Wherever it dies, and though the next one is on another machine."""
    run_through(desk, tmp_path / "lake", "whole", feed)
    whole = contents(Lake(tmp_path / "lake"))
    cut_short(desk, fuse, float("inf"), f"s3://{bucket.name}/undisturbed", "dying", feed)
    changes = fuse.used
    assert changes > 40
    points = set(range(1, changes, step))
    if step != SOME:
        points -= set(range(1, changes, SOME))  # the other case has them
    for after in sorted(points):
        address = f"s3://{bucket.name}/lake-{after}"
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / f"machine-{after}"))
        elsewhere(30)
        cut_short(desk, fuse, after, address, "dying", feed)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / f"other-machine-{after}"))
        elsewhere(-10)  # as if the leases had run out
        summary = run_through(desk, address, "next", feed)
        lake = locate_lake(address)
        assert contents(lake) == whole, after
        assert check_balance(summary.counts) is None
        assert read_intent(lake) is None
        assert not [key for key in bucket.keys(f"lake-{after}") if "staging" in key], after
        for name in TABLES:
            in_log = {
                uri.removeprefix(f"s3://{bucket.name}/")
                for uri in open_table(lake, name).file_uris()
            }
            there = {key for key in bucket.keys(f"lake-{after}/{name}") if key.endswith(".parquet")}
            assert {key for key in there if "_delta_log" not in key} == in_log, (after, name)


def _files(lake: Lake, name: str) -> list[str]:
    root = lake.table_uri(name)
    return [uri.removeprefix(f"{root}/") for uri in open_table(lake, name).file_uris()]


def test_two_roll_a_publication_forward_at_once(
    desk: Any, feed: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holder that woke up late, and its successor: every commit is made once."""
    with desk(address, "one", feed) as ingest:
        ingest.recover()
        ingest.plan()
        ingest.cut()
        lake = ingest.lake
        with lake_lock(lake, "one", 0):
            ingest.decide()
            with monkeypatch.context() as patch:
                patch.setattr("tasks.lake.publish.roll_forward", lambda _: None)
                ingest.publish()
            assert read_intent(lake) is not None
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(roll_forward, [lake, lake]))
    assert max(open_table(lake, name).version() for name in TABLES) == 1
    assert query(lake, "select count(*) from articles").rows == [(7,)]
