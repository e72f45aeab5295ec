"""Tell a story's text from the boilerplate around and within it, line by line.

The model gives each line a number: log-odds that it is of the article, by its words, its shape and
its surroundings. The best path through four states (before, in, interrupted, after) then decides.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from tasks.compiled import twin
from tasks.rules.load import Role
from tasks.text.marks import Page
from tasks.text.page import Label
from tasks.text.story import Story
from tasks.text.words import FUNCTION_WORDS

Scorer = Callable[[Page], list[float]]
"""Log-odds of each line in ``page.said`` to be of the article: positive is article."""

SCORE_RULE = "model.v1"
"""Rule id of a line that the model's score cut."""

_compiled = twin(__name__)
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
LONGEST_HEADING = 14
"""Words."""
TAIL_SHARE = 0.1
"""Share of a story's sentences that may follow a heading such as *Related* and be cut with it."""
_SWITCH = 0.5
"""What it costs to interrupt an article, and to go on with it: log-odds. The model has seen the
surroundings already; with 4, articles with lists in them lose .003 of F1."""
_LEAN = 0.3
"""Added to each score: a line lost is worse than a line too many."""


def binds_words(text: str) -> bool:
    """Whether two of its first 60 words are such as bind a sentence, in the packs' languages.

    Of a text in another script than Latin, whether it has six words: one in three is such a word.
    """
    if not text.isascii() and len(_LATIN.findall(text[:100])) < 20:
        return len(_WORD.findall(text[:400])) >= 6
    found = 0
    for word in text[:400].casefold().split()[:60]:
        found += word in FUNCTION_WORDS
        if found == 2:
            return True
    return False


def best_stretch(page: Page, scores: Sequence[float]) -> list[bool]:
    """Which lines of ``page.said`` are of the one article that the scores speak for most.

    The article is one stretch with interruptions. Long lines weigh more than short ones.
    """
    worth = [
        (score + _LEAN) * (0.4 + math.sqrt(min(page.words[index], 80)) / 4)
        for score, index in zip(scores, page.said, strict=True)
    ]
    return (_best_path if _compiled is None else _compiled.best_path)(worth, _SWITCH)


def choose_body(page: Page, story: Story) -> tuple[dict[int, Label], dict[int, str]]:
    """The lines of a story that are its text, with their label, and those cut, with their rule.

    Where the layout ends a story, or a page is all text, only rules cut lines; else the score does.
    """
    first, stop = bisect_left(page.said, story.body[0]), bisect_left(page.said, story.body[1])
    inside = [index for index in page.said[first:stop] if index not in story.labels]
    is_known = bool(page.known) and any(map(page.hits.__getitem__, inside))
    if story.kept is not None:
        chosen = [index for index in inside if index in story.kept]
    elif is_known:
        chosen = _before_tail(page, inside, share=0.0 if story.is_clean else TAIL_SHARE)
    else:
        chosen = inside
    kept: dict[int, Label] = dict.fromkeys(chosen, "body")
    cut: dict[int, str] = {}
    if is_known:
        cut = _find_cut(page, inside, kept)
        for index in cut.keys() & kept.keys():
            del kept[index]
    elif len(chosen) < len(inside):
        cut = {index: SCORE_RULE for index in inside if index not in kept}
    find = _find_headings if _compiled is None else _compiled.find_headings
    kept.update(dict.fromkeys(find(page, list(kept)), "heading"))
    return kept, cut


def _find_cut(page: Page, inside: list[int], kept: Collection[int]) -> dict[int, str]:
    """The lines that a rule cuts within a story, or that are not kept, each with its rule."""
    cut = {}
    for index in inside:
        is_known = bool(page.hits[index])
        rule = (page.cut_by(index) or page.mark(index, *CUT_ROLES)) if is_known else None
        if rule is not None:
            cut[index] = rule.id
        elif index not in kept:
            tail = page.tail(index) if is_known else None
            cut[index] = tail.id if tail else SCORE_RULE
    return cut


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


def _find_headings(page: Page, kept: list[int]) -> list[int]:
    """Which of a story's lines head the longer ones below."""
    words = page.words
    return [
        index
        for index, after in pairwise(kept)
        if words[after] > words[index] <= LONGEST_HEADING and _is_heading(page, index, after)
    ]


def _is_heading(page: Page, index: int, after: int) -> bool:
    """Whether a short line within a story heads the longer one below: it is no sentence."""
    text = page.text(index)
    return (
        len(text) <= 120
        and not page.lines.items[index]
        and not text.endswith((":", ";", ",", "-", "–"))
        and (not page.is_ended[index] or text.endswith("?"))
        and any(map(str.isalpha, text))
        and (page.is_prose(after) or page.is_ended[after])
    )


def _best_path(worth: Sequence[float], switch: float) -> list[bool]:
    """Which lines are of the article: the best path through before, in, interrupted, after."""
    state = [0.0, -math.inf, -math.inf, -math.inf]
    steps: list[tuple[int, int, int, int]] = []
    for value in worth:
        before, within, gap, after = state
        if before > within and before > gap - switch:
            enter, source = before, 0
        elif within >= gap - switch:
            enter, source = within, 1
        else:
            enter, source = gap - switch, 2
        paused = 1 if within - switch > gap else 2
        ended = 1 if within > after else 3
        steps.append((0, source, paused, ended))
        state = [before, enter + value, max(within - switch, gap), max(within, after)]
    at = max((0, 1, 3), key=state.__getitem__)
    kept = []
    for step in reversed(steps):
        kept.append(at == 1)
        at = step[at]
    kept.reverse()
    return kept
