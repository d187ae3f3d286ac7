"""Periods: half-open spans `[since, until)` that begin and end at midnight UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from audit_lib.errors import InputError

FORMS = "2026-10, 2026-Q3, 2026, last-month, last-quarter, last-year or 2026-01-01/2026-02-15 (the last day not included)"


@dataclass(frozen=True)
class Period:
    """`name` as in the folder of its runs; `since` up to, not including, `until`, both midnight UTC."""

    name: str
    since: datetime
    until: datetime


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def parse_period(text: str, as_of: datetime) -> Period:
    """The period that a text names; `last-…` is the last one that is over at `as_of`.

    Raises InputError where the text names no period or one that ends before it starts.

    >>> parse_period("2026-Q3", midnight(date(2026, 10, 5)))
    Period(name='2026-Q3', since=datetime.datetime(2026, 7, 1, 0, 0, tzinfo=datetime.timezone.utc), \
until=datetime.datetime(2026, 10, 1, 0, 0, tzinfo=datetime.timezone.utc))
    >>> parse_period("last-month", midnight(date(2026, 10, 5))).name
    '2026-09'
    """
    day = as_of.date()
    if text == "last-month":
        text = f"{(day.replace(day=1) - timedelta(days=1)):%Y-%m}"
    elif text == "last-quarter":
        quarter = (day.month - 1) // 3
        text = f"{day.year}-Q{quarter}" if quarter else f"{day.year - 1}-Q4"
    elif text == "last-year":
        text = str(day.year - 1)
    try:
        since, until = _days(text)
    except ValueError as fault:
        raise InputError(f"--period: no such period: {text!r} ({fault}). Allowed: {FORMS}") from None
    if until <= since:
        raise InputError(f"--period: ends before it starts: {text!r}. Allowed: {FORMS}")
    return Period(text.replace("/", "_"), midnight(since), midnight(until))


def parse_moment(text: str) -> datetime:
    """A moment in UTC; a day is its first moment. Raises InputError where the text is neither.

    >>> parse_moment("2026-10-05").isoformat()
    '2026-10-05T00:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of: no day and no moment: {text!r}. Allowed: 2026-10-05 or 2026-10-05T06:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _days(text: str) -> tuple[date, date]:
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1), date(int(text) + 1, 1, 1)
    if parts := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        year, month = int(parts[1]), 3 * int(parts[2]) - 2
        return date(year, month, 1), date(year + month // 10, (month + 2) % 12 + 1, 1)
    if parts := re.fullmatch(r"(\d{4})-(\d{2})", text):
        first = date(int(parts[1]), int(parts[2]), 1)
        return first, (first + timedelta(days=31)).replace(day=1)
    if "/" in text or "_" in text:
        since, until = re.split("[/_]", text, maxsplit=1)
        return date.fromisoformat(since), date.fromisoformat(until)
    raise ValueError("it has none of these forms")
