"""What is known of the lines around a story's text that bear dates and names of persons."""

import math
import re
from collections import Counter
from dataclasses import dataclass

from tasks.text.dates import find_date
from tasks.text.lines import bare
from tasks.text.marks import Page, ends_sentence, is_date_line
from tasks.text.names import LONGEST_BYLINE, read_authors, read_byline, read_name_line
from tasks.text.story import Story
from tasks.text.titles import has_date
from tasks.text.words import OFFICES

HEAD_LINES = 30
"""Lines above a title, or above the text, among which its date and its authors are looked for."""
FIRST_LINES = 12
"""Lines of the text among which they are looked for."""
TAIL_LINES = 40
"""Lines under a story's text among which they are looked for."""
MOST_WORDS = 25
"""Words of a line that names authors."""
OLD = 729_000
"""A day of 1996, as ordinal: pages with earlier dates tell of history."""
_REVIEWED = re.compile(
    r"(?i)\b(?:review|fact.?check|edit|photo|foto|image|bild|illustrat|translat|credit|©)"
)
_REVIEW_LINE = re.compile(
    r"(?i)\W*(?:(?:medically|clinically|expert|fact|last|legally|technically|image|video)[ -])?"
    r"(?:reviewed|checked|edited|translated|approved|photos?|fotos?|image|bild|video|review"
    r"|fact.check)\w*(?: by| von|:)"
)
_WRITTEN = re.compile(
    r"(?i)\W*(?:(?:(?:article|story|post|text|words|report|this post was) )?"
    r"(?:(?:written|posted|published|contributed|created|verfasst|geschrieben|escrito) )?"
    r"(?:by|von|par|por|di|door|av|af|przez)"
    r"|(?:about|meet|über) (?:the |den |die )?(?:authors?|writers?|autor(?:in|en)?)"
    r"|authors?|autor(?:in|en|es)?|auteurs?|autore|text|reporter|writer)(?:\(s\))?\W*"
)
_WORD = re.compile(r"[^\W\d_]+")
_PUBLISHED = re.compile(
    r"(?i)\b(?:publi|posted|veröffentlicht|erstellt|erschienen|gepubliceerd|opublik|created|first)"
)
_UPDATED = re.compile(
    r"(?i)\b(?:updated|aktualisiert|stand|modified|revised|reviewed|current as|actualizad"
    r"|mis à jour|modifié|aggiornat|atualizad|bijgewerkt|uppdatera|oppdatert)"
)
_OTHER = re.compile(
    r"(?i)©|copyright|expires|event|deadline|registr|founded|since|effective|\bsays\b|repl(?:y|ies)\b|comment"
)


@dataclass(frozen=True, slots=True)
class Around:
    """The lines around a story's text that bear dates or names."""

    start: int
    """Place of the text's first line."""
    stop: int
    """Place after its last line."""
    title: int
    """Place of the title; that of the text's first line where there is none."""
    dates: dict[int, int]
    """Places of the lines with a date, each with its day as a number."""
    names: dict[int, tuple[str, ...]]
    """Places of the lines with names of persons."""
    days: Counter[int]
    """On how many lines each day stands."""
    persons: Counter[str]
    """On how many lines each name stands."""
    told: str
    """The text's first lines and what stands after it."""
    common: frozenset[str]
    """Words that the page's sentences have in small letters: no names."""


def look_for(
    page: Page, story: Story, start: int, stop: int, title: int, common: frozenset[str]
) -> Around:
    """Find the lines around a text that bear dates or names."""
    dates: dict[int, int] = {}
    names: dict[int, tuple[str, ...]] = {}
    first = max(0, min(title, start) - HEAD_LINES)
    tail = max(stop, start + FIRST_LINES)
    for places in (
        range(first, min(start + FIRST_LINES, len(page.said))),
        range(tail, min(tail + TAIL_LINES, len(page.said))),
    ):
        for place in places:
            index = page.said[place]
            text = page.text(index)
            if page.cut_by(index) or len(text) > LONGEST_BYLINE:
                continue
            if has_date(page, index) and (found := find_date(text)):
                dates[place] = found.at.toordinal()
            is_free = not page.mark(index) or page.mark(index, "by", "updated")
            if _REVIEW_LINE.match(text):
                continue
            is_title = story.labels.get(index, ("", None))[0] == "title"
            if is_free and not is_title and page.words[index] <= MOST_WORDS:
                persons = read_authors(text)
                if persons:
                    names[place] = persons
    said = page.said
    told = " ".join(page.text(i) for i in [*said[start:stop], *said[tail : tail + TAIL_LINES]])
    return Around(
        start,
        stop,
        title,
        dates,
        names,
        Counter(dates.values()),
        Counter(name.casefold() for found in names.values() for name in found),
        told.casefold(),
        common,
    )


