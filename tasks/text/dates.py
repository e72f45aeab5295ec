"""Read an absolute date out of a line, in the languages of the packs and in numbers."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tasks.compiled import twin

FIRST_YEAR, LAST_YEAR = 1900, 2099
LONGEST = 400
"""Characters of a line that are looked at: dates of publication stand in short lines."""

HAS_YEAR, HAS_NUMBERS, HAS_YEAR_FIRST = 1, 2, 4
"""What a text has that may be of a date: a year, three numbers, three with the year before."""
_HAS_DATE = HAS_YEAR | HAS_NUMBERS

# English, German, French, Spanish, Italian, Portuguese, Dutch, with the short forms; then the
# forms that dates take in Swedish, Danish, Polish, Czech, Turkish and Russian.
_MONTHS = """
january jan januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia ledna
    ocak января
february feb februar febr février févr fév febrero febbraio fevereiro fev februari lutego
    února şubat февраля
march mar märz mär mrz mars marzo março maart mrt marts marca března марта
april apr avril avr abril abr aprile kwietnia dubna nisan апреля
may mai mayo maggio mag maio mei maj maja května mayıs мая
june jun juni juin junio giugno giu junho czerwca června haziran июня
july jul juli juillet juil julio luglio lug julho lipca července temmuz июля
august aug août agosto ago augustus augusti sierpnia srpna ağustos августа
september sep sept septembre septiembre set settembre setembro września září eylül сентября
october oct oktober okt octobre octubre ottobre ott outubro out października října ekim
    октября
november nov novembre noviembre novembro listopada listopadu kasım ноября
december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia prosince
    aralık декабря
"""
MONTHS = {
    name: number
    for number, names in enumerate(_MONTHS.replace("\n   ", "").strip().splitlines(), 1)
    for name in names.split()
} | {"sett": 9, "fevr": 2, "fevrier": 2, "aout": 8, "maerz": 3, "marco": 3, "decembre": 12}


def fold_case(text: str) -> str:
    """The text in small letters with one kind of i, as patterns that ignore case take it.

    Turkish writes *KASIM* for *kasım* and *HAZİRAN* for *haziran*.
    """
    small = text.casefold()
    return small if text.isascii() else small.replace("i\u0307", "i").replace("ı", "i")


_NUMBER_OF = {fold_case(name): number for name, number in MONTHS.items()}
_MONTH = f"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_OF = r"(?:\s*(?:of|de|del|di|van)\b)?"
_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST, _EASTERN, _IN_NUMBERS = (
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}(?P<mark>[-/.])(?P<number>1[0-2]|0?[1-9])(?P=mark){_DAY}(?!\d)",
        rf"(?<![\d.,:/-]){_DAY}(?:st|nd|rd|th|er|º|ª|\.)?{_OF}[\s-]*{_MONTH}\b\.?,?{_OF}[\s-]*{_YEAR}(?!\d)",
        # Any word: to try all months at each takes ten times as long.
        rf"(?<!\w)(?P<month>[^\W\d_]{{3,12}})\b\.?\s*{_DAY}(?:st|nd|rd|th)?\.?(?:,\s*|\s+){_YEAR}(?!\d)",
        rf"{_YEAR}\s?[年년]\s?(?P<number>1[0-2]|0?[1-9])\s?[月월]\s?{_DAY}\s?[日일]",
        r"(?<![\d./-])(?P<first>[0-3]?\d)(?P<mark>[./-])(?P<second>[0-3]?\d)(?P=mark)"
        r"(?P<year>(?:19|20)\d\d|\d\d(?=[\s,.;)|]|$))(?!\d)",
    )
)
_TIME = re.compile(
    r"(?<![\d.,:])(?P<hour>2[0-3]|[01]?\d)(?!\d)"
    r"(?:(?P<mark>[:.h])(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?|\s?(?P<clock>uhr|hrs|h\b))?"
    r"\s?(?P<zone>Z\b|[+-][01]\d:?[0-5]\d\b|\(?[A-Z]{2,4}\b\)?)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[T\s,|•·–-]*(?:(?:at|um|à|a las|alle|às|om|-)\s)?\s*")
# Names that stand for one offset only: IST, CST of China and the like are not told apart.
_OFFSETS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "PKT": 5, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
# What each kind of date has in it, which is sooner looked for.
_CLUES = {
    bit: re.compile(pattern)
    for bit, pattern in (
        (HAS_YEAR, r"[12][09]\d\d"),
        (HAS_NUMBERS, r"\d[./-]\d\d?[./-]\d\d"),
        (HAS_YEAR_FIRST, r"\d[-/.]\d\d?[-/.]\d"),
    )
}
_HAS_GLUED = re.compile(r"\d(?:st|nd|rd|th|er|º|ª)[^\W\d_]{3}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_compiled = twin(__name__)


class FoundDate(NamedTuple):
    """A date in a line and where it stands."""

    at: datetime
    """UTC; 00:00 where the line gives no time."""
    start: int
    end: int
    """One past its last character, the time included where it follows the date."""


def read_date(text: str, zone: str | None = None, day_first: bool | None = None) -> datetime | None:
    """The first absolute date that a line gives, in UTC; None where it gives none.

    A time without an offset is in ``zone`` (an IANA name), else UTC; a date without time is 00:00
    UTC. Numbers such as 3/4/2024 are read only where one order is possible, or where ``zone``
    tells the order: American zones put the month first, others the day. With dots the day is first.
    Where there is no zone ``day_first`` tells it, and None says that nobody knows.
    """
    found = find_date(text, zone, day_first)
    return found.at if found else None


def find_date(
    text: str, zone: str | None = None, day_first: bool | None = None
) -> FoundDate | None:
    """Like ``read_date``, with the place of the date in the text."""
    text = text[:LONGEST]
    clues = _clues(text)
    if not clues & _HAS_DATE:
        return None
    if zone is not None:
        day_first = not zone.startswith(("America/", "US/"))
    best: FoundDate | None = None
    for day, start, end in _days(text, clues, day_first):
        if best is None or start < best.start:
            best = _with_time(text, day, start, end, zone)
    return best


def _look_for_clues(text: str) -> int:
    """Which kinds of date a text may hold, in bits."""
    return sum(bit for bit, pattern in _CLUES.items() if pattern.search(text))


_clues: Callable[[str], int] = _look_for_clues if _compiled is None else _compiled.clues


def may_hold_date(text: str) -> bool:
    """Whether a text may hold a date, as its numbers tell."""
    return _clues(text) & _HAS_DATE != 0


def _days(text: str, clues: int, day_first: bool | None) -> Iterator[tuple[datetime, int, int]]:
    for pattern in _able(text, clues):
        for found in pattern.finditer(text):
            day = _day(found.groupdict(), day_first)
            if day is not None:
                yield day, *found.span()
                break


def _able(text: str, clues: int) -> Iterator[re.Pattern[str]]:
    """The patterns that a text could match."""
    if clues & HAS_YEAR:
        if clues & HAS_YEAR_FIRST:
            yield _YEAR_FIRST
        if _has_month(text):
            yield _DAY_FIRST
            yield _MONTH_FIRST
        if "年" in text or "년" in text:
            yield _EASTERN
    if clues & HAS_NUMBERS:
        yield _IN_NUMBERS


def _has_month(text: str) -> bool:
    """Whether a word of a text is a month's name, or may be one that a day runs into."""
    is_named = not _NUMBER_OF.keys().isdisjoint(_WORD.findall(fold_case(text)))
    return is_named or _HAS_GLUED.search(text) is not None


