"""Each staff detection gives what a plain, quadratic reference gives, on one store of 10,000 people in small random worlds."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from staff_worlds import GROUP, PEOPLE, SMALL, fill, found, world

EVER = datetime(9999, 1, 1, tzinfo=UTC)
LOG_ACTIONS = ("log_disable", "log_delete", "log_rule_change")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def worlds():
    return [world(number) for number in range(PEOPLE // GROUP)]


@pytest.fixture(scope="module")
def filled(worlds):
    return fill(worlds)


def agree(worlds, filled, control, reference, outcomes):
    """Control and reference say the same of the same items, and every reason occurs often enough to mean something."""
    expected = {item: (outcomes[reason], reason) for one in worlds for item, reason in reference(one).items()}
    result = found(filled, control)
    unlike = {item: (expected.get(item), result.get(item)) for item in expected.keys() | result.keys() if expected.get(item) != result.get(item)}
    assert dict(sorted(unlike.items())[:5]) == {}
    counted = Counter(reason for _, reason in expected.values())
    assert set(counted) == set(outcomes)
    assert min(counted.values()) >= 5, counted


def worst(items, ranks):
    """Per item the reason that stands first in the ranks."""
    reasons = defaultdict(list)
    for item, reason in items:
        reasons[item].append(reason)
    return {item: min(given, key=ranks.index) for item, given in reasons.items()}


def holders(one):
    """Person of ours by login."""
    return {login: person for person in one["people"] if person["kind"] != "service" for login in person["user_ids"]}


def is_access(event):
    return (
        event["event_dataset"] == "staff"
        and event["event_action"] not in ("right_grant", *LOG_ACTIONS)
        and (event["account_id"] is not None or event["event_action"] != "view_metadata")
    )


def work(one):
    """Successes of people of ours in staff and sign-in logs, each with its person."""
    known = holders(one)
    return [
        event | {"person": known[event["user_id"]]}
        for event in one["access_events"]
        if event["user_id"] in known and event["user_kind"] == "staff" and event["event_outcome"] == "success" and event["event_dataset"] in ("staff", "auth")
    ]


def utc_day(event):
    return event["event_time"].date()


def zone(person, day):
    """The zone of the job in force on the day, if it is known."""
    if person["time_zone"] in (None, "Mars/Olympus") or (person["started_on"] or date.min) > day:
        return None
    return ZoneInfo(person["time_zone"])


def ends(permit):
    return min(permit["valid_to_at"], permit["revoked_at"] or EVER)


def is_approved(permit):
    return permit["approved_by_person_id"] not in (None, permit["person_id"])


def test_outside_the_job(worlds, filled):
    """DET-08: successes before the first day, attempts outside the job."""

    def reference(one):
        items = []
        for event in one["access_events"]:
            person = holders(one).get(event["user_id"])
            if not person:
                continue
            at, known, first, last = event["event_time"], zone(person, date.max), person["started_on"], person["ended_on"]

            def midnight(day, hours, known=known):  # where the zone is not known: that many hours from midnight UTC
                return datetime.combine(day, time(), known) if known else datetime.combine(day, time(), UTC) + timedelta(hours=hours)

            is_success, is_contradictory = event["event_outcome"] == "success", bool(first and last and last < first)
            if first is None or (at < midnight(first, 12) and (is_contradictory or at >= midnight(first, -14))):
                reason = "first_day_unclear"
            elif at < midnight(first, -14):
                reason = "before_first_day" if is_success else "tried_before"
            elif not is_success and last and not is_contradictory and at >= midnight(last + DAY, -14):
                reason = "tried_after"
            else:
                reason = "in_the_job"
            items.append((f"{event['user_id']} / {utc_day(event)}", reason))
        return worst(items, ["before_first_day", "first_day_unclear", "tried_after", "tried_before", "in_the_job"])

    outcomes = {"in_the_job": "pass", "before_first_day": "exception", "tried_before": "manual", "tried_after": "manual", "first_day_unclear": "unknown"}
    agree(worlds, filled, "DET-08", reference, outcomes)


def test_working_pattern(worlds, filled):
    """DET-09: the same time of day, round midnight, on enough days of the same kind before."""

    def reference(one):
        items, rows = [], work(one)
        for event in rows:
            known = zone(event["person"], utc_day(event))
            event["local"] = known and event["event_time"].astimezone(known)
        for event in rows:
            if not is_access(event):
                continue
            local, earlier = event["local"], []
            if local:
                since = local.date() - SMALL["pattern_span_days"] * DAY
                earlier = [
                    other["local"] for other in rows if other["person"] is event["person"] and other["local"] and since <= other["local"].date() < local.date()
                ]
            alike = {
                other.date()
                for other in earlier
                if (other.isoweekday() > 5) == (local.isoweekday() > 5) and min(apart := abs(clock(other) - clock(local)), DAY - apart) <= HOUR
            }
            ordinary = {other.date() for other in earlier if is_ordinary(other)}
            duties = {permit["case_id"] for permit in one["access_grants"] if permit["person_id"] == event["person"]["person_id"]}
            is_on_call = any(
                case["kind"] == "incident" and case["case_id"] in duties and case["opened_at"] <= event["event_time"] < (case["closed_at"] or EVER)
                for case in one["cases"]
            )
            if not local:
                reason = "zone_unknown"
            elif len(alike) >= SMALL["pattern_usual_days"] or (is_ordinary(local) and len(ordinary) >= SMALL["pattern_usual_days"]):
                reason = "usual"
            elif is_on_call:
                reason = "on_call"
            elif len({other.date() for other in earlier}) >= SMALL["pattern_active_days"]:
                reason = "outside_pattern"
            else:
                reason = "ordinary_hours" if is_ordinary(local) else "short_baseline"
            items.append((f"{event['person']['person_id']} / {utc_day(event)}", reason))
        return worst(items, ["outside_pattern", "short_baseline", "zone_unknown", "on_call", "ordinary_hours", "usual"])

    outcomes = dict.fromkeys(("usual", "ordinary_hours", "on_call"), "pass") | {
        "outside_pattern": "manual",
        "short_baseline": "unknown",
        "zone_unknown": "unknown",
    }
    agree(worlds, filled, "DET-09", reference, outcomes)


def is_ordinary(local):
    return local.isoweekday() < 6 and 6 <= local.hour < 18


def clock(local):
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)


def by_person(rows):
    groups = defaultdict(list)
    for event in rows:
        groups[event["person"]["person_id"]].append(event)
    return groups


def test_many_accounts(worlds, filled):
    """DET-10: accounts in a sliding day, against what 95 % of the peers' days stayed within."""

    def reference(one):
        items, people = {}, by_person([event for event in work(one) if is_access(event) and event["account_id"]])
        for name, rows in people.items():
            for event in rows:
                event["is_covered"] = any(
                    permit["person_id"] == name
                    and permit["account_id"] is None
                    and is_approved(permit)
                    and permit["valid_from_at"] <= event["event_time"] < ends(permit)
                    for permit in one["access_grants"]
                )

        def counted(rows):
            return len({event["account_id"] for event in rows if not event["is_covered"]})

        daily = {(name, day): counted([event for event in rows if utc_day(event) == day]) for name, rows in people.items() for day in map(utc_day, rows)}

        def has_title(name, day):
            return (people[name][0]["person"]["started_on"] or date.min) <= day

        for name, day in daily:
            recent = [
                [other for other in people[name] if event["event_time"] - DAY <= other["event_time"] <= event["event_time"]]
                for event in people[name]
                if utc_day(event) == day
            ]
            full = [window for window in recent if len({event["account_id"] for event in window}) >= SMALL["many_accounts_floor"]]
            accounts = max(map(counted, full), default=None)
            peers = [
                (peer, count)
                for (peer, at), count in daily.items()
                if peer != name and has_title(peer, at) and has_title(name, day) and day - SMALL["peer_span_days"] * DAY <= at < day
            ]
            if accounts is None:
                reason = "few_accounts"
            elif accounts < SMALL["many_accounts_floor"]:
                reason = "one_grant"
            elif len({peer for peer, _ in peers}) >= SMALL["peer_count"] and len(peers) >= SMALL["peer_days"]:
                counts = sorted(count for _, count in peers)
                yardstick = counts[ceil(0.95 * len(counts)) - 1]
                reason = "many_accounts" if accounts > SMALL["many_accounts_factor"] * yardstick else "like_peers"
            else:
                reason = "no_yardstick"
            items[f"{name} / {day}"] = reason
        return items

    outcomes = dict.fromkeys(("few_accounts", "like_peers", "one_grant"), "pass") | {"many_accounts": "manual", "no_yardstick": "unknown"}
    agree(worlds, filled, "DET-10", reference, outcomes)


