"""Read stories that begin with a block of fixed words, as two themes of news sites set it."""

from collections import Counter

from tasks.text.heads import read_head, read_section
from tasks.text.marks import Page, is_date_line, same_line
from tasks.text.names import is_byline, is_person
from tasks.text.page import Label
from tasks.text.story import Layout, Story, set_bodies

LOOK_BACK = 8
"""Lines above a date block among which its story's title is looked for."""


def read_published(page: Page) -> Layout | None:
    """Stories that begin with section, title and a block ``Published / on / date / By / name``."""
    if "published" not in page.roles and "updated" not in page.roles:
        return None
    anchors = [
        place
        for place, index in enumerate(page.said)
        if place and _begins_block(page, place, index) and _title_above(page, place) is not None
    ]
    if not anchors:
        return None
    titles = [_title_above(page, place) or 0 for place in anchors]
    above = Counter(
        page.text(page.said[place - 1]).casefold() for place in titles if place and len(titles) > 1
    )
    known = [text for text, count in above.items() if count > 1]
    stories, starts, heads = [], [], []
    stops = [*titles[1:], len(page.said)]
    for title, stop in zip(titles, stops, strict=True):
        story = Story()
        story.set(page.said[title], "title")
        starts.append(read_section(page, story, title, known))
        heads.append(read_head(page, story, title + 1, stop, page.text(page.said[title])))
        stories.append(story)
    set_bodies(page, stories, starts, heads)
    evidence = (f"{len(anchors)} blocks of Published, on, By, each under a title",)
    return Layout("published-on-by", 0.9 if len(anchors) == 1 else 0.98, evidence, stories)


def read_follow(page: Page) -> Layout | None:
    """Stories whose title stands over ``Updated <date> / Follow`` and is repeated under it."""
    if "updated" not in page.roles:
        return None
    found = []
    for place, index in enumerate(page.said):
        if page.mark(index, "updated"):
            head = _follow_head(page, place)
            if head is not None:
                found.append((place, *head))
    if not found:
        return None
    stories, starts, heads = [], [], []
    for number, (anchor, title, repeated) in enumerate(found):
        story = Story()
        text = page.text(page.said[title])
        stop = found[number + 1][1] if number + 1 < len(found) else len(page.said)
        first = min(title, anchor)
        starts.append(read_section(page, story, title) if title < anchor else anchor)
        if not _stands_alone(page, starts[-1]):
            story = Story()
            starts[-1] = first
        story.set(page.said[title], "title")
        for between in range(title + 1, anchor):
            _read_caption(page, story, page.said[between], text)
        button = _follow_button(page, anchor) or anchor
        for between in range(anchor, button):
            _read_caption(page, story, page.said[between], text, otherwise="byline")
        heads.append(read_head(page, story, button, stop, text))
        if repeated is not None:
            story.set(page.said[repeated], "title")
        stories.append(story)
    set_bodies(page, stories, starts, heads)
    twice = sum(repeated is not None for _, _, repeated in found)
    evidence = (
        f"{len(found)} lines Updated with a date, {twice} of them with the title above and below",
    )
    return Layout("updated-follow", 0.98 if twice else 0.8, evidence, stories)


def _begins_block(page: Page, place: int, index: int) -> bool:
    """Whether a line *Published*, alone or with a time, begins a block: *on* or *by* follow."""
    if page.mark(index, "published"):
        near = page.said[place + 1 : place + 6]
        return _role_near(page, place, 1, 5, "on", "by") or any(
            is_byline(page.text(i)) for i in near
        )
    return (
        page.mark(index, "updated") is not None
        and _role_near(page, place, 1, 3, "on", "by")
        and not _role_near(page, place, 1, 3, "follow")
    )


def _title_above(page: Page, place: int) -> int | None:
    """The place of the title right above a block; buttons and times between are skipped."""
    for above in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
        index = page.said[above]
        if page.is_titleish(index) or _is_headline(page, place, above):
            return above
        if not (page.mark(index) or page.cut_by(index) or is_date_line(page.text(index))):
            return None
    return None


def _is_headline(page: Page, place: int, above: int) -> bool:
    """Whether a line right above a block is a headline that ends like a sentence."""
    index = page.said[above]
    is_free = not page.hits[index] and not is_date_line(page.text(index))
    is_block = above == place - 1 and _role_near(page, place, 1, 5, "on")
    return is_block and is_free and page.words[index] <= 20


def _follow_head(page: Page, place: int) -> tuple[int, int | None] | None:
    """Places of the title and its repetition around an *Updated* line; None for another use."""
    after = place + 1
    while after < len(page.said) and after - place <= LOOK_BACK:
        index = page.said[after]
        text = page.text(index)
        is_head = page.mark(index) or page.cut_by(index) or is_byline(text) or is_person(text)
        if not is_head or page.mark(index, "updated", "story-end"):
            break
        after += 1
    follow = _follow_button(page, place)
    after = max(after, follow + 1 if follow else 0)
    followed = follow is not None
    if after < len(page.said):
        text = page.text(page.said[after])
        for above in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
            if (followed or page.words[page.said[above]] >= 3) and same_line(
                page.text(page.said[above]), text
            ):
                return above, after
    if not followed:
        return None
    title = _title_above(page, place)
    if title is not None and _stands_alone(page, title):
        return title, None
    if after < len(page.said) and page.is_titleish(page.said[after]):
        return after, None
    return (title, None) if title is not None else None


def _follow_button(page: Page, place: int) -> int | None:
    """The place of the button *Follow* under a date, with short lines at most between."""
    for after in range(place + 1, min(place + 1 + LOOK_BACK, len(page.said))):
        index = page.said[after]
        if page.mark(index, "follow"):
            return after
        if page.words[index] > 8 or page.is_ended[index]:
            return None
    return None


def _stands_alone(page: Page, place: int) -> bool:
    """Whether what is above a place cannot run on into it: nothing, a gap, or a sentence's end."""
    if place <= 0:
        return True
    above = page.said[place - 1]
    return (
        page.said[place] - above >= 2
        or page.is_ended[above]
        or page.mark(above) is not None
        or page.cut_by(above) is not None
    )


def _read_caption(
    page: Page, story: Story, index: int, title: str, otherwise: Label = "caption"
) -> None:
    """Label a line between a title and the date, or between that and the buttons."""
    if same_line(page.text(index), title):
        story.set(index, "title")
    elif (mark := page.mark(index)) is not None:
        is_time = mark.role in ("updated", "relative-time", "date-control")
        story.set(index, "date" if is_time else "boilerplate", None if is_time else mark.id)
    elif (rule := page.cut_by(index)) is not None:
        story.set(index, "boilerplate", rule.id)
    elif is_date_line(page.text(index)):
        story.set(index, "date")
    elif is_byline(page.text(index)) or is_person(page.text(index)):
        story.set(index, "byline")
    else:
        story.set(index, otherwise)


def _role_near(page: Page, place: int, first: int, last: int, *roles: str) -> bool:
    near = page.said[place + first : place + last + 1]
    return any((mark := page.mark(index)) is not None and mark.role in roles for index in near)
