"""The index of duplicates made anew."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tasks.dedupe import index as index_module
from tasks.errors import LakeError
from tasks.lake.commit import roll_forward
from tasks.lake.earlier import next_number, open_index
from tasks.lake.layout import Lake
from tasks.lake.tables import VERSION_KEY, create_tables, log_rows, read
from tasks.work import reindex as reindex_module
from tasks.work.reindex import reindex

Story = Callable[[int], str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, desk: Any, story: Story) -> Path:
    """A lake of two runs, three articles each. Don't write to it."""
    root = tmp_path_factory.mktemp("reindex")
    for run in range(2):
        folder = root / f"feed-{run}"
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.txt").write_text(story(10 * run + number), encoding="utf-8")
        with desk(root / "lake", f"run-{run}", folder) as one:
            one.work_through()
    return root / "lake"


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Lake:
    """A copy of it."""
    return Lake(Path(shutil.copytree(made, tmp_path / "lake")))


def prints_of(lake: Lake) -> list[dict[str, Any]]:
    """Rows of ``fingerprints`` but for what a numbering may change."""
    rows = read(lake, "fingerprints").drop_columns(["number"]).to_pylist()
    return sorted(rows, key=lambda row: row["article_id"])


def keys_of(lake: Lake) -> set[tuple[Any, ...]]:
    """Look-up keys with the article that each is of."""
    prints = read(lake, "fingerprints", ["number", "article_id"]).to_pylist()
    article_of = {row["number"]: row["article_id"] for row in prints}
    return {
        (row["band"], row["key"], article_of[row["number"]])
        for row in read(lake, "bands").to_pylist()
    }


def copy_of(lake: Lake, desk: Any, story: Story, tmp_path: Path) -> str:
    """What becomes of a new copy of a story that the lake has."""
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "copy.txt").write_text(story(11).replace("The ", "A "), encoding="utf-8")
    with desk(lake.root, "copy", folder) as one:
        counts = one.work_through().counts
    return f"{counts['articles_published']} published, {counts['articles_withheld']} withheld"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_index_made_anew_is_the_one_that_the_runs_made(lake: Lake, workers: int) -> None:
    """Same fingerprints, same keys, in new files; and the files before are gone."""
    prints, keys, before = prints_of(lake), keys_of(lake), log_rows(lake, "bands")["path"]
    done = reindex(lake, workers)
    assert done.articles == 6
    assert (prints_of(lake), keys_of(lake)) == (prints, keys)
    assert not any((lake.table("bands") / one).exists() for one in before.to_pylist())
    assert next_number(lake) == 6
    (row,) = [one for one in read(lake, "runs").to_pylist() if one["flow"] == "reindex"]
    assert dict(row["counts"]) == {"articles_indexed": 6}


def test_articles_are_divided_into_files_of_the_index(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers go on from file to file."""
    prints, keys = prints_of(lake), keys_of(lake)
    monkeypatch.setattr(reindex_module, "FILE_ARTICLES", 2)
    reindex(lake, 1)
    assert (prints_of(lake), keys_of(lake)) == (prints, keys)
    assert log_rows(lake, "fingerprints").num_rows == 3
    assert sorted(read(lake, "fingerprints", ["number"])["number"].to_pylist()) == list(range(6))


def test_a_copy_is_withheld_after_it_as_before(
    lake: Lake, desk: Any, story: Story, tmp_path: Path
) -> None:
    """The verdict does not hang on how the index was made."""
    reindex(lake, 1)
    assert copy_of(lake, desk, story, tmp_path) == "0 published, 1 withheld"


def test_an_index_of_other_parameters_is_refused_until_it_is_made_anew(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says by what it was made: nothing is looked up."""
    monkeypatch.setattr(index_module, "PARAMETERS", "w9")
    with pytest.raises(LakeError, match=r"cannot be compared with 'w9'.*\n.*`copydesk reindex`"):
        open_index(lake)
    monkeypatch.undo()
    open_index(lake)


def test_an_index_of_another_layout_is_refused_and_made_anew(
    lake: Lake, desk: Any, story: Story, tmp_path: Path
) -> None:
    """As lakes of version 1 have it, with keys of 64 bits and no numbers."""
    keys = keys_of(lake)
    for name in ("fingerprints", "bands"):
        shutil.rmtree(lake.table(name))
        DeltaTable.create(
            lake.table_uri(name),
            schema=pa.schema([pa.field("article_id", pa.string())]),
            configuration={VERSION_KEY: "1"},
            raise_if_key_not_exists=False,
        )
    with pytest.raises(LakeError, match="laid out in another way now"):
        copy_of(lake, desk, story, tmp_path)
    shutil.rmtree(tmp_path / "copies")
    reindex(lake, 1)
    assert keys_of(lake) == keys
    assert copy_of(lake, desk, story, tmp_path) == "0 published, 1 withheld"


def test_an_index_that_lacks_articles_is_refused(lake: Lake) -> None:
    """Half an index would let copies through."""
    shutil.rmtree(lake.table("fingerprints"))
    create_tables(lake)
    with pytest.raises(LakeError, match=r"has 0 of 6 published articles.\n.*`copydesk reindex`"):
        open_index(lake)


def test_killed_within_the_publication_it_is_finished_by_the_next(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intent says what goes where, as of any run."""
    keys = keys_of(lake)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tasks.lake.publish.roll_forward", die)
        with pytest.raises(KeyboardInterrupt):
            reindex(lake, 1)
    assert keys_of(lake) == keys
    assert roll_forward(lake) is not None
    assert keys_of(lake) == keys
    assert {row["flow"] for row in read(lake, "runs").to_pylist()} == {"ingest", "reindex"}
