"""Numbers, days and lists as a reader of English expects them, for the reports."""

import re
from datetime import UTC, date, datetime, timedelta

SMALL = "no one two three four five six seven eight nine ten eleven twelve".split()
MONTHS = "January February March April May June July August September October November December".split()
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]00(?::?00)?)?")
INSIDE = re.compile(r"(?<![\w-])(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]00(?::?00)?)?)?(?![\w-])")
STOPS = r",| (?:and|at|between|by|for|from|in|of|on|or|per|that|to|under|whose|with|which|who)\b"


def number(value: float | int | None) -> str:
    """A number with thousands separated; a dash where there is none.

    >>> number(48213), number(None), number(0.25)
    ('48,213', '–', '0.25')
    """
    if value is None:
        return "–"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def spelled(value: int) -> str:
    """A small number as a word, a larger one in figures.

    >>> spelled(3), spelled(40)
    ('three', '40')
    """
    return SMALL[value] if 0 <= value < len(SMALL) else number(value)


def plural(noun: str) -> str:
    """The plural of a regular noun; of a phrase, that of its last word.

    >>> plural("access"), plural("canceled account"), plural("entry"), plural("day")
    ('accesses', 'canceled accounts', 'entries', 'days')
    """
    if re.search(r"(s|x|ch|sh)$", noun):
        return noun + "es"
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"


def counted(value: int, noun: str, *, in_words: bool = False) -> str:
    """A number with its noun, which never part at a line's end.

    >>> counted(1, "backup"), counted(2, "finding", in_words=True)
    ('1\\xa0backup', 'two\\xa0findings')
    """
    return f"{spelled(value) if in_words else number(value)}\xa0{noun if value == 1 else plural(noun)}"


def noun(tests: str) -> str:
    """What one item is, in a word or two, from a control's `tests` line.

    >>> noun("one backup whose last day falls in the period"), noun("one successful access of a person of ours")
    ('backup', 'successful access')
    """
    text = re.sub(r" and UTC (day|hour)\b", r"-\1", re.sub(r"\s*\([^)]*\)", "", tests.strip()))
    head = re.split(STOPS, re.sub(r"^(one|an?|each|every) ", "", text), maxsplit=1)[0]
    return head if 0 < len(head) <= 28 else "item"


def listing(words: list[str], last: str = "and") -> str:
    """Words in a row, with commas and an `and` before the last.

    >>> listing(["a", "b", "c"]), listing(["a"])
    ('a, b and c', 'a')
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def sentence(text: str) -> str:
    """The text with a capital letter in front and without a full stop at its end.

    >>> sentence("destroyed after its last day.")
    'Destroyed after its last day'
    """
    text = curly(text.strip().removesuffix("."))
    return text[:1].upper() + text[1:]


def curly(text: str) -> str:
    """Apostrophes between letters as typographic ones.

    >>> curly("the grant's end")
    'the grant’s end'
    """
    return re.sub(r"(?<=\w)'(?=\w)", "’", text)


def lowered(text: str) -> str:
    """The text with a small letter in front, unless its first word is a name such as ACC-01 or DPF."""
    text = curly(text.strip().removesuffix("."))
    return text if re.match(r"[A-Z][A-Z0-9-]", text) else text[:1].lower() + text[1:]


def to_day(value: date | datetime | str | None) -> date | None:
    """The UTC day of a moment, day or ISO text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value.replace(" ", "T", 1)) if value else None
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date()
    return value


def long_day(value: date | datetime | str | None) -> str:
    """`5 October 2026`."""
    day = to_day(value)
    return f"{day.day}\xa0{MONTHS[day.month - 1]}\xa0{day.year}" if day else "no date"


def short_day(value: date | datetime | str | None, year: int | None = None) -> str:
    """`5 Oct`; with its year where that is not `year`."""
    day = to_day(value)
    if not day:
        return "no date"
    return f"{day.day}\xa0{MONTHS[day.month - 1][:3]}" + (f"\xa0{day.year}" if year is not None and day.year != year else "")


def moment(value: datetime | str | None, year: int | None = None) -> str:
    """`5 Oct, 23:31:04`, UTC; midnight is shown as the day alone."""
    if not value:
        return "no date"
    when = datetime.fromisoformat(value.replace(" ", "T", 1)) if isinstance(value, str) else value
    when = when.astimezone(UTC) if when.tzinfo else when
    clock = when.strftime("%H:%M:%S")
    return short_day(when, year) if clock == "00:00:00" else f"{short_day(when, year)}, {clock}"


def span(since: str | datetime, until: str | datetime) -> str:
    """The first and the last day of a half-open period: `1 July to 30 September 2026`."""
    first, last = to_day(since), to_day(until) - timedelta(days=1)
    if first == last:
        return long_day(first)
    start = f"{first.day}\xa0{MONTHS[first.month - 1]}" if first.year == last.year else long_day(first)
    return f"{start} to {long_day(last)}"


def days(first: str | datetime | None, last: str | datetime | None, year: int | None = None) -> str:
    """The days on which something began and ended: `11 Aug to 14 Aug`, or the one day."""
    if not first:
        return "no date"
    start, end = short_day(first, year), short_day(last or first, year)
    return start if start == end else f"{start} to {end}"


def eased(text: str, year: int | None = None) -> str:
    """Days and moments inside a text as people write them; those inside ids stay as they are.

    >>> eased("ended 2026-08-13T16:00:00Z, due 2025-12-01, see log-2026-08-01", 2026)
    'ended 13\xa0Aug, 16:00:00, due 1\xa0Dec\xa02025, see log-2026-08-01'
    """

    def written(found: re.Match) -> str:
        clock = "" if found[2] in (None, "00:00", "00:00:00") else f", {found[2]}"
        return f"{short_day(found[1], year or 0)}{clock}"

    return INSIDE.sub(written, text)


def quoted(promise: str) -> str:
    """A promise in typographic quotation marks; what stands in parentheses is no quotation."""
    text = promise.strip()
    if text.startswith("("):
        return sentence(text.strip("()"))
    return "“" + text.strip('“”"').replace("'", "’") + "”"
