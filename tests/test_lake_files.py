"""Files of the lake: whole or absent, described, and with statistics that no filter trips over."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.lake.commit import roll_forward
from tasks.lake.files import delta_statistics, read_json, write_json, write_rows
from tasks.lake.intent import AddedFile, Intent, TableChange, write_intent
from tasks.lake.layout import Lake
from tasks.lake.query import query
from tasks.lake.tables import create_tables, dataset
from tasks.schemas import LAKE_VERSION, TABLES, Table

REJECTS = TABLES["rejects"]
DAY = datetime(2025, 3, 4, 5, 6, 7, 890, UTC)


def reject(number: int, **values: Any) -> dict[str, Any]:
    """A row of ``rejects``."""
    return {
        "reject_id": f"{number:064x}",
        "source_uri": f"file:///feed/{number}.txt",
        "page_id": None,
        "reason": "empty",
        "detail": "It is empty.",
        "head": None,
        "attempts": 1,
        "first_run_id": "run",
        "run_id": "run",
        **values,
    }


def staged(folder: Path, table: Table, rows: list[dict[str, Any]]) -> Path:
    """Rows as a staged file."""
    path = folder / f"{table.name}.staged"
    write_rows(pa.Table.from_pylist(rows, schema=table.schema), path, table, {"copydesk": "9"})
    return path


def published(lake: Lake, table: Table, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table of a new lake, as a publication does."""
    create_tables(lake)
    file = staged(lake.staging, table, rows)
    added = AddedFile(
        str(file.relative_to(lake.root)),
        "run-rows.parquet",
        file.stat().st_size,
        delta_statistics(file, table),
        {},
    )
    write_intent(lake, Intent("run", "run", "now", (TableChange(table.name, (added,)),)))
    roll_forward(lake)


