"""Make an article of a story's lines: title, authors, section, dateline, dates, summary, text."""

import re
from collections.abc import Callable, Mapping, Sequence

from tasks.compiled import twin
from tasks.text.dates import find_date, read_date
from tasks.text.lines import clean, strip, without_bullet
from tasks.text.marks import Page
from tasks.text.names import clean_name, is_person, read_authors, read_names
from tasks.text.page import Article, Given, Label
from tasks.text.story import Story
from tasks.text.words import NO_PLACE

HEAD_CHARACTERS = 400
"""How far into a story's first paragraph a dateline or an in-line byline is looked for."""

_CAPITAL = r"[A-ZÀ-ÖØ-ÞŁŚŠŽĞİĐ]"
_CITY_WORD = rf"{_CAPITAL}[\w'’.-]*"
_OF = "(?:(?:de|del|la|el|al|of|am|an der|on|upon|do|da|and)[ ])?"
_OF_CITIES = frozenset(re.findall("[a-z]+", _OF))
"""Words in small letters that may stand before a dateline's mark."""
_CITY = rf"{_CITY_WORD}(?:[ ]{_OF}{_CITY_WORD}){{0,3}}"
_PLACE = rf"(?P<place>{_CITY}(?:\s?/\s?{_CITY}){{0,3}}(?:, {_CITY_WORD}(?: {_CITY_WORD})?)?)"
_DATELINE = re.compile(
    rf"{_PLACE}"
    r"(?P<day>,? (?:on )?[^\W\d_]{3,9}\.? \d{1,2}(?:, \d{4})?)?"
    r"(?:\s*[(\[](?P<source>[^()\[\]]{2,60})[)\]])?"
    r"\s*(?P<mark>:\s?[-–—]|:|--|[–—]|-(?=\s))\s*(?=[^\s])"
)
_PARTS = (":", "-", "–", "—")
_HAS_PLACE, _HAS_COLON = 1, 2
_TITLES = ("Mr", "Ms", "Dr", "Prof")
_INLINE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof)\.?\s(?P<name>[^:,;()]{4,60}?)\s"
    r"(?:analysis|analyses|writes|opinion|column|comment|commentary|report|reports)\s?:"
)

_compiled = twin(__name__)


def make_article(
    page: Page, story: Story, body: Sequence[int], position: int, given: Given, *, is_only: bool
) -> Article:
    """The article of a story whose body and heading lines are known, in order.

    What the text does not say is taken from the page's record, where the page is one story.
    """
    told = story.by_label()
    title = told["title"][0] if "title" in told else None
    first = page.text(body[0]) if body else ""
    dateline, inline = read_dateline(first)
    authors = [
        name
        for index in told.get("byline", ())
        for name in story.names.get(index) or read_authors(page.text(index))
    ]
    published = _published_line(page, story, told, given.zone)
    text = page.text(published) if published is not None else None
    at = read_date(text, given.zone, story.day_first) if text else None
    given_title = strip(given.title or "") or None
    if text is None and is_only and given.published:
        at = read_date(given.published, given.zone)
        text = strip(given.published) or None
    if is_only and not (authors or inline):
        site = (given.site or "").casefold()
        authors = [name for name in given.authors if name.strip() and name.casefold() != site]
    return Article(
        position=position,
        text="\n\n".join([page.texts[index] for index in body]),
        title=clean(page.text(title)) if title is not None else (given_title if is_only else None),
        authors=tuple(dict.fromkeys([*authors, *inline])),
        section=_section(page, told) or (strip(given.section or "") or None if is_only else None),
        dateline=dateline,
        published_at=at,
        published_text=text,
        summary=tuple([without_bullet(page.text(index)) for index in told.get("summary", ())]),
    )


def read_dateline(paragraph: str) -> tuple[str | None, tuple[str, ...]]:
    """The place that a story's first paragraph begins with, and the persons named beside it.

    A place stands in capitals before a colon or dash, or in title case before a colon, before a
    dash after brackets, or before a long dash: ``DUBAI/ISLAMABAD: …``, ``Paris (A. Person) :- …``,
    ``LONDON (Reuters) - …``. Persons are also read from ``… Mr. A. Person analysis : …``.
    """
    clues = _clues(paragraph, HEAD_CHARACTERS)
    if not clues:
        return None, ()
    head = paragraph[:HEAD_CHARACTERS].replace("\xa0", " ")
    found = _DATELINE.match(head) if clues & _HAS_PLACE else None
    place: str | None = None
    names: tuple[str, ...] = ()
    if found and _is_place(found, paragraph):
        place = found.group("place")
        names = read_names(found.group("source") or "")
    is_told = clues & _HAS_COLON and any(map(head.__contains__, _TITLES))
    inline = _INLINE.finditer(head) if is_told else ()
    persons = [clean_name(name.group("name")) for name in inline]
    return place, tuple(dict.fromkeys([*(p for p in persons if is_person(p)), *names]))


def _look_for_clues(paragraph: str, size: int) -> int:
    """What its first characters may hold, in bits: what begins with a place, and a colon."""
    head = paragraph[:size]
    return (_HAS_PLACE if any(map(head.__contains__, _PARTS)) else 0) + _HAS_COLON * (":" in head)


_clues: Callable[[str, int], int] = _look_for_clues if _compiled is None else _compiled.clues


def _is_place(found: re.Match[str], paragraph: str) -> bool:
    place, mark = found.group("place"), found.group("mark")
    words = re.findall(r"[\w'’;-]+", place.casefold())
    if (
        place.casefold() == "new"
        or len(place) > 50
        or any(map(str.isdigit, place))
        or not NO_PLACE.isdisjoint(words)
    ):
        return False
    rest = paragraph[found.end() :]
    if len(rest.split()) < 8:
        return False
    is_told = found.group("source") is not None or found.group("day") is not None
    if place.isupper() and len(place) >= 3:
        return not rest[0].islower() or is_told
    if found.group("source") and mark.startswith(":"):
        return True
    if not rest.lstrip("\"'“‘„«»")[:1].isupper() and not is_told:
        return False
    if mark == ":":
        return len(words) <= 3
    if mark == "-":
        return is_told
    return len(words) <= 3 and (is_told or mark != "--")


def _section(page: Page, told: Mapping[Label, list[int]]) -> str | None:
    return without_bullet(page.text(told["section"][0])) if "section" in told else None


def _published_line(
    page: Page, story: Story, told: Mapping[Label, list[int]], zone: str | None
) -> int | None:
    """Which of a story's lines its date is read from.

    Published comes before Updated, as does any other absolute date; a relative time comes last.
    """
    if story.dated is not None:
        return story.dated
    dates: list[int] = [*told.get("date", ())]
    dates += [i for i in told.get("byline", ()) if find_date(page.text(i), zone) is not None]
    if not dates:
        return None

    def rank(index: int) -> tuple[int, int]:
        text = page.text(index).casefold()
        if find_date(page.text(index), zone) is None:
            return 3, index
        changed = page.mark(index, "updated") is not None or "updat" in text or "aktualis" in text
        published = "publi" in text or "posted" in text or "veröff" in text
        return (2 if changed and not published else 1), index

    return min(dates, key=rank)
