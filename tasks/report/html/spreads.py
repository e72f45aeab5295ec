"""Charts of how long and how readable a run's articles are, each with what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tasks.report.html.articles import Articles, Spread
from tasks.report.html.charts import draw_spread

_WORDS, _SHARE = "{:,.0f}", "{:.0%}"


@dataclass(frozen=True, slots=True)
class SpreadChart:
    """A chart, what it says, and its figures."""

    title: str
    unit: str
    said: str
    classes: tuple[tuple[str, int], ...]
    """Each class of the figure, in words, and the articles in it."""
    svg: Markup


def chart_spreads(articles: Articles) -> Iterator[SpreadChart]:
    """The charts of what was published: those for which there is something to draw."""
    for spread, title, unit, colour, form, words in (
        (
            articles.lengths,
            "Length",
            "words",
            "body",
            _WORDS,
            "Half of the articles have {half} words; the middle one has {middle}.",
        ),
        (
            articles.lix,
            "Readability, any language",
            "LIX",
            "body",
            _WORDS,
            "Half score {half}, the middle one {middle}. Below 40 reads like fiction, "
            "above 60 like a law.",
        ),
        (
            articles.ease,
            "Reading ease, English",
            "Flesch reading ease",
            "body",
            _WORDS,
            "Half score {half}, the middle one {middle}. Higher is easier; 60 to 70 is "
            "plain English.",
        ),
        (
            articles.boilerplate,
            "Cut from the page",
            "of an article's page",
            "boilerplate",
            _SHARE,
            "Half of the articles stood on pages of which {half} was cut.",
        ),
    ):
        if spread.quartiles is None:
            continue
        labels = [form.format(bound) for bound in spread.bounds]
        low, middle, high = map(form.format, spread.quartiles)
        half = low if low == high else f"{low} to {high}"
        said = words.format(half=half, middle=middle)
        svg = draw_spread(spread, labels, unit, colour, f"{title}. {said}")
        yield SpreadChart(title, unit, said, tuple(_classes(spread, labels)), svg)


def _classes(spread: Spread, labels: Sequence[str]) -> Iterator[tuple[str, int]]:
    ends = [*(f"to {label}" for label in labels[1:]), "and more"]
    for label, end, count in zip(labels, ends, spread.counts, strict=True):
        yield f"{label} {end}", count
