"""Find the lines around a story's text that bear dates and names of persons."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tasks.compiled import twin
from tasks.text.dates import find_date, puts_day_first
from tasks.text.lines import bare
from tasks.text.marks import Page
from tasks.text.names import (
    LONGEST_BYLINE,
    REVIEW_LINE,
    ROLES,
    may_name,
    read_authors,
    read_names,
    read_written_by,
)
from tasks.text.prose import Prose
from tasks.text.story import Story
from tasks.text.titles import has_date
from tasks.text.uncased import read_uncased_names

_compiled = twin(__name__)
T = TypeVar("T")
HEAD_LINES = 30
"""Lines above a title, or above the text, among which its date and its authors are looked for."""
FIRST_LINES = 12
"""Lines of the text among which they are looked for."""
TAIL_LINES = 40
"""Lines under a story's text among which they are looked for."""
TOP_LINES = 3
"""First lines of a page, among which the person whose site it is is looked for."""
FOOT_LINES = 30
"""Last lines of a page, among which its copyright is looked for."""
MOST_WORDS = 25
"""Words of a line that names authors."""
SHORT = 10
"""Words of a short line."""
LONGEST_GAP = 3
"""How many lines apart the names of one list may stand."""
ENGLISH = 300
"""Characters of English sentences in which *the* stands at least once."""
LEAST = 400
"""Characters of sentences from which their language can be told."""
_NUMBERS = re.compile(r"(?<!\d)\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d\d(?!\d)")
_COPYRIGHT = re.compile(r"(?i)^.{0,20}(?:©|\(c\)|\bcopyright\b)")
_OF_COPYRIGHT = ("©", "(c)", "copyr")
_NO_OWNER = re.compile(r"(?i)^(?:[\W\d_]|copyright\b|by\b|present\b|all rights reserved\b)+")


@dataclass(slots=True)  # frozen, it takes a microsecond more to make
class Around:
    """The lines around a story's text that bear dates or names; nobody changes it."""

    start: int
    """Place of the text's first line."""
    stop: int
    """Place after its last line."""
    title: int
    """Place of the title; that of the text's first line where there is none."""
    is_titled: bool
    """Whether there is one."""
    dates: dict[int, int]
    """Places of the lines with a date, each with its day as a number."""
    names: dict[int, tuple[str, ...]]
    """Places of the lines with names of persons, in order."""
    groups: dict[int, tuple[int, ...]]
    """First place of each run of lines that name authors together, with all its places."""
    days: Mapping[int, int]
    """On how many lines each day stands."""
    persons: Mapping[str, int]
    """On how many lines each name stands, in small letters."""
    owners: frozenset[str]
    """Persons who hold the copyright of the page, in small letters."""
    body: str
    """The text, in small letters; "" where no line has a name."""
    tail: str
    """What stands after it, in small letters; "" where no line has a name."""
    short: str
    """The page's short lines, in small letters; "" where no line has a name."""
    prose: Prose
    """The page's sentences."""


def look_for(
    page: Page, story: Story, start: int, stop: int, title: int, prose: Prose
) -> Around | None:
    """Find the lines around a text that bear dates or names; None where none does."""
    dates: dict[int, int]
    names: dict[int, tuple[str, ...]]
    said = page.said
    numbers = (_find_numbers if _compiled is None else _compiled.find_numbers)(page, _NUMBERS)
    story.day_first = _puts_day_first(page, numbers, prose) if numbers else None
    first = max(0, min(title, start) - HEAD_LINES)
    tail = max(stop, start + FIRST_LINES)
    places = [
        *range(first, min(start + FIRST_LINES, len(said))),
        *range(tail, min(tail + TAIL_LINES, len(said))),
    ]
    find = _find_lines if _compiled is None else _compiled.find_lines
    dates, names = find(page, story, places, numbers, prose, _read_line, _without_common)
    owners = _owners(page)
    for place in range(min(TOP_LINES, first)):
        if persons := _read_line(page, place, prose):
            names[place] = persons
    if owners or first > 0:
        names = dict(sorted((names | owners).items()))
    if not (dates or names):
        return None
    body = tail_text = short = ""
    if names:
        texts = page.texts
        body = " ".join([texts[index] for index in said[start:stop]]).casefold()
        tail_text = "\n".join([texts[i] for i in said[tail : tail + TAIL_LINES]]).casefold()
        short = "\n".join([texts[i] for i in said if 1 < page.words[i] <= SHORT]).casefold()
    return Around(
        start=start,
        stop=stop,
        title=title,
        is_titled=said[title] in story.labels,
        dates=dates,
        names=names,
        groups=_group(page, names, body) if names else {},
        days=_count(dates.values()),
        persons=_count_persons(names),
        owners=frozenset(_count_persons(owners)) if owners else frozenset(),
        body=body,
        tail=tail_text,
        short=short,
        prose=prose,
    )


def _count_persons(names: Mapping[int, tuple[str, ...]]) -> dict[str, int]:
    return _count([name.casefold() for found in names.values() for name in found])


def _count(found: Iterable[T]) -> dict[T, int]:
    """How often each of few things stands there, without a Counter's beginnings."""
    counts: dict[T, int] = {}
    for one in found:
        counts[one] = counts.get(one, 0) + 1
    return counts


