"""The compiled twin of a date's clues gives what Python gives."""

from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.text import dates

PARTS = (*"0123456789", *"12901290./--././", *"٣४𝟙²①年 a", "2024", "3/4/24", "1.2.19", "2024-05-03")
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=2), max_size=14).map("".join)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.text.dates")


MONTHS = ("May", "mayo", "MÄRZ", "Sept", "mars", "KASIM", "ocak", "stMarch", "mei", "Mai")
JOINTS = (
    " ",
    " ",
    "  ",
    "",
    ", ",
    ". ",
    "-",
    " of ",
    " de ",
    " del ",
    "rd ",
    "st",
    "º ",
    "er ",
    "_",
)
DATES = st.lists(
    st.sampled_from(
        ("3", "03", "31", "112", "2024", "1987", "20190", *MONTHS, "in", "x", "年", "٣")
    )
    | st.sampled_from(JOINTS),
    max_size=12,
).map("".join)


@given(TEXTS)
@example("1990")
@example("1.2.34")
@example("1.22.3")
@example("10")
def test_clues_are_found_alike(twin: ModuleType, text: str) -> None:
    """Whatever a line says; a year alone is the twin's no clue."""
    found, all_found = twin.clues(text), dates._look_for_clues(text)
    assert found | dates.HAS_YEAR == all_found | dates.HAS_YEAR
    assert found & ~all_found == 0


@given(DATES | TEXTS)
@example("May 3, 2024")
@example("3rdMay 2024")
@example("21stMarch 1987")
@example("3 de mayo de 2024")
@example("3º mayo 2024")
@example("May. 3rd., 2024")
@example("2024年5月3日")
def test_years_of_dates_are_clues(twin: ModuleType, text: str) -> None:
    """No date is missed where the twin finds fewer clues."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_clues", dates._look_for_clues)
        in_python = dates.find_date(text)
        patch.setattr(dates, "_clues", twin.clues)
        assert dates.find_date(text) == in_python


def test_year_of_no_date(twin: ModuleType) -> None:
    """A year in prose is told from one of a date."""
    assert twin.clues("than in January, 1986, as it was in 1987 and may be in 1988 too") == 0


def test_run_of_figures_is_read_once(twin: ModuleType) -> None:
    """A line of two million figures, with a year at every other, takes no time to speak of.

    Read back to its beginning from each year it would take longer than a test may.
    """
    run = "19" * 1_000_000
    assert twin.clues(run) == 0
    assert twin.clues("May 19, 1919") == twin.clues("May 9, 1919") == dates.HAS_YEAR
    assert twin.clues("May 191, 1919") == 0
