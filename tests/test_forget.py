"""Takedown: gone from every table and file at once, never back, and the others stay whole."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.restore import rebuild_page
from tasks.lake.tables import read
from tasks.read.uris import path_to_uri
from tasks.schemas import TABLES
from tasks.text.page import LABELS, Span
from tasks.text.redact import BLOT, redact
from tasks.work.forget import Takedown, forget
from tasks.work.targets import Targets

Story = Callable[[int], str]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Where a lake will be."""
    return Lake(tmp_path / "lake")


@pytest.fixture
def feed(tmp_path: Path, story: Story) -> Path:
    """Records of two sites, one of which has a copy of the other's first story."""
    file = tmp_path / "feed.jsonl"
    records = [
        {"text": story(1), "url": "https://orsten.example/one", "source": "orsten"},
        {"text": story(2), "url": "https://orsten.example/two", "source": "orsten"},
        {"text": story(1), "url": "https://mirror.example/one", "source": "zz-mirror"},
        {"text": story(3), "url": "https://mirror.example/three", "source": "zz-mirror"},
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return file


@pytest.fixture
def filled(lake: Lake, desk: Any, feed: Path) -> Lake:
    """A lake of the feed: three published, one withheld."""
    ingest(lake, desk, "first", feed)
    assert len(rows(lake, "articles")) == 3
    assert len(rows(lake, "duplicates")) == 1
    return lake


def ingest(lake: Lake, desk: Any, run_id: str, *sources: Path) -> Any:
    """Take some sources the whole way."""
    with desk(lake.root, run_id, *sources) as run:
        return run.work_through()


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return read(lake, table).to_pylist()


def take_down(lake: Lake, **options: Any) -> Takedown:
    """Forget what is named by the keywords of ``Targets``."""
    named = {key: options.pop(key) for key in list(options) if key in Targets.__dataclass_fields__}
    return forget(lake, Targets(**named), "the author asked", "editor", **options)


def published_title(lake: Lake, url: str) -> str:
    """Title of the article at an address."""
    return str(next(row["title"] for row in rows(lake, "articles") if row["url"] == url))


def everything(lake: Lake) -> str:
    """All cells of all tables, but for `runs`, which says what was taken down."""
    return "\n".join(repr(row) for name in TABLES if name != "runs" for row in rows(lake, name))


def taught_by(lake: Lake) -> dict[str, int]:
    """How many pages of each source have taught."""
    return {row["source"]: row["pages"] for row in rows(lake, "learned") if not row["template"]}


def phrases(text: str) -> list[str]:
    """Sentences of a story: what must not be found any more."""
    return [line for line in text.splitlines() if len(line) > 60]


def test_a_url_is_gone_from_every_table(filled: Lake, story: Story) -> None:
    """No table holds the page, its text or its address."""
    take_down(filled, urls=("https://orsten.example/two",))
    left = everything(filled)
    assert "orsten.example/two" not in left
    assert not [phrase for phrase in phrases(story(2)) if phrase in left]


def test_plain_readers_find_it_gone_too(filled: Lake, story: Story) -> None:
    """No Parquet file of the lake holds a sentence of it."""
    import pyarrow.parquet as pq

    take_down(filled, urls=("https://orsten.example/two",))
    left = "".join(
        repr(pq.ParquetFile(path).read().to_pylist()) for path in filled.root.rglob("*.parquet")
    )
    assert not [phrase for phrase in phrases(story(2)) if phrase in left]
    assert [phrase for phrase in phrases(story(3)) if phrase in left]


def test_a_forgotten_page_never_comes_back(filled: Lake, desk: Any, feed: Path) -> None:
    """Read again, changed and under another name, it is counted as seen and not published."""
    take_down(filled, urls=("https://orsten.example/two",))
    again = feed.with_name("again.jsonl")
    again.write_text(feed.read_text())
    summary = ingest(filled, desk, "second", again)
    assert summary.counts["pages_in"] == 4
    assert summary.counts["pages_seen"] == 1
    assert "orsten.example/two" not in everything(filled)


def test_a_forgotten_text_never_comes_back(filled: Lake, desk: Any, story: Story) -> None:
    """The same story at an address that nobody named is blotted out of its page."""
    take_down(filled, urls=("https://orsten.example/two",))
    other = filled.root.parent / "other.txt"
    other.write_text(story(2))
    summary = ingest(filled, desk, "second", other)
    assert summary.counts["articles_published"] == 0
    assert not [phrase for phrase in phrases(story(2)) if phrase in everything(filled)]


def test_a_forgotten_file_is_not_read_again(lake: Lake, desk: Any, tmp_path: Path) -> None:
    """A page that is a file is passed over by its name; `inputs` does not have it either."""
    page = tmp_path / "feed" / "page.txt"
    page.parent.mkdir()
    page.write_text(f"A bridge reopened\n\n{'The council met at the harbour again today. ' * 20}\n")
    ingest(lake, desk, "first", page)
    uri = path_to_uri(page)
    take_down(lake, source_uris=(uri,))
    summary = ingest(lake, desk, "second", page)
    assert summary.counts["pages_seen"] == 1
    assert uri not in everything(lake)


def test_a_copy_is_published_in_its_place(filled: Lake) -> None:
    """The withheld copy of another site is published, with its own fingerprint."""
    kept = rows(filled, "duplicates")[0]["kept_article_id"]
    url = next(row["url"] for row in rows(filled, "articles") if row["article_id"] == kept)
    done = take_down(filled, urls=(url,))
    assert (done.published, done.released) == (1, 1)
    assert len(rows(filled, "articles")) == 3
    assert not rows(filled, "duplicates")
    ids = {row["article_id"] for row in rows(filled, "articles")}
    assert {row["article_id"] for row in rows(filled, "fingerprints")} == ids
    numbers = {row["number"] for row in rows(filled, "fingerprints")}
    assert {row["number"] for row in rows(filled, "bands")} == numbers


def test_copies_go_too_if_asked(filled: Lake, story: Story) -> None:
    """With copies nothing of the story is left, in no table."""
    kept = rows(filled, "duplicates")[0]["kept_article_id"]
    done = take_down(filled, articles=(kept,), with_copies=True)
    assert (done.published, done.withheld, done.released) == (1, 1, 0)
    assert not [phrase for phrase in phrases(story(1)) if phrase in everything(filled)]


def test_an_article_is_blotted_out_of_its_page(seeds_lake: Path) -> None:
    """Of a page of several stories the others stay, published and on the page."""
    lake = Lake(seeds_lake)
    article = next(row for row in rows(lake, "articles") if row["articles_in_page"] > 2)
    before = rows(lake, "articles")
    done = take_down(lake, articles=(article["article_id"][:12],))
    assert (done.pages, done.redacted, done.published) == (0, 1, 1)
    assert len(rows(lake, "articles")) == len(before) - 1
    page = next(row for row in rows(lake, "pages") if row["page_id"] == article["page_id"])
    assert BLOT in page["text"]
    assert not [phrase for phrase in phrases(article["text"]) if phrase in everything(lake)]
    covered = "".join(page["text"][span["start"] : span["end"]] for span in page["spans"])
    assert covered == page["text"]


def test_a_redacted_page_cannot_be_given_back(seeds_lake: Path) -> None:
    """`rebuild` says why, and gives no bytes that the page never had."""
    lake = Lake(seeds_lake)
    article = next(row for row in rows(lake, "articles") if row["articles_in_page"] > 2)
    take_down(lake, articles=(article["article_id"],))
    with pytest.raises(SettingError, match="forgotten"):
        rebuild_page(lake, article["page_id"])


def test_a_source_is_gone_and_others_may_have_its_texts(filled: Lake, desk: Any) -> None:
    """All of a source's pages go; a text that another source brings is not on the list."""
    take_down(filled, sources=("orsten",))
    assert {row["source"] for row in rows(filled, "pages")} == {"zz-mirror"}
    assert {row["source"] for row in rows(filled, "learned")} <= {"zz-mirror"}
    assert {row["kind"] for row in rows(filled, "forgotten")} == {"source"}


def test_what_it_taught_is_taken_back(filled: Lake) -> None:
    """The source's pages are counted without the forgotten one."""
    before = taught_by(filled)
    take_down(filled, urls=("https://orsten.example/two",))
    after = taught_by(filled)
    assert after.get("orsten", 0) == before["orsten"] - 1
    assert after["zz-mirror"] == before["zz-mirror"]


def test_the_list_says_nothing_of_the_content(filled: Lake) -> None:
    """Hashes only."""
    take_down(filled, urls=("https://orsten.example/two",))
    kinds = {row["kind"]: row["hash"] for row in rows(filled, "forgotten")}
    assert set(kinds) == {"url", "text"}
    assert all(set(one) <= set("0123456789abcdef") for one in kinds.values())


def test_runs_says_what_and_why(filled: Lake) -> None:
    """The takedown has a row of its own."""
    done = take_down(filled, urls=("https://orsten.example/two",))
    run = next(row for row in rows(filled, "runs") if row["run_id"] == done.run_id)
    assert run["flow"] == "forget"
    assert run["message"] == "editor: the author asked"
    assert json.loads(run["settings"])["urls"] == ["https://orsten.example/two"]


def test_a_dry_run_changes_nothing(filled: Lake) -> None:
    """It counts what the real one does."""
    before = everything(filled)
    planned = take_down(filled, urls=("https://orsten.example/one",), dry_run=True)
    assert everything(filled) == before
    done = take_down(filled, urls=("https://orsten.example/one",))
    assert asdict(planned) | {"run_id": ""} == asdict(done) | {"run_id": ""}


def test_a_dry_run_counts_rejects_and_pages_that_go_whole(seeds_lake: Path) -> None:
    """A named place has rejects only; a page is named, and so is an article that stands on it."""
    lake = Lake(seeds_lake)
    article = rows(lake, "articles")[0]
    uris = (article["source_uri"], rows(lake, "rejects")[0]["source_uri"])
    named = {"source_uris": uris, "articles": (article["article_id"],)}
    planned, done = take_down(lake, **named, dry_run=True), take_down(lake, **named)
    assert (done.pages, done.redacted, done.rejects) == (1, 0, 1)
    assert asdict(planned) | {"run_id": ""} == asdict(done) | {"run_id": ""}


def test_nothing_twice(filled: Lake) -> None:
    """A second takedown of the same finds nothing, and does no harm."""
    take_down(filled, urls=("https://orsten.example/two",))
    before = everything(filled)
    done = take_down(filled, urls=("https://orsten.example/two",))
    assert (done.pages, done.published) == (0, 0)
    assert everything(filled) == before


def test_an_unknown_article_is_a_clear_error(filled: Lake) -> None:
    """It says that no article has the id, and where ids are."""
    with pytest.raises(SettingError, match="no article"):
        take_down(filled, articles=("0123456789abcdef",))


def test_an_address_in_another_form_is_the_same(filled: Lake) -> None:
    """A last slash or a fragment makes no other page."""
    assert take_down(filled, urls=("https://orsten.example/two/#top",)).pages == 1


def test_the_command_says_what_it_did(filled: Lake) -> None:
    """Counts, and the run that has the row."""
    command = ["forget", "--url", "https://orsten.example/two", "--why", "court order"]
    done = CliRunner().invoke(app, [*command, "--lake", str(filled.root)])
    assert done.exit_code == 0, done.output
    assert "1 page" in done.output
    assert not read(filled, "pages", where=pc.field("url") == command[2]).num_rows


def test_redaction_keeps_length_and_cover() -> None:
    """Offsets stay; a list of titles loses the forgotten one's."""
    text = "Top\nA bridge reopened\nA bridge reopened\nIt did.\n"
    spans = [
        Span(0, 4, "boilerplate"),
        Span(4, 22, "boilerplate", None, "menu"),
        Span(22, 40, "title", 0),
        Span(40, 48, "body", 0),
    ]
    blotted, redacted = redact(text, spans, {0})
    assert len(blotted) == len(text)
    title = ["█", "██████", "████████"]
    assert blotted.split() == ["Top", *title, *title, "██", "████"]
    assert [span.rule for span in redacted] == [None, "forgotten", "forgotten", "forgotten"]
    assert {span.label for span in redacted} <= set(LABELS)
