"""Find when a page's one story came out and who wrote it, in the lines around its text."""

import re

from tasks.text.dates import find_date
from tasks.text.lines import without_bullet
from tasks.text.marks import Page
from tasks.text.names import read_byline, read_dated_names, read_name_line
from tasks.text.story import Story
from tasks.text.titles import has_date

TAIL_LINES = 40
"""Lines under a story's text among which its signature is looked for."""
_REVIEWED = re.compile(
    r"(?i)\b(?:review|fact.?check|edit|photo|foto|image|bild|illustrat|translat)"
)
_WRITTEN = re.compile(
    r"(?i)\W*(?:(?:article |story |post )?(?:written|posted) by|about the author|author"
    r"|autor(?:in)?)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_PUBLISHED = re.compile(
    r"(?i)\b(?:publi|posted|updated|aktualisiert|veröffentlicht|erstellt|stand|modified)"
)


def read_around(
    page: Page, story: Story, start: int, stop: int, title: int, common: frozenset[str]
) -> None:
    """Label dates and bylines between title and text, above the title, or after the text."""
    below = range(title, min(start + 4, len(page.said)))
    above = range(max(0, title - 4), title)
    after = range(stop, min(stop + TAIL_LINES, len(page.said)))
    for places in (below, above):
        if story.first("date") is None:
            _read_dates(page, story, places)
        if story.first("byline") is None:
            _read_names(page, story, places, common)
    if story.first("date") is None:
        _read_dates(page, story, after, is_told=True)
    if story.first("byline") is None:
        _read_byline_within(page, story, range(start, min(start + 12, stop)))
    if story.first("byline") is None:
        _read_signature(page, story, after, common)


def _read_dates(page: Page, story: Story, places: range, *, is_told: bool = False) -> None:
    """Label the lines with dates; after a text only where a word says that it is the story's."""
    for place in places:
        index = page.said[place]
        if index in story.labels or page.cut_by(index):
            continue
        if page.mark(index, "updated", "relative-time") and not is_told:
            story.set(index, "date")
        elif has_date(page, index):
            above = page.text(page.said[place - 1]) if place else ""
            if not is_told or _PUBLISHED.search(page.text(index)) or _PUBLISHED.search(above[:40]):
                story.set(index, "date")
                if is_told:
                    return


def _read_byline_within(page: Page, story: Story, places: range) -> None:
    """Label a byline that stands among the first lines of the text, under a picture or a deck."""
    for place in places:
        text = page.text(page.said[place])
        if page.words[page.said[place]] <= 8 and read_byline(text) and not _REVIEWED.search(text):
            story.set(page.said[place], "byline")
            return


def _read_signature(page: Page, story: Story, places: range, common: frozenset[str]) -> None:
    """Label the name under *Written by* after a text."""
    for place in places:
        index = page.said[place]
        told = _WRITTEN.match(page.text(index))
        if told and page.words[index] <= 12:
            if read_byline(page.text(index)):
                story.set(index, "byline")
                return
            for other in page.said[place + 1 : place + 4]:
                if is_name(page.text(other), common):
                    story.set(other, "byline")
                    return


def _read_names(page: Page, story: Story, places: range, common: frozenset[str]) -> None:
    """Label the bylines: after a word for *by*, beside a date, or a name alone below the title."""
    after_by = False
    for place in places:
        index = page.said[place]
        text = page.text(index)
        if index in story.labels and story.labels[index][0] == "title":
            continue
        if page.cut_by(index) or (page.mark(index) and not page.mark(index, "by", "updated")):
            continue
        above = page.text(page.said[place - 1]) if place else ""
        is_review = _REVIEWED.search(text[:40]) is not None
        was_review = (
            _REVIEWED.search(above[:40]) is not None and page.words[page.said[place - 1]] < 6
        )
        if page.mark(index, "by"):
            after_by = not is_review
        elif is_review or page.words[index] > 20:
            after_by = False
        elif read_byline(text) or (
            has_date(page, index) and _is_new(read_dated_names(text), common)
        ):
            story.set(index, "byline")
        elif is_name(text, common) and not was_review:
            if after_by or _is_near_date(page, place) or _is_below_title(page, story, place):
                story.set(index, "byline")
        elif not (after_by and len(text) <= 3):
            after_by = False


def _is_new(names: tuple[str, ...], common: frozenset[str]) -> bool:
    return bool(names) and all(is_name(name, common) for name in names)


def _is_below_title(page: Page, story: Story, place: int) -> bool:
    """Whether the title stands right above a line, or a deck at most between."""
    return any(
        story.labels.get(index, ("", None))[0] == "title"
        for index in page.said[max(0, place - 2) : place]
    )


def is_name(text: str, common: frozenset[str]) -> bool:
    """Whether a line is a person's name alone, and none of its words is a common one here."""
    name = read_name_line(without_bullet(text))
    return name is not None and common.isdisjoint(
        w for w in _WORD.findall(name.casefold()) if len(w) > 3
    )


def _is_near_date(page: Page, place: int) -> bool:
    near = page.said[max(0, place - 2) : place] + page.said[place + 1 : place + 4]  # type: ignore[operator]
    return any(find_date(page.text(i)) or _PUBLISHED.search(page.text(i)[:60]) for i in near)
