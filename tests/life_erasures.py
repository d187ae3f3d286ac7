"""Random requests for erasure and their reference, from the words of the readings and of DSR-03's header, without SQL.

Each day is asked from the last day on: may rows of the person be in this store today, and are they? Not generated, since no reading
settles them: two rows with one request's id; two steps at one place; a purge that found nothing although rows had been left or
seen before it; a vendor whose contract follows the request twice.
"""

import random
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from life_days import DAY, EVER, OPEN, end_of, grouped, holds, last_day
from life_worlds import DAYS as LOOKS
from life_worlds import SECOND, Company, hold

REQUESTS = 100
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
REGIONS = ("EEA", "UK", "CH", "US-CA", "US", "other", "unknown")
GROUNDS = ("legal_obligation", "legal_claims", "public_interest", "free_expression", "security", "backup_until_next_use", "no_data_held")
PERSONAL, UNLISTED, LIST = {"content", "profile"}, "gossip", "list"
STORES = {
    "db": ["content"],
    "wide": ["content", "profile"],
    "mixed": ["content", "weather"],
    "odd": ["gossip"],
    "hashes": ["list"],
    "both": ["list", "content"],
    "dull": ["weather"],
}


def found_company(company: Company) -> None:
    """The classes, stores, vendors, backups, restores and holds that all requests of a company share."""
    draw = company.draw
    for class_id, kind, is_personal in (
        ("content", "account_content", True),
        ("profile", "profile", True),
        ("weather", "other", False),
        ("list", "suppression_list", True),
    ):
        company.add("data_classes", data_class_id=class_id, kind=kind, is_personal=is_personal)
    change = company.moment(company.today - timedelta(draw.randint(0, 150)))
    for name, classes in STORES.items():
        if name in ("db", "wide") or draw.random() < 0.5:
            spans = draw.choice(
                ([(BEGIN, None)],) * 12 + ([(BEGIN, change)], [(change, None)], [(BEGIN, change), (change, None)], [(BEGIN, None), (change, None)])
            )
            for since, until in spans:
                company.add("stores", store_id=name, data_class_ids=classes, is_in_purge_scope=True, valid_from_at=since, valid_to_at=until)
    for name in ("hashes", "both"):
        for _ in range(draw.choice((0, 1, 1, 1, 2))):
            form, category = (
                draw.choice(("salted_hash",) * 4 + ("hashed", "plain", None)),
                draw.choice(("user.contact.email", "user.name", "system.operations", None)),
            )
            company.add("data_fields", store_id=name, data_class_id="list", value_form=form, data_category=category, first_seen_at=BEGIN)
    for name in ("v1", "v2", "v3", "v4"):
        roles = draw.choice(
            (
                ["processor"],
                ["processor"],
                ["sub_vendor"],
                ["third_party"],
                ["processor", "third_party"],
                ["third_party", "processor"],
                ["partner"] if draw.random() < 0.3 else ["processor"],
                [] if draw.random() < 0.3 else ["sub_vendor"],
            )
        )
        for place, role in enumerate(roles):
            company.add("vendors", vendor_id=name, role=role, valid_from_at=change if place else BEGIN)
        for _ in range(draw.choice((0, 1, 1, 2))):
            company.add(
                "vendor_flows", vendor_flow_id=f"f{len(company.rows['vendor_flows'])}", vendor_id=name, is_personal=draw.choice((True, True, False, None)),
                data_class_ids=draw.choice((["content"], ["weather"], ["gossip"], ["weather", "gossip"], ["weather", "content"])),
                first_seen_at=draw.choice((BEGIN, BEGIN, company.moment(company.today - timedelta(draw.randint(0, 150))))), last_seen_at=company.as_of,
            )  # fmt: skip
    for number in range(draw.choice((0, 0, 2, 4))):
        taken = company.past(company.today - timedelta(draw.randint(0, 200)))
        company.add("backups", backup_id=f"b{number}", store_id=draw.choice(("db", "wide")), kind="scheduled", taken_at=None if draw.random() < 0.05 else taken)
    for number in range(draw.choice((0, 1, 2)) if company.rows["backups"] else 0):
        company.add(
            "restores", restore_id=f"s{number}", backup_id=draw.choice(("b0", "b1", "b1", "lost")), target_store_id=draw.choice(("db", "db", "wide", "elsewhere")),
            account_id=draw.choice((None, None, "a1", "a2")), purpose=draw.choice(("recovery", "recovery", "test", "maintenance", "disclosure", "commercial")),
            started_at=company.moment(company.today - timedelta(draw.randint(-1, 120))),
        )  # fmt: skip
    if draw.random() < 0.2:
        hold(company, [company.today - timedelta(draw.randint(0, 150))], store_id=draw.choice((None, "db", "wide")))


