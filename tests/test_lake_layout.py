"""Where a lake is, whose version it is of, and what is asked of it: pages and rows."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from deltalake import DeltaTable

from tasks.errors import LakeError, SettingError
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.query import query
from tasks.lake.restore import rebuild_page
from tasks.lake.tables import (
    VERSION_KEY,
    check_version,
    count_rows,
    create_tables,
    exists,
    open_table,
    read,
)
from tasks.schemas import LAKE_VERSION, TABLES


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with its tables and no row. Don't write to it."""
    lake = Lake(tmp_path_factory.mktemp("empty"))
    create_tables(lake)
    return lake


@pytest.fixture(scope="module")
def two_pages(
    desk: Any, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory
) -> Lake:
    """A lake with two pages. Don't write to it."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "feed").mkdir()
    (folder / "feed" / "a.txt").write_text(story(1))
    (folder / "feed" / "b.txt").write_text(story(2))
    with desk(folder / "lake", "run", folder / "feed") as ingest:
        ingest.work_through()
    return Lake(folder / "lake")


def test_the_option_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Over the variable and the default."""
    monkeypatch.setenv("COPYDESK_LAKE", "/elsewhere")
    assert locate_lake(tmp_path).root == tmp_path


def test_the_variable_comes_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no option is given."""
    monkeypatch.setenv("COPYDESK_LAKE", "/srv/lake")
    assert locate_lake().root == Path("/srv/lake")


@pytest.mark.parametrize("value", [None, ""])
def test_the_default_is_in_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    """An empty variable is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COPYDESK_LAKE", raising=False)
    if value is not None:
        monkeypatch.setenv("COPYDESK_LAKE", value)
    assert locate_lake().root == tmp_path / "data" / "lake"


def test_a_file_uri_is_a_folder() -> None:
    """Percent-encoding included."""
    assert locate_lake("file:///srv/my%20lake").root == Path("/srv/my lake")


def test_a_tilde_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a shell, for who sets it in a file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert locate_lake("~/lake").root == tmp_path / "lake"


def test_an_object_store_is_a_lake() -> None:
    """It is called by its address; its runs work in one folder of this machine."""
    lake = locate_lake("s3://bucket/news/lake/")
    assert str(lake) == lake.address == "s3://bucket/news/lake"
    assert lake.table_uri("pages") == "s3://bucket/news/lake/pages"
    assert lake == locate_lake("s3://bucket/news/lake")
    assert lake.root != locate_lake("s3://bucket/news").root


@pytest.mark.parametrize("address", ["gs://bucket/lake", "https://host/lake", "s3://", "s3://a//b"])
def test_another_address_is_refused(address: str) -> None:
    """The message says what a lake may lie in."""
    with pytest.raises(LakeError, match="s3://"):
        locate_lake(address)


def test_a_new_lake_has_every_table(empty_lake: Lake) -> None:
    """All of them, empty."""
    assert exists(empty_lake)
    assert count_rows(empty_lake) == dict.fromkeys(TABLES, 0)


def test_creating_a_lake_again_changes_nothing(empty_lake: Lake) -> None:
    """No table has a new version."""
    create_tables(empty_lake)
    assert {open_table(empty_lake, name).version() for name in TABLES} == {0}


