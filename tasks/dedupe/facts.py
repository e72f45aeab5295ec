"""Facts in texts: the numbers and names that a template leaves open, whatever their spelling."""

import html
import re
import unicodedata
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
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


# A kept article is compared with each of its copies in turn.
@lru_cache(maxsize=64)
def split_tokens(text: str) -> Sequence[Token]:
    """The words and numbers of a text's story, in order.

    Left out: a renderer's link and list numbers, addresses, lines of date, byline and credit, and
    the dateline. Number words up to twelve are numbers; initials are one word (U.S. is US).
    """
    tokens = []
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    for number, line in enumerate(_story_lines(plain)):
        for written in _TOKEN.findall(_INITIALS.sub(_join_initials, _MARKS.sub(" ", line))):
            form = written.casefold()
            if written[0].isdigit():
                tokens.append(Token(written, _plain_number(written), True, number))
            elif form in _NUMBER_WORDS:
                tokens.append(Token(written, _NUMBER_WORDS[form], True, number))
            else:
                tokens.append(Token(written, form.replace("’", "'"), False, number))
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
