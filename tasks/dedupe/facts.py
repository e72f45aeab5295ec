"""Facts in texts: the numbers and names that a template leaves open, whatever their spelling."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.compiled import twin
from tasks.dedupe.align import Hashed, Places, hash_sequence
from tasks.dedupe.fingerprint import UInts, hash_word
from tasks.text.entities import decode_entities

Flags = npt.NDArray[np.bool_]

_compiled = twin(__name__)


class Token(NamedTuple):
    """A word or number of a text: one for each spelling, wherever it stands."""

    written: str
    form: str
    """What is compared: case-folded, a number without separators and closing zeros."""
    is_number: bool
    digest: bytes
    """64 bits of the form's hash."""
    kind: bytes
    """One byte: what is asked of all tokens at once."""


_COUNTED = "nil one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTED.split())}
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
# A renderer's marks: addresses, numbers of links as in [12], numbers of list items.
_MARKS = re.compile(r"https?://\S+|\[\d{1,4}\]|^[^\S\n]*\d{1,3}[.)][^\S\n]", re.MULTILINE)
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?|\n")
_NUMBER, _LOWER, _MARKED = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Story:
    """A text's words and numbers, with what comparisons ask of them; made once for many."""

    tokens: Sequence[Token]
    """In order. Left out: a renderer's link and list numbers, addresses, lines of date, byline and
    credit, and the dateline. Number words up to twelve are numbers; initials are one word (U.S. is
    US)."""
    forms: Hashed
    """Of the tokens, in order."""
    numbers: Flags
    """Which tokens are numbers."""
    marked: Flags
    """Which are numbers, or words with a capital that are not grammar: facts, unless their form is
    one that stands without a capital elsewhere."""
    lower: UInts
    """Hashes of the forms that stand somewhere without a capital, sorted."""
    begins: frozenset[int]
    """Places of the tokens with which a line begins."""


class _Passage(NamedTuple):
    """Some lines of a story."""

    tokens: Sequence[Token]
    hashes: UInts
    kinds: npt.NDArray[np.uint8]
    begins: Places


class _Body(NamedTuple):
    """A text, without what hangs on the title above it."""

    words: int
    lines: Sequence[str]
    """All that are not blank."""
    first: str
    """The story's first line, its dateline included; empty where there is no line."""
    rest: _Passage
    """What follows it."""


# A text is read for its words, then below its title. A story of 2,000 words takes 0.1 MB.
@lru_cache(maxsize=64)
def read_story(text: str, title: str | None = None) -> Story:
    """The words and numbers of a text's story, and what is a fact among them.

    A title is read as a line above it: so a dateline that follows it stays.
    """
    body = _read_body(text)
    above, more = ([], 0) if title is None else _split_lines(title)
    words = body.words + more
    if body.words < DATELINE_MIN_WORDS:
        return _join(_read_passage(_choose_lines([*above, *body.lines], words)))
    heads = [line for line in above if not _is_around_story(line)]
    if body.first:
        heads.append(body.first)
    return _join(_read_passage(_drop_dateline(heads)), body.rest)


@lru_cache(maxsize=64)
def _read_body(text: str) -> _Body:
    lines, words = _split_lines(text)
    if words < DATELINE_MIN_WORDS:
        return _Body(words, lines, "", _NOTHING)
    kept = [line for line in lines if not _is_around_story(line)]
    return _Body(words, lines, kept[0] if kept else "", _read_passage(kept[1:]))


def _split_lines(text: str) -> tuple[list[str], int]:
    """The lines that are not blank, and how many words they have."""
    plain = unicodedata.normalize("NFKC", decode_entities(text))
    return [line for line in plain.split("\n") if line.strip()], len(plain.split())


_digest_of, _kind_of = attrgetter("digest"), attrgetter("kind")


def _read_passage(lines: Sequence[str]) -> _Passage:
    content = _drop_marks("\n".join(lines))
    if _READER is None:
        return _read_tokens(content)
    tokens, hashes, kinds, begins = _READER.read(content)
    return _Passage(
        tokens,
        np.frombuffer(hashes, dtype=np.uint64),
        np.frombuffer(kinds, dtype=np.uint8),
        np.array(begins, dtype=np.intp),
    )


def _drop_marks(content: str) -> str:
    """The lines without a renderer's marks, initials as one word."""
    if _compiled is None or _compiled.may_have_marks(content):
        content = _MARKS.sub(" ", content)
    if _compiled is None or _compiled.may_have_initials(content):
        content = _INITIALS.sub(_join_initials, content)
    return content


def _read_tokens(content: str) -> _Passage:
    tokens = list(map(_TOKENS.__getitem__, _TOKEN.findall(content)))
    hashes = np.frombuffer(b"".join(map(_digest_of, tokens)), dtype="<u8")
    kinds = np.frombuffer(b"".join(map(_kind_of, tokens)), dtype=np.uint8)
    breaks = np.flatnonzero(kinds == _BREAK.kind[0])
    begins = np.append(0, breaks - np.arange(len(breaks)))
    if len(breaks):
        is_word = kinds != _BREAK.kind[0]
        tokens = [token for token in tokens if token is not _BREAK]
        hashes, kinds = hashes[is_word], kinds[is_word]
    return _Passage(tokens, hashes, kinds, begins)


