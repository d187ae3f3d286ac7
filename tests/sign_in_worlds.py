"""Ten thousand users, each a random small world of its own: the store for tests of the sign-in detections.

Worlds crowd the edges: steps of exactly one window and a millisecond less or more, ties, midnight, the change of
the clocks, arrival out of order, a log that is a copy, attempts whose end nobody knows.
"""

import random
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
from judging import empty_store, judged

USERS = 10_000
BASES = (
    datetime(2026, 3, 28, 23, 50, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 55, tzinfo=UTC),
    datetime(2026, 6, 30, 23, 59, 59, 500_000, tzinfo=UTC),
)
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EDGES = [timedelta(minutes=10), timedelta(hours=1), timedelta(days=2), timedelta(days=3)]
STEPS = [
    *[timedelta(0)] * 2, *[timedelta(seconds=one) for one in (1, 90, 240, 600)], *[timedelta(minutes=10) + one * MILLISECOND for one in (-1, 0, 1)],
    timedelta(hours=5), timedelta(hours=23),
    *[edge + change for edge in EDGES for change in (-MILLISECOND, timedelta(0), MILLISECOND)],
]  # fmt: skip
PLACES = [  # country, other countries, latitude, longitude, radius, autonomous system, operator, kind of network
    ("DE", None, 52.5, 13.4, 20.0, 1, None, "residential"),
    ("DE", [], 48.1, 11.6, 50.0, None, "Two", None),
    ("US", None, 40.7, -74.0, 100.0, 3, None, None),
    ("US", None, 34.0, -118.2, 1000.0, 3, None, "mobile"),
    ("JP", None, None, None, None, None, None, None),
    ("DK", None, None, None, None, None, "Four", None),
    ("FR", ["GB"], 48.9, 2.4, None, 5, None, None),
    ("JP", None, 35.7, 139.7, 5.0, 6, None, "anonymizer"),
    ("GB", None, None, None, None, 7, None, "hosting"),
    (None, None, None, None, None, None, None, None),
]
COLUMNS = {
    "event_id": pa.string(), "load_id": pa.string(), "line": pa.int64(), "event_time": pa.timestamp("us", "UTC"), "event_sequence": pa.int64(),
    "event_provider": pa.string(), "event_action": pa.string(), "event_outcome": pa.string(), "user_kind": pa.string(), "user_id": pa.string(),
    "source_ip": pa.string(), "user_agent": pa.string(), "session_id": pa.string(),
}  # fmt: skip
SMALL = {
    "guess_failures": 3, "guess_minutes": 10, "travel_minutes": 60, "spray_users": 2, "spray_minutes": 10, "spray_tries": 1,
    "spread_addresses": 2, "spread_hours": 1, "spread_tries": 1, "baseline_days": 2, "baseline_sign_ins": 4, "dormant_days": 2, "dormant_staff_days": 3,
}  # fmt: skip


def world(number: int) -> tuple[list[dict], list[dict]]:
    """One user's events in order of time, and the addresses that they come from."""
    draw = random.Random(number)
    logins = [f"u{number}"] * 4 + [f"u{number}.{name}" for name in "abc"]
    addresses = [dict(zip(("address", "place", "is_office"), (f"{number}/{one}", draw.choice(PLACES), draw.random() < 0.1), strict=True)) for one in range(4)]
    at, events = draw.choice(BASES), []
    steps = STEPS[:9] if number % 2 else STEPS  # half of the worlds are crowded
    for turn in range(draw.randint(2, 18)):
        at += draw.choice(steps)
        events.append({
            "event_id": f"e{number}-{turn}", "load_id": draw.choice(("l1", "l2")), "line": number * 40 + 20 + (-turn if draw.random() < 0.3 else turn),
            "event_time": at, "event_sequence": draw.randint(1, 9) if number % 3 else None,
            "event_provider": "copy" if draw.random() < 0.05 else draw.choice(("product", "product", "bastion")),
            "event_action": "sign_in" if draw.random() < 0.9 else "request",
            "event_outcome": draw.choice(("success",) * 5 + ("failure",) * 5 + ("unknown",)), "user_kind": draw.choice(("customer", "staff")),
            "user_id": draw.choice(logins) if draw.random() < 0.97 else None,
            "source_ip": draw.choice(addresses)["address"] if draw.random() < 0.95 else None,
            "user_agent": draw.choice(("browser", "phone", None)), "session_id": draw.choice((f"s{number}", f"s{number}", f"t{number}", None)),
        })  # fmt: skip
    return events, addresses


