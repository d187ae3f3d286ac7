"""Random lives of preserved copies, and their reference that walks the calendar day by day.

Not generated: a renewal before its request, and moments to come.
"""

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from life_days import DAY, OPEN, grouped
from life_worlds import DAYS, ZONES, Company

COPIES = 250


def begin(number: int) -> Company:
    """A company with its zone and parameters, and nothing in it."""
    draw = random.Random(number)
    zone = ZoneInfo(draw.choice(ZONES))
    as_of = datetime.combine(draw.choice(DAYS), draw.choice((time(0), time(3), time(12), time(23, 59))), UTC)
    settings = {
        "company_time_zone": zone.key, "backup_days": draw.choice((30, 14)), "preservation_days": 90, "max_renewals": draw.choice((None, 1, 2, 3)),
        "preservation_grace_days": draw.choice((None, 0, 7)), "hold_grace_days": draw.choice((None, 0, 10)),
        "clock_policy": draw.choice(("strictest", "by_law")), "vendor_confirmation_days": draw.choice((None, 10)),
    }  # fmt: skip
    return Company(number, draw, zone, as_of, settings)


def preserve(company: Company, number: int) -> None:
    """One preserved copy with its paper, renewals, process and the backups of the store that keeps it."""
    draw, name = company.draw, f"c{company.number}-{number}"
    instrument = draw.choice(("section_2703f", "section_2703f", "section_2703f", "civil_subpoena", "court_order"))
    received = company.today - timedelta(draw.randint(60, 400))
    until = received + timedelta(draw.choice((30, 90, 120)))
    lapses = [until if instrument == "civil_subpoena" else received + timedelta(90)]
    fault = draw.random()
    paper = {
        "legal_request_id": f"{name}/p", "kind": "preservation", "instrument": instrument, "status": draw.choice(("open", "complied", "complied", "withdrawn", "rejected")),
        "received_at": company.past(received), "preserve_until_on": until if instrument == "civil_subpoena" and draw.random() < 0.95 else None,
    }  # fmt: skip
    for _ in range(2 if fault < 0.02 else 1 if fault > 0.04 else 0):
        company.add("legal_requests", **paper)
    for turn in range(draw.choice((0, 0, 1, 1, 2, 3))):
        day = max(received, company.near(lapses))
        own = draw.choice((None, None, day + timedelta(draw.choice((20, 100, 150)))))
        company.add(
            "legal_requests", legal_request_id=f"{name}/r{turn}", kind="preservation_renewal", instrument=instrument, related_legal_request_id=f"{name}/p",
            status=draw.choice(("open", "complied", "complied", "complied", "rejected", "withdrawn")), received_at=company.past(day), preserve_until_on=own,
        )  # fmt: skip
        lapses += [lapses[-1] + timedelta(90), *([own] if own else [])]
    if draw.random() < 0.25:
        company.add(
            "legal_requests", legal_request_id=f"{name}/d", kind="data", related_legal_request_id=f"{name}/p", received_at=company.past(company.near(lapses)),
            instrument=draw.choice(("warrant", "court_order", "civil_subpoena", "criminal_subpoena", "none", "section_2703f")),
            is_properly_served=draw.choice((True, True, None, False)), status=draw.choice(("open", "complied", "complied", "rejected", "withdrawn")),
        )  # fmt: skip
    taken_at = company.past(received + timedelta(draw.randint(0, 5)))
    lapse = draw.choice(lapses)
    destroyed = draw.choice((None, lapse, lapse, lapse, company.near([lapse]), lapse + timedelta(company.settings["preservation_grace_days"] or 0)))
    destroyed_at = company.past(destroyed) if destroyed and destroyed <= company.today else None
    if draw.random() < 0.02:
        destroyed_at = taken_at - timedelta(draw.randint(1, 3))
    for _ in range(2 if draw.random() < 0.02 else 1):
        company.add(
            "backups", backup_id=name, store_id="db", kind="preserved_copy", account_id="a", legal_request_id=f"{name}/p", kept_in_store_id=f"{name}/vault",
            taken_at=None if draw.random() < 0.02 else taken_at, destroyed_at=destroyed_at,
        )  # fmt: skip
    for turn in range(draw.choice((0, 0, 1, 2))):
        last = lapse + timedelta((company.settings["preservation_grace_days"] or 0) + company.settings["backup_days"])
        gone = draw.choice((None, lapse, company.near([last], 10), company.near([last], 10)))
        taken = company.past(draw.choice((received, lapse, lapse - timedelta(draw.randint(0, 20)))))
        company.add(
            "backups", backup_id=f"{name}/b{turn}", store_id=f"{name}/vault", kind="scheduled", taken_at=taken,
            destroyed_at=max(taken, company.past(gone)) if gone and gone <= company.today else None,
        )  # fmt: skip


