"""What the line model sees of a page: a row of numbers a line, most of them free of any language.

Shape is what a line looks like by itself, topic what its words are about, place how it stands
among the others. ``model.py`` weighs them; a change here means that it must be trained anew.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tasks.rules.load import Role
from tasks.text.lines import BULLET
from tasks.text.marks import Page, ends_sentence, is_date_line
from tasks.text.names import is_byline
from tasks.text.topics import TOPICS
from tasks.text.words import FUNCTION_WORDS

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

LOOKED_AT = 400
"""Characters of a line that its shape is taken from."""

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?:|www\.|\S@\S|\.(?:com|org|net)\b", re.I)
_DEBRIS = re.compile(r"\(BUTTON\)|\[|\]|___|\*\s*\*|\{|\}|=\s")
_STOP = re.compile(r"[.!?。！？؟۔।][\"'”’»)\]]*\s+\S")
_SHARE: tuple[Role, ...] = ("share", "share-name", "follow", "comments", "labels", "short-url")
_HEAD: tuple[Role, ...] = ("page-head", "published", "updated", "by", "on")
_FOOT: tuple[Role, ...] = ("page-foot", "story-end")
_TOPIC_OF = {word: place for place, words in enumerate(TOPICS.values()) for word in words}
_FUNCTION = NAMES.index("function")
_SENTENCE = NAMES.index("sentence")
_CUT, _MARK = NAMES.index("cut"), NAMES.index("mark")


def line_features(page: Page) -> Floats:
    """Features of each line in ``page.said``: shape (lines, ``len(NAMES)``), of about -1 to 4."""
    if not page.said:
        return np.zeros((0, len(NAMES)), np.float32)
    told = [
        _text_features(
            page.text(index)[:LOOKED_AT], page.words[index], ends_sentence(page.text(index))
        )
        for index in page.said
    ]
    texts = np.array([row for row, _ in told], np.float32)
    rules = np.array([_rule_features(page, index) for index in page.said], np.float32)
    by_line = np.hstack([texts, rules])
    return np.hstack([by_line, _place_features(page, by_line, [bag for _, bag in told])])


# The lines of a site's menus recur from page to page.
@lru_cache(maxsize=1 << 13)
def _text_features(
    text: str, words: int, is_sentence: bool
) -> tuple[tuple[float, ...], frozenset[str]]:
    """Shape and topics of a line, and its words of weight."""
    parts = text.split()
    lowered = _WORD.findall(text.casefold())
    size, count = len(text), len(parts)
    letters = sum(map(len, lowered))
    first, last = text[0], text[-1]
    bound = sum(word in FUNCTION_WORDS for word in lowered)
    if not text.isascii() and sum(word.isascii() for word in lowered) * 3 < len(lowered):
        bound = letters // 12  # other scripts: as many as sentences have
    topics = [0] * len(TOPICS)
    for word in lowered:
        if word in _TOPIC_OF:
            topics[_TOPIC_OF[word]] += 1
    stops = len(_STOP.findall(text)) if words > 5 else 0
    is_short = size < LOOKED_AT
    row = (
        math.log1p(words) / 2,
        math.log1p(size) / 4,
        float(is_sentence),
        float(text.endswith(("...", "…", "[...]", "[…]"))),
        float(last in ":：;"),
        float(last in "?？؟"),
        float(last == ","),
        float(first.islower()),
        float(first.isupper()),
        float(first.isdigit()),
        float(first in "\"'“„«‘”»「"),
        float(BULLET.match(text) is not None),
        sum(part[0].isupper() for part in parts) / count,
        sum(map(str.isdigit, text)) / size * 3,
        float(letters > 3 and text.isupper()),
        min(bound / max(min(count, 60), 3), 1.0) * 2,
        min(text.count(",") + text.count("、") + text.count("،"), 6) / 3,
        min(sum(text.count(mark) for mark in "|•·»→›/"), 4) / 2,
        float("©" in text or "®" in text),
        float(_ADDRESS.search(text) is not None),
        float(_DEBRIS.search(text) is not None),
        float(" - " in text or " – " in text or " — " in text),
        min(size / count / 10, 3.0),
        1 - letters / size,
        float(is_short and is_date_line(text)),
        float(is_short and is_byline(text)),
        min(stops, 8) / 4,
        stops / max(words, 8) * 5,
        *(math.log1p(n) / 2 + 3 * n / max(count, 12) for n in topics),
    )
    weighty = frozenset(word for word in lowered if len(word) >= 4) - FUNCTION_WORDS
    return row, weighty


def _rule_features(page: Page, index: int) -> tuple[float, ...]:
    if not page.hits[index]:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return (
        float(page.cut_by(index) is not None),
        float(page.mark(index) is not None),
        float(page.tail(index) is not None),
        float(page.mark(index, *_SHARE) is not None),
        float(page.mark(index, *_HEAD) is not None),
        float(page.mark(index, *_FOOT) is not None),
    )


def _place_features(page: Page, by_line: Floats, bags: Sequence[frozenset[str]]) -> Floats:
    size = len(page.said)
    texts = [page.text(index) for index in page.said]
    words = np.array([page.words[index] for index in page.said], np.float32)
    indent = np.array([min(page.lines[index].indent, 40) for index in page.said], np.float32)
    is_prose = (words >= 10) & (by_line[:, _FUNCTION] > 0.15)
    is_prose &= (by_line[:, _SENTENCE] > 0) | (words >= 30)
    prose = np.where(is_prose, np.minimum(words, 150), 0)
    total = max(float(prose.sum()), 1.0)
    running = np.concatenate([[0.0], np.cumsum(prose)])
    short = np.concatenate([[0.0], np.cumsum(words <= 4)])
    places = np.arange(size)
    low, high = np.clip(places - 5, 0, size), np.clip(places + 6, 0, size)
    near = running[np.clip(places + 4, 0, size)] - running[np.clip(places - 3, 0, size)] - prose
    around = running[np.clip(places + 31, 0, size)] - running[np.clip(places - 30, 0, size)]
    blanks = np.diff(np.concatenate([[-1], page.said, [len(page.lines)]])) - 1
    count, alike = Counter(texts), Counter(text[:12] for text in texts)
    usual = Counter(indent[is_prose].tolist()).most_common(1)
    usual_blank = float(np.median(blanks[1:][is_prose])) if is_prose.any() else 1.0
    cohesion, heard = _cohesion(bags, is_prose)
    marked = float((by_line[:, _CUT] + by_line[:, _MARK]).sum()) / size
    whole = np.ones(size, np.float32)
    columns = [
        indent / 10,
        indent == (usual[0][0] if usual else -1.0),
        np.minimum(blanks[:-1], 4) / 2,
        np.minimum(blanks[1:], 4) / 2,
        [count[text] > 1 for text in texts],
        [min(alike[text[:12]] - 1, 6) / 3 for text in texts],
        np.log1p(places) / 4,
        np.log1p(size - 1 - places) / 4,
        np.log1p(near) / math.log1p(total),
        running[:-1] / total,
        1 - running[1:] / total,
        (short[high] - short[low]) / (high - low),
        cohesion,
        heard,
        [min(len(text.split(None, 1)[0]), 12) / 6 for text in texts],
        whole * (total / max(float(words.sum()), 1.0)),
        whole * (math.log1p(size) / 4),
        whole * (min(usual_blank, 3.0) / 2),
        whole * (marked * 2),
        around / total,
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _cohesion(
    bags: Sequence[frozenset[str]], is_prose: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """How much of a line the page's other sentences say too: share of its words, and their log."""
    flags = is_prose.tolist()
    count: Counter[str] = Counter()
    for bag, prose in zip(bags, flags, strict=True):
        if prose:
            count.update(bag)
    known = [
        sum(count[word] > prose for word in bag) for bag, prose in zip(bags, flags, strict=True)
    ]
    share = [number / max(len(bag), 2) for number, bag in zip(known, bags, strict=True)]
    heard = [math.log1p(number) / 2 for number in known]
    return np.array(share, np.float32), np.array(heard, np.float32)
