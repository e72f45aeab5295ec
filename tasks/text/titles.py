"""Find the headline of a page's one story among its menus, decks and contents.

Each line above the text is described by numbers, and a sum of these, weighed, says how much speaks
for it. The weights were fitted on real pages so that the headline has the greatest sum of its page.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tasks.compiled import twin
from tasks.text.dates import find_date
from tasks.text.lines import has_digit, strip
from tasks.text.marks import (
    LONGEST_TITLE,
    PROSE_WORDS,
    Page,
    is_date_line,
    same_line,
)
from tasks.text.names import clean_name, is_byline, is_person
from tasks.text.page import Given
from tasks.text.prose import Prose
from tasks.text.words import NO_NAME

_compiled = twin(__name__)

HEAD_LINES = 80
"""Lines above a story's text among which its title is looked for."""
FIRST_LINES = 6
"""Lines of the text among which it is looked for too: a text may be found a little too early."""
SHORT_NOTE = 8
"""Words of a line that is no sentence, though it ends in a period: *May 3, 2024. 5 min.*"""
FEW_CHARACTERS = 4000
"""Characters of a text in which a word is looked for as it is."""
MOST_WORDS = 40
"""Words of a headline in a script with spaces."""
_NUMBERED = re.compile(r"\d{1,2}\.\s")
_CREDIT = re.compile(r"(?:photo|foto|image|bild|picture|credit|quelle|source)\b")
_CREDITED = ("getty", "shutterstock", "cookie")
_AGENCIES = ("afp", "reuters", "dpa", "afp)", "reuters)", "dpa)")
_PATH = re.compile(r"[→{}=]| [>»/›|] |\(BUTTON\)|https?:|\[\S+\]")
_IN_PATH = re.compile(r"[→{}=>»/›|(\[:]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_PARTED = "".join(char if char.isalpha() else " " for char in map(chr, range(128)))
"""What stands for each ASCII character where letters alone are read."""

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
WEIGHTS: dict[str, float] = {
    "apart_above": 1.59, "apart_below": 1.69, "capitals": -1.11, "colon": -1.47,
    "comma": -0.26, "credit": -0.79, "date_above": 0.39, "date_near": 1.94,
    "date_next": 1.27, "dated": -0.21, "deep": -0.99, "digits": 0.81,
    "distance": -0.64, "edge": -0.76, "few": -1.23, "first": -1.25,
    "heading": -2.43, "home": -0.51, "indented": -0.41, "inside": -3.88,
    "item": -1.30, "listed": -0.23, "listed_above": 0.76, "longest": 0.11,
    "many": -0.39, "menu": -0.55, "most": -2.83, "numbered": -2.09,
    "often": 0.32, "one": -1.68, "opening": 1.90, "outdented": 1.64,
    "path": -1.95, "period": -1.09, "person": -0.49, "prose_between": 0.33,
    "prose_next": 0.37, "small": -0.82, "some": 0.11, "told": 0.99,
    "told_number": 1.15, "top": 0.51, "twice": 0.40, "two": -2.90,
    "within": 1.16,
}  # fmt: skip
LEAST_TITLE = 1.53
"""Sum below which a line is not taken for a title: the log-odds of a page without one."""

# What a line says, but for its size and for what the text says too, is told by flags and a share.
_SAYING = (
    "twice often within top heading numbered home credit period comma colon edge small capitals "
    "path digits menu person"
)
_MOST_OF_REST = sum(max(0.0, WEIGHTS[name]) for name in _SAYING.split()) + 1e-6
"""The most that it can add to a line's sum; sums are rounded."""
_MOST_OF_WORDS = (
    _MOST_OF_REST
    + max(0.0, *(WEIGHTS[name] for name in ("one", "two", "few", "some", "many", "most")))
    + sum(max(0.0, WEIGHTS[name]) for name in ("told", "opening"))
    + max(0.0, WEIGHTS["told_number"]) * math.log1p(LONGEST_TITLE // 4)
)
"""The same with its size and with the words of the text in it, which are of four letters."""


def find_title(
    page: Page, start: int, kept: Sequence[int], given: Given, prose: Prose
) -> int | None:
    """The place of the headline above the text that begins at a place, if one can be told."""
    wanted = strip(given.title or "")
    stop = min(start + FIRST_LINES, len(page.said))
    if wanted and (same := find_same(page, max(0, start - HEAD_LINES), stop, wanted)):
        return same[0]
    find_best = _find_best if _compiled is None else _compiled.find_best
    at: int | None = find_best(page, start, kept, prose, WEIGHTS, LEAST_TITLE)
    return at


def find_same(page: Page, first: int, stop: int, wanted: str) -> list[int]:
    """The places of the lines, of those from a first to a last, that say the same as a text."""
    find = _find_same if _compiled is None else _compiled.find_same
    found: list[int] = find(page, first, stop, wanted)
    return found


def _find_same(page: Page, first: int, stop: int, wanted: str) -> list[int]:
    said, texts = page.said, page.texts
    return [place for place in range(first, stop) if same_line(texts[said[place]], wanted)]


def _find_best(
    page: Page,
    start: int,
    kept: Sequence[int],
    prose: Prose,
    weights: dict[str, float],
    least: float,
) -> int | None:
    """The place of the line with the greatest sum, if that is more than the least."""
    places = range(max(0, start - HEAD_LINES), min(start + FIRST_LINES, len(page.said)))
    around = look_around(page, start, kept, prose)
    worths = {
        place: weigh(weights, _describe_place(page, place, around))
        for place in around.able
        if place in places
    }
    best, best_worth = None, least
    # The likeliest first: what a line says is asked only where it can still decide.
    for place in sorted(worths, key=worths.__getitem__, reverse=True):
        worth = worths[place]
        if worth + _MOST_OF_WORDS < best_worth:
            break
        size = _describe_size(around.able[place])
        told = _describe_told(page.text(page.said[place]), around)
        if worth + weigh(weights, size) + weigh(weights, told) + _MOST_OF_REST < best_worth:
            continue
        worth += weigh(weights, size | _describe_words(page, place, around, told))
        if worth > best_worth or (worth == best_worth and best is not None and place < best):
            best, best_worth = place, worth
    return best


def weigh(weights: dict[str, float], known: dict[str, float]) -> float:
    """What is known of a line, summed with its weights: log-odds."""
    worth = 0.0
    for name, value in known.items():
        if value:
            worth += weights[name] * value
    return worth


def has_date(page: Page, index: int) -> bool:
    """Whether a line of a head gives a date: a short line that is no sentence."""
    if page.words[index] > 16:
        return False
    text = page.texts[index]
    if len(text) > 140 or not has_digit(text):
        return False
    return is_date_line(text) or (
        (page.words[index] <= SHORT_NOTE or not page.is_ended[index])
        and find_date(text) is not None
    )


@dataclass(frozen=True, slots=True)
class Around:
    """What of a page a title is compared with."""

    start: int
    """Place of the text's first line."""
    first: int
    """Place of the first line that is looked at."""
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
    told: Callable[[str], bool]
    """Whether a word is one of the text's."""
    opening: Callable[[str], bool]
    """Whether it is one of the text's first lines'."""
    prose: Prose
    """The page's sentences."""
    able: dict[int, int]
    """Places of the lines that could be a headline, each with its words."""
    dated: frozenset[int]
    """Places of dates and bylines."""
    sizes: Sequence[int]
    """Words of each line looked at; 0 where it could be no headline."""
    listed: Sequence[int]
    """Words of each line looked at; 99 where it ends like a sentence."""


def look_around(page: Page, start: int, kept: Sequence[int], prose: Prose) -> Around:
    """What of a page a title is compared with."""
    said = page.said
    first = max(0, start - HEAD_LINES)
    window = said[first : start + FIRST_LINES + 4]
    lowered = [page.texts[index].casefold() for index in window]
    texts = "\n".join([page.texts[index] for index in kept[:200]]).casefold().split("\n")
    indents = Counter([page.lines.indents[i] for i in kept if page.words[i] >= PROSE_WORDS])
    counted = lowered if not first else [page.texts[i].casefold() for i in said[: start + 1]]
    dated, able, sizes, listed = set(), {}, [], []
    for place, index in enumerate(window, first):
        words = page.words[index]
        listed.append(words if words <= 12 and not page.is_ended[index] else 99)
        if words <= 16 and _is_dateable(page, index):
            dated.add(place)
        may_be = may_be_title(page, index)
        sizes.append(words if may_be else 0)
        if may_be:
            able[place] = words
    return Around(
        start=start,
        first=first,
        count=Counter(counted[: start + 1]),
        headings=frozenset(texts[1:]),
        above="\n".join(lowered[: start - first + FIRST_LINES]),
        top=page.text(said[0]).casefold(),
        indent=indents.most_common(1)[0][0] if indents else None,
        told=_words_of(texts),
        opening=_words_of(texts[:5]),
        prose=prose,
        able=able,
        dated=frozenset(dated),
        sizes=sizes,
        listed=listed,
    )


def _words_of(texts: Sequence[str]) -> Callable[[str], bool]:
    """Tell of a word of four letters or more whether the texts have it.

    To look for some words is sooner done than to part a text of a few kilobytes into its own.
    """
    joined = " ".join(texts)
    if len(joined) <= FEW_CHARACTERS:
        return partial(_has_word, f" {joined} ")
    if joined.isascii():
        return frozenset(joined.translate(_PARTED).split()).__contains__
    parts = set(joined.split())
    odd = " ".join([part for part in parts if not part.isalpha()])
    return parts.union(_WORD.findall(odd)).__contains__


def _has_word(text: str, word: str) -> bool:
    at = text.find(word)
    while at >= 0:
        if not (_is_letter(text[at - 1]) or _is_letter(text[at + len(word)])):
            return True
        at = text.find(word, at + 1)
    return False


def _is_letter(char: str) -> bool:
    """Whether patterns of words take a character for one of a word."""
    return char.isalnum() and not char.isdecimal()


def may_be_title(page: Page, index: int) -> bool:
    """Whether a line could be a headline at all, though it be dated."""
    text, words = page.texts[index], page.words[index]
    return (
        words <= MOST_WORDS
        and (words >= 2 or len(text) >= 12)
        and len(text) <= LONGEST_TITLE
        and not (page.hits[index] and (page.mark(index) or page.cut_by(index)))
        and not (
            words >= 10 and text[-1] in ".。" and text[-3:] != "..." and page.is_prose(index, 10)
        )
        and (words >= 4 or len(text) >= 12 or not page.lines.items[index])
        and (text[0].isalnum() or any(map(str.isalnum, text)))
        and not is_date_line(text)
        and not is_byline(text)
    )


def describe(page: Page, place: int, around: Around) -> dict[str, float]:
    """What is known of a line, as numbers of about 0..3."""
    told = _describe_told(page.text(page.said[place]), around)
    return (
        _describe_place(page, place, around)
        | _describe_size(around.able[place])
        | _describe_words(page, place, around, told)
    )


def _describe_size(words: int) -> dict[str, float]:
    """How many words a line has."""
    return {
        "one": words == 1,
        "two": words == 2,
        "few": 3 <= words <= 4,
        "some": 5 <= words <= 7,
        "many": 13 <= words <= 20,
        "most": words > 20,
    }


def _describe_told(text: str, around: Around) -> dict[str, float]:
    """What of a line the text says too."""
    own = _WORD.findall(text.casefold())
    told = sum(map(around.told, own))
    return {
        "told": told / max(1, len(own)),
        "told_number": math.log1p(told),
        "opening": sum(map(around.opening, own)) / max(1, len(own)),
    }


def _describe_words(
    page: Page, place: int, around: Around, told: dict[str, float]
) -> dict[str, float]:
    """What else a line says, and in what shape."""
    index = page.said[place]
    text = page.text(index)
    lowered, words = text.casefold(), page.words[index]
    last = text[-1]
    return {
        "twice": around.count[lowered] == 2,
        "often": around.count[lowered] > 2,
        "within": words > 1 and around.above.count(lowered) > around.count[lowered],
        "top": place > 0 and words >= 3 and lowered in around.top,
        "heading": lowered in around.headings,
        "numbered": text[0].isdigit() and _NUMBERED.match(text) is not None,
        "home": lowered.startswith("home"),
        "credit": _CREDIT.match(lowered) is not None
        or lowered.endswith(_AGENCIES)
        or any(word in lowered for word in _CREDITED),
        "period": last not in "?!" and page.is_ended[index] and text[-3:] != "...",
        "comma": last in ",;",
        "colon": last == ":",
        "edge": last in ">|»…" or text[-3:] == "...",
        "small": text[0].islower(),
        "capitals": text.isupper(),
        "path": _IN_PATH.search(text) is not None and _PATH.search(text) is not None,
        "digits": has_digit(text),
        **told,
        "menu": sum([word in NO_NAME for word in lowered.split()]) / max(1, words),
        "person": 2 <= words <= 5
        and is_person(clean_name(text))
        and not all(map(around.prose.has, _WORD.findall(lowered))),
    }


def _describe_place(page: Page, place: int, around: Around) -> dict[str, float]:
    """What stands around a line, and where it stands itself."""
    said, dated = page.said, around.dated
    index = said[place]
    before, at = around.start - place, place - around.first
    listed, size = around.listed, len(said)
    following = said[place + 1] if place + 1 < size else None
    words = around.able[place]
    indent = page.lines.indents[index]
    return {
        "distance": math.log1p(max(0, before)),
        "inside": before <= 0,
        "deep": min(3, max(0, -before)),
        "first": place == 0,
        "apart_above": place == 0 or index - said[place - 1] > 1,
        "apart_below": following is None or following - index > 1,
        "date_next": place + 1 in dated,
        "date_near": place + 2 in dated or place + 3 in dated or place + 4 in dated,
        "date_above": place - 1 in dated or place - 2 in dated,
        "dated": place in dated,
        "prose_next": following is not None and page.prose[place + 2] > page.prose[place + 1],
        "prose_between": math.log1p(page.prose_words(place, around.start) / PROSE_WORDS),
        "listed": place + 4 < size and max(listed[at + 1 : at + 4]) <= 12,
        "listed_above": at >= 3 and max(listed[at - 3 : at]) <= 4,
        "longest": max(around.sizes[max(0, at - 3) : at + 4]) <= words,
        "item": page.lines.items[index],
        "outdented": around.indent is not None and indent < around.indent,
        "indented": around.indent is not None and indent > around.indent,
    }


def _is_dateable(page: Page, index: int) -> bool:
    text = page.text(index)
    return has_date(page, index) or page.mark(index, "by", "updated") is not None or is_byline(text)
