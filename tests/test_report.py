"""The report of a run: one HTML file that says what came of it, whatever its pages hold."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import SettingError
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.lock import lake_lock
from tasks.lake.recovery import Recovered
from tasks.lake.runs import slowest_shards
from tasks.lake.tables import read
from tasks.report.html.articles import spread
from tasks.report.html.flow import LEAST, NARROW, WIDE, Books, Outcome, Shape, draw_flow
from tasks.report.html.page import render_report
from tasks.report.html.store import write_report
from tasks.report.html.told import find_run
from tasks.report.html.vega import draw, drawing_beside, to_svg
from tasks.text.page import LABELS
from tasks.work.finish import record_stop
from tasks.work.forget import forget
from tasks.work.targets import Targets

Story = Callable[[int], str]

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} \x1b[31m"
"""A title that must stay words."""


@pytest.fixture(scope="module")
def lake(desk: Any, story: Story, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two runs: stories of two sites, a copy, a page of links only, rejects, and a nasty page."""
    folder = tmp_path_factory.mktemp("report")
    feeds = folder / "feeds"
    for number in range(4):
        write(feeds / "orsten" / f"{number}.txt", f"Home\nSign in\n\n{story(number)}")
    ingest(desk, folder / "lake", "11111111-first", feeds)
    write(feeds / "mirror" / "copy.txt", story(1).replace("was", "had been", 1))
    write(feeds / "mirror" / "menu.txt", "Home\nNews\nSport\n")
    write(feeds / "mirror" / "empty.txt", "")
    write(feeds / "<b>mirror" / "nasty.txt", nasty_page(story(9)))
    ingest(desk, folder / "lake", "22222222-second", feeds)
    return Lake(folder / "lake")


