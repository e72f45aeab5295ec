"""What the line model sees of a page: a row of numbers a line, most of them free of any language.

Shape is what a line looks like by itself, topic what its words are about, place how it stands
among the others. ``model.py`` weighs them; a change here means that it must be trained anew.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.rules.load import Role, Scope
from tasks.text import characters as kinds
from tasks.text.characters import (
    Characters,
    Flags,
    Integers,
    Words,
    read_characters,
    read_words,
)
from tasks.text.lines import BULLET
from tasks.text.marks import Page, ends_sentence, is_date_line
from tasks.text.names import is_byline
from tasks.text.topics import TOPICS
from tasks.text.words import FUNCTION_WORDS

Floats = npt.NDArray[np.float32]
Columns = dict[str, Any]

TEXT = (
    "words characters sentence ellipsis colon question comma lower upper digit quote item "
    "capitals digits shout function commas bars copyright address debris dash long dense "
    "date byline stops stop_rate"
)
RULES = "cut mark tail share_mark head_mark foot_mark"
PLACE = (
    "indent usual_indent blank_before blank_after twice alike from_top from_bottom near above "
    "below shorts cohesion heard first_word prose_share lines usual_blank marked dense_around"
)
NAMES: tuple[str, ...] = tuple(f"{TEXT} {' '.join(TOPICS)} {RULES} {PLACE}".split(" "))
"""The features' names, in order."""

LOOKED_AT = 400
"""Characters of a line that its shape is taken from."""

