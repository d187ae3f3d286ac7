"""The purge clock of all accounts, and what came out store by store."""

from collections import defaultdict

from audit_lib import words
from audit_lib.display import Shown, render
from audit_lib.drawing import BLUE, COLOURS, INK, INK2, MASS, OCHRE, RED, Sheet, figure, framed, no_figure
from audit_lib.figures import promised, read, why_empty
from audit_lib.results import Audit

ROWS = (
    ("purged", "Purged", MASS),
    ("kept", "Not purged", RED),
    ("unclear", "Not evaluated", OCHRE),
    ("deferred", "On hold", BLUE),
)


def purge_clock(audit: Audit) -> Shown:
    """Every canceled account and store as a mark by days to its purge; the promise is a line."""
    rows = [row for row in read(audit, "purge_clock") or () if row["days"] is not None and row["days"] >= 0]
    if not rows:
        return no_figure("The purge clock could not be drawn", why_empty(audit, "RET-01"), "purges; RET-01.")
    limit = promised(audit, "purge_days")
    counts: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        is_kept = "kept" if row["outcome"] == "exception" else "unclear"
        line = "deferred" if row["outcome"] == "deferred" else "purged" if row["is_purged"] else is_kept
        counts[line, row["outcome"]][row["days"]] += row["items"]
    purged = sorted(row["days"] for row in rows for _ in range(row["items"]) if row["is_purged"] and row["outcome"] != "deferred")
    late = sum(row["items"] for row in rows if row["outcome"] == "exception" and row["is_purged"])
    kept = sum(row["items"] for row in rows if row["outcome"] == "exception" and not row["is_purged"])
    longest = max([row["days"] for row in rows] + [limit or 0])
    end = max(-(-(longest + 4) // 10) * 10, 20)
    median = purged[(len(purged) - 1) // 2] if purged else None
    rest = [text for count, text in ((late, f"{words.number(late)} came late"), (kept, f"{words.number(kept)} have not come")) if count]
    title = (
        (
            f"Half of the purges are done by day {median}; {words.listing(rest)}"
            if rest
            else f"Half of the purges are done by day {median}, none past its last day"
        )
        if median is not None
        else f"None of {words.counted(sum(row['items'] for row in rows), 'purge')} is on record"
    )
    tallest = max(
        (sum(daily.get(day, 0) for (line, _), daily in counts.items() if line == "purged") for day in range(end)),
        default=1,
    )

    def draw(sheet: Sheet) -> None:
        left, day_width = 0, sheet.width / end
        group = max(-(-tallest // 70), 1)
        pitch = max(min(200 / max(-(-tallest // group), 1), day_width, 8), 2.8)
        size = max(min(pitch - 0.8, day_width - 1), 1.6)
        bigger = max(size, min(day_width - 1, 5.5))
        top = 62
        floor = top + max(-(-tallest // group) * pitch + 6, 60)
        x_of = lambda day: left + day * day_width  # noqa: E731
        for day in range(end):
            done = counts["purged", "pass"].get(day, 0)
            if done:
                sheet.stack(x_of(day), floor - size / 2 - 1, -(-done // group), pitch, MASS, size)
            for outcome in ("exception", "unknown", "manual", "waived"):
                if count := counts["purged", outcome].get(day, 0):
                    sheet.stack(
                        x_of(day),
                        floor - bigger / 2 - 1 - -(-done // group) * pitch,
                        -(-count // group),
                        max(pitch, bigger + 0.6),
                        COLOURS[outcome],
                        bigger,
                    )
        sheet.text(0, 30, "Purged", INK, bold=True)
        sheet.text(
            0,
            46,
            f"{words.number(len(purged) - late)} in time, {words.number(late)} late",
            INK2,
            size=11 if sheet.is_narrow else 12,
        )
        sheet.line(0, floor, sheet.width, floor)
        y = floor
        for line, label, colour in ROWS[1:]:
            marks = {day: count for (row, _), daily in counts.items() if row == line for day, count in daily.items()}
            if not marks:
                continue
            largest = max(marks.values())
            own = min(7.5, 40 / largest)
            y += max(min(largest * own, 46) + 12, 36)
            sheet.text(0, y - 16, label, colour, bold=True)
            if not sheet.is_narrow or min(marks) * day_width > 90:
                sheet.text(
                    0 if sheet.is_narrow else 96,
                    y - (3 if sheet.is_narrow else 16),
                    words.number(sum(marks.values())),
                    colour,
                )
            for day, count in sorted(marks.items()):
                if own >= 5:
                    for place in range(count):
                        sheet.dot(x_of(day), y - 7 - place * own, colour, 5.5, is_open=True)
                else:
                    sheet.rect(x_of(day) - 2, y - 3 - count * own, 4, count * own, colour)
            sheet.line(0, y, sheet.width, y)
        if limit is not None:
            sheet.line(x_of(limit + 0.5), 18, x_of(limit + 0.5), y, INK, 1.4)
            sheet.text(
                x_of(limit + 0.5),
                8,
                f"Promised: {limit} days",
                INK,
                align="center" if limit < end * 0.8 else "right",
                bold=True,
            )
        step_ = 20 if sheet.is_narrow or end > 160 else 10
        for day in range(0, end + 1, step_ * (1 + end // 250)):
            sheet.line(x_of(day), y + 2, x_of(day), y + 6)
            last = day + step_ > end
            sheet.text(
                min(x_of(day), sheet.width),
                y + 15,
                f"{day} days" if day == 0 else str(day),
                align="left" if day == 0 else "right" if last and x_of(day) > sheet.width - 12 else "center",
            )

    several = -(-tallest // 70)
    one = "One dot is one canceled account in one store" if several <= 1 else f"One dot is up to {several} canceled accounts in one store"
    table = defaultdict(int)
    for row in rows:
        table[row["store_id"], row["outcome"], 5 * (row["days"] // 5), row["is_purged"]] += row["items"]
    return figure(
        draw,
        title=title,
        note=f"{one}, by days from cancellation to a purge that left nothing. Filled red: too late. Open red: not purged, with the days so far. Items without a date cannot be placed.",
        source="accounts, purges; RET-01" + (", LOG-04." if any(row["control_id"] == "LOG-04" for row in rows) else "."),
        description=f"{words.number(len(purged))} purges, median day {median}; {words.number(late)} late, {words.number(kept)} not purged.",
        names=["Store", "Outcome", "Days", "Purged", "Items"],
        rows=[[store, outcome, f"{days}–{days + 4}", done, items] for (store, outcome, days, done), items in sorted(table.items())],
        numeric={"Items"},
        file="figures/purge_clock.parquet",
    )


def stores(audit: Audit) -> Shown:
    """Each store with its classes of data, their rules, and how its purges came out."""
    rows = read(audit, "stores")
    if not rows:
        return no_figure("The stores could not be listed", "No list of stores was delivered.", "stores, retention_rules.")
    tested = [row for row in rows if row["items"]]
    worst = tested[0] if tested and tested[0]["exceptions"] else None
    bare = sum(1 for row in rows if row["uncovered"])
    idle = [row["store_id"] for row in rows if row["is_in_scope"] and not row["items"]]
    if worst:
        title = f"{worst['store_id']} has the most exceptions: {words.number(worst['exceptions'])} of {words.counted(worst['items'], 'purge')}"
    elif tested:
        title = f"No exception in any of {words.counted(len(tested), 'store')}"
    else:
        title = "No purge of any store was due"
    shown = [row for row in rows if row["items"] or row["is_in_scope"] or row["uncovered"]]
    plain = [row["store_id"] for row in rows if row not in shown]
    tail = []
    if bare:
        tail.append(f"{words.counted(bare, 'store')} {'holds' if bare == 1 else 'hold'} data that no retention rule covers.")
    if idle and tested:
        tail.append(f"In scope, but without an item: {words.listing(idle[:5])}.")
    note = " ".join(["What lies in each store, the rules for it, and what came out of its purges.", *tail])
    inner = render("stores.html", rows=shown, idle=words.listing(plain), shows_manual=any(row["manual"] for row in rows))
    return Shown(framed(title, note, "stores, retention_rules; RET-01, LOG-04.", inner), title)
