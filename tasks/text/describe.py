"""Describe by numbers the lines that may tell when a story came out, or who wrote it."""

import math
import re

from tasks.text.given_names import is_given_name
from tasks.text.lines import bare
from tasks.text.marks import Page, ends_sentence, is_date_line
from tasks.text.names import ROLES, read_byline, read_name_line
from tasks.text.signs import Around

OLD = 729_000
"""A day of 1996, as ordinal: pages with earlier dates tell of history."""
CARDS = 12
"""How many lines apart the entries of one list of stories may stand."""
_REVIEWED = re.compile(
    r"(?i)\b(?:review|fact.?check|edit|photo|foto|image|bild|illustrat|translat|credit|©)"
)
_PICTURED = re.compile(
    r"(?i)\W*(?:photo|foto|image|bild|fot\.|credit|picture|getty|reuters|afp\b|ap\b|epa\b|dpa\b|©"
    r"|quelle|source)"
)
_WRITTEN = re.compile(
    r"(?i)\W*(?:(?:(?:article|story|post|text|words|report|this post was) )?"
    r"(?:(?:written|posted|published|contributed|created|verfasst|geschrieben|escrito) )?"
    r"(?:by|von|par|por|di|door|av|af|przez)"
    r"|(?:about|meet|über) (?:the |den |die )?(?:authors?|writers?|autor(?:in|en)?)"
    r"|authors?|autor(?:in|en|es)?|auteurs?|autore|text|reporter|writer)(?:\(s\))?\W*"
)
_WORD = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(
    r"(?i)(?<![\d:.])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?![\d:])"
    r"|\b\d+\s?-?(?:min|minutes?|mins|minuten)\b.{0,8}\b(?:read|lesezeit|lecture|lettura)"
    r"|\b\d+ \w+ ago\b|\bvor \d+ \w+"
)
_PUBLISHED = re.compile(
    r"(?i)\b(?:publi|posted|veröffentlicht|erstellt|erschienen|gepubliceerd|opublik|created|first)"
)
_UPDATED = re.compile(
    r"(?i)\b(?:updated|aktualisiert|stand|modified|revised|reviewed|current as|actualizad"
    r"|mis à jour|modifié|aggiornat|atualizad|bijgewerkt|uppdatera|oppdatert)"
)
_OTHER = re.compile(
    r"(?i)©|copyright|expires|event|deadline|registr|founded|since|effective|\bsays\b"
    r"|repl(?:y|ies)\b|comment"
)


def describe_date(page: Page, place: int, around: Around) -> dict[str, float]:
    """What is known of a line with a date, as numbers of about 0..3."""
    index = page.said[place]
    text = page.text(index)
    above = page.text(page.said[place - 1])[:60] if place else ""
    if len(above.split()) > 5:
        above = ""
    day = around.dates[place]
    near = [p for p in around.dates if 0 < abs(p - place) <= 8 and around.dates[p] != day]
    return _where(place, around) | {
        "published": _PUBLISHED.search(text) is not None,
        "updated": _UPDATED.search(text) is not None,
        "published_above": _PUBLISHED.search(above) is not None,
        "updated_above": _UPDATED.search(above) is not None,
        "other": _OTHER.search(text) is not None or _OTHER.search(above) is not None,
        "alone": is_date_line(text),
        "words": math.log1p(page.words[index]),
        "item": page.lines.items[index],
        "byline": bool(read_byline(text)),
        "names": place in around.names,
        "names_near": any(p in around.names for p in (place - 2, place - 1, place + 1, place + 2)),
        "others_near": math.log1p(len(near)),
        "twice": around.days[day] > 1,
        "latest": day == max(around.dates.values()),
        "earliest": day == min(around.dates.values()),
        "only": len(around.dates) == 1,
        "old": day < OLD,
        "after_prose": place > 0 and page.is_prose(page.said[place - 1]),
        "before_prose": place + 1 < len(page.said) and page.is_prose(page.said[place + 1]),
        "period": ends_sentence(text),
    }


def describe_names(page: Page, place: int, around: Around) -> dict[str, float]:
    """What is known of the lines with names that begin at a place, as numbers of about 0..3."""
    return describe_name_lines(page, place, around) | describe_persons(place, around)


def describe_persons(place: int, around: Around) -> dict[str, float]:
    """What else the page says of the persons whom the lines that begin at a place name."""
    lowered = [name.casefold() for name in _names_at(place, around)]
    return _told(lowered, around, around.start <= place < around.stop)


def _names_at(place: int, around: Around) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for at in around.groups[place] for name in around.names[at]))


