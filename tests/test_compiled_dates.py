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


@given(TEXTS)
@example("1990")
@example("1.2.34")
@example("1.22.3")
@example("10")
def test_clues_are_found_alike(twin: ModuleType, text: str) -> None:
    """Whatever a line says."""
    assert twin.clues(text) == dates._look_for_clues(text)
