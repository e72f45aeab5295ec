"""Find when a page's one story came out and who wrote it, in the lines around its text.

Each line with a date, and each with a name, is described by numbers. A sum of these, weighed, says
how much speaks for it; the weights were fitted on real pages. Where too little speaks for all of
them there is no date, or no author.
"""

import math

from tasks.compiled import twin
from tasks.text.describe import describe_date, describe_name_lines, describe_persons
from tasks.text.marks import Page
from tasks.text.prose import Prose
from tasks.text.signs import Around, look_for
from tasks.text.story import Story
from tasks.text.titles import has_date, weigh

_compiled = twin("tasks.text.describe")

RELATIVE_LINES = 4
"""Lines above a title that may say how long ago it came out, where nothing tells the day."""

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
DATE_WEIGHTS: dict[str, float] = {
    "above_far": -0.68, "above_title": 0.11, "after_prose": -0.94, "alone": 1.16,
    "before_prose": -0.01, "begins_under": 0.36, "byline": 0.82, "earliest": 1.06,
    "inside": 0.33, "inside_far": -0.20, "item": 0.71, "latest": 0.06,
    "names": -0.23, "names_near": 0.33, "no_title": 0.44, "old": -0.24,
    "only": -0.21, "other": -0.18, "others_near": -1.72, "period": -0.91,
    "published": 1.02, "published_above": 0.99, "right_above": 1.00, "right_under": 0.78,
    "start_far": 0.30, "tail": -0.44, "tail_far": -0.58, "twice": -0.52,
    "under_far": -0.16, "under_title": 0.46, "updated": -1.26, "updated_above": -0.76,
    "words": 0.11,
}  # fmt: skip
LEAST_DATE = -0.34
"""Sum below which no date is taken: the log-odds of a page that gives none."""
NAME_WEIGHTS: dict[str, float] = {
    "above_far": -0.93, "above_prose": 0.39, "above_title": 0.13, "all_common": -0.84,
    "alone": 0.19, "alone_dated": 0.93, "alone_end": 0.14, "alone_head": 0.14,
    "alone_tail": 0.35, "alone_under": 1.11, "apart": -0.13, "begins_under": 0.39,
    "below_prose": -0.43, "bio": 0.73, "bio_below": 0.07, "bio_first": 1.24,
    "broken": -0.23, "by": 1.74, "by_above": 3.12, "by_second": 1.51,
    "by_tail": -0.95, "by_within": 1.26, "capitals": -0.57, "cards": -1.00,
    "clock": 1.37, "common": -1.94, "dated": 1.89, "dated_near": 0.57,
    "dated_next": 0.59, "days_near": -0.14, "given": 2.78, "inside": -0.34,
    "inside_far": -0.83, "item": -1.42, "names": 0.78, "names_near": -0.88,
    "no_title": -0.96, "office": -0.01, "office_below": 1.13, "often": -0.24,
    "owner": 0.66, "period": -0.52, "pictured": -0.72, "published_near": 1.17,
    "reviewed": -0.21, "reviewed_above": 0.82, "right_above": -0.34, "right_under": 1.04,
    "runs_on": 0.14, "share": -0.57, "short": 0.22, "start_far": -0.47,
    "subject": -0.53, "tail": 0.09, "tail_far": -1.24, "told_body": -0.62,
    "told_tail": 0.12, "top": 1.44, "twice": 0.78, "two_words": 0.53,
    "under_far": -0.77, "under_title": 1.04, "words": -0.74,
}  # fmt: skip
LEAST_NAME = 0.51
"""Sum below which no name is taken: the log-odds of a page that names no author."""
_TOLD = "twice often told_body told_tail owner bio common all_common"
_MOST_TOLD = sum(max(0.0, NAME_WEIGHTS[name]) for name in _TOLD.split()) + 1e-6
"""The most that such flags can add to a sum; sums are rounded."""
_MOST_COUNTED = sum(max(0.0, NAME_WEIGHTS[name]) for name in ("subject", "short"))
"""The same for the logarithm of a count."""


def read_around(page: Page, story: Story, start: int, stop: int, title: int, prose: Prose) -> None:
    """Note the story's dates and bylines, above its text, among its first lines or after it."""
    around = look_for(page, story, start, stop, title, prose)
    best = _find_date(page, around) if around is not None else None
    if best is not None:
        story.dated = page.said[best]
        story.set(page.said[best], "date")
    first = title if story.dated is not None else max(0, title - RELATIVE_LINES)
    _label_dates(page, story, range(first, start))
    if around is not None:
        for place in _find_authors(page, around):
            story.set(page.said[place], "byline")
            story.names[page.said[place]] = around.names[place]


def _find_date(page: Page, around: Around) -> int | None:
    """The place of the line that tells when the story came out, if one does."""
    weigh_date = _weigh_date if _compiled is None else _compiled.weigh_date
    dates = {place: weigh_date(page, place, around, DATE_WEIGHTS) for place in around.dates}
    best = max(dates, key=dates.__getitem__, default=None)
    return best if best is not None and dates[best] > LEAST_DATE else None


def _find_authors(page: Page, around: Around) -> tuple[int, ...]:
    """The places of the lines that name the authors; () where too little speaks for all of them.

    What else the page says of the persons is asked only where it can still decide.
    """
    weigh_lines = _weigh_name_lines if _compiled is None else _compiled.weigh_name_lines
    weigh_persons = _weigh_persons if _compiled is None else _compiled.weigh_persons
    if not around.groups:
        return ()
    worths = {place: weigh_lines(page, place, around, NAME_WEIGHTS) for place in around.groups}
    most = _MOST_TOLD + _MOST_COUNTED * math.log1p(max(len(around.body), len(around.short)))
    best, best_worth = None, LEAST_NAME
    for place in sorted(worths, key=worths.__getitem__, reverse=True):
        if worths[place] + most < best_worth:
            break
        worth = worths[place] + weigh_persons(place, around, NAME_WEIGHTS)
        if worth > best_worth or (worth == best_worth and best is not None and place < best):
            best, best_worth = place, worth
    return () if best is None else around.groups[best]


def _weigh_date(page: Page, place: int, around: Around, weights: dict[str, float]) -> float:
    return weigh(weights, describe_date(page, place, around))


def _weigh_name_lines(page: Page, place: int, around: Around, weights: dict[str, float]) -> float:
    return weigh(weights, describe_name_lines(page, place, around))


def _weigh_persons(place: int, around: Around, weights: dict[str, float]) -> float:
    return weigh(weights, describe_persons(place, around))


def _label_dates(page: Page, story: Story, places: range) -> None:
    """Label the other dates between title and text."""
    for place in places:
        index = page.said[place]
        if index in story.labels or page.cut_by(index):
            continue
        if page.mark(index, "updated", "relative-time") or has_date(page, index):
            story.set(index, "date")
