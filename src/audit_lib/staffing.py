"""Charts of who accessed, and of what each log holds day by day."""

from audit_lib import words
from audit_lib.display import Shown
from audit_lib.drawing import HAIR, INK, INK2, INK3, MASS, OCHRE, RED, Sheet, figure, months, no_figure, step
from audit_lib.figures import read
from audit_lib.results import Audit, is_tested


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
            sheet.text(
                left + (place + 1) * wide - 10,
                8,
                source if not sheet.is_narrow else source[:9],
                align="right",
                size=11 if sheet.is_narrow else 12,
            )
        sheet.text(sheet.width - 2, 8, "Total", align="right")
        y = 20
        for name in shown:
            sheet.text(
                0,
                y + tall / 2,
                (name or "not recorded")[:16],
                RED if broken[name] else INK2,
                size=11 if sheet.is_narrow else 12,
            )
            for place, source in enumerate(sources):
                row = table[name].get(source)
                x = left + place * wide
                sheet.rect(x, y, wide - 2, tall - 2, step(row["accesses"], largest, 5) if row else "#f8f9fa")
                if row:
                    sheet.text(
                        x + wide - 10,
                        y + tall / 2,
                        words.number(row["accesses"]),
                        INK,
                        align="right",
                        size=11 if sheet.is_narrow else 12,
                    )
                    if row["exceptions"]:
                        sheet.dot(x + 13, y + tall / 2 - 1, RED, 17)
                        sheet.text(
                            x + 13,
                            y + tall / 2 - 0.5,
                            words.number(row["exceptions"]),
                            "#ffffff",
                            size=11,
                            align="center",
                            bold=True,
                        )
            sheet.text(
                sheet.width - 2,
                y + tall / 2,
                words.number(sum(row["accesses"] for row in table[name].values())),
                INK,
                align="right",
                bold=True,
            )
            y += tall
        left_out = len(names) - len(shown) + others
        for label, group in (
            (f"{left_out} others", [row for row in rows if row["user_id"] not in shown]),
            ("Total", rows),
        ):
            if label == "Total":
                sheet.line(0, y + 1, sheet.width, y + 1, MASS)
            sheet.text(0, y + tall / 2 + 1, label)
            for place, source in enumerate(sources):
                count = sum(row["accesses"] for row in group if row["source"] == source)
                sheet.text(
                    left + (place + 1) * wide - 10,
                    y + tall / 2 + 1,
                    words.number(count),
                    INK,
                    align="right",
                    bold=label == "Total",
                    size=11 if sheet.is_narrow else 12,
                )
            sheet.text(
                sheet.width - 2,
                y + tall / 2 + 1,
                words.number(sum(row["accesses"] for row in group)),
                INK,
                align="right",
                bold=True,
            )
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
    shown = sorted(
        logs,
        key=lambda log: (-sum(row["exceptions"] + row["unevaluated"] for row in rows if row["source"] == log), log),
    )[:most]
    broken = sum(1 for row in rows if row["exceptions"])
    vague = sum(1 for row in rows if row["unevaluated"] and not row["exceptions"])
    gaps = sum(1 for row in rows if not row["is_covered"] and not row["events"])
    days = sorted({row["day_on"] for row in rows})
    whole = words.counted(len(rows), "day of log", in_words=False).replace("day of logs", "log days").replace("day of log", "log day")
    told = [
        text
        for count, text in (
            (broken, f"{words.number(broken)} with an exception"),
            (vague, f"{words.number(vague)} not evaluated"),
            (gaps, f"{words.number(gaps)} not covered by any file"),
        )
        if count
    ]
    title = (
        f"Of {whole}: {words.listing(told)}"
        if told
        else f"All {whole} are covered by a file" + (", none with an exception" if is_tested(audit, "LOG-01") else "; completeness was not tested in full")
    )

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
                    sheet.line(
                        x + wide / 2 - 0.5,
                        y + (9 if row["is_covered"] else 2),
                        x + wide / 2 - 0.5,
                        y + (11 if row["is_covered"] else 18),
                        INK3 if row["is_covered"] else OCHRE,
                    )
            y += 27
        sheet.line(left, y, sheet.width, y, HAIR)
        months(sheet, days[0], days[-1], days[0], left, wide, y + 2)

    return figure(
        draw,
        title=title,
        note="One cell is one day of one log; darker is more, each log on its own scale. Red: an exception of LOG-01 about it. Ochre: could not be evaluated; an ochre stroke: no file covers the day.",
        source="access_events, loads; LOG-01.",
        description=title,
        names=["Log", "Day", "Events", "Hours with events", "Covered", "Exceptions", "Not evaluated"],
        rows=[
            [
                row["source"],
                row["day_on"],
                row["events"],
                row["hours"],
                row["is_covered"],
                row["exceptions"],
                row["unevaluated"],
            ]
            for row in rows
            if row["exceptions"] or row["unevaluated"] or not row["events"]
        ]
        or [[log, "all", sum(row["events"] for row in rows if row["source"] == log), "", "", 0, 0] for log in logs],
        numeric={"Events", "Hours with events", "Exceptions", "Not evaluated"},
        file="figures/log_coverage.parquet",
    )
