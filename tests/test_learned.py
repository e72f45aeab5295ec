"""What a source's other pages taught: templates, counts, states, and what is cut for them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lake import commit
from tasks.lake.layout import Lake
from tasks.lake.learn import MIN_ACTIVE, MIN_PROPOSED, state_of
from tasks.lake.tables import create_tables, read
from tasks.read.plan import Plan, plan_shards
from tasks.read.refs import InputRef, ShardRef
from tasks.rules import load_rules
from tasks.schemas import LEARNED, TABLES
from tasks.text.cut import cut
from tasks.text.page import Span, rebuild
from tasks.text.templates import (
    LONGEST_FURNITURE,
    MASK,
    SeenLine,
    learned_rule,
    paragraph_template,
    seen_lines,
    template_of,
)
from tasks.work import plan
from tasks.work.judge import judge_template

Story = Callable[[int], str]
Write = Callable[..., Path]

HOUSE_LINE = "The Orsten Lamp is written, printed and delivered by people who live in the valley."
SYNDICATED = (
    "The regional water company said in a statement to all newspapers of the valley that it would "
    "answer every letter within six weeks, that no household would pay more than before, and that "
    "the reservoir would be open to visitors from the first warm weekend of the year."
)
RULES = load_rules()


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("Read 12 more stories", "Read # more stories"),
        ("Read   3\tmore stories", "Read # more stories"),
        ("Printed Tuesday, March 4, 2025 at 10:05 AM EST", "Printed # at #"),
        ("Printed Friday, 12 May 2023 at 9:30 pm", "Printed # at #"),
        ("Gedruckt am Dienstag, 4. März 2025", "Gedruckt am #"),
        ("© 2019–2025 The Orsten Lamp", "© # The Orsten Lamp"),
        ("Our 3rd edition, $1.50, 40% recycled", "Our # edition, # recycled"),
        ("COVID-19 ward", "COVID-# ward"),
        ("Share", "Share"),
    ],
)
def test_numbers_and_dates_are_masked(line: str, template: str) -> None:
    """What differs from day to day is one mask, and white space is folded."""
    assert template_of(line) == template


@pytest.mark.parametrize("line", ["", "   ", "4 March 2025", "12:30", "* * *", SYNDICATED])
def test_what_cannot_be_furniture_has_no_template(line: str) -> None:
    """A line without a word of its own, or as long as a paragraph."""
    assert template_of(line) is None


@given(st.text(max_size=300))
def test_a_template_is_its_own_template(line: str) -> None:
    """Masking is done once and for all, on any text."""
    template = template_of(line)
    if template is not None:
        assert len(template) <= LONGEST_FURNITURE
        assert template_of(template) == template


def test_a_rule_id_names_source_and_template() -> None:
    """The hash is the beginning of the template's sha256."""
    digest = hashlib.sha256(b"Share").hexdigest()[:8]
    assert learned_rule("orsten.example", "Share") == f"learned.orsten.example.{digest}"


PAGE = f"Home\nA title of 2025\n{SYNDICATED}\nAsides\n{SYNDICATED}\nRead 4 more\nRead 5 more\n"


def spans_of(text: str, labels: Mapping[str, str]) -> list[Span]:
    """A span a line; lines that ``labels`` doesn't name are body."""
    spans, at = [], 0
    for line in text.splitlines(keepends=True):
        label: Any = labels.get(line.strip(), "body")
        article = None if label == "boilerplate" else 0
        spans.append(Span(at, at + len(line), label, article))
        at += len(line)
    return spans


@pytest.fixture
def seen() -> dict[str, SeenLine]:
    """What ``PAGE`` teaches, by template."""
    labels = {"Home": "boilerplate", "A title of 2025": "title", "Asides": "heading"}
    return {one.template: one for one in seen_lines(PAGE, spans_of(PAGE, labels))}


def test_metadata_teaches_nothing(seen: dict[str, SeenLine]) -> None:
    """Titles, bylines, dates and the like are no furniture."""
    assert list(seen) == ["Home", SYNDICATED, "Asides", "Read # more"]


def test_a_paragraph_that_is_no_text_teaches_nothing() -> None:
    """What was cut already need not be offered; nor what is longer than a disclaimer."""
    page = f"{SYNDICATED}\n{SYNDICATED * 4}\n"
    assert seen_lines(page, spans_of(page, {SYNDICATED: "boilerplate"})) == []


def test_a_paragraph_s_template_is_told_from_a_line_s() -> None:
    """By its length: one that is short once its numbers are masked is neither."""
    assert paragraph_template(SYNDICATED) == SYNDICATED
    assert paragraph_template("12 " * 80 + "stories") is None
    assert paragraph_template("Read 12 more stories") is None


