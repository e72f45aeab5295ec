"""Line templates: what a source's pages have in common, whatever the day and the numbers.

A line that recurs on a source's pages is furniture, unless it is text: what the page grammar read
as metadata has no template, and a paragraph of a story, which may be syndicated, is only offered to
a person: a house disclaimer, an author's note.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from tasks.compiled import twin
from tasks.text.boilerplate import SCORE_RULE
from tasks.text.lines import strip
from tasks.text.marks import Page
from tasks.text.page import Label, Span

LONGEST_FURNITURE = 160
"""Characters: a longer line may be a paragraph, and paragraphs are syndicated."""

LONGEST_PARAGRAPH = 1_000
"""Characters: disclaimers and authors' notes are shorter."""

PARAGRAPH = 80
"""Characters: a kept line that is longer is a story's text, for the lines around it."""

MASK = "#"
"""Stands for a number, a date, a time, or several of them in a row."""

TEXT_LABELS: tuple[Label, ...] = ("body", "heading")
_METADATA: tuple[Label, ...] = ("title", "byline", "date", "section", "summary", "caption")

# A number with what belongs to it: `1,204`, `10:05pm`, `3rd`, `04/03/2025`, `50%`.
_NUMBER = re.compile(r"[#$€£]?\d(?:[\d.,:/–-]*\d)?(?:st|nd|rd|th|[ap]m|h|%)?", re.IGNORECASE)
_AROUND = ".,;:()[]/-–—|·"

_MONTHS_AND_DAYS = """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    monday tuesday wednesday thursday friday saturday sunday
    mon tue tues wed thu thur thurs fri sat sun
    januar jänner februar märz mai juni juli oktober dezember mär okt dez
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunes martes miércoles jueves viernes sábado domingo
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    januari februari maart mei augustus
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت
    جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
    پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار
"""
_ZONES = "am pm a.m p.m est edt cst cdt mst mdt pst pdt gmt utc bst cet cest"
CALENDAR = frozenset(_MONTHS_AND_DAYS.split())
_AFTER_TIMES = frozenset(_ZONES.split())


class SeenLine(NamedTuple):
    """A line of a page that may be furniture, as the page teaches it."""

    template: str
    text: str
    """What the line says."""
    position: float
    """Its place among the page's lines that are not blank: 0 top to 1 bottom."""
    is_kept: bool
    """Whether the cutter took it for a story's text."""
    is_within: bool
    """Whether paragraphs of the same story were kept both above and below it."""


def template_of(line: str) -> str | None:
    """The line with its numbers, dates and times masked and its white space folded.

    None for a line that cannot be furniture: longer than ``LONGEST_FURNITURE``, or without a word
    beside what is masked. Case is left alone.

    >>> template_of("Read 12 more stories from Tuesday, March 4, 2025")
    'Read # more stories from #'
    """
    return None if len(line) > LONGEST_FURNITURE else mask(line)


def paragraph_template(line: str) -> str | None:
    """``template_of`` for a line as long as a paragraph; None for one shorter or longer.

    The template is longer than ``LONGEST_FURNITURE`` too, which tells it from a line's.
    """
    if not LONGEST_FURNITURE < len(line) <= LONGEST_PARAGRAPH:
        return None
    template = mask(line)
    return None if template is None or is_line(template) else template


def is_line(template: str) -> bool:
    """Whether a template is a line's; else it is a paragraph's."""
    return len(template) <= LONGEST_FURNITURE


def learned_rule(source: str, template: str) -> str:
    """Id of the rule by which a source's template cuts: ``learned.<source>.<hash>``."""
    return f"learned.{source}.{hashlib.sha256(template.encode()).hexdigest()[:8]}"


