"""The picture of one account's life: a lane for the account and one for each store."""

from datetime import date, timedelta
from typing import Any

from audit_lib import lives, words
from audit_lib.display import Shown
from audit_lib.drawing import BLUE, HAIR, INK, INK2, INK3, LIGHT, OCHRE, PALE, RED, VIOLET, Sheet, figure, months
from audit_lib.lives import Life

COLOURS = {"overdue": RED, "late": RED, "held": BLUE, "held_over": BLUE, "unclear": OCHRE}
STATUS_WORDS = {
    "trial": "Trial",
    "active": "Active",
    "paused": "Paused",
    "frozen": "Frozen",
    "suspended": "Suspended",
    "canceled": "Canceled",
    "merged": "Merged",
}


def picture(life: Life) -> Shown:
    """Section 1: one lane for the account and one for each store, with what happened and what is due."""
    today = life.today
    dated = [row for row in life.deadlines if row["canceled_on"]]
    created = words.to_day(life.statuses[0]["created_at"]) if life.statuses and life.statuses[0]["created_at"] else None
    known = [row["canceled_on"] for row in dated] or [created or (words.to_day(life.events[0]["event_at"]) if life.events else today)]
    last = max([today, *(row[key] for row in dated if row["ended_on"] is None for key in ("copies_mild_on", "moved_on") if row[key]), *(row["due_on"] for row in life.apart if row["due_on"])])  # fmt: skip
    last = min(last, today + timedelta(days=150))
    first = min(known) - timedelta(days=max((last - min(known)).days // 12, 7)) if dated else max(min(known), today - timedelta(days=730))
    if created and created > first:
        first = created
    lanes = lives.lanes(life)

    def draw(sheet: Sheet) -> None:
        _draw(sheet, life, lanes, first, last, created)

    spoken = [(lives.STATES.index(lane["state"]), lane) for lane in lanes if lane["state"] in COLOURS]
    worst = [lane for _, lane in sorted(spoken, key=lambda pair: (pair[0], pair[1]["store_id"]))]
    title = f"{worst[0]['store_id']}: {worst[0]['label']}" + (f", and {words.counted(len(worst) - 1, 'further store', in_words=True)} marked" if len(worst) > 1 else "") if worst else "Each store was purged in time" if any(lane["state"] == "gone" for lane in lanes) else "Nothing is due"  # fmt: skip
    return figure(
        draw,
        title=title,
        note="Top: what the account was. Grey below: days on which its data may be there; the tick is the last one. Red: past it. Blue: a legal hold. Filled dot: purged; open red dot: rows found after it; violet: restored there. Dotted: still in a backup, ochre past the stricter day, red past the milder one, with an open dot where the last one was destroyed.",
        source="accounts, purges, row_counts, legal_holds, backups, restores; RET-01, LOG-04, BKP-02.",
        description="; ".join(f"{lane['store_id']}: {lane['label']}" for lane in lanes) or "no store",
        names=["Store", "Canceled", "Last day", "Moved by a hold to", "Gone", "Last copy gone", "State"],
        rows=[[row["store_id"], row["canceled_on"], row["last_on"], "open" if row["is_held"] else row["moved_on"], row["gone_on"], "still there" if row["is_in_copy"] else row["copy_gone_on"], lives.label(life, row)] for row in life.deadlines],
        numeric=set(),
        file="the CSV beside this page",
    )  # fmt: skip


def _draw(sheet: Sheet, life: Life, lanes: list[dict], first: date, last: date, created: date | None) -> None:
    today, left, right, pitch = life.today, 2 if sheet.is_narrow else 262, 8, 40 if sheet.is_narrow else 28
    span = max((last - first).days + 1, 1)
    wide = sheet.width - left - right
    x_of = lambda day: left + wide * (min(max(day, first), last + timedelta(days=1)) - first).days / span  # noqa: E731
    inner = 26 if sheet.is_narrow else pitch / 2
    top, bottom = 40, 40 + (len(lanes) + 1) * pitch + 4
    months(sheet, first, last, first, left, wide / span, bottom)
    for day, _, colour in _lines(life, first, last):
        sheet.line(x_of(day), top - 8, x_of(day), bottom, colour, 1, (2, 2))
    _heads(sheet, [(x_of(day), text, colour) for day, text, colour in _lines(life, first, last)])
    y = top + inner
    sheet.text(0, y - 15 if sheet.is_narrow else y, "Account", INK, bold=True, size=11 if sheet.is_narrow else 12)
    for row in life.statuses:
        start, end = words.to_day(row["valid_from_at"]) or first, words.to_day(row["valid_to_at"]) or today
        if end >= first and start <= last:
            from_x, to_x = x_of(start), x_of(end)
            colour = {"canceled": HAIR, "merged": HAIR, "suspended": OCHRE, "frozen": OCHRE, "paused": LIGHT}.get(row["status"], PALE)
            sheet.rect(from_x, y - 7, max(to_x - from_x - 1, 1), 14, colour)
            text = STATUS_WORDS.get(row["status"], "Unknown")
            if to_x - from_x > len(text) * 6.4 + 8:
                sheet.text(from_x + 5, y + 0.5, text, "#ffffff" if colour == OCHRE else INK2, size=11)
    for place, lane in enumerate(lanes, 1):
        y = top + place * pitch + inner
        colour = COLOURS.get(lane["state"], INK2)
        if sheet.is_narrow:
            sheet.text(0, y - 15, lane["store_id"][:18], INK, size=11)
            sheet.text(sheet.width, y - 15, _cut(lane["label"], 34), colour, size=11, align="right")
        else:
            sheet.text(0, y, lane["store_id"][:15], INK)
            sheet.text(left - 12, y, _cut(lane["label"], 26), colour, size=11, align="right")
        _draw_lane(sheet, life, lane, y, x_of, first, created)
    sheet.line(left, bottom, sheet.width - right, bottom)


def _lines(life: Life, first: date, last: date) -> list[tuple[date, str, str]]:
    """Days that cross all lanes: the last day, that of the copies in the milder reading, and the day looked from."""
    rows = [row for row in life.deadlines if row["ended_on"] is None and row["last_on"]]
    found = {}
    if rows:
        days = f"{(max(row['last_on'] for row in rows) - rows[0]['canceled_on']).days}" if rows[0]["canceled_on"] else ""
        found[max(row["last_on"] for row in rows)] = (f"Day {days}", INK)
        mild = [row["copies_mild_on"] for row in rows if row["copies_mild_on"]]
        if mild:
            found[max(mild)] = (f"Day {(max(mild) - rows[0]['canceled_on']).days}, copies" if rows[0]["canceled_on"] else "Copies", INK2)
    found.setdefault(life.today, (words.short_day(life.today), INK3))
    return [(day, *found[day]) for day in sorted(found) if first <= day <= last]


def _heads(sheet: Sheet, heads: list[tuple[float, str, str]]) -> None:
    """Words above the lines, on a second row where they would touch."""
    edges = [-1e9, -1e9]
    for x, text, colour in heads:
        wide = len(text) * 6.6
        at = min(max(x, wide / 2), sheet.width - wide / 2)
        row = next((row for row in (0, 1) if edges[row] < at - wide / 2), 1)
        sheet.text(at, 22 - 15 * row, text, colour, size=11, align="center", bold=colour == INK)
        edges[row] = at + wide / 2 + 8


def _draw_lane(sheet: Sheet, life: Life, lane: dict, y: float, x_of: Any, first: date, created: date | None) -> None:
    today, at = life.today, created or first
    bar = lambda start, end, colour: end > start and sheet.rect(x_of(start), y - 4, max(x_of(end) - x_of(start), 1), 8, colour)  # noqa: E731
    spans = sorted({(row["canceled_on"], row["ended_on"]) for row in lane["rows"] if row["canceled_on"]}, key=lambda pair: pair[0])
    for canceled_on, ended_on in spans:
        row = min((row for row in lane["rows"] if row["canceled_on"] == canceled_on), key=lambda row: lives.STATES.index(lives.state(life, row)))
        end = row["gone_on"] or ended_on or today
        bar(at, canceled_on, PALE)
        bar(canceled_on, min(end, row["last_on"]), LIGHT)
        if end > row["last_on"]:
            moved = min(end, row["moved_on"] or end)
            bar(row["last_on"], moved, BLUE)
            bar(moved, end, RED)
        sheet.line(x_of(row["last_on"]), y - 8, x_of(row["last_on"]), y + 8, INK, 1.2)
        if row["moved_on"] and row["moved_on"] > row["last_on"]:
            sheet.line(x_of(row["moved_on"]), y - 8, x_of(row["moved_on"]), y + 8, BLUE, 1.6)
        gone = today if row["is_in_copy"] else row["copy_gone_on"]
        if gone and gone > end:
            strict, mild = row["copies_strict_on"], row["copies_mild_on"] or row["copies_strict_on"]
            for start, stop, colour in ((end, strict, INK3), (max(end, strict), mild, OCHRE), (max(end, mild), gone, RED)):
                if min(stop, gone) > start:
                    sheet.line(x_of(start), y, x_of(min(stop, gone)), y, colour, 1.8, (1.5, 2.5))
            if not row["is_in_copy"]:
                sheet.dot(x_of(gone), y, INK2, 6, is_open=True)
        at = ended_on or end
    if not spans or spans[-1][1]:
        bar(at, today, PALE)
    for event in life.events:
        day = words.to_day(event["event_at"])
        if event["store_id"] == lane["store_id"] and day >= first:
            x = x_of(day)
            if event["kind"] in ("purged", "purge_uncounted", "purge_left_rows"):
                sheet.dot(x, y, INK if event["kind"] != "purge_left_rows" else RED, 8)
            elif event["kind"] == "rows_counted" and any(
                row["canceled_on"] and row["gone_on"] is None and row["is_purged"] and day > row["canceled_on"] for row in lane["rows"]
            ):
                sheet.dot(x, y, RED, 7, is_open=True)
            elif event["kind"] == "restored":
                sheet.dot(x, y, VIOLET, 7)


def _cut(text: str, most: int) -> str:
    """As much of a label as there is room for; the whole stands in the table below."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