def test_a_template_counts_once_a_page(seen: dict[str, SeenLine]) -> None:
    """Where it stands on several lines, the first is the example."""
    assert seen["Read # more"].text == "Read 4 more"


def test_kept_is_what_the_cutter_took_for_text(seen: dict[str, SeenLine]) -> None:
    """Body and headings are kept, boilerplate is not."""
    assert [one.is_kept for one in seen.values()] == [False, True, True, True]


def test_within_is_between_paragraphs(seen: dict[str, SeenLine]) -> None:
    """A line below the last paragraph is not within the story."""
    assert [one.is_within for one in seen.values()] == [False, False, True, False]


def test_position_runs_from_top_to_bottom(seen: dict[str, SeenLine]) -> None:
    """The first line is at 0; five of six lines down is 5/6."""
    assert [one.position for one in seen.values()] == [0.0, 1 / 3, 0.5, 5 / 6]


def facts(**given: Any) -> dict[str, Any]:
    """A row of ``learned``: a line on all of twelve pages, kept at their end."""
    row = {
        "template": "Read the Lamp",
        "pages": 12,
        "source_pages": 12,
        "kept": 12,
        "within": 0,
        "state": "seen",
        "decided_by": None,
    }
    return {**row, **given}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (facts(), "active"),
        (facts(pages=MIN_ACTIVE, source_pages=MIN_ACTIVE), "active"),
        (facts(pages=MIN_ACTIVE - 1, source_pages=MIN_ACTIVE - 1), "proposed"),
        (facts(pages=MIN_PROPOSED - 1, source_pages=MIN_PROPOSED - 1), "seen"),
        (facts(source_pages=25), "proposed"),
        (facts(source_pages=25, state="active"), "active"),
        (facts(source_pages=60, state="active"), "proposed"),
        (facts(state="revoked", decided_by="ida"), "revoked"),
        (facts(pages=1, state="active", decided_by="ida"), "active"),
        (facts(within=12), "proposed"),
        (facts(within=12, template="Read the Lamp every day."), "active"),
        (facts(within=12, template="Shares rose # points."), "proposed"),
        (facts(within=5, kept=5), "active"),
        (facts(template=""), "seen"),
        (facts(template=SYNDICATED), "proposed"),
        (facts(template=SYNDICATED, pages=4), "seen"),
        (facts(template=SYNDICATED, state="active", decided_by="ida"), "active"),
    ],
)
def test_counts_and_people_decide(row: dict[str, Any], state: str) -> None:
    """Pages, share, place in the story; and a person's word over all of them."""
    assert state_of(row) == state