def seen_lines(text: str, spans: Sequence[Span]) -> list[SeenLine]:
    """The lines of a cut page that may be furniture, one a template, in the page's order.

    Lines that the page grammar read as metadata are left out, and paragraphs that are no story's
    text. A template that stands on several
    lines is kept if one of them is, and within if all that are kept are.
    """
    if _masks is not None:
        sizes = (LONGEST_FURNITURE, LONGEST_PARAGRAPH, PARAGRAPH)
        gathered: list[SeenLine] = _masks.seen(text, spans, TEXT_LABELS, _METADATA, _new, *sizes)
        return gathered
    lines = [(span, line) for span in spans for line in _said(text, span)]
    last = max(len(lines) - 1, 1)
    paragraphs = _paragraphs(lines)
    found: dict[str, SeenLine] = {}
    for number, (span, line) in enumerate(lines):
        is_kept = span.label in TEXT_LABELS
        template = None if span.label in _METADATA else template_of(line)
        if template is None and is_kept:
            template = paragraph_template(line)
        if template is None:
            continue
        first_paragraph, last_paragraph = paragraphs.get(span.article, (number, number))
        is_within = is_kept and first_paragraph < number < last_paragraph
        before = found.get(template)
        if before is None or (is_kept and not before.is_kept):
            found[template] = SeenLine(template, line, number / last, is_kept, is_within)
        elif is_kept and before.is_within and not is_within:
            found[template] = SeenLine(template, line, number / last, True, False)
    return list(found.values())


def find_learned(page: Page, learned: Mapping[str, str]) -> dict[int, str]:
    """The page's lines whose template is active for its source, each with the rule's id.

    Args:
        page: The page.
        learned: Ids of rules by template, as ``learned_rule`` gives them.
    """
    if not learned:
        return {}
    has_paragraphs = not all(map(is_line, learned))
    found = {}
    for index in page.said:
        line = page.text(index)
        template = template_of(line)
        if template is None and has_paragraphs:
            template = paragraph_template(line)
        if template is not None and template in learned:
            found[index] = learned[template]
    return found


def drop_learned(
    page: Page, found: Mapping[int, str], body: dict[int, Label], removed: dict[int, str]
) -> None:
    """Move a story's learned lines from its body to what is removed of it.

    Its metadata is spared, and so are its lines where they are more than half of its characters:
    such a story is made by a template as a whole, as weather reports are.
    """
    if not found:
        return
    for index in found.keys() & removed.keys():
        if removed[index] == SCORE_RULE:  # a rule, or a person's word, says more than the score
            removed[index] = found[index]
    hits = found.keys() & body.keys()
    size = sum(len(page.text(index)) for index in body)
    if 2 * sum(len(page.text(index)) for index in hits) <= size:
        for index in hits:
            del body[index]
            removed[index] = found[index]


@lru_cache(maxsize=20_000)  # a source's menus come with every page: some 6 MB a worker
def _mask(line: str) -> str | None:
    out: list[str] = []
    has_word = False
    for word in line.split():
        if word.isalpha():
            is_masked = word.casefold() in CALENDAR or (_is_mask(out) and _is_after_time(word))
        else:
            word = _NUMBER.sub(MASK, word)
            core = word.strip(_AROUND)
            is_masked = core == MASK or (
                core.casefold() in CALENDAR or (_is_mask(out) and _is_after_time(core))
            )
        if not is_masked:
            out.append(word)
            has_word = has_word or any(map(str.isalpha, word))
        elif not _is_mask(out):
            out.append(MASK)
    return " ".join(out) if has_word else None


def _said(text: str, span: Span) -> Iterator[str]:
    if span.label == "blank":
        return
    for line in text[span.start : span.end].splitlines():
        if said := strip(line):
            yield said


def _paragraphs(lines: Iterable[tuple[Span, str]]) -> dict[int | None, tuple[int, int]]:
    """Places of each article's first and last paragraph."""
    places: dict[int | None, tuple[int, int]] = {}
    for number, (span, line) in enumerate(lines):
        if span.label == "body" and len(line) > PARAGRAPH:
            places[span.article] = (places.get(span.article, (number,))[0], number)
    return places


def _is_mask(out: Sequence[str]) -> bool:
    return bool(out) and out[-1] == MASK


def _is_after_time(word: str) -> bool:
    return word.casefold() in _AFTER_TIMES


_compiled = twin(__name__)
_masks = None if _compiled is None else _compiled.Masks(CALENDAR, _AFTER_TIMES)
_new = partial(tuple.__new__, SeenLine)
mask: Callable[[str], str | None] = _mask if _masks is None else _masks.mask
