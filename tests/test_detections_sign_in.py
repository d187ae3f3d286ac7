"""Each sign-in detection gives what a plain, quadratic reference gives, on one store of 10,000 small random worlds."""

import itertools
from collections import Counter
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

import pytest
from judging import grouped
from sign_in_worlds import SMALL, USERS, arrival, day, fill, found, sign_ins, worlds

NEIGHBORS = {("FR", "GB"), ("DE", "FR"), ("DE", "DK")}


@pytest.fixture(scope="module")
def given():
    events, addresses, ages = worlds()
    return events, addresses, ages, fill(events, addresses, ages)


def agree(expected: dict[str, tuple], result: dict[str, tuple], *reasons: str) -> None:
    """The two say the same of the same items, and every reason occurs often enough to mean something."""
    unlike = {item: (expected.get(item), result.get(item)) for item in expected.keys() | result.keys() if expected.get(item) != result.get(item)}
    assert dict(sorted(unlike.items())[:5]) == {}
    counted = Counter(reason for _, reason, *_ in expected.values())
    assert set(counted) == set(reasons)
    assert min(counted.values()) >= 5, counted


def test_guessing(given):
    """DET-01: failures in the window before a success, in order of arrival."""
    window, expected = timedelta(minutes=SMALL["guess_minutes"]), {}
    for (user,), attempts in grouped(sign_ins(given[0]), "user_id").items():
        for event in attempts:
            before = [one for one in attempts if arrival(one) < arrival(event) and event["event_time"] - one["event_time"] <= window]
            failures = sum(one["event_outcome"] == "failure" for one in before)
            possible = sum(one["event_outcome"] != "success" for one in before)
            reason = "no_burst"
            if event["event_outcome"] == "success" and failures >= SMALL["guess_failures"]:
                reason = "after_guesses"
            elif event["event_outcome"] != "failure" and possible >= SMALL["guess_failures"]:
                reason = "unclear"
            item = f"{user} / {day(event)}"
            ranks = ("no_burst", "unclear", "after_guesses")
            expected[item] = max(expected.get(item, "no_burst"), reason, key=ranks.index)
    outcomes = {"no_burst": "pass", "unclear": "unknown", "after_guesses": "manual"}
    agree({item: (outcomes[reason], reason) for item, reason in expected.items()}, found(given[3], "DET-01"), *outcomes)


def kilometers(one: tuple, other: tuple) -> float:
    """Between the edges of two circles on the globe."""
    (north, east, radius), (north_2, east_2, radius_2) = one, other
    half = sin(radians(north_2 - north) / 2) ** 2 + cos(radians(north)) * cos(radians(north_2)) * sin(radians(east_2 - east) / 2) ** 2
    return max(0.0, 2 * 6371.0088 * asin(sqrt(min(1.0, half))) - radius - radius_2)


def test_travel(given):
    """DET-02: the speed between circles from one located sign-in to the next, else two countries within the time."""
    events, addresses = given[:2]
    known = [
        event | {"place": addresses[event["source_ip"]]["place"]} for event in sign_ins(events) if event["source_ip"] and event["event_outcome"] == "success"
    ]
    known = [event for event in known if event["place"][0]]
    expected = {f"{event['user_id']} / {day(event)}": "no_travel" for event in known}

    def lead(one, later, certain):
        pair = (one["place"], later["place"])
        reason = certain
        if certain == "two_countries" and tuple(sorted(place[0] for place in pair)) in NEIGHBORS:
            reason = "neighbors"
        if any(place[7] in ("anonymizer", "hosting") for place in pair):
            reason = "exit_network"
        if any(place[1] for place in pair):
            reason = "databases_differ"
        item = f"{later['user_id']} / {day(later)}"
        ranks = ("no_travel", "databases_differ", "exit_network", "neighbors", "too_fast", "two_countries")
        expected[item] = max(expected[item], reason, key=ranks.index)

    for own in grouped(known, "user_id").values():
        for later in own:
            for one in own:
                is_located = None not in (*one["place"][2:5], *later["place"][2:5])
                apart = later["event_time"] - one["event_time"]
                if timedelta(0) <= apart <= timedelta(minutes=SMALL["travel_minutes"]) and one["place"][0] != later["place"][0] and not is_located:
                    lead(one, later, "two_countries")
        located = sorted((event for event in own if None not in event["place"][2:5]), key=arrival)
        for one, later in itertools.pairwise(located):
            apart = kilometers(one["place"][2:5], later["place"][2:5])
            if apart >= 500 and apart > 1000 * ((later["event_time"] - one["event_time"]) / timedelta(hours=1)):
                lead(one, later, "too_fast")
    outcomes = {"no_travel": "pass", "too_fast": "exception", "two_countries": "exception"}
    agree(
        {item: (outcomes.get(reason, "manual"), reason) for item, reason in expected.items()}, found(given[3], "DET-02"),
        "no_travel", "databases_differ", "exit_network", "neighbors", "too_fast", "two_countries",
    )  # fmt: skip


