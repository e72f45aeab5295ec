"""The compiled twin of folding gives what Python gives."""

from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.dedupe import folding

PARTS = (
    *"aZ09_ -'.\n\t\0\x1c\x85\xa0éÉßſĸŉİǰÅª²½¨´…™№℡Ⅷ①⒜ℵμΣςἀᾷйЁҐ҉",
    *"\u0301\u0345\u0308\u0483\u200b\u20e3\u0e01\u4e2d\u3042\u0915\u094d\ud800\U0001f600\U0001d7ce",
    *("ferry ", "the ", "Straße ", "K\u212a", "e\u0301", "x" * 23, "y" * 24, "ö" * 12, "w" * 200),
)
TEXTS = st.text() | st.lists(st.sampled_from(PARTS), max_size=60).map("".join)


@pytest.fixture(scope="module")
def fold(
    twin_of: Callable[[str], ModuleType],
) -> Callable[[str], tuple[bytes, bool] | None]:
    """The compiled twin."""
    return twin_of("tasks.dedupe.folding").Folder(folding._ONE_UNSPACED.match).fold


def _fold(text: str) -> tuple[bytes, bool]:
    words = folding._split_words(text)
    normalised = " ".join(words)
    size = folding.shingle_size(words, normalised)
    return normalised.encode(), size == folding.CHARACTERS_PER_SHINGLE


@given(TEXTS)
@example("A½B™c …")
@example("中文a中")
@example("\u1112\u1161\u11ab")
def test_a_text_is_folded_alike(fold, text: str) -> None:
    """Or left to Python."""
    assert fold(text) in (None, _fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "Plain, “quoted” — text…",
        "Straße, été",
        "Ёлка",
        "Ελλάς ½",
        "中文、新闻",
        "ニュース㈱",
        "뉴스 😀",
    ],
)
def test_most_texts_are_folded(fold, text: str) -> None:
    """Letters without marks do not need Python."""
    assert fold(text) == _fold(text)


def test_every_character_is_folded_alike(fold) -> None:
    """Between two letters, in the planes that are mostly used."""
    for code in range(0x2_0000):
        text = f"a{chr(code)}b{chr(code)}"
        found = fold(text)
        assert found is None or found == _fold(text), hex(code)
