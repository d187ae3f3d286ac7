"""The charts of the access report, each one call over a sealed run; those of the retention report stand in `clocks`."""

from collections import defaultdict
from datetime import date, timedelta

from audit_lib import words
from audit_lib.clocks import backup_age, lifelines, purge_clock, stores  # noqa: F401  drawn from the same module in a notebook
from audit_lib.display import Shown
from audit_lib.drawing import COLOURS, HAIR, INK, INK2, INK3, LIGHT, MASS, OCHRE, RED, Sheet, figure, no_figure, step
from audit_lib.figures import read
from audit_lib.results import Audit, is_tested

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS = {"staff": "Staff", "customer": "Customers", "service": "Services", "subprocessor": "Subprocessors", "anonymous": "Anonymous"}


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
        _months(sheet, first, last, weeks[0], left, band / 7, y - 4)

    told = [f"{words.number(totals[name])} {text}" for name, text in (("exception", "exceptions"), ("unknown", "not evaluated"), ("manual", "for a person")) if totals.get(name)]
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


def _months(sheet: Sheet, first: date, last: date, origin: date, left: float, day_width: float, y: float) -> None:
    """Ticks at the first of each month."""
    day = first
    while day <= last + timedelta(days=1):
        if day.day == 1 or day == first:
            x = left + (day - origin).days * day_width
            is_end = x > sheet.width - 30
            sheet.line(x, y, x, y + 5)
            sheet.text(sheet.width if is_end else x, y + 14, words.short_day(day), align="right" if is_end else "left")
        day += timedelta(days=1)


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
        title = f"{words.sentence(words.spelled(quiet))} of the {words.counted(broken, 'exception')} fell into hours in which staff hardly work" if quiet else f"The {words.counted(broken, 'exception')} fell into working hours"
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
            sheet.text(min(x, sheet.width), 7 * tall + 12, f"{hour}:00", align="right" if hour == 24 else "left" if hour == 0 else "center")

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


def people(audit: Audit, most: int = 14) -> Shown:
    """Accesses by login and log, the busiest first, with the exceptions marked."""
    rows = read(audit, "staff_by_person")
    if not rows:
        return no_figure("People could not be drawn", "No access by staff is on record.", "access_events.")
    sources = sorted({row["source"] for row in rows}, key=lambda name: -sum(row["accesses"] for row in rows if row["source"] == name))[:5]
    names = list(dict.fromkeys(row["user_id"] for row in rows if row["place"] is not None))
    total = sum(row["accesses"] for row in rows)
    others = max((row["people"] for row in rows if row["place"] is None), default=0)
    table = {name: {row["source"]: row for row in rows if row["user_id"] == name and (row["place"] is None) == (name is None)} for name in [*names, None]}
    broken = {name: sum(row["exceptions"] for row in table[name].values()) for name in names}
    hit = [name for name in names if broken[name]]
    shown = [name for place, name in enumerate(names) if place < 10 or broken[name]][:most]
    top = sum(row["accesses"] for row in rows if row["place"] is not None and row["place"] <= 10)
    share = f"{words.sentence(words.spelled(min(len(names), 10)))} of {len(names) + others} people made {round(100 * top / total)}% of all accesses"
    title = f"{share}; the {words.counted(sum(broken.values()), 'exception')} came from {words.spelled(len(hit))} of them" if hit else share
    largest = max(row["accesses"] for row in rows if row["place"] is not None)

    def draw(sheet: Sheet) -> None:
        left, right, tall = (112, 52, 22) if sheet.is_narrow else (150, 70, 24)
        wide = (sheet.width - left - right) / len(sources)
        for place, source in enumerate(sources):
            sheet.text(left + (place + 1) * wide - 10, 8, source if not sheet.is_narrow else source[:9], align="right", size=11 if sheet.is_narrow else 12)
        sheet.text(sheet.width - 2, 8, "Total", align="right")
        y = 20
        for name in shown:
            sheet.text(0, y + tall / 2, (name or "not recorded")[:16], RED if broken[name] else INK2, size=11 if sheet.is_narrow else 12)
            for place, source in enumerate(sources):
                row = table[name].get(source)
                x = left + place * wide
                sheet.rect(x, y, wide - 2, tall - 2, step(row["accesses"], largest) if row else "#f8f9fa")
                if row:
                    sheet.text(x + wide - 10, y + tall / 2, words.number(row["accesses"]), INK, align="right", size=11 if sheet.is_narrow else 12)
                    if row["exceptions"]:
                        sheet.dot(x + 13, y + tall / 2 - 1, RED, 17)
                        sheet.text(x + 13, y + tall / 2 - 0.5, words.number(row["exceptions"]), "#ffffff", size=11, align="center", bold=True)
            sheet.text(sheet.width - 2, y + tall / 2, words.number(sum(row["accesses"] for row in table[name].values())), INK, align="right", bold=True)
            y += tall
        left_out = len(names) - len(shown) + others
        for label, group in ((f"{left_out} others", [row for row in rows if row["user_id"] not in shown]), ("Total", rows)):
            if label == "Total":
                sheet.line(0, y + 1, sheet.width, y + 1, MASS)
            sheet.text(0, y + tall / 2 + 1, label)
            for place, source in enumerate(sources):
                count = sum(row["accesses"] for row in group if row["source"] == source)
                sheet.text(left + (place + 1) * wide - 10, y + tall / 2 + 1, words.number(count), INK, align="right", bold=label == "Total", size=11 if sheet.is_narrow else 12)
            sheet.text(sheet.width - 2, y + tall / 2 + 1, words.number(sum(row["accesses"] for row in group)), INK, align="right", bold=True)
            y += tall

    return figure(
        draw,
        title=title,
        note="Successful accesses by login and log; darker is more. Red: how many of them are exceptions of ACC-01.",
        source="access_events; ACC-01. A person with several logins stands in several rows.",
        description=f"{share}. {words.number(sum(broken.values()))} exceptions.",
        names=["Login", "Log", "Accesses", "Exceptions"],
        rows=[[row["user_id"] or f"{others} others", row["source"], row["accesses"], row["exceptions"]] for row in rows],
        numeric={"Accesses", "Exceptions"},
        file="figures/staff_by_person.parquet",
    )


