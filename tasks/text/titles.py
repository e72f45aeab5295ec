"""Find the headline of a page's one story among its menus, decks and contents."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.text.dates import find_date
from tasks.text.lines import strip
from tasks.text.marks import Page, ends_sentence, is_date_line, same_line
from tasks.text.names import clean_name, is_byline, is_person
from tasks.text.page import Given

HEAD_LINES = 80
"""Lines above a story's text among which its title is looked for."""
LEAST_TITLE = 2.0
"""Worth below which a line is not taken for a title."""
DECK = 1.5
"""By how much a line right under a likely title must be worth more to take its place."""
_NUMBERED = re.compile(r"\d{1,2}\.\s")
_CREDIT = re.compile(
    r"(?i)^(?:photo|foto|image|bild|picture|credit|quelle|source)\b"
    r"|getty|shutterstock|\b(?:afp|reuters|dpa)\b.?$|cookie"
)
_WORD = re.compile(r"[^\W\d_]+")


def find_title(
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


def common_words(page: Page) -> frozenset[str]:
    """The words that the page's sentences have in small letters, and so are no names."""
    words = (_WORD.findall(page.text(i)) for i in page.said if page.is_prose(i, 8))
    return frozenset(word for line in words for word in line if word.islower())


def has_date(page: Page, index: int) -> bool:
    """Whether a line of a head gives a date: a short line that is no sentence."""
    text = page.text(index)
    if page.words[index] > 16 or len(text) > 140 or not any(map(str.isdigit, text)):
        return False
    return is_date_line(text) or (not ends_sentence(text) and find_date(text) is not None)


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
    return is_byline(text) or page.mark(index, "by", "updated") is not None or has_date(page, index)
