"""The report of a run: one HTML file that says what came of it, whatever its pages hold."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.report.html.page import render_report
from tasks.report.html.told import find_run

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
    with desk(folder / "lake", "11111111-first", feeds) as run:
        run.work_through()
    write(feeds / "mirror" / "copy.txt", story(1).replace("was", "had been", 1))
    write(feeds / "mirror" / "menu.txt", "Home\nNews\nSport\n")
    write(feeds / "mirror" / "empty.txt", "")
    write(feeds / "<b>mirror" / "nasty.txt", nasty_page(story(9)))
    with desk(folder / "lake", "22222222-second", feeds) as run:
        run.work_through()
    return Lake(folder / "lake")


def write(path: Path, text: str) -> None:
    """Write a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def nasty_page(story: str) -> str:
    """A page whose title, and a line that is cut, are markup."""
    title, rest = story.split("\n", 1)
    return f"Share {NASTY}\n\n{title} {NASTY}\n{rest}\nCopyright {NASTY}. All rights reserved.\n"


@pytest.fixture(scope="module")
def html(lake: Lake) -> str:
    """The report of the second run."""
    return render_report(lake, find_run(lake, "22222222"))


class Read(HTMLParser):
    """What a browser would make of a page: tags, ids, and words by the element they stand in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note words."""
        if not {"script", "style"} & set(self._open):
            self.words.append(data)

    def all(self, *names: str) -> Iterator[dict[str, str | None]]:
        """The attributes of every element of these names."""
        yield from (attributes for tag, attributes in self.tags if tag in names)


@pytest.fixture(scope="module")
def page(html: str) -> Read:
    """The report, parsed."""
    return Read(html)


def test_the_verdict_says_what_happened(page: Read) -> None:
    """In one sentence, with the run's own counts."""
    said = "1 article published, 1 withheld as a copy and 1 page rejected, from 8 pages."
    assert said in page.words


def test_what_pages_hold_stays_words(html: str, page: Read) -> None:
    """No element, no script and no control character comes from a page."""
    assert len(list(page.all("script"))) == 1
    assert not list(page.all("img", "b"))[1:]  # the masthead's own
    assert "\x1b" not in html
    assert "{{ 7 * 7 }}" in html


def test_nothing_is_asked_of_the_network(page: Read) -> None:
    """No element has an address but within the page, and the policy forbids all the rest."""
    for _, attributes in page.tags:
        assert not {"src", "srcset", "action", "data", "poster"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert any("default-src 'none'" in (one.get("content") or "") for one in page.all("meta"))