_ADDRESS = re.compile(r"https?:|www\.|\S@\S|\.(?:com|org|net)\b", re.I)
_IN_ADDRESSES = ("http", "www.", "@", ".com", ".org", ".net")
_DEBRIS = re.compile(r"\(BUTTON\)|___|\*\s*\*|=\s")
_STOP = re.compile(r"[.!?。！？؟۔।][\"'”’»)\]]*\s+\S")
_OF_SCOPE: dict[Scope, int] = {"line": 1, "mark": 2, "tail": 4}
_ROLES: tuple[tuple[Role, ...], ...] = (
    ("share", "share-name", "follow", "comments", "labels", "short-url"),
    ("page-head", "published", "updated", "by", "on"),
    ("page-foot", "story-end"),
)
_OF_ROLE = {role: 8 << place for place, roles in enumerate(_ROLES) for role in roles}
_FUNCTION = 1
# A word's topic is in the bits above; of two topics the later one counts.
_ABOUT = {word: place << 1 for place, words in enumerate(TOPICS.values(), 1) for word in words}
_ABOUT |= {word: _ABOUT.get(word, 0) | _FUNCTION for word in FUNCTION_WORDS}


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a page that are not blank."""

    texts: Sequence[str]
    shown: Sequence[str]
    """What of each is looked at."""
    words: Integers
    """Words of each line, whole."""
    read: Characters
    """The characters shown."""
    parts: Integers
    """Words of each line as shown, parted by spaces."""
    said: Words
    """The words shown, without what is no letter."""
    about: Integers
    """What each word of the vocabulary is: a function word, of a topic."""


def line_features(page: Page) -> Floats:
    """Features of each line in ``page.said``: shape (lines, ``len(NAMES)``), of about -1 to 4."""
    features = np.zeros((len(page.said), len(NAMES)), np.float32)
    if not page.said:
        return features
    lines = _read_lines(page)
    columns = _shape(lines) | _topics(lines) | _rules(page)
    columns |= _place(page, lines, columns)
    for place, name in enumerate(NAMES):
        features[:, place] = columns[name]
    return features


def _read_lines(page: Page) -> _Lines:
    texts = [page.text(index) for index in page.said]
    shown = [text[:LOOKED_AT] for text in texts]
    joined = "\n".join([*shown, ""])
    read, said = read_characters(joined), read_words(joined)
    about = np.fromiter(map(_ABOUT.get, said.vocabulary, repeat(0)), np.int64)
    words = np.array([page.words[index] for index in page.said])
    return _Lines(texts, shown, words, read, read.sum(read.begin_words()), said, about)


def _shape(lines: _Lines) -> Columns:
    """What each line looks like."""
    read, parts, words, letters = lines.read, lines.parts, lines.words, lines.said.letters
    size = read.ends - read.starts
    is_short = size < LOOKED_AT
    capitals = read.sum(read.begin_words() & ((read.kinds & kinds.UPPER) != 0))
    stops = _count_stops(lines)
    return {
        "words": np.log1p(words) / 2,
        "characters": np.log1p(size) / 4,
        "sentence": [ends_sentence(text) for text in lines.texts],
        "ellipsis": _which(lines, read.last(kinds.DOT), _ends_open),
        "colon": read.last(kinds.COLON),
        "question": read.last(kinds.QUESTION),
        "comma": read.last(kinds.COMMA),
        "lower": read.first(kinds.LOWER),
        "upper": read.first(kinds.UPPER),
        "digit": read.first(kinds.DIGIT),
        "quote": read.first(kinds.QUOTE),
        "item": _which(lines, read.first(kinds.BULLET), BULLET.match),
        "capitals": capitals / parts,
        "digits": read.count(kinds.DIGIT) / size * 3,
        "shout": (letters > 3) & [text.isupper() for text in lines.shown],
        "commas": np.minimum(read.count(kinds.ANY_COMMA), 6) / 3,
        "bars": np.minimum(read.count(kinds.BAR), 4) / 2,
        "copyright": read.has(kinds.SIGN),
        "address": _which(lines, _may_address(lines), _ADDRESS.search),
        "debris": read.has(kinds.BRACKET) | _which(lines, read.has(kinds.FIELD), _DEBRIS.search),
        "dash": _which(lines, read.has(kinds.DASH), _has_dash),
        "long": np.minimum(size / parts / 10, 3.0),
        "dense": 1 - letters / size,
        "date": _which(lines, is_short & read.has(kinds.DIGIT), is_date_line),
        "byline": _which(lines, is_short, is_byline),
        "stops": np.minimum(stops, 8) / 4,
        "stop_rate": stops / np.maximum(words, 8) * 5,
    }


def _which(lines: _Lines, able: Flags, test: Callable[[str], object]) -> Flags:
    """Which lines pass a test, of those that are able to."""
    passed = np.zeros(len(lines.shown), np.bool_)
    for place in np.flatnonzero(able).tolist():
        passed[place] = bool(test(lines.shown[place]))
    return passed


def _ends_open(text: str) -> bool:
    return text.endswith(("...", "…", "[...]", "[…]"))


def _has_dash(text: str) -> bool:
    return " - " in text or " – " in text or " — " in text


def _may_address(lines: _Lines) -> Flags:
    lowered = lines.said.text
    if not any(part in lowered for part in _IN_ADDRESSES):
        return np.zeros(lines.said.size, np.bool_)
    return np.array(
        [any(part in text for part in _IN_ADDRESSES) for text in lowered.split("\n")[:-1]]
    )


def _count_stops(lines: _Lines) -> Integers:
    """How many sentences end within each line; 0 for a line of a few words."""
    size = lines.said.size
    counts = np.zeros(size, np.int64)
    for place in np.flatnonzero(lines.words > 5).tolist():
        counts[place] = len(_STOP.findall(lines.shown[place]))
    return counts


def _topics(lines: _Lines) -> Columns:
    """What each line's words are about, and how many of them bind a sentence."""
    said, about, parts = lines.said, lines.about, lines.parts
    bound = said.count(about & _FUNCTION)
    is_ascii = np.fromiter(map(str.isascii, said.vocabulary), np.bool_)
    if not is_ascii.all():  # other scripts: as many as sentences have
        is_foreign = said.count(is_ascii) * 3 < said.count(np.ones_like(about))
        is_foreign &= [not text.isascii() for text in lines.shown]
        bound = np.where(is_foreign, said.letters // 12, bound)
    most = len(TOPICS) + 1
    topics = said.lines * most + (about >> 1).take(said.words)
    counts = np.bincount(topics, minlength=said.size * most).reshape(said.size, most)
    columns: Columns = {
        "function": np.minimum(bound / np.maximum(np.minimum(parts, 60), 3), 1.0) * 2
    }
    for place, name in enumerate(TOPICS, 1):
        count = counts[:, place]
        columns[name] = np.log1p(count) / 2 + 3 * count / np.maximum(parts, 12)
    return columns


def _rules(page: Page) -> Columns:
    """What the rules say of each line."""
    found = []
    for index in page.said:
        bits = 0
        for rule in page.hits[index]:
            bits |= _OF_SCOPE[rule.scope] | (_OF_ROLE.get(rule.role, 0) if rule.role else 0)
        found.append(bits)
    said = np.array(found)
    return {name: said & (1 << place) != 0 for place, name in enumerate(RULES.split(" "))}


def _place(page: Page, lines: _Lines, columns: Columns) -> Columns:
    """How each line stands among the others."""
    size = len(page.said)
    words = lines.words.astype(np.float32)
    indent = np.array([min(page.lines[index].indent, 40) for index in page.said], np.float32)
    is_sentence = np.asarray(columns["sentence"])
    is_prose = (words >= 10) & (np.asarray(columns["function"], np.float32) > 0.15)
    is_prose &= is_sentence | (words >= 30)
    prose = np.where(is_prose, np.minimum(words, 150), 0)
    total = max(float(prose.sum()), 1.0)
    running = np.concatenate([[0.0], np.cumsum(prose)])
    short = np.concatenate([[0.0], np.cumsum(words <= 4)])
    blanks = np.diff(np.array([-1, *page.said, len(page.lines)])) - 1
    places = np.arange(size)
    low, high = np.maximum(places - 5, 0), np.minimum(places + 6, size)
    near = _between(running, places, 3) - prose
    starts = [text[:12] for text in lines.texts]
    count, alike = Counter(lines.texts), Counter(starts)
    usual = Counter(indent[is_prose].tolist()).most_common(1)
    cohesion, heard = _cohesion(lines, is_prose)
    marked = float(columns["cut"].sum() + columns["mark"].sum()) / size
    whole = np.ones(size, np.float32)
    return {
        "indent": indent / 10,
        "usual_indent": indent == (usual[0][0] if usual else -1.0),
        "blank_before": np.minimum(blanks[:-1], 4) / 2,
        "blank_after": np.minimum(blanks[1:], 4) / 2,
        "twice": [count[text] > 1 for text in lines.texts],
        "alike": [min(alike[start] - 1, 6) / 3 for start in starts],
        "from_top": np.log1p(places) / 4,
        "from_bottom": np.log1p(size - 1 - places) / 4,
        "near": np.log1p(near) / math.log1p(total),
        "above": running[:-1] / total,
        "below": 1 - running[1:] / total,
        "shorts": (short[high] - short[low]) / (high - low),
        "cohesion": cohesion,
        "heard": heard,
        "first_word": [min(len(start.split(None, 1)[0]), 12) / 6 for start in starts],
        "prose_share": whole * (total / max(float(words.sum()), 1.0)),
        "lines": whole * (math.log1p(size) / 4),
        "usual_blank": whole * (min(_median(blanks[1:][is_prose].tolist(), 1.0), 3.0) / 2),
        "marked": whole * (marked * 2),
        "dense_around": _between(running, places, 30) / total,
    }


def _between(running: npt.NDArray[np.float64], places: Integers, reach: int) -> Any:
    """Sum of what ``running`` sums up over so many lines to each side of each line."""
    last = running.size - 1
    return running[np.minimum(places + reach + 1, last)] - running[np.maximum(places - reach, 0)]


def _median(numbers: list[int], otherwise: float) -> float:
    """The number in the middle, or the mean of the two; numpy takes 30 µs for it."""
    if not numbers:
        return otherwise
    ordered, middle = sorted(numbers), len(numbers) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


def _cohesion(lines: _Lines, is_prose: Flags) -> tuple[npt.ArrayLike, npt.ArrayLike]:
    """How much of a line the page's other sentences say too: share of its words, and their log."""
    said, size = lines.said, len(lines.said.vocabulary)
    lengths = np.fromiter(map(len, said.vocabulary), np.int64, size)
    is_weighty = (lengths >= 4) & (lines.about & _FUNCTION == 0)
    pairs = np.unique((said.lines * size + said.words)[is_weighty.take(said.words)])
    of_line, word = pairs // max(size, 1), pairs % max(size, 1)
    from_prose = is_prose.take(of_line)
    count = np.bincount(word[from_prose], minlength=size)
    is_known = count.take(word) > from_prose
    known = np.bincount(of_line[is_known], minlength=said.size)
    bag = np.bincount(of_line, minlength=said.size)
    return known / np.maximum(bag, 2), np.log1p(known) / 2
