"""Relative times: read against the time of fetching, and only then."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.load import load_rules
from tasks.text.cut import cut
from tasks.text.page import Given
from tasks.text.relative import is_relative_line, read_relative

FETCHED = datetime(2025, 3, 4, 10, 30, 15, 123, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("3 hours ago", "2025-03-04T07:30"),
        ("an hour ago", "2025-03-04T09:30"),
        ("Updated 16 min 27 sec ago", "2025-03-04T10:13"),
        ("By Ilse Tornquist, 2h ago", "2025-03-04T08:30"),
        ("just now", "2025-03-04T10:30"),
        ("vor 2 Stunden", "2025-03-04T08:30"),
        ("vor einem Tag", "2025-03-03T00:00"),
        ("il y a 3 heures", "2025-03-04T07:30"),
        ("hace 5 minutos", "2025-03-04T10:25"),
        ("2 ore fa", "2025-03-04T08:30"),
        ("há 12 horas", "2025-03-03T22:30"),
        ("4 uur geleden", "2025-03-04T06:30"),
        ("منذ 3 ساعات", "2025-03-04T07:30"),
        ("3 گھنٹے قبل", "2025-03-04T07:30"),
        ("2 weeks ago", "2025-02-18T00:00"),
    ],
)
def test_a_relative_time_counts_back_from_the_fetch(text, at):
    """To the minute; from days on to the day, as dates without a time are."""
    assert read_relative(text, FETCHED) == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["2 months ago", "a year ago", "3 hours", "long ago", "4 March"])
def test_what_names_no_day_is_no_date(text):
    """Months and years are too coarse, and a length of time is no time."""
    assert read_relative(text, FETCHED) is None


@pytest.mark.parametrize(
    "text", ["The ferry sank 3 hours ago off the pier.", "2 weeks ago, he left"]
)
def test_a_sentence_is_no_line_of_a_date(text):
    """What happened some hours ago is not when the story came out."""
    assert not is_relative_line(text)


@given(st.text(), st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_text_can_be_asked(text, fetched_at):
    """No text raises."""
    read_relative(text, fetched_at)
    is_relative_line(text)


@pytest.fixture(scope="module")
def rules():
    """The packs."""
    return load_rules()


@pytest.fixture
def page(story):
    """Make a page whose date line says something else."""
    return lambda date: story(3).replace("March 4, 2025", date)


@pytest.mark.parametrize("line", ["3 hours ago", "vor 3 Stunden", "il y a 3 heures"])
def test_the_story_is_dated_where_the_fetch_is_known(rules, page, line):
    """And stays without a date where it is not."""
    (dated,) = cut(page(line), rules, Given(fetched_at=FETCHED)).articles
    assert dated.published_at == datetime(2025, 3, 4, 7, 30, tzinfo=UTC)
    assert dated.published_text == line
    (undated,) = cut(page(line), rules).articles
    assert undated.published_at is None


def test_a_date_in_the_record_is_better_than_a_relative_time(rules, page):
    """It says the same more exactly."""
    facts = Given(fetched_at=FETCHED, published="2025-03-04T07:12:00Z")
    (article,) = cut(page("3 hours ago"), rules, facts).articles
    assert article.published_at == datetime(2025, 3, 4, 7, 12, tzinfo=UTC)


def test_an_absolute_date_is_better_than_the_fetch(rules, story):
    """A time of fetching dates nothing by itself."""
    (article,) = cut(story(3), rules, Given(fetched_at=FETCHED)).articles
    assert article.published_at == datetime(2025, 3, 4, tzinfo=UTC)