def _day(parts: dict[str, str | None], day_first: bool | None) -> datetime | None:
    year, day = int(parts["year"] or 0), int(parts.get("day") or 0)
    if year < 100:
        year += 2000
    if name := parts.get("month"):
        month = _NUMBER_OF.get(fold_case(name), 0)
    elif number := parts.get("number"):
        month = int(number)
    else:
        order = _order(
            int(parts["first"] or 0), int(parts["second"] or 0), parts["mark"] == ".", day_first
        )
        if order is None:
            return None
        day, month = order
    if not month or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _order(first: int, second: int, dots: bool, day_first: bool | None) -> tuple[int, int] | None:
    """Day and month of two numbers; None where both orders are possible and nothing tells."""
    if second > 12:
        return second, first
    if dots or first > 12 or first == second or day_first:
        return first, second
    return None if day_first is None else (second, first)


def puts_day_first(text: str) -> bool | None:
    """Whether the dates in numbers that a text has put the day first; None where none tells."""
    told = {
        int(found["first"]) > 12
        for found in _IN_NUMBERS.finditer(text)
        if found["mark"] != "." and 12 < max(int(found["first"]), int(found["second"])) < 32
    }
    return told.pop() if len(told) == 1 else None


def _with_time(text: str, day: datetime, start: int, end: int, zone: str | None) -> FoundDate:
    """The day with the time beside it, if there is one: after it, else right before it."""
    between = _BETWEEN.match(text, end)
    after = between.end() if between else end
    found = _TIME.match(text, after)
    if found and _is_time(found):
        return FoundDate(_at(day, found, zone), start, found.end())
    before = [found for found in _TIME.finditer(text[:start]) if _is_time(found)]
    if before and not _WORD.sub("", text[before[-1].end() : start]).strip(" ,|•·–-"):
        return FoundDate(_at(day, before[-1], zone), before[-1].start(), end)
    return FoundDate(day, start, end)


def _is_time(found: re.Match[str]) -> bool:
    minute, half, clock = found.group("minute"), found.group("half"), found.group("clock")
    if found.group("mark") == ".":
        return bool(minute and (half or clock))
    return bool(minute or half or clock)


def _at(day: datetime, found: re.Match[str], zone: str | None) -> datetime:
    hour, minute = int(found.group("hour")), int(found.group("minute") or 0)
    if half := (found.group("half") or "").lower():
        hour = hour % 12 + (12 if half == "p" else 0)
    local = day.replace(hour=hour, minute=minute, second=int(found.group("second") or 0))
    offset = _offset((found.group("zone") or "").strip("()").upper(), zone)
    try:
        return local.replace(tzinfo=offset).astimezone(UTC)
    except OverflowError:
        return local


def _offset(name: str, zone: str | None) -> tzinfo:
    if name in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[name]))
    if name[:1] in ("+", "-"):
        minutes = int(name[1:3]) * 60 + int(name[-2:])
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    return _zone(zone) if zone else UTC


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
