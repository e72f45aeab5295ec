"""Read a page that holds one story, or none: find its text by score, then its title and names."""

import re
from collections import Counter

from tasks.text.boilerplate import Scorer, best_stretch, function_words, score_by_hand
from tasks.text.dates import find_date
from tasks.text.heads import Story, read_head
from tasks.text.layout import Layout
from tasks.text.lines import strip, without_bullet
from tasks.text.marks import Page, ends_sentence, is_date_line, same_line
from tasks.text.names import clean_name, is_byline, is_person, read_byline
from tasks.text.page import Given

LEAST_WORDS = 10
"""Words of text without which a page has no article."""
HEAD_LINES = 25
"""Lines above a story's text among which its title is looked for."""
_CLEAN_SHARE = 0.85
"""Share of a page's words in sentences from which it is taken for text without chrome."""
_REVIEWED = re.compile(r"(?i)\b(?:review|fact.?check|edit|photo|foto|image|bild|illustrat|translat)")
_PUBLISHED = re.compile(r"(?i)\b(?:publi|posted|updated|aktualisiert|veröffentlicht|erstellt|stand|modified)")


def read_single(page: Page, given: Given, score: Scorer = score_by_hand) -> Layout:
    """The page as one story; a layout of family ``none`` where it has no text."""
    nothing = Layout("none", 0.0, (), [])
    if not page.said:
        return nothing
    if _is_clean(page):
        layout = _read_plain(page, given)
    else:
        layout = _read_scored(page, given, score)
    return layout if layout is not None else nothing


