"""The compiled twin of folding gives what Python gives."""

import importlib
import os
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks import compiled
from tasks.dedupe import folding

PARTS = (
    *"aZ09_ -'.\n\t\0\x1c\x85\xa0éÉßſĸŉİǰÅª²½¨´…™№℡Ⅷ①⒜ℵμΣςἀᾷйЁҐ҉",
    *"\u0301\u0345\u0308\u0483\u200b\u20e3\u0e01\u4e2d\u3042\u0915\u094d\ud800\U0001f600\U0001d7ce",
    *("ferry ", "the ", "Straße ", "K\u212a", "e\u0301", "x" * 23, "y" * 24, "ö" * 12, "w" * 200),
)
TEXTS = st.text() | st.lists(st.sampled_from(PARTS), max_size=60).map("".join)


@pytest.fixture(scope="module")
def twin() -> ModuleType:
    """The compiled twin; the test is skipped where nothing was compiled."""
    try:
        return importlib.import_module("tasks.dedupe._folding")
    except ImportError:
        if os.environ.get(compiled.SWITCH) == "1":
            raise
        pytest.skip("folding is not compiled: there was no C compiler at installation")


@given(TEXTS)
@example("A½B™c …")
def test_a_text_is_folded_alike(twin: ModuleType, text: str) -> None:
    """Or left to Python."""
    folded = twin.fold(text)
    assert folded is None or folded == " ".join(folding._split_words(text)).encode()


@pytest.mark.parametrize("text", ["Plain, “quoted” — text…", "Straße, été", "Ёлка", "Ελλάς ½"])
def test_most_texts_in_alphabets_are_folded(twin: ModuleType, text: str) -> None:
    """Latin, Greek and Cyrillic letters do not need Python."""
    assert twin.fold(text) is not None


def test_every_character_is_folded_alike(twin: ModuleType) -> None:
    """Between two letters, in all of the Basic Multilingual Plane."""
    for code in range(0x1_0000):
        text = f"a{chr(code)}b{chr(code)}"
        folded = twin.fold(text)
        assert folded in (None, " ".join(folding._split_words(text)).encode()), hex(code)