def write(path: Path, text: str) -> None:
    """Write a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def ingest(desk: Any, lake: Path | str, run_id: str, *sources: Path | str) -> None:
    """Take some sources the whole way."""
    with desk(lake, run_id, *sources) as run:
        run.work_through()


def nasty_page(story: str) -> str:
    """A page whose title, and a line that is cut, are markup."""
    title, rest = story.split("\n", 1)
    return f"Share {NASTY}\n\n{title} {NASTY}\n{rest}\nCopyright {NASTY}. All rights reserved.\n"


@pytest.fixture(scope="module")
def html(lake: Lake) -> str:
    """The report of the second run."""
    return render_report(lake, find_run(lake, "22222222"))


class Read(HTMLParser):
    """What a browser would make of a page: its elements, and the words in each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; a cell's words stand apart from those of the one before."""
        if tag in ("td", "th"):
            self.handle_data(" ")
        self.elements.append((tag, dict(attrs), []))
        if tag not in ("meta", "br"):
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        while self._open and self.elements[self._open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note words."""
        for index in self._open:
            self.elements[index][2].append(data)

    def all(self, *names: str) -> Iterator[dict[str, str | None]]:
        """The attributes of every element of these names."""
        yield from (attributes for tag, attributes, _ in self.elements if tag in names)

    def said(self, name: str) -> list[str]:
        """The words in every element of a name."""
        return ["".join(words) for tag, _, words in self.elements if tag == name]


@pytest.fixture(scope="module")
def page(html: str) -> Read:
    """The report, parsed."""
    return Read(html)


def test_the_verdict_says_what_happened(page: Read) -> None:
    """In one sentence, with the run's own counts."""
    said = "1 article published, 1 withheld as a copy and 1 page rejected, from 8 pages."
    assert page.said("h1") == [said]


def test_the_first_screen_has_four_figures(page: Read) -> None:
    """Published, withheld, rejected, and the share of the text that was cut."""
    named = ["published", "withheld as a copy", "page rejected", "of the text cut"]
    assert page.said("dt")[:4] == named


def test_what_pages_hold_stays_words(html: str, page: Read) -> None:
    """No element, no script and no control character comes from a page."""
    assert len(list(page.all("script"))) == 1
    assert not list(page.all("img"))
    assert "\x1b" not in html
    assert "{{ 7 * 7 }}" in "".join(page.said("body"))
    assert any("</script><script>" in line for line in page.said("del"))


def test_nothing_is_asked_of_the_network(page: Read) -> None:
    """No element has an address but within the page, and the policy forbids all the rest."""
    for _, attributes, _ in page.elements:
        assert not {"src", "srcset", "action", "data", "poster"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert any("default-src 'none'" in (one.get("content") or "") for one in page.all("meta"))


def test_links_lead_somewhere(page: Read) -> None:
    """Every address within the page is the id of one element."""
    ids = Counter(attributes["id"] for _, attributes, _ in page.elements if "id" in attributes)
    assert max(ids.values()) == 1
    assert {(one["href"] or "")[1:] for one in page.all("a")} <= set(ids)


def test_it_has_landmarks_and_headings_in_order(page: Read) -> None:
    """A skip link first, then header, main, navigation and footer; no level of heading left out."""
    assert next(page.all("a"))["class"] == "skip"
    for landmark in ("header", "main", "nav", "footer"):
        assert list(page.all(landmark))
    levels = [int(tag[1]) for tag, *_ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_is_told_in_words(page: Read) -> None:
    """Each chart has a label, and a table behind it."""
    charts = list(page.all("svg"))
    assert len(charts) >= 6
    assert all(one["role"] == "img" and one["aria-label"] for one in charts)
    tables = [words for words in page.said("summary") if words.endswith("as a table")]
    drawn = {"The books as a table", "Characters as a table", "The last runs as a table"}
    assert drawn | {"Length as a table", "Cut from the page as a table"} <= set(tables)


def test_tables_have_heads(page: Read) -> None:
    """Every head cell says whether it is of a row or of a column."""
    assert all(one.get("scope") in ("row", "col") for one in page.all("th"))


def test_the_flow_has_all_of_the_books(page: Read) -> None:
    """Pages that came in, each way that they went, and the articles."""
    told = " ".join(page.said("table")[0].split())
    for row in (
        "pages in 8",
        "pages with articles 2",
        "pages seen before 4",
        "pages without an article 1",
        "pages rejected: empty 1",
        "articles cut 2",
        "articles published 1",
        "articles withheld: near copies 1",
    ):
        assert row in told


def test_every_character_is_counted(lake: Lake, page: Read) -> None:
    """The labels' characters are those of the pages that the run read, all of them."""
    rows = read(lake, "pages", ["run_id", "text"]).to_pylist()
    whole = sum(len(row["text"]) for row in rows if row["run_id"].startswith("2"))
    (table,) = (words for words in page.said("table") if "Characters by label" in words)
    counts = re.findall(rf"\b(?:{'|'.join(LABELS)}) ([\d,]+) ", table)
    assert sum(int(count.replace(",", "")) for count in counts) == whole


def test_rules_are_shown_at_work(page: Read) -> None:
    """What stood there with the cut line struck out, beside what was left, and what it is for."""
    (shown,) = (words for words in page.said("article") if words.startswith("legal.copyright"))
    assert "Copyright line of a page's foot." in shown
    came, went = shown.split("As it went on")
    assert "All rights reserved." in came
    assert "All rights reserved." not in went


def test_copies_stand_beside_what_was_kept(page: Read) -> None:
    """What differs is marked on both sides."""
    assert "near copies" in "".join(page.said("body"))
    assert "had been" in page.said("mark")
    assert any(
        re.search(r"\(Jaccard 0\.\d\d, containment [01]\.\d\d\)", one) for one in page.said("p")
    )


def test_a_first_run_has_no_trend(lake: Lake) -> None:
    """The report says so in words, and shows the rest."""
    page = Read(render_report(lake, find_run(lake, "11111111")))
    assert "This is the first run that read these sources: there is no trend yet." in page.said("p")
    assert page.said("h1") == ["4 articles published, from 4 pages."]


def test_a_report_stays_true_when_more_comes(lake: Lake) -> None:
    """Of an earlier run it shows that run's articles only."""
    told = "".join(Read(render_report(lake, find_run(lake, "11111111"))).said("p"))
    assert "4 articles of this run in the lake" in told


def test_a_run_without_news_says_so(lake: Lake, desk: Any, tmp_path: Path) -> None:
    """Nothing new is a verdict too."""
    with desk(tmp_path / "lake", "33333333-idle", lake.root.parent / "feeds" / "orsten") as run:
        run.work_through()
    ingest(desk, tmp_path / "lake", "44444444-idle", lake.root.parent / "feeds" / "orsten")
    again = Lake(tmp_path / "lake")
    (said,) = Read(render_report(again, find_run(again, "4444"))).said("h1")
    assert said == "Nothing new: 4 pages, all seen before."


def test_a_stopped_run_says_why(lake: Lake, desk: Any, tmp_path: Path) -> None:
    """Its message stands on the first screen."""
    ingest(desk, tmp_path / "lake", "33333333-well", lake.root.parent / "feeds" / "orsten")
    with desk(tmp_path / "lake", "55555555-stopped") as run:
        with lake_lock(run.lake, "test", 5):
            record_stop(run.run, Recovered(None, (), (), ""), "Too many rejects.", run.folder)
        page = Read(render_report(run.lake, find_run(run.lake, "5555")))
    assert page.said("h1") == ["This run was stopped, and published nothing."]
    assert "Too many rejects." in page.said("li")


@pytest.mark.parametrize(
    ("given", "said"),
    [("nowhere", "no such run"), ("", "2 runs have an id"), ("1234", "copydesk runs")],
)
def test_an_unknown_run_is_told(lake: Lake, given: str, said: str) -> None:
    """With what to do about it."""
    with pytest.raises(SettingError, match=said):
        find_run(lake, given)


def test_the_command_writes_it_into_the_lake(lake: Lake) -> None:
    """Of the newest run, unless told otherwise, and says where it is."""
    done = CliRunner().invoke(app, ["report", "--lake", str(lake)])
    path = lake.root / "_copydesk" / "reports" / "22222222-second.html"
    assert done.output == f"{path}\n"
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_the_command_writes_it_where_it_is_told(lake: Lake, tmp_path: Path) -> None:
    """Of the run that is named, by the beginning of its id."""
    told = ["report", "1111", "--lake", str(lake), "--output", str(tmp_path / "a.html")]
    assert CliRunner().invoke(app, told).exit_code == 0
    assert "4 articles published, from 4 pages." in (tmp_path / "a.html").read_text()


def test_what_is_forgotten_is_in_no_report(desk: Any, story: Story, tmp_path: Path) -> None:
    """Reports are removed by a takedown; one made anew does not show it."""
    write(tmp_path / "feed" / "one.txt", f"Home\n\n{story(1)}")
    write(tmp_path / "feed" / "two.txt", f"Home\n\n{story(2)}")
    ingest(desk, tmp_path / "lake", "66666666-first", tmp_path / "feed")
    lake = Lake(tmp_path / "lake")
    title = story(1).split("\n")[0]
    assert title in Path(write_report(lake, find_run(lake))).read_text()
    forget(lake, Targets(source_uris=((tmp_path / "feed" / "one.txt").as_uri(),)), "asked", "me")
    assert not list(lake.root.rglob("*.html"))
    assert title not in Path(write_report(lake, find_run(lake, "6666"))).read_text()


def test_a_takedown_has_no_report(desk: Any, story: Story, tmp_path: Path) -> None:
    """It cuts no pages; the message says so, and the newest report is of the ingest."""
    write(tmp_path / "feed" / "one.txt", story(1))
    ingest(desk, tmp_path / "lake", "66666666-first", tmp_path / "feed")
    lake = Lake(tmp_path / "lake")
    uri = (tmp_path / "feed" / "one.txt").as_uri()
    done = forget(lake, Targets(source_uris=(uri,)), "asked", "me")
    assert find_run(lake).run_id == "66666666-first"
    with pytest.raises(SettingError, match="`forget`, which cuts no pages"):
        find_run(lake, done.run_id)


def test_a_lake_in_a_bucket_has_it_too(
    desk: Any, story: Story, bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an object beside its tables; a takedown removes it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "machine"))
    source = bucket.put("feed/one.txt", story(1).encode())
    ingest(desk, f"s3://{bucket.name}/lake", "77777777-first", source)
    done = CliRunner().invoke(app, ["report", "--lake", f"s3://{bucket.name}/lake"])
    key = "lake/_copydesk/reports/77777777-first.html"
    assert done.output == f"s3://{bucket.name}/{key}\n"
    assert key in set(bucket.keys())
    forget(locate_lake(f"s3://{bucket.name}/lake"), Targets(source_uris=(source,)), "asked", "me")
    assert key not in set(bucket.keys())


def test_the_slowest_shards_are_kept() -> None:
    """Ten of them, by all that was spent on each."""
    shards = {f"shard-{n:03d}": {"read": 1.0, "cut": float(n)} for n in range(12)}
    kept = slowest_shards(shards)
    assert len(kept) == 10
    assert next(iter(kept.items())) == ("shard.shard-011", 12.0)


@given(st.lists(st.floats(-50, 5000), max_size=50))
def test_every_value_is_in_one_class(values: list[float]) -> None:
    """What lies outside the bounds is in the first or the last."""
    import numpy as np

    assert spread(np.asarray(values), (0, 10, 100)).total == len(values)


@st.composite
def books(draw: st.DrawFn) -> Books:
    """Books that balance, of any size."""
    counts = st.integers(1, 2_000_000)
    withheld = [Outcome("copies", n, "withheld") for n in draw(st.lists(counts, max_size=3))]
    published = [Outcome("published", draw(counts), "published"), *withheld]
    ended = [Outcome("seen before", n, "idle") for n in draw(st.lists(counts, max_size=9))]
    with_articles = draw(st.integers(0, 50_000))
    articles = sum(one.count for one in published) if with_articles else 0
    pages = with_articles + sum(one.count for one in ended)
    return Books(pages, with_articles, articles, published if with_articles else [], ended)


@pytest.mark.parametrize("shape", [WIDE, NARROW])
@given(drawn=books())
def test_a_flow_has_room_for_all_its_words(shape: Shape, drawn: Books) -> None:
    """Whatever the books: each end is seen, within the picture, its words below one another."""
    flow = draw_flow(drawn, shape)
    if flow is None:
        assert drawn.pages == 0
        return
    assert len(flow.ends) == len(drawn.published) + len(drawn.ended)
    assert all(one.height >= LEAST for one in flow.ends)
    assert all(one.y + one.height <= flow.height for one in (*flow.heads, *flow.ends))
    by_column: dict[float, list[float]] = {}
    for one in flow.ends:
        by_column.setdefault(one.x, []).append(one.text_y)
    for column in by_column.values():
        assert all(after - before >= 20 for before, after in pairwise(column))


def luminance(colour: str) -> float:
    """Relative luminance of a colour, by WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TEXTS = ("ink", "quiet", "link", "published", "withheld", "rejected", "boilerplate")
MARKS = ("idle", "cut", "came", *(one for one in LABELS if one != "blank"))


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_colours_have_contrast(root: Path, theme: int) -> None:
    """WCAG AA: 4.5:1 for words, 3:1 for what is drawn; light, dark, and dark by the switch."""
    css = (root / "tasks/report/html/templates/report.css").read_text()
    blocks = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", one)) for one in re.findall(r"{[^{}]*}", css)
    ]
    colours = [block for block in blocks if "ground" in block][theme]

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(colours[one]), luminance(colours[other])))
        return (high + 0.05) / (low + 0.05)

    for ground in ("ground", "panel"):
        assert [one for one in TEXTS if contrast(one, ground) < 4.5] == []
        assert [one for one in MARKS if contrast(one, ground) < 3] == []
    assert contrast("ink", "mark-left") >= 4.5
    assert contrast("ink", "mark-right") >= 4.5


def test_charts_are_the_same_from_a_process_beside() -> None:
    """And they are drawn here if it is gone."""
    encoding = {"x": {"field": "at"}, "y": {"field": "n"}}
    spec = {"data": {"values": [{"at": 1, "n": 2}]}, "mark": "bar", "encoding": encoding}
    before = active_children()
    with drawing_beside():
        beside = draw(spec)
        for process in active_children():
            if process not in before:
                process.kill()
        assert draw(spec) == beside == to_svg(spec)
