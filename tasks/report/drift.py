"""Sources that are not as they were: a run's figures against the band of the runs before it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from statistics import median

from tasks.report.past import Figures, SourceFigures

LEAST_RUNS = 10
"""Earlier runs with a figure, below which nothing is called usual."""
LEAST_ARTICLES = 5
"""Of a source in a run, below which its shares and means are left to chance."""
DEVIATIONS = 4.0
"""Half the band's width, in standard deviations: few runs in ten thousand are out by chance."""
NORMAL = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where a figure usually lies."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether a value is usual."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a source that is watched."""

    name: str
    least: float
    """Half the width that its band has at least: less is of no concern to anyone."""
    is_share: bool
    """Whether it lies in 0..1 and is shown in per cent."""
    may_grow: float = 0.0
    """Share of its median that it may change by in any case."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of a source in this run."""

    measure: Measure
    value: float | None
    """None where it has none, or too few articles."""
    band: Band | None
    """None where too few earlier runs have it."""

    @property
    def is_unusual(self) -> bool:
        """Whether it left its usual band."""
        return self.value is not None and self.band is not None and not self.band.has(self.value)


@dataclass(frozen=True, slots=True)
class SourceDrift:
    """A source in this run, beside what it usually is."""

    source: str
    figures: SourceFigures
    main_language: str | None
    """The one that most of its articles were in so far, this run included."""
    readings: tuple[Reading, ...]
    """In the order of ``MEASURES``."""

    @property
    def alarms(self) -> list[str]:
        """What left its usual band, each in a few words."""
        return [
            f"{one.measure.name} {show_value(one)}, usually {show_band(one.band, one.measure)}"
            for one in self.readings
            if one.band is not None and one.is_unusual
        ]


VOLUME = Measure("volume", least=3, is_share=False, may_grow=0.5)
BOILERPLATE = Measure("boilerplate", least=0.05, is_share=True)
LANGUAGE = Measure("main language", least=0.1, is_share=True)
READABILITY = Measure("readability", least=5, is_share=False)
MEASURES = (VOLUME, BOILERPLATE, LANGUAGE, READABILITY)


def find_drift(now: Figures, earlier: Sequence[Figures]) -> list[SourceDrift]:
    """Each source of a run and of the runs before it, those with an alarm first, then by volume.

    Args:
        now: The run's.
        earlier: Those of the runs before it, newest first.
    """
    sources = set(now).union(*earlier) if earlier else set(now)
    found = [_compare(source, now, earlier) for source in sorted(sources)]
    return sorted(found, key=lambda one: (not one.alarms, -one.figures.pages))


def usual_band(values: Sequence[float], measure: Measure) -> Band | None:
    """Where a measure usually lies: its median and four robust deviations to both sides.

    What two or more runs have reached is usual too, unless it began with the last of them: a feed
    that brings its pages once a day does not alarm anyone every day; one that fell silent does,
    until half of the runs brought nothing. None for fewer than ten values. Robust: half of the
    values but one may be wild without moving the middle. Source: Hampel 1974, JASA 69(346).

    Args:
        values: Of the earlier runs, newest first.
        measure: What they are values of.
    """
    if len(values) < LEAST_RUNS:
        return None
    middle = median(values)
    deviation = NORMAL * median(abs(value - middle) for value in values)
    half = max(DEVIATIONS * deviation, measure.least, measure.may_grow * middle)
    low, high = middle - half, middle + half
    settled = sorted(dropwhile(lambda value: not low <= value <= high, values))
    low, high = min(low, *settled[1:2]), max(high, *settled[-2:-1])
    return Band(max(low, 0.0), min(high, 1.0) if measure.is_share else high)


def show_value(reading: Reading) -> str:
    """A value as a person reads it; empty where there is none."""
    return "" if reading.value is None else _show(reading.value, reading.measure)


def show_band(band: Band, measure: Measure) -> str:
    """A band as a person reads it."""
    low, high = _show(band.low, measure), _show(band.high, measure)
    return low if low == high else f"{low} to {high}"


def _compare(source: str, now: Figures, earlier: Sequence[Figures]) -> SourceDrift:
    figures = now.get(source, SourceFigures())
    # From its first appearance on: before that its absence says nothing.
    first = max((index for index, run in enumerate(earlier) if source in run), default=-1)
    before = [run.get(source, SourceFigures()) for run in earlier[: first + 1]]
    main = _main_language([figures, *before])
    values: Mapping[Measure, Callable[[SourceFigures], float | None]] = {
        VOLUME: lambda one: float(one.pages),
        BOILERPLATE: lambda one: _if_enough(one, one.boilerplate_share),
        LANGUAGE: lambda one: _if_enough(one, _share(one, main)),
        READABILITY: lambda one: _if_enough(one, one.lix),
    }
    readings = []
    for measure, value_of in values.items():
        past = [value for one in before if (value := value_of(one)) is not None]
        readings.append(Reading(measure, value_of(figures), usual_band(past, measure)))
    return SourceDrift(source, figures, main, tuple(readings))


def _main_language(figures: Sequence[SourceFigures]) -> str | None:
    total: Counter[str] = Counter()
    for one in figures:
        total.update(one.languages)
    return min(total, key=lambda name: (-total[name], name)) if total else None


def _share(figures: SourceFigures, language: str | None) -> float | None:
    if language is None or not figures.articles:
        return None
    return figures.languages.get(language, 0) / figures.articles


def _if_enough(figures: SourceFigures, value: float | None) -> float | None:
    return value if figures.articles >= LEAST_ARTICLES else None


def _show(value: float, measure: Measure) -> str:
    return f"{value:.0%}" if measure.is_share else f"{value:,.0f}"
