"""The compiled twin of facts reads the tokens that Python reads."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.dedupe import facts

PARTS = (
    *"ab1٣²½_.,:/'’-–)( \n\n\t\r\x85\u2028\xa0é中\u0301\ud800\U0001f600\0[",
    *("U.S. ", "a.b", "1,204.50", "10:05", "http://", "https://a.b/c ", "[12]", "\n 3. ", "\n٣) "),
    *("O'Neill ", "rock’n’roll", "Two ", "dlrs", "The ", "ıİſ"),
)
TEXTS = st.text() | st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.dedupe.facts")


def _reads_alike(tokens: Any, text: str) -> bool:
    found, hashes, kinds, begins = tokens.read(text)
    passage = facts._read_tokens(text)
    return (found, hashes, kinds, begins) == (
        passage.tokens,
        passage.hashes.tobytes(),
        passage.kinds.tobytes(),
        passage.begins.tolist(),
    )


@given(TEXTS.filter(lambda text: "\ud800" not in text))
@example("a’b’c d'\n1,2,,3/4/ 5:x\n")
def test_tokens_are_read_alike(twin: ModuleType, text: str) -> None:
    """Words, numbers and line breaks; again they are known."""
    tokens = twin.Tokens(facts._read_token)
    assert _reads_alike(tokens, text)
    assert _reads_alike(tokens, text)


def test_more_tokens_are_read_than_are_kept(twin: ModuleType) -> None:
    """They are forgotten, and read anew."""
    tokens = twin.Tokens(facts._read_token)
    assert _reads_alike(tokens, " ".join(f"a{number}b" for number in range(70_000)) + " ćx")
    assert _reads_alike(tokens, " ".join(f"{number}" for number in range(40_000)) + " a")


def test_long_words_are_forgotten_sooner(twin: ModuleType) -> None:
    """A word of some megabytes is not kept until as many others were met as are kept."""
    tokens = twin.Tokens(facts._read_token)
    ((word,), *_) = tokens.read("a" * 5_000_000)
    holders = sys.getrefcount(word)
    assert _reads_alike(tokens, "The next word, the next")
    assert sys.getrefcount(word) == holders - 1


@given(TEXTS)
@example("http:// ")
@example("\n \t1. x")
def test_no_marks_are_overlooked(twin: ModuleType, text: str) -> None:
    """What is said to have none has none."""
    if not twin.may_have_marks(text):
        assert facts._MARKS.search(text) is None
    if not twin.may_have_initials(text):
        assert facts._INITIALS.search(text) is None


def test_the_samples_are_read_alike(twin: ModuleType, root: Path) -> None:
    """Whole pages."""
    tokens = twin.Tokens(facts._read_token)
    for path in sorted((root / "seeds").rglob("*.*")):
        assert _reads_alike(tokens, path.read_bytes().decode("utf-8", "replace"))


@given(TEXTS)
@example("one two three four five six seven eight nine ten eleven twelve _ 14 fifteen")
def test_a_line_of_many_words_is_no_line_around_a_story(twin: ModuleType, text: str) -> None:
    """What the twin says without looking further, the expression says too."""
    if twin.has_words(text, facts.CREDIT_WORDS):
        assert facts._IS_LONGER.match(text.casefold()) is not None
