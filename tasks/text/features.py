"""What the line model sees of a page: a row of numbers a line, most of them free of any language.

Shape is what a line looks like by itself, topic what its words are about, place how it stands
among the others. ``model.py`` weighs them; a change here means that it must be trained anew.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from tasks.compiled import twin
from tasks.rules import Rule
from tasks.rules.load import Role, Scope
from tasks.text.characters import Flags, Integers
from tasks.text.marks import Page
from tasks.text.shapes import (
    FUNCTION,
    Columns,
    Lines,
    describe_shapes,
    describe_topics,
    read_lines,
)
from tasks.text.topics import TOPICS

Floats = npt.NDArray[np.float32]

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

_compiled = twin(__name__)
_OF_SCOPE: dict[Scope, int] = {"line": 1, "mark": 2, "tail": 4}
_ROLES: tuple[tuple[Role, ...], ...] = (
    ("share", "share-name", "follow", "comments", "labels", "short-url"),
    ("page-head", "published", "updated", "by", "on"),
    ("page-foot", "story-end"),
)
_OF_ROLE = {role: 8 << place for place, roles in enumerate(_ROLES) for role in roles}
_BITS = 1 << np.arange(3 + len(_ROLES))[:, None]


def line_features(page: Page) -> Floats:
    """Features of each line in ``page.said``: shape (lines, ``len(NAMES)``), of about -1 to 4."""
    if _compiled is not None:
        bits = [_bits(page.hits[index]) for index in page.known]
        features: Floats = _compiled.line_features(page, page.known, bits)
        return features
    return _line_features(page)


def _line_features(page: Page) -> Floats:
    features = np.zeros((len(NAMES), len(page.said)), np.float32)
    if page.said:
        lines = read_lines(page)
        columns = describe_shapes(lines) | describe_topics(lines) | _rules(page)
        columns |= _place(page, lines, columns)
        for names, column in columns.items():
            features[_rows(names)] = column
    return features.T


@cache
def _rows(names: str) -> slice | int:
    """Where the features of some names stand, which are neighbours."""
    first, *others = names.split(" ")
    place = NAMES.index(first)
    return slice(place, place + 1 + len(others)) if others else place


def _rules(page: Page) -> Columns:
    """What the rules say of each line."""
    found = [_bits(page.hits[index]) for index in page.said]
    return {RULES: np.array(found) & _BITS != 0}


def _bits(rules: Sequence[Rule]) -> int:
    """What the rules of a line say of it: a bit for each of the features."""
    bits = 0
    for rule in rules:
        bits |= _OF_SCOPE[rule.scope] | (_OF_ROLE.get(rule.role, 0) if rule.role else 0)
    return bits


def _place(page: Page, lines: Lines, columns: Columns) -> Columns:
    """How each line stands among the others."""
    size = len(page.said)
    words = lines.words.astype(np.float32)
    indents = page.lines.indents
    indent = np.minimum(np.array([indents[index] for index in page.said], np.float32), 40)
    is_prose = (words >= 10) & (columns["function"].astype(np.float32) > 0.15)
    is_prose &= lines.is_ended | (words >= 30)
    prose = np.minimum(words, 150) * is_prose
    running, short = np.zeros(size + 1), np.zeros(size + 1)
    prose.cumsum(out=running[1:])
    (words <= 4).cumsum(out=short[1:])
    total = max(float(running[-1]), 1.0)
    said = np.array([-1, *page.said, len(page.lines)])
    blanks = said[1:] - said[:-1] - 1
    places = np.arange(size)
    low, high = np.maximum(places - 5, 0), np.minimum(places + 6, size)
    near = _between(running, places, 3) - prose
    starts = [text[:12] for text in lines.texts]
    count, alike = Counter(lines.texts), Counter(starts)
    usual = Counter(indent[is_prose].tolist()).most_common(1)
    cohesion, heard = _cohesion(lines, is_prose)
    marked = float(columns[RULES][:2].sum()) / size
    return {
        "indent": indent / 10,
        "usual_indent": indent == (usual[0][0] if usual else -1.0),
        "blank_before": np.minimum(blanks[:-1], 4) / 2,
        "blank_after": np.minimum(blanks[1:], 4) / 2,
        "twice": [count[text] > 1 for text in lines.texts],
        "alike": np.minimum(np.array([alike[start] for start in starts]) - 1, 6) / 3,
        "from_top": np.log1p(places) / 4,
        "from_bottom": np.log1p(size - 1 - places) / 4,
        "near": np.log1p(near) / math.log1p(total),
        "above": running[:-1] / total,
        "below": 1 - running[1:] / total,
        "shorts": (short[high] - short[low]) / (high - low),
        "cohesion": cohesion,
        "heard": heard,
        "first_word": np.minimum(lines.read.first_words(), 12) / 6,
        "prose_share": total / max(float(lines.words.sum()), 1.0),
        "lines": math.log1p(size) / 4,
        "usual_blank": min(_median(blanks[1:][is_prose].tolist(), 1.0), 3.0) / 2,
        "marked": marked * 2,
        "dense_around": _between(running, places, 30) / total,
    }


def _between(
    running: npt.NDArray[np.float64], places: Integers, reach: int
) -> npt.NDArray[np.float64]:
    """Sum of what ``running`` sums up over so many lines to each side of each line."""
    last = running.size - 1
    below, above = np.minimum(places + (reach + 1), last), np.maximum(places - reach, 0)
    return running.take(below) - running.take(above)


def _median(numbers: list[int], otherwise: float) -> float:
    """The number in the middle, or the mean of the two; numpy takes 30 µs for it."""
    if not numbers:
        return otherwise
    ordered, middle = sorted(numbers), len(numbers) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


def _cohesion(lines: Lines, is_prose: Flags) -> tuple[npt.ArrayLike, npt.ArrayLike]:
    """How much of a line the page's other sentences say too: share of its words, and their log."""
    said, size = lines.said, len(lines.said.vocabulary)
    lengths = np.fromiter(map(len, said.vocabulary), np.int64, size)
    is_weighty = (lengths >= 4) & (lines.about & FUNCTION == 0)
    pairs = np.sort((said.lines * size + said.words)[is_weighty.take(said.words)])
    is_other = np.ones(pairs.size, np.bool_)  # sorted by hand: a third of `np.unique`'s time
    np.not_equal(pairs[1:], pairs[:-1], out=is_other[1:])
    pairs = pairs[is_other]
    of_line, word = np.divmod(pairs, max(size, 1))
    from_prose = is_prose.take(of_line)
    count = np.bincount(word[from_prose], minlength=size)
    is_known = count.take(word) > from_prose
    known = np.bincount(of_line[is_known], minlength=said.size)
    bag = np.bincount(of_line, minlength=said.size)
    return known / np.maximum(bag, 2), np.log1p(known) / 2
