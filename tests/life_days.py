"""The references of the retention controls: they walk the calendar, day by day, and ask of each day whether the data may be there.

From the words of the readings and of the controls' limits, without SQL. A company's rows are those of life_worlds.py.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from judging import grouped
from life_worlds import Company

DAY = timedelta(1)
EVER = datetime(9000, 1, 1, tzinfo=UTC)
KNOWN = ("trial", "active", "paused", "frozen", "suspended", "merged")
OPEN = date.max


def holds(company: Company) -> list[dict]:
    """Legal holds with the first and the last day for what they keep (OPEN: in force), and whether they are unclear."""
    rows = company.rows["legal_holds"]
    found = []
    for row in rows:
        since, until = row["valid_from_at"], row["valid_to_at"]
        is_reversed = bool(since and until and until < since)
        is_over = bool(until and until < company.as_of and not is_reversed)
        found.append(row | {
            "from": company.day(since) if since and not is_reversed else date.min,
            "until": company.day(until) + timedelta(company.settings["hold_grace_days"] or 0) if is_over else OPEN,
            "is_unclear": not since or is_reversed or not row["approved_by_person_id"] or sum(one["legal_hold_id"] == row["legal_hold_id"] for one in rows) > 1,
        })  # fmt: skip
    return found


def last_day(start: date, promised: int, kept_by: list[dict]) -> date:
    """The last day on which data may be there whose clock starts on a day: promised, or under a hold that was placed while they might."""
    day, counting = start, []
    while (day - start).days <= promised or any(hold["until"] >= day for hold in counting):
        counting = [hold for hold in kept_by if hold["from"] <= day]
        if (day - start).days >= promised and any(hold["until"] == OPEN for hold in counting):
            return OPEN
        day += DAY
    return day - DAY


def promised(company: Company, counts_from: str, store_id: str, classes: list[str] | None, at: datetime, otherwise: int) -> int:
    """The fewest days that the policy's rules in force at a moment allow for a class in a store."""
    days = [
        row["max_days"]
        for row in company.rows["retention_rules"]
        if (row["counts_from"], row["basis_kind"], row["store_id"]) == (counts_from, "policy", store_id)
        and (classes is None or row["data_class_id"] in classes)
        and row["valid_from_at"] <= at < (row["valid_to_at"] or EVER)
        and row["max_days"] is not None
    ]
    return min(days, default=otherwise)


def spans(company: Company) -> list[dict]:
    """Canceled spans of all accounts: one clock where canceled rows touch, whatever their cause."""
    found = {}
    for (account_id,), rows in grouped(company.rows["accounts"], "account_id").items():
        dated = sorted((row for row in rows if row["valid_from_at"]), key=lambda row: row["valid_from_at"])
        overlapping = [row for one, other in pairwise(dated) if (one["valid_to_at"] or EVER) > other["valid_from_at"] for row in (one, other)]
        clocks = []
        for row in dated:
            if row["status"] in KNOWN:
                continue
            if clocks and clocks[-1]["status"] == row["status"] and clocks[-1]["ended_at"] == row["valid_from_at"]:
                clocks[-1]["ended_at"] = row["valid_to_at"] or EVER
                clocks[-1]["is_unclear"] |= row in overlapping
                continue
            clocks.append({
                "account_id": account_id, "status": row["status"], "canceled_at": row["valid_from_at"], "canceled_on": company.day(row["valid_from_at"]),
                "ended_at": row["valid_to_at"] or EVER, "is_unclear": row["status"] != "canceled" or row in overlapping, "created_at": row["created_at"],
            })  # fmt: skip
        clocks += [
            {"account_id": account_id, "canceled_at": None, "canceled_on": None, "ended_at": row["valid_to_at"] or EVER, "is_unclear": False, "created_at": row["created_at"]}
            for row in rows if not row["valid_from_at"]
        ]  # fmt: skip
        for clock in clocks:  # of two that start on one day the later counts
            found[account_id, clock["canceled_on"]] = clock | ({"ended_at": EVER} if clock["is_unclear"] else {})
    return list(found.values())


