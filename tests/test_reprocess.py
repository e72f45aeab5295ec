"""Stored pages cut again: only what today's rules change, in one step, with verdicts anew."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.learned import snapshot_active
from tasks.lake.lock import lake_lock
from tasks.lake.restore import rebuild_page
from tasks.lake.runs import Run
from tasks.lake.staging import claim_staging
from tasks.lake.tables import open_table, read
from tasks.read.refs import Limits
from tasks.report.html.page import render_report
from tasks.report.html.told import find_run
from tasks.versions import run_versions
from tasks.work.forget import forget
from tasks.work.job import Job
from tasks.work.recut import recut_shard
from tasks.work.replace import replace_pages
from tasks.work.selection import Selection, check_sources, plan_recut
from tasks.work.targets import Targets

Story = Callable[[int], str]

HOUSE_LINE = "This story was first told to the night desk of the Orsten Lamp by a reader of it."

PACK = """
[[rule]]
id      = "orsten.night-desk"
why     = "A line that the paper puts into its stories."
scope   = "line"
match   = 'This story was first told to the night desk of .*'
removes = ["This story was first told to the night desk of the Orsten Lamp by a reader of it."]
keeps   = ["This story was first told at night."]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A rule pack that cuts the house line."""
    file = tmp_path / "orsten.toml"
    file.write_text(PACK)
    return file


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Where a lake will be."""
    return Lake(tmp_path / "lake")


def with_line(text: str) -> str:
    """A story with the house line between its paragraphs."""
    *before, last = text.rstrip().split("\n\n")
    return "\n\n".join([*before, HOUSE_LINE, last]) + "\n"


