"""Read a relative time, such as *3 hours ago*, against the time at which its page was fetched."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import datetime, timedelta

from tasks.text.dates import fold_case, read_date
from tasks.text.lines import strip
from tasks.text.marks import Page
from tasks.text.page import Article, Given
from tasks.text.story import Story

LONGEST = 120
"""Characters of a line that is looked at: relative times stand in short lines."""

# English, German, French, Spanish, Italian, Portuguese, Dutch, Arabic, Urdu. Months and years are
# left out: they say too little of the day.
_SECONDS = {
    1: "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo "
    "secondi seconden ثانية ثوان ثواني سیکنڈ",
    60: "m min mins minute minutes minuten minuto minutos minuti minuut دقيقة دقائق منٹ",
    3600: "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur ساعة ساعات "
    "گھنٹہ گھنٹے",
    86400: "d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen يوم "
    "أيام دن",
    604800: "w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane "
    "weken أسبوع أسابيع ہفتہ ہفتے",
}
_UNITS = {name: seconds for seconds, names in _SECONDS.items() for name in names.split()}
_SECONDS_OF = {fold_case(name): seconds for name, seconds in _UNITS.items()}
_AMOUNTS = {
    1: "a an one einer einem eine einen un une uno una um uma een",
    2: "two zwei deux dos due dois twee",
    3: "three drei trois tres tre três drie",
}
_NUMBERS = {name: number for number, names in _AMOUNTS.items() for name in names.split()}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_AMOUNT = rf"(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)})\s?(?P<unit>{_UNIT})\b\.?"
_MORE = rf"(?:,?\s(?:and\s|und\s|et\s|y\s)?(?P<number2>\d{{1,3}})\s?(?P<unit2>{_UNIT})\b\.?)?"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_AMOUNT}{_MORE}\s(?:ago|geleden|atrás|fa)\b",
        rf"\b(?:vor|il y a|hace|há|منذ|قبل)\s{_AMOUNT}{_MORE}",
        rf"\b{_AMOUNT}{_MORE}\s(?:قبل|پہلے)",
    )
]
_NOW = re.compile(
    r"\b(?:just now|gerade eben|à l['’]instant|ahora mismo|proprio ora|agora mesmo|zojuist|الآن)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAID = """
published posted updated last on at am um by von par por il le el y veröffentlicht aktualisiert
publié mis jour modifié publicado actualizado pubblicato aggiornato gepubliceerd bijgewerkt
نشر تحديث شائع
"""
_LABELS = frozenset(_SAID.split())
"""Words that may stand beside a relative time in a line of its own."""


def read_relative(text: str, fetched_at: datetime) -> datetime | None:
    """When it was, in UTC, that a line names by how long ago it was; None where it names none.

    Days and weeks ago are 00:00 of that day, UTC, as a date without time is; hours and less are
    told to the minute. Months and years ago are None: nobody knows the day.

    Args:
        text: A short line, such as that of a story's date.
        fetched_at: What it counts back from, UTC.
    """
    if len(text) > LONGEST:
        return None
    for pattern in _PATTERNS:
        if found := pattern.search(text):
            return _back(found, fetched_at)
    if _NOW.search(text):
        return fetched_at.replace(second=0, microsecond=0)
    return None


def date_article(
    article: Article, page: Page, story: Story, given: Given, *, is_only: bool
) -> Article:
    """The article with a date from a relative time in its head, where the page says no other.

    The same article where it has a date, or nobody knows when the page was fetched. A date in
    the page's record is better than a relative time, where the page is one story.
    """
    if article.published_at is not None:
        return article
    if is_only and given.published and (at := read_date(given.published, given.zone)):
        return replace(article, published_at=at, published_text=strip(given.published))
    if given.fetched_at is None:
        return article
    for index in _head_lines(page, story):
        at = read_relative(page.text(index), given.fetched_at)
        if at is not None:
            return replace(article, published_at=at, published_text=page.text(index))
    return article


def is_relative_line(text: str) -> bool:
    """Whether a line says how long ago something was, and hardly anything else."""
    if len(text) > LONGEST:
        return False
    for pattern in (*_PATTERNS, _NOW):
        if found := pattern.search(text):
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return _LABELS.issuperset(_WORD.findall(rest.casefold()))
    return False


def _back(found: re.Match[str], fetched_at: datetime) -> datetime | None:
    parts = found.groupdict()
    seconds, coarsest = 0, 0
    for number, unit in (("number", "unit"), ("number2", "unit2")):
        if parts[number] and parts[unit]:
            amount = _NUMBERS.get(fold_case(parts[number])) or int(parts[number])
            size = _SECONDS_OF[fold_case(parts[unit])]
            seconds, coarsest = seconds + amount * size, max(coarsest, size)
    at = fetched_at - timedelta(seconds=seconds)
    return _day(at) if coarsest >= 86400 else at.replace(second=0, microsecond=0)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _head_lines(page: Page, story: Story) -> list[int]:
    """A story's lines that may give its date, the likeliest first."""
    labelled = [*story.all("date"), *story.all("byline")]
    first = min([*story.labels, story.body[0]])
    places = slice(bisect_left(page.said, first), bisect_right(page.said, story.body[0]))
    above = [index for index in page.said[places] if is_relative_line(page.text(index))]
    lines = dict.fromkeys([*labelled, *above])
    return sorted(lines, key=lambda index: page.mark(index, "updated") is not None)
