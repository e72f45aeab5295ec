"""The compiled twins of what quality rules measure give what Python gives."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.text import measures
from tasks.text.repetition import Runs

Twin = Callable[[str], ModuleType]

PARTS = (
    *"ab.!?…”)]•-*– \n\n\n\t\r\v\f\x1c\x1f\x85\xa0\u2028\u2029\u3000\u200b\0é中\ud800\U0001f600",
    *("the ", "The\n", "of ", "to", "be\u3000", "TO ", "\u017f", "\u0130", "ß", "\ufb01", "\u212a"),
    *("Privacy Policy", "use cookies", "uſe cookies", "use cookieß", "javaſcript", "JAVASCRIPT"),
    *("lorem ipsum", "{", "...", "- a line", "• a line", "\n\n", "x" * 29),
)
TEXTS = st.text() | st.lists(st.sampled_from(PARTS), max_size=60).map("".join)
WORDS = st.lists(
    st.sampled_from(["a", "bb", "ccc", "ć", "Ω" * 9]) | st.sampled_from("abcdefghijklmno"),
    max_size=80,
)
SENTENCES = st.text(st.sampled_from("ab \n\u2028" + measures.ENDS + ")]([{")) | TEXTS
SPACES = st.sampled_from([" ", "\n\n", "\u3000"])


@pytest.fixture(scope="module")
def twin(twin_of: Twin) -> Twin:
    """Gives the compiled twin of a module of texts."""
    return lambda name: twin_of(f"tasks.text.{name}")


def _measure_lines(found: ModuleType, text: str) -> tuple[float, ...]:
    return found.measure_lines(
        text, measures.ENDS, measures.BULLETS, measures.DASHES, measures.SHORT
    )


@given(TEXTS)
@example("a\n \nb\r\n\r\na\x1e\nb\u2029\u2028c")
def test_lines_are_measured_alike(twin: Twin, text: str) -> None:
    """Whatever parts them, and paragraphs."""
    assert _measure_lines(twin("measures"), text) == measures._measure_lines(text)


@given(TEXTS)
@example("use cookieß")
def test_phrases_are_found_alike(twin: Twin, text: str) -> None:
    """Or left to Python."""
    found = twin("measures").Finder(measures.PHRASES).find(text)
    assert found is None or found == measures._find_phrases(text)


def test_each_phrase_is_found(twin: Twin) -> None:
    """At the start of a text, within and at its end, in any case."""
    finder = twin("measures").Finder(measures.PHRASES)
    for phrase in measures.PHRASES:
        for text in (phrase, f"{phrase} é", f"é {phrase.upper()}", f"Ω{phrase}Ω"):
            assert finder.find(text) == {phrase}
        assert phrase == "}" or not finder.find(phrase[:-1])


def test_letters_that_fold_to_ascii_are_left_to_python(twin: Twin) -> None:
    """All that Unicode has; all others are none of a phrase's letters."""
    find = twin("measures").Finder(("a",)).find
    for code in range(0x80, sys.maxunicode + 1):
        folded = chr(code).casefold()
        if any(letter.isascii() for letter in folded):
            assert code == 0xDF or find(chr(code)) is None, hex(code)
        assert folded.isspace() == chr(code).isspace()


@given(SENTENCES, st.integers(0, 4))
@example("a.”。b… ?!’)] !a.", 3)
def test_sentences_are_told_alike(twin: Twin, text: str, least: int) -> None:
    """By their marks, and what follows these."""
    found = twin("measures").ends_sentences(
        text, least, measures.MARKS, measures.CLOSERS, measures.OTHER_MARKS
    )
    assert found == measures._ends_sentences(text, least)


@given(TEXTS, st.integers(0, 30), st.integers(0, 90))
def test_characters_are_counted_alike(twin: Twin, text: str, start: int, end: int) -> None:
    """Without white space, also where a part goes on beyond the text."""
    found = twin("measures").count_characters(text, start, end)
    assert found == measures._count_characters(text, start, end)


@given(TEXTS)
def test_stop_words_are_found_alike(twin: Twin, text: str) -> None:
    """In any case, between any white space."""
    found = twin("measures").has_two(text, measures.STOP_WORDS, 4)
    assert found == measures._has_stop_words(text)


@given(WORDS, SPACES, st.integers(5, 10), st.sampled_from([0.1, 0.15, 0.2, 0.5]))
def test_runs_that_recur_are_found_alike(
    twin: Twin, words: list[str], space: str, size: int, limit: float
) -> None:
    """Of any size, in any alphabet."""
    text = space.join(words)
    found, runs = twin("repetition").Runs(text), Runs(text)
    assert found.repeated_at_most == runs.repeated_at_most
    assert found.hold_in_repeated(size, limit) == runs.hold_in_repeated(size, limit)
    for few in (2, 3, 4):
        assert found.hold_in_top(few, limit) == runs.hold_in_top(few, limit)


def test_the_samples_are_measured_alike(twin: Twin, root: Path) -> None:
    """Whole pages, and each many times over."""
    for path in sorted((root / "seeds").rglob("*.*")):
        page = path.read_bytes().decode("utf-8", "replace")
        for text in (page, page * 40):
            assert _measure_lines(twin("measures"), text) == measures._measure_lines(text)
            found, runs = twin("repetition").Runs(text), Runs(text)
            assert found.repeated_at_most == runs.repeated_at_most
            for size in (2, 3, 4):
                assert found.hold_in_top(size, 0.1) == runs.hold_in_top(size, 0.1)
            assert found.hold_in_repeated(7, 0.1) == runs.hold_in_repeated(7, 0.1)
