"""The compiled twin of line templates gives what Python gives."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text import templates
from tasks.text.cut import cut
from tasks.text.page import LABELS, Span

PARTS = (
    *"ab sth\u017fSTH012٣٤#$€£%.,:;()[]/-–—|·\t\n\r\v\f\x1c\x85\u2028\u00a0\u3000\u200b\ufeff\0",
    *"ßİıſﬅКمü\u0308\ud800\U0001f600\U0001d7ce",
    *("March", "MÄRZ", "mars", "Août", "août", "SEPT", "Dienſtag", "مارچ", "İcra", "a.m.", "PM"),
    *("10:05pm", "3rd", "04/03/2025", "50%", "1,204", " ", "CEST", "word ", "Sunday", "x" * 159),
)
LINES = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=12).map("".join)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.text.templates")


@given(LINES)
@example("From 3\u017ft March to 4ST april, 5 pm EST # 7")
def test_a_line_is_masked_alike(twin: ModuleType, line: str) -> None:
    """Whatever it says."""
    masks = twin.Masks(templates.CALENDAR, templates._AFTER_TIMES)
    assert masks.mask(line) == templates._mask(line)


def test_a_long_line_is_masked_alike(twin: ModuleType) -> None:
    """It has more characters than are kept on the stack."""
    line = "On 3 May, word 4 " * 10_000
    masks = twin.Masks(templates.CALENDAR, templates._AFTER_TIMES)
    assert masks.mask(line) == templates._mask(line)


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A text and spans that cover it."""
    text = "\n".join(draw(st.lists(LINES, max_size=12)))
    edges = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=6))})
    return text, [
        Span(start, end, draw(st.sampled_from(LABELS)), draw(st.sampled_from((None, 0, 1))))
        for start, end in pairwise(edges)
    ]


def seen(masks: Any, text: str, spans: Sequence[Span]) -> list[templates.SeenLine]:
    """What a page teaches by compiled masks, or by Python where there are none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "_masks", masks)
        patch.setattr(templates, "mask", templates._mask if masks is None else masks.mask)
        return templates.seen_lines(text, spans)


@given(pages())
def test_a_page_teaches_alike(twin: ModuleType, page: tuple[str, list[Span]]) -> None:
    """However it was cut."""
    masks = twin.Masks(templates.CALENDAR, templates._AFTER_TIMES)
    assert seen(masks, *page) == seen(None, *page)


def test_pages_of_the_seeds_teach_alike(twin: ModuleType, root: Path) -> None:
    """As they are cut."""
    rules, masks = load_rules(), twin.Masks(templates.CALENDAR, templates._AFTER_TIMES)
    for page in sorted((root / "seeds").rglob("*.txt")):
        text = page.read_text(encoding="utf-8", errors="replace")
        spans = cut(text, rules).spans
        assert seen(masks, text, spans) == seen(None, text, spans)
