"""Ten thousand people of ours in two thousand small random worlds of five: the store for tests of the staff detections.

A world has one job title, one log, one incident, four customer accounts, and for each person a login, perhaps a second
one, and a service. Worlds crowd the edges: steps of exactly one window and a second less or more, ties in time, midnight,
the change of the clocks, arrival out of order.
"""

import random
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa

from audit_lib import controls, sql, store
from audit_lib.project import Setting

PEOPLE, GROUP = 10_000, 5
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
BASES = (
    datetime(2026, 3, 6, 14, 59, 59, tzinfo=UTC),  # two days before New York changes its clocks
    datetime(2026, 3, 27, 23, 30, tzinfo=UTC),  # a Friday night, two days before Berlin does
    datetime(2026, 10, 23, 22, 0, tzinfo=UTC),
    datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC),
)
SECOND = timedelta(seconds=1)
STEPS = [
    timedelta(0), timedelta(0), SECOND, timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=5), timedelta(hours=23),
    *[timedelta(minutes=minutes) + one * SECOND for minutes in (5, 10, 30, 60) for one in (-1, 0, 1)],
    *[timedelta(days=days) + one * SECOND for days in (1, 2) for one in (-3600, -1, 0, 1, 3600)],
]  # fmt: skip
ZONES = ("UTC", "UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney", None, "Mars/Olympus")
SMALL = {
    "pattern_span_days": 6, "pattern_active_days": 2, "pattern_usual_days": 2, "many_accounts_floor": 2, "many_accounts_factor": 1,
    "peer_span_days": 6, "peer_days": 3, "peer_count": 2, "many_records_floor": 100, "many_records_factor": 2, "records_span_days": 6,
    "records_active_days": 2, "usual_events": 2, "service_span_days": 3, "service_active_days": 2, "approval_days": 3,
}  # fmt: skip
ACTIONS = ("sign_in",) * 4 + ("second_factor",) * 2 + ("view_content",) * 6 + (
    "view_metadata", "export", "export", "run_query", "right_grant", "right_grant", "log_disable", "log_delete", "log_rule_change", "log_rule_change",
    "api_key_create", "password_change", None,
)  # fmt: skip
TYPES = {
    "varchar": pa.string(), "bigint": pa.int64(), "timestamptz": pa.timestamp("us", "UTC"), "boolean": pa.bool_(), "varchar[]": pa.list_(pa.string()),
    "date": pa.date32(), "integer": pa.int32(), "double": pa.float64(),
}  # fmt: skip