def end_of(company: Company, day: date) -> datetime:
    """The first moment that is no longer of that day."""
    return datetime(day.year, day.month, day.day, tzinfo=company.zone) + DAY


def deadlines(company: Company) -> list[dict]:
    """Each canceled span and store that is in scope on its last day, and where holds move that day; login rows apart."""
    kept_by, stores, found = holds(company), grouped(company.rows["stores"], "store_id"), []
    by_holder = grouped(kept_by, "account_id")
    for span in spans(company):
        for (store_id,), rows in stores.items():
            for is_login in (False, True):
                classes = [name for name in rows[0]["data_class_ids"] if (name == "login") == is_login]
                if not classes:
                    continue
                deadline = span | {"store_id": store_id, "is_login": is_login, "classes": classes, "last_on": None, "moved_on": None, "possible_on": None}
                if span["canceled_on"]:
                    days = promised(company, "account_cancellation", store_id, classes, span["canceled_at"], company.settings["purge_days"])
                    deadline["last_on"] = span["canceled_on"] + timedelta(days)
                    own = [
                        hold for hold in (*by_holder[span["account_id"],], *by_holder[None,])
                        if not hold.get("person_id") and not hold.get("backup_id") and hold.get("store_id") in (None, store_id)
                    ]  # fmt: skip
                    deadline["moved_on"] = last_day(span["canceled_on"], days, [hold for hold in own if not hold["is_unclear"]])
                    deadline["possible_on"] = last_day(span["canceled_on"], days, own)
                over_at = end_of(company, deadline["last_on"]) if deadline["last_on"] else company.as_of
                in_force = [row for row in rows if row["valid_from_at"] < over_at <= (row["valid_to_at"] or EVER)]
                is_overlapping = len(in_force) > 1
                if is_overlapping or (in_force and (is_login or in_force[0]["is_in_purge_scope"] is not False)):
                    deadline["is_unclear"] |= is_overlapping or in_force[-1]["is_in_purge_scope"] is None
                    found.append(deadline)
    return found


def told(company: Company, deadline: dict, class_id: str, purges: dict, counts: dict) -> list[dict]:
    """The purges of one class in a span, in order, each with what is known of the rows after it: gone, perhaps there, there."""
    store_id, account_id, until = deadline["store_id"], deadline["account_id"], min(deadline["ended_at"], company.as_of)
    own = [
        row | ({} if row["account_id"] else {"rows_before": None, "rows_remaining": 0 if row["rows_remaining"] == 0 else None})
        for row in (*purges[store_id, account_id], *purges[store_id, None])
        if not row["person_id"] and row["data_class_id"] in (None, class_id) and deadline["canceled_at"] <= row["purged_at"] < until
    ]
    own.sort(key=lambda row: (row["purged_at"], row["purge_id"]))
    seen = [
        row["counted_at"] for row in counts[store_id, account_id]
        if row["row_count"] > 0 and row["data_class_id"] in (None, class_id) and row["counted_at"] < deadline["ended_at"]
        and (not row["data_from_on"] or row["data_from_on"] <= deadline["moved_on"])
    ]  # fmt: skip
    for place, purge in enumerate(own):
        later = own[place + 1] if place + 1 < len(own) else None
        was_seen = any(purge["purged_at"] < at <= (later["purged_at"] if later else EVER) for at in seen)
        is_repeated = bool(later) and later["reason"] == "restore"  # what is there came by the restore
        was_repeat = is_repeated and purge["reason"] == "restore" and company.day(purge["purged_at"]) > deadline["moved_on"]
        purge["after"] = "gone"
        if (purge["rows_remaining"] and not was_repeat) or (not is_repeated and (was_seen or (later and later["rows_before"]))):
            purge["after"] = "there"
        elif later and later["rows_before"] != 0 and company.day(later["purged_at"]) <= deadline["moved_on"]:
            purge["after"] = "perhaps"  # excuses nothing: only whether a hold was needed hangs on it
    return own