def _where(place: int, around: Around) -> dict[str, float]:
    """Where a line stands, as numbers; by the title only above the text."""
    has_title = around.title < around.start
    below = place - around.title if has_title and place < around.start else 0
    is_inside = around.start <= place < around.stop
    return {
        "tail": place >= around.stop,
        "tail_far": math.log1p(max(0, place - around.stop)),
        "inside": is_inside,
        "inside_far": math.log1p(place - around.start) if is_inside else 0.0,
        "start_far": math.log1p(max(0, around.start - place)),
        "no_title": not has_title,
        "under_title": below > 0,
        "right_under": 0 < below <= 2,
        "under_far": math.log1p(max(0, below)),
        "above_title": below < 0,
        "right_above": 0 < -below <= 2,
        "above_far": math.log1p(max(0, -below)),
    }


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
        "item": page.lines[index].is_item,
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
    """What is known of a line with names, as numbers of about 0..3."""
    index = page.said[place]
    text = page.text(index)
    names = around.names[place]
    said = page.said
    above = page.text(said[place - 1]) if place else ""
    second = page.text(said[place - 2]) if place > 1 else ""
    below = page.text(said[place + 1]) if place + 1 < len(said) else ""
    parts = {w for name in names for w in _WORD.findall(name.casefold()) if len(w) > 3}
    lowered = [name.casefold() for name in names]
    days = around.dates
    where = _where(place, around)
    alone = read_name_line(bare(text)) is not None
    return where | {
        "alone_tail": alone and place >= around.stop,
        "alone_under": alone and 0 < place - around.title <= 4 and place < around.start,
        "alone_head": alone and place < around.start,
        "alone_dated": alone and (place + 1 in days or place - 1 in days),
        "by_tail": bool(read_byline(text)) and place >= around.stop,
        "by": bool(read_byline(text)),
        "by_above": _WRITTEN.fullmatch(above[:40]) is not None,
        "by_second": _WRITTEN.fullmatch(second[:40]) is not None and len(above) < 60,
        "by_within": " by " in f" {text.casefold()} ",
        "alone": alone,
        "dated": place in days,
        "dated_next": place + 1 in days or place - 1 in days,
        "dated_near": any(p in days for p in (place - 3, place - 2, place + 2, place + 3)),
        "published_near": _PUBLISHED.search(below[:40]) is not None
        or _UPDATED.search(below[:40]) is not None,
        "office": not OFFICES.isdisjoint(text.casefold().split()),
        "office_below": page.words[said[place + 1]] < 12
        and not OFFICES.isdisjoint(below.casefold().replace(",", " ").split())
        if below
        else False,
        "twice": any(around.persons[name] > 1 for name in lowered),
        "often": any(around.persons[name] > 3 for name in lowered),
        "told": any(name in around.told for name in lowered),
        "bio": any(
            f"{name} {verb} " in around.told for name in lowered for verb in ("is", "ist", "es")
        ),
        "bio_below": any(below.casefold().startswith(name) for name in lowered),
        "reviewed": _REVIEWED.search(text[:40]) is not None,
        "reviewed_above": _REVIEWED.search(above[:40]) is not None and len(above.split()) < 6,
        "common": not around.common.isdisjoint(parts),
        "all_common": around.common.issuperset(parts),
        "capitals": text.isupper(),
        "item": page.lines[index].is_item,
        "words": math.log1p(page.words[index]),
        "names": math.log(len(names)),
        "names_near": sum(p in around.names for p in (place - 2, place - 1, place + 1, place + 2)),
        "above_prose": page.is_prose(said[place - 1]) if place else False,
        "below_prose": page.is_prose(said[place + 1]) if below else False,
        "broken": below[:1].islower() or below[:1] in ",;.)",
        "runs_on": len(above) > 40 and not ends_sentence(above),
        "period": ends_sentence(text),
        "two_words": sum(map(len, (n.split() for n in names))) == 2,
    }
