"""The sections of one account's life, each made from the life alone."""

from datetime import date

from audit_lib import lives, opening, trail_report, words
from audit_lib.display import Shown, show
from audit_lib.lives import Life
from audit_lib.results import OUTCOMES

SHOWN = 250  # rows of a table; all events are in the CSV beside the page
MARKS = {"overdue": "exception", "late": "exception", "held": "deferred", "held_over": "deferred", "unclear": "unknown"}


def conclusion(life: Life) -> str:
    """The page's first sentences: what the account is, where its data still are, what is next."""
    if not life.statuses:
        return f"{life.account} is not in the register of accounts, but {words.counted(len(life.events), 'event', in_words=True)} of it {'is' if len(life.events) == 1 else 'are'} on record."
    last = life.statuses[-1]
    rows = [row for row in life.deadlines if row["ended_on"] is None]
    if not rows:
        told = f"{life.account} is {last['status']} since {words.long_day(last['valid_from_at'])}, so its data may be kept."
        missed = sum(lives.state(life, row) in ("overdue", "late") for row in life.deadlines)
        return told + (f" After an earlier cancellation, {words.counted(missed, 'store', in_words=True)} had not been purged in time." if missed else "")
    states = [lane["state"] for lane in lives.lanes(life) if lane["rows"]]
    said = {
        "overdue": ("still holds its data past the last day", "still hold its data past the last day"), "late": ("was purged too late", "were purged too late"),
        "unclear": ("is not clear", "are not clear"), "held": ("keeps its data under a legal hold", "keep its data under a legal hold"), "ahead": ("is not due yet", "are not due yet"),
        "held_over": ("was purged by the day to which a hold moved it", "were purged by the day to which a hold moved it"), "gone": ("was purged in time", "were purged in time"),
        "ended": ("was due in an earlier cancellation only", "were due in an earlier cancellation only"),
    }  # fmt: skip
    counts = {one: states.count(one) for one in said if one in states}
    parts = [f"{words.spelled(count)} {said[one][count > 1]}" for one, count in counts.items()]
    day = f"on {words.long_day(rows[0]['canceled_on'])}" if rows[0]["canceled_on"] else "on an unknown day"
    status = "was canceled" if last["status"] == "canceled" else f"is {last['status']} and was canceled"
    stores = words.counted(len(states), "store", in_words=True)
    told = f"{life.account} {status} {day}. Of the {stores} concerned, " + (f"each {said[states[0]][0]}." if len(counts) == 1 else f"{words.listing(parts)}.")
    copies, ends = [row for row in life.copies if not row["is_unclear"]], [row["moved_on"] for row in life.copies if row["moved_on"]]
    if copies:
        is_open = any(row["is_held"] for row in copies) or not ends
        until = "" if is_open else f", by {'its' if len(copies) == 1 else 'their'} own days until {words.long_day(max(ends))}"
        told += f" {words.sentence(words.counted(len(copies), 'backup', in_words=True))} that {'holds' if len(copies) == 1 else 'hold'} its data {'is' if len(copies) == 1 else 'are'} still there{until}."
    else:
        told += " No listed backup holds its data any more."
    if any(row["control_id"] == "BKP-02a" and row["outcome"] == "exception" for row in life.verdicts):
        told += " In the stricter reading, which decides, its last copy outlived the last day."
    return told


def masthead(life: Life) -> Shown:
    """The first sentences, and what the page is about."""
    said = conclusion(life)
    shown = show("life_masthead.html", said, life=life, run=life.run, conclusion=said)
    return Shown(f"<!--style-->{opening.styles()}<!--/style-->{shown.html}", shown.text)


def due(life: Life) -> Shown:
    """Section 2: the last days of each store and of its copies, in both readings."""
    rows = sorted(life.deadlines, key=lambda row: (row["canceled_on"] or date.max, lives.STATES.index(lives.state(life, row)), row["store_id"]))
    verdicts = [row for row in life.verdicts if row["control_id"].startswith("BKP-02")]
    lede = (
        "The policy can be read in two ways: all copies gone with the live data, or backups for up to another "
        f"{life.run['backup_days']} days. Both stand here; the stricter one decides."
        if rows
        else "The account was never canceled, so no last day is set. Its data may be kept while it is active."
    )
    shown = [row | {"state": lives.state(life, row), "mark": MARKS.get(lives.state(life, row), ""), "label": lives.label(life, row)} for row in rows]
    caption = f"Sorted by cancellation, then what is worst, then store. {words.counted(len(rows), 'last day')}, all shown"
    return show("life_due.html", lede, lede=lede, rows=shown, verdicts=verdicts, caption=caption, year=life.today.year)


