"""The dataset card: what the hub reads of it, whose file it is, and that no run fails for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tasks.lake.layout import Lake, locate_lake
from tasks.lake.tables import dataset
from tasks.report.card import MARK, NAME, read_facts, refresh_card, size_category, write_card
from tasks.schemas import ARTICLES


@pytest.fixture(scope="module")
def filled(
    desk: Any, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory
) -> Lake:
    """A lake of three articles, a copy, and a reject. Don't write to it."""
    folder = tmp_path_factory.mktemp("card")
    feed = folder / "feed" / "valley"
    feed.mkdir(parents=True)
    for number in (1, 2, 3):
        (feed / f"{number}.txt").write_text(story(number))
    (feed / "copy.txt").write_text(story(3))
    (feed / "empty.txt").write_text("")
    with desk(folder / "lake", "run-1", folder / "feed") as run:
        run.work_through()
    return Lake(folder / "lake")


@pytest.fixture
def lake(filled: Lake, tmp_path: Path) -> Lake:
    """The same tables, in a folder of whose files some may be written."""
    root = tmp_path / "lake"
    root.mkdir()
    for one in filled.root.iterdir():
        if one.name != NAME:
            (root / one.name).symlink_to(one)
    return Lake(root)


def front_matter(card: str) -> dict[str, Any]:
    """What the hub reads of a card."""
    before, matter, _ = card.split("---\n", 2)
    assert before == ""
    return dict(yaml.safe_load(matter))


def test_the_hub_reads_what_it_is(filled: Lake) -> None:
    """Languages by code, whose the texts are, how large it is."""
    matter = front_matter(write_card(read_facts(filled)))
    assert matter["language"] == ["en"]
    assert matter["license"] == "other"
    assert matter["size_categories"] == ["n<1K"]


def test_the_hub_finds_the_files_of_each_table(filled: Lake) -> None:
    """Each pattern names the files that the table has, and no file of its log."""
    configs = front_matter(write_card(read_facts(filled)))["configs"]
    assert [one["config_name"] for one in configs] == ["articles", "duplicates", "pages", "rejects"]
    assert [one["config_name"] for one in configs if one.get("default")] == ["articles"]
    for config in configs:
        (files,) = config["data_files"]
        found = {str(path) for path in filled.root.glob(files["path"])}
        table = filled.table(config["config_name"])
        held = {str(table / one) for one in dataset(filled, config["config_name"]).files}
        assert found == held


def test_norwegian_is_a_language_and_not_a_truth_value(filled: Lake) -> None:
    """YAML takes a bare `no` for false."""
    card = write_card(replace(read_facts(filled), languages={"no": 2, "und": 1}))
    assert front_matter(card)["language"] == ["no"]


def test_it_tells_what_is_in_the_tables(filled: Lake) -> None:
    """Rows, words, dates and sources, as a query finds them."""
    facts = read_facts(filled)
    rows = dataset(filled, "articles").to_table().to_pylist()
    assert facts.rows["articles"] == len(rows) == 3
    assert facts.rows["duplicates"] == facts.rows["rejects"] == 1
    assert facts.words == sum(row["words"] for row in rows)
    assert facts.sources == {"valley": 3}
    assert facts.published is not None
    assert {one.date() for one in facts.published} == {date(2025, 3, 4)}
    card = write_card(facts)
    assert "3 articles of" in card
    assert "dated 2025-03-04 to 2025-03-04" in card
    assert all(f"| `{field.name}` |" in card for field in ARTICLES.full_schema)


def test_a_lake_without_articles_has_one(desk: Any, tmp_path: Path) -> None:
    """Then it names no table, no language and no date."""
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "empty.txt").write_text("")
    with desk(tmp_path / "lake", "run-1", tmp_path / "feed") as run:
        run.work_through()
    lake = Lake(tmp_path / "lake")
    assert refresh_card(lake) is None
    matter = front_matter((lake.root / NAME).read_text(encoding="utf-8"))
    assert [one["config_name"] for one in matter["configs"]] == ["rejects"]
    assert matter["language"] == []


def test_it_is_written_again_when_the_tables_change(lake: Lake) -> None:
    """A card of ours takes the place of the one before."""
    (lake.root / NAME).write_text(f"of an earlier run\n{MARK}\n")
    assert refresh_card(lake) is None
    assert "3 articles of" in (lake.root / NAME).read_text(encoding="utf-8")
    assert [one.name for one in lake.root.iterdir() if one.name.startswith(NAME)] == [NAME]


def test_a_readme_that_somebody_wrote_is_left_alone(lake: Lake) -> None:
    """Our mark is not in it."""
    (lake.root / NAME).write_text("Our own words on this.\n")
    assert refresh_card(lake) is None
    assert (lake.root / NAME).read_text() == "Our own words on this.\n"


def test_what_keeps_it_from_being_written_is_told_and_not_raised(lake: Lake) -> None:
    """Here a folder is in its place."""
    (lake.root / NAME).mkdir()
    assert NAME in str(refresh_card(lake))


def test_no_lake_no_card(tmp_path: Path) -> None:
    """And no folder is made."""
    assert refresh_card(Lake(tmp_path / "none")) is not None
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (40_000, "10K<n<100K"),
        (3_000_000, "1M<n<10M"),
        (10**13, "n>1T"),
    ],
)
def test_sizes_have_the_names_that_the_hub_knows(rows: int, name: str) -> None:
    """Steps of ten."""
    assert size_category(rows) == name


def test_a_lake_in_an_object_store_has_one(
    desk: Any, story: Callable[[int], str], bucket: Any, tmp_path: Path
) -> None:
    """Beside its tables, and written again over its own."""
    (tmp_path / "1.txt").write_text(story(1))
    address = f"s3://{bucket.name}/lake"
    with desk(address, "run-1", tmp_path / "1.txt") as run:
        run.work_through()
    lake = locate_lake(address)
    assert refresh_card(lake) is None
    assert refresh_card(lake) is None
    assert f"lake/{NAME}" in bucket.keys("lake/")
    assert b"1 articles of" in (lake.storage.read(NAME) or b"")
