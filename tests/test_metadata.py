"""Persons, datelines and sections: what is read of them, and what is not taken for them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text.cut import cut
from tasks.text.metadata import read_dateline
from tasks.text.names import is_person, read_byline, read_dated_names

RULES = load_rules()

REST = "the council met on Monday to talk about the new bridge over the river."


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Marta Lindqvist", ("Marta Lindqvist",)),
        ("BY MARTA LINDQVIST", ("MARTA LINDQVIST",)),
        ("by Marta Lindqvist | May 3, 2024", ("Marta Lindqvist",)),
        ("By Marta Lindqvist and Jo Park", ("Marta Lindqvist", "Jo Park")),
        (
            "By Marta Lindqvist, Jo Park & Ali bin Said",
            ("Marta Lindqvist", "Jo Park", "Ali bin Said"),
        ),
        ("Von Lena Ortner und Max Huber", ("Lena Ortner", "Max Huber")),
        ("Por Ana Sousa", ("Ana Sousa",)),
        ("Written by J. K. Park, Senior Reporter", ("J. K. Park",)),
        ("By Marta LindqvistPublished: May 3, 2024", ("Marta Lindqvist",)),
        ("By Marta Lindqvist for Example News", ("Marta Lindqvist",)),
        ("Author: Marta Lindqvist, MD", ("Marta Lindqvist",)),
        ("Posted by Marta Lindqvist at 10:28 PM", ("Marta Lindqvist",)),
        ("By Example News Agency", ()),
        ("Posted by admin at 10:28 PM", ()),
        ("By Friday the army had left the city", ()),
        ("By the end of the year", ()),
        ("Marta Lindqvist", ()),
    ],
)
def test_bylines(line, names):
    """The persons after a word for *by*, and neither their office nor the agency."""
    assert read_byline(line) == names


@pytest.mark.parametrize(
    "name",
    [
        "Marta Lindqvist",
        "Imran Y. CHOUDHRY",
        "Ana de Sousa",
        "Jean-Luc O'Neil",
        "Åsa Öberg",
        "J. Park",
    ],
)
def test_persons(name):
    """Names of two to five words, with initials, particles and accents."""
    assert is_person(name)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Key Takeaways",
            "California (USA)",
            "World News",
            "Continue Reading",
            "Read More",
            "Home",
        ),
        *("the mayor", "Market Report", "3 Things", "Monday Morning", "Follow Us", "Lisbon"),
    ],
)
def test_no_persons(line):
    """Headings, menus and places are no names."""
    assert not is_person(line)


def test_names_beside_a_date():
    """A head's line of name and date has an author; one of date and place has none."""
    assert read_dated_names("Marta Lindqvist • May 3, 2024") == ("Marta Lindqvist",)
    assert read_dated_names("Published May 3, 2024 by Marta Lindqvist") == ("Marta Lindqvist",)
    assert read_dated_names("Monday, May 3, 2024") == ()


@pytest.mark.parametrize(
    ("start", "place", "names"),
    [
        ("DUBAI: ", "DUBAI", ()),
        ("DUBAI/ISLAMABAD: ", "DUBAI/ISLAMABAD", ()),
        ("DUBAI:\xa0", "DUBAI", ()),
        ("Porto: ", "Porto", ()),
        ("Paris (Jo K. PARK) :- ", "Paris", ("Jo K. PARK",)),
        ("LONDON (Reuters) - ", "LONDON", ()),
        ("WASHINGTON, D.C. — ", "WASHINGTON, D.C.", ()),
        ("“We won”: ", None, ()),
        ("Question: ", None, ()),
        ("BREAKING: ", None, ()),
        ("Q&A: ", None, ()),
        ("12:30: ", None, ()),
    ],
)
def test_datelines_and_names_beside_them(start, place, names):
    """A place at a story's start, and the person in brackets after it."""
    opening = start + "In a first vote, " + REST
    found, persons = read_dateline(opening)
    assert (found, persons) == (place, names)


def test_a_sentence_with_a_colon_is_no_dateline():
    """A short remark before a colon needs a whole sentence after it to be a place."""
    assert read_dateline("Porto: full time") == (None, ())


@given(st.text(max_size=500))
def test_any_paragraph_is_read(text):
    """No text makes the reading of a dateline fail; a place is never empty."""
    place, names = read_dateline(text)
    assert place is None or place.strip()
    assert all(is_person(name) for name in names)


def test_a_spanish_page_puts_the_day_first():
    """A page in another language than English writes 3/4/2024 for the third of April."""
    story = (
        "El ayuntamiento de la ciudad aprobó el martes una segunda línea de barcos para la bahía. "
        "Diez de los catorce concejales votaron a favor del barco, que cruzará cada media hora.\n\n"
    )
    text = f"Inicio\nDeportes\n\nLa ciudad vota por un segundo barco\n\n03/04/2024\n\n{story * 3}"
    assert cut(text, RULES).articles[0].published_at == datetime(2024, 4, 3, tzinfo=UTC)
