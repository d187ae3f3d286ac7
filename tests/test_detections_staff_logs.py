"""The staff detections on second factors, logs, canceled accounts, services and rights give what a plain reference gives, on the same store."""

from datetime import timedelta

import pytest
from staff_worlds import GROUP, PEOPLE, SMALL, fill, world
from test_detections_staff import DAY, EVER, LOG_ACTIONS, MINUTE, agree, ends, holders, is_access, is_approved, utc_day, work, worst

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def worlds():
    return [world(number) for number in range(PEOPLE // GROUP)]


@pytest.fixture(scope="module")
def filled(worlds):
    return fill(worlds)


def test_second_factor(worlds, filled):
    """DET-12: a factor of the same session, or of the same person in the five minutes before."""

    def reference(one):
        items, known = {}, holders(one)
        services = {login for person in one["people"] if person["kind"] == "service" for login in person["user_ids"]}
        rows = [
            event | {"holder": known[event["user_id"]]["person_id"] if event["user_id"] in known else event["user_id"]}
            for event in one["access_events"]
            if event["event_action"] in ("sign_in", "second_factor")
            and event["event_outcome"] == "success"
            and event["user_kind"] == "staff"
            and event["user_id"] not in services
        ]
        factors = [event for event in rows if event["event_action"] == "second_factor" or event["is_mfa"]]
        sign_ins = [event for event in rows if event["event_action"] == "sign_in"]
        for event in sign_ins if any(event["is_mfa"] is not None for event in sign_ins) else []:
            is_shown = any(
                (event["session_id"] and factor["session_id"] == event["session_id"])
                or (event["holder"] and factor["holder"] == event["holder"] and event["event_time"] - 5 * MINUTE <= factor["event_time"] <= event["event_time"])
                for factor in factors
            )
            if event["is_mfa"]:
                reason = "with_factor"
            elif is_shown:
                reason = "factor_shown"
            elif event["user_effective_id"]:
                reason = "other_service"
            else:
                reason = "not_recorded" if event["is_mfa"] is None else "without_factor"
            items[event["event_id"]] = reason
        return items

    outcomes = {"with_factor": "pass", "factor_shown": "pass", "without_factor": "exception", "other_service": "manual", "not_recorded": "unknown"}
    agree(worlds, filled, "DET-12", reference, outcomes)


def test_logging(worlds, filled):
    """DET-13: what was done to logs, and the silence after it against the same span a week before."""

    def reference(one):
        items = []
        others = sorted(event["event_time"] for event in one["access_events"] if event["event_action"] not in LOG_ACTIONS)
        for event in one["access_events"]:
            if event["event_action"] not in LOG_ACTIONS:
                continue
            at, later = event["event_time"], [other for other in others if other > event["event_time"]]
            is_announced = any(case["kind"] == "maintenance" and case["opened_at"] <= at < (case["closed_at"] or EVER) for case in one["cases"])
            is_silent = bool(later) and later[0] - at >= 30 * MINUTE and sum(at - WEEK <= other < later[0] - WEEK for other in others) >= SMALL["usual_events"]
            if event["event_outcome"] != "success":
                reason = "tried" if event["event_outcome"] == "failure" else "unclear"
            elif event["event_action"] == "log_delete":
                reason = "deleted"
            elif is_announced:
                reason = "announced"
            elif event["event_action"] == "log_disable":
                reason = "switched_off"
            else:
                reason = "changed_then_silent" if is_silent else "rules_changed"
            items.append((f"{event['event_provider']} / {event['user_id'] or 'unknown login'} / {utc_day(event)}", reason))
        return worst(items, ["switched_off", "deleted", "unclear", "changed_then_silent", "rules_changed", "tried", "announced"])

    outcomes = {
        "switched_off": "exception", "deleted": "exception", "changed_then_silent": "manual", "rules_changed": "manual", "tried": "manual",
        "announced": "pass", "unclear": "unknown",
    }  # fmt: skip
    agree(worlds, filled, "DET-13", reference, outcomes)


def test_canceled_accounts(worlds, filled):
    """DET-14: successes of people between the cancellation and the end of that status."""

    def reference(one):
        items, at_work = [], {event["event_id"]: event["person"]["person_id"] for event in work(one)}
        people = {person["person_id"]: person for person in one["people"]}
        owners = {(role["account_id"], login) for role in one["entitlements"] if role["account_id"] for login in people[role["person_id"]]["user_ids"]}
        for event in one["access_events"]:
            at, account = event["event_time"], event["account_id"]
            spans = [row for row in one["accounts"] if row["account_id"] == account and row["valid_from_at"] <= at < (row["valid_to_at"] or EVER)]
            if not spans or event["event_outcome"] != "success" or event["user_kind"] == "service":
                continue
            if (account, event["user_id"]) in owners and event["event_action"] in ("sign_in", "second_factor"):
                continue
            began = [other["event_time"] for other in one["access_events"] if event["session_id"] and other["session_id"] == event["session_id"]]
            is_purged = any(purge["account_id"] == account and purge["rows_remaining"] == 0 and at > purge["purged_at"] for purge in one["purges"])
            if is_purged and event["record_count"]:
                reason = "read_after_purge"
            elif event["user_kind"] == "customer":
                reason = "session_ran_on" if began and min(began) < spans[0]["valid_from_at"] else "customer_inside"
            elif any(
                permit["person_id"] == at_work.get(event["event_id"])
                and permit["account_id"] == account
                and permit["basis"] != "service_error"
                and is_approved(permit)
                and permit["valid_from_at"] <= at < ends(permit)
                for permit in one["access_grants"]
            ):
                reason = "on_authority"
            else:
                reason = "staff_inside"
            items.append((f"{account} / {utc_day(event)}", reason))
        return worst(items, ["read_after_purge", "customer_inside", "session_ran_on", "staff_inside", "on_authority"])

    outcomes = {"on_authority": "pass", "customer_inside": "exception", "read_after_purge": "exception", "session_ran_on": "manual", "staff_inside": "manual"}
    agree(worlds, filled, "DET-14", reference, outcomes)


def test_service_accounts(worlds, filled):
    """DET-15: a browser, or a new address at which a person was active within the hour."""

    def reference(one):
        items, colleagues = [], work(one)
        places = {place["address"]: place for place in one["addresses"]}
        services = {login for person in one["people"] if person["kind"] == "service" for login in person["user_ids"]}

        def is_by_hand(event):
            return event["user_kind"] == "staff" and (event["user_agent"] or "").startswith("Mozilla/")

        uses = [
            event
            for event in one["access_events"]
            if event["user_id"] in services and event["event_outcome"] == "success" and not (is_by_hand(event) and is_access(event))
        ]
        for event in uses:
            own = [
                other
                for other in uses
                if other["user_id"] == event["user_id"] and -SMALL["service_span_days"] * DAY <= utc_day(other) - utc_day(event) < 0 * DAY
            ]
            is_met = event["source_ip"] and any(
                other["source_ip"] == event["source_ip"] and abs(other["event_time"] - event["event_time"]) <= 60 * MINUTE for other in colleagues
            )
            item, place = f"{event['user_id']} / {utc_day(event)}", places.get(event["source_ip"])
            items.append((item, "by_hand" if is_by_hand(event) else "by_itself"))
            if is_met and event["source_ip"] not in {other["source_ip"] for other in own}:
                if len({utc_day(other) for other in own}) < SMALL["service_active_days"]:
                    items.append((item, "short_baseline"))
                else:
                    is_shared = place["asset_ids"] or place["network_kind"] in ("anonymizer", "hosting")
                    items.append((item, "shared_address" if is_shared else "persons_address"))
        return worst(items, ["by_hand", "persons_address", "shared_address", "short_baseline", "by_itself"])

    outcomes = {"by_itself": "pass", "by_hand": "exception", "persons_address": "manual", "shared_address": "manual", "short_baseline": "unknown"}
    agree(worlds, filled, "DET-15", reference, outcomes)


def test_rights(worlds, filled):
    """DET-16: rights to oneself, or to a login that is used or gets a key within ten minutes."""

    def reference(one):
        items = {}
        people = {login: person["person_id"] for person in one["people"] for login in person["user_ids"]}
        for event in one["access_events"]:
            if event["event_action"] != "right_grant":
                continue
            at, actor, target = event["event_time"], event["user_id"], event["user_target_id"]
            is_own = target in (actor, event["user_effective_id"]) or (actor in people and people.get(target) == people[actor])

            def comes_after(other, at=at, event=event):
                return other["event_time"] > at or (other["event_sequence"] or 0) > (event["event_sequence"] or 9)

            is_used = any(
                other["user_id"] == target and other["event_outcome"] == "success" and at <= other["event_time"] <= at + 10 * MINUTE and comes_after(other)
                for other in one["access_events"]
            )
            has_key = any(
                other["event_action"] in ("api_key_create", "password_change")
                and other["event_outcome"] == "success"
                and actor is not None
                and (other["user_id"], other["user_target_id"]) == (actor, target)
                and abs(other["event_time"] - at) <= 10 * MINUTE
                for other in one["access_events"]
            )
            has_approval = any(
                actor in people
                and role["person_id"] == people.get(target)
                and role["asset_id"]
                and role["approved_by_person_id"] not in (None, role["person_id"], people[actor])
                and at - SMALL["approval_days"] * DAY <= role["approved_at"] <= at < (role["valid_to_at"] or EVER)
                for role in one["entitlements"]
            )
            if target is None:
                reason = "target_unknown"
            elif event["event_outcome"] != "success":
                reason = "tried_for_oneself" if is_own else "not_granted"
            elif not (is_own or is_used or has_key):
                reason = "not_used"
            elif has_approval:
                reason = "approved"
            else:
                reason = "for_oneself" if is_own else "used_at_once" if is_used else "key_made"
            items[event["event_id"]] = reason
        return items

    outcomes = dict.fromkeys(("not_used", "not_granted", "approved"), "pass") | {"for_oneself": "exception", "target_unknown": "unknown"}
    agree(worlds, filled, "DET-16", reference, outcomes | dict.fromkeys(("tried_for_oneself", "used_at_once", "key_made"), "manual"))