def begin(number: int) -> Company:
    """A company with its zone, parameters, stores and vendors, and no request."""
    draw = random.Random(number)
    zone = ZoneInfo(draw.choice(("UTC", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Europe/London")))
    as_of = datetime.combine(draw.choice((*LOOKS, date(2027, 5, 10))), draw.choice((time(0), time(3), time(12), time(23, 59))), UTC)
    settings = {
        "company_time_zone": zone.key, "hold_grace_days": draw.choice((None, 0, 10)), "clock_policy": draw.choice(("strictest", "by_law")),
        "vendor_confirmation_days": draw.choice((None, 10)), "backup_days": 30,
    }  # fmt: skip
    company = Company(number, draw, zone, as_of, settings)
    found_company(company)
    return company


def ask(company: Company, number: int) -> None:
    """One request with its steps, holds, purges and counts."""
    draw, name, person_id, account_id = company.draw, f"r{company.number}-{number}", None, None
    shape = draw.random()
    if shape < 0.8:
        person_id = f"p{number}"
    if shape > 0.6:
        account_id = draw.choice((f"a{number}", f"a{number}", "a1"))
    received = draw.choice(
        (company.today - timedelta(draw.randint(0, 200)), date(company.today.year, 1, 31), date(company.today.year, 1, 30), company.today - timedelta(30))
    )
    received_at = company.past(received)
    row = {
        "privacy_request_id": name, "person_id": person_id, "account_id": account_id, "jurisdiction": draw.choice(REGIONS), "received_at": received_at,
        "kind": "know" if draw.random() < 0.02 else "delete", "outcome": draw.choice(("fulfilled",) * 6 + ("partly_fulfilled", None, "denied", "withdrawn")),
        "subject_time_zone": draw.choice((None, None, "America/Los_Angeles", "Pacific/Auckland", "Europe/Paris")), "extended_at": None, "extension_reason": None,
        "responded_at": None,
    }  # fmt: skip
    clock = clocks(company, row)
    days = [clock["base_on"], clock["due_on"], clock["law_due_on"]]
    if draw.random() < 0.3:
        row |= {
            "extended_at": max(received_at, company.moment(company.near(days, 10))),
            "extension_reason": draw.choice(("complex", "complex", "complex", None, " ")),
        }
        clock = clocks(company, row)
        days += [clock["due_on"]] * 3 + [clock["longest_on"]]
    days += [clock["due_on"] + timedelta(draw.choice((1, 2, 3)))]
    fault = draw.random()
    if fault < 0.03:
        row |= draw.choice((
            {"received_at": None}, {"jurisdiction": "Mars"}, {"kind": "erase"}, {"outcome": "done"}, {"person_id": None, "account_id": None},
            {"responded_at": received_at - SECOND}, {"extended_at": received_at - SECOND}, {"subject_time_zone": "Mars/Base"},
        ))  # fmt: skip
    company.add("privacy_requests", **row)
    stores = sorted({one["store_id"] for one in company.rows["stores"]})
    for _ in range(draw.choice((0, 0, 0, 1, 1, 2, 3))):
        names = (
            {"person_id": person_id, "account_id": draw.choice((None, account_id, "a9"))}
            if person_id and (draw.random() < 0.8 or not account_id)
            else {"account_id": account_id or "a9"}
        )
        hold(company, days, store_id=draw.choice((None, None, *stores)), backup_id="b0" if draw.random() < 0.03 else None, **names)
        until = company.rows["legal_holds"][-1]["valid_to_at"]
        days += [company.day(until) + timedelta(company.settings["hold_grace_days"] or 0)] * 3 if until else []
    for store_id in stores:
        _step(company, name, days, received_at, store_id=store_id)
        if draw.random() < 0.85:
            _erase(company, name, days, received_at, store_id, person_id, account_id)
    for vendor_id in ("v1", "v2", "v3", "v4"):
        _step(company, name, days, received_at, vendor_id=vendor_id, often=0.6)
    if draw.random() < 0.02:
        _step(company, name, days, received_at, often=1, **draw.choice(({"store_id": "lost"}, {"vendor_id": "lost"})))


def _step(company: Company, name: str, days: list[date], received_at: datetime, often: float = 0.15, **place) -> None:
    """The step that the register has for a place."""
    draw = company.draw
    if draw.random() > often:
        return
    told = max(received_at, company.past(draw.choice((company.day(received_at) + DAY, company.near(days)))))
    if told >= company.as_of:
        told = received_at
    done = draw.choice(
        (
            None,
            told,
            max(told, company.past(company.day(told) + timedelta(company.settings["vendor_confirmation_days"] or 5))),
            max(told, company.past(company.near(days))),
        )
    )
    if draw.random() < 0.01:
        told = received_at - SECOND
    company.add(
        "request_actions", request_action_id=f"{name}/{len(company.rows['request_actions'])}", privacy_request_id=name, action=draw.choice(("delete",) * 9 + ("correct",)),
        instructed_at=None if draw.random() < 0.1 else told, done_at=done, is_still_done=draw.choice((None, None, None, True, True, True, True, False)) if done else None,
        exemption=draw.choice(GROUNDS + ("laziness",) * (draw.random() < 0.1)) if draw.random() < (0.25 if "store_id" in place else 0.05) else None, **place,
    )  # fmt: skip


def _erase(company: Company, name: str, days: list[date], received_at: datetime, store_id: str, person_id: str | None, account_id: str | None) -> None:
    """Purges and counts of a place, partial, repeated, complete, uncounted."""
    draw, classes = company.draw, [one for one in STORES[store_id] if one not in ("weather", LIST)]
    own, early = [], [company.day(received_at) + timedelta(draw.randint(0, 20))]
    names = [{"person_id": person_id, "account_id": None}, {"person_id": None, "account_id": account_id}]
    names = [one for one in names if any(one.values())] or [{"person_id": None, "account_id": "a9"}]
    for turn in range(draw.choice((1, 1, 1, 2, 2, 3))):
        whom = draw.choice(names)
        if draw.random() < 0.06:
            whom = draw.choice(({"person_id": person_id, "account_id": account_id or "a9"}, {"person_id": person_id or "p?", "account_id": "a9"}))
        elif draw.random() < (0.02 if company.number % 4 == 0 else 0):
            whom = {"person_id": None, "account_id": None}
        at = company.moment(company.near(early if turn == 0 and draw.random() < 0.5 else days))
        own.append(company.add(
            "purges", purge_id=f"u{len(company.rows['purges']) - (draw.random() < 0.004 and turn > 0):06}", store_id=store_id,
            data_class_id=draw.choice((None, None, None, *classes)) if turn or draw.random() < 0.2 else None,
            reason="restore" if turn and draw.random() < 0.3 else "erasure_request", privacy_request_id=name, restore_id="s0",
            method="erase" if draw.random() < 0.95 else draw.choice(("deidentify", "aggregate", "shred")), purged_at=at,
            rows_before=draw.choice((10, 10, 10, None, *[0] * (turn > 0))), rows_remaining=draw.choice((0,) * 8 + (None, None, 3)), **whom,
        ))  # fmt: skip
    seen = []
    for _ in range(draw.choice((0, 0, 0, 0, 1, 2)) if company.number % 2 else 0):
        whom = draw.choice((*names, {"person_id": person_id, "account_id": "a9"}, {"person_id": "p?", "account_id": account_id or "a9"}))
        seen.append(company.add(
            "row_counts", store_id=store_id, data_class_id=draw.choice((None, *classes)), data_from_on=draw.choice((None, None, company.near(days))), data_to_on=None,
            address_form="any" if draw.random() < 0.9 else "full", row_count=draw.choice((0, 0, 4)), counted_at=company.past(company.near(days)), **whom,
        ))  # fmt: skip
    if any(row["rows_remaining"] for row in own) or any(row["row_count"] for row in seen):
        for row in own:
            row["rows_before"] = row["rows_before"] or (10 if row["rows_before"] == 0 else None)


def months(day: date, number: int) -> date:
    """The same date some months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def clocks(company: Company, row: dict) -> dict:
    """The days of a request: received, base, longest and due, and due by the law of the person's own region."""
    own = company.day(row["received_at"])
    zone = row["subject_time_zone"]
    received = min(own, row["received_at"].astimezone(ZoneInfo(zone)).date()) if zone and zone != "Mars/Base" else own
    month, swiss = months(received, 1), received + timedelta(30)
    law = {"EEA": month, "UK": month, "CH": swiss, "US-CA": received + timedelta(45)}
    longer = {"EEA": months(received, 3), "UK": months(received, 3), "CH": swiss, "US-CA": received + timedelta(90)}
    strict = min(law.values())
    strict_longest = strict if row["jurisdiction"] == "CH" else min(longer["EEA"], longer["US-CA"])
    extended = company.day(row["extended_at"]) if row["extended_at"] else None
    is_reasoned = bool((row["extension_reason"] or "").strip())

    def due(base: date, longest: date) -> date:
        return longest if extended and extended <= base and is_reasoned else base

    law_on, law_longest = law.get(row["jurisdiction"], strict), longer.get(row["jurisdiction"], strict_longest)
    base, longest = (law_on, law_longest) if company.settings["clock_policy"] == "by_law" else (strict, strict_longest)
    return {
        "received_on": received,
        "base_on": base,
        "longest_on": longest,
        "due_on": due(base, longest),
        "law_due_on": due(law_on, law_longest),
        "extended_on": extended,
    }


def is_odd(row: dict) -> bool:
    """Whether a request contradicts itself or holds a code that nobody knows."""
    at = row["received_at"]
    return (
        row["jurisdiction"] not in REGIONS or row["kind"] != "delete" or row["outcome"] not in (None, "fulfilled", "partly_fulfilled")
        or not (row["person_id"] or row["account_id"]) or (at and row["subject_time_zone"] == "Mars/Base")
        or bool(at and row["responded_at"] and row["responded_at"] < at) or bool(at and row["extended_at"] and row["extended_at"] < at)
    )  # fmt: skip


def covers(one: dict, row: dict, store_id: str | None) -> bool:
    """Whether a hold keeps what a request asks to erase in a place: of the person, of the whole account, or of everybody."""
    if one.get("backup_id") or one.get("store_id") not in (None, store_id):
        return False
    if one.get("person_id") and one["person_id"] != row["person_id"]:
        return False
    return not one.get("account_id") or one["account_id"] == row["account_id"] or bool(one.get("person_id") and not row["account_id"])


def gone(company: Company, row: dict, days: list[date], after: list[str], remaining: set[str]) -> date | None:
    """The day from whose end on no rows were there; None while some are."""
    gone_on, day = None, company.day(row["received_at"])
    while day <= company.today:
        done = [state for state, on in zip(after, days, strict=True) if on <= day]
        was_there = any(state in remaining for state, on in zip(after, days, strict=True) if on == day)
        gone_on = None if not done or done[-1] in remaining else day if was_there else gone_on or day
        day += DAY
    return gone_on


def erased(company: Company, row: dict, clock: dict, moved_on: date, store_id: str, class_id: str, tables: dict) -> dict:
    """What became of the rows of one class in one store: the days are walked from the receipt on."""
    whose = [
        purge | ({} if purge["person_id"] or purge["account_id"] else {"rows_before": None, "rows_remaining": 0 if purge["rows_remaining"] == 0 else None})
        for purge in tables["purges"][store_id,]
        if row["received_at"] <= purge["purged_at"] < company.as_of and purge["data_class_id"] in (None, class_id)
        and (purge["person_id"] or row["person_id"]) == row["person_id"]
        and (purge["account_id"] in (None, row["account_id"]) if purge["person_id"] else not purge["account_id"] or purge["account_id"] == row["account_id"])
    ]  # fmt: skip
    own = sorted(whose, key=lambda purge: (purge["purged_at"], purge["purge_id"]))
    counts = [one for one in tables["row_counts"][store_id,] if one["data_class_id"] in (None, class_id)]
    seen = [
        one["counted_at"] for one in counts
        if one["row_count"] > 0 and (not one["data_from_on"] or one["data_from_on"] <= clock["due_on"])
        and (one["person_id"] == row["person_id"] and one["account_id"] in (None, row["account_id"]) if row["person_id"] else one["account_id"] == row["account_id"])
    ]  # fmt: skip
    days = [company.day(purge["purged_at"]) for purge in own]
    after = []
    for place, purge in enumerate(own):
        later = own[place + 1] if place + 1 < len(own) else None
        was_seen = any(purge["purged_at"] < at <= (later["purged_at"] if later else EVER) for at in seen)
        is_repeated = bool(later) and later["reason"] == "restore"  # what is there came by the restore
        was_repeat = is_repeated and purge["reason"] == "restore" and days[place] > moved_on
        state = "gone"
        if (purge["rows_remaining"] and not was_repeat) or (not is_repeated and (was_seen or (later and later["rows_before"]))):
            state = "there"
        elif later and later["rows_before"] != 0 and days[place + 1] <= moved_on:
            state = "there"  # perhaps: nobody counted, or a restore brought them while they might be there
        elif later and not is_repeated and later["rows_before"] is None and days[place] > moved_on:
            state = "perhaps"
        after.append(state)
    gone_on = gone(company, row, days, after, {"there"})
    if gone_on and gone_on > moved_on:
        gone_on = gone(company, row, days, after, {"there", "perhaps"})
    did = [purge for purge, on in zip(own, days, strict=True) if on <= moved_on or purge["reason"] == "restore"] if days and days[0] <= moved_on else []
    repeated = tables["repeated"]
    return {
        "is_purged": bool(own), "gone_on": gone_on, "is_seen": any(at >= end_of(company, moved_on) for at in seen) if moved_on < OPEN else False,
        "is_found": any(purge["rows_before"] or purge["rows_remaining"] for purge in own),
        "is_odd": any(purge["purge_id"] in repeated or purge["method"] not in ("erase", "deidentify", "aggregate") for purge in own),
        "is_erased": bool(did) and did[-1]["method"] == "erase",
        "is_counted": bool(did) and (did[-1]["rows_remaining"] is not None or any(
            did[-1]["purged_at"] < one["counted_at"] and not one["data_from_on"] and one["address_form"] == "any"
            and (one["person_id"] if row["person_id"] else one["account_id"] and not one["person_id"])
            for one in counts
        )),
        "purged_at": [(purge["purged_at"], purge["rows_before"]) for purge in own],
    }  # fmt: skip


def came_back(company: Company, row: dict, step: dict, store_id: str, facts: list[dict], tables: dict) -> bool | None:
    """Whether a restore brought rows back, or used those that wait for it, without an erasure since: None, if only the age of its data is not known."""
    answers = set()
    for one in company.rows["restores"]:
        if (
            one["purpose"] in ("test", "maintenance")
            or one["started_at"] >= company.as_of
            or (one["account_id"] and row["account_id"] not in (None, one["account_id"]))
        ):
            continue
        (copy,) = tables["backups"][one["backup_id"],] or [None]
        for fact in facts:
            at = [moment for moment, _ in fact["purged_at"]]
            if at and at[-1] >= one["started_at"]:
                continue
            if step.get("exemption") == "backup_until_next_use":
                if copy and copy["store_id"] == store_id and one["started_at"] >= row["received_at"]:
                    answers.add(bool(copy["taken_at"]))
            elif at and one["target_store_id"] == store_id:
                emptied = max([moment for moment, before in fact["purged_at"] if before != 0], default=at[0])
                if not copy or not copy["taken_at"]:
                    answers.add(False)
                elif copy["taken_at"] < emptied:
                    answers.add(True)
    return True if True in answers else None if answers else False


def places(company: Company, row: dict, over_at: datetime, steps: dict) -> list[dict]:
    """Where a request must be carried out: stores, providers, and what no list has."""
    found, tables = (
        [],
        {name: grouped(company.rows[name], key) for name, key in (("stores", "store_id"), ("vendors", "vendor_id"), ("vendor_flows", "vendor_id"))},
    )
    for (store_id,), rows in tables["stores"].items():
        holding = set(rows[0]["data_class_ids"]) - {"weather"}
        on_day = [one for one in rows if one["valid_from_at"] < over_at <= (one["valid_to_at"] or EVER)]
        if holding and on_day:
            found.append(
                {
                    "store_id": store_id,
                    "classes": sorted(holding - {LIST}),
                    "has_list": LIST in holding,
                    "is_unclear": holding == {UNLISTED},
                    "is_odd": len(on_day) > 1,
                }
            )
    named = {step["vendor_id"] for step in steps.values() if step.get("vendor_id")}
    for vendor_id in sorted(named | {vendor for (vendor,) in tables["vendor_flows"]}):
        personal = [
            (flow["first_seen_at"], flow["is_personal"] if flow["is_personal"] is not None else True if PERSONAL & set(flow["data_class_ids"]) else False if set(flow["data_class_ids"]) == {"weather"} else None)
            for flow in tables["vendor_flows"][vendor_id,]
        ]  # fmt: skip
        flows = [is_personal for at, is_personal in personal if at < over_at and is_personal is not False]
        roles = [one for one in tables["vendors"][vendor_id,] if one["valid_from_at"] < over_at] or tables["vendors"][vendor_id,]
        if (flows or vendor_id in named) and (not roles or roles[-1]["role"] != "third_party"):
            found.append({
                "vendor_id": vendor_id, "is_unknown": not roles, "is_odd": bool(roles) and roles[-1]["role"] == "partner", "is_unclear": vendor_id not in named and True not in flows,
            })  # fmt: skip
    lost = {step["store_id"] for step in steps.values() if step.get("store_id")} - {store_id for (store_id,) in tables["stores"]}
    return found + [{"store_id": store_id, "is_unknown": True} for store_id in lost]


def requests(company: Company) -> dict[str, tuple]:
    """DSR-03: outcome and reason by item."""
    kept_by, found, names = holds(company), {}, [row["purge_id"] for row in company.rows["purges"]]
    tables = {
        "purges": grouped(company.rows["purges"], "store_id"),
        "row_counts": grouped(company.rows["row_counts"], "store_id"),
        "backups": grouped(company.rows["backups"], "backup_id"),
    }
    tables["repeated"] = {one for one, other in zip(sorted(names), sorted(names)[1:], strict=False) if one == other}
    fields, by_request = grouped(company.rows["data_fields"], "store_id"), grouped(company.rows["request_actions"], "privacy_request_id")
    hashed = {}
    for (store_id,), rows in fields.items():
        forms = [one["value_form"] for one in rows if (one["data_category"] or "user").startswith("user")]
        hashed[store_id] = False if any(form and form != "salted_hash" for form in forms) else None if not forms or None in forms else True
    for row in company.rows["privacy_requests"]:
        if row["kind"] == "know" or row["outcome"] in ("denied", "withdrawn"):
            continue
        steps = {step.get("store_id") or step.get("vendor_id"): step for step in by_request[row["privacy_request_id"],] if step["action"] == "delete"}
        clock = clocks(company, row) if row["received_at"] else None
        for place in places(company, row, end_of(company, clock["due_on"]) if clock else company.as_of, steps):
            name = place.get("store_id") or place["vendor_id"]
            judged = judge(company, row, clock, place, steps.get(name, {}), [one for one in kept_by if covers(one, row, place.get("store_id"))], hashed, tables)
            if judged:
                found[f"{row['privacy_request_id']} / {name}"] = judged
    return found


def judge(company: Company, row: dict, clock: dict | None, place: dict, step: dict, own: list[dict], hashed: dict, tables: dict) -> tuple | None:
    """Outcome and reason of one place of a request; None while its last day is not over."""
    told, done, store_id = step.get("instructed_at"), step.get("done_at"), place.get("store_id")
    told_on, done_on = told and company.day(told), done and company.day(done)
    confirm_on = None
    if clock:
        due_on, days = clock["due_on"], company.settings["vendor_confirmation_days"]
        if not store_id and told and told_on <= due_on and not step["exemption"] and days is not None:
            confirm_on = told_on + timedelta(days)
        if (confirm_on or due_on) >= company.today:
            return None
    if place.get("is_unknown"):
        return ("unknown", "place_unknown")
    if not clock:
        return ("unknown", "undated")
    moved_on = last_day(clock["received_on"], (due_on - clock["received_on"]).days, [one for one in own if not one["is_unclear"]])
    possible_on = last_day(clock["received_on"], (due_on - clock["received_on"]).days, own)
    facts = [erased(company, row, clock, moved_on, store_id, class_id, tables) for class_id in place.get("classes", ())] if store_id else []
    wrong = (
        bool(told and (told < row["received_at"] or (done and done < told))) or bool(done and done < row["received_at"]) or step.get("exemption") == "laziness"
    )
    if is_odd(row) or place["is_odd"] or wrong or any(fact["is_odd"] for fact in facts):
        return ("unknown", "contradiction")
    ground = step.get("exemption")
    if step.get("is_still_done") is False:
        return ("exception", "undone")
    if ground and ground not in ("no_data_held", "backup_until_next_use"):
        return ("pass", "exempt")
    back = came_back(company, row, step, store_id, facts, tables)
    if back is not False:
        return ("exception", "restored") if back else ("unknown", "restore_unclear")
    is_seen = any(fact["is_seen"] for fact in facts)
    if ground == "no_data_held" and not is_seen and not any(fact["is_found"] for fact in facts):
        return ("pass", "none_held")
    if ground == "backup_until_next_use":
        return ("pass", "exempt")
    if place.get("has_list") and hashed.get(store_id) is not True:
        return ("exception", "list_not_hashed") if hashed.get(store_id) is False else ("unknown", "list_unclear")
    if place.get("has_list") and not place["classes"]:
        return ("pass", "hashed_list")
    gone_on = max(fact["gone_on"] or OPEN for fact in facts) if store_id else told_on or done_on or OPEN
    gone_on = None if gone_on == OPEN else gone_on
    is_for_good = bool(gone_on and (not store_id or gone_on <= moved_on))
    if store_id and is_for_good and not all(fact["is_erased"] for fact in facts):
        return ("manual", "not_erased")
    if is_for_good and gone_on <= due_on:
        if store_id:
            return ("pass", "erased") if all(fact["is_counted"] for fact in facts) else ("unknown", "not_counted")
        if done_on:
            return ("exception", "confirmed_late") if confirm_on and done_on > confirm_on else ("pass", "confirmed")
        return ("exception", "unconfirmed") if confirm_on else ("pass", "told")
    if gone_on and gone_on <= moved_on:
        return ("deferred", "held_over")
    if moved_on >= company.today:
        return ("deferred", "held")
    if (gone_on or company.today) <= possible_on:
        return ("unknown", "hold_unclear")
    if not gone_on:
        if is_seen or (facts and all(fact["is_purged"] for fact in facts)):
            return ("exception", "residue")
        if place["is_unclear"]:
            return ("unknown", "place_unclear")
        return ("exception", "unproven" if done_on else "overdue") if store_id else ("exception", "not_told")
    if clock["extended_on"] and gone_on <= clock["longest_on"]:
        return ("exception", "extension_invalid")
    monday = due_on + timedelta(7 - due_on.weekday())
    is_forgiven = due_on.weekday() >= 5 and gone_on <= monday and row["jurisdiction"] in ("EEA", "UK")
    return ("exception", "next_working_day" if is_forgiven else "late")