def world(number: int) -> dict[str, list[dict]]:
    """The rows of one world by table; its events in random order of arrival."""
    draw = random.Random(number)
    start, events = draw.choice(BASES), []
    names = [f"{number}-{one}" for one in range(GROUP)]
    people = [
        {"person_id": f"p{name}", "user_ids": [f"u{name}"] + [f"v{name}"] * (draw.random() < 0.4), "kind": draw.choice(("staff", "staff", "contractor")),
         "time_zone": draw.choice(ZONES), "job_title": f"job {number}", "ended_on": draw.choice((None, None, None, start.date() + timedelta(days=draw.randint(-1, 5)))),
         "started_on": draw.choice((date(2020, 1, 1),) * 5 + (None, start.date() + timedelta(days=draw.randint(0, 3))))}
        for name in names
    ]  # fmt: skip
    people += [
        {"person_id": f"s{name}", "user_ids": [f"s{name}"], "kind": "service", "time_zone": "UTC", "job_title": None, "started_on": None, "ended_on": None}
        for name in names
    ]
    logins = [login for person in people[:GROUP] for login in person["user_ids"]]
    accounts = [f"a{number}-{one}" for one in range(4)]
    for name in names:
        at, own = start, [login for login in logins if login.endswith(name)]
        for turn in range(draw.randint(4, 22)):
            at += draw.choice(STEPS)
            action, is_service = draw.choice(ACTIONS), draw.random() < 0.2
            events.append({
                "event_id": f"e{name}-{turn}", "event_time": at, "event_provider": f"log {number}", "event_action": action,
                "event_sequence": draw.randint(1, 5) if number % 3 else None,
                "event_dataset": "auth" if action in ("sign_in", "second_factor", "api_key_create", "password_change") else draw.choice(("staff",) * 9 + ("http",)),
                "event_outcome": draw.choice(("success",) * 6 + ("failure", "unknown")),
                "user_kind": draw.choice(("service", "service", "staff")) if is_service else draw.choice(("staff",) * 8 + ("customer",)),
                "user_id": f"s{name}" if is_service else draw.choice([*own, f"u{draw.choice(names)}", None]) if draw.random() < 0.2 else own[0],
                "user_effective_id": draw.choice((None, None, None, "role")), "user_target_id": draw.choice([None, "role", *logins]),
                "account_id": draw.choice([None, *accounts]), "record_count": draw.choice((None, 0, 40, 100, 100, 250, 900)),
                "session_id": draw.choice((None, None, f"t{name}", f"w{name}")), "is_mfa": draw.choice((True, False, False, None)),
                "source_ip": draw.choice((None, f"{number}/1", f"{number}/2", f"{number}/3")), "user_agent": draw.choice(("sdk/1", "sdk/1", "sdk/1", "Mozilla/5.0", None)),
            })  # fmt: skip
    draw.shuffle(events)
    times = [event["event_time"] for event in events]

    def near() -> datetime:
        return draw.choice(times) + draw.choice((-1, 0, 0, 1)) * SECOND

    grants = [
        {"grant_id": f"g{name}", "person_id": f"p{name}", "account_id": draw.choice([None, None, *accounts[:2]]), "case_id": draw.choice((f"c{number}", None)),
         "basis": draw.choice(("service_error", "abuse_investigation", "legal_requirement")), "actions": draw.choice((None, ["export"], ["view_content", "run_query"])),
         "approved_by_person_id": draw.choice(("lea", "lea", "lea", f"p{name}", None)), "valid_from_at": min(two := sorted((near(), near()))),
         "valid_to_at": two[1], "revoked_at": draw.choice((None, None, None, near()))}
        for name in names
    ]  # fmt: skip
    roles = [
        {"entitlement_id": f"r{name}", "person_id": f"p{name}", "approved_by_person_id": draw.choice(("lea", "lea", f"p{name}", f"p{draw.choice(names)}", None)),
         "approved_at": draw.choice((near(), near() - timedelta(days=3))), "valid_from_at": start, "valid_to_at": draw.choice((None, near())),
         "asset_id": None if (is_customer := draw.random() < 0.3) else "cloud", "account_id": accounts[0] if is_customer else None, "role": "owner", "user_id": None}
        for name in names
    ]  # fmt: skip
    windows = [
        {"case_id": f"c{number}", "kind": "incident", "opened_at": near(), "closed_at": draw.choice((None, near())), "event_providers": None},
        {"case_id": f"m{number}", "kind": "maintenance", "opened_at": near(), "closed_at": draw.choice((None, near())), "event_providers": [f"log {number}"]},
    ]
    spans = [{"account_id": account, "status": "canceled", "valid_from_at": (ends := sorted((near(), near() + SECOND)))[0], "valid_to_at": draw.choice((None, ends[1]))}
             for account in accounts[:3]]  # fmt: skip
    spans = [span for span in spans if span["valid_to_at"] is None or span["valid_to_at"] > span["valid_from_at"]]
    purges = [{"purge_id": f"d{number}", "account_id": accounts[1], "purged_at": near(), "rows_remaining": draw.choice((0, 0, 3))}]
    places = [{"address": f"{number}/{one}", "asset_ids": ["office"] if draw.random() < 0.2 else [],
               "network_kind": draw.choice((None, None, "residential", "anonymizer", "hosting"))} for one in range(1, 4)]  # fmt: skip
    return {"people": people, "access_events": events, "access_grants": grants, "entitlements": roles, "cases": windows, "accounts": spans,
            "purges": purges, "addresses": places}  # fmt: skip


def fill(worlds: list[dict]) -> duckdb.DuckDBPyConnection:
    """A store with all tables, flat, that holds the rows of all worlds, with parameters bound."""
    folders = sql.roots()
    tables = store.read_tables(folders)
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set threads = 1")
    store.create(connection, tables, flat=True)
    for name in worlds[0]:
        rows = [row for world in worlds for row in world[name]]
        types = {column.name: TYPES[column.type] for column in tables[name].columns}
        columns = {column: pa.array([row[column] for row in rows], types[column]) for column in rows[0]}
        columns |= {"load_id": pa.array([name] * len(rows)), "line": pa.array(range(1, len(rows) + 1), pa.int64())}
        connection.register("given", pa.table(columns))
        connection.execute(f"insert into {name} by name select * from given")
        connection.unregister("given")
    known = sql.read_controls(folders)
    values = controls.parameter_values(known, {name: Setting(value, "test", None) for name, value in SMALL.items()})
    controls.bind(connection, values, SINCE, UNTIL, UNTIL)
    return connection


def found(connection: duckdb.DuckDBPyConnection, control: str) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each item of the control, run once through the library's runner."""
    definitions = {name: sql.read_query(path) for name, path in sql.find(sql.roots(), "definitions").items()}
    made = {name for (name,) in connection.execute("select table_name from duckdb_tables() where temporary").fetchall() if name in definitions}
    controls.start(connection)
    controls.run(connection, sql.read_control(sql.find(sql.roots(), "controls")[control]), definitions, made, stored=10_000_000)
    return {item: (outcome, reason) for item, outcome, reason in connection.execute("select item, outcome, reason from outcomes").fetchall()}
