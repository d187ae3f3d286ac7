"""What becomes due and what is at risk, and how firm the verdicts on retention are."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from audit_lib import words
from audit_lib.display import Shown
from audit_lib.drawing import INK, INK2, INK3, LIGHT, MASS, RAMP, RED, Sheet, cell, figure, no_figure, table
from audit_lib.figures import promised, read, why_empty
from audit_lib.results import Audit

KINDS = {"purge": "Purges", "backup": "Backups", "preserved copy": "Preserved copies"}
PROMISES = {
    "RET-01": "Live data", "LOG-04": "Sign-in records", "BKP-01": "Backups", "BKP-02a": "Last copies", "DIS-09": "Preserved copies",
}  # fmt: skip
READINGS = {
    "one_day_less": "One day less, as if the day of the cancellation counted", "one_day_more": "One day more", "utc": "Days of UTC instead of the company’s zone",
    "zone_west": "Days of the zone farthest west (UTC−12)", "zone_east": "Days of the zone farthest east (UTC+14)", "newest_rule": "Today’s rule for all, whatever held at the cancellation",
}  # fmt: skip
AHEAD = 90  # days that queries/figures/due_ahead.sql looks ahead
SOON = 30


def ahead(audit: Audit) -> Shown:
    """The next 90 days, week by week: purges, backups and preserved copies that become due, and what is at risk."""
    rows = read(audit, "due_ahead")
    if rows is None:
        return no_figure("What becomes due could not be worked out", why_empty(audit, "RET-01"), "purges, backups.")
    today = words.to_day(audit.run["as_of"])
    weeks: dict[str, dict[int, list[int]]] = {kind: defaultdict(lambda: [0, 0]) for kind in KINDS}
    for row in rows:
        if row["state"] == "ahead":
            week = weeks[row["kind"]][min((row["due_on"] - today).days, AHEAD - 1) // 7]
            week[0] += row["items"]
            week[1] += row["at_risk"]
    over = {kind: sum(row["items"] for row in rows if row["kind"] == kind and row["state"] == "overdue") for kind in KINDS}
    soon = {
        kind: sum(row["items"] for row in rows if row["kind"] == kind and row["state"] == "ahead" and (row["due_on"] - today).days <= SOON) for kind in KINDS
    }
    risk = sum(row["at_risk"] for row in rows)
    shown = [kind for kind in KINDS if weeks[kind] or over[kind]]
    named = [words.counted(count, kind) for kind, count in soon.items() if count]
    title = f"In the next {SOON} days, {words.listing(named)} become due" if named else f"Nothing becomes due in the next {SOON} days"
    title += f"; {words.number(risk)} {'is' if risk == 1 else 'are'} at risk" if risk else ""
    title += f"; {words.number(sum(over.values()))} {'is' if sum(over.values()) == 1 else 'are'} overdue" if any(over.values()) else ""

    def draw(sheet: Sheet) -> None:
        left, gap, tall = (0, 44, 52) if sheet.is_narrow else (112, 74, 52)
        pitch = (sheet.width - left - gap) / 13
        y = 8
        for kind in shown:
            y += 46 if sheet.is_narrow else 16
            floor = y + tall
            sheet.text(0, y - 26 if sheet.is_narrow else floor - 8, KINDS[kind], INK, bold=True)
            largest = max([*(count for count, _ in weeks[kind].values()), 1])
            sheet.line(left, floor, sheet.width, floor)
            if over[kind]:
                sheet.text(left, floor - 10, words.number(over[kind]), RED, bold=True, size=13)
                sheet.text(left, floor + 14, "overdue", RED, size=11)
            for week, (count, at_risk) in sorted(weeks[kind].items()):
                x, high = left + gap + week * pitch, max(tall * count / largest, 2)
                sheet.rect(x, floor - high, pitch - 3, high, MASS if week * 7 <= SOON else LIGHT)
                if at_risk:
                    part = max(high * at_risk / count, 2)
                    sheet.rect(x, floor - part, pitch - 3, part, RED)
                if not sheet.is_narrow or len(words.number(count)) * 7 < pitch + 6:
                    sheet.text(x + (pitch - 3) / 2, floor - high - 8, words.number(count), RED if at_risk else INK2, size=11, align="center")
            y = floor + 14
        for week in range(0, 13, 4 if sheet.is_narrow else 2):
            is_last = week == 12
            sheet.text(
                sheet.width if is_last else left + gap + week * pitch,
                y + ((14 if sheet.is_narrow else 4) if any(over.values()) else 0),
                words.short_day(today + timedelta(days=week * 7)),
                INK3,
                size=11,
                align="right" if is_last else "left",
            )

    if not shown:
        return no_figure(
            title, f"No purge, backup or preserved copy is due within {AHEAD} days, and none is overdue.", "accounts, purges, backups; RET-01, BKP-01."
        )
    return figure(
        draw,
        title=title,
        note=f"A bar is a week from the day of the audit; darker, the next {SOON} days. Red: at risk, because it has waited longer than nine of ten before it, or because nine of ten took longer than it may.",
        source="accounts, purges, backups, legal_holds; purge_deadlines, backup_copies.",
        description=title,
        names=["Kind", "Store", "State", "Last day", "Items", "At risk"],
        rows=[[row["kind"], row["store_id"], row["state"], row["due_on"], row["items"], row["at_risk"]] for row in sorted(rows, key=lambda row: (row["kind"], row["state"] == "ahead", str(row["due_on"]), row["store_id"]))],
        numeric={"Items", "At risk"},
        file="figures/due_ahead.parquet",
    )  # fmt: skip


def ahead_by_store(audit: Audit, most: int = 30) -> Shown:
    """The same by store and owner: for whoever must act."""
    rows = read(audit, "due_ahead")
    if not rows:
        return no_figure("No store has anything due", "Nothing is overdue, and nothing becomes due within 90 days." if rows is not None else why_empty(audit, "RET-01"), "purges, backups.")  # fmt: skip
    today = words.to_day(audit.run["as_of"])
    groups: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault((row["kind"], row["store_id"]), {"overdue": 0, "soon": 0, "later": 0, "risk": 0, "held": 0, "first_on": None, "row": row})
        key = row["state"] if row["state"] != "ahead" else "soon" if (row["due_on"] - today).days <= SOON else "later"
        group[key] += row["items"]
        group["risk"] += row["at_risk"]
        if row["due_on"]:
            group["first_on"] = min(group["first_on"] or row["due_on"], row["due_on"])
    ranked = sorted(groups.values(), key=lambda one: (-one["overdue"], -one["risk"], -one["soon"], one["row"]["kind"], one["row"]["store_id"]))
    lines = []
    for one in ranked[:most]:
        row = one["row"]
        took = f"{row['median_days']} and {row['slow_days']}" if row["done"] else None
        lines.append([
            cell(row["store_id"], f"{row['kind']} · {row['owner_person_id'] or 'nobody answers for it'}", is_code=True), cell(one["overdue"], kind="exception" if one["overdue"] else ""), cell(one["soon"], f"first {words.short_day(one['first_on'])}" if one["soon"] else ""),
            cell(one["later"]), cell(one["risk"], kind="exception" if one["risk"] else ""), cell(one["held"], kind="deferred" if one["held"] else ""), cell(took, f"of {words.number(row['done'])}" if row["done"] else "none on record"),
        ])  # fmt: skip
    sums = [sum(one[key] for one in ranked) for key in ("overdue", "soon", "later", "risk", "held")]
    lines.append([cell("All"), *(cell(number) for number in sums), cell("")])
    owners = {one["row"]["owner_person_id"] for one in ranked if one["overdue"] or one["risk"]}
    title = f"{words.sentence(words.counted(len(owners), 'owner', in_words=True))} must act: {words.listing([f'{words.number(count)} {text}' for count, text in ((sums[0], 'overdue'), (sums[3], 'at risk')) if count])}" if owners else "No owner has anything overdue or at risk"  # fmt: skip
    return table(
        title,
        "Days: half of such work in the last year was done by the first day after the cancellation or copy, nine of ten by the second. “At risk” is part of what becomes due.",
        "accounts, purges, backups, stores.",
        f"Sorted by what is overdue, then at risk, then soon due. {words.number(min(len(ranked), most))} of {words.counted(len(ranked), 'row')} shown",
        ["Store and owner", "Overdue", f"In {SOON} days", f"{SOON + 1} to {AHEAD} days", "At risk", "On hold", "Took, days"], lines,
        {"Overdue", f"In {SOON} days", f"{SOON + 1} to {AHEAD} days", "At risk", "On hold", "Took, days"}, last_is_sum=True,
    )  # fmt: skip


def margins(audit: Audit) -> Shown:
    """By how many days each promise was kept or missed, a strip for each."""
    rows = [row for row in read(audit, "day_margins") or () if row["control_id"] in PROMISES]
    measured = [row for row in rows if row["margin_days"] is not None]
    if not measured:
        return no_figure("The days to spare could not be drawn", why_empty(audit, "RET-01"), "purges, backups; RET-01.")
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    early, late = min(max(row["margin_days"] for row in measured), 60), max(min(row["margin_days"] for row in measured), -30)
    early, late = max(early, 10), min(late, -10)
    for row in measured:
        counts[row["control_id"]][min(max(row["margin_days"], late), early)] += row["items"]
    shown = [name for name in PROMISES if name in counts]
    last, one = (sum(row["items"] for row in measured if row["margin_days"] == margin and row["state"] == "gone") for margin in (0, -1))
    title = (f"{words.sentence(words.counted(last, 'item', in_words=True))} went on the last day itself" if last else "Nothing went on the very last day") + (f", {words.spelled(one)} a day too late" if one else "")  # fmt: skip

    def draw(sheet: Sheet) -> None:
        left, right, pitch = (0, 0, 46) if sheet.is_narrow else (132, 92, 34)
        wide = (sheet.width - left - right) / (early - late + 1)
        x_of = lambda margin: left + (early - margin) * wide  # noqa: E731
        top = 26
        for place, name in enumerate(shown):
            y = top + place * pitch + (20 if sheet.is_narrow else 6)
            daily = counts[name]
            largest, total = max(daily.values()), sum(daily.values())
            bad = sum(count for margin, count in daily.items() if margin < 0)
            told = f"{words.number(bad)} of {words.number(total)} late" if bad else f"{words.number(total)}, none late"
            sheet.text(0, y - 10 if sheet.is_narrow else y + 9, PROMISES[name], INK, size=11 if sheet.is_narrow else 12)
            sheet.text(sheet.width, y - 10 if sheet.is_narrow else y + 9, told, RED if bad else INK2, size=11, align="right")
            sheet.rect(left, y, (early - late + 1) * wide, 18, "#f7f8f9")
            for margin, count in sorted(daily.items()):
                colour = RED if margin < 0 else RAMP[min(2 + int(4.99 * count / largest), 6)]
                sheet.rect(x_of(margin), y, max(wide - 0.6, 1.4), 18, colour)
        bottom = top + len(shown) * pitch + (6 if sheet.is_narrow else 0)
        sheet.line(x_of(-1), top - 8, x_of(-1), bottom, INK, 1.4)
        sheet.text(x_of(-1), 8, "Last day", INK, align="center", bold=True)
        step = 20 if sheet.is_narrow else 10
        for margin in range(early // step * step, late - 1, -step):
            x = x_of(margin) + wide / 2
            sheet.line(x, bottom, x, bottom + 4)
            is_first = margin == early // step * step
            text = f"{margin} early" if is_first else f"{-margin} late" if margin == -step else str(abs(margin))
            sheet.text(max(x - 7, left) if is_first else x, bottom + 14, text, INK3, size=11, align="left" if is_first else "center")
        sheet.line(left, bottom, left + (early - late + 1) * wide, bottom)

    left_out = sum(row["items"] for row in rows if row["margin_days"] is None)
    return figure(
        draw,
        title=title,
        note=f"A strip is one promise, a field one day; darker, more items. Right of the line, red: too late, or still there. Ends gather what lies beyond. {words.sentence(words.counted(left_out, 'item'))} on hold or undated cannot be placed.",
        source="purges, backups; RET-01, LOG-04, BKP-01, BKP-02a, DIS-09.",
        description=title,
        names=["Control", "Days to spare", "State", "Items"],
        rows=[[row["control_id"], row["margin_days"], row["state"], row["items"]] for row in rows],
        numeric={"Days to spare", "Items"},
        file="figures/day_margins.parquet",
    )  # fmt: skip


def readings(audit: Audit) -> Shown:
    """How many verdicts turn if the days were counted otherwise."""
    rows = read(audit, "verdict_flips") or []
    judged = {row["unit"]: row for row in rows if row["reading"] == "as_judged"}
    if not any(row["in_time"] + row["late"] for row in judged.values()):
        return no_figure("Whether verdicts turn could not be worked out", why_empty(audit, "RET-01"), "accounts, purges; RET-01.")
    zones = sum(row["to_late"] + row["to_in_time"] for row in rows if row["reading"] in ("utc", "zone_west", "zone_east"))
    days = sum(row["to_late"] + row["to_in_time"] for row in rows if row["reading"] in ("one_day_less", "one_day_more"))
    other = sum(row["to_in_time"] for row in rows if row["reading"] == "two_steps")
    turn = lambda count: f"{words.spelled(count)} verdict{'' if count == 1 else 's'}"  # noqa: E731
    title = words.sentence(f"{turn(days)} on live data {'turns' if days == 1 else 'turn'} by a day, {words.spelled(zones) if zones else 'none'} by a time zone" + (f", {words.spelled(other)} by the other reading" if "copies" in judged else ""))  # fmt: skip
    lines = []
    for row in rows:
        name, text = row["reading"], READINGS.get(row["reading"])
        unit = "live data and sign-in records, store by store" if row["unit"] == "stores" else "accounts purged in time, their last copy"
        if name == "as_judged":
            zone = promised(audit, "company_time_zone") or "UTC"
            text = f"As judged: days of {zone}" if row["unit"] == "stores" else "As judged: the stricter reading"
        if name == "two_steps":
            text = f"The milder reading: {promised(audit, 'purge_days')} days, and then {promised(audit, 'backup_days')} for copies"
        is_own = name == "as_judged"
        sub = f"{words.number(row['open'])} not over" if row["open"] else ""
        lines.append([cell(text, unit if is_own else ""), cell(row["in_time"]), cell(row["late"], sub, "exception" if row["late"] else ""), cell(None if is_own else row["to_late"], kind="exception" if row["to_late"] else ""), cell(None if is_own else row["to_in_time"])])  # fmt: skip
    return table(
        title,
        "The stricter reading decides in this report. A verdict that turns with a day or a zone is no reason to believe the milder one; it shows where the record must be exact.",
        "accounts, purges, backups; RET-01, LOG-04, BKP-02.",
        f"Sorted by what is counted: the day, the zone, the rule, the reading. {words.counted(len(lines), 'row')}, all shown",
        ["Way of counting", "In time", "Late", "Turn late", "Turn in time"], lines, {"In time", "Late", "Turn late", "Turn in time"},
    )  # fmt: skip


def promises(audit: Audit) -> Shown:
    """The same items, had other days been promised."""
    rows = read(audit, "other_promises") or []
    if not rows:
        return no_figure("Other promises could not be tried", why_empty(audit, "RET-01"), "accounts, purges; RET-01.")
    sums: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    worst: dict[int, tuple[int, str]] = {}
    for row in rows:
        for key in ("in_time", "late", "open", "held"):
            sums[row["promise_days"]][row["unit"]][key] += row[key] or 0
        if row["store_id"] and (row["late"] or 0) > worst.get(row["promise_days"], (0, ""))[0]:
            worst[row["promise_days"]] = (row["late"], row["store_id"])
    ours = next((row["promise_days"] for row in rows if row["is_ours"]), None)
    lines, shares = [], {}
    for days, units in sorted(sums.items()):
        live, copies = units["stores"], units["copies"]
        total = sum(live[key] for key in ("in_time", "late", "open"))
        shares[days] = (live["in_time"], total)
        late, name = worst.get(days, (0, ""))
        lines.append([
            cell(f"{days} days", "our promise" if days == ours else ""), cell(live["in_time"], f"of {words.number(total)}"), cell(live["late"], kind="exception" if live["late"] else ""), cell(name or None, f"{words.number(late)} late" if late else "", is_code=bool(name)),
            cell(copies["in_time"] if copies else None, f"of {words.number(sum(copies[key] for key in ('in_time', 'late', 'open')))}" if copies else ""), cell(copies["late"] if copies else None, kind="exception" if copies["late"] else ""),
        ])  # fmt: skip
    shorter = [days for days in shares if ours and days < ours]
    least = max(shorter, default=None)
    title = f"Had we promised {least} days, {words.number(shares[least][0])} of {words.counted(shares[least][1], 'purge')} would have been in time" if least else "What other promises would have meant"  # fmt: skip
    return table(
        title,
        "The items of the period, measured against other numbers. What a hold moved is left out. The last two columns count accounts that were purged in time, until their last copy was gone.",
        "accounts, purges, backups; RET-01, LOG-04, BKP-02.",
        f"Sorted by days promised. {words.counted(len(lines), 'row')}, all shown",
        ["Promise", "In time", "Late", "Most late in", "Copies too", "Copies late"], lines, {"In time", "Late", "Copies too", "Copies late"},
    )  # fmt: skip