def test_a_lake_half_created_is_completed(tmp_path: Path) -> None:
    """A process that died between two tables left no lake, and the next one makes it whole."""
    lake = Lake(tmp_path)
    create_tables(lake)
    for path in sorted(lake.table("runs").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert not exists(lake)
    create_tables(lake)
    assert exists(lake)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_the_lakes_version(empty_lake: Lake, name: str) -> None:
    """And a name and a description for those who find it by itself."""
    metadata = open_table(empty_lake, name).metadata()
    assert metadata.configuration[VERSION_KEY] == str(LAKE_VERSION)
    assert (metadata.name, metadata.description) == (name, TABLES[name].row)


def test_a_lake_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """One table is enough; the message names it and both versions."""
    lake = Lake(tmp_path)
    create_tables(lake)
    table = open_table(lake, "duplicates")
    newer = LAKE_VERSION + 1
    table.alter.set_table_properties({VERSION_KEY: str(newer)}, raise_if_not_exists=False)
    with pytest.raises(LakeError, match=rf"duplicates: written by a newer .*version {newer}"):
        check_version(lake)
    with pytest.raises(LakeError, match="Upgrade copydesk"):
        create_tables(lake)
    with pytest.raises(LakeError, match="Upgrade copydesk"):
        query(lake, "select 1 from runs")


def test_a_table_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A folder that has a Delta table of that name is not taken over."""
    DeltaTable.create(str(tmp_path / "articles"), schema=TABLES["articles"].full_schema)
    with pytest.raises(LakeError, match="copydesk did not create"):
        create_tables(Lake(tmp_path))


def test_no_lake_says_what_to_do(tmp_path: Path) -> None:
    """And makes none."""
    with pytest.raises(LakeError, match="no lake here") as caught:
        read(Lake(tmp_path / "nowhere"), "articles")
    assert "--lake" in str(caught.value)
    assert not (tmp_path / "nowhere").exists()


def test_a_page_is_found_by_the_beginning_of_its_id(two_pages: Lake) -> None:
    """Eight characters do where no other page has them."""
    page = read(two_pages, "pages").to_pylist()[0]
    whole = rebuild_page(two_pages, page["page_id"])
    assert rebuild_page(two_pages, page["page_id"][:8]) == whole == page["text"].encode()


def test_an_id_that_no_page_has_is_refused(two_pages: Lake) -> None:
    """The message names it and says how to find one."""
    with pytest.raises(SettingError, match="no such page"):
        rebuild_page(two_pages, "0123456789")


@pytest.mark.parametrize("page_id", ["", "0", "0123456"])
def test_a_short_id_is_refused(two_pages: Lake, page_id: str) -> None:
    """Rather than a page by luck."""
    with pytest.raises(SettingError, match="too short"):
        rebuild_page(two_pages, page_id)


def test_the_same_bytes_at_two_places_are_no_ambiguity(
    desk: Any, tmp_path: Path, story: Callable[[int], str]
) -> None:
    """Their id is the same and so is what it gives back."""
    (tmp_path / "a.txt").write_text(story(1))
    (tmp_path / "b.txt").write_text(story(1))
    with desk(tmp_path / "lake", "run", tmp_path / "a.txt", tmp_path / "b.txt") as ingest:
        ingest.work_through()
    ids = read(Lake(tmp_path / "lake"), "pages")["page_id"].to_pylist()
    assert len(ids) == 2
    assert rebuild_page(Lake(tmp_path / "lake"), ids[0]) == story(1).encode()


def test_an_ambiguous_id_is_refused(
    desk: Any, tmp_path: Path, story: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages whose ids begin alike: the message says how many, and to give more of it."""
    (tmp_path / "a.jsonl").write_text('{"text": "One."}\n{"text": "Two."}\n')

    class Alike:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def hexdigest(self) -> str:
            return f"{'ab' * 8}{self.data.hex():0<48.48}"

    monkeypatch.setattr("tasks.read.jsonl.hashlib", SimpleNamespace(sha256=Alike))
    with desk(tmp_path / "lake", "run", tmp_path / "a.jsonl") as ingest:
        ingest.recover()
        ingest.plan()
        ingest.cut()
        monkeypatch.undo()
        ingest.decide()
        ingest.publish()
    with pytest.raises(SettingError, match="2 pages begin so"):
        rebuild_page(Lake(tmp_path / "lake"), "ab" * 8)


def test_sql_sees_every_table(two_pages: Lake) -> None:
    """By its own name, at its newest version."""
    counted = {name: query(two_pages, f"select count(*) from {name}").rows for name in TABLES}
    assert counted == {name: [(rows,)] for name, rows in count_rows(two_pages).items()}


def test_sql_reads_nested_columns(two_pages: Lake) -> None:
    """Lists, structs and maps are DuckDB's own."""
    rows = query(
        two_pages,
        "select authors[1], readability.flesch_reading_ease is not null, ingest_date from articles",
    ).rows
    assert [row[:2] for row in rows] == [("Ilse Tornquist", True)] * 2
    (counts,) = query(two_pages, "select counts['pages_new'] from runs").rows
    assert counts == (2,)


@pytest.mark.parametrize("statement", ["selekt 1", "select nothing from articles", "select 1 +"])
def test_a_statement_that_duckdb_refuses_is_explained(two_pages: Lake, statement: str) -> None:
    """With DuckDB's reason and the names of the tables."""
    with pytest.raises(SettingError, match="Tables: pages, fingerprints"):
        query(two_pages, statement)


def test_a_statement_without_rows_is_refused(two_pages: Lake) -> None:
    """The message says what to write."""
    with pytest.raises(SettingError, match="Write a select"):
        query(two_pages, "")


def test_sql_cannot_write_to_the_lake(two_pages: Lake) -> None:
    """The tables are there to be read."""
    with pytest.raises(SettingError):
        query(two_pages, "delete from articles")
    assert count_rows(two_pages)["articles"] == 2
