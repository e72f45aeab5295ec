"""Tell a story's text from the boilerplate around and within it, line by line.

A scorer gives each line a number: log-odds that it is of the article, by its words, its shape and
its neighbours. The best path through four states (before, in, interrupted, after) then decides.
Any scorer of the same shape can take the place of the one by hand.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from operator import mul

from tasks.rules.load import Role
from tasks.text.marks import Page, ends_sentence, is_date_line
from tasks.text.names import is_byline
from tasks.text.page import Label
from tasks.text.story import Story
from tasks.text.words import FUNCTION_WORDS

Scorer = Callable[[Page], list[float]]
"""Log-odds of each line in ``page.said`` to be of the article: positive is article."""

SCORE_RULE = "score.v1"
"""Rule id of a line that the score cut."""

_DIGIT = re.compile(r"\d")
_BAR = re.compile(r"[|©»→]|\(BUTTON\)|___")
_LATIN = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")
CUT_ROLES: tuple[Role, ...] = (
    "follow",
    "short-url",
    "share",
    "share-name",
    "comments",
    "labels",
    "story-end",
    "page-foot",
    "page-head",
)
"""Marks that are boilerplate within a story too."""
TAIL_SHARE = 0.1
"""Share of a story's sentences that may follow a heading such as *Related* and be cut with it."""
_SWITCH = 4.0
"""What it costs to interrupt an article, and to go on with it: log-odds."""


def function_words(text: str) -> int:
    """How many of the first 60 words are such as bind a sentence, in the packs' languages.

    A text in another script than Latin is given one in three, as a sentence has.
    """
    if not text.isascii() and len(_LATIN.findall(text[:100])) < 20:
        return len(_WORD.findall(text[:400])) // 3
    return sum(word in FUNCTION_WORDS for word in text[:400].casefold().split()[:60])


def features(page: Page) -> list[list[float]]:
    """What is known of each line in ``page.said``, as numbers of about 0..3; see ``NAMES``."""
    said = page.said
    prose = [
        page.words[i] if page.is_prose(i, 10) and function_words(page.text(i)) else 0 for i in said
    ]
    total = [0, *_running(prose)]
    short = [0, *_running([page.words[i] <= 4 for i in said])]
    count = Counter(page.text(i) for i in said)
    indents = Counter(page.lines[i].indent for i, words in zip(said, prose, strict=True) if words)
    common = indents.most_common(1)[0][0] if indents else -1
    size = len(said)
    most = math.log1p(total[size]) or 1.0
    rows = []
    for place, index in enumerate(said):
        row = _shape(page, index)
        near = total[min(place + 4, size)] - total[max(place - 3, 0)] - prose[place]
        before = total[place] - total[max(place - 10, 0)]
        after = total[min(place + 11, size)] - total[place + 1]
        shorts = short[min(place + 6, size)] - short[max(place - 5, 0)]
        row += [
            float(count[page.text(index)] > 1),
            math.log1p(near) / most,
            math.log1p(before) / most,
            math.log1p(after) / most,
            shorts / 11,
            float(page.lines[index].indent == common),
            math.log1p(total[place]) / most,
            math.log1p(total[size] - total[place + 1]) / most,
            float(_goes_on(page.text(index))),
            float(place + 1 < size and _goes_on(page.text(said[place + 1]))),
            (total[min(place + 31, size)] - total[max(place - 30, 0)]) / max(total[size], 1),
        ]
        rows.append(row)
    return rows


_NAMES = """
one few short middle long paragraph sentence colon question function share bullet cut mark tail
capitals digits bars date byline twice near before after shorts indent above below joined joins
dense
"""
NAMES = tuple(_NAMES.split())
"""The features' names, in order."""


def _shape(page: Page, index: int) -> list[float]:
    text, words = page.text(index), page.words[index]
    bound = function_words(text)
    parts = text[:300].split()
    capital = sum(part[0].isupper() for part in parts)
    return [
        float(words <= 1),
        float(2 <= words <= 3),
        float(4 <= words <= 7),
        float(8 <= words <= 14),
        float(15 <= words <= 29),
        float(words >= 30),
        float(ends_sentence(text)),
        float(text.endswith(":")),
        float(text.endswith("?")),
        float(bound > 0),
        bound / min(max(words, 1), 60),
        float(page.lines[index].is_item),
        float(page.cut_by(index) is not None),
        float(page.mark(index) is not None),
        float(page.tail(index) is not None),
        capital / max(len(parts), 1) if len(parts) >= 3 else 0.0,
        len(_DIGIT.findall(text[:200])) / max(len(text[:200]), 1),
        float(_BAR.search(text[:300]) is not None),
        float(is_date_line(text)),
        float(is_byline(text)),
    ]


