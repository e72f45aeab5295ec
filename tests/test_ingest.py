"""An ingest end to end: the sample pages through the command, under Prefect, into a lake."""

import json
import subprocess
import urllib.request
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from tasks.lake.layout import Lake
from tasks.lake.restore import rebuild_page
from tasks.lake.tables import read
from tasks.read.uris import path_to_uri, uri_to_path
from tasks.report.summary import check_balance
from tasks.schemas import TABLES
from tasks.text.page import Span, rebuild

pytestmark = pytest.mark.flow

Run = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def gold() -> dict[str, Any]:
    """What is right for each sample page."""
    return json.loads((Path(__file__).parent / "data" / "seeds-gold.json").read_text())


def rows(lake: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return read(Lake(lake), table).to_pylist()


def counts_of(lake: Path) -> dict[str, int]:
    """The books of the lake's only run."""
    (run,) = rows(lake, "runs")
    return dict(run["counts"])


def below(root: Path, uri: str) -> str:
    """A page's path below the project's root."""
    return str(uri_to_path(uri).relative_to(root))


def test_the_books_balance(seeds_run: Run) -> None:
    """Pages in are new, seen or rejected; articles cut are published or withheld."""
    counts = counts_of(seeds_run[0])
    assert check_balance(counts) is None
    assert counts["pages_new"] == len(rows(seeds_run[0], "pages"))
    assert counts["pages_rejected"] == len(rows(seeds_run[0], "rejects"))
    assert counts["articles_published"] == len(rows(seeds_run[0], "articles"))
    assert counts["articles_withheld"] == len(rows(seeds_run[0], "duplicates"))


def test_the_books_count_every_file(seeds_run: Run, root: Path) -> None:
    """What came in is what lies in the folder."""
    files = [path for path in (root / "seeds").rglob("*") if path.is_file()]
    assert counts_of(seeds_run[0])["pages_in"] == len(files)


def test_the_command_says_what_it_did(seeds_run: Run, root: Path) -> None:
    """The books, each reject, each withheld article, the rules, the lake and the run are named."""
    lake, done = seeds_run
    for reject in rows(lake, "rejects"):
        assert f"{reject['reason']}: {below(root, reject['source_uri'])}" in done.stdout
    for duplicate in rows(lake, "duplicates"):
        assert below(root, duplicate["kept_source_uri"]) in done.stdout
    (run,) = rows(lake, "runs")
    for text in (
        "pages in",
        "articles cut",
        "cut by rule",
        str(lake),
        run["run_id"],
        "copydesk ui",
    ):
        assert text in done.stdout


def test_every_page_comes_back_byte_for_byte(seeds_run: Run) -> None:
    """``rebuild`` gives what was read, in whatever encoding."""
    lake = seeds_run[0]
    for page in rows(lake, "pages"):
        assert (
            rebuild_page(Lake(lake), page["page_id"])
            == uri_to_path(page["source_uri"]).read_bytes()
        )


def test_every_character_is_in_exactly_one_span(seeds_run: Run) -> None:
    """The stored spans follow one another and cover the text."""
    for page in rows(seeds_run[0], "pages"):
        spans = [Span(**span) for span in page["spans"]]
        assert rebuild(page["text"], spans) == page["text"]
        assert all(a.end == b.start for a, b in pairwise(spans))


def test_a_second_run_finds_nothing_new(copydesk: Any, seeds_lake: Path) -> None:
    """It says so, and changes no table but ``runs``."""
    before = {name: DeltaTable(str(seeds_lake / name)).version() for name in TABLES}
    done = copydesk("ingest", "seeds", "--lake", seeds_lake)
    after = {name: DeltaTable(str(seeds_lake / name)).version() for name in TABLES}
    assert done.returncode == 0
    assert "Nothing new" in done.stdout
    assert {name for name in TABLES if before[name] != after[name]} == {"runs"}


def test_every_field_of_every_table_is_described(seeds_run: Run) -> None:
    """A reader finds in the table itself what a column means."""
    for name in TABLES:
        fields = DeltaTable(str(seeds_run[0] / name)).schema().fields
        assert [field.name for field in fields if not field.metadata.get("comment")] == []


def test_plain_readers_see_the_rows_that_delta_has(seeds_run: Run) -> None:
    """pyarrow, pandas, DuckDB and Polars read the files to the same number of articles."""
    lake = seeds_run[0]
    expected = DeltaTable(str(lake / "articles")).to_pyarrow_table().num_rows
    files = str(lake / "articles" / "ingest_date=*" / "*.parquet")
    partition = ds.partitioning(pa.schema([("ingest_date", pa.date32())]), flavor="hive")
    dataset = ds.dataset(
        lake / "articles", format="parquet", partitioning=partition, exclude_invalid_files=False
    )
    assert dataset.count_rows() == expected
    assert len(pd.read_parquet(lake / "articles")) == expected
    (counted,) = duckdb.sql(f"select count(*) from read_parquet('{files}')").fetchall()
    assert counted == (expected,)
    assert pl.scan_parquet(files).collect().height == expected


def test_rejects_give_their_reasons(seeds_run: Run, root: Path) -> None:
    """The empty page and the one that is no text are rejected as that."""
    found = {
        reject["source_uri"].rsplit("/", 1)[1]: reject["reason"]
        for reject in rows(seeds_run[0], "rejects")
    }
    assert Counter(found.values()) == {"empty": 1, "binary": 1}


def test_prefect_shows_every_task_of_the_run(seeds_run: Run, prefect_api: str) -> None:
    """The history has the run, completed, and each of its tasks."""
    (run,) = rows(seeds_run[0], "runs")
    flow_run = ask(f"{prefect_api}/flow_runs/{run['run_id']}")
    assert flow_run["state"]["type"] == "COMPLETED"
    of_run = {"flow_runs": {"id": {"any_": [run["run_id"]]}}}
    names = Counter(
        task["name"].split(" ")[0] for task in ask(f"{prefect_api}/task_runs/filter", of_run)
    )
    assert names.pop("cut") >= 1
    assert names == {"recover": 1, "discover": 1, "decide": 1, "publish": 1, "put": 1}


def test_the_run_has_its_artifacts(seeds_run: Run, prefect_api: str) -> None:
    """What came of it, table by table and drawn, and how far it was."""
    (run,) = rows(seeds_run[0], "runs")
    wanted = {"artifacts": {"flow_run_id": {"any_": [run["run_id"]]}}}
    artifacts = ask(f"{prefect_api}/artifacts/filter", wanted)
    assert {one["key"]: one["type"] for one in artifacts} == {
        "summary": "markdown",
        "report": "markdown",  # what Prefect makes of a link
        "rules": "table",
        "rejects": "table",
        "duplicates": "table",
        "groups": "table",
        "sources": "table",
        "volumes": "image",
        "rejected": "image",
        "progress": "progress",
    }


def ask(address: str, body: dict[str, Any] | None = None) -> Any:
    """What Prefect's API answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_source_uris_are_absolute(seeds_run: Run, root: Path) -> None:
    """A page can be found again by its address."""
    for page in rows(seeds_run[0], "pages"):
        assert page["source_uri"].startswith(path_to_uri(root / "seeds"))
