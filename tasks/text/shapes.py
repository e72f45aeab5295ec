"""What the lines of a page look like, and what their words are about: each by itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from tasks.text import characters as kinds
from tasks.text.characters import (
    Characters,
    Flags,
    Integers,
    Words,
    kinds_of,
    read_characters,
    read_words,
)
from tasks.text.lines import BULLET
from tasks.text.marks import Page, is_date_line
from tasks.text.names import is_byline
from tasks.text.topics import TOPICS
from tasks.text.words import FUNCTION_WORDS

Columns = dict[str, Any]
"""A number or flag for each line, by the feature's name; by several names a row for each."""

LOOKED_AT = 400
"""Characters of a line that its shape is taken from."""
FUNCTION = 1
"""The bit of a function word in ``Lines.about``; its topic is in the bits above."""

ALL_TOPICS = " ".join(TOPICS)
_FIRST = kinds_of(kinds.LOWER, kinds.UPPER, kinds.DIGIT, kinds.QUOTE, kinds.BULLET)
_LAST = kinds_of(kinds.COLON, kinds.QUESTION, kinds.COMMA, kinds.DOT, kinds.STOP)
_ANY = kinds_of(kinds.SIGN, kinds.BRACKET, kinds.DEBRIS, kinds.DASH, kinds.DIGIT, kinds.LOWER)
ADDRESS = re.compile(r"https?:|www\.|\S@\S|\.(?:com|org|net)\b", re.I)
_IN_ADDRESSES = ("http", "www.", "@", ".com", ".org", ".net")
_DEBRIS = re.compile(r"\(BUTTON\)|___|\*\s*\*|=\s")
_STOP = re.compile(r"[.!?。！？؟۔।][\"'”’»)\]]*\s+\S")
# Of a word's two topics the later one counts.
ABOUT = {word: place << 1 for place, words in enumerate(TOPICS.values(), 1) for word in words}
ABOUT |= {word: ABOUT.get(word, 0) | FUNCTION for word in FUNCTION_WORDS}


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a page that are not blank."""

    texts: Sequence[str]
    shown: Sequence[str]
    """What of each is looked at."""
    is_ended: Sequence[bool]
    """Whether each ends as a sentence does."""
    words: Integers
    """Words of each line, whole."""
    begins: Flags
    """Which of the characters shown begin a word."""
    read: Characters
    """The characters shown."""
    parts: Integers
    """Words of each line as shown, parted by spaces."""
    said: Words
    """The words shown, without what is no letter."""
    about: Integers
    """What each word of the vocabulary is: a function word, of a topic."""


def read_lines(page: Page) -> Lines:
    """What a page's lines, of which one at least is not blank, are described by."""
    texts = [page.texts[index] for index in page.said]
    shown = [text[:LOOKED_AT] for text in texts]
    joined = "\n".join([*shown, ""])
    read = read_characters(joined)
    said = read_words(read)
    about = np.fromiter(map(ABOUT.get, said.vocabulary, repeat(0)), np.int64)
    words = np.array([page.words[index] for index in page.said])
    is_ended = [page.is_ended[index] for index in page.said]
    begins = read.begin_words()
    return Lines(texts, shown, is_ended, words, begins, read, read.sum(begins), said, about)


def describe_shapes(lines: Lines) -> Columns:
    """What each line looks like."""
    read, parts, words, letters = lines.read, lines.parts, lines.words, lines.said.letters
    size = read.ends - read.starts
    is_short = size < LOOKED_AT
    capitals = read.sum(lines.begins & ((read.kinds & kinds.UPPER) != 0))
    digits, commas, bars, stops = read.count_marks()
    last, first = read.last(_LAST), read.first(_FIRST)
    has_sign, has_bracket, has_debris, has_dash, has_digit, has_lower = read.any(_ANY)
    stops = _count_stops(lines, stops > last[-1])
    return {
        "words": np.log1p(words) / 2,
        "characters": np.log1p(size) / 4,
        "sentence": lines.is_ended,
        "ellipsis": _which(lines, last[-2], _ends_open),
        "colon question comma": last[:-2],
        "lower upper digit quote": first[:-1],
        "item": _which(lines, first[-1], BULLET.match),
        "capitals": capitals / parts,
        "digits": digits / size * 3,
        "shout": _which(lines, (letters > 3) & ~has_lower, str.isupper),
        "commas": np.minimum(commas, 6) / 3,
        "bars": np.minimum(bars, 4) / 2,
        "copyright": has_sign,
        "address": _which(lines, _may_address(lines), ADDRESS.search),
        "debris": has_bracket | _which(lines, has_debris, _DEBRIS.search),
        "dash": _which(lines, has_dash, _has_dash),
        "long": np.minimum(size / parts / 10, 3.0),
        "dense": 1 - letters / size,
        "date": _which(lines, is_short & has_digit, is_date_line),
        "byline": _which(lines, is_short, is_byline),
        "stops": np.minimum(stops, 8) / 4,
        "stop_rate": stops / np.maximum(words, 8) * 5,
    }


def _which(lines: Lines, able: Flags, test: Callable[[str], object]) -> Flags:
    """Which lines pass a test, of those that are able to."""
    passed = np.zeros(len(lines.shown), np.bool_)
    shown = lines.shown
    for place in able.nonzero()[0].tolist():
        if test(shown[place]):
            passed[place] = True
    return passed


def _ends_open(text: str) -> bool:
    return text.endswith(("...", "…", "[...]", "[…]"))


def _has_dash(text: str) -> bool:
    return " - " in text or " – " in text or " — " in text


def _may_address(lines: Lines) -> Flags:
    """Which lines have a part of an address in them: few pages have a line with one."""
    lowered = lines.said.text
    may = np.zeros(lines.said.size, np.bool_)
    parts = [part for part in _IN_ADDRESSES if part in lowered]
    if parts:
        texts = lowered.split("\n")[:-1]
        for part in parts:
            may |= [part in text for text in texts]
    return may


def _count_stops(lines: Lines, able: Flags) -> Integers:
    """How many sentences end within each line that is able to; 0 for a line of a few words."""
    counts = np.zeros(lines.said.size, np.int64)
    for place in (able & (lines.words > 5)).nonzero()[0].tolist():
        counts[place] = len(_STOP.findall(lines.shown[place]))
    return counts


def describe_topics(lines: Lines) -> Columns:
    """What each line's words are about, and how many of them bind a sentence."""
    said, about, parts = lines.said, lines.about, lines.parts
    bound = said.count(about & FUNCTION)
    if not said.text.isascii():  # other scripts: as many as sentences have
        is_ascii = np.fromiter(map(str.isascii, said.vocabulary), np.bool_)
        is_foreign = said.count(is_ascii) * 3 < said.count(np.ones_like(about))
        is_foreign &= [not text.isascii() for text in lines.shown]
        bound = np.where(is_foreign, said.letters // 12, bound)
    most = len(TOPICS) + 1
    topics = said.lines * most + (about >> 1).take(said.words)
    counts = np.bincount(topics, minlength=said.size * most).reshape(said.size, most)
    columns: Columns = {
        "function": np.minimum(bound / np.maximum(np.minimum(parts, 60), 3), 1.0) * 2
    }
    heard = np.log1p(counts) / 2 + 3 * counts / np.maximum(parts, 12)[:, None]
    columns[ALL_TOPICS] = heard.T[1:]
    return columns