def _is_clean(page: Page) -> bool:
    """Whether the page is text and hardly anything else, as a feed or an extractor gives it."""
    words, good, junk = 0, 0, 0
    for index in page.said:
        words += page.words[index]
        text = page.text(index)
        if page.cut_by(index) or page.tail(index) or page.mark(index):
            junk += 1
        elif page.words[index] >= 8 or ends_sentence(text):
            good += page.words[index]
        elif page.words[index] <= 4:
            junk += 1
    return good >= _CLEAN_SHARE * words and junk <= max(4, len(page.said) // 5)


def _read_plain(page: Page, given: Given) -> Layout | None:
    """A page that is a title or nothing, a date line or nothing, and text."""
    if not _has_text(page, page.said):
        return None
    story = Story()
    place = _skip_marks(page, story)
    title = None
    if place + 1 < len(page.said):
        index = page.said[place]
        is_given = bool(given.title) and same_line(page.text(index), strip(given.title or ""))
        if is_given or (page.is_titleish(index) and _heads_text(page, place)):
            title = page.text(index)
            story.set(index, "title")
            place += 1
    place = read_head(page, story, place, len(page.said), title)
    first = page.said[place] if place < len(page.said) else len(page.lines)
    story.body = (first, len(page.lines))
    evidence = ("nearly all of the page is sentences",)
    return Layout("plain", 0.9, evidence, [story])


def _skip_marks(page: Page, story: Story) -> int:
    return read_head(page, story, 0, len(page.said), None)


def _heads_text(page: Page, place: int) -> bool:
    """Whether a first line is a title: it is no sentence, and text or a head's line follows."""
    index, after = page.said[place], page.said[place + 1]
    if ends_sentence(page.text(index)) and page.words[index] > 16:
        return False
    text = page.text(after)
    return page.words[after] > page.words[index] or is_date_line(text) or is_byline(text)


def _has_text(page: Page, indexes: list[int] | tuple[int, ...]) -> bool:
    words = sum(page.words[i] for i in indexes if not (page.cut_by(i) or page.mark(i)))
    return words >= LEAST_WORDS and any(
        page.words[i] >= 5
        and not page.hits[i]
        and (ends_sentence(page.text(i)) or function_words(page.text(i)) >= 2)
        for i in indexes
    )


def _read_scored(page: Page, given: Given, score: Scorer) -> Layout | None:
    """A page with menus and teasers around one story."""
    scores = score(page)
    chosen = best_stretch(page, scores)
    kept = [index for index, is_kept in zip(page.said, chosen, strict=True) if is_kept]
    if not _has_text(page, kept):
        return None
    start = chosen.index(True)
    story = Story()
    title = _find_title(page, start, given)
    if title is not None:
        story.set(page.said[title], "title")
        for place in range(max(0, title - HEAD_LINES), min(start + 3, len(page.said))):
            if same_line(page.text(page.said[place]), page.text(page.said[title])):
                story.set(page.said[place], "title")
    _read_around(page, story, start, title if title is not None else start)
    story.kept = frozenset(index for index in kept if index not in story.labels)
    if not story.kept:
        return None
    story.body = (min(story.kept), max(story.kept) + 1)
    share = sum(page.words[i] for i in kept) / max(sum(page.words[i] for i in page.said), 1)
    evidence = (f"one stretch of sentences with {share:.0%} of the page's words",)
    return Layout("single", 0.6 + 0.3 * min(share, 1.0), evidence, [story])


def _find_title(page: Page, start: int, given: Given) -> int | None:
    """The place of the headline above the text that begins at a place, if one can be told."""
    wanted = strip(given.title or "")
    count = Counter(page.text(index).casefold() for index in page.said[: start + 3])
    top = page.text(page.said[0]).casefold()
    common = Counter(
        page.lines[i].indent for i in page.said[start : start + 40] if page.is_prose(i)
    ).most_common(1)
    best, best_worth = None, 0.5
    for place in range(max(0, start - HEAD_LINES), min(start + 3, len(page.said))):
        index = page.said[place]
        text = page.text(index)
        if wanted and same_line(text, wanted):
            return place
        if not page.is_titleish(index) or page.tail(index) or page.words[index] < 2:
            continue
        if is_byline(text) or is_person(text):
            continue
        lowered = text.casefold()
        worth = 1.0 if 4 <= page.words[index] <= 20 else 0.0
        worth += 1.5 * (count[lowered] > 1)
        worth += 2.0 * (place > 0 and lowered in top and page.words[index] > 2)
        worth += 2.0 * bool(common and common[0][0] > page.lines[index].indent)
        near = page.said[place + 1 : place + 4]
        worth += 1.5 * any(_is_dateable(page, i) for i in near)
        worth -= 0.12 * abs(start - 1 - place)
        worth -= 2.0 * page.lines[index].is_item
        worth -= 1.0 * ends_sentence(text) * (text[-1] not in "?!")
        if worth > best_worth:
            best, best_worth = place, worth
    return best


def _is_dateable(page: Page, index: int) -> bool:
    text = page.text(index)
    return is_date_line(text) or is_byline(text) or page.mark(index, "by", "updated") is not None


def _read_around(page: Page, story: Story, start: int, title: int) -> None:
    """Label dates and bylines between title and text, or right above the title."""
    below = range(title, min(start + 3, len(page.said)))
    above = range(max(0, title - 4), title)
    for places in (below, above):
        if story.first("date") is None:
            for place in places:
                index = page.said[place]
                if index not in story.labels and (
                    is_date_line(page.text(index)) or page.mark(index, "updated") is not None
                ):
                    story.set(index, "date")
        if story.first("byline") is None:
            _read_names(page, story, places)


def _read_names(page: Page, story: Story, places: range) -> None:
    after_by = False
    for place in places:
        index = page.said[place]
        text = page.text(index)
        if index in story.labels and story.labels[index][0] != "date":
            after_by = False
            continue
        above = page.text(page.said[place - 1]) if place else ""
        if page.mark(index, "by"):
            after_by = True
        elif read_byline(text) and not _REVIEWED.search(text[:40]):
            story.set(index, "byline")
        elif is_person(clean_name(without_bullet(text))) and not _REVIEWED.search(above[:40]):
            if after_by or _is_near_date(page, place):
                story.set(index, "byline")
        elif not (after_by and len(text) <= 3):
            after_by = False


def _is_near_date(page: Page, place: int) -> bool:
    near = page.said[max(0, place - 2) : place] + page.said[place + 1 : place + 4]  # type: ignore[operator]
    return any(find_date(page.text(i)) or _PUBLISHED.search(page.text(i)[:60]) for i in near)
