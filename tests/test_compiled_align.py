"""The compiled twin of alignment finds the anchors and the steps that Python finds."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.dedupe import align
from tasks.dedupe.align import ANCHOR_TOKENS, hash_sequence

# Few tokens, so that much is shared; passages of them, so that some move.
TOKENS = st.lists(st.integers(0, 30), max_size=25)
PASSAGES = st.lists(
    st.sampled_from([range(9), range(4, 20), range(40, 46), (7, 7, 7), (99,)]), max_size=9
).map(lambda some: [token for one in some for token in one])
SEQUENCES = (
    TOKENS
    | PASSAGES
    | st.tuples(PASSAGES, TOKENS, PASSAGES).map(lambda some: [*some[0], *some[1], *some[2]])
)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.dedupe.align")


@given(SEQUENCES, SEQUENCES)
@example([], [])
@example([1, 2, 3, 4, 9, 5, 6, 7, 8], [5, 6, 7, 8, 9, 1, 2, 3, 4])
def test_anchors_are_the_same(twin: ModuleType, one: list[int], other: list[int]) -> None:
    """Runs that both have, in order on both sides."""
    a, b = (hash_sequence(np.array(some, dtype=np.uint64)) for some in (one, other))
    found = twin.anchor_runs(a.grams, a.places, b.grams, b.places, len(one), ANCHOR_TOKENS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(align, "_compiled", None)
        assert found == align._anchor_runs(a, b)


@given(SEQUENCES, SEQUENCES, st.integers(0, 3), st.integers(0, 3))
def test_steps_are_the_same(
    twin: ModuleType, one: list[int], other: list[int], a_skipped: int, b_skipped: int
) -> None:
    """Of stretches within two sequences."""
    a, b = (np.array(some, dtype=np.uint64) for some in (one, other))
    gap = min(a_skipped, len(a)), len(a), min(b_skipped, len(b)), len(b)
    assert twin.steps(a, b, *gap) == align._steps(a, b, *gap)
