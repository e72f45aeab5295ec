"""Dates as lines give them, in several languages, zones and orders."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.dates import find_date, puts_day_first, read_date


@pytest.mark.parametrize(
    "line",
    [
        "3 May 2024", "May 3, 2024", "May 3rd, 2024", "3. Mai 2024", "3 mai 2024",
        "3 de mayo de 2024", "3 maggio 2024", "3 de maio de 2024", "3 mei 2024", "3 мая 2024",
        "2024-05-03", "2024/05/03", "03.05.2024", "3.5.24", "2024年5月3日", "2024년 5월 3일",
        "Updated 03 May 2024", "Published on: May 3, 2024", "Freitag, 3. Mai 2024",
        "3-May-2024", "By Jo Park | May 3, 2024", " date 2024-05-03 + ↺ − 16 px",
        "Jo Park · May 3, 2024", "3 MAY 2024", "3rd of May 2024",
    ],
)  # fmt: skip
def test_days(line):
    """A day without time is midnight, UTC, whatever the zone."""
    assert read_date(line) == datetime(2024, 5, 3, tzinfo=UTC)
    assert read_date(line, "Asia/Karachi") == datetime(2024, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "zone", "hour", "minute"),
    [
        ("3 May 2024 20:22", None, 20, 22),
        ("3. Mai 2024, 20:22 Uhr", "Europe/Berlin", 18, 22),
        ("3. Mai 2024 um 20.22 Uhr", "Europe/Berlin", 18, 22),
        ("May 3, 2024 at 10:30 PM", None, 22, 30),
        ("May 3, 2024 10:30 a.m. EST", None, 15, 30),
        ("May 3, 2024, 12:05 am", None, 0, 5),
        ("2024-05-03T10:00:00Z", "Asia/Karachi", 10, 0),
        ("2024-05-03T10:00:00+05:00", None, 5, 0),
        ("le 3 mai 2024 à 12h30", "Europe/Paris", 10, 30),
        ("10:28 PM, May 3 2024", None, 22, 28),
        ("3 May 2024 09:15", "Asia/Karachi", 4, 15),
        ("3 May 2024 09:15", "No/Where", 9, 15),
    ],
)
def test_times(line, zone, hour, minute):
    """A time is moved to UTC by its own offset, else by the source's zone, else it is UTC."""
    assert read_date(line, zone) == datetime(2024, 5, 3, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "month"),
    [("3 HAZİRAN 2024", 6), ("3 KASIM 2024", 11), ("KASIM 3, 2024", 11), ("3 Aralık 2024", 12)],
)
def test_turkish_capitals(line, month):
    """The dot of an i, which Turkish keeps apart, does not hide a month."""
    assert read_date(line) == datetime(2024, month, 3, tzinfo=UTC)


@pytest.mark.parametrize("line", ["3 stone 2024", "Maple 3, 2024", "on 2 1999 and May", "3may"])
def test_a_word_that_is_no_month_gives_no_date(line):
    """A day and a year around any other word are no date."""
    assert read_date(line) is None


def test_a_date_is_found_behind_what_only_looks_like_one():
    """Other words before numbers do not end the search."""
    assert read_date("Maple 3, 2024 and May 3, 2024") == datetime(2024, 5, 3, tzinfo=UTC)


def test_one_order_only():
    """Numbers that can be read in one order only are."""
    assert read_date("25/12/2024") == read_date("12/25/2024") == datetime(2024, 12, 25, tzinfo=UTC)


def test_two_orders_are_not_guessed():
    """Where month and day could be either way round, only the source's zone tells."""
    assert read_date("03/04/2024") is None
    assert read_date("03/04/2024", "Europe/London") == datetime(2024, 4, 3, tzinfo=UTC)
    assert read_date("03/04/2024", "America/New_York") == datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "", "Updated 6 sec ago", "May 2024", "2024", "31 February 2024", "1,600 miles", "10:30 PM",
        "5th February is a holiday", "Room 3.5.2", "99/99/2024", "The 2024-25 season", "3 May 1066",
    ],
)  # fmt: skip
def test_no_date(line):
    """What gives no whole day gives no date."""
    assert read_date(line) is None


def test_the_first_date_counts():
    """Of several dates in a line the first is taken, with its place."""
    found = find_date("Posted 3 May 2024, updated 5 May 2024")
    assert found is not None
    assert (found.at.day, found.start, found.end) == (3, 7, 17)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_iso_is_read_back(at):
    """Any day of these two centuries is read as it was written."""
    assert read_date(f"Updated {at:%Y-%m-%d}") == datetime(at.year, at.month, at.day, tzinfo=UTC)


@given(st.text(max_size=200), st.sampled_from([None, "Europe/Berlin", "x"]))
def test_any_text_is_read(text, zone):
    """No text makes the reading of dates fail."""
    found = find_date(text, zone)
    assert found is None or 0 <= found.start < found.end <= len(text)


def test_the_month_first_with_dots():
    """With dots the day is first, unless there is no such month."""
    assert read_date("06.18.2025").date().isoformat() == "2025-06-18"


def test_the_order_that_the_page_tells():
    """Numbers that could be read both ways are read as the page's other dates are, if any."""
    assert read_date("3/4/2024", day_first=True).month == 4
    assert read_date("3/4/2024", day_first=False).month == 3
    assert puts_day_first("Seen 22/11/2024") is True
    assert puts_day_first("Seen 11/22/2024") is False
    assert puts_day_first("Seen 3/4/2024") is None
