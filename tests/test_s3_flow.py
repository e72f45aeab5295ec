"""The command on an S3 server: sources and lake there, two at once, and killed in between."""

import json
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake, locate_lake
from tasks.lake.tables import open_table, read
from tasks.report.summary import check_balance

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

LINE = "\nThe Valley Wire reads letters on Mondays\n"

POINTS = [
    "tasks.lake.recovery:create_tables:1:after",
    "tasks.work.finish:settle:1:before",
    "tasks.lake.publish:write_intent:1:before",
    "tasks.lake.publish:write_intent:1:after",
    "tasks.lake.commit:_put_in_place:2:after",
    "tasks.lake.commit:_commit:5:after",
    "tasks.lake.commit:remove_intent:1:after",
]
"""While starting; after staging; before and after the intent; between two tables; at the end."""


@pytest.fixture
def feed(bucket: Any, story: Callable[[int], str]) -> str:
    """Stories in a bucket, each above the same line."""
    for number in range(12):
        bucket.put(f"valley-wire/{number:02d}.txt", (story(number) + LINE).encode())
    lines = [json.dumps({"text": story(number) + LINE}) for number in range(10, 30)]
    bucket.put("valley-wire/wire.jsonl", "\n".join(lines).encode())
    return f"s3://{bucket.name}/valley-wire"


@pytest.fixture
def environment(served: dict[str, str], bucket: Any, tmp_path: Path) -> dict[str, str]:
    """Of commands that find Prefect's server, the S3 server, and a folder to work in."""
    return {**served, **bucket.environment, "TMPDIR": str(_folder(tmp_path / "machine"))}


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def ids(lake: Lake, table: str) -> list[str]:
    """What a table holds, by its key."""
    column = {"pages": "source_uri"}.get(table, "article_id")
    return sorted(read(lake, table, [column])[column].to_pylist())


def test_every_command_takes_a_lake_in_a_bucket(
    copydesk: Any, feed: str, environment: dict[str, str], bucket: Any, tmp_path: Path
) -> None:
    """Two ingests at once publish everything once; then the lake is asked, and a page rebuilt."""
    address = f"s3://{bucket.name}/lake"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = copydesk(*arguments, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: run("ingest", feed, "--lake", address, "--workers", "1"), range(2)))
    run("ingest", feed, "--lake", str(tmp_path / "lake"), "--workers", "1")
    lake, local = locate_lake(address), Lake(tmp_path / "lake")
    for table in ("pages", "articles", "duplicates"):
        assert ids(lake, table) == ids(local, table)
    runs = read(lake, "runs").to_pylist()
    assert all(check_balance(dict(one["counts"])) is None for one in runs)
    assert environment["AWS_SECRET_ACCESS_KEY"] not in str(runs)

    count = "select count(*) as n from articles"
    answered = run("sql", count, "--lake", address, "--format", "json").stdout
    assert json.loads(answered) == {"n": len(ids(local, "articles"))}
    assert run("runs", "--lake", address).stdout.count("completed") == 1
    assert LINE.strip() in run("rules", "learned", "--lake", address, "--state", "all").stdout
    page = read(lake, "pages").to_pylist()[0]
    assert run("rebuild", page["page_id"], "--lake", address).stdout == page["text"]
    first = page["text"].splitlines()[0]
    assert first in run("explain", page["source_uri"]).stdout

    forgotten = page["source_uri"]
    run("forget", "--source-uri", forgotten, "--why", "a test", "--yes", "--lake", address)
    left = read(lake, "pages")["source_uri"].to_pylist()
    assert sorted([*left, forgotten]) == ids(local, "pages")
    files = {f"s3://{bucket.name}/{key}" for key in bucket.keys("lake/pages")}
    in_log = set(open_table(lake, "pages").file_uris())
    assert {uri for uri in files if "/_delta_log/" not in uri} == in_log
    run("maintain", "--lake", address)
    assert read(lake, "pages").num_rows == len(left)
    assert "0 pages" in run("reprocess", "--lake", address, "--dry-run").stdout


@pytest.mark.kill
def test_a_killed_ingest_is_finished_by_the_next(
    feed: str, environment: dict[str, str], die_at: Any, bucket: Any, tmp_path: Path
) -> None:
    """By SIGKILL, and by a next one that has nothing of what the first left on its machine."""
    lakes = {point: f"s3://{bucket.name}/lake-{n}" for n, point in enumerate(POINTS)}
    local = Lake(tmp_path / "lake")
    dying = [(point, [(feed, lake)]) for point, lake in lakes.items()]
    done = die_at(environment, [("never", [(feed, local.root)]), *dying])
    assert done.codes == [0, *[-signal.SIGKILL] * len(POINTS)], done.said
    elsewhere = {**environment, "TMPDIR": str(_folder(tmp_path / "other-machine"))}
    done = die_at(elsewhere, [("never", [(feed, lake) for lake in lakes.values()])])
    assert done.codes == [0], done.said
    for point, address in lakes.items():
        lake = locate_lake(address)
        for table in ("pages", "articles", "duplicates"):
            assert ids(lake, table) == ids(local, table), (point, table)
        states = [run["state"] for run in read(lake, "runs").to_pylist()]
        assert len(states) == 2, point
        assert not [key for key in bucket.keys(address.rpartition("/")[2]) if "staging" in key]