def purged(company: Company, deadline: dict, purges: dict, counts: dict, repeated: set) -> dict:
    """What became of the rows of a span and store: the days are walked from the last day on, and asked whether any were there."""
    last_on, moved_on = deadline["last_on"], deadline["moved_on"]
    ended_on = company.day(deadline["ended_at"]) if deadline["ended_at"] < EVER else OPEN
    facts = {
        "is_purged": True,
        "is_counted": True,
        "is_erased": True,
        "breaches": set(),
        "is_held_over": False,
        "is_left": False,
        "gone_on": date.min,
        "emptied_at": None,
        "cleared_at": None,
    }
    facts["is_unclear"] = deadline["is_unclear"]
    for class_id in deadline["classes"]:
        own = told(company, deadline, class_id, purges, counts)
        facts["is_unclear"] |= any(purge["purge_id"] in repeated for purge in own)
        facts["is_purged"] &= bool(own)
        facts["is_left"] |= not own or own[-1]["after"] == "there"
        days, day = [company.day(purge["purged_at"]) for purge in own], last_on
        while day < min(company.today, ended_on):
            done = [purge for purge, on in zip(own, days, strict=True) if on <= day]
            state = done[-1]["after"] if done else "there"
            facts["is_held_over"] |= day < moved_on and state != "gone"
            if day >= moved_on and state == "there":
                facts["breaches"].add(day + DAY)
            day += DAY
        facts["breaches"] |= {on for purge, on in zip(own, days, strict=True) if on > moved_on and purge["after"] == "there"}
        facts["is_held_over"] |= any(last_on < on <= moved_on and purge["after"] != "gone" for purge, on in zip(own, days, strict=True))
        facts["gone_on"] = max([facts["gone_on"], *days])
        if facts["is_left"] and min(company.today, ended_on) > moved_on:
            facts["breaches"].add(min(company.today, ended_on))
        did = [purge for purge, on in zip(own, days, strict=True) if on <= moved_on or purge["reason"] == "restore"]
        if did:
            facts["is_erased"] &= did[-1]["method"] == "erase"
            facts["is_counted"] &= did[-1]["rows_remaining"] is not None or any(
                did[-1]["purged_at"] < row["counted_at"] < deadline["ended_at"]
                for row in counts[deadline["store_id"],]
                if not row["person_id"] and not row["data_from_on"] and row["address_form"] == "any" and row["data_class_id"] in (None, class_id)
            )
            emptied_at = max([purge["purged_at"] for purge in did if purge["rows_before"] != 0], default=did[0]["purged_at"])
            facts["emptied_at"] = max(facts["emptied_at"] or emptied_at, emptied_at)
            cleared = [purge["purged_at"] for purge, on in zip(own, days, strict=True) if on <= moved_on and purge["rows_before"] != 0]
            facts["cleared_at"] = max(facts["cleared_at"] or own[0]["purged_at"], *cleared, own[0]["purged_at"])
    facts["is_good"] = facts["is_purged"] and not facts["breaches"] and not facts["is_left"]
    return facts


def canceled_accounts(company: Company) -> dict[str, tuple]:
    """RET-01: outcome and reason by item."""
    purges = grouped(company.rows["purges"], "store_id", "account_id")
    counts = defaultdict(list, grouped(company.rows["row_counts"], "store_id", "account_id") | grouped(company.rows["row_counts"], "store_id"))
    repeated, found = twice(company), {}
    for deadline in deadlines(company):
        if deadline["is_login"]:
            continue
        item = f"{deadline['account_id']} / {deadline['canceled_on'] or 'undated'} / {deadline['store_id']}"
        if not deadline["canceled_on"]:
            found[item] = ("unknown", "undated")
            continue
        moved_on, possible_on = deadline["moved_on"], deadline["possible_on"]
        ended_on = company.day(deadline["ended_at"]) if deadline["ended_at"] < EVER else None
        if (deadline["last_on"] if moved_on == OPEN else moved_on) >= company.today or (ended_on and ended_on <= moved_on):
            continue
        facts = purged(company, deadline, purges, counts, repeated)
        if facts["is_unclear"]:
            found[item] = ("unknown", "contradiction")
        elif facts["is_good"] and not facts["is_counted"]:
            found[item] = ("unknown", "not_counted")
        elif facts["is_good"] and not facts["is_erased"]:
            found[item] = ("manual", "not_erased")
        elif facts["is_good"]:
            found[item] = ("deferred", "held_over") if facts["is_held_over"] else ("pass", "in_time")
        elif moved_on == OPEN:
            found[item] = ("deferred", "held")
        elif min(OPEN if facts["is_left"] else facts["gone_on"], ended_on or OPEN, company.today) <= possible_on:
            found[item] = ("unknown", "hold_unclear")
        elif facts["is_purged"] and not facts["is_left"]:
            found[item] = ("exception", "late")
        else:
            found[item] = ("exception", "missed" if ended_on else "residue" if facts["is_purged"] else "overdue")
    return found