@pytest.fixture
def feed(tmp_path: Path, story: Story) -> Path:
    """Two stories with the house line, and one without, of two sources."""
    file = tmp_path / "feed.jsonl"
    records = [
        {"text": with_line(story(1)), "source": "orsten"},
        {"text": with_line(story(2)), "source": "valley"},
        {"text": story(3), "source": "valley"},
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return file


def ingest(lake: Lake, desk: Any, run_id: str, *sources: Path) -> None:
    """Take some sources the whole way."""
    with desk(lake.root, run_id, *sources) as run:
        run.work_through()


def recut(
    lake: Lake,
    run_id: str,
    packs: Sequence[Path],
    selection: Selection | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> dict[str, int]:
    """Reprocess without Prefect: what `flows.reprocess` does."""
    versions = run_versions(packs)
    now, selection = datetime.now(UTC), selection or Selection()
    run = Run(run_id, f"reprocess {run_id}", "reprocess", now, lake, "{}", versions)
    with claim_staging(lake, run_id, run.facts) as folder:
        snapshot_active(lake, folder)
        job = Job(
            lake=lake,
            folder=folder,
            run_id=run_id,
            started_at=now,
            limits=Limits(),
            page_seconds=30.0,
            rule_packs=tuple(packs),
            digest="",
            versions=versions,
            selection=selection,
        )
        planned = plan_recut(lake, selection, versions["rules"], folder)
        shards = [recut_shard(one, job) for one in planned]
        meanwhile()
        with lake_lock(lake, run.name, 10):
            done = replace_pages(run, shards, "near", folder, guard=True)
    return done.counts


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return read(lake, table).to_pylist()


def test_only_what_the_rules_change_is_replaced(
    lake: Lake, desk: Any, feed: Path, pack: Path
) -> None:
    """Two articles lose the line; the third keeps its row, and the run that wrote it."""
    ingest(lake, desk, "first", feed)
    counts = recut(lake, "again", [pack])
    assert (counts["pages_examined"], counts["pages_changed"]) == (3, 2)
    assert counts["articles_changed"] == 2
    articles = rows(lake, "articles")
    assert len(articles) == 3
    assert not [row for row in articles if HOUSE_LINE in row["text"]]
    assert sorted(row["run_id"] for row in articles) == ["again", "again", "first"]


def test_its_report_says_what_changed(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """How many pages, and the line that is cut now, in the lake's words of this run alone."""
    ingest(lake, desk, "first", feed)
    recut(lake, "again", [pack])
    html = render_report(lake, find_run(lake, "again"))
    assert "3 pages cut again: 2 changed, with 2 articles published." in html
    assert f"<del>{HOUSE_LINE}</del>" in html
    assert "2 articles of this run in the lake" in html


def test_ids_days_and_first_receipt_stay(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """Readers find a changed article under its id, in its partition, received when it was."""
    ingest(lake, desk, "first", feed)
    stable = ("article_id", "ingested_at", "ingest_date", "source", "published_at")
    before = {tuple(row[name] for name in stable) for row in rows(lake, "articles")}
    recut(lake, "again", [pack])
    assert {tuple(row[name] for name in stable) for row in rows(lake, "articles")} == before


def test_every_page_rebuilds(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """Recut pages give back their bytes."""
    ingest(lake, desk, "first", feed)
    before = {row["page_id"]: rebuild_page(lake, row["page_id"]) for row in rows(lake, "pages")}
    recut(lake, "again", [pack])
    assert {row["page_id"]: rebuild_page(lake, row["page_id"]) for row in rows(lake, "pages")} == (
        before
    )


def test_a_second_time_nothing_changes(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """No table but `runs` has a new version."""
    ingest(lake, desk, "first", feed)
    recut(lake, "again", [pack])
    before = {name: open_table(lake, name).version() for name in ("pages", "articles", "bands")}
    counts = recut(lake, "once-more", [pack])
    assert counts.get("pages_changed", 0) == 0
    assert {name: open_table(lake, name).version() for name in before} == before


def test_the_index_follows(lake: Lake, desk: Any, feed: Path, pack: Path, story: Story) -> None:
    """A copy of a changed article that comes later is withheld against its new text."""
    ingest(lake, desk, "first", feed)
    recut(lake, "again", [pack])
    prints = rows(lake, "fingerprints")
    assert {row["article_id"] for row in prints} == {
        row["article_id"] for row in rows(lake, "articles")
    }
    assert {row["number"] for row in rows(lake, "bands")} == {row["number"] for row in prints}
    copy = feed.with_name("copy.txt")
    copy.write_text(story(1))
    ingest(lake, desk, "second", copy)
    assert [row["kind"] for row in rows(lake, "duplicates")] == ["exact"]


def test_sources_and_days_select(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """Other pages are not even looked at."""
    ingest(lake, desk, "first", feed)
    counts = recut(lake, "later", [pack], Selection(since=date(2999, 1, 1)))
    assert counts.get("pages_examined", 0) == 0
    counts = recut(lake, "again", [pack], Selection(sources=("orsten",)))
    assert counts["pages_examined"] == 1
    assert {row["source"] for row in rows(lake, "pages") if row["run_id"] == "again"} == {"orsten"}


NOTES_PACK = """
[[rule]]
id      = "orsten.notes"
why     = "Notes that do not belong to the story."
scope   = "line"
match   = 'Night desk note: .*'
removes = ["Night desk note: the council met."]
keeps   = ["The night desk made a note."]
"""


@pytest.fixture
def noted(tmp_path: Path, story: Story) -> tuple[Path, Path]:
    """A story of two sources of which more than half is notes, and the pack that cuts them."""
    sentences = ". ".join(story(number) for number in (5, 6, 7)).split(". ")
    notes = [f"Night desk note: {one}." for one in sentences if "\n" not in one]
    *before, last = story(1).rstrip().split("\n\n")
    text = "\n\n".join([*before, *notes, last])
    file = tmp_path / "noted.jsonl"
    records = [{"text": text, "source": source} for source in ("orsten", "valley")]
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    pack = tmp_path / "notes.toml"
    pack.write_text(NOTES_PACK)
    return file, pack


def test_a_copy_whose_original_changed_is_decided_anew(
    lake: Lake, desk: Any, noted: tuple[Path, Path]
) -> None:
    """Withheld against a text of which half is gone, it is published, with its fingerprint."""
    feed, pack = noted
    ingest(lake, desk, "first", feed)
    (copy,) = rows(lake, "duplicates")
    kept = next(row for row in rows(lake, "articles"))
    counts = recut(lake, "again", [pack], Selection(sources=(kept["source"],)))
    assert counts["articles_released"] == 1
    assert not rows(lake, "duplicates")
    published = {row["article_id"]: row for row in rows(lake, "articles")}
    assert published.keys() == {copy["article_id"], kept["article_id"]}
    assert published[copy["article_id"]]["text"] == copy["text"]
    assert {row["article_id"] for row in rows(lake, "fingerprints")} == published.keys()


def test_what_is_published_stays_published(lake: Lake, desk: Any, noted: tuple[Path, Path]) -> None:
    """Where original and copy change alike, the copy stays withheld, with its new measures."""
    feed, pack = noted
    ingest(lake, desk, "first", feed)
    before = {row["article_id"] for row in rows(lake, "articles")}
    counts = recut(lake, "again", [pack])
    assert counts["articles_changed"] == 2
    assert {row["article_id"] for row in rows(lake, "articles")} == before
    (copy,) = rows(lake, "duplicates")
    assert "Night desk note" not in copy["text"]
    assert (copy["kind"], copy["run_id"]) == ("exact", "again")


def test_the_difference_says_what_goes(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """Line by line, as `--dry-run` shows it."""
    ingest(lake, desk, "first", feed)
    versions = run_versions([pack])
    run = Run("dry", "dry", "reprocess", datetime.now(UTC), lake, "{}", versions)
    with claim_staging(lake, "dry", run.facts) as folder:
        snapshot_active(lake, folder)
        job = Job(lake, folder, "dry", run.started_at, Limits(), 30.0, (pack,), "", versions)
        (planned,) = plan_recut(lake, Selection(), versions["rules"], folder)
        shard = recut_shard(planned, job)
        gone = [[line for line in one["lines"] if line[0] == "-"] for one in shard.diffs]
    assert gone == [[f"-{HOUSE_LINE}"], [f"-{HOUSE_LINE}"]]


def test_a_page_taken_down_meanwhile_stays_gone(
    lake: Lake, desk: Any, feed: Path, pack: Path
) -> None:
    """Between cutting and publishing a takedown may come: its page is not put back."""
    ingest(lake, desk, "first", feed)

    def take_down() -> None:
        forget(lake, Targets(sources=("orsten",)), "asked", "editor")

    counts = recut(lake, "again", [pack], meanwhile=take_down)
    assert counts["pages_left_alone"] == 1
    assert {row["source"] for row in rows(lake, "pages")} == {"valley"}


def test_runs_has_the_books(lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """A row of its own: pages examined and changed, and what the rules cut."""
    ingest(lake, desk, "first", feed)
    recut(lake, "again", [pack])
    run = next(row for row in rows(lake, "runs") if row["run_id"] == "again")
    assert (run["flow"], run["state"]) == ("reprocess", "completed")
    assert dict(run["counts"])["pages_changed"] == 2
    assert dict(run["rules"])["orsten.night-desk"] == 2


@pytest.mark.flow
def test_the_command(copydesk: Any, lake: Lake, desk: Any, feed: Path, pack: Path) -> None:
    """A dry run shows the difference and changes nothing; the real one replaces."""
    ingest(lake, desk, "first", feed)
    command = ["reprocess", "--lake", lake.root, "--rules", pack]
    dry = copydesk(*command, "--dry-run")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    assert f"-{HOUSE_LINE}" in dry.stdout
    assert "2 would change" in dry.stdout
    assert {row["run_id"] for row in rows(lake, "articles")} == {"first"}
    done = copydesk(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [row for row in rows(lake, "articles") if HOUSE_LINE in row["text"]]


def test_a_source_that_is_not_there_is_refused(
    desk: Any, lake: Lake, tmp_path: Path, story: Story
) -> None:
    """And the message names those that are."""
    page = tmp_path / "orsten-lamp" / "1.txt"
    page.parent.mkdir()
    page.write_text(story(1))
    with desk(lake.root, "first", page) as run:
        run.work_through()
    check_sources(lake, ["orsten-lamp"])
    with pytest.raises(SettingError, match=r"nobody: .* Its sources are orsten-lamp\."):
        check_sources(lake, ["orsten-lamp", "nobody"])
