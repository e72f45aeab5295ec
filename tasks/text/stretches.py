"""Read stories that have no fixed head, but an end, or nothing but space between them."""

from itertools import pairwise

from tasks.compiled import twin
from tasks.text.heads import read_head
from tasks.text.marks import Page, is_date_line
from tasks.text.names import is_byline, is_person
from tasks.text.story import LEAST_STORY_WORDS, Layout, Story, place_of, set_bodies

_compiled = twin("tasks.text.signs")
LEAST_MARKED_WORDS = 30
"""Words of sentences in a story that its head or a line of signs marks as one."""
LEAST_BARE_WORDS = 60
"""The same where only blank lines part them: sections of one article look alike, but shorter."""
FEED_SHARE = 0.7
"""Share of a page's words in sentences from which it is taken for a feed without menus."""
MOST_WORDS = 30
"""Words of a headline in a feed."""
SOON = 8
"""Lines under a story's head among which a sentence stands; menus go on for longer."""


def read_signed(page: Page) -> Layout | None:
    """Posts of a blog, each signed under its text: ``Posted by <name> at <time>``."""
    if "posted-by" not in page.roles:
        return None
    ends = [place for place, index in enumerate(page.said) if page.mark(index, "posted-by")]
    if len(ends) < 2:
        return None
    stories, starts, heads = [], [], []
    at = 0
    for end in ends:
        start = _skip_chrome(page, at, end)
        story = Story()
        heads.append(_read_free_head(page, story, start, end, is_first=at == 0))
        starts.append(min((place_of(page, index) for index in story.labels), default=start))
        story.set(page.said[end], "byline")
        at = end + 1
        stories.append(story)
    set_bodies(page, stories, starts, heads)
    for story, end in zip(stories, ends, strict=True):
        story.body = (story.body[0], page.said[end])
        story.is_clean = True
    evidence = (f"{len(ends)} posts, each signed with name and time",)
    return Layout("signed-posts", 0.95, evidence, stories)


def read_ended(page: Page) -> Layout | None:
    """Stories that each end with the label of a link: *Read more*."""
    if "story-end" not in page.roles:
        return None
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
        if story.first("title") is None or not _begins_soon(page, heads[-1], 2 * SOON):
            return None
        firsts.append(min(place_of(page, index) for index in story.labels))
        stops.append(page.said[end])
        stories.append(story)
    set_bodies(page, stories, firsts, heads)
    for story, stop in zip(stories, stops, strict=True):
        story.body = (story.body[0], stop)
    evidence = (f"{len(stories)} stretches of text, each with a title and an end mark",)
    return Layout("ended-stories", 0.9, evidence, stories)


def read_bare(page: Page) -> Layout | None:
    """Stories parted by two or more blank lines and nothing else, each under a title."""
    said = page.said
    if len(page.texts) < len(said) + 2:
        return None
    firsts = [0, *(place + 1 for place, (a, b) in enumerate(pairwise(said)) if b - a >= 3)]
    if len(firsts) < 2 or _has_menus(page):
        return None
    stops = [*firsts[1:], len(page.said)]
    if any(page.prose_words(*part) < LEAST_BARE_WORDS for part in zip(firsts, stops, strict=True)):
        return None
    return _read_parted(page, firsts, stops, "bare-stories", "blank lines alone")


def read_ruled(page: Page) -> Layout | None:
    """Stories parted by a line of stars, dashes or the like, each under a title."""
    if not page.known:
        return None
    rules = [
        place_of(page, index)
        for index in page.known
        if len(page.text(index)) >= 3
        and not any(map(str.isalnum, page.text(index)))
        and page.cut_by(index) is not None
    ]
    if not rules or _has_menus(page, len(rules)):
        return None
    edges = [-1, *rules, len(page.said)]
    pairs = [(one + 1, other) for one, other in pairwise(edges) if other - one > 1]
    firsts, stops = [first for first, _ in pairs], [stop for _, stop in pairs]
    return _read_parted(page, firsts, stops, "ruled-stories", "lines of signs")


def read_headed(page: Page) -> Layout | None:
    """Stories of a feed: a title, right under it a name or date, and text, over and over."""
    if page.prose_words(0, len(page.said)) < FEED_SHARE * sum(page.words):
        return None
    firsts = [
        place
        for place in (_find_told if _compiled is None else _compiled.find_told)(page)
        if page.is_titleish(page.said[place])
        and not is_person(page.text(page.said[place]))
        and (place == 0 or not page.is_titleish(page.said[place - 1]))
    ]
    if len(firsts) < 2 or page.prose_words(0, firsts[0]):
        return None
    stops = [*firsts[1:], len(page.said)]
    return _read_parted(page, firsts, stops, "headed-stories", "a name or date under each title")


def _has_menus(page: Page, spared: int = 0) -> bool:
    """Whether more lines than a few are a site's and no text's."""
    cut = sum(page.cut_by(index) is not None for index in page.known)
    return cut - spared > 3 + len(page.said) // 50


def _read_parted(
    page: Page, firsts: list[int], stops: list[int], family: str, parted_by: str
) -> Layout | None:
    """Stories of a page whose parts are known; None if one of them is no story."""
    if not 2 <= len(firsts) <= len(page.said) / 3:
        return None
    # One story in five may begin with a list; a page whose stretches all do is a menu.
    if sum(not _begins_soon(page, first) for first in firsts) * 5 > len(firsts):
        return None
    stories = []
    for first, stop in zip(firsts, stops, strict=True):
        index = page.said[first]
        if not page.is_titleish(index) or page.prose_words(first, stop) < LEAST_MARKED_WORDS:
            return None
        story = Story(is_clean=True)
        story.set(index, "title")
        head = read_head(page, story, first + 1, stop, page.text(index))
        last = page.said[stop] if stop < len(page.said) else len(page.lines)
        story.body = (page.said[head] if head < stop else last, last)
        stories.append(story)
    evidence = (f"{len(stories)} stretches of text under titles, parted by {parted_by}",)
    return Layout(family, 0.8, evidence, stories)


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
        if len(candidates) > SOON:
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


def _begins_soon(page: Page, place: int, lines: int = SOON) -> bool:
    """Whether a sentence stands among the next lines; menus go on for longer."""
    return page.prose_words(place, min(place + lines, len(page.said))) > 0


def _is_told(page: Page, place: int) -> bool:
    text = page.text(page.said[place + 1])
    return (
        is_byline(text) or is_date_line(text) or page.mark(page.said[place + 1], "by") is not None
    )


def _find_told(page: Page) -> list[int]:
    """The places of lines of two words to thirty right under which a name or a date stands."""
    return [
        place
        for place, index in enumerate(page.said[:-1])
        if 2 <= page.words[index] <= MOST_WORDS and _is_told(page, place)
    ]


def _skip_chrome(page: Page, place: int, stop: int) -> int:
    while place < stop and (
        page.mark(page.said[place]) or page.cut_by(page.said[place]) or page.tail(page.said[place])
    ):
        place += 1
    return place
