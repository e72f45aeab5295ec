"""Find the headline of a page's one story among its menus, decks and contents.

Each line above the text is described by numbers, and a sum of these, weighed, says how much speaks
for it. The weights were fitted on real pages so that the headline has the greatest sum of its page.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tasks.text.dates import find_date
from tasks.text.lines import strip
from tasks.text.marks import LONGEST_TITLE, Page, ends_sentence, is_date_line, same_line
from tasks.text.names import clean_name, is_byline, is_person
from tasks.text.page import Given
from tasks.text.words import NO_NAME

HEAD_LINES = 80
"""Lines above a story's text among which its title is looked for."""
FIRST_LINES = 6
"""Lines of the text among which it is looked for too: a text may be found a little too early."""
MOST_WORDS = 40
"""Words of a headline in a script with spaces."""
_NUMBERED = re.compile(r"\d{1,2}\.\s")
_CREDIT = re.compile(
    r"(?i)^(?:photo|foto|image|bild|picture|credit|quelle|source)\b"
    r"|getty|shutterstock|\b(?:afp|reuters|dpa)\b.?$|cookie"
)
_PATH = re.compile(r" [>»/›|] |→|\(BUTTON\)|[{}=]|https?:|\[\S+\]")
_WORD = re.compile(r"[^\W\d_]+")

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
WEIGHTS: dict[str, float] = {
    "apart_above": 1.59, "apart_below": 1.70, "capitals": -0.83, "colon": -1.35,
    "comma": -0.15, "credit": -0.64, "date_above": 0.31, "date_near": 2.02,
    "date_next": 1.30, "dated": -0.32, "deep": -0.89, "digits": 0.88,
    "distance": -0.54, "edge": -0.78, "few": -1.26, "first": -1.32,
    "heading": -2.00, "home": -0.92, "indented": -0.48, "inside": -3.51,
    "item": -1.83, "listed": -0.15, "listed_above": 0.94, "longest": 0.14,
    "many": -0.39, "menu": -0.69, "most": -2.58, "numbered": -1.57,
    "often": 0.41, "one": -1.50, "opening": 1.85, "outdented": 1.50,
    "path": -1.83, "period": -2.75, "person": -0.64, "prose_between": 0.18,
    "prose_next": 0.61, "small": -0.44, "some": 0.18, "told": 0.65,
    "told_number": 1.09, "top": 0.99, "twice": 0.42, "two": -2.71,
    "within": 1.00,
}  # fmt: skip
LEAST_TITLE = 1.72
"""Sum below which a line is not taken for a title: the log-odds of a page without one."""


def find_title(
    page: Page, start: int, kept: Sequence[int], given: Given, common: frozenset[str]
) -> int | None:
    """The place of the headline above the text that begins at a place, if one can be told."""
    wanted = strip(given.title or "")
    places = range(max(0, start - HEAD_LINES), min(start + FIRST_LINES, len(page.said)))
    if wanted:
        for place in places:
            if same_line(page.text(page.said[place]), wanted):
                return place
    around = look_around(page, start, kept, common)
    best, best_worth = None, LEAST_TITLE
    for place in places:
        if page.said[place] in around.able:
            known = describe(page, place, around)
            worth = sum(WEIGHTS[name] * value for name, value in known.items() if value)
            if worth > best_worth:
                best, best_worth = place, worth
    return best


def common_words(page: Page) -> frozenset[str]:
    """The words that the page's sentences have in small letters, and so are no names."""
    words = set(_WORD.findall(" ".join(page.text(i) for i in page.said if page.is_prose(i, 8))))
    return frozenset(word for word in words if word.islower())


def has_date(page: Page, index: int) -> bool:
    """Whether a line of a head gives a date: a short line that is no sentence."""
    text = page.text(index)
    if page.words[index] > 16 or len(text) > 140 or not any(map(str.isdigit, text)):
        return False
    return is_date_line(text) or (not ends_sentence(text) and find_date(text) is not None)


@dataclass(frozen=True, slots=True)
class Around:
    """What of a page a title is compared with."""

    start: int
    """Place of the text's first line."""
    count: Counter[str]
    """How often each line stands above the text."""
    headings: frozenset[str]
    """The lines of the text: a line above that is one of them is an entry of its contents."""
    above: str
    """All that stands above the text, where titles are looked for."""
    top: str
    """The page's first line: text browsers put the document's title there."""
    indent: int | None
    """The white space before most of the text's sentences."""
    told: frozenset[str]
    """Words of the text."""
    opening: frozenset[str]
    """Words of the text's first lines."""
    common: frozenset[str]
    """Words that the page's sentences have in small letters: no names."""
    able: frozenset[int]
    """Indexes of the lines that could be a headline."""
    dated: frozenset[int]
    """Places of dates and bylines."""
    prose: Sequence[int]
    """How many sentences stand above each line of those looked at."""


