"""Characters that a text has as references of HTML."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe.facts import read_story
from tasks.dedupe.folding import split_words
from tasks.read.html import make_html_page
from tasks.read.markup import strip_tags
from tasks.read.refs import Page
from tasks.text.entities import _NUMBER, decode_entities

PIECES = ["&#", "&#x", "0", "1", "65", "8220", "1114111", "0" * 9, "9" * 9, ";", "x", "&amp", " "]
ENDLESS = "&#" + "7" * 5000 + ";"


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_references_are_decoded_as_python_decodes_them(text):
    """Also by the way that is taken where Python raises."""
    assert decode_entities(text) == html.unescape(text)
    assert html.unescape(_NUMBER.sub(r"\1\2", text)) == html.unescape(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (ENDLESS, "\ufffd"),
        (f"a {ENDLESS} b &#65; &amp;", "a \ufffd b A &"),
        ("&#" + "0" * 5000 + "65;", "A"),
        ("&#" + "0" * 5000 + ";", "\ufffd"),
    ],
)
def test_a_number_too_long_to_be_read_is_no_error(text, shown):
    """Python reads no number of more than 4,300 digits."""
    assert decode_entities(text) == shown


def test_a_page_may_have_a_reference_without_end():
    """It can be read, told from its copies, and compared with them."""
    words = "Rain fell on the harbour."
    assert split_words(f"{words} {ENDLESS}") == split_words(words)
    assert read_story(f"{words} {ENDLESS}").forms.tokens.tolist() == (
        read_story(words).forms.tokens.tolist()
    )
    assert strip_tags(f"<p>{words} {ENDLESS}") == f"{words} \ufffd"
    source = f"<title>{ENDLESS}</title><p>{words} {ENDLESS}" + "<b>" * 300
    assert isinstance(make_html_page("file:///a.html", source.encode(), "a"), Page)