def _find_lines(
    page: Page,
    story: Story,
    places: Sequence[int],
    numbers: Collection[int],
    prose: Prose,
    read_line: Callable[[Page, int, Prose], tuple[str, ...]],
    _: Callable[[str, Prose], str],
) -> tuple[dict[int, int], dict[int, tuple[str, ...]]]:
    """The places of lines with a date, each with its day, and of lines that name persons."""
    dates: dict[int, int] = {}
    names: dict[int, tuple[str, ...]] = {}
    for place in places:
        index = page.said[place]
        if len(page.text(index)) > LONGEST_BYLINE or page.cut_by(index):
            continue
        is_dated = index in numbers or has_date(page, index)
        if is_dated and (found := find_date(page.text(index), None, story.day_first)):
            dates[place] = found.at.toordinal()
        is_title = story.labels.get(index, ("", None))[0] == "title"
        if not is_title and (persons := read_line(page, place, prose)):
            names[place] = persons
    return dates, names


def _puts_day_first(page: Page, numbers: set[int], prose: Prose) -> bool | None:
    """Whether a page's dates in numbers put the day first; None where nothing tells.

    As another of its dates does, or as languages other than English do.
    """
    told = puts_day_first("\n".join([page.text(index) for index in sorted(numbers)]))
    size = len(prose.text)
    is_other = size >= LEAST and prose.text.count(" the ") * ENGLISH < size
    return True if told is None and is_other else told


def _find_numbers(page: Page, pattern: re.Pattern[str]) -> set[int]:
    """The short lines that have a date such as 3/4/2024."""
    return {
        index
        for index in page.said
        if page.words[index] <= MOST_WORDS and pattern.search(page.texts[index])
    }


def _read_line(page: Page, place: int, prose: Prose) -> tuple[str, ...]:
    """The persons that a line may name as authors."""
    index = page.said[place]
    text = page.text(index)
    if page.words[index] > MOST_WORDS or len(text) < 2:
        return ()
    is_by = not text.isascii() and place and page.mark(page.said[place - 1], "by")
    if is_by and (found := read_uncased_names(bare(text))):
        return found
    if text.isascii() and not may_name(text):
        return ()
    if page.mark(index) and not page.mark(index, "by", "updated", "posted-by"):
        return ()
    if REVIEW_LINE.match(text):
        return read_written_by(text)
    return tuple(_without_common(name, prose) for name in read_authors(text))


def _without_common(name: str, prose: Prose) -> str:
    """The name without a third word and further that the page has in small letters too."""
    words = name.split()
    while len(words) > 2 and len(words[-1]) > 3 and prose.has(words[-1].lower()):
        words.pop()
    return " ".join(words)


def _owners(page: Page) -> dict[int, tuple[str, ...]]:
    """Places of the lines that say which person holds the page's copyright, with the person."""
    found = {}
    for place in (_find_owned if _compiled is None else _compiled.find_owned)(page):
        text = page.text(page.said[place])
        if _COPYRIGHT.search(text):
            rest = _NO_OWNER.sub("", _COPYRIGHT.sub("", bare(text), count=1))
            if names := read_names(rest):
                found[place] = names
    return found


def _find_owned(page: Page) -> list[int]:
    """The places of the lines at a page's foot that tell of a copyright, and may name a person."""
    found = []
    for place in range(max(0, len(page.said) - FOOT_LINES), len(page.said)):
        text = page.text(page.said[place])
        if len(text) <= LONGEST_BYLINE and _may_be_owned(text) and may_name(text):
            found.append(place)
    return found


def _may_be_owned(text: str) -> bool:
    return any(map(text.lower().__contains__, _OF_COPYRIGHT))


def _group(page: Page, names: dict[int, tuple[str, ...]], body: str) -> dict[int, tuple[int, ...]]:
    """The lines with names, those of one list together: names alone, with offices between."""
    groups: list[list[int]] = []
    was_alone = was_item = False
    before: tuple[str, ...] = ()
    for place, found in names.items():
        text = page.text(page.said[place])
        is_alone = sum(map(len, found)) + 8 * len(found) >= len(text)
        is_item = page.lines.items[page.said[place]]
        last = groups[-1][-1] if groups else -LONGEST_GAP - 1
        if (
            is_alone
            and was_alone
            and is_item == was_item
            and place - last <= LONGEST_GAP
            and all(_joins(page, page.said[between]) for between in range(last + 1, place))
            and _is_subject(found, body) == _is_subject(before, body)
        ):
            groups[-1].append(place)
        else:
            groups.append([place])
        was_alone, was_item, before = is_alone, is_item, found
    return {group[0]: tuple(group) for group in groups}


def _is_subject(names: tuple[str, ...], body: str) -> bool:
    """Whether the text speaks of one of the persons."""
    return any(body.count(name.split()[-1].casefold()) > 2 for name in names)


def _joins(page: Page, index: int) -> bool:
    """Whether a line may stand between two names of one list: a mark, *and*, or an office."""
    text = page.text(index)
    words = text.casefold().replace(",", " ").split()
    if len(words) <= 1 and len(text) <= 3:
        return True
    return len(words) <= 6 and not ROLES.isdisjoint(words)
