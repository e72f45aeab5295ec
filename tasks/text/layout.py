"""Cut a page into stories by the marks of its layout. Says which family it took it for, and why."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tasks.text.heads import Story, read_head, read_section
from tasks.text.marks import Page, ends_sentence, is_date_line, same_line
from tasks.text.names import is_byline, is_person

LOOK_BACK = 8
"""Lines above a date block among which its story's title is looked for."""
LEAST_STORY_WORDS = 40
"""Words of sentences in a stretch that is to be a story of a roll."""
LEAST_BARE_WORDS = 60
"""The same where nothing but blank lines parts the stories."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page was read: its family, and its stories with their heads."""

    family: str
    confidence: float
    """0..1, no unit."""
    evidence: tuple[str, ...]
    stories: list[Story]


def read_layout(page: Page) -> Layout | None:
    """The page's stories, if its layout marks them; None for a page that shows no known layout."""
    for read in _READERS:
        layout = read(page)
        if layout is not None:
            return layout
    return None


def _read_published(page: Page) -> Layout | None:
    """Stories that begin with section, title and a block ``Published / on / date / By / name``."""
    anchors = [
        place
        for place, index in enumerate(page.said)
        if place
        and page.mark(index, "published")
        and _role_near(page, place, 1, 5, "on", "by")
        and _title_above(page, place) is not None
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
    _set_bodies(page, stories, starts, heads)
    evidence = (f"{len(anchors)} blocks of Published, on, By, each under a title",)
    return Layout("published-on-by", 0.9 if len(anchors) == 1 else 0.98, evidence, stories)


def _read_follow(page: Page) -> Layout | None:
    """Stories whose title stands over ``Updated <date> / Follow`` and is repeated under it."""
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
            story.labels.clear()
            starts[-1] = first
        story.set(page.said[title], "title")
        for between in range(title + 1, anchor):
            _read_caption(page, story, page.said[between], text)
        heads.append(read_head(page, story, anchor, stop, text))
        if repeated is not None:
            story.set(page.said[repeated], "title")
        stories.append(story)
    _set_bodies(page, stories, starts, heads)
    twice = sum(repeated is not None for _, _, repeated in found)
    evidence = (
        f"{len(found)} lines Updated with a date, {twice} of them with the title above and below",
    )
    return Layout("updated-follow", 0.98 if twice else 0.8, evidence, stories)


def _read_signed(page: Page) -> Layout | None:
    """Posts of a blog, each signed under its text: ``Posted by <name> at <time>``."""
    ends = [place for place, index in enumerate(page.said) if page.mark(index, "posted-by")]
    if len(ends) < 2:
        return None
    stories, starts, heads = [], [], []
    at = 0
    for end in ends:
        start = _skip_chrome(page, at, end)
        story = Story()
        heads.append(_read_free_head(page, story, start, end, is_first=at == 0))
        starts.append(min((_place(page, index) for index in story.labels), default=start))
        story.set(page.said[end], "byline")
        at = end + 1
        stories.append(story)
    _set_bodies(page, stories, starts, heads)
    for story, end in zip(stories, ends, strict=True):
        story.body = (story.body[0], page.said[end])
        story.is_clean = True
    evidence = (f"{len(ends)} posts, each signed with name and time",)
    return Layout("signed-posts", 0.95, evidence, stories)


def _read_ended(page: Page) -> Layout | None:
    """Stories that each end with the label of a link: *Read more*."""
    ends = [place for place, index in enumerate(page.said) if page.mark(index, "story-end")]
    if len(ends) < 2:
        return None
    starts = []
    at = 0
    for end in ends:
        starts.append(_skip_chrome(page, at, end))
        at = end + 1
    prose = [page.prose_words(start, end) for start, end in zip(starts, ends, strict=True)]
    if sum(words < LEAST_STORY_WORDS for words in prose) * 5 > len(ends):
        return None
    rest = page.prose_words(ends[-1], len(page.said))
    if rest > sum(prose) / len(prose) / 2:
        return None
    stories, firsts, heads, stops = [], [], [], []
    for start, end in zip(starts, ends, strict=True):
        if end - start < 2:
            continue
        story = Story(is_clean=True)
        heads.append(_read_free_head(page, story, start, end, is_first=start == starts[0]))
        if story.first("title") is None or not _begins_soon(page, heads[-1], 2 * LOOK_BACK):
            return None
        firsts.append(min(_place(page, index) for index in story.labels))
        stops.append(page.said[end])
        stories.append(story)
    _set_bodies(page, stories, firsts, heads)
    for story, stop in zip(stories, stops, strict=True):
        story.body = (story.body[0], stop)
    evidence = (f"{len(stories)} stretches of text, each with a title and an end mark",)
    return Layout("ended-stories", 0.9, evidence, stories)


def _read_bare(page: Page) -> Layout | None:
    """Stories parted by two or more blank lines and nothing else, each under a title."""
    if sum(page.cut_by(index) is not None for index in page.said) > 3 + len(page.said) // 50:
        return None
    firsts = [
        place
        for place, index in enumerate(page.said)
        if place == 0 or index - page.said[place - 1] >= 3
    ]
    if len(firsts) < 2 or len(firsts) > len(page.said) / 3:
        return None
    # One story in five may begin with a list; a page whose stretches all do is a menu.
    if sum(not _begins_soon(page, first) for first in firsts) * 5 > len(firsts):
        return None
    stops = [*firsts[1:], len(page.said)]
    stories, heads = [], []
    for first, stop in zip(firsts, stops, strict=True):
        index = page.said[first]
        if not page.is_titleish(index) or page.words[index] < 1:
            return None
        if page.prose_words(first, stop) < LEAST_BARE_WORDS:
            return None
        story = Story(is_clean=True)
        story.set(index, "title")
        heads.append(read_head(page, story, first + 1, stop, page.text(index)))
        stories.append(story)
    _set_bodies(page, stories, firsts, heads)
    for story in stories:
        story.is_clean = True
    evidence = (f"{len(stories)} stretches of text under titles, parted by blank lines alone",)
    return Layout("bare-stories", 0.8, evidence, stories)


_READERS: tuple[Callable[[Page], Layout | None], ...] = (
    _read_published,
    _read_follow,
    _read_signed,
    _read_ended,
    _read_bare,
)


def _set_bodies(page: Page, stories: list[Story], starts: list[int], heads: list[int]) -> None:
    """Give each story the lines from its head to the next story, or to its end mark."""
    for number, story in enumerate(stories):
        stop = starts[number + 1] if number + 1 < len(starts) else len(page.said)
        stop = max(stop, heads[number])
        for place in range(heads[number], stop):
            mark = page.mark(page.said[place], "story-end", "page-foot")
            if mark is not None and (mark.role == "story-end" or _is_foot(page, place, stop)):
                if mark.role == "story-end" and page.prose_words(place, stop) > LEAST_STORY_WORDS:
                    continue
                story.is_clean, stop = True, place
                break
        else:
            story.is_clean = number + 1 < len(starts)
        first = page.said[heads[number]] if heads[number] < len(page.said) else len(page.lines)
        last = page.said[stop] if stop < len(page.said) else len(page.lines)
        story.body = (min(first, last), last)


def _is_foot(page: Page, place: int, stop: int) -> bool:
    """Whether hardly anything is said after a line, up to the end of its story."""
    return page.prose_words(place, stop) < LEAST_STORY_WORDS


def _title_above(page: Page, place: int) -> int | None:
    """The place of the title right above a block; buttons and times between are skipped."""
    for above in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
        index = page.said[above]
        if page.is_titleish(index):
            return above
        if not (page.mark(index) or page.cut_by(index) or is_date_line(page.text(index))):
            return None
    return None


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
    followed = _role_near(page, place, 1, after - place, "follow")
    if after < len(page.said):
        text = page.text(page.said[after])
        for above in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
            if (followed or page.words[page.said[above]] >= 3) and same_line(
                page.text(page.said[above]), text
            ):
                return above, after
    if not followed:
        return None
    above = _title_above(page, place)
    if above is not None and (above == 0 or _stands_alone(page, above)):
        return above, None
    if after < len(page.said) and page.is_titleish(page.said[after]):
        return after, None
    return (above, None) if above is not None else None


def _stands_alone(page: Page, place: int) -> bool:
    """Whether what is above a place cannot run on into it: nothing, a gap, or a sentence's end."""
    if place <= 0:
        return True
    above = page.said[place - 1]
    return (
        page.said[place] - above >= 2
        or ends_sentence(page.text(above))
        or page.mark(above) is not None
        or page.cut_by(above) is not None
    )


def _read_caption(page: Page, story: Story, index: int, title: str) -> None:
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
        story.set(index, "caption")


def _read_free_head(page: Page, story: Story, start: int, stop: int, *, is_first: bool) -> int:
    """Read a head that has a title but no fixed block: dates and names above and below it."""
    place = start
    prose = next((p for p in range(start, stop) if page.is_prose(page.said[p])), stop)
    if is_first:
        # In a page's head the menu comes first, so the title is what follows its last entry; among
        # many lines, the one that a date or a name follows.
        chrome = [
            p for p in range(start, prose) if page.mark(page.said[p]) or page.cut_by(page.said[p])
        ]
        place = chrome[-1] + 1 if chrome else start
        candidates = [p for p in range(place, prose) if page.is_titleish(page.said[p])]
        if len(candidates) > LOOK_BACK:
            place = next(
                (p for p in candidates if p + 1 < stop and _is_told(page, p)), candidates[-1]
            )
    while place < stop and is_date_line(page.text(page.said[place])):
        story.set(page.said[place], "date")
        place += 1
    if place < stop and page.is_titleish(page.said[place]):
        title = page.said[place]
        story.set(title, "title")
        return read_head(page, story, place + 1, stop, page.text(title))
    return place


def _begins_soon(page: Page, place: int, lines: int = LOOK_BACK) -> bool:
    """Whether a sentence stands among the next lines; menus go on for longer."""
    return page.prose_words(place, min(place + lines, len(page.said))) > 0


def _is_told(page: Page, place: int) -> bool:
    text = page.text(page.said[place + 1])
    return (
        is_byline(text) or is_date_line(text) or page.mark(page.said[place + 1], "by") is not None
    )


def _skip_chrome(page: Page, place: int, stop: int) -> int:
    while place < stop and (
        page.mark(page.said[place]) or page.cut_by(page.said[place]) or page.tail(page.said[place])
    ):
        place += 1
    return place


def _role_near(page: Page, place: int, first: int, last: int, *roles: str) -> bool:
    near = page.said[place + first : place + last + 1]
    return any((mark := page.mark(index)) is not None and mark.role in roles for index in near)


def _place(page: Page, index: int) -> int:
    """Where a line stands in ``page.said``."""
    low, high = 0, len(page.said)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if page.said[middle] < index else (low, middle)
    return low
