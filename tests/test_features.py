"""What the line model sees of lines, and what the characters of lines are known as."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text import model
from tasks.text.characters import DIGIT, SPACE, read_characters, read_words
from tasks.text.features import NAMES, PLACE, line_features
from tasks.text.marks import read_page
from tasks.text.model import score_by_model

RULES = load_rules()
OF_LINE = len(NAMES) - len(PLACE.split(" "))
LINES = st.lists(
    st.one_of(
        st.sampled_from(["* Home", "By Jo Park", "3 May 2024", "© 2024 Gazette", "Über uns →"]),
        st.text(min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=12,
)


def of(line: str) -> dict[str, float]:
    """The features of a page's only line."""
    (row,) = line_features(read_page(line, RULES)).tolist()
    return dict(zip(NAMES, row, strict=True))


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_a_line_looks_the_same_on_any_page(lines):
    """What a line is by itself does not hang on the lines beside it."""
    page = read_page("\n".join(lines), RULES)
    together = line_features(page)[:, :OF_LINE]
    for row, index in zip(together, page.said, strict=True):
        alone = line_features(read_page(page.text(index), RULES))
        assert np.array_equal(row, alone[0, :OF_LINE])


@given(LINES)
@settings(max_examples=100, deadline=None)
def test_features_are_numbers(lines):
    """No line gives an infinite number or none."""
    page = read_page("\n".join(lines), RULES)
    assert np.isfinite(line_features(page)).all()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("* Two cranes came", "item"),
        ("HARBOUR NEWS", "shout"),
        ("More on this...", "ellipsis"),
        ("Write to desk@gazette.example", "address"),
        ("© 2024 Gazette", "copyright"),
        ("(BUTTON) Menu", "debris"),
        ("Harbour - The Gazette", "dash"),
        ("3 May 2024", "date"),
        ("By Jo Park", "byline"),
        ("The cranes came.", "sentence"),
        ("“Two cranes”", "quote"),
    ],
)
def test_a_line_is_known_by_its_shape(line, name):
    """Each shape is seen in a line that has it, and not in one that has none."""
    assert of(line)[name] == 1.0
    assert of("Harbour news")[name] == 0.0


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_the_table_says_what_the_character_says(text):
    """Kinds looked up for all characters at once are those of each character."""
    line = text.replace("\n", " ") + "x\n"
    read = read_characters(line)
    assert read.count(DIGIT).tolist() == [sum(map(str.isdigit, line[:-1]))]
    assert read.count(SPACE).tolist() == [sum(map(str.isspace, line))]
    assert read.sum(read.begin_words()).tolist() == [len(line.split())]


def test_words_are_letters_in_small_letters():
    """Figures and marks part words; each word is in the vocabulary once."""
    words = read_words(read_characters("Cranes, 2 cranes\nDie Straße\n"))
    assert words.vocabulary == ["cranes", "die", "strasse"]
    assert words.words.tolist() == [0, 0, 1, 2]
    assert words.lines.tolist() == [0, 0, 1, 1]
    assert words.letters.tolist() == [12, 10]


def test_a_long_page_is_weighed_in_blocks(monkeypatch):
    """A line's score is the same whether its page is weighed at once or in blocks."""
    lines = [f"Line {number % 17} of menus, " * (number % 5 + 1) for number in range(300)]
    page = read_page("\n".join(lines), RULES)
    at_once = score_by_model(page)
    monkeypatch.setattr(model, "BLOCK", 70)
    assert score_by_model(page) == pytest.approx(at_once, abs=1e-4)