def _goes_on(text: str) -> bool:
    """Whether a line goes on with the sentence before it, as after a link on its own line."""
    return text[0].islower() or text[0] in ",.;)”’"


def _running(values: Sequence[float]) -> list[int]:
    total, out = 0, []
    for value in values:
        total += int(value)
        out.append(total)
    return out


WEIGHTS: dict[str, float] = {
    "one": -1.3, "few": -0.9, "short": -0.2, "middle": -0.5, "long": -0.4, "paragraph": 0.8,
    "sentence": 0.6, "colon": 1.6, "question": -0.4, "function": -0.4, "share": 0.9, "bullet": 0.4,
    "cut": -3.3, "mark": -2.7, "tail": -3.9, "capitals": -1.2, "digits": 0.4, "bars": -0.9,
    "date": -2.2, "byline": -1.8, "twice": -1.3, "near": 1.6, "before": 0.9, "after": 0.3,
    "shorts": -1.5, "indent": 0.8, "above": 0.9, "below": 2.0, "joined": 0.2, "joins": 0.6,
    "dense": -0.9,
}  # fmt: skip
BIAS = -2.0


def score_by_hand(page: Page) -> list[float]:
    """Log-odds of each line in ``page.said``, by a weighted sum of its features."""
    weights = [WEIGHTS[name] for name in NAMES]
    return [BIAS + sum(map(mul, weights, row)) for row in features(page)]


def best_stretch(page: Page, scores: Sequence[float], *, trusted: bool = False) -> list[bool]:
    """Which lines of ``page.said`` are of the one article that the scores speak for most.

    The article is one stretch with interruptions. Long lines weigh more than short ones.
    """
    worth = [
        score * (0.4 + math.sqrt(min(page.words[index], 80)) / 4)
        for score, index in zip(scores, page.said, strict=True)
    ]
    inside = 0.0 if trusted else -math.inf
    state = [0.0, inside, -math.inf, -math.inf]
    steps: list[tuple[int, int, int, int]] = []
    for value in worth:
        before, within, gap, after = state
        if before > within and before > gap - _SWITCH:
            enter, source = before, 0
        elif within >= gap - _SWITCH:
            enter, source = within, 1
        else:
            enter, source = gap - _SWITCH, 2
        paused = 1 if within - _SWITCH > gap else 2
        ended = 1 if within > after else 3
        steps.append((0, source, paused, ended))
        state = [before, enter + value, max(within - _SWITCH, gap), max(within, after)]
    at = max((0, 1, 3), key=state.__getitem__)
    kept = []
    for step in reversed(steps):
        kept.append(at == 1)
        at = step[at]
    kept.reverse()
    return kept


def choose_body(page: Page, story: Story) -> tuple[dict[int, Label], dict[int, str]]:
    """The lines of a story that are its text, with their label, and those cut, with their rule.

    Where the layout ends a story, or a page is all text, only rules cut lines; else the score does.
    """
    first, stop = bisect_left(page.said, story.body[0]), bisect_left(page.said, story.body[1])
    inside = [index for index in page.said[first:stop] if index not in story.labels]
    if story.kept is not None:
        chosen = [index for index in inside if index in story.kept]
    else:
        chosen = _before_tail(page, inside, share=0.0 if story.is_clean else TAIL_SHARE)
    kept: dict[int, Label] = {}
    cut: dict[int, str] = {}
    wanted = set(chosen)
    for index in inside:
        rule = page.cut_by(index) or page.mark(index, *CUT_ROLES)
        if rule is not None:
            cut[index] = rule.id
        elif index in wanted:
            kept[index] = "body"
        else:
            tail = page.tail(index)
            cut[index] = tail.id if tail else SCORE_RULE
    for index, after in zip(list(kept), list(kept)[1:], strict=False):
        if _is_heading(page, index, after):
            kept[index] = "heading"
    return kept, cut


def _before_tail(page: Page, inside: list[int], share: float) -> list[int]:
    """The lines up to a tail's heading after which at most this share of the sentences comes."""
    prose = sum(page.words[index] for index in inside if page.is_prose(index))
    left = prose
    for number, index in enumerate(inside):
        is_tail = page.tail(index) or page.mark(index, "labels")
        if is_tail and left < prose and left <= share * prose:
            return inside[:number]
        if page.is_prose(index):
            left -= page.words[index]
    return inside


def _is_heading(page: Page, index: int, after: int) -> bool:
    """Whether a line within a story heads what follows: short, no sentence, over a longer one."""
    text = page.text(index)
    return (
        page.words[index] <= 14
        and len(text) <= 120
        and not page.lines[index].is_item
        and not text.endswith((":", ";", ",", "-", "–"))
        and (not ends_sentence(text) or text.endswith("?"))
        and any(map(str.isalpha, text))
        and (page.is_prose(after) or ends_sentence(page.text(after)))
        and page.words[after] > page.words[index]
    )