def preserved(company: Company) -> dict[str, tuple]:
    """DIS-09: outcome and reason by item."""
    papers, found = grouped(company.rows["legal_requests"], "legal_request_id"), {}
    related, stores = grouped(company.rows["legal_requests"], "related_legal_request_id"), grouped(company.rows["backups"], "store_id")
    grace, ageing = timedelta(company.settings["preservation_grace_days"] or 0), timedelta(company.settings["backup_days"])
    for (backup_id,), rows in grouped([row for row in company.rows["backups"] if row["kind"] == "preserved_copy"], "backup_id").items():
        copy, listed = rows[0], papers[rows[0]["legal_request_id"],]
        if len(rows) > 1 or len(listed) != 1:
            found[backup_id] = ("unknown", "repeated" if len(rows) > 1 else "paper_missing")
            continue
        (paper,) = listed
        is_civil, received_on = paper["instrument"] == "civil_subpoena", company.day(paper["received_at"])
        period = timedelta(company.settings["preservation_days"])
        lapse_on = paper["preserve_until_on"] if is_civil else received_on + period
        if not lapse_on:
            found[backup_id] = ("unknown", "undated")
            continue
        orders = [row for row in related[paper["legal_request_id"],] if row["status"] in ("open", "complied")]
        waiting = sorted(
            (company.day(row["received_at"]), row["legal_request_id"], row["preserve_until_on"]) for row in orders if row["kind"] == "preservation_renewal"
        )
        waiting = waiting[: company.settings["max_renewals"] or 1]
        day = received_on
        while day <= lapse_on:  # who comes after the last day renews nothing
            while waiting and waiting[0][0] <= day:
                _, _, until = waiting.pop(0)
                lapse_on = max(lapse_on if is_civil else lapse_on + period, until or lapse_on)
            day += DAY
        due_on = lapse_on + grace
        if due_on >= company.today:
            continue
        if not copy["taken_at"]:
            found[backup_id] = ("unknown", "undated")
            continue
        gone_at, process = copy["destroyed_at"], ("warrant", "court_order", "criminal_subpoena", "civil_subpoena")
        gone_on = company.day(gone_at) if gone_at else OPEN
        left = set()
        for backup in stores[copy["kept_in_store_id"],]:
            if gone_at and copy["taken_at"] <= backup["taken_at"] < gone_at:
                day = company.day(backup["taken_at"])
                end = company.day(backup["destroyed_at"]) if backup["destroyed_at"] else company.today
                while day < end:
                    day += DAY
                    if day > due_on + ageing:
                        left.add("late" if backup["destroyed_at"] else "remains")
        if gone_at and gone_at < copy["taken_at"]:
            found[backup_id] = ("unknown", "reversed")
        elif any(
            row["kind"] == "data" and row["instrument"] in process and row["is_properly_served"] is not False
            and company.day(row["received_at"]) <= lapse_on and (not gone_at or row["received_at"] <= gone_at)
            for row in orders
        ):  # fmt: skip
            found[backup_id] = ("pass", "process_in_time")
        elif gone_on > due_on:
            found[backup_id] = ("exception", "late" if gone_at else "remains")
        elif gone_on < lapse_on:
            found[backup_id] = ("pass", "withdrawn") if paper["status"] == "withdrawn" else ("exception", "early")
        elif left:
            found[backup_id] = ("exception", "backup_remains" if "remains" in left else "backup_late")
        else:
            found[backup_id] = ("pass", "destroyed_in_time")
    return found
