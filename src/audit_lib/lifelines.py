"""The worst lifelines of canceled accounts, and the age of backups."""

from collections import defaultdict
from datetime import timedelta

from audit_lib import words
from audit_lib.display import Shown
from audit_lib.drawing import COLOURS, HAIR, INK, INK2, INK3, LIGHT, MASS, RED, Sheet, figure, no_figure
from audit_lib.figures import promised, read, why_empty
from audit_lib.results import Audit


def lifelines(audit: Audit) -> Shown:
    """The worst overruns and the holds as lines in time: canceled, last day, purged, last backup gone."""
    rows = read(audit, "lifelines")
    if not rows:
        return no_figure(
            "No account was kept past its last day" if rows is not None else "Lifelines could not be drawn",
            "Nothing to show: RET-01 has no exception and no hold." if rows is not None else why_empty(audit, "RET-01"),
            "purges, backups; RET-01.",
        )
    as_of = words.to_day(audit.run["as_of"])
    first = min(row["canceled_on"] for row in rows)
    span = max((as_of - first).days, 1)
    broken = [row for row in rows if row["outcome"] == "exception"]
    kept = sum(row["purged_on"] is None for row in broken)
    copies = sum(bool(row["is_in_backup"]) for row in broken)
    held = len(rows) - len(broken)
    told = [
        text
        for count, text in (
            (kept, f"{words.spelled(kept)} still there"),
            (copies, f"{words.spelled(copies)} also in a backup"),
            (held, f"{words.spelled(held)} on legal hold"),
        )
        if count
    ]
    title = f"The {words.spelled(len(rows))} longest overruns and holds" + (
        f": {words.listing(told)}" if told else f", up to {words.counted(max(row['days_over'] for row in rows), 'day')} too late"
    )

    def draw(sheet: Sheet) -> None:
        left, right, pitch = (4, 10, 40) if sheet.is_narrow else (250, 16, 27)
        wide = sheet.width - left - right
        x_of = lambda day: left + wide * (day - first).days / span  # noqa: E731
        day, top = first.replace(day=1), 18
        bottom = top + len(rows) * pitch + 4
        while day <= as_of:
            if day >= first:
                sheet.rect(x_of(day), top - 6, 1, bottom - top + 6, HAIR)
                sheet.text(
                    x_of(day),
                    bottom + 11,
                    words.MONTHS[day.month - 1][:3],
                    align="center" if x_of(day) > left + 10 else "left",
                )
            day = (day + timedelta(days=32)).replace(day=1)
        for place, row in enumerate(rows):
            y = top + place * pitch + (24 if sheet.is_narrow else pitch / 2)
            label = f"{'F' if row['outcome'] == 'exception' else 'D'}-{row['number']}" if row["number"] else ""
            over = (
                "on hold"
                if row["outcome"] == "deferred"
                else f"{row['days_over']} day{'' if row['days_over'] == 1 else 's'} {'late' if row['purged_on'] else 'over'}"
            )
            colour = COLOURS[row["outcome"]]
            if sheet.is_narrow:
                sheet.text(0, y - 13, f"{row['account_id'][:14]}  {row['store_id'][:12]}", INK, size=11)
                sheet.text(sheet.width, y - 13, f"{label}  {over}", colour, size=11, align="right")
            else:
                sheet.text(0, y, row["account_id"][:14], INK)
                sheet.text(104, y, label, INK2)
                sheet.text(142, y, over, colour)
            end = row["purged_on"] or as_of
            sheet.rect(
                x_of(row["canceled_on"]),
                y - 4,
                max(x_of(min(row["due_on"], end)) - x_of(row["canceled_on"]), 1),
                8,
                LIGHT,
            )
            if end > row["due_on"]:
                sheet.rect(x_of(row["due_on"]), y - 4, x_of(end) - x_of(row["due_on"]), 8, colour)
            gone = as_of if row["is_in_backup"] else row["copy_gone_on"]
            if row["purged_on"] and gone and gone > row["purged_on"]:
                sheet.line(
                    x_of(row["purged_on"]),
                    y,
                    x_of(min(gone, as_of)),
                    y,
                    INK3 if not row["is_in_backup"] else RED,
                    1.6,
                    (1.5, 2.5),
                )
                if not row["is_in_backup"]:
                    sheet.dot(x_of(min(gone, as_of)), y, INK2, 6, is_open=True)
            sheet.line(x_of(row["due_on"]), y - 8, x_of(row["due_on"]), y + 8, INK, 1.2)
            if row["purged_on"]:
                sheet.dot(x_of(row["purged_on"]), y, INK, 8)
            else:
                sheet.text(x_of(as_of) + 1, y, "▸", colour, size=12)
        sheet.line(x_of(as_of), top - 6, x_of(as_of), bottom, INK3, 1, (2, 2))
        sheet.text(x_of(as_of) + 6, 6, words.short_day(as_of), INK3, size=11, align="right")

    return figure(
        draw,
        title=title,
        note="One line is one account in the store that kept it longest. Grey: the days that the promise allows; the tick is the last day. Red: past it. Blue: legal hold. Dot: purged. Dotted: still in a backup, open dot where the last one was destroyed.",
        source="accounts, purges, backups, legal_holds; RET-01.",
        description="; ".join(f"{row['account_id']}: {row['days_over']} days past {row['due_on']}" for row in rows),
        names=["Account", "Store", "Canceled", "Last day", "Purged", "Last backup gone", "Outcome", "Days over"],
        rows=[
            [
                row["account_id"],
                row["store_id"],
                row["canceled_on"],
                row["due_on"],
                row["purged_on"],
                "still there" if row["is_in_backup"] else row["copy_gone_on"],
                row["outcome"],
                row["days_over"],
            ]
            for row in rows
        ],
        numeric={"Days over"},
        file="figures/lifelines.parquet",
    )


