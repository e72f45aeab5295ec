"""Template twins: stories from one template that differ in names and numbers.

They may share nine words in ten, so overlap cannot tell them from copies; what differs can. A copy
is changed by editors and extractors: words of grammar, spelling, paragraphs put in or left out, the
lines around the story. A template is filled with other facts in the same places.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from tasks.dedupe.align import Stretch, align

MAX_BLOCK = 10
"""Tokens that may stand for others in one place; what is longer is a passage written anew."""
MIN_KINSHIP = 0.4
"""Below it two unlike passages face each other, and what meets there meets by chance."""
# Set on newswire pairs read by hand: dividend notes, rates, auctions and bond issues against
# stories sent again with corrections. Where in doubt both are published.
MAX_CHANGED = 0.1
"""Share of changed facts below which two texts are one story: a corrected figure in ten."""
MAX_CHANGED_NUMBERS = 0.15
"""The same share, of numbers only."""
MAX_RENAMED = 0.03
"""The same share, where one name stands for another more than once."""
MANY_NUMBERS = 3
"""So many changed numbers are no correction, if they are more than ``MAX_CHANGED_OF_MANY``."""
MAX_CHANGED_OF_MANY = 0.05
MIN_WORDS_A_CHANGE = 25
"""In fewer words for each changed fact, whatever else they hold, the facts are the story."""
WORDS_A_CORRECTION = 60
"""A single changed fact in more words than these is a correction."""
TABLE_NUMBERS = 0.3
"""Share of numbers among its words that makes a text a table; there, numbers put in or left out
count as changed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two texts, counted in facts: numbers and names."""

    numbers_changed: int
    numbers_kept: int
    names_changed: int
    names_kept: int
    numbers_moved: int
    """Numbers put in or left out a few at a time, on the side that has more."""
    words: int
    """Of the shorter text."""
    renamed: int
    """How often the commonest change of one name into another is made."""
    examples: tuple[str, ...] = ()
    """Some of the changes, ``old → new``."""


def find_twin_reason(a_text: str, b_text: str) -> str | None:
    """Why two texts that share most words are still two stories; None where they are copies.

    Changed facts count where a short run of words stands for another in the same sentence. Spared:
    a renderer's link and list numbers, datelines, bylines and lines of date or credit, passages
    left out, put in or moved, spelling, rounding, and grammar.
    """
    changes = count_changes(a_text, b_text)
    changed = changes.numbers_changed + changes.names_changed
    facts = changed + changes.numbers_kept + changes.names_kept
    if _is_filled_in_anew(changes, changed, facts) or _is_other_table(changes):
        examples = "; ".join(changes.examples) or "numbers put in or left out"
        return f"template twin: {changed} of {facts} facts differ ({examples})"
    return None


def are_titles_apart(a_title: str | None, b_title: str | None) -> bool:
    """Whether two titles name other subjects by one pattern: ``ACME NET UP``, ``BOLT NET UP``.

    False where one is unknown.
    """
    return bool(a_title and b_title) and find_twin_reason(a_title or "", b_title or "") is not None


def _is_filled_in_anew(changes: Changes, changed: int, facts: int) -> bool:
    if not changed or (changed == 1 and changes.words > WORDS_A_CORRECTION):
        return False
    numbers = changes.numbers_changed + changes.numbers_kept
    return (
        changed * MIN_WORDS_A_CHANGE >= changes.words
        or changed >= MAX_CHANGED * facts
        or changes.numbers_changed > MAX_CHANGED_NUMBERS * numbers
        or changes.numbers_changed >= max(MANY_NUMBERS, MAX_CHANGED_OF_MANY * numbers)
        or (changes.renamed > 1 and changed > MAX_RENAMED * facts)
    )


def _is_other_table(changes: Changes) -> bool:
    common = changes.numbers_changed + changes.numbers_kept
    unlike = changes.numbers_changed + changes.numbers_moved
    is_table = common > TABLE_NUMBERS * changes.words
    return is_table and unlike > MAX_CHANGED * (common + changes.numbers_moved)


def count_changes(a_text: str, b_text: str) -> Changes:
    """Count facts that stand for other facts in the same place, and those that stayed."""
    a, b = _tokens(a_text), _tokens(b_text)
    common = {token.form for side in (a, b) for token in side if token.written[0].islower()}
    stretches = align([token.form for token in a], [token.form for token in b])
    kept: Counter[bool] = Counter()
    moved = [0, 0]
    changed: list[tuple[_Token, _Token]] = []
    for stretch in stretches:
        old, new = a[stretch.a_start : stretch.a_end], b[stretch.b_start : stretch.b_end]
        if stretch.is_same:
            kept.update(token.is_number for token in old if _is_fact(token, common))
            continue
        if max(len(old), len(new)) <= MAX_BLOCK and stretch.kinship >= MIN_KINSHIP:
            for side, tokens in enumerate((old, new)):
                moved[side] += sum(token.is_number for token in tokens)
        if _may_be_filled_in(stretch, a, b):
            changed += _pair_facts(old, new, common)
    numbers = sum(1 for old, _ in changed if old.is_number)
    names = Counter((old.form, new.form) for old, new in changed if not old.is_number)
    return Changes(
        numbers_changed=numbers,
        numbers_kept=kept[True],
        names_changed=len(changed) - numbers,
        names_kept=kept[False],
        numbers_moved=max(0, *moved) - numbers,
        words=min(len(a), len(b)),
        renamed=max(names.values(), default=0),
        examples=tuple(dict.fromkeys(f"{old.written} → {new.written}" for old, new in changed[:6]))[
            :3
        ],
    )


class _Token(NamedTuple):  # a third of the time that a frozen dataclass takes to make
    written: str
    form: str
    """What is compared: case-folded, a number without separators and closing zeros."""
    is_number: bool
    line: int


_COUNTED = "nil one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTED.split())}
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
# A renderer's marks: addresses, numbers of links as in [12], numbers of list items.
_MARKS = re.compile(r"https?://\S+|\[\d{1,4}\]|^\s*\d{1,3}[.)]\s")
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")


# A kept article is compared with each of its copies in turn.
@lru_cache(maxsize=64)
def _tokens(text: str) -> Sequence[_Token]:
    tokens = []
    for number, line in enumerate(_story_lines(unicodedata.normalize("NFKC", text))):
        for written in _TOKEN.findall(_INITIALS.sub(_join_initials, _MARKS.sub(" ", line))):
            form = written.casefold()
            if written[0].isdigit():
                tokens.append(_Token(written, _plain_number(written), True, number))
            elif form in _NUMBER_WORDS:
                tokens.append(_Token(written, _NUMBER_WORDS[form], True, number))
            else:
                tokens.append(_Token(written, form.replace("’", "'"), False, number))
    return tokens


def _join_initials(match: re.Match[str]) -> str:
    return match.group().replace(".", "") + " "


def _plain_number(written: str) -> str:
    plain = written.replace(",", "")
    if plain.count(".") == 1:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"


# A dateline ends in a dash or colon, or in an agency in brackets, within the first line.
_DATELINE = re.compile(
    r"^\W*(?:[^\W\d_][\w.'’/-]*[ ,]+){0,7}?(?:\w[\w.'’/]*[ ,]*)?"
    r"(?:\([^()]{2,40}\)\s*(?:[-–—:]+\s)?|\s?(?:--|–|—)\s?|\s-\s|:\s)"
)
_WORDS_OF_DATES = (
    "published updated posted modified last on at am pm gmt utc est edt bst cet cest et ist by "
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday "
    "saturday sunday jan feb mar apr may jun jul aug sep sept oct nov dec january february march "
    "april june july august september october november december"
)
_DATE_WORDS = frozenset(_WORDS_OF_DATES.split())
_CREDIT = re.compile(
    r"^\W*(?:by|von|par|por|reporting|editing|writing|additional|compiled|source|credit|copyright|"
    r"photo|image|with (?:inputs|agenc\w+)|©)\b",
    re.IGNORECASE,
)
CREDIT_WORDS = 14
DATELINE_MIN_WORDS = 40
"""A text with fewer is a table or a flash, where date and place are what it tells."""


def _story_lines(text: str) -> list[str]:
    """The text's lines without those of date, byline and credit, and without the dateline."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(text.split()) < DATELINE_MIN_WORDS:
        return lines
    kept = [line for line in lines if not _is_around_story(line)]
    if kept:
        kept[0] = _DATELINE.sub("", kept[0][:120], count=1) + kept[0][120:]
    return kept