@pytest.fixture
def write(tmp_path: Path, story: Story) -> Write:
    """Write pages of one source: some numbers of stories, with lines under each."""

    def pages(numbers: range, *lines: str, source: str = "orsten-lamp") -> Path:
        folder = tmp_path / source
        folder.mkdir(exist_ok=True)
        for number in numbers:
            below = "".join(f"\n{line.format(number)}\n" for line in lines)
            (folder / f"{number:03d}.txt").write_text(story(number) + below)
        return folder

    return pages


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Where a lake will be."""
    return tmp_path / "lake"


def ingest(desk: Any, lake: Path, run_id: str, source: Path) -> None:
    """A run from beginning to end."""
    with desk(lake, run_id, source) as run:
        run.work_through()


def learned(lake: Path) -> dict[str, dict[str, Any]]:
    """Rows of ``learned`` by template, of a lake with one source."""
    return {row["template"]: row for row in read(Lake(lake), "learned").to_pylist()}


def texts(lake: Path, run_id: str) -> list[str]:
    """Texts of the articles that a run published."""
    rows = read(Lake(lake), "articles").to_pylist()
    return [row["text"] for row in rows if row["run_id"] == run_id]


def rules_on(lake: Path, run_id: str) -> list[dict[str | None, str]]:
    """What each rule cut on each page of a run."""
    return [
        {span["rule"]: page["text"][span["start"] : span["end"]] for span in page["spans"]}
        for page in read(Lake(lake), "pages").to_pylist()
        if page["run_id"] == run_id
    ]


@pytest.fixture
def taught(desk: Any, lake: Path, write: Write) -> Path:
    """A lake that was taught by 12 pages with a house line and a syndicated paragraph."""
    ingest(desk, lake, "first", write(range(12), SYNDICATED, HOUSE_LINE))
    return lake


def test_a_house_line_is_kept_as_long_as_nothing_taught_otherwise(taught: Path) -> None:
    """A run cuts by what was known at its start: the first knows nothing."""
    assert all(HOUSE_LINE in text for text in texts(taught, "first"))


def test_a_house_line_is_learned(taught: Path) -> None:
    """On all of 12 pages it is active by itself, with where and when it was seen."""
    row = learned(taught)[HOUSE_LINE]
    told = {name: row[name] for name in ("state", "pages", "source_pages", "kept", "position")}
    assert told == {
        "state": "active",
        "pages": 12,
        "source_pages": 12,
        "kept": 12,
        "position": 1.0,
    }


def test_the_next_run_cuts_it(desk: Any, taught: Path, write: Write) -> None:
    """Its span names the source and the template; the article ends where its story ends."""
    ingest(desk, taught, "second", write(range(12, 15), SYNDICATED, HOUSE_LINE))
    rule = learned_rule("orsten-lamp", HOUSE_LINE)
    assert not any(HOUSE_LINE in text for text in texts(taught, "second"))
    assert [cut_by[rule].strip() for cut_by in rules_on(taught, "second")] == [HOUSE_LINE] * 3


def test_a_syndicated_paragraph_stays(desk: Any, taught: Path, write: Write) -> None:
    """It is text on however many pages it stands: offered to a person, and not cut."""
    ingest(desk, taught, "second", write(range(12, 15), SYNDICATED, HOUSE_LINE))
    assert all(SYNDICATED in text for text in texts(taught, "second"))
    row = learned(taught)[SYNDICATED]
    told = (row["state"], row["pages"], row["source_pages"], row["decided_by"])
    assert told == ("proposed", 15, 15, None)


def test_an_approved_paragraph_is_cut(desk: Any, taught: Path, write: Write) -> None:
    """Once a person says that it is a disclaimer and no story's text."""
    rule = learned_rule("orsten-lamp", SYNDICATED)
    judge_template(Lake(taught), rule, "active", "ida", 10)
    ingest(desk, taught, "second", write(range(12, 15), SYNDICATED))
    assert not any(SYNDICATED in text for text in texts(taught, "second"))
    assert [cut_by[rule].strip() for cut_by in rules_on(taught, "second")] == [SYNDICATED] * 3


def test_copies_of_one_article_offer_no_paragraph(desk: Any, lake: Path, write: Write) -> None:
    """Its paragraphs stand on seven pages, and in one story."""
    folder = write(range(1), SYNDICATED)
    page = (folder / "000.txt").read_text()
    for number in range(1, 7):
        (folder / f"{number:03d}.txt").write_text(page)
    ingest(desk, lake, "first", folder)
    row = learned(lake)[SYNDICATED]
    assert (row["state"], row["pages"]) == ("seen", 1)


def test_versions_of_one_story_offer_no_paragraph(
    desk: Any, lake: Path, write: Write, story: Story
) -> None:
    """Each is published and supersedes the one before; they are one story."""
    folder = write(range(1), SYNDICATED)
    page = (folder / "000.txt").read_text()
    for day in range(5, 11):
        page += "\n" + story(day).split("\n\n")[3] + "\n"
        dated = page.replace("March 4, 2025", f"March {day}, 2025")
        (folder / f"{day:03d}.txt").write_text(dated)
    ingest(desk, lake, "first", folder)
    links = [row["supersedes"] for row in read(Lake(lake), "articles").to_pylist()]
    assert sum(link is not None for link in links) >= 4
    row = learned(lake)[SYNDICATED]
    assert (row["state"], row["pages"]) == ("seen", 1)


def test_counts_go_on_from_run_to_run(desk: Any, taught: Path, write: Write) -> None:
    """Pages are added up, positions averaged, and first seen stays."""
    before = learned(taught)[HOUSE_LINE]
    ingest(desk, taught, "second", write(range(12, 18), HOUSE_LINE, "Printed in {} copies"))
    after = learned(taught)[HOUSE_LINE]
    assert (after["pages"], after["source_pages"], after["kept"]) == (18, 18, 12)
    assert after["first_seen"] == before["first_seen"] < after["last_seen"]
    assert 0.9 < after["position"] < 1.0


def test_numbers_don_t_hide_a_house_line(desk: Any, lake: Path, write: Write) -> None:
    """Lines that differ in a number or a day are one template, with one of them as example."""
    ingest(desk, lake, "first", write(range(12), "The Orsten Lamp printed {}00 copies of this"))
    row = learned(lake)[f"The Orsten Lamp printed {MASK} copies of this"]
    assert (row["pages"], row["state"]) == (12, "active")
    assert row["example"] == "The Orsten Lamp printed 000 copies of this"