def look_around(page: Page, start: int, kept: Sequence[int], common: frozenset[str]) -> Around:
    """What of a page its lines are compared with, to find the title of the text from a place on."""
    first = max(0, start - HEAD_LINES)
    said = page.said
    window = said[first : start + FIRST_LINES]
    indents = Counter(page.lines[i].indent for i in kept if page.is_prose(i)).most_common(1)
    return Around(
        start=start,
        count=Counter(page.text(i).casefold() for i in said[: start + 1]),
        headings=frozenset(page.text(index).casefold() for index in kept[1:]),
        above="\n".join(page.text(i).casefold() for i in window),
        top=page.text(said[0]).casefold(),
        indent=indents[0][0] if indents else None,
        told=frozenset(_WORD.findall(" ".join(page.text(i) for i in kept[:200]).casefold())),
        opening=frozenset(_WORD.findall(" ".join(page.text(i) for i in kept[:5]).casefold())),
        common=common,
        able=frozenset(i for i in said[first : start + FIRST_LINES + 3] if may_be_title(page, i)),
        dated=frozenset(
            place
            for place in range(first, min(start + FIRST_LINES + 4, len(said)))
            if _is_dateable(page, said[place])
        ),
        prose=list(accumulate((page.is_prose(i) for i in window), initial=0)),
    )


def may_be_title(page: Page, index: int) -> bool:
    """Whether a line could be a headline at all."""
    text = page.text(index)
    return (
        page.words[index] <= MOST_WORDS
        and (page.words[index] >= (4 if page.lines[index].is_item else 2) or len(text) >= 12)
        and len(text) <= LONGEST_TITLE
        and any(map(str.isalnum, text))
        and not page.mark(index)
        and page.cut_by(index) is None
        and not is_date_line(text)
        and not is_byline(text)
        and not (page.is_prose(index, 10) and text[-1] in ".。" and not text.endswith("..."))
    )


def describe(page: Page, place: int, around: Around) -> dict[str, float]:
    """What is known of a line, as numbers of about 0..3."""
    index = page.said[place]
    text = page.text(index)
    lowered, words = text.casefold(), page.words[index]
    return {
        **_describe_place(page, place, around),
        "one": words == 1,
        "two": words == 2,
        "few": 3 <= words <= 4,
        "some": 5 <= words <= 7,
        "many": 13 <= words <= 20,
        "most": words > 20,
        "twice": around.count[lowered] == 2,
        "often": around.count[lowered] > 2,
        "within": words > 1 and around.above.count(lowered) > around.count[lowered],
        "top": place > 0 and words >= 3 and lowered in around.top,
        "heading": lowered in around.headings,
        "numbered": _NUMBERED.match(text) is not None,
        "home": lowered.startswith("home"),
        "credit": _CREDIT.search(text) is not None,
        "period": ends_sentence(text) and text[-1] not in "?!" and not text.endswith("..."),
        "comma": text[-1] in ",;",
        "colon": text[-1] == ":",
        "edge": text[-1] in ">|»…" or text.endswith("..."),
        "small": text[0].islower(),
        "capitals": text.isupper(),
        "path": _PATH.search(text) is not None,
        "digits": any(map(str.isdigit, text)),
        **_describe_words(text, lowered, around),
    }


def _describe_words(text: str, lowered: str, around: Around) -> dict[str, float]:
    """What the words of a line say: whether the text has them, or menus, or names."""
    parts = _WORD.findall(lowered)
    own = [word for word in parts if len(word) > 3]
    is_name = is_person(clean_name(text)) and not around.common.issuperset(own)
    return {
        "told": sum(word in around.told for word in own) / max(1, len(own)),
        "told_number": math.log1p(sum(word in around.told for word in set(own))),
        "opening": sum(word in around.opening for word in own) / max(1, len(own)),
        "menu": sum(word in NO_NAME for word in parts) / max(1, len(parts)),
        "person": is_name,
    }


def _describe_place(page: Page, place: int, around: Around) -> dict[str, float]:
    """What stands around a line, and where it stands itself."""
    said = page.said
    index = said[place]
    before = around.start - place
    first = max(0, around.start - HEAD_LINES)
    sentences = around.prose[max(place, around.start) - first] - around.prose[place - first]
    beside = [i for i in said[max(0, place - 3) : place + 4] if i != index]
    indent = page.lines[index].indent
    return {
        "distance": math.log1p(max(0, before)),
        "inside": before <= 0,
        "deep": min(3, max(0, -before)),
        "first": place == 0,
        "apart_above": _is_apart(page, place, -1),
        "apart_below": _is_apart(page, place, 1),
        "date_next": place + 1 in around.dated,
        "date_near": any(near in around.dated for near in range(place + 2, place + 5)),
        "date_above": any(near in around.dated for near in range(place - 2, place)),
        "dated": place in around.dated,
        "prose_next": place + 1 < len(said) and page.is_prose(said[place + 1]),
        "prose_between": math.log1p(sentences),
        "listed": place + 4 < len(said) and _is_listed(page, said[place + 1 : place + 4], 12),
        "listed_above": place >= 3 and _is_listed(page, said[place - 3 : place], 4),
        "longest": all(page.words[i] <= page.words[index] for i in beside if i in around.able),
        "item": page.lines[index].is_item,
        "outdented": around.indent is not None and indent < around.indent,
        "indented": around.indent is not None and indent > around.indent,
    }


def _is_listed(page: Page, indexes: Sequence[int], words: int) -> bool:
    """Whether lines look like entries of a menu or of contents: short, and no sentences."""
    return all(page.words[i] <= words and not ends_sentence(page.text(i)) for i in indexes)


def _is_apart(page: Page, place: int, step: int) -> bool:
    """Whether a blank line, or the page's edge, is beside a line."""
    other = place + step
    if not 0 <= other < len(page.said):
        return True
    return abs(page.said[other] - page.said[place]) > 1


def _is_dateable(page: Page, index: int) -> bool:
    text = page.text(index)
    return is_byline(text) or page.mark(index, "by", "updated") is not None or has_date(page, index)
