"""Read the lines around a story's title: section, caption, date block, byline block, summary."""

from collections.abc import Sequence

from tasks.compiled import twin
from tasks.text.lines import BULLET
from tasks.text.marks import Page, is_date_line, same_line
from tasks.text.names import is_byline, is_person
from tasks.text.story import Story

_compiled = twin(__name__)
MOST_BYLINES = 6
"""Lines of a byline block: organisation, persons, place."""
MOST_BULLETS = 8
"""Lines of a summary; a longer list belongs to the story."""


def read_head(page: Page, story: Story, at: int, stop: int, title: str | None) -> int:
    """Label the lines from the place ``at`` in ``page.said`` as head; the place of the first other.

    Takes marks, dates, bylines, repeated titles, and lines that a rule cuts anywhere. After a line
    that says only *By* come names. After all that, and only with a title, come summary bullets.
    """
    place, by = at, False
    while place < stop:
        index = page.said[place]
        if not _read_head_line(page, story, index, title):
            break
        place += 1
        if page.mark(index, "by"):
            by = True
            place = _read_byline_block(page, story, place, stop)
    if (
        not by
        and place < stop
        and (title or place > at)
        and _is_lone_name(page, place, stop, has_title=title is not None)
    ):
        story.set(page.said[place], "byline")
        place += 1
        while place < stop and _read_head_line(page, story, page.said[place], title):
            place += 1
    return _read_summary(page, story, place, stop, title) if title else place


def read_section(page: Page, story: Story, title_place: int, known: Sequence[str] = ()) -> int:
    """Label the line above a title as its section, if it is one; the place of the story's start."""
    place = title_place - 1
    if place < 0:
        return title_place
    index = page.said[place]
    text = page.text(index)
    is_known = text.casefold() in known
    if not is_known and (page.mark(index) or page.cut_by(index) or page.tail(index)):
        return title_place
    if page.words[index] > 5 or len(text) > 40 or text[-1] in ".,;:!?”\"')" or BULLET.match(text):
        return title_place
    if any(map(str.isdigit, text)) or not _has_edge_above(page, place):
        return title_place
    story.set(index, "section")
    return place


def _has_edge_above(page: Page, place: int) -> bool:
    """Whether what stands above a line cannot be of the same story: nothing, a mark, an end."""
    if place == 0:
        return True
    above = page.said[place - 1]
    if page.mark(above) or page.cut_by(above) or page.tail(above):
        return True
    return page.is_ended[above] or page.said[place] - above >= 2


def _read_head_line(page: Page, story: Story, index: int, title: str | None) -> bool:
    if _compiled is not None and not _compiled.may_be_of_head(page, index, title):
        return False
    text = page.text(index)
    if title and same_line(text, title):
        story.set(index, "title")
    elif (mark := page.mark(index, "date-control", "updated", "relative-time")) is not None:
        story.set(index, "date")
    elif (mark := page.mark(index)) is not None:
        if mark.role in ("story-end", "page-foot", "posted-by"):
            return False
        story.set(index, "boilerplate", mark.id)
    elif is_date_line(text) and not page.is_prose(index, 8):
        if story.has("date") and story.has("byline"):
            return False
        story.set(index, "date")
        if is_byline(text):
            story.set(index, "byline")
    elif is_byline(text):
        story.set(index, "byline")
    elif (rule := page.cut_by(index)) is not None:
        story.set(index, "boilerplate", rule.id)
    else:
        return False
    return True


def _read_byline_block(page: Page, story: Story, place: int, stop: int) -> int:
    """Label the names, offices and places after a lone *By*; the place after them.

    A block is the lines up to the first sentence, if one of them is a person; else only lines
    that are an organisation or a place by their brackets or commas.
    """
    block = []
    for index in page.said[place : min(stop, place + MOST_BYLINES + 1)]:
        if not _is_byline_part(page, index):
            break
        block.append(index)
    if len(block) > MOST_BYLINES or place + len(block) >= stop:
        block = block[:1]
    persons = [at for at, index in enumerate(block) if is_person(page.text(index))]
    if not persons:
        # One organisation: By / Example News Agency; a title-case heading would look the same.
        block = block[:1] if block and page.words[block[0]] <= 5 else []
        if block and place + 1 < stop and not page.is_prose(page.said[place + 1], 8):
            block = []
    else:
        last = persons[0]
        while last + 1 < len(block) and (last > 0 or _goes_on(page.text(block[last + 1]))):
            last += 1
        block = block[: last + 1]
    for index in block:
        story.set(index, "byline")
    return place + len(block)


def _is_byline_part(page: Page, index: int) -> bool:
    text = page.text(index)
    if len(text) > 80 or page.is_ended[index] or text.endswith((":", ",")) or BULLET.match(text):
        return False
    if page.mark(index) or any(map(str.isdigit, text)):
        return False
    small = {
        "of",
        "the",
        "de",
        "and",
        "for",
        "in",
        "at",
        "und",
        "für",
        "y",
        "et",
        "al",
        "bin",
        "von",
    }
    return all(
        not word[0].isalpha() or word[0].isupper() or word.casefold() in small
        for word in text.replace("(", " ").split()
    )


def _goes_on(text: str) -> bool:
    """Whether a line after a person's name is of the byline too: a place, an office, a person."""
    offices = ("correspondent", "editor", "reporter", "staff", "writer", "desk", "bureau", "agency")
    lowered = text.casefold()
    return (
        "," in text
        or text.endswith(")")
        or lowered.endswith(offices)
        or lowered.startswith(("special to", "for ", "and ", "&"))
    )


def _is_lone_name(page: Page, place: int, stop: int, *, has_title: bool) -> bool:
    """Whether a line is a person's name alone, between a head and a story's text."""
    index = page.said[place]
    if not is_person(page.text(index)) or place + 1 >= stop:
        return False
    return (
        has_title
        or page.is_prose(page.said[place + 1])
        or is_date_line(page.text(page.said[place + 1]))
    )


def _read_summary(page: Page, story: Story, place: int, stop: int, title: str) -> int:
    """Label the bullets between head and text as summary; the place after them."""
    bullets = []
    end = place
    while end < stop and BULLET.match(page.text(page.said[end])):
        if page.words[page.said[end]] >= 4:
            bullets.append(page.said[end])
        end += 1
    if not bullets or len(bullets) != end - place or len(bullets) > MOST_BULLETS or end >= stop:
        return place
    if not page.is_prose(page.said[end], 10):
        return place
    for index in bullets:
        story.set(index, "summary")
    return _skip_widgets(page, story, end, stop, title)


def _skip_widgets(page: Page, story: Story, place: int, stop: int, title: str) -> int:
    while place < stop and _read_head_line(page, story, page.said[place], title):
        place += 1
    return place