def test_too_few_pages_cut_nothing(desk: Any, lake: Path, write: Write) -> None:
    """One page less than it takes: the line is proposed, and stays in the next run's articles."""
    ingest(desk, lake, "first", write(range(MIN_ACTIVE - 1), HOUSE_LINE))
    assert learned(lake)[HOUSE_LINE]["state"] == "proposed"
    ingest(desk, lake, "second", write(range(20, 21), HOUSE_LINE))
    assert all(HOUSE_LINE in text for text in texts(lake, "second"))


def test_a_line_on_a_lesser_part_of_the_pages_is_not_cut(
    desk: Any, lake: Path, write: Write
) -> None:
    """Half of the source's pages must have it."""
    write(range(12), HOUSE_LINE)
    ingest(desk, lake, "first", write(range(12, 26)))
    assert learned(lake)[HOUSE_LINE]["state"] == "proposed"


def test_what_one_source_taught_says_nothing_of_another(
    desk: Any, taught: Path, write: Write
) -> None:
    """The same line on another source's page stays."""
    ingest(desk, taught, "second", write(range(30, 31), HOUSE_LINE, source="hill-post"))
    assert all(HOUSE_LINE in text for text in texts(taught, "second"))


def test_copies_teach_nothing(desk: Any, lake: Path, write: Write, story: Story) -> None:
    """One page under twelve names is one page that was published."""
    folder = write(range(0))
    for number in range(12):
        (folder / f"copy-{number}.txt").write_text(f"{story(1)}\n{HOUSE_LINE}\n")
    ingest(desk, lake, "first", folder)
    assert learned(lake)[""]["pages"] == 1
    assert learned(lake)[HOUSE_LINE]["pages"] == 1


def test_what_was_chance_is_forgotten(desk: Any, lake: Path, write: Write) -> None:
    """A line on one of many pages is dropped; the source's own row counts them all."""
    write(range(1), "Seen once and never again")
    ingest(desk, lake, "first", write(range(1, 15), HOUSE_LINE))
    assert "Seen once and never again" not in learned(lake)
    assert learned(lake)[""]["pages"] == 15


def counts(lake: Path) -> dict[str, tuple[int, float]]:
    """Pages and position of each template."""
    return {one: (row["pages"], row["position"]) for one, row in learned(lake).items()}


