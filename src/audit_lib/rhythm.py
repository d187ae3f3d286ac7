"""Charts of access in time: week by week, and by the hour of the week."""

from collections import defaultdict
from datetime import date, timedelta

from audit_lib import words
from audit_lib.display import Shown
from audit_lib.drawing import (
    COLOURS,
    INK,
    INK3,
    LIGHT,
    MASS,
    OCHRE,
    RED,
    Sheet,
    figure,
    months,
    no_figure,
    step,
)
from audit_lib.figures import read
from audit_lib.results import Audit, is_tested

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS = {
    "staff": "Staff",
    "customer": "Customers",
    "service": "Services",
    "subprocessor": "Subprocessors",
    "anonymous": "Anonymous",
}


def access_by_week(audit: Audit, most: int = 6) -> Shown:
    """Accesses per week and log as small multiples, above them one dot for each item that is no pass."""
    rows = read(audit, "access_by_week")
    if not rows:
        return no_figure("Access could not be drawn", "No access event was delivered.", "access_events.")
    first, last = words.to_day(audit.run["since"]), words.to_day(audit.run["until"]) - timedelta(days=1)
    weeks = [first - timedelta(days=first.weekday())]
    while weeks[-1] + timedelta(days=7) <= last:
        weeks.append(weeks[-1] + timedelta(days=7))
    counts: dict[tuple, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    items: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row["row_kind"] == "events":
            counts[row["user_kind"], row["source"]][row["week_on"]] += row["row_count"]
        else:
            items[row["outcome"]][row["week_on"]] += row["row_count"]
    order = sorted(counts, key=lambda key: (key[0] != "staff", -sum(counts[key].values()), key[1]))[:most]
    totals = {outcome: sum(weekly.values()) for outcome, weekly in items.items()}

    def draw(sheet: Sheet) -> None:
        left = 0 if sheet.is_narrow else 150
        band = (sheet.width - left) / len(weeks)
        middle = {week: left + band * (place + 0.5) for place, week in enumerate(weeks)}
        y = _dots(sheet, items, totals, middle, left)
        for kind, source in order:
            weekly, largest = counts[kind, source], max(counts[kind, source].values())
            label, total = f"{KINDS.get(kind, kind)}, {source}", words.number(sum(weekly.values()))
            if sheet.is_narrow:
                sheet.text(0, y + 8, f"{label}: {total}", INK)
                y += 18
            else:
                sheet.text(0, y + 48, label, INK)
                sheet.text(0, y + 63, total, INK, bold=True)
            floor, peak = y + 70, max(weekly, key=lambda week: (weekly[week], week))
            for week in weeks:
                tall = 46 * weekly[week] / largest
                is_part = week < first or week + timedelta(days=6) > last
                sheet.rect(middle[week] - band / 2 + 1, floor - tall, band - 2.5, tall, LIGHT if is_part else MASS)
            place = min(max(middle.get(peak, left), left + 24), sheet.width - 24)
            sheet.text(place, floor - 56, words.number(largest), INK3, size=11, align="center")
            sheet.line(left, floor, sheet.width, floor)
            y = floor + 10
        months(sheet, first, last, weeks[0], left, band / 7, y - 4)

    told = [
        f"{words.number(totals[name])} {text}"
        for name, text in (("exception", "exceptions"), ("unknown", "not evaluated"), ("manual", "for a person"))
        if totals.get(name)
    ]
    title = _title_of_weeks(items, totals, weeks) if is_tested(audit, "ACC-01") or totals else _busiest_week(rows)
    return figure(
        draw,
        title=title,
        note="Accesses per week, log by log; each row has its own scale, with its highest week named. Lighter weeks lie in part outside the period. One dot is one item of the access and detection controls that is no pass.",
        source="access_events; ACC, DET.",
        description=f"Weekly counts from {words.long_day(weeks[0])}. {words.listing(told) or 'No item is open'}.",
        names=["Week of", "Log or control", "Kind", "Outcome", "Reason", "Count"],
        rows=[[row["week_on"], row["source"], row["user_kind"], row["outcome"], row["reason"], row["row_count"]] for row in rows],
        numeric={"Count"},
        file="figures/access_by_week.parquet",
    )


def _title_of_weeks(items: dict, totals: dict, weeks: list[date]) -> str:
    broken = items.get("exception", {})
    if not broken:
        return "No week shows an exception" if not totals else "No week shows an exception; what is open is marked where it happened"
    hit = sorted(week for week in broken if broken[week])
    where = f"the week of {words.short_day(hit[0])}" if len(hit) == 1 else f"{words.spelled(len(hit))} of {len(weeks)} weeks"
    return f"The {words.counted(totals['exception'], 'exception')} fell into {where}"


def _busiest_week(rows: list[dict]) -> str:
    weekly: dict[date, int] = defaultdict(int)
    for row in rows:
        weekly[row["week_on"]] += row["row_count"]
    peak = max(weekly, key=lambda week: (weekly[week], week))
    return f"Most accesses fell into the week of {words.short_day(peak)}; whether they had a basis was not tested"


def _dots(sheet: Sheet, items: dict, totals: dict, middle: dict[date, float], left: int) -> float:
    """The top row: stacks of dots by week and outcome; returns where the next row begins."""
    named = [(name, text) for name, text in (("exception", "Exceptions"), ("unknown", "Not evaluated"), ("manual", "Needs a person")) if totals.get(name)]
    y = 0.0
    for name, text in named:
        largest = max(items[name].values())
        pitch = 9 if largest <= 8 else max(72 / largest, 1.5)
        tall = min(largest, 8) * 9 if largest <= 8 else 76
        if sheet.is_narrow:
            sheet.text(0, y + 8, f"{text}: {words.number(totals[name])}", COLOURS[name])
            y += 18
        floor = y + tall + 14
        if not sheet.is_narrow:
            sheet.text(0, floor - 19, text, COLOURS[name])
            sheet.text(0, floor - 4, words.number(totals[name]), COLOURS[name], bold=True)
        for week, count in sorted(items[name].items()):
            if week in middle:
                if pitch >= 4:
                    sheet.stack(middle[week], floor - 6, count, pitch, COLOURS[name], 6.5 if pitch == 9 else pitch - 1)
                else:
                    sheet.rect(middle[week] - 3, floor - 4 - count * pitch, 6, count * pitch, COLOURS[name])
                if count > 4:
                    sheet.text(middle[week] + 8, floor - 6, words.number(count), COLOURS[name], size=11)
        sheet.line(left, floor, sheet.width, floor)
        y = floor + 12
    return y


def staff_access_by_hour(audit: Audit) -> Shown:
    """Heat map of staff accesses by hour of the week, with the exceptions marked."""
    rows = read(audit, "staff_access_by_hour")
    if not rows:
        return no_figure("Staff access could not be drawn", "No access by staff is on record.", "access_events.")
    cells = {(row["weekday"], row["hour"]): row for row in rows}
    largest = max(row["accesses"] for row in rows)
    total, broken, vague = (sum(row[key] for row in rows) for key in ("accesses", "exceptions", "unevaluated"))
    quiet = sum(row["exceptions"] for row in rows if row["accesses"] < largest / 10)
    busiest = max(rows, key=lambda row: (row["accesses"], -row["weekday"], -row["hour"]))
    when = f"{DAYS[busiest['weekday'] - 1]}, {busiest['hour']}:00"
    if broken:
        title = (
            f"{words.sentence(words.spelled(quiet))} of the {words.counted(broken, 'exception')} fell into hours in which staff hardly work"
            if quiet
            else f"The {words.counted(broken, 'exception')} fell into working hours"
        )
    else:
        title = f"Staff access is busiest on {when} UTC; {'none was an exception' if is_tested(audit, 'ACC-01') else 'whether it had a basis was not tested'}"

    def draw(sheet: Sheet) -> None:
        left = 34
        wide, tall = (sheet.width - left) / 24, 20 if sheet.is_narrow else 24
        for weekday in range(1, 8):
            y = (weekday - 1) * tall
            sheet.text(left - 6, y + tall / 2, DAYS[weekday - 1], size=11 if sheet.is_narrow else 12, align="right")
            for hour in range(24):
                row = cells.get((weekday, hour))
                sheet.rect(left + hour * wide, y, wide - 1.5, tall - 1.5, step(row["accesses"], largest) if row else "#f6f7f8")
        for (weekday, hour), row in sorted(cells.items()):
            x, y = left + (hour + 0.5) * wide - 0.75, (weekday - 0.5) * tall - 0.75
            if row["exceptions"]:
                sheet.dot(x, y, RED, 11 if sheet.is_narrow else 18)
                if not sheet.is_narrow or row["exceptions"] > 1:
                    sheet.text(x, y + 0.5, words.number(row["exceptions"]), "#ffffff", size=11, align="center", bold=True)
            elif row["unevaluated"]:
                sheet.dot(x, y, OCHRE, 8 if sheet.is_narrow else 11, is_open=True)
        for hour in range(0, 25, 6 if sheet.is_narrow else 3):
            x = left + hour * wide
            sheet.text(
                min(x, sheet.width),
                7 * tall + 12,
                f"{hour}:00",
                align="right" if hour == 24 else "left" if hour == 0 else "center",
            )

    return figure(
        draw,
        title=title,
        note=f"All {words.number(total)} staff accesses by hour of the week, UTC; darker is more. The darkest hour, {when}, held {words.number(largest)}. Red: exceptions of ACC-01 and ACC-02, with their number."
        + (f" Open ochre: {words.counted(vague, 'item')} that could not be judged." if vague else ""),
        source="access_events; ACC-01, ACC-02.",
        description=f"{words.number(broken)} exceptions, {words.number(quiet)} of them in hours with less than a tenth of the busiest hour's accesses.",
        names=["Day", "Hour, UTC", "Accesses", "Exceptions", "Not judged"],
        rows=[[DAYS[row["weekday"] - 1], f"{row['hour']}:00", row["accesses"], row["exceptions"], row["unevaluated"]] for row in rows],
        numeric={"Accesses", "Exceptions", "Not judged"},
        file="figures/staff_access_by_hour.parquet",
        most=168,
    )
