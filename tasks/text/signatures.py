"""Find when a page's one story came out and who wrote it, in the lines around its text.

Each line with a date, and each with a name, is described by numbers. A sum of these, weighed, says
how much speaks for it; the weights were fitted on real pages. Where too little speaks for all of
them there is no date, or no author.
"""

import re
from itertools import pairwise

from tasks.text.marks import Page
from tasks.text.signs import describe_date, describe_names, look_for
from tasks.text.story import Story
from tasks.text.titles import has_date

NEAR = 3
"""How many lines apart the names of one byline may stand."""
ALIKE = 1.0
"""By how much less may speak for a further line of names than for the best: log-odds."""
RELATIVE_LINES = 4
"""Lines above a title that may say how long ago it came out, where nothing tells the day."""
_AND = re.compile(r"(?i)and|und|et|y|e|en|och|og|[,&]")

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
DATE_WEIGHTS: dict[str, float] = {
    "above_far": -0.62, "above_title": 0.22, "after_prose": -0.74, "alone": 1.31,
    "before_prose": -0.18, "byline": -0.06, "earliest": 0.85, "inside": 1.06,
    "inside_far": -0.11, "item": 0.54, "latest": 0.01, "names": -0.22,
    "names_near": -0.04, "no_title": -0.11, "old": -0.49, "only": -0.14,
    "other": 0.63, "others_near": -1.62, "period": 0.05, "published": 0.74,
    "published_above": 0.84, "right_above": 0.90, "right_under": 0.89, "start_far": 0.27,
    "tail": -0.72, "tail_far": -0.57, "twice": -0.12, "under_far": -0.09,
    "under_title": 0.34, "updated": -1.64, "updated_above": -0.66, "words": 0.17,
}  # fmt: skip
LEAST_DATE = -0.78
"""Sum below which no date is taken: the log-odds of a page that gives none."""
NAME_WEIGHTS: dict[str, float] = {
    "above_far": -0.92, "above_prose": -0.15, "above_title": 0.28, "all_common": -0.91,
    "alone": -0.35, "alone_dated": 0.50, "alone_head": -0.26, "alone_tail": 0.13,
    "alone_under": 1.21, "below_prose": -0.16, "bio": 1.50, "bio_below": 0.89,
    "broken": 0.74, "by": 2.05, "by_above": 3.87, "by_second": 0.70,
    "by_tail": 0.30, "by_within": 0.78, "capitals": -1.52, "common": -3.04,
    "dated": 1.40, "dated_near": 0.77, "dated_next": 1.19, "inside": 0.35,
    "inside_far": -1.21, "item": -1.20, "names": -0.15, "names_near": -0.73,
    "no_title": -0.57, "office": 0.24, "office_below": 2.07, "often": -0.40,
    "period": -0.13, "published_near": 1.03, "reviewed": 0.07, "reviewed_above": 0.26,
    "right_above": -0.45, "right_under": 0.83, "runs_on": -0.15, "start_far": -0.42,
    "tail": -0.32, "tail_far": -1.42, "told": 0.04, "twice": 0.80,
    "two_words": 1.18, "under_far": -0.44, "under_title": 0.57, "words": -0.62,
}  # fmt: skip
LEAST_NAME = -0.17
"""Sum below which no name is taken: the log-odds of a page that names no author."""


def read_around(
    page: Page, story: Story, start: int, stop: int, title: int, common: frozenset[str]
) -> None:
    """Label the story's dates and bylines, above its text, among its first lines or after it."""
    around = look_for(page, story, start, stop, title, common)
    dates = {
        place: _weigh(DATE_WEIGHTS, describe_date(page, place, around)) for place in around.dates
    }
    best = max(dates, key=dates.__getitem__, default=None)
    if best is not None and dates[best] > LEAST_DATE:
        story.dated = page.said[best]
        story.set(page.said[best], "date")
    first = title if story.dated is not None else max(0, title - RELATIVE_LINES)
    _label_dates(page, story, range(first, start))
    names = {
        place: _weigh(NAME_WEIGHTS, describe_names(page, place, around)) for place in around.names
    }
    chosen = choose_names(names)
    for place in sorted(names):
        is_joined = place - 2 in chosen and _AND.fullmatch(page.text(page.said[place - 1]))
        if place in chosen or is_joined:
            chosen.append(place)
            story.set(page.said[place], "byline")


def choose_names(worth: dict[int, float]) -> list[int]:
    """The places of the line with names that most speaks for, and of those like it and near."""
    best = max(worth, key=worth.__getitem__, default=None)
    if best is None or worth[best] <= LEAST_NAME:
        return []
    right = sorted(place for place in worth if worth[place] >= worth[best] - ALIKE)
    return [place for place in right if _chained(place, best, right)]


def _chained(place: int, best: int, right: list[int]) -> bool:
    """Whether from a line to the best one each next line with names is near."""
    between = [other for other in right if min(place, best) <= other <= max(place, best)]
    return all(b - a <= NEAR for a, b in pairwise(between))


def _weigh(weights: dict[str, float], known: dict[str, float]) -> float:
    return sum(weights[name] * value for name, value in known.items())


def _label_dates(page: Page, story: Story, places: range) -> None:
    """Label the other dates between title and text."""
    for place in places:
        index = page.said[place]
        if index in story.labels or page.cut_by(index):
            continue
        if page.mark(index, "updated", "relative-time") or has_date(page, index):
            story.set(index, "date")
