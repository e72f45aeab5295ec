"""Facts in texts: the numbers and names that a template leaves open, whatever their spelling."""

import html
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from typing import NamedTuple


class Token(NamedTuple):  # a third of the time that a frozen dataclass takes to make
    """A word or number of a text."""

    written: str
    form: str
    """What is compared: case-folded, a number without separators and closing zeros."""
    is_number: bool
    line: int
    """Of the story's lines, from 0."""


_COUNTED = "nil one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTED.split())}
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
# A renderer's marks: addresses, numbers of links as in [12], numbers of list items.
_MARKS = re.compile(r"https?://\S+|\[\d{1,4}\]|^\s*\d{1,3}[.)]\s")
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Story:
    """A text's words and numbers, with what comparisons ask of them; made once for many."""

    tokens: Sequence[Token]
    """In order. Left out: a renderer's link and list numbers, addresses, lines of date, byline and
    credit, and the dateline. Number words up to twelve are numbers; initials are one word (U.S. is
    US)."""
    forms: Sequence[str]
    """Of the tokens, in order."""
    lower: frozenset[str]
    """Forms that stand somewhere without a capital."""
    marked: Sequence[int]
    """Places of numbers, and of words with a capital that are not grammar: facts, unless their
    form is one that stands without a capital elsewhere."""


# A pair is read for its words, then for its numbers. A story of 2,000 words takes 0.5 MB.
@lru_cache(maxsize=16)
def read_story(text: str) -> Story:
    """The words and numbers of a text's story, and what is a fact among them."""
    tokens: list[Token] = []
    forms: list[str] = []
    marked: list[int] = []
    lower: set[str] = set()
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    for number, content in enumerate(_story_lines(plain)):
        line = _read_line(content)
        marked += [len(tokens) + at for at in line.marked]
        # `Token(…)` in Python code takes twice as long, in stories of thousands of words
        tokens += map(_new_token, [(*one, number) for one in line.words])
        forms += line.forms
        lower |= line.lower
    return Story(tokens, forms, frozenset(lower), marked)


_new_token = partial(tuple.__new__, Token)


class _Line(NamedTuple):
    """As a story has it, but for the line's number."""

    words: Sequence[tuple[str, str, bool]]
    forms: Sequence[str]
    lower: frozenset[str]
    marked: Sequence[int]


# Stories are read by themselves, then below their titles. A line of 2,000 words takes 0.4 MB.
@lru_cache(maxsize=128)
def _read_line(line: str) -> _Line:
    found = _TOKEN.findall(_INITIALS.sub(_join_initials, _MARKS.sub(" ", line)))
    words = [(written, *_read_token(written)) for written in found]
    return _Line(
        words=words,
        forms=[form for _, form, _ in words],
        lower=frozenset(form for written, form, _ in words if written[0].islower()),
        marked=[
            at
            for at, (written, form, is_number) in enumerate(words)
            if is_number or (written[0].isupper() and form not in _CLOSED)
        ],
    )


# News repeats its words: nine of ten are found here.
@lru_cache(maxsize=16_384)
def _read_token(written: str) -> tuple[str, bool]:
    """A token's form, and whether it is a number."""
    form = written.casefold()
    if written[0].isdigit():
        return _plain_number(written), True
    if form in _NUMBER_WORDS:
        return _NUMBER_WORDS[form], True
    return form.replace("’", "'"), False


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
# With a capital: a line of wrapped text may begin "by 12 mln dlrs".
_CREDIT = re.compile(
    r"\W*(?:By|BY|Von|Par|Por|Reporting|Editing|Writing|Additional|Compiled|Source|Credit|Photo|"
    r"Image|With (?:inputs|agenc\w+)|SOURCE|Copyright)\b|\W*©"
)
CREDIT_WORDS = 14
ALIKE = 0.75
"""Share of letters from which two names are one with a typo: Rowe and Rwoe."""
LONGEST_FACT = 40
"""Characters; what is longer is a key or a code, and no one's typo."""
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


# Words that begin sentences or captions with a capital and name nothing.
_GRAMMAR = (
    "a an and as at but by for from he her his how i if in into is it its more most new no not of "
    "on or our she so some that the their them then there these they this those to under we what "
    "when where which while who why with you your was were be has had are will would said says "
    "mr mrs ms dr last yesterday today after before since also however although because during "
    "meanwhile image photo caption "
    "der die das den dem ein eine und im am auf für mit von zu le la les un une et en de du des "
    "el los las y il lo gli"
)
_CLOSED = frozenset(_GRAMMAR.split())


def is_fact(token: Token, common: Collection[str]) -> bool:
    """Whether a token is a number or a name: it has a capital, and its form is not in ``common``.

    ``common`` holds the forms that the two texts have without a capital somewhere. In scripts
    without capitals only numbers are facts.
    """
    if token.is_number:
        return True
    first = token.written[0]
    return first.isupper() and token.form not in _CLOSED and token.form not in common


def is_variant(a: Token, b: Token) -> bool:
    """Whether two facts are one in another spelling: a typo, an abbreviation, a rounded figure."""
    if a.form == b.form:
        return True
    short, long = sorted((a.form, b.form), key=len)
    if len(long) > LONGEST_FACT:
        return False
    if a.is_number:
        return _is_rounded(a.form, b.form)
    if len(short) >= 2 and long.startswith(short):
        return True
    if {short, long} <= _DATE_WORDS:
        return False
    return len(short) > 3 and SequenceMatcher(None, short, long, autojunk=False).ratio() >= ALIKE


def _is_rounded(a: str, b: str) -> bool:
    """Whether one number is the other in fewer digits: 12.1 (mln) for 12,141,000."""
    digits = [re.sub(r"\D", "", number).rstrip("0") for number in (a, b)]
    short, long = sorted(digits, key=len)
    dropped = len(long) - len(short)
    return len(short) > 1 and dropped > 1 and round(int(long) / 10**dropped) == int(short)
