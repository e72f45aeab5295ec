"""`copydesk duplicates`: pairs and groups, for people and for programs."""

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.dedupe.decide import Withheld
from tasks.dedupe.verdicts import judge
from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.pairs import find_groups, find_pairs
from tasks.lake.tables import read
from tasks.report.run_page import group_rows
from tasks.report.side_by_side import find_differences, put_side_by_side
from tasks.report.summary import Summary, books_lines, largest_groups, summary_markdown

WRAPPED = """The lock keepers of the Tarrow canal have asked for a second boat after ice closed four
of their gates in one night.

Only one boat on the canal can break ice, and it was under repair when the frost came, said Maud
Illing, who speaks for the keepers. Barges with coal for two villages waited until noon the next
day.

The canal company said it would look for a boat that could be hired until spring, and thanked the
men who had cut the gates free by hand."""
STORY = "\n\n".join(" ".join(paragraph.split()) for paragraph in WRAPPED.split("\n\n"))
UPDATE = """

By evening the company had found a boat in the port of Selm, which is to arrive on Friday."""


@pytest.fixture(scope="module")
def lake(desk, tmp_path_factory):
    """A lake with a kept article, two copies, a revision and a story of its own. Don't write."""
    folder = tmp_path_factory.mktemp("pairs")
    pages = {
        "feed/a.txt": f"Ice shuts canal\n\nPublished 4 March 2025, 08:00 UTC\n\n{STORY}\n",
        "feed/b.txt": f"Ice shuts canal\n\nPublished 5 March 2025, 08:00 UTC\n\n{STORY}{UPDATE}\n",
        "other/c.txt": STORY.replace("four of", "several of"),
        "third/d.txt": STORY.upper(),
        "third/e.txt": "A ferry was sold. " * 3 + "It went to a buyer from the islands, who will "
        "use it as a café for people who come to see the seals.",
    }
    for name, text in pages.items():
        place = folder / "in" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    with desk(folder / "lake", "run", folder / "in") as run:
        run.work_through()
    return Lake(folder / "lake")


def run(lake, *arguments):
    """Run the command; its result."""
    return CliRunner().invoke(app, ["duplicates", *arguments, "--lake", str(lake.root)])


def ids(lake, table, name):
    """The id of the article of one page."""
    rows = read(lake, table, ["article_id", "source_uri"]).to_pylist()
    return next(row["article_id"] for row in rows if row["source_uri"].endswith(name))


def test_groups_are_listed_largest_first(lake):
    """A kept article with the number and the kinds of its copies."""
    groups = find_groups(lake, 10)
    assert sum(group.copies for group in groups) == read(lake, "duplicates").num_rows
    assert [group.copies for group in groups] == sorted((g.copies for g in groups), reverse=True)
    printed = run(lake)
    assert printed.exit_code == 0
    assert groups[0].kept_article_id in printed.output


def test_a_withheld_article_is_shown_beside_the_kept_one(lake):
    """With kind, measures, and what differs between signs, since this is no terminal."""
    printed = run(lake, ids(lake, "duplicates", "c.txt")).output
    assert "near: withheld as a copy" in printed
    assert "[-several-]" in printed
    assert "{+four+}" in printed
    assert "\x1b" not in printed
    (pair,) = find_pairs(lake, ids(lake, "duplicates", "c.txt"))
    assert f"Jaccard {pair.jaccard:.3f}, containment {pair.containment:.3f}" in printed


def test_a_kept_article_is_shown_with_each_of_its_copies(lake):
    """And with what it supersedes."""
    pairs = find_pairs(lake, ids(lake, "articles", "a.txt"))
    assert {pair.kind for pair in pairs} == {"exact", "near", "revision"}
    printed = run(lake, ids(lake, "articles", "a.txt")).output
    assert "revision: both are published" in printed
    assert "{+By evening" in " ".join(printed.split())


def test_json_has_measures_that_can_be_made_again(lake):
    """An object a pair: both rows, the measures, and what differs."""
    line = run(lake, ids(lake, "duplicates", "c.txt"), "--json").output
    told = json.loads(line)
    verdict = judge(told["copy"]["text"], told["kept"]["text"])
    assert (told["jaccard"], told["containment"]) == (verdict.jaccard, verdict.containment)
    assert told["differences"] == [{"copy": "several", "kept": "four"}]


def test_groups_as_json(lake):
    """An object a group."""
    told = [json.loads(line) for line in run(lake, "--json").output.splitlines()]
    assert told[0]["copies"] >= 1


def test_a_beginning_of_the_id_will_do(lake):
    """Of eight characters or more."""
    whole = ids(lake, "duplicates", "c.txt")
    assert run(lake, whole[:12]).output == run(lake, whole).output


@pytest.mark.parametrize(
    ("article", "message"),
    [("3f", "too short"), ("0" * 64, "no such article"), ("e.txt", "no article was withheld")],
)
def test_what_cannot_be_shown_is_said(lake, article, message):
    """An id that is too short, unknown, or of an article in no pair."""
    given = ids(lake, "articles", article) if article.endswith("txt") else article
    with pytest.raises(SettingError, match=message):
        find_pairs(lake, given)


@pytest.mark.parametrize(
    ("left", "right", "differences"),
    [
        ("one two three", "One “two” three", []),
        ("one two three", "one three", [("two", "")]),
        ("港务局周一批准计划", "港务局周二批准计划", [("一", "二")]),
        ("a b\n\nc d", "a b\n\nx y\n\nc d", [("", "x y")]),
    ],
)
def test_differences_are_those_of_words(left, right, differences):
    """Of characters in scripts without spaces; case, quotes and line ends do not count."""
    assert [(one.left, one.right) for one in find_differences(left, right)] == differences


def test_colour_takes_the_place_of_signs():
    """On a terminal."""
    table = put_side_by_side("a b c", "a x c", ("withheld", "kept"), colour=True)
    cell = next(iter(table.columns[0].cells))
    assert str(cell) == "a b c"
    assert [str(span.style) for span in cell.spans] == ["bold red"]


def test_a_run_names_its_largest_groups():
    """In its summary and in a table, the one with most copies first."""
    copies = [("a", "k"), ("b", "m"), ("c", "m")]
    withheld = {
        one: Withheld(kept, f"file:///{kept}.txt", "near", 0.9, 1.0, "") for one, kept in copies
    }
    groups = largest_groups(withheld)
    assert [(one["kept_article_id"], one["copies"]) for one in groups] == [("m", 2), ("k", 1)]
    summary = Summary("r", "ingest", "completed", "lake", {}, {}, {}, groups=groups)
    assert "| 2 | file:///m.txt | m |" in summary_markdown(summary)
    assert group_rows(summary)[0]["look at it"] == "copydesk duplicates m"


def test_the_books_tell_what_was_capped_linked_or_better():
    """Only where there is something to tell."""
    assert len(books_lines({})) == 2
    told = books_lines(
        {"dedupe_capped": 3, "articles_superseding": 2, "withheld.better_copy": 1_000}
    )[2:]
    assert [line.split()[2] for line in told] == ["2", "1,000", "3"]
