"""Dates as articles write them: ISO 8601 for a certain one, nothing for any other."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import parse_published
from corpus.cleaning.written_dates import DATE, iso_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2023-03-06", "2023-03-06"),
        ("20230306", "2023-03-06"),
        ("2023/03/06", "2023-03-06"),
        ("2023-03-06T10:00:00Z", "2023-03-06T10:00:00+00:00"),
        ("2023-03-06T10:00:00.123+05:00", "2023-03-06T10:00:00+05:00"),
        ("2023-03-06 10:00:00 -0330", "2023-03-06T10:00:00-03:30"),
        ("2023-03-06 10:00:00", "2023-03-06"),
        ("March 06, 2023", "2023-03-06"),
        ("March 6th, 2023", "2023-03-06"),
        ("Mar. 6, 2023", "2023-03-06"),
        ("Sept 6 2023", "2023-09-06"),
        ("Monday, March 6, 2023", "2023-03-06"),
        ("6 March 2023", "2023-03-06"),
        ("6th of March 2023", "2023-03-06"),
        ("6-Mar-2023", "2023-03-06"),
        ("Mon, 06 Mar 2023 10:00:00 +0500", "2023-03-06T10:00:00+05:00"),
        ("Mon, 06 Mar 2023 10:00:00 GMT", "2023-03-06T10:00:00+00:00"),
        ("March 6, 2023 at 5:30 p.m. EST", "2023-03-06T17:30:00-05:00"),
        ("March 6, 2023 12:05 am UTC", "2023-03-06T00:05:00+00:00"),
        ("March 6, 2023 | 10:00 PKT", "2023-03-06T10:00:00+05:00"),
        ("March 6, 2023 5:30 PM PST", "2023-03-06"),
        ("March 6, 2023 5:30 PM IST", "2023-03-06"),
        ("13/03/2023", "2023-03-13"),
        ("03/13/2023", "2023-03-13"),
        ("06/06/2023", "2023-06-06"),
        ("13.03.2023", "2023-03-13"),
        ("1678060800", "2023-03-06T00:00:00+00:00"),
        ("1678060800000", "2023-03-06T00:00:00+00:00"),
        ("06/03/2023", None),
        ("06.03.2023", "2023-03-06"),
        ("03.13.2023", None),
        ("06-03-2023", None),
        ("February 30, 2023", None),
        ("2023-13-06", None),
        ("2023-03-06T25:00Z", None),
        ("March 6, 2023 13:00 pm UTC", None),
        ("March 2023", None),
        ("2023", None),
        ("yesterday", None),
        ("3 hours ago", None),
        ("March 6, 2023 and March 7, 2023", None),
        ("12345", None),
        ("", None),
    ],
)
def test_a_date_is_certain_or_unknown(written: str, iso: str | None) -> None:
    assert iso_date(written) == iso


@given(st.text(max_size=120) | st.text(alphabet="0123456789/-.:, TZ+marchpu", max_size=40))
def test_every_date_found_is_one_that_an_article_takes(written: str) -> None:
    found = iso_date(written)
    assert found is None or parse_published(found).year >= 1600


@given(st.dates(), st.sampled_from(["%B %d, %Y", "%d %b %Y", "%A, %B %d, %Y", "%Y-%m-%d"]))
def test_a_date_written_in_words_is_read_back(day: date, form: str) -> None:
    if day.year >= 1600:
        written = day.strftime(form)
        assert iso_date(written) == (day.isoformat() if day.year < 2100 else None)
        assert day.year >= 2100 or re.fullmatch(DATE, written, re.IGNORECASE)
