"""Read a page that holds one story, or none: find its text by score, then its title and names."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.text.boilerplate import Scorer, best_stretch, function_words, score_by_hand
from tasks.text.dates import find_date
from tasks.text.heads import Story, read_head
from tasks.text.layout import Layout
from tasks.text.lines import strip, without_bullet
from tasks.text.marks import Page, ends_sentence, is_date_line, same_line
from tasks.text.names import (
    clean_name,
    is_byline,
    is_person,
    read_byline,
    read_dated_names,
    read_name_line,
)
from tasks.text.page import Given

LEAST_WORDS = 10
"""Words of text without which a page has no article."""
HEAD_LINES = 80
"""Lines above a story's text among which its title is looked for."""
TAIL_LINES = 40
"""Lines under a story's text among which its signature is looked for."""
LEAST_TITLE = 2.0
"""Worth below which a line is not taken for a title."""
HEAD_JUNK = 9
"""First lines of a page, of which a third may be short where there is no menu."""
DECK = 1.5
"""By how much a line right under a likely title must be worth more to take its place."""
_CLEAN_SHARE = 0.85
"""Share of a page's words in sentences from which it is taken for text without chrome."""
_REVIEWED = re.compile(
    r"(?i)\b(?:review|fact.?check|edit|photo|foto|image|bild|illustrat|translat)"
)
_WRITTEN = re.compile(
    r"(?i)\W*(?:(?:article |story |post )?(?:written|posted) by|about the author|author|autor(?:in)?)\b"
)
_NUMBERED = re.compile(r"\d{1,2}\.\s")
_CREDIT = re.compile(
    r"(?i)^(?:photo|foto|image|bild|picture|credit|quelle|source)\b|getty|shutterstock|\b(?:afp|reuters|dpa)\b.?$|cookie"
)
_WORD = re.compile(r"[^\W\d_]+")
_PUBLISHED = re.compile(
    r"(?i)\b(?:publi|posted|updated|aktualisiert|veröffentlicht|erstellt|stand|modified)"
)


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
    top = page.said[:HEAD_JUNK]
    if sum(page.words[i] <= 4 and not ends_sentence(page.text(i)) for i in top) > len(top) // 3 + 1:
        return False
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
    common = _common_words(page)
    title = _find_title(page, start, kept, given, common)
    if title is not None:
        story.set(page.said[title], "title")
        for place in range(max(0, title - HEAD_LINES), min(start + 3, len(page.said))):
            if same_line(page.text(page.said[place]), page.text(page.said[title])):
                story.set(page.said[place], "title")
    stop = len(chosen) - chosen[::-1].index(True)
    _read_around(page, story, start, stop, title if title is not None else start, common)
    story.kept = frozenset(index for index in kept if index not in story.labels)
    if not story.kept:
        return None
    story.body = (min(story.kept), max(story.kept) + 1)
    share = sum(page.words[i] for i in kept) / max(sum(page.words[i] for i in page.said), 1)
    evidence = (f"one stretch of sentences with {share:.0%} of the page's words",)
    return Layout("single", 0.6 + 0.3 * min(share, 1.0), evidence, [story])


def _find_title(
    page: Page, start: int, kept: Sequence[int], given: Given, common: frozenset[str]
) -> int | None:
    """The place of the headline above the text that begins at a place, if one can be told."""
    wanted = strip(given.title or "")
    first, last = max(0, start - HEAD_LINES), min(start + 3, len(page.said))
    around = _Around(
        count=Counter(page.text(index).casefold() for index in page.said[: start + 1]),
        headings=frozenset(page.text(index).casefold() for index in kept[1:]),
        top=page.text(page.said[0]).casefold(),
        indent=Counter(page.lines[i].indent for i in kept if page.is_prose(i)).most_common(1),
        common=common,
        told=frozenset(_WORD.findall(" ".join(page.text(i) for i in kept[:200]).casefold())),
    )
    best, best_worth = None, LEAST_TITLE
    for place in range(first, last):
        index = page.said[place]
        if wanted and same_line(page.text(index), wanted):
            return place
        if not _may_be_title(page, index):
            continue
        worth = _title_worth(page, place, around)
        worth -= 0.02 * max(0, start - 1 - place) + 1.0 * (place >= start) + 1.0 * (place > start)
        # A line under the headline that says the same in more words is its deck.
        is_deck = best is not None and place - best <= 2 and worth - best_worth < DECK
        if worth > best_worth and not is_deck:
            best, best_worth = place, worth
    return best


@dataclass(frozen=True, slots=True)
class _Around:
    """What of a page a title is compared with."""

    count: Counter[str]
    """How often each line stands above the text."""
    headings: frozenset[str]
    """The lines of the text: a line above that is one of them is an entry of its contents."""
    top: str
    """The page's first line: text browsers put the document's title there."""
    indent: list[tuple[int, int]]
    """The white space before most of the text's sentences, and in how many lines."""
    told: frozenset[str]
    """Words of the text."""
    common: frozenset[str]
    """Words that the page's sentences have in small letters: no names."""