def _is_around_story(line: str) -> bool:
    words = re.findall(r"\w+", line.casefold())
    if not words or len(words) > CREDIT_WORDS:
        return False
    return _CREDIT.match(line) is not None or (
        any(word in _DATE_WORDS for word in words)
        and all(word in _DATE_WORDS or word[0].isdecimal() for word in words)
    )


# Words that begin sentences with a capital and name nothing.
_GRAMMAR = (
    "a an and as at but by for from he her his how i if in into is it its more most new no not of "
    "on or our she so some that the their them then there these they this those to under we what "
    "when where which while who why with you your was were be has had are will would said says "
    "mr mrs ms dr last yesterday today after before since also however although because during "
    "meanwhile "
    "der die das den dem ein eine und im am auf für mit von zu le la les un une et en de du des "
    "el los las y il lo gli"
)
_CLOSED = frozenset(_GRAMMAR.split())


def _is_fact(token: _Token, common: set[str]) -> bool:
    """Whether a token is a number or a name: capitals, and nowhere in the two texts without."""
    if token.is_number:
        return True
    first = token.written[0]
    return first.isupper() and token.form not in _CLOSED and token.form not in common


def _may_be_filled_in(stretch: Stretch, a: Sequence[_Token], b: Sequence[_Token]) -> bool:
    """Whether a stretch is a place in a sentence that each text fills in its own way."""
    a_size, b_size = stretch.a_end - stretch.a_start, stretch.b_end - stretch.b_start
    return (
        0 < a_size <= MAX_BLOCK
        and 0 < b_size <= MAX_BLOCK
        and stretch.kinship >= MIN_KINSHIP
        and not (
            _is_whole_lines(a, stretch.a_start, stretch.a_end)
            and _is_whole_lines(b, stretch.b_start, stretch.b_end)
        )
    )


