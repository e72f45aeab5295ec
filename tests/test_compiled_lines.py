"""The compiled twin of lines gives what Python gives."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.text import lines, marks

PARTS = (
    *"ab-*o•",
    *".!?…。؟\"'”)]» *\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029\u00a0\u3000\u200b\u2060\ufeff\0",
    *("港口", "ภาษา", "カ", "é", "\ud800", "\U0001f600", "\r\n", "  ", "word ", "said. ", "x" * 50),
)
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=30).map("".join)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.text.lines")


@pytest.fixture(scope="module", autouse=True)
def python_alone() -> Iterator[None]:
    """Have the reference do the work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_compiled", None)
        patch.setattr(marks, "_compiled", None)
        yield


def reference(text: str) -> tuple[Any, ...]:
    """A text's columns as Python reads them."""
    read, *columns = marks._read_lines(text)
    return read.starts, read.ends, read.texts, read.indents, read.items, *columns


@given(TEXTS)
@example("")
@example("* a\no b\no     c\n*\n- \u200b\no\n•\u3000d\n-\te")
@example("\n \u200b \r\n \t")
@example('a \u200b b\u200b \n\u200b港口 said." ')
def test_lines_are_read_alike(twin: ModuleType, text: str) -> None:
    """Whatever the text is."""
    assert twin.columns(text) == reference(text)


@given(st.text(max_size=5) | st.text(st.sampled_from("a1²٣①Ⅷ½\ud800"), max_size=5))
def test_figures_are_found_alike(twin: ModuleType, text: str) -> None:
    """In any script."""
    assert twin.has_digit(text) == lines._has_digit(text)


@pytest.mark.parametrize("part", ["a", " ", "\n", "a\n", "港", "\r\n", "\U0001f600 \n"])
def test_a_long_text_is_read_alike(twin: ModuleType, part: str) -> None:
    """One line of many characters, and many lines."""
    text = part * 100_000
    assert twin.columns(text) == reference(text)


def test_pages_of_the_seeds_are_read_alike(twin: ModuleType, root: Path) -> None:
    """With line breaks of either kind."""
    for page in sorted((root / "seeds").rglob("*.txt")):
        text = page.read_text(encoding="utf-8", errors="replace")
        assert twin.columns(text) == reference(text)
        odd = text.replace("\n", "\r\n")
        assert twin.columns(odd) == reference(odd)