def ages(company: Company) -> dict[str, dict]:
    """Each backup, preserved copies apart: the day of its data, its last days, and when it and the bases of its chain went (OPEN: there)."""
    kept_by, found = grouped(holds(company), "backup_id"), {}
    listed = grouped(company.rows["backups"], "backup_id")

    def gone_on(row: dict) -> date:
        return company.day(row["destroyed_at"]) if row["destroyed_at"] and row["destroyed_at"] < company.as_of else OPEN

    for (backup_id,), rows in listed.items():
        row, bases, is_lost = min(rows, key=lambda one: f"{one['load_id']}:{one['line']}"), [], False  # of two with one id, the first origin
        original = row
        while not is_lost and original["copied_from_backup_id"]:
            is_lost = (original["copied_from_backup_id"],) not in listed
            original = row if is_lost else listed[original["copied_from_backup_id"],][0]
        base = row
        while base["base_backup_id"] and not is_lost:
            is_lost = (base["base_backup_id"],) not in listed
            base = base if is_lost else listed[base["base_backup_id"],][0]
            bases += [] if is_lost else [base]
        copy = {
            "backup_id": backup_id, "store_id": row["store_id"], "data_at": original["taken_at"], "gone_on": gone_on(row), "is_lost": is_lost,
            "bases_gone_on": max(map(gone_on, bases), default=date.min), "last_on": None, "moved_on": None, "possible_on": None, "held_by": [],
            "is_unclear": len(rows) > 1 or row["kind"] not in ("scheduled", "manual", "dump", "export")
            or bool(row["destroyed_at"] and row["taken_at"] and row["destroyed_at"] < row["taken_at"])
            or bool(original["taken_at"] and row["taken_at"] and original["taken_at"] > row["taken_at"]),
        }  # fmt: skip
        if copy["data_at"]:
            days = promised(company, "copy_taken", row["store_id"], None, copy["data_at"], company.settings["backup_days"])
            copy["held_by"] = [
                hold for name in (None, backup_id, *(base["backup_id"] for base in bases)) for hold in kept_by[name,]
                if not hold.get("account_id") and not hold.get("person_id") and hold.get("store_id") in (None, row["store_id"])
            ]  # fmt: skip
            copy["data_on"] = company.day(copy["data_at"])
            copy["last_on"] = copy["data_on"] + timedelta(days)
            copy["moved_on"] = last_day(copy["data_on"], days, [hold for hold in copy["held_by"] if not hold["is_unclear"]])
            copy["possible_on"] = last_day(copy["data_on"], days, copy["held_by"])
        found[backup_id] = copy
    return found


def aged_backups(company: Company) -> dict[str, tuple]:
    """BKP-01: outcome and reason by item."""
    found = {}
    for backup_id, copy in ages(company).items():
        gone_on = max(copy["gone_on"], copy["bases_gone_on"])
        if copy["data_at"] and (copy["last_on"] if copy["moved_on"] == OPEN else copy["moved_on"]) >= company.today:
            continue
        if copy["is_unclear"]:
            found[backup_id] = ("unknown", "contradiction")
        elif not copy["data_at"] or copy["is_lost"]:
            found[backup_id] = ("exception", "origin_missing") if copy["data_at"] else ("unknown", "undated")
        elif gone_on <= copy["last_on"]:
            found[backup_id] = ("pass", "in_time")
        elif gone_on <= copy["moved_on"]:
            found[backup_id] = ("deferred", "held_over" if gone_on < OPEN else "held")
        elif min(gone_on, company.today) <= copy["possible_on"]:
            found[backup_id] = ("unknown", "hold_unclear")
        elif copy["gone_on"] <= copy["moved_on"]:
            found[backup_id] = ("exception", "base_remains")
        else:
            found[backup_id] = ("exception", "remains" if copy["gone_on"] == OPEN else "late")
    return found