def test_many_records(worlds, filled):
    """DET-11: records in a sliding day, against the own busiest day before."""

    def reference(one):
        items = {}
        for name, rows in by_person([event for event in work(one) if is_access(event)]).items():
            for event in rows:
                event["is_named"] = any(
                    permit["person_id"] == name
                    and event["event_action"] in (permit["actions"] or ())
                    and permit["account_id"] in (None, event["account_id"])
                    and is_approved(permit)
                    and permit["valid_from_at"] <= event["event_time"] < ends(permit)
                    for permit in one["access_grants"]
                )
                event["records"] = 0 if event["is_named"] else event["record_count"] or 0
            days = {day: sum(event["records"] for event in rows if utc_day(event) == day) for day in map(utc_day, rows)}
            for day in days:
                today = [event for event in rows if utc_day(event) == day]
                recent = [[other for other in rows if event["event_time"] - DAY <= other["event_time"] <= event["event_time"]] for event in today]
                full = [window for window in recent if sum(other["record_count"] or 0 for other in window) >= SMALL["many_records_floor"]]
                records = max((sum(other["records"] for other in window) for window in full), default=None)
                before = [count for other, count in days.items() if day - SMALL["records_span_days"] * DAY <= other < day]
                is_many = records is not None and records >= SMALL["many_records_floor"]
                if is_many and len(before) >= SMALL["records_active_days"] and records > SMALL["many_records_factor"] * max(before):
                    reason = "many_records"
                elif any(event["event_action"] == "export" and event["record_count"] is None for event in today):
                    reason = "uncounted"
                elif is_many:
                    reason = "like_before" if len(before) >= SMALL["records_active_days"] else "short_baseline"
                else:
                    reason = "few_records" if records is None else "named_export"
                items[f"{name} / {day}"] = reason
        return items

    outcomes = dict.fromkeys(("few_records", "like_before", "named_export"), "pass") | {
        "many_records": "manual",
        "short_baseline": "unknown",
        "uncounted": "unknown",
    }
    agree(worlds, filled, "DET-11", reference, outcomes)
