"""Periods are half-open, begin and end at midnight UTC, and never overlap their neighbours."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_lib import period
from audit_lib.errors import InputError
from audit_lib.period import midnight, parse_moment, parse_period

AS_OF = parse_moment("2026-10-05T06:00Z")


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-10", "2026-10-01", "2026-11-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-Q3", "2026-07-01", "2026-10-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("last-month", "2026-09-01", "2026-10-01"),
        ("last-quarter", "2026-07-01", "2026-10-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("2026-01-01/2026-02-15", "2026-01-01", "2026-02-15"),
    ],
)
def test_each_form_names_its_days(text, since, until):
    """Each form of a period names the days that a reader expects."""
    found = parse_period(text, AS_OF)
    assert (found.since, found.until) == (parse_moment(since), parse_moment(until))


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "soon", "2026-02-15/2026-01-01", "2026-01-01/2026-01-01", ""])
def test_no_period_is_refused_with_what_is_allowed(text):
    """What names no period, or one that ends before it starts, is refused and the allowed forms are shown."""
    with pytest.raises(InputError, match="Allowed: 2026-10"):
        parse_period(text, AS_OF)


@given(st.integers(2000, 2090), st.integers(1, 4))
def test_the_months_of_a_quarter_are_the_quarter(year, quarter):
    """Three months touch, and together are their quarter."""
    whole = parse_period(f"{year}-Q{quarter}", AS_OF)
    months = [parse_period(f"{year}-{3 * quarter - 2 + step:02}", AS_OF) for step in range(3)]
    assert [month.until for month in months[:2]] == [month.since for month in months[1:]]
    assert (months[0].since, months[2].until) == (whole.since, whole.until)


@given(st.datetimes(min_value=midnight(parse_moment("2001-01-01").date()).replace(tzinfo=None), max_value=parse_moment("2090-01-01").replace(tzinfo=None)))
def test_last_periods_are_over(moment):
    """`last-…` is over at the moment it is seen from."""
    as_of = moment.replace(tzinfo=AS_OF.tzinfo)
    assert all(parse_period(name, as_of).until <= as_of for name in ("last-month", "last-quarter", "last-year"))


def test_examples_in_docstrings_run():
    """The examples in the module's docstrings are true."""
    assert doctest.testmod(period).failed == 0
