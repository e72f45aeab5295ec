"""Sources beside what they usually are: bands, alarms, and the figures they are made from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.lake.layout import Lake
from tasks.report.charts import bar_chart, data_uri
from tasks.report.drift import (
    BOILERPLATE,
    LEAST_RUNS,
    VOLUME,
    SourceDrift,
    find_drift,
    usual_band,
)
from tasks.report.past import SourceFigures, read_figures, read_past
from tasks.report.run_page import name_with_counts, reject_rows, source_rows
from tasks.report.summary import Summary

USUAL = SourceFigures(
    pages=20, articles=20, boilerplate_share=0.3, lix=40.0, languages={"en": 19, "de": 1}
)


def drift_of(now: SourceFigures | None, earlier: list[SourceFigures | None]) -> list[SourceDrift]:
    """The drift of one source; None where a run brought nothing of it."""
    here = {} if now is None else {"courier": now}
    return find_drift(here, [{} if one is None else {"courier": one} for one in earlier])


def varied(index: int) -> SourceFigures:
    """A run as usual, a little different from the next."""
    return SourceFigures(
        pages=18 + index % 5,
        articles=20,
        boilerplate_share=0.3 + index % 3 / 100,
        lix=40.0 + index % 4,
        languages={"en": 19, "de": 1},
    )


EARLIER: list[SourceFigures | None] = [varied(index) for index in range(20)]


def test_a_run_as_usual_alarms_nobody() -> None:
    """A run like those before it stays in every band, and the bands are known."""
    (found,) = drift_of(USUAL, EARLIER)
    assert found.alarms == []
    assert all(reading.band is not None for reading in found.readings)


@pytest.mark.parametrize(
    ("now", "alarm"),
    [
        (SourceFigures(90, 20, 0.3, 40.0, {"en": 20}), "volume 90, usually"),
        (SourceFigures(20, 20, 0.8, 40.0, {"en": 20}), "boilerplate 80%, usually"),
        (SourceFigures(20, 20, 0.3, 40.0, {"fr": 20}), "main language 0%, usually"),
        (SourceFigures(20, 20, 0.3, 75.0, {"en": 20}), "readability 75, usually"),
    ],
)
def test_each_measure_can_alarm(now: SourceFigures, alarm: str) -> None:
    """A figure far from the earlier ones is named, with what is usual; no other is."""
    (found,) = drift_of(now, EARLIER)
    assert [one[: len(alarm)] for one in found.alarms] == [alarm]


def test_a_source_that_falls_silent_alarms() -> None:
    """It is listed although the run has no page of it."""
    (found,) = drift_of(None, EARLIER)
    assert found.alarms == ["volume 0, usually 10 to 30"]


def test_silence_that_lasts_goes_on_alarming() -> None:
    """That the last runs were silent too does not make it usual."""
    (found,) = drift_of(None, [*[None] * 5, *EARLIER])
    assert found.alarms == ["volume 0, usually 7 to 31"]


def test_a_new_source_alarms_nobody() -> None:
    """Of fewer than ten runs none is called usual, however far from them this one is."""
    (found,) = drift_of(SourceFigures(pages=900), EARLIER[: LEAST_RUNS - 1])
    assert found.alarms == []
    assert found.readings[0].band is None


def test_runs_before_a_source_first_came_do_not_count() -> None:
    """Its absence from them is no volume of nought."""
    (found,) = drift_of(USUAL, [*EARLIER[:3], *[None] * 20])
    assert found.readings[0].band is None


def test_what_comes_once_a_day_is_usual() -> None:
    """A volume that two earlier runs had is inside the band, however rare it is."""
    daily: list[SourceFigures | None] = [
        SourceFigures(pages=60) if hour % 24 == 0 else None for hour in range(1, 50)
    ]
    (found,) = drift_of(SourceFigures(pages=60), daily)
    assert found.alarms == []


def test_few_articles_have_no_share() -> None:
    """Of four articles neither boilerplate nor language nor readability is judged."""
    (found,) = drift_of(SourceFigures(20, 4, 0.9, 90.0, {"fr": 4}), EARLIER)
    assert [reading.value for reading in found.readings] == [20.0, None, None, None]
    assert found.alarms == []


def test_alarms_come_first() -> None:
    """The table of sources begins with those that are not as usual."""
    earlier = [{"calm": USUAL, "wild": USUAL}] * 12
    found = find_drift({"calm": USUAL, "wild": SourceFigures(pages=1)}, earlier)
    assert [row["source"] for row in source_rows(found)] == ["wild", "calm"]
    assert source_rows(found)[0]["volume (usual)"] == "1 (10 to 30)"


@given(st.lists(st.floats(0, 1), min_size=LEAST_RUNS))
def test_a_band_has_half_of_the_values_it_was_made_from(values: list[float]) -> None:
    """The values nearest the middle are usual, and no band leaves what can be."""
    band = usual_band(values, BOILERPLATE)
    assert band is not None
    assert sum(band.has(value) for value in values) >= len(values) / 2
    assert 0 <= band.low <= band.high <= 1


@given(st.lists(st.integers(15, 25), min_size=15, max_size=15), st.integers(0, 10**6))
def test_one_wild_run_does_not_make_the_next_one_usual(calm: list[int], wild: int) -> None:
    """The band of 15 calm runs and a wild one lies near the calm ones."""
    band = usual_band([*map(float, calm), float(wild)], VOLUME)
    assert band is not None
    assert band.high <= 25 + 4 * 1.4826 * 5 + 25


def test_figures_are_read_from_the_lake(
    desk: Callable[..., object], story: Callable[[int], str], tmp_path: Path
) -> None:
    """What two runs brought of a source is what their rows say, withheld articles included."""
    pages = tmp_path / "courier"
    pages.mkdir()
    for run, numbers in (("first", range(6)), ("second", range(6, 9))):
        for number in numbers:
            (pages / f"{number}.txt").write_text(story(number))
            (pages / f"{run}-copy.txt").write_text(story(0))
        with desk(tmp_path / "lake", run, pages) as work:  # type: ignore[attr-defined]
            work.work_through()
    lake = Lake(tmp_path / "lake")
    past = read_past(lake, "second")
    figures = read_figures(lake, past)
    assert [run.run_id for run in past] == ["second", "first"]
    assert (figures["first"]["courier"].pages, figures["first"]["courier"].articles) == (7, 7)
    second = figures["second"]["courier"]
    assert (second.pages, second.articles, second.languages) == (4, 4, {"en": 4})
    assert second.lix is not None


def test_a_run_that_is_not_in_the_lake_has_no_past(seeds_lake: Path) -> None:
    """Nothing is compared with what nobody knows."""
    assert read_past(Lake(seeds_lake), "unheard-of") == []


def test_a_chart_is_well_formed_and_carries_its_numbers() -> None:
    """Every bar says what it counts, whatever the labels hold."""
    drawn = ElementTree.fromstring(
        bar_chart("a & b", ["<1>", "2"], {"up": [3, 4000], "down": [0, 1]})
    )
    titles = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["a & b", "<1>: up 3", "<1>: down 0", "2: up 4,000", "2: down 1"]
    assert data_uri("<svg/>") == "data:image/svg+xml;base64,PHN2Zy8+"


@given(st.lists(st.integers(0, 10**9), max_size=40))
def test_bars_stay_on_the_chart(counts: list[int]) -> None:
    """None is higher than the chart, or has a negative height."""
    labels = [str(index) for index in range(len(counts))]
    drawn = ElementTree.fromstring(bar_chart("t", labels, {"n": counts}))
    for bar in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        assert 0 <= float(bar.get("y", "0")) <= 260
        assert 0 <= float(bar.get("height", "0")) <= 260


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        ({"articles_published": 1200, "pages_rejected": 2}, "x · 1,200 published, 2 rejected"),
        ({"articles_withheld": 1}, "x · 1 withheld"),
        ({}, "x · nothing new"),
    ],
)
def test_a_run_is_named_by_its_counts(counts: Mapping[str, int], name: str) -> None:
    """Noughts are left out."""
    assert name_with_counts("x", counts) == name


def test_rejects_that_are_not_named_are_counted() -> None:
    """The table accounts for every reject of the run, by reason."""
    counts = {"rejected.empty": 30, "rejected.binary": 1}
    named = tuple({"reason": "empty", "source_uri": f"p{n}", "detail": "d"} for n in range(20))
    summary = Summary("r", "n", "completed", "l", counts, {}, {}, rejects=named)
    rows = reject_rows(summary)
    assert [(row["reason"], row["page"]) for row in rows[20:]] == [
        ("binary", "and 1 more"),
        ("empty", "and 10 more"),
    ]
