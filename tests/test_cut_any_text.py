"""What holds of any text: spans cover it once, and cutting it twice gives the same."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text.cut import cut
from tasks.text.lines import split_lines
from tasks.text.page import LABELS, rebuild

RULES = load_rules()

BREAKS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\n\n", "\n\n\n\n"]
WORDS = [
    *("Published", "on", "By", "Updated 3 May 2024", "Updated 6 sec ago", "Follow", "Short Url"),
    *("Read more", "Continue Reading", "Trending", "Connect with us", "Share", "Home", "* * *"),
    *("Posted by admin at 10:28 PM", "Jo Park", "3 May 2024", "The harbour", "\x00", "\ufeff"),
    *("• Two cranes came to the town", "\u200b", " \xa0 ", " date 2024-05-03 + ↺ − 16 px"),
    "The crews said that they had been told to wait for the barge until the wind had turned.",
    "PORT ELIAS: The cranes came on a barge, and half of the town was there to see it.",
]


def pages():
    """Texts made of the layouts' own lines, of any text, and of all kinds of line breaks."""
    line = st.one_of(st.sampled_from(WORDS), st.text(max_size=30))
    return st.lists(st.tuples(line, st.sampled_from(BREAKS)), max_size=40).map(
        lambda parts: "".join(line + end for line, end in parts)
    )


@given(pages())
@settings(max_examples=200, deadline=None)
def test_every_character_is_in_exactly_one_span(text):
    """Spans cover a page in order, without gap, overlap or empty span, so it can be rebuilt."""
    spans = cut(text, RULES).spans
    assert rebuild(text, spans) == text
    assert [span.start for span in spans[1:]] == [span.end for span in spans[:-1]]
    assert all(span.start < span.end and span.label in LABELS for span in spans)


@given(pages())
@settings(max_examples=100, deadline=None)
def test_a_page_is_always_cut_alike(text):
    """Cutting is a function of text and rules."""
    assert cut(text, RULES) == cut(text, load_rules())


@given(pages())
@settings(max_examples=150, deadline=None)
def test_an_article_is_made_of_its_spans(text):
    """An article's text is the lines of its body and heading spans, stripped."""
    result = cut(text, RULES)
    lines = split_lines(text)
    for article in result.articles:
        said = [
            line.text
            for span in result.spans
            if span.article == article.position and span.label in ("body", "heading")
            for line in lines
            if span.start <= line.start < span.end
        ]
        assert article.text == "\n\n".join(said)


@given(pages())
@settings(max_examples=100, deadline=None)
def test_unknown_is_none_and_never_empty(text):
    """No fact of an article is an empty string, and positions count from 0."""
    articles = cut(text, RULES).articles
    assert [article.position for article in articles] == list(range(len(articles)))
    for article in articles:
        assert article.text.strip()
        facts = (article.title, article.section, article.dateline, article.published_text)
        assert all(fact is None or fact.strip() for fact in facts)


@given(pages())
@settings(max_examples=100, deadline=None)
def test_what_is_cut_says_by_which_rule(text):
    """Every boilerplate span names a rule; no kept one does, unless it is blank."""
    for span in cut(text, RULES).spans:
        assert (span.rule is not None) == (span.label == "boilerplate")


@given(pages())
def test_lines_cover_a_text(text):
    """Lines follow each other without gap, whatever breaks them."""
    lines = split_lines(text)
    assert "".join(text[line.start : line.end] for line in lines) == text
    assert all(one.end == other.start for one, other in pairwise(lines))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000,
        "\n" * 200_000,
        "\u200b " * 500_000,
        "\n".join(f"item {number}" for number in range(50_000)),
        "Published\non\nBy\nfoo bar\n" * 20_000,
        "Title here\nUpdated 3 May 2024\nFollow\n" * 20_000,
        "Read more\nTitle here\nSome text.\n" * 20_000,
        "By\nJo Park\n" * 30_000,
        "May 3, 2024 " * 500_000,
        "January 5, 2024\n" * 100_000,
    ],
    ids=[
        *("one-line", "breaks", "invisible", "short", "published", "updated", "more", "by"),
        *("dates", "date-lines"),
    ],
)
@pytest.mark.timeout(60)
def test_time_grows_with_the_page_and_no_faster(text):
    """Pages built to be slow are cut in seconds."""
    assert rebuild(text, cut(text, RULES).spans) == text
