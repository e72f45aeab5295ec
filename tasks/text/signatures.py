"""Find when a page's one story came out and who wrote it, in the lines around its text.

Each line with a date, and each with a name, is described by numbers. A sum of these, weighed, says
how much speaks for it; the weights were fitted on real pages. Where too little speaks for all of
them there is no date, or no author.
"""

from tasks.text.describe import describe_date, describe_names
from tasks.text.marks import Page
from tasks.text.prose import Prose
from tasks.text.signs import look_for
from tasks.text.story import Story
from tasks.text.titles import has_date, weigh

RELATIVE_LINES = 4
"""Lines above a title that may say how long ago it came out, where nothing tells the day."""

# Fitted by benchmarks/fit_heads.py on pages of ../shared/gold; scored by publishers left out.
DATE_WEIGHTS: dict[str, float] = {
    "above_far": -0.77, "above_title": 0.05, "after_prose": -0.94, "alone": 1.30,
    "before_prose": -0.08, "byline": 0.82, "earliest": 0.79, "inside": 0.34,
    "inside_far": -0.29, "item": 0.85, "latest": -0.05, "names": -0.36,
    "names_near": 0.34, "no_title": 0.83, "old": -0.24, "only": -0.04,
    "other": -0.17, "others_near": -1.80, "period": 0.08, "published": 1.15,
    "published_above": 1.10, "right_above": 1.00, "right_under": 1.05, "start_far": 0.26,
    "tail": -0.76, "tail_far": -0.56, "twice": -0.24, "under_far": -0.26,
    "under_title": 0.36, "updated": -1.31, "updated_above": -0.64, "words": 0.52,
}  # fmt: skip
LEAST_DATE = -0.14
"""Sum below which no date is taken: the log-odds of a page that gives none."""
NAME_WEIGHTS: dict[str, float] = {
    "above_far": -0.89, "above_prose": 0.44, "above_title": 0.21, "all_common": -0.99,
    "alone": 0.14, "alone_dated": 0.99, "alone_end": -0.24, "alone_head": 0.05,
    "alone_tail": 0.15, "alone_under": 1.01, "apart": -0.11, "below_prose": -0.17,
    "bio": 1.01, "bio_below": -0.10, "bio_first": 1.60, "broken": -0.00,
    "by": 1.95, "by_above": 3.50, "by_second": 2.25, "by_tail": -0.54,
    "by_within": 1.26, "capitals": -1.17, "cards": -0.96, "common": -2.40,
    "dated": 1.96, "dated_near": 0.52, "dated_next": 0.68, "days_near": 0.49,
    "inside": -0.01, "inside_far": -0.96, "item": -1.32, "names": 0.86,
    "names_near": -0.67, "no_title": -0.79, "office": -0.03, "office_below": 1.28,
    "often": -0.37, "owner": 0.82, "period": -0.66, "pictured": -0.59,
    "published_near": 1.41, "reviewed": -0.53, "reviewed_above": 0.55, "right_above": -0.51,
    "right_under": 1.21, "runs_on": 0.28, "share": -0.28, "short": 0.11,
    "start_far": -0.56, "subject": -0.98, "tail": 0.23, "tail_far": -1.26,
    "told_body": -0.38, "told_tail": 0.16, "top": 1.31, "twice": 0.81,
    "two_words": 0.85, "under_far": -0.71, "under_title": 1.15, "words": -0.39,
}  # fmt: skip
LEAST_NAME = 0.44
"""Sum below which no name is taken: the log-odds of a page that names no author."""


def read_around(page: Page, story: Story, start: int, stop: int, title: int, prose: Prose) -> None:
    """Note the story's dates and bylines, above its text, among its first lines or after it."""
    around = look_for(page, story, start, stop, title, prose)
    dates = {
        place: weigh(DATE_WEIGHTS, describe_date(page, place, around)) for place in around.dates
    }
    best = max(dates, key=dates.__getitem__, default=None)
    if best is not None and dates[best] > LEAST_DATE:
        story.dated = page.said[best]
        story.set(page.said[best], "date")
    first = title if story.dated is not None else max(0, title - RELATIVE_LINES)
    _label_dates(page, story, range(first, start))
    names = {
        place: weigh(NAME_WEIGHTS, describe_names(page, place, around)) for place in around.groups
    }
    best = max(names, key=names.__getitem__, default=None)
    if best is None or names[best] <= LEAST_NAME:
        return
    for place in around.groups[best]:
        story.set(page.said[place], "byline")
        story.names[page.said[place]] = around.names[place]


def _label_dates(page: Page, story: Story, places: range) -> None:
    """Label the other dates between title and text."""
    for place in places:
        index = page.said[place]
        if index in story.labels or page.cut_by(index):
            continue
        if page.mark(index, "updated", "relative-time") or has_date(page, index):
            story.set(index, "date")
