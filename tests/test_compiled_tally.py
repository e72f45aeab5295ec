"""The compiled twins of tally and syllables give what Python gives."""

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.text import syllables, tally

LANGUAGES = [*sorted(tally.SYLLABLE_LANGUAGES), "ar", "sv", "und"]
PARTS = (
    *"aZ09_ -'.!?\n\t\0\x1c\x85\xa0éÉßſĸŉİıǰÅª²½´…“’μΣςǅйЁ٣\u0301\u0307\u200b",
    *"\u0e01中あ\ud800\U0001f600\U0001d7ce\U00010400",
    *("ferry ", "the ", "Straße ", "hmm ", "'t", "'S ", "'ve", "'ll'", "it's ", "'v", "'r e "),
    *("I\u0307", "İt's ", "K\u212aelvin", "mother ", "e\u0301té ", "3.5 ", "U.S. ", "a b c. "),
    *("Donaudampfschifffahrt ", "x" * 14, "y" * 15, "well-known ", "Ёлка ", "Łódź ", "ő" * 9),
)
TEXTS = st.text() | st.lists(st.sampled_from(PARTS), max_size=300).map("".join)


@pytest.fixture(scope="module", autouse=True)
def _twins() -> None:
    """Both are ready, for a test has a deadline; skip where nothing was compiled."""
    if tally._compiled is None:
        pytest.skip("the tally is not compiled: there was no C compiler at installation")
    for language in LANGUAGES:
        assert tally.count_text("ready", language) == tally._count_text("ready", language)


@given(TEXTS, st.sampled_from(LANGUAGES))
@example("İ'd " * 120, "en")
@example("- one " * 101 + "two. Three four five.", "en")
def test_a_text_is_counted_alike(text: str, language: str) -> None:
    """Whatever stands in it, in every language."""
    assert tally.count_text(text, language) == tally._count_text(text, language)


@pytest.mark.parametrize("language", ["en", "ru", "und"])
def test_every_character_is_counted_alike(language: str) -> None:
    """Inside a word, and as a sentence of its own."""
    for start in range(0, sys.maxunicode, 64):
        chars = map(chr, range(start, min(start + 64, sys.maxunicode + 1)))
        text = " ".join(f"a{char}e b {char} c{char}'s" for char in chars)
        assert tally.count_text(text, language) == tally._count_text(text, language)


@pytest.mark.parametrize("language", sorted(tally.SYLLABLE_LANGUAGES))
def test_words_have_the_syllables_that_python_counts(language: str) -> None:
    """Those around every tenth pattern, and, in English, those of cmudict."""
    patterns = syllables._patterns("en_US" if language == "en" else language)
    words = [f"xq{letters.strip('.')}qx" for letters in list(patterns)[::10]]
    words += [f"{letters.strip('.')}ба" for letters in list(patterns)[5::10]]
    if language == "en":
        words += [word for word in syllables._sounds() if re.fullmatch("[a-z']+", word)]
    ours, theirs = syllables.read_lexicon(language).count, syllables.syllable_counter(language)
    assert [word for word in words if ours(word) != theirs(word)] == []


@pytest.mark.parametrize("word", ["", "a", "é", "\U0001f600" * 9, "x" * 70_000, "aé中" * 99])
def test_any_word_has_syllables(word: str) -> None:
    """Of whatever letters, and however long."""
    theirs = syllables.syllable_counter("en")
    assert syllables.read_lexicon("en").count(word) == theirs(word)


def test_a_language_may_have_no_patterns_and_no_words() -> None:
    """Then any word has one syllable."""
    assert syllables._compiled is not None
    assert syllables._compiled.Lexicon({}, b"", []).count("harbour") == 1