def describe_name_lines(page: Page, place: int, around: Around) -> dict[str, float]:
    """What is known of the lines themselves, and of those beside them."""
    said, days = page.said, around.dates
    index, last = said[place], around.groups[place][-1]
    text = page.text(index)
    names = _names_at(place, around)
    lowered = [name.casefold() for name in names]
    above = page.text(said[place - 1]) if place else ""
    below = page.text(said[last + 1]) if last + 1 < len(said) else ""
    alone = read_name_line(bare(text)) is not None
    by = bool(read_byline(text))
    in_tail, in_head = place >= around.stop, place < around.start
    dated_next = last + 1 in days or place - 1 in days
    known = [is_given_name(name.split()[0].strip(".")) for name in names]
    return {
        **_where(place, around),
        **_beside(page, place, last, around),
        "given": sum(known) / len(known),
        "clock": _has_clock(text),
        "alone": alone,
        "alone_tail": alone and in_tail,
        "alone_under": alone and 0 < place - around.title <= 4 and in_head,
        "alone_head": alone and in_head,
        "alone_dated": alone and dated_next,
        "alone_end": alone and around.stop - 2 <= place <= around.stop + 1,
        "by": by,
        "by_tail": by and in_tail,
        "by_within": " by " in f" {text.casefold()} ",
        "dated": place in days,
        "dated_next": dated_next,
        "dated_near": any(p in days for p in (place - 3, place - 2, last + 2, last + 3)),
        "days_near": math.log1p(len({days[p] for p in days if abs(p - place) <= 10})),
        "cards": math.log1p(_count_cards(place, {*names}, around)) if in_tail else 0.0,
        "published_near": _PUBLISHED.search(below[:40]) is not None
        or _UPDATED.search(below[:40]) is not None,
        "office": not ROLES.isdisjoint(text.casefold().split()),
        "top": place <= 2,
        "bio_below": any(below[:50].casefold().startswith(name) for name in lowered),
        "bio_first": len(below) > 60
        and any(below[:50].casefold().startswith(name.split()[0]) for name in lowered),
        "reviewed": _REVIEWED.search(text[:40]) is not None,
        "reviewed_above": _REVIEWED.search(above[:40]) is not None and len(above.split()) < 6,
        "capitals": text.isupper(),
        "item": page.lines.items[index],
        "words": math.log1p(page.words[index]),
        "share": sum(map(len, around.names[place])) / len(text),
        "names": math.log(len(names)),
        "two_words": sum(len(name.split()) for name in names) == 2,
        "period": ends_sentence(text),
    }


def _where(place: int, around: Around) -> dict[str, float]:
    """Where a line stands, as numbers; by the title only above the text."""
    has_title = around.title < around.start
    below = place - around.title if has_title and place < around.start else 0
    is_inside = around.start <= place < around.stop
    inside_below = place - around.title if around.is_titled and not has_title else 0
    return {
        "tail": place >= around.stop,
        "tail_far": math.log1p(max(0, place - around.stop)),
        "inside": is_inside,
        "inside_far": math.log1p(place - around.start) if is_inside else 0.0,
        "start_far": math.log1p(max(0, around.start - place)),
        "no_title": not has_title,
        "begins_under": 0 < inside_below <= 3,
        "under_title": below > 0,
        "right_under": 0 < below <= 2,
        "under_far": math.log1p(max(0, below)),
        "above_title": below < 0,
        "right_above": 0 < -below <= 2,
        "above_far": math.log1p(max(0, -below)),
    }


def _beside(page: Page, place: int, last: int, around: Around) -> dict[str, float]:
    """What stands above and below names."""
    said = page.said
    above = page.text(said[place - 1]) if place else ""
    second = page.text(said[place - 2]) if place > 1 else ""
    below = page.text(said[last + 1]) if last + 1 < len(said) else ""
    is_by = place > 0 and page.mark(said[place - 1], "by") is not None
    return {
        "by_above": is_by or _WRITTEN.fullmatch(above[:40]) is not None,
        "by_second": _WRITTEN.fullmatch(second[:40]) is not None and len(above) < 60,
        "office_below": bool(below)
        and page.words[said[last + 1]] < 12
        and not ROLES.isdisjoint(below.casefold().replace(",", " ").split()),
        "pictured": _PICTURED.match(below) is not None,
        "names_near": sum(p in around.names for p in (place - 2, place - 1, last + 1, last + 2)),
        "above_prose": place > 0 and page.is_prose(said[place - 1]),
        "below_prose": bool(below) and page.is_prose(said[last + 1]),
        "apart": place > 0 and said[place] - said[place - 1] > 1,
        "broken": below[:1].islower() or below[:1] in ",;.)",
        "runs_on": len(above) > 40 and not ends_sentence(above),
    }


def _has_clock(text: str) -> bool:
    """Whether a line tells the hour, how long ago it was, or how long it takes to read."""
    return any(map(str.isdigit, text)) and _CLOCK.search(text) is not None


def _told(lowered: list[str], around: Around, is_inside: bool) -> dict[str, float]:
    """What else the page says of persons, and of the words in their names."""
    counts = [around.body.count(name) for name in lowered]
    surnames = [around.body.count(name.split()[-1]) for name in lowered]
    words = [w for name in lowered for w in _WORD.findall(name) if len(w) > 3]
    small = [around.prose.has(word) for word in words]
    return {
        "twice": any(around.persons[name] > 1 for name in lowered),
        "often": any(around.persons[name] > 3 for name in lowered),
        "told_body": max(counts) > is_inside,
        "told_tail": any(name in around.tail for name in lowered),
        "subject": math.log1p(max(map(int.__sub__, surnames, counts))),
        "short": math.log1p(max(around.short.count(name) for name in lowered)),
        "owner": not around.owners.isdisjoint(lowered),
        "bio": any(
            f"{name} {verb} " in told
            for name in lowered
            for told in (around.tail, around.body)
            if name in told
            for verb in ("is", "ist", "es")
        ),
        "common": any(small),
        "all_common": all(small),
    }


def _count_cards(place: int, names: set[str], around: Around) -> int:
    """How many days and other names stand near a line under a text: entries of other stories."""
    days = {day for at, day in around.dates.items() if abs(at - place) <= CARDS}
    others = {
        name for at, found in around.names.items() if 1 < abs(at - place) <= CARDS for name in found
    }
    return len(days) + len(others - names)