def test_a_publication_tried_again_counts_once(
    desk: Any, taught: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed after `learned` was committed, the step is taken again: nothing is added twice."""
    with desk(taught, "second", write(range(12, 18), HOUSE_LINE)) as run:
        run.recover()
        run.plan()
        run.cut()
        run.decide()
        with monkeypatch.context() as broken, suppress(OSError):
            broken.setattr(commit, "remove_intent", fail)
            run.publish()
        assert counts(taught)[HOUSE_LINE][0] == 18
        run.publish()
    assert counts(taught)[HOUSE_LINE][0] == counts(taught)[""][0] == 18


def fail(*_: object) -> None:
    """The disk fails here."""
    raise OSError("the disk went away")


def test_a_publication_that_died_is_counted_once(
    desk: Any, taught: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run finishes it, and adds its own."""
    with suppress(OSError), desk(taught, "second", write(range(12, 18), HOUSE_LINE)) as run:
        monkeypatch.setattr(commit, "remove_intent", fail)
        run.work_through()
    monkeypatch.undo()
    ingest(desk, taught, "third", write(range(18, 20), HOUSE_LINE))
    assert counts(taught)[HOUSE_LINE][0] == counts(taught)[""][0] == 20


def test_two_runs_at_once_count_a_page_once(desk: Any, lake: Path, write: Write) -> None:
    """What another published meanwhile was counted by it."""
    source = write(range(6), HOUSE_LINE)
    with desk(lake, "one", source) as one, desk(lake, "other", source) as other:
        for run in (one, other):
            run.recover()
            run.plan()
        write(range(6, 12), HOUSE_LINE)
        other.plan()
        one.finish()
        other.finish()
    assert counts(lake)[HOUSE_LINE][0] == counts(lake)[""][0] == 12


class DiedError(Exception):
    """A run's process ends here."""


def test_shards_of_a_dead_run_teach_the_same(
    desk: Any, lake: Path, tmp_path: Path, write: Write
) -> None:
    """Taken over, they count as if cut by the run that publishes them."""
    source = write(range(12), HOUSE_LINE)
    with suppress(DiedError), desk(lake, "dead", source) as dead:
        dead.recover()
        dead.plan()
        dead.cut()
        raise DiedError
    ingest(desk, lake, "next", source)
    ingest(desk, tmp_path / "undisturbed", "alone", source)
    assert counts(lake) == counts(tmp_path / "undisturbed")


def test_counts_don_t_hang_on_shards(
    desk: Any, lake: Path, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard a page teaches what one shard of all pages does."""
    source = write(range(12), HOUSE_LINE, "Printed in {} copies")

    def plan_singles(refs: Sequence[InputRef], *room: Any, **sizes: Any) -> Plan:
        planned = plan_shards(refs, *room, **sizes)
        parts = [part for shard in planned.shards for part in shard.parts]
        singles = [ShardRef(f"single-{n:03d}", (part,), 1, 1) for n, part in enumerate(parts)]
        return replace(planned, shards=tuple(singles))

    ingest(desk, lake, "whole", source)
    monkeypatch.setattr(plan, "plan_shards", plan_singles)
    ingest(desk, tmp_path / "singles", "parted", source)
    assert counts(lake) == counts(tmp_path / "singles")


def test_an_older_lake_gets_the_columns_that_it_lacks(
    desk: Any, lake: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake made before there were counts is taught like a new one."""
    few = ("source", "template", "pages", "position", "first_seen", "last_seen", "state", "run_id")
    old = replace(LEARNED, schema=pa.schema([LEARNED.schema.field(name) for name in few]))
    with monkeypatch.context() as before:
        before.setitem(TABLES, "learned", old)
        create_tables(Lake(lake))
    ingest(desk, lake, "first", write(range(12), HOUSE_LINE))
    assert learned(lake)[HOUSE_LINE]["kept"] == 12


def test_shards_cut_by_other_knowledge_are_cut_again(desk: Any, lake: Path, write: Write) -> None:
    """What a run cut before the line was learned is not taken over when it dies after."""
    folder = write(range(14), HOUSE_LINE)
    early, late = sorted(folder.iterdir())[:12], sorted(folder.iterdir())[12:]
    with suppress(DiedError), desk(lake, "slow", *late) as slow:
        slow.recover()
        slow.plan()
        slow.cut()
        with desk(lake, "meanwhile", *early) as run:
            run.work_through()
        raise DiedError
    with desk(lake, "next", *late) as run:
        assert len(run.recover().shards) == 1
        assert run.plan().staged == ()
        run.finish()
    assert not any(HOUSE_LINE in text for text in texts(lake, "next"))


REPORT = [
    "Winds will turn to the north by the evening and bring the first clear night since Sunday.",
    "Snow will fall above the reservoir and may close the upper road to the quarry for some hours.",
    "The ferry will run by its winter table, as the council decided for the rest of the season.",
]


def test_a_story_made_of_learned_lines_is_spared() -> None:
    """Where a template made the whole story, as of a weather report, nothing is cut from it."""
    text = "\n\n".join(["The weather over Orsten today", "By Ilse Tornquist", *REPORT]) + "\n"
    rules = {line: learned_rule("orsten", line) for line in REPORT[:2]}
    assert all(line in cut(text, RULES).articles[0].text for line in REPORT)
    assert cut(text, RULES, learned=rules) == cut(text, RULES)


def test_a_lesser_part_of_a_story_is_not_spared() -> None:
    """One line of three goes."""
    text = "\n\n".join(["The weather over Orsten today", "By Ilse Tornquist", *REPORT]) + "\n"
    rules = {REPORT[2]: learned_rule("orsten", REPORT[2])}
    (article,) = cut(text, RULES, learned=rules).articles
    assert article.text == "\n\n".join(REPORT[:2])


@given(st.lists(st.text(max_size=40) | st.sampled_from(REPORT), max_size=12))
def test_any_page_comes_back_whatever_was_learned(lines: list[str]) -> None:
    """Spans cover the text once, though every line of it is to be cut."""
    text = "\n".join(lines)
    active = dict.fromkeys(filter(None, map(template_of, lines)), "learned.x.0")
    assert rebuild(text, cut(text, RULES, learned=active).spans) == text


def test_metadata_is_never_cut_for_what_was_learned(story: Story) -> None:
    """A title, a byline and a date stay, though their templates be active."""
    text = story(3)
    active = {
        template: "learned.x.0" for line in text.splitlines() if (template := template_of(line))
    }
    plain, learned_cut = cut(text, RULES), cut(text, RULES, learned=active)
    assert learned_cut.articles == plain.articles
    assert active