def _label(sheet: Sheet, taken: list[tuple], x: float, floor: float, label: str, colour: str) -> None:
    """Words beside a mark at the lowest place that is free, with a thin leader where that lies higher."""
    needed = len(label) * 6.9
    for level in range(7):
        y = floor - 9 - 16 * level
        for left, align in ((x + 9, "left"), (x - 9 - needed, "right")):
            box = (left, y - 7, left + needed, y + 7)
            is_free = all(box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3] for other in taken)
            if is_free and left >= 0 and left + needed <= sheet.width:
                if level:
                    sheet.line(x, floor - 4, x, y, colour, 0.7)
                sheet.text(left if align == "left" else left + needed, y, label, colour, align=align, bold=True)
                taken.append(box)
                return


def backup_age(audit: Audit) -> Shown:
    """Age of each backup at its destruction against the promised days."""
    rows = [row for row in read(audit, "backup_age") or () if row["days"] is not None and row["days"] >= 0]
    if not rows:
        return no_figure("The age of backups could not be drawn", why_empty(audit, "BKP-01"), "backups; BKP-01.")
    limit = promised(audit, "backup_days")
    total = sum(row["backups"] for row in rows)
    good = sum(row["backups"] for row in rows if row["outcome"] == "pass")
    oldest = max(rows, key=lambda row: (row["outcome"] == "exception", row["days"]))
    end = max(max(row["days"] for row in rows) + 6, (limit or 0) + 10)
    plain: dict[int, int] = defaultdict(int)
    marked: dict[tuple[int, str, bool], int] = defaultdict(int)
    for row in rows:
        if row["outcome"] == "pass":
            plain[row["days"]] += row["backups"]
        else:
            marked[row["days"], row["outcome"], row["is_destroyed"]] += row["backups"]
    within = f" by day {limit}" if limit is not None else ""
    title = f"{words.number(good)} of {words.counted(total, 'backup')} were gone{within}"
    if oldest["outcome"] == "exception":
        title += f"; the oldest {'reached' if oldest['is_destroyed'] else 'still there is'} {words.counted(oldest['days'], 'day')}{'' if oldest['is_destroyed'] else ' old'}"

    def draw(sheet: Sheet) -> None:
        x_of = lambda day: 6 + (sheet.width - 12) * day / end  # noqa: E731
        floor, tall = 150, 104
        largest = max(plain.values(), default=1)
        bar = max(min((sheet.width - 12) / end - 1, 9), 1.5)
        for day, count in sorted(plain.items()):
            sheet.rect(x_of(day) - bar / 2, floor - tall * count / largest, bar, tall * count / largest, MASS)
        if plain:
            peak = max(plain, key=lambda day: (plain[day], day))
            at_left = x_of(peak) <= 96
            sheet.text(
                0 if at_left else x_of(peak) - 6,
                floor - tall - 8,
                f"{words.number(plain[peak])} on day {peak}",
                align="left" if at_left else "right",
            )
        if limit is not None:
            sheet.line(x_of(limit + 0.5), 16, x_of(limit + 0.5), floor, INK, 1.4)
            sheet.text(x_of(limit + 0.5) + 6, 20, f"Promised: {limit} days", INK, bold=True)
        taken = [(x_of(day) - 5, floor - 9 * min(count, 8) - 2, x_of(day) + 5, floor) for (day, _, _), count in marked.items()]
        for (day, outcome, is_gone), count in sorted(marked.items()):
            for place in range(min(count, 8)):
                sheet.dot(x_of(day), floor - 6 - place * 9, COLOURS[outcome], 7, is_open=not is_gone)
            label = f"{words.number(count)} on day {day}" if is_gone else f"{words.number(count)} there at {day}"
            label += ", on hold" if outcome == "deferred" else ""
            _label(sheet, taken, x_of(day), floor, label, COLOURS[outcome])
        sheet.line(0, floor, sheet.width, floor)
        for day in sorted({0, 30, 60, 90, *range(0, end, 30)}):
            if day <= end and x_of(day) < sheet.width - 8:
                sheet.line(x_of(day), floor, x_of(day), floor + 5)
                sheet.text(
                    x_of(day) if day else 0,
                    floor + 15,
                    "0 days" if day == 0 else str(day),
                    align="center" if day else "left",
                )

    return figure(
        draw,
        title=title,
        note="Grey bars: backups without an exception, by the day on which they were destroyed. One dot is one backup that is no pass; open: it is still there. Up to eight dots are drawn.",
        source="backups; BKP-01.",
        description=title,
        names=["Kind", "Age, days", "Outcome", "Destroyed", "Backups"],
        rows=[[row["kind"], row["days"], row["outcome"], row["is_destroyed"], row["backups"]] for row in rows],
        numeric={"Age, days", "Backups"},
        file="figures/backup_age.parquet",
    )