def _common_words(page: Page) -> frozenset[str]:
    """The words that the page's sentences have in small letters, and so are no names."""
    words = (_WORD.findall(page.text(i)) for i in page.said if page.is_prose(i, 8))
    return frozenset(word for line in words for word in line if word.islower())


def _may_be_title(page: Page, index: int) -> bool:
    text = page.text(index)
    return (
        page.is_titleish(index)
        and page.tail(index) is None
        and (page.words[index] >= 2 or len(text) >= 12)
        and not is_byline(text)
        and not _CREDIT.search(text)
        and text[-1] not in ">:|"
    )


def _title_worth(page: Page, place: int, around: _Around) -> float:
    """How much speaks for a line as the headline, about 0..10, no unit."""
    index = page.said[place]
    text = page.text(index)
    lowered, words = text.casefold(), page.words[index]
    parts = [word for word in _WORD.findall(lowered) if len(word) > 3]
    shared = sum(word in around.told for word in parts) / len(parts) if parts else 0.0
    alone = _is_apart(page, place, -1) + _is_apart(page, place, 1)
    near = [_is_dateable(page, i) for i in page.said[place + 1 : place + 5]]
    worth = 1.5 if 5 <= words <= 20 else 0.7 if words >= 4 else 0.0
    worth += 2.0 * shared
    worth += 0.5 * alone
    worth += 1.5 * (around.count[lowered] > 1 and words >= 4)
    worth += 1.5 * (place > 0 and words >= 3 and lowered in around.top)
    worth += 1.0 * bool(around.indent and around.indent[0][0] > page.lines[index].indent)
    worth += 1.3 * any(near) + 0.9 * any(near[:2])
    worth -= 1.5 * (lowered in around.headings) + 1.0 * (_NUMBERED.match(text) is not None)
    worth -= 1.5 * (find_date(text) is not None) + 1.0 * lowered.startswith("home")
    worth -= 0.8 * (len(near) == 4 and not any(near) and _is_listed(page, place))
    worth -= 2.0 * page.lines[index].is_item
    worth -= 2.0 * (is_person(clean_name(text)) and not around.common.issuperset(parts))
    worth -= 1.0 * (ends_sentence(text) and text[-1] not in "?!")
    worth -= 1.5 * (text[0].islower())
    return worth - 1.5 * any(mark in text for mark in (" > ", " » ", "→", "(BUTTON)", "{"))


def _is_listed(page: Page, place: int) -> bool:
    """Whether the lines after one look like more entries of the same menu or contents."""
    return all(
        page.words[i] <= 12 and not ends_sentence(page.text(i))
        for i in page.said[place + 1 : place + 4]
    )


def _is_apart(page: Page, place: int, step: int) -> bool:
    """Whether a blank line, or the page's edge, is beside a line."""
    other = place + step
    if not 0 <= other < len(page.said):
        return True
    return abs(page.said[other] - page.said[place]) > 1


def _is_dateable(page: Page, index: int) -> bool:
    text = page.text(index)
    return (
        is_byline(text) or page.mark(index, "by", "updated") is not None or _has_date(page, index)
    )


def _has_date(page: Page, index: int) -> bool:
    """Whether a line of a head gives a date: a short line that is no sentence."""
    text = page.text(index)
    if page.words[index] > 16 or len(text) > 140 or not any(map(str.isdigit, text)):
        return False
    return is_date_line(text) or (not ends_sentence(text) and find_date(text) is not None)


def _read_around(
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
        elif _has_date(page, index):
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
                if _is_name(page.text(other), common):
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
            _has_date(page, index) and _is_new(read_dated_names(text), common)
        ):
            story.set(index, "byline")
        elif _is_name(text, common) and not was_review:
            if after_by or _is_near_date(page, place) or _is_below_title(page, story, place):
                story.set(index, "byline")
        elif not (after_by and len(text) <= 3):
            after_by = False


def _is_new(names: tuple[str, ...], common: frozenset[str]) -> bool:
    return bool(names) and all(_is_name(name, common) for name in names)


def _is_below_title(page: Page, story: Story, place: int) -> bool:
    """Whether the title stands right above a line, or a deck at most between."""
    return any(
        story.labels.get(index, ("", None))[0] == "title"
        for index in page.said[max(0, place - 2) : place]
    )


def _is_name(text: str, common: frozenset[str]) -> bool:
    """Whether a line is a person's name alone, and none of its words is a common one here."""
    name = read_name_line(without_bullet(text))
    return name is not None and common.isdisjoint(
        w for w in _WORD.findall(name.casefold()) if len(w) > 3
    )


def _is_near_date(page: Page, place: int) -> bool:
    near = page.said[max(0, place - 2) : place] + page.said[place + 1 : place + 4]  # type: ignore[operator]
    return any(find_date(page.text(i)) or _PUBLISHED.search(page.text(i)[:60]) for i in near)
