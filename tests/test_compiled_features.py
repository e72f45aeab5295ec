"""The compiled twins of the line model: they see and weigh lines as Python does."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text import features, model
from tasks.text.marks import Page, read_page

RULES = load_rules()
WORDS = """
(BUTTON) ___ * ** = - – — ... … [...] […] [X] o • # ( _ @ : http https: httpſ: www. .com .ORG .net
a@b By by VON Von: Authors: o\u00a0By B___y May 3 2024 12/5/24 2024-05-03 5 ² ٣ Straße ŉ İ ſ ǅ Ω
ÅNGSTRÖM newsletter cookies the and der die Die crane harbour Harbour privacy you Lorem. end.
“Quoted” «x» 港口的起重机 。 Порт журналист \u200b \x00 \x1c ; , ، | » © {} posted
geschrieben medically
"""
SPACES = (" ", "  ", "\t", "\u2003", "\xa0", "= ", "* *", " - ", " — ", ". ", '." A', "?) ", ", ")
PARTS = st.one_of(st.sampled_from([*WORDS.split(), *SPACES]), st.text(max_size=4))
LINES = st.one_of(
    st.lists(PARTS, max_size=14).map("".join),
    st.lists(PARTS, max_size=70).map(" ".join),
    st.sampled_from(["", "", "  ", "Two cranes came to the harbour, and they stayed for a week."]),
    st.integers(120, 150).map("a b".__mul__),
)


@pytest.fixture(scope="module")
def twins(twin_of: Callable[[str], ModuleType]) -> tuple[ModuleType, ModuleType]:
    """The compiled twins of both modules."""
    return twin_of("tasks.text.features"), twin_of("tasks.text.model")


def are_seen_alike(twins: tuple[ModuleType, ModuleType], page: Page) -> bool:
    """Whether all features are the same to the last bit."""
    bits = [features._bits(page.hits[index]) for index in page.known]
    seen = twins[0].line_features(page, page.known, bits)
    return np.array_equal(seen, features._line_features(page))


@given(st.lists(LINES, max_size=30).map("\n".join))
@settings(deadline=None)
def test_any_page_is_seen_alike(twins: tuple[ModuleType, ModuleType], text: str) -> None:
    """Whatever its lines are."""
    assert are_seen_alike(twins, read_page(text, RULES))


@given(st.characters(exclude_categories=["Cs"]))
def test_any_character_is_seen_alike(twins: tuple[ModuleType, ModuleType], char: str) -> None:
    """At a line's ends and within a word."""
    text = f"{char}a {char} b{char}c\nß{char}\n{char}: {char}"
    assert are_seen_alike(twins, read_page(text, RULES))


def test_a_long_page_is_seen_alike(twins: tuple[ModuleType, ModuleType]) -> None:
    """More lines, words and blank lines than there are tables for."""
    text = "\n".join(
        f"Crane {number} came to the wo{'a' * (number % 99)}x" for number in range(5000)
    )
    assert are_seen_alike(twins, read_page(text + "\n" * 9 + "word " * 5000, RULES))


def test_pages_of_the_seeds_are_seen_alike(
    twins: tuple[ModuleType, ModuleType], root: Path
) -> None:
    """Whole pages."""
    for page in sorted((root / "seeds").rglob("*.txt")):
        text = page.read_text(encoding="utf-8", errors="replace")
        assert are_seen_alike(twins, read_page(text, RULES))


@pytest.mark.parametrize("width", [1, 16, 23, 64])
@pytest.mark.parametrize("lines", [1, 2, 40, 600])
def test_networks_weigh_alike(twins: tuple[ModuleType, ModuleType], width: int, lines: int) -> None:
    """Of any width, for few lines and for more than are weighed at once: but for rounding."""
    chance = np.random.default_rng(width)

    def numbers(*shape: int) -> model.Floats:
        return chance.normal(0, shape[-2] ** -0.5, shape).astype(np.float32)

    around = tuple(numbers(2, 3 * width + 1, width) for _ in model.DILATIONS)
    networks = model.Networks(numbers(2, 10, width), around, numbers(2, 2 * width + 1, 1))
    seen = chance.random((lines, 9), np.float32)
    weighed = twins[1].Networks(networks, model.DILATIONS).score(seen)
    assert weighed == pytest.approx(model._run(networks, seen).tolist(), rel=1e-5, abs=1e-5)


def test_features_of_another_model_are_refused(twins: tuple[ModuleType, ModuleType]) -> None:
    """Rather than read beside them."""
    networks = twins[1].Networks(model._networks(), model.DILATIONS)
    with pytest.raises(ValueError, match="3 features"):
        networks.score(np.zeros((2, 3), np.float32))