def log_coverage(audit: Audit, most: int = 12) -> Shown:
    """Each log and day: how much it holds, what is missing, what was found about it."""
    rows = read(audit, "log_coverage")
    if not rows:
        return no_figure("The logs could not be drawn", "No access event was delivered.", "access_events, loads.")
    logs = list(dict.fromkeys(row["source"] for row in rows))
    shown = sorted(logs, key=lambda log: (-sum(row["exceptions"] + row["unevaluated"] for row in rows if row["source"] == log), log))[:most]
    broken = sum(1 for row in rows if row["exceptions"])
    vague = sum(1 for row in rows if row["unevaluated"] and not row["exceptions"])
    gaps = sum(1 for row in rows if not row["is_covered"] and not row["events"])
    days = sorted({row["day_on"] for row in rows})
    whole = words.counted(len(rows), "day of log", in_words=False).replace("day of logs", "log days").replace("day of log", "log day")
    told = [text for count, text in ((broken, f"{words.number(broken)} with an exception"), (vague, f"{words.number(vague)} not evaluated"), (gaps, f"{words.number(gaps)} not covered by any file")) if count]
    title = f"Of {whole}: {words.listing(told)}" if told else f"All {whole} are covered by a file" + (", none with an exception" if is_tested(audit, "LOG-01") else "; completeness was not tested in full")

    def draw(sheet: Sheet) -> None:
        left = 0 if sheet.is_narrow else 96
        wide = (sheet.width - left) / len(days)
        y = 0
        for log in shown:
            own = {row["day_on"]: row for row in rows if row["source"] == log}
            largest = max(row["events"] for row in own.values())
            if sheet.is_narrow:
                sheet.text(0, y + 8, f"{log}, up to {words.number(largest)} a day")
                y += 18
            else:
                sheet.text(left - 10, y + 10, log[:14], INK, align="right")
            for place, day in enumerate(days):
                row, x = own[day], left + place * wide
                colour = RED if row["exceptions"] else OCHRE if row["unevaluated"] else step(row["events"], largest) if row["events"] else "#ffffff"
                sheet.rect(x, y, max(wide - 1, 1), 20, colour)
                if not row["events"] and not row["exceptions"]:
                    sheet.line(x + wide / 2 - 0.5, y + (9 if row["is_covered"] else 2), x + wide / 2 - 0.5, y + (11 if row["is_covered"] else 18), INK3 if row["is_covered"] else OCHRE)
            y += 27
        sheet.line(left, y, sheet.width, y, HAIR)
        _months(sheet, days[0], days[-1], days[0], left, wide, y + 2)

    return figure(
        draw,
        title=title,
        note="One cell is one day of one log; darker is more, each log on its own scale. Red: an exception of LOG-01 about it. Ochre: could not be evaluated; an ochre stroke: no file covers the day.",
        source="access_events, loads; LOG-01.",
        description=title,
        names=["Log", "Day", "Events", "Hours with events", "Covered", "Exceptions", "Not evaluated"],
        rows=[[row["source"], row["day_on"], row["events"], row["hours"], row["is_covered"], row["exceptions"], row["unevaluated"]] for row in rows if row["exceptions"] or row["unevaluated"] or not row["events"]]
        or [[log, "all", sum(row["events"] for row in rows if row["source"] == log), "", "", 0, 0] for log in logs],
        numeric={"Events", "Hours with events", "Exceptions", "Not evaluated"},
        file="figures/log_coverage.parquet",
    )