def _is_whole_lines(tokens: Sequence[_Token], start: int, end: int) -> bool:
    begins = start == 0 or tokens[start - 1].line != tokens[start].line
    ends = end == len(tokens) or tokens[end - 1].line != tokens[end].line
    return begins and ends


def _pair_facts(
    old: Sequence[_Token], new: Sequence[_Token], common: set[str]
) -> list[tuple[_Token, _Token]]:
    """Numbers that stand for numbers and names for names, spelling and rounding aside."""
    pairs: list[tuple[_Token, _Token]] = []
    for is_number in (True, False):
        left = [t for t in old if t.is_number == is_number and _is_fact(t, common)]
        right = [t for t in new if t.is_number == is_number and _is_fact(t, common)]
        pairs += zip(_unlike(left, right), _unlike(right, left), strict=False)
    return pairs


def _unlike(tokens: Sequence[_Token], others: Sequence[_Token]) -> list[_Token]:
    initials = "".join(one.form[0] for one in others)
    return [
        token
        for token in tokens
        if not any(_is_variant(token, one) for one in others)
        and not (token.written.isupper() and len(token.form) > 1 and token.form in initials)
    ]


def _is_variant(a: _Token, b: _Token) -> bool:
    """Whether two facts are one in another spelling: a typo, an abbreviation, a rounded figure."""
    if a.form == b.form:
        return True
    short, long = sorted((a.form, b.form), key=len)
    if a.is_number:
        return _is_rounded(a.form, b.form)
    if len(short) >= 2 and long.startswith(short):
        return True
    if {short, long} <= _DATE_WORDS:
        return False
    return len(short) > 3 and SequenceMatcher(None, short, long, autojunk=False).ratio() >= 0.75


def _is_rounded(a: str, b: str) -> bool:
    """Whether one number is the other in fewer digits: 12.1 (mln) for 12,141,000."""
    digits = [re.sub(r"\D", "", number).rstrip("0") for number in (a, b)]
    short, long = sorted(digits, key=len)
    dropped = len(long) - len(short)
    return len(short) > 1 and dropped > 1 and round(int(long) / 10**dropped) == int(short)
