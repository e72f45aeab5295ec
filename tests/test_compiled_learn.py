"""The keys by which lines are counted: as good from the compiled twin as from Python."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.lake import learn

LINES = st.lists(
    st.tuples(
        st.integers(0, 2), st.one_of(st.none(), st.text(st.sampled_from("a\0é😀"), max_size=17))
    )
)


def same(things: list[object]) -> list[int]:
    """For each the place of the first that is the same."""
    first: dict[object, int] = {}
    return [first.setdefault(one, place) for place, one in enumerate(things)]


@pytest.mark.parametrize("by_python", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, skipped=st.integers(0, 3))
def test_a_key_tells_a_line_from_others(
    twin_of: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    by_python: bool,
    lines: list[tuple[int, str | None]],
    skipped: int,
) -> None:
    """Lines of one source with the same words have one key; null is the empty line."""
    monkeypatch.setattr(learn, "_compiled", None if by_python else twin_of("tasks.lake.learn"))
    owners = np.array([owner for owner, _ in lines], np.int32)[skipped:]
    templates = pa.chunked_array([pa.array([line for _, line in lines], pa.string())])
    keys = learn._hash_lines(owners, templates.slice(skipped))
    told = [(owner, line or "") for owner, line in lines][skipped:]
    assert same(keys.tolist()) == same(list(told))


@pytest.mark.parametrize(
    ("ends", "owners"), [([0, 1], [0, 0]), ([0, 1, 2], [0]), ([0, 1, 3], [0, 0])]
)
def test_columns_that_do_not_fit_are_refused(
    twin_of: Callable[[str], ModuleType], ends: list[int], owners: list[int]
) -> None:
    """What is read without bounds is measured before: an end and an owner of each, and the text."""
    columns = np.array(ends, np.int32), np.frombuffer(b"ab", np.uint8), np.array(owners, np.int32)
    with pytest.raises(ValueError, match="of each line"):
        twin_of("tasks.lake.learn").hash_lines(*columns, np.empty(2, np.int64))
