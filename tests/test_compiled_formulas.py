"""The compiled twin of the formulas gives what Python gives, to the last bit."""

from dataclasses import astuple, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text import formulas
from tasks.text.readability import ENGLISH_SCORES
from tasks.text.tally import Counts

AMOUNTS = st.integers(1, 40) | st.integers(1, 2000) | st.integers(1, 10**9)
SIZE = len(fields(Counts))

pytestmark = pytest.mark.skipif(formulas._compiled is None, reason="formulas are not compiled")


@given(st.lists(AMOUNTS, min_size=SIZE, max_size=SIZE), st.sets(st.integers(8, 14)))
def test_english_is_scored_alike(amounts: list[int], without: set[int]) -> None:
    """Whatever was counted, and where there is none of something."""
    counts = Counts(*(0 if place in without else one for place, one in enumerate(amounts)))
    assert formulas.score_english(counts) == formulas._score_english(counts), astuple(counts)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 60), st.integers(1, 60))
def test_small_texts_are_scored_alike(words: int, some: int, syllables: int, size: int) -> None:
    """Where grades lie close together and on whole numbers."""
    few = min(some, words)
    counts = Counts(
        few, size, words, words, size, size, words, few, syllables, few, few, few, few, few, few,
        linsear_weight=size, linsear_sentences=few,
    )  # fmt: skip
    assert formulas.score_english(counts) == formulas._score_english(counts)


def test_english_has_its_scores() -> None:
    """By textstat's names, in their order."""
    names = [*ENGLISH_SCORES, "lix", "rix", "text_standard"]
    counts = Counts(*range(1, SIZE + 1))
    assert [*formulas.score_english(counts)] == [*formulas._score_english(counts)] == names