def copies(life: Life) -> Shown:
    """Section 3: where its data still are apart from the live stores, and until when."""
    limits = {}
    for row in life.deadlines:
        if row["ended_on"] is None and row["gone_on"]:  # while its rows are there, new copies are no fault of their own
            limits[row["store_id"]] = (row["copies_strict_on"], row["copies_mild_on"])
    groups = []
    for store_id in sorted({row["store_id"] for row in life.copies}):
        rows = [row for row in life.copies if row["store_id"] == store_id]
        days, ends = [row["data_on"] for row in rows if row["data_on"]], [row["moved_on"] for row in rows if row["moved_on"]]
        strict, mild = limits.get(store_id, (None, None))
        groups.append({
            "store_id": store_id, "count": len(rows), "held": sum(bool(row["is_held"]) for row in rows), "unclear": sum(row["is_unclear"] for row in rows), "over": sum(bool(row["moved_on"] and row["moved_on"] < life.today) for row in rows),
            "first_on": min(days, default=None), "last_on": max(days, default=None), "until_on": max(ends, default=None), "strict_on": strict, "mild_on": mild,
            "outlives": bool(strict and any(row["is_held"] or not row["moved_on"] or max(row["moved_on"], life.today) > strict for row in rows)),
        })  # fmt: skip
    told = sorted(life.copies, key=lambda row: (not row["is_unclear"], row["moved_on"] or date.max, row["backup_id"]))
    count = len(life.copies)
    lede = f"{words.sentence(words.counted(count, 'backup', in_words=True))} {'holds or may hold' if count == 1 else 'hold or may hold'} its data and {'is' if count == 1 else 'are'} still there." if count else "No listed backup that holds its data is there any more."  # fmt: skip
    if life.apart:
        lede += f" {words.sentence(words.counted(len(life.apart), 'copy', in_words=True))} lie elsewhere."
    caption = (
        f"Sorted by the day by which it must be gone, doubtful ones first. {words.number(min(len(told), SHOWN))} of {words.counted(count, 'backup')} shown"
    )
    return show("life_copies.html", lede, lede=lede, groups=groups, rows=told[:SHOWN], apart=life.apart, caption=caption, today=life.today)


def events(life: Life) -> Shown:
    """Section 4: every event, with the line that says so."""
    counts = [row for row in life.events if row["kind"] == "none_counted"]
    shown = [row | {"when": words.moment(row["event_at"].replace(microsecond=0), life.today.year)} for row in life.events]
    lede = f"{words.sentence(words.counted(len(shown), 'event'))} on record, each with the line that says so" + (f"; {words.spelled(len(counts))} of them found nothing left." if len(counts) > 1 else ".")  # fmt: skip
    caption = f"Sorted by time, UTC. {words.number(min(len(shown), SHOWN))} of {words.counted(len(shown), 'event')} shown; all are in the CSV beside this page"
    return show("life_events.html", lede, lede=lede, rows=shown[-SHOWN:], caption=caption)


def verdicts(life: Life) -> Shown:
    """Section 5: what the controls say of this account, and what this page cannot show."""
    rows = sorted(life.verdicts, key=lambda row: (OUTCOMES.index(row["outcome"]), row["control_id"], row["item"]))
    broken = sum(row["outcome"] == "exception" for row in rows)
    lede = f"{words.sentence(words.counted(len(rows), 'item', in_words=True))} of {words.counted(len({row['control_id'] for row in rows}), 'control', in_words=True)}, over its whole life; {words.spelled(broken) if broken else 'none'} {'are exceptions' if broken > 1 else 'is an exception'}." if rows else "No control has an item about this account yet: nothing that they test has come due."  # fmt: skip
    caption = f"Sorted by what was found, the worst first, then by control. {words.number(min(len(rows), SHOWN))} of {words.counted(len(rows), 'item')} shown"
    return show("life_verdicts.html", lede, lede=lede, rows=rows[:SHOWN], untested=life.untested, caption=caption)


def lines(life: Life) -> Shown:
    """Section 6: the raw lines behind the events."""
    wanted = len({row["origin"] for row in life.events})
    lede = f"{words.number(len(life.lines))} of {words.counted(wanted, 'line')} behind the events, in their order."
    return trail_report.raw(life, lede)