def _join(*passages: _Passage) -> Story:
    tokens: list[Token] = []
    begins: set[int] = set()
    for one in passages:
        begins.update((one.begins + len(tokens)).tolist())
        tokens += one.tokens
    hashes = np.concatenate([one.hashes for one in passages])
    kinds = np.concatenate([one.kinds for one in passages])
    return Story(
        tokens=tokens,
        forms=hash_sequence(hashes),
        numbers=(kinds & _NUMBER).astype(np.bool_),
        marked=(kinds & _MARKED).astype(np.bool_),
        lower=np.sort(hashes[(kinds & _LOWER).astype(np.bool_)]),
        begins=frozenset(begins),
    )


class _Tokens(dict[str, Token]):
    """Tokens by spelling. News repeats its words: nine of ten are found here."""

    most = 65_536
    """Spellings that are kept: ~24 MB."""

    def __missing__(self, written: str) -> Token:
        if len(self) >= self.most:
            self.clear()
            self["\n"] = _BREAK
        found = self[written] = _read_token(written)
        return found


_BREAK = Token("\n", "\n", False, b"\0" * 8, b"\x80")
_TOKENS = _Tokens({"\n": _BREAK})


def _read_token(written: str) -> Token:
    form, is_number = written.casefold(), False
    if written[0].isdigit():
        form, is_number = _plain_number(written), True
    elif form in _NUMBER_WORDS:
        form, is_number = _NUMBER_WORDS[form], True
    else:
        form = form.replace("’", "'")
    is_marked = is_number or (written[0].isupper() and form not in _CLOSED)
    kind = _NUMBER * is_number | _LOWER * written[0].islower() | _MARKED * is_marked
    return Token(written, form, is_number, hash_word(form), bytes([kind]))


def _join_initials(match: re.Match[str]) -> str:
    return match.group().replace(".", "") + " "


def _plain_number(written: str) -> str:
    plain = written.replace(",", "")
    if plain.count(".") == 1:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"


_READER = None if _compiled is None else _compiled.Tokens(_read_token)
_NOTHING = _read_passage([])


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
_IS_LONGER = re.compile(rf"(?:\W*+\w++){{{CREDIT_WORDS + 1}}}")
ALIKE = 0.75
"""Share of letters from which two names are one with a typo: Rowe and Rwoe."""
LONGEST_FACT = 40
"""Characters; what is longer is a key or a code, and no one's typo."""
DATELINE_MIN_WORDS = 40
"""A text with fewer is a table or a flash, where date and place are what it tells."""


def _choose_lines(lines: Sequence[str], words: int) -> Sequence[str]:
    """The lines without those of date, byline and credit, and without the dateline.

    ``words`` is how many the text has that they are of.
    """
    if words < DATELINE_MIN_WORDS:
        return lines
    return _drop_dateline([line for line in lines if not _is_around_story(line)])


def _drop_dateline(lines: Sequence[str]) -> Sequence[str]:
    if not lines:
        return lines
    first = lines[0]
    return [_DATELINE.sub("", first[:120], count=1) + first[120:], *lines[1:]]


def _is_around_story(line: str) -> bool:
    if _compiled is not None and _compiled.has_words(line, CREDIT_WORDS):
        return False
    folded = line.casefold()
    if _IS_LONGER.match(folded) is not None:
        return False
    words = re.findall(r"\w+", folded)
    if not words:
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


def find_facts(story: Story, other: Story) -> Flags:
    """Which tokens of a story are facts beside another story: numbers, and names.

    A name has a capital, and its form stands in neither of the two without one. In scripts without
    capitals only numbers are facts.
    """
    facts = story.marked.copy()
    names = np.flatnonzero(story.marked & ~story.numbers)
    forms = story.forms.tokens[names]
    for lower in (story.lower, other.lower):
        if len(lower):
            place = np.minimum(np.searchsorted(lower, forms), len(lower) - 1)
            facts[names] &= lower[place] != forms
    return facts


def is_variant(a: Token, b: Token) -> bool:
    """Whether two facts are one in another spelling: a typo, an abbreviation, a rounded figure."""
    if a.form == b.form:
        return True
    short, long = sorted((a.form, b.form), key=len)
    if len(long) > LONGEST_FACT:
        return False
    return _is_rounded(short, long) if a.is_number else _is_same_name(short, long)


@lru_cache(maxsize=16_384)
def _is_same_name(short: str, long: str) -> bool:
    if len(short) >= 2 and long.startswith(short):
        return True
    if {short, long} <= _DATE_WORDS:
        return False
    if len(short) <= 3 or 2 * len(short) < ALIKE * (len(short) + len(long)):
        return False
    matcher = SequenceMatcher(None, short, long, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


@lru_cache(maxsize=16_384)
def _is_rounded(a: str, b: str) -> bool:
    """Whether one number is the other in fewer digits: 12.1 (mln) for 12,141,000."""
    digits = [re.sub(r"\D", "", number).rstrip("0") for number in (a, b)]
    short, long = sorted(digits, key=len)
    dropped = len(long) - len(short)
    return len(short) > 1 and dropped > 1 and round(int(long) / 10**dropped) == int(short)