def bursts(attempts: list[dict], name: str, window: timedelta, most: int) -> dict[str, tuple | None]:
    """Days on which attempts reach a number of users or addresses in the window: first and last failure; None: they may."""
    days = {}
    failures = [one for one in attempts if one["event_outcome"] == "failure"]
    for event in attempts:
        if event["event_outcome"] == "success":
            continue
        reach = [one for one in attempts if timedelta(0) <= event["event_time"] - one["event_time"] <= window and one["event_outcome"] != "success"]
        failed = [one for one in reach if one["event_outcome"] == "failure"]
        if len({one[name] for one in failed}) >= most:
            first, last = days.get(day(event)) or (None, None)
            start = min(one["event_time"] for one in failed)
            end = max((one["event_time"] for one in failures if one["event_time"] == event["event_time"]), default=None)
            days[day(event)] = (min(first or start, start), max(filter(None, (last, end)), default=None))
        elif len({one[name] for one in reach}) >= most:
            days.setdefault(day(event), None)
    return days


def test_spraying(given):
    """DET-03: users who failed from one address in the window, and what those did afterwards."""
    events, addresses = given[:2]
    window, expected = timedelta(minutes=SMALL["spray_minutes"]), {}
    for (address,), attempts in grouped([event for event in sign_ins(events) if event["source_ip"]], "source_ip").items():
        days = bursts(attempts, "user_id", window, SMALL["spray_users"])
        for event in attempts:
            if event["event_outcome"] == "success":
                continue
            item = f"{address} / {day(event)}"
            expected[item] = ("pass", "few_users", None, None)
            if day(event) not in days:
                continue
            expected[item] = ("unknown", "unclear", None, None)
            if not days[day(event)] or not days[day(event)][1]:
                continue
            first, last = days[day(event)]
            failures = [one for one in attempts if one["event_outcome"] == "failure" and first <= one["event_time"] <= last]
            users = {one["user_id"] for one in failures}
            in_time = [one for one in attempts if one["event_outcome"] == "success" and one["event_time"] <= last + window]
            hits = [
                user
                for user in users
                if any(
                    one["user_id"] == user and one["event_time"] >= failure["event_time"]
                    for one in in_time
                    for failure in failures
                    if failure["user_id"] == user
                )
            ]
            reason = "sprayed" if len(failures) <= SMALL["spray_tries"] * len(users) else "hammered"
            if hits:
                reason = "signed_in"
            if addresses[address]["is_office"] or addresses[address]["place"][7] in ("anonymizer", "hosting", "mobile"):
                reason = "shared_address"
            expected[item] = ("manual", reason, str(len(users)), str(len(failures)))
    agree(
        expected, found(given[3], "DET-03", "users", "tries"),
        "few_users", "unclear", "sprayed", "hammered", "signed_in", "shared_address",
    )  # fmt: skip


def test_spread_guessing(given):
    """DET-04: addresses from which one user failed in the window, and sign-ins afterwards."""
    events, addresses = given[:2]
    window, expected = timedelta(hours=SMALL["spread_hours"]), {}
    for (user,), attempts in grouped([event for event in sign_ins(events) if event["source_ip"]], "user_id").items():
        days = bursts(attempts, "source_ip", window, SMALL["spread_addresses"])
        for event in attempts:
            if event["event_outcome"] == "success":
                continue
            item = f"{user} / {day(event)}"
            expected[item] = ("pass", "few_addresses", None, None, None)
            if day(event) not in days:
                continue
            expected[item] = ("unknown", "unclear", None, None, None)
            if not days[day(event)] or not days[day(event)][1]:
                continue
            first, last = days[day(event)]
            failures = [one for one in attempts if one["event_outcome"] == "failure" and first <= one["event_time"] <= last]
            places = {one["source_ip"]: addresses[one["source_ip"]]["place"] for one in failures}
            operators = {place[5] or place[6] for place in places.values()}
            hits = sum(one["event_outcome"] == "success" and first <= one["event_time"] <= last + window for one in attempts)
            reason = "spread" if len(failures) <= SMALL["spread_tries"] * len(places) else "hammered"
            if hits:
                reason = "signed_in"
            if len(operators) == 1 and operators != {None}:
                reason = "one_network"
            expected[item] = ("manual", reason, str(len(places)), str(len(failures)), str(hits))
    agree(
        expected, found(given[3], "DET-04", "addresses", "tries", "signed_in"),
        "few_addresses", "unclear", "spread", "hammered", "signed_in", "one_network",
    )  # fmt: skip