def twice(company: Company) -> set[str]:
    """Ids of purges that stand on record more than once."""
    names = [row["purge_id"] for row in company.rows["purges"]]
    return {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()


def last_copies(company: Company, is_milder: bool) -> dict[str, tuple]:
    """BKP-02a, or BKP-02b where `is_milder`: outcome and reason by item."""
    purges = grouped(company.rows["purges"], "store_id", "account_id")
    counts = defaultdict(list, grouped(company.rows["row_counts"], "store_id", "account_id") | grouped(company.rows["row_counts"], "store_id"))
    repeated = twice(company)
    copies, found = grouped(list(ages(company).values()), "store_id"), {}
    more = timedelta(company.settings["backup_days"] if is_milder else 0)
    for (account_id, canceled_on), stores in grouped(deadlines(company), "account_id", "canceled_on").items():
        item = f"{account_id} / {canceled_on or 'undated'}"
        if not canceled_on:
            found[item] = ("unknown", "undated")
            continue
        by_store = grouped(stores, "store_id").items()  # one copy holds all rows of a store, so the earlier of their days counts
        last_on = max(min(side["last_on"] for side in sides) for _, sides in by_store) + more
        ended_on = company.day(stores[0]["ended_at"]) if stores[0]["ended_at"] < EVER else OPEN
        states, is_unclear, are_good = set(), False, True  # of each copy that held the data, and of each that may have
        for (store_id,), sides in by_store:
            facts = [purged(company, side, purges, counts, repeated) for side in sides]
            is_odd = any(fact["is_unclear"] for fact in facts)
            is_unclear |= is_odd
            are_good &= is_odd or all(fact["is_good"] for fact in facts)
            if is_odd or not are_good:
                continue
            emptied_at = max(fact["emptied_at"] for fact in facts)
            own_last_on = min(side["last_on"] for side in sides)
            by_day = own_last_on
            if is_milder:
                by_day = max(own_last_on, *[company.day(fact["cleared_at"]) for fact in facts]) + more
                by_day = by_day if by_day < company.today else OPEN
            for copy in copies[store_id,]:
                if copy["is_unclear"] or copy["is_lost"] or not copy["data_at"]:
                    states |= {"copy_unclear"} if copy["gone_on"] > by_day else set()
                elif stores[0]["created_at"] <= copy["data_at"] <= emptied_at:
                    states.add("gone")
                    states |= {"held_over"} if copy["gone_on"] > own_last_on + more else set()
                    if copy["gone_on"] > by_day:
                        # a hold that came when the copy should have been gone by its own days cures nothing
                        sound = [hold for hold in copy["held_by"] if not hold["is_unclear"] and hold["from"] <= copy["moved_on"]]
                        if copy["gone_on"] <= last_day(by_day, 0, sound):
                            states.add("held")
                        elif copy["gone_on"] <= last_day(by_day, 0, [hold for hold in copy["held_by"] if hold["from"] <= copy["possible_on"]]):
                            states.add("hold_unclear")
                        else:
                            states.add("remains" if copy["gone_on"] == OPEN else "late")
        if not are_good or last_on >= company.today or ended_on <= last_on:
            continue
        ranks = ("remains", "late", "copy_unclear", "hold_unclear", "held", *["held_over"] * is_milder, "gone")
        reason = "contradiction" if is_unclear else next((name for name in ranks if name in states), "never_copied")
        outcomes = {"gone": "pass", "never_copied": "pass", "late": "exception", "remains": "exception", "held": "deferred", "held_over": "deferred"}
        found[item] = (outcomes.get(reason, "unknown"), reason)
    return found