def bounds(folder: Path, table: Table, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The statistics of a file of these rows."""
    found: dict[str, Any] = json.loads(delta_statistics(staged(folder, table, rows), table))
    return found


def test_a_file_names_its_schema_and_versions(tmp_path: Path) -> None:
    """The footer says by what the file was made."""
    metadata = pq.read_schema(staged(tmp_path, REJECTS, [reject(1)])).metadata
    assert metadata[b"copydesk.schema_version"] == str(LAKE_VERSION).encode()
    assert metadata[b"copydesk.copydesk"] == b"9"


def test_a_file_is_compressed_with_zstd(tmp_path: Path) -> None:
    """Every column is."""
    footer = pq.read_metadata(staged(tmp_path, REJECTS, [reject(1)]))
    columns = range(footer.num_columns)
    assert {footer.row_group(0).column(n).compression for n in columns} == {"ZSTD"}


def test_a_large_file_has_several_row_groups(tmp_path: Path) -> None:
    """Readers can skip and read in pieces."""
    rows = [reject(n) for n in range(REJECTS.row_group_rows + 1)]
    assert pq.read_metadata(staged(tmp_path, REJECTS, rows)).num_row_groups == 2


def test_bounds_span_all_row_groups(tmp_path: Path) -> None:
    """Least and greatest are of the file, not of one of its groups."""
    rows = [reject(n, source_uri=f"u{n:06d}") for n in range(REJECTS.row_group_rows + 1)]
    found = bounds(tmp_path, REJECTS, rows[::-1])
    assert found["numRecords"] == REJECTS.row_group_rows + 1
    assert found["minValues"] == {"source_uri": "u000000"}
    assert found["maxValues"] == {"source_uri": f"u{REJECTS.row_group_rows:06d}"}


def test_bounds_of_times_are_iso_8601(tmp_path: Path) -> None:
    """UTC, to the microsecond."""
    run = {
        "run_id": "run",
        "name": "ingest",
        "flow": "ingest",
        "started_at": DAY,
        "state": "completed",
        "settings": "{}",
        "versions": [],
        "counts": [],
        "rules": [],
        "seconds": [],
    }
    assert bounds(tmp_path, TABLES["runs"], [run])["minValues"] == {
        "started_at": "2025-03-04T05:06:07.000890Z"
    }


@settings(deadline=None)  # it writes and syncs files
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=600), min_size=1))
def test_bounds_hold_every_string(
    tmp_path_factory: pytest.TempPathFactory, uris: list[str]
) -> None:
    """However long the strings are, whatever they hold; and they stay short."""
    folder = tmp_path_factory.mktemp("bounds")
    found = bounds(folder, REJECTS, [reject(n, source_uri=uri) for n, uri in enumerate(uris)])
    least, greatest = found["minValues"]["source_uri"], found["maxValues"]["source_uri"]
    for uri in uris:
        assert least.encode() <= uri.encode() <= greatest.encode()
    assert len(least) + len(greatest) < 600


def test_bounds_hold_a_string_that_parquet_has_none_for(tmp_path: Path) -> None:
    """Parquet keeps no bounds of more than 4 kB: a row beside a short one must not be lost."""
    rows = [reject(n, source_uri="m") for n in range(REJECTS.row_group_rows)]
    found = bounds(tmp_path, REJECTS, [*rows, reject(0, source_uri="z" * 5000)])
    assert found["minValues"]["source_uri"] <= "m"
    assert found["maxValues"]["source_uri"] >= "z" * 5000


FILTERS = {
    "with bounds": ("source_uri = 'file:///feed/2.txt'", 1),
    "without bounds": ("reason = 'empty'", 2),
    "a number without bounds": ("attempts > 0", 3),
    "of another file": ("source_uri = 'file:///other'", 0),
    "all null": ("page_id is null", 3),
}
"""Conditions on three rejects, and how many of them each finds."""


@pytest.fixture(scope="module")
def three_rejects(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake that has three rejects and nothing else."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    published(lake, REJECTS, [reject(1), reject(2), reject(3, reason="binary")])
    return lake


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_finds_its_rows_in_duckdb(three_rejects: Lake, case: str) -> None:
    """Whether the log has bounds for the column or not."""
    condition, expected = FILTERS[case]
    rows = query(three_rejects, f"select count(*) from rejects where {condition}").rows
    assert rows == [(expected,)]


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_finds_its_rows_in_arrow(three_rejects: Lake, case: str) -> None:
    """Deltalake's own reader, as consumers use it."""
    condition, expected = FILTERS[case]
    with duckdb.connect() as connection:
        table = DeltaTable(str(three_rejects.table("rejects")))
        connection.register("rejects", table.to_pyarrow_dataset())
        counted = connection.sql(f"select count(*) from rejects where {condition}").fetchall()
    assert counted == [(expected,)]


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_finds_its_rows_in_polars(three_rejects: Lake, case: str) -> None:
    """Polars skips files by the log, too."""
    condition, expected = FILTERS[case]
    frame = pl.scan_delta(str(three_rejects.table("rejects")))
    assert frame.filter(pl.sql_expr(condition)).collect().height == expected


def test_articles_without_a_date_are_found_by_that(
    desk: Any, tmp_path: Path, story: Callable[[int], str]
) -> None:
    """Also in a file where none has one: its log has no bounds for the column."""
    feed, lake = tmp_path / "feed", tmp_path / "lake"
    feed.mkdir()
    (feed / "1.txt").write_text(story(1).replace("March 4, 2025\n\n", ""))
    with desk(lake, "undated", feed) as ingest:
        ingest.work_through()
    (feed / "2.txt").write_text(story(2).replace("March 4, 2025\n\n", ""))
    (feed / "3.txt").write_text(story(3))
    with desk(lake, "mixed", feed) as ingest:
        ingest.work_through()
    articles, date = dataset(Lake(lake), "articles"), pc.field("published_at")
    assert articles.count_rows(filter=date.is_null()) == 2
    assert articles.count_rows(filter=date >= datetime(2025, 3, 4, tzinfo=UTC)) == 1
    assert articles.count_rows(filter=date > datetime(2025, 3, 4, tzinfo=UTC)) == 0


def test_json_comes_back(tmp_path: Path) -> None:
    """What was written is read."""
    write_json(tmp_path / "new" / "a.json", {"ä": [1, None]})
    assert read_json(tmp_path / "new" / "a.json") == {"ä": [1, None]}


def test_json_that_is_none_reads_as_none(tmp_path: Path) -> None:
    """A missing file and half a file are the same: nothing."""
    (tmp_path / "half.json").write_text('{"a": ')
    assert read_json(tmp_path / "half.json") is None
    assert read_json(tmp_path / "missing.json") is None


def test_json_leaves_no_draft(tmp_path: Path) -> None:
    """Only the file is there."""
    write_json(tmp_path / "a.json", 1)
    write_json(tmp_path / "a.json", 2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_failed_write_leaves_the_old_json(tmp_path: Path) -> None:
    """A reader finds the old content or the new, never half of it."""
    write_json(tmp_path / "a.json", "old")
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", ["new", object()])
    assert read_json(tmp_path / "a.json") == "old"
