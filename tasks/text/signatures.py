"""Find when a page's one story came out and who wrote it, in the lines around its text.

Each line with a date, and each with a name, is described by numbers. A sum of these, weighed, says
how much speaks for it; the weights were fitted on real pages. Where too little speaks for all of
them there is no date, or no author.
"""

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

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
DATE_WEIGHTS: dict[str, float] = {
    "above_far": -0.52, "above_title": 0.29, "after_prose": -0.59, "alone": 1.12,
    "before_prose": -0.08, "byline": -0.19, "earliest": 0.74, "inside": 0.50,
    "inside_far": -0.16, "item": 0.26, "latest": -0.03, "names": -0.34,
    "names_near": 0.14, "no_title": -0.55, "old": -0.31, "only": 0.13,
    "other": 0.24, "others_near": -1.57, "period": 0.09, "published": 0.69,
    "published_above": 0.74, "right_above": 0.77, "right_under": 0.71, "start_far": 0.27,
    "tail": -1.00, "tail_far": -0.47, "twice": -0.10, "under_far": 0.03,
    "under_title": 0.26, "updated": -1.43, "updated_above": -0.46, "words": 0.15,
}  # fmt: skip
LEAST_DATE = -0.81
"""Sum below which no date is taken: the log-odds of a page that gives none."""
NAME_WEIGHTS: dict[str, float] = {
    "above_far": -0.84, "above_prose": -0.35, "above_title": 0.38, "all_common": -1.21,
    "alone": -0.21, "alone_dated": 0.85, "alone_head": -0.41, "alone_tail": 0.16,
    "alone_under": 1.23, "below_prose": -0.21, "bio": 1.16, "bio_below": 0.76,
    "broken": 0.29, "by": 1.91, "by_above": 3.94, "by_second": 0.78,
    "by_tail": 0.60, "by_within": 0.46, "capitals": -1.64, "common": -2.94,
    "dated": 1.66, "dated_near": 0.72, "dated_next": 1.32, "inside": 0.35,
    "inside_far": -0.92, "item": -1.12, "names": 0.11, "names_near": -0.97,
    "no_title": -0.40, "office": 0.25, "office_below": 2.15, "often": -0.56,
    "period": -0.22, "published_near": 1.03, "reviewed": 0.24, "reviewed_above": 0.15,
    "right_above": -0.39, "right_under": 0.96, "runs_on": -0.19, "start_far": -0.37,
    "tail": -0.55, "tail_far": -1.29, "told": 0.05, "twice": 1.03,
    "two_words": 1.29, "under_far": -0.21, "under_title": 0.62, "words": -0.59,
}  # fmt: skip
LEAST_NAME = 0.01
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
    for place in choose_names(names):
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