def worlds() -> tuple[list[dict], dict[str, dict], dict[str, datetime]]:
    """All events, all addresses by their text, and since when a login has its rights, where that is known."""
    events, addresses, ages = [], {}, {}
    for number in range(USERS):
        of_user, places = world(number)
        events += of_user
        addresses |= {one["address"]: one for one in places}
        if number % 4:
            ages[f"u{number}"] = of_user[0]["event_time"] - timedelta(days=number % 4)
    return events, addresses, ages


def fill(events: list[dict], addresses: dict[str, dict], ages: dict[str, datetime]) -> duckdb.DuckDBPyConnection:
    """A store with the worlds in it, their events in an order of arrival that is not that of time."""
    connection = empty_store()
    shuffled = random.Random(1).sample(events, len(events))
    given = pa.table({name: pa.array([event[name] for event in shuffled], kind) for name, kind in COLUMNS.items()})
    connection.register("given", given)
    connection.execute("insert into access_events by name select * from given")
    names = ("country", "other_countries", "latitude", "longitude", "accuracy_radius_km", "autonomous_system", "network_name", "network_kind")
    rows = [
        {"address": one["address"], "address_form": "full", "asset_ids": ["office"] if one["is_office"] else [], **dict(zip(names, one["place"], strict=True))}
        for one in addresses.values()
    ]
    connection.register("places", pa.Table.from_pylist(rows))
    connection.execute("insert into addresses by name select * from places")
    rows = [
        {"entitlement_id": login, "person_id": login, "user_id": login, "role": "member", "account_id": "a", "valid_from_at": at} for login, at in ages.items()
    ]
    connection.register("rights", pa.Table.from_pylist(rows))
    connection.execute("insert into entitlements by name select * from rights")
    rows = [{"person_id": f"p{number}", "kind": "customer", "user_ids": [f"u{number}", f"u{number}.a"]} for number in range(0, USERS, 5)]
    connection.register("persons", pa.Table.from_pylist(rows))
    connection.execute("insert into people by name select * from persons")
    connection.execute(f"insert into assets (asset_id, kind, network_use, valid_from_at) values ('office', 'network', 'office', timestamptz '{SINCE}')")
    connection.execute("insert into stores (store_id, event_provider, log_role) values ('a', 'product', 'primary'), ('b', 'copy', 'copy'), ('c', null, null)")
    return connection


def found(connection: duckdb.DuckDBPyConnection, name: str, *columns: str, **changes: int | None) -> dict[str, tuple]:
    """What the library's runner gives for one control: outcome, reason and further columns by item."""
    return judged(connection, (name,), SMALL | changes, SINCE, UNTIL, UNTIL, *columns)[name]


def arrival(event: dict) -> tuple:
    """The order of events: time, the log's number (none: last), file, line."""
    number = event["event_sequence"]
    return event["event_time"], number is None, number or 0, event["load_id"], event["line"]


def sign_ins(events: list[dict]) -> list[dict]:
    """Attempts to sign in, in primary logs, whose login is known."""
    return [event for event in events if event["event_action"] == "sign_in" and event["event_provider"] != "copy" and event["user_id"]]


def day(event: dict) -> str:
    """The UTC day of an event."""
    return f"{event['event_time']:%Y-%m-%d}"