def test_new_places(given):
    """DET-05: the first sign-in from a country or an operator's network, after a baseline."""
    events, addresses = given[:2]
    expected = {}
    ranks = ("known_place", "no_baseline", "own_network", "exit_network", "new_network", "databases_differ", "new_country")
    known = [event | addresses[event["source_ip"]] for event in sign_ins(events) if event["source_ip"] and event["event_outcome"] == "success"]
    for (user,), own in grouped([event for event in known if event["place"][0]], "user_id").items():
        for event in own:
            item = f"{user} / {day(event)}"
            expected.setdefault(item, "known_place")
            country, others, *_, number, operator, use = event["place"]
            before = [one for one in own if one["event_time"] < event["event_time"]]
            is_new = {"country": country not in {one["place"][0] for one in before}}
            network = f"AS{number}" if number else operator
            networks = {f"AS{one['place'][5]}" if one["place"][5] else one["place"][6] for one in before}
            is_new["network"] = bool(network) and network not in networks
            since = min(one["event_time"] for one in own)
            is_based = bool(before) and (len(before) >= SMALL["baseline_sign_ins"] or event["event_time"] - since >= timedelta(days=SMALL["baseline_days"]))
            for kind in ("country", "network"):
                if is_new[kind]:
                    reason = f"new_{kind}"
                    if others and kind == "country":
                        reason = "databases_differ"
                    if use in ("anonymizer", "hosting"):
                        reason = "exit_network"
                    if event["is_office"]:
                        reason = "own_network"
                    if not is_based:
                        reason = "no_baseline"
                    expected[item] = max(expected[item], reason, key=ranks.index)
    outcomes = {"known_place": "pass", "no_baseline": "unknown"}
    agree({item: (outcomes.get(reason, "manual"), reason) for item, reason in expected.items()}, found(given[3], "DET-05"), *ranks)


def test_dormant_logins(given):
    """DET-06: the first success of a login after long silence in all logs, or since its rights began."""
    events, _, ages, connection = given
    long, rule, expected = timedelta(days=SMALL["dormant_days"]), timedelta(days=SMALL["dormant_staff_days"]), {}
    reaches = min(event["event_time"] for event in events)
    persons = {f"u{number}": (f"u{number}.a",) for number in range(0, USERS, 5)} | {f"u{number}.a": (f"u{number}",) for number in range(0, USERS, 5)}
    active = grouped([event for event in events if event["event_outcome"] == "success"], "user_id")
    for (user,), own in grouped([event for event in sign_ins(events) if event["event_outcome"] == "success"], "user_id").items():
        for event in own:
            item, at = f"{user} / {day(event)}", event["event_time"]
            expected.setdefault(item, ("pass", "in_use", None))
            before = [one["event_time"] for one in active[user,] if one["event_time"] < at]
            since = max(before, default=None) or ages.get(user)
            reason = "returned" if before else "never_used"
            if since and at - since < long:
                continue
            if not before and at - reaches < long:
                reason = "log_too_short"
            elif not before and not since:
                reason = "age_unknown"
            others = [one["event_time"] for login in persons.get(user, ()) for one in active[login,] if one["event_time"] < at]
            if others and at - max(others) < long:
                reason = "person_active"
            is_ours = any(one["user_kind"] == "staff" for one in own if one["event_time"] == at)
            if reason in ("returned", "never_used", "person_active") and since and is_ours and at - since >= rule:
                reason = "not_disabled"
            outcomes = {"not_disabled": "exception", "returned": "manual", "never_used": "manual", "person_active": "pass"}
            expected[item] = (outcomes.get(reason, "unknown"), reason, str((at - since).days) if since else None)
    agree(
        expected,
        found(connection, "DET-06", "dormant_for"),
        "in_use",
        "person_active",
        "returned",
        "never_used",
        "not_disabled",
        "log_too_short",
        "age_unknown",
    )


def test_sessions(given):
    """DET-07: neighbors in one log of a session that differ in address and in program."""
    events, addresses, _, connection = given
    expected = {}
    full = [event for event in events if event["session_id"] and event["source_ip"] and event["user_agent"]]
    for (session,), own in grouped(full, "session_id").items():
        switches = []
        for of_log in grouped(own, "event_provider").values():
            ordered = sorted(of_log, key=arrival)
            switches += [(one, later) for one, later in itertools.pairwise(ordered)
                         if one["source_ip"] != later["source_ip"] and one["user_agent"] != later["user_agent"]]  # fmt: skip
        devices = [{event[name] for event in own} for name in ("source_ip", "user_agent")]
        reason = "never_both" if min(map(len, devices)) > 1 else "one_device"
        if switches:
            exits = [any(addresses[event["source_ip"]]["place"][7] in ("anonymizer", "hosting") for event in pair) for pair in switches]
            names = ("event_provider", "source_ip", "user_agent")
            has_returned = any(
                arrival(left)[0:] < arrival(came)[0:] and [left_from[name] for name in names] == [came[name] for name in names]
                for left_from, left in switches
                for _, came in switches
            )
            reason = "exit_network" if all(exits) else "alternating" if has_returned else "switched"
        outcome = "pass" if reason in ("never_both", "one_device") else "manual"
        expected[session] = (outcome, reason, str(len(switches)) if switches else None)
    agree(expected, found(connection, "DET-07", "switches"), "one_device", "never_both", "exit_network", "alternating", "switched")
