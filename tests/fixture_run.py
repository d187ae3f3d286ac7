"""Invented run folders in the form that the audit writes them, for the tests of the reports.

    python tests/fixture_run.py FOLDER [full|none|raw|many]

`full`: findings of every kind and ugly texts; `none`: nothing to find; `raw`: three logs alone, so most is not tested;
`many`: a hundred findings. No identity is real.
"""

import base64
import csv
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow

from audit_lib import controls as audit_controls
from audit_lib import sql, store

SINCE, UNTIL, AS_OF = (
    datetime(2026, 7, 1, tzinfo=UTC),
    datetime(2026, 10, 1, tzinfo=UTC),
    datetime(2026, 10, 5, tzinfo=UTC),
)
OUTCOMES = ("pass", "exception", "deferred", "manual", "unknown", "waived")
ORDER = ("exception", "unknown", "not_tested", "manual", "waived", "deferred", "pass", "not_applicable")
SEVERITIES = ("critical", "high", "medium", "low")
ACCESS, LOCATION, DELETE = (
    "When we access or share your information",
    "Geolocation data",
    "What happens when you delete data in your product accounts",
)

# id, severity, kind, one item, title, promise, source, DPF clauses, tables, items, [reason, outcome, items, causes, sentence]
CONTROLS = [
    ("ACC-01", "critical", "data", "one successful access of a person of ours to a customer account", "Every access by staff to customer content has one permitted basis, valid at that moment", "Our default practice is to not access your information.", ACCESS, ["II.4.a", "II.5.a", "III.7"], ["access_events", "access_grants"], 4821, [("no_grant", "exception", 5, None, "The access names no grant"), ("expired", "exception", 7, "g-30418", "At or after the grant's end"), ("bad_grant", "unknown", 4, None, "The grant ends before it begins, or lacks a date")]),
    ("ACC-02", "critical", "data", "one access that rests on a grant of support consent", "Consent to support access is given by an owner, before the first access", "we will ask for your consent before proceeding", ACCESS, ["II.2", "II.5.a"], ["access_grants", "consents", "cases"], 311, [("not_owner", "exception", 3, None, "Given by somebody who may not give it"), ("no_role", "unknown", 1, None, "The giver's role at that moment is not on record")]),
    ("ACC-05a", "high", "data", "one standing right", "Whoever can reach customer data is employed and authorized", "(supports ACC-01)", ACCESS, ["II.4.a"], ["entitlements", "people"], 214, [("left", "exception", 2, None, "Still in force after the person's last day"), ("left", "waived", 1, "W-2026-07", "Still in force after the person's last day")]),
    ("LOG-01a", "critical", "hybrid", "one gap in a provider's sequence", "No number is missing in the sequence of a log", "We log all access to all accounts", LOCATION, ["II.4.a", "III.7"], ["access_events"], 92, [("gap", "exception", 1, "support", "Numbers are missing and nothing explains it")]),
    ("LOG-01c", "critical", "hybrid", "one hour of two logs that share a path", "Two logs of the same accesses agree hour by hour", "We log all access to all accounts", LOCATION, ["II.4.a"], ["access_events", "stores"], 2208, [("differs", "exception", 3, None, "The two logs differ by more than is allowed"), ("one_log", "unknown", 6, None, "One of the two logs is missing in that hour")]),
    ("LOG-02", "high", "data", "one event", "Each access is stored with a full IP address", "by full IP address", LOCATION, ["II.4"], ["access_events", "addresses"], 98_304, [("round", "manual", 31, None, "Ends in .0: shortened, or chance")]),
    ("LOG-05", "medium", "data", "one account", "Every account has a full sign-up address", "We also log full IP addresses used to sign up for a product account.", LOCATION, ["II.5"], ["accounts", "access_events"], 402, []),
    ("DET-01", "high", "data", "one user and day with sign-ins", "No run of failed sign-ins ends in a success", "(so that we can always verify no unauthorized access has happened)", LOCATION, ["II.4.a"], ["access_events"], 18_211, [("guessed", "manual", 2, None, "Many failures, then a success inside one window")]),
    ("DET-02", "high", "data", "one user and day with successes from two countries", "No user is in two countries faster than anyone travels", "(so that we can always verify no unauthorized access has happened)", LOCATION, ["II.4.a"], ["access_events", "addresses"], 913, [("too_fast", "manual", 1, None, "Two countries closer together in time than anyone travels")]),
    ("RET-01", "critical", "data", "one canceled span of an account and one store", "Every store is purged within 60 days of cancellation", "your data are purged within 60 days", DELETE, ["II.5.b"], ["accounts", "stores", "purges"], 1184, [("late", "exception", 14, "purge-warehouse", "Purged after its last day"), ("residue", "exception", 3, None, "Rows are left after the purge"), ("held", "deferred", 4, None, "A legal hold placed in time keeps it"), ("no_date", "unknown", 2, None, "Nobody knows when it was canceled")]),
    ("RET-06a", "critical", "data", "one purge", "A purge recorded as done deleted what it was asked to delete", "your data are purged", DELETE, ["III.7"], ["purges"], 552, [("nothing", "exception", 3, "purge-warehouse", "Said ok and deleted nothing")]),
    ("BKP-01", "critical", "data", "one backup whose last day falls in the period", "Every backup is destroyed within the promised days", "backups of our application databases, which are kept for up to another 30 days", DELETE, ["II.5.b"], ["backups", "legal_holds"], 276, [("remains", "exception", 1, None, "Still there after its last day"), ("late", "exception", 4, "expire-nightly", "Destroyed after its last day"), ("held", "deferred", 1, None, "Kept by a legal hold placed by its last day")]),
    ("BKP-02a", "high", "data", "one canceled span of an account", "The last copy anywhere is gone by day 60", "purged within 60 days", DELETE, ["II.5.b"], ["accounts", "purges", "backups"], 203, [("copy_left", "exception", 181, "bk-20260703-m1", "A copy was left after day 60")]),
    ("DIS-09", "critical", "hybrid", "one preserved copy", "Preserved copies are destroyed once the preservation period lapses", "we destroy any preserved copies", ACCESS, ["II.5.b"], ["backups", "legal_requests"], 0, []),
    ("IPE-01", "critical", "data", "one file", "Every file is hashed, counted, dated and agrees with its producer's total", "(evidence completeness)", "Evidence", ["III.7.e"], ["loads"], 84, []),
    ("IPE-02", "high", "data", "one rule of the dictionary and file", "Keys are unique, references resolve, no event lies in the future", "(evidence accuracy)", "Evidence", ["III.7.e", "II.5.a"], ["table_checks"], 412, [("orphans", "unknown", 1, "accounts", "References lead nowhere")]),
]  # fmt: skip
PARAMETERS = [
    ("purge_days", "integer", 60, "days", "policy", "From cancellation to the last day on which data may be there", None, ["RET-01", "BKP-02a"]),
    ("backup_days", "integer", 30, "days", "policy", "From the day it is taken to the last day on which a backup may exist", None, ["BKP-01"]),
    ("company_time_zone", "varchar", "UTC", None, "management", "Zone in which the company's days begin and end", ("Board minute 14", "2026-01-12"), ["RET-01"]),
    ("reconcile_tolerance", "double", 0.5, "percent", "management", "By how much two logs of one path may differ in an hour", ("CTO", "2026-05-11"), ["LOG-01c"]),
    ("window_minutes", "integer", 60, "minutes", "management", "Length of the sliding window of failed sign-ins", None, ["DET-01"]),
    ("abuse_report_days", "integer", None, "days", "management", "A report to the authorities must follow within", None, ["ACC-01"]),
]  # fmt: skip
HOSTILE = '<script>alert("no")</script> =cmd|calc & "quotes" \u202e'


def fixed(*parts: object) -> int:
    """A number that looks random and is always the same for the same parts."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:6])


def token(kind: str, *parts: object) -> str:
    """A pseudonym such as `staff-7k3f5a2qxz`."""
    return f"{kind}-{base64.b32encode(fixed(kind, *parts).to_bytes(7)).decode()[:10].lower()}"


def controls_of(kind: str) -> list[tuple]:
    """The controls with their planted results for one kind of run."""
    if kind == "none":
        return [(*row[:10], [reason for reason in row[10] if reason[1] in ("deferred",)]) for row in CONTROLS]
    if kind == "many":
        return [
            (
                *row[:10],
                [(f"fault_{n}", "exception", 1 + fixed(row[0], n) % 30, f"job-{n}", f"Fault number {n} of its kind") for n in range(9)],
            )
            for row in CONTROLS[:13]
        ] + CONTROLS[13:]
    return CONTROLS


def make_store(kind: str) -> duckdb.DuckDBPyConnection:
    """An in-memory store with the tables that figures read, filled by SQL that always gives the same."""
    con = duckdb.connect(config={"threads": 2})
    con.execute("set global TimeZone = 'UTC'")
    store.create(con, store.read_tables(sql.roots()), flat=True)
    con.execute("create macro pick(seed, n) as (hash(seed) % n)::bigint")
    for name, value in (("since", SINCE), ("until", UNTIL), ("as_of", AS_OF)):
        con.execute(f"create temp macro {name}() as timestamptz '{value.isoformat()}'")
    providers = [
        ("web", "http", "request", "customer", 60_000),
        ("product", "auth", "sign_in", "customer", 18_000),
        ("bastion", "auth", "sign_in", "staff", 700),
    ]
    if kind != "raw":
        providers += [
            ("cloudtrail", "staff", "view_metadata", "staff", 2400),
            ("support", "staff", "view_content", "staff", 4821),
        ]
    for provider, dataset, action, who, events in providers:
        con.execute(f"""
            insert into access_events by name
            select '{provider}-' || n as event_id, '{provider}' as load_id, n as line,
              timestamptz '2026-07-01' + to_seconds((case when pick('w' || n, 10) < 7 then monday * 604800 + pick('d' || n, 5) * 86400
                + (13 * 3600 + pick('h' || n, 32400)) else pick('{provider}' || n, 92 * 86400) end)::double) as event_time,
              '{dataset}' as event_dataset, '{provider}' as event_provider, '{action}' as event_action, 'success' as event_outcome, '{who}' as user_kind,
              '{"staff" if who == "staff" else "login"}-' || lpad(to_hex((pick('u' || n, 40) * pick('v' || n, 40) // 40) * 7919 + 1048576), 8, '0') as user_id,
              'ip-' || pick('a' || n, 900) as source_ip
            from (select unnest(range(1, {events} + 1)) as n, pick('m' || n, 13) as monday)""")
    con.execute("delete from access_events where event_provider = 'web' and event_time >= '2026-09-19 03:00' and event_time < '2026-09-19 06:00'")
    if kind == "raw":
        return con
    stores = [
        ("app_db", "database", True),
        ("recordings", "object_storage", True),
        ("search_index", "search_index", True),
        ("warehouse", "warehouse", True),
        ("login_log", "log", True),
    ]
    for name, what, scope in stores:
        con.execute(
            "insert into stores by name select ? as store_id, ? as name, 'staff-0' as owner_person_id, ? as kind, ['content', 'profile'] as data_class_ids, ? as is_in_purge_scope, timestamptz '2024-01-01' as valid_from_at",
            [name, name, what, scope],
        )
    con.execute(
        "insert into data_classes by name select unnest(['content', 'profile']) as data_class_id, 'account_content' as kind, true as is_personal, ['service'] as purposes, []::varchar[] as compatible_purposes"
    )
    con.execute(
        "insert into retention_rules by name select 'rule-' || store_id as retention_rule_id, store_id, 'content' as data_class_id, 'account_cancellation' as counts_from, 'policy' as basis_kind, '60 days' as basis, 60 as max_days, true as is_kept_while_active, ['RET-01'] as control_ids, timestamptz '2024-01-01' as valid_from_at from stores"
    )
    con.execute("""insert into accounts by name select 'acct-' || lpad(to_hex(n * 7919), 8, '0') as account_id, 'canceled' as status, 'owner' as status_cause,
        timestamptz '2026-05-02' + to_days(pick('c' || n, 91)::int) as valid_from_at, 'customer' as kind, 'web' as created_via, timestamptz '2025-01-01' as created_at
        from (select unnest(range(1, 238)) as n)""")
    con.execute("""insert into purges by name select 'p-' || account_id || store_id as purge_id, store_id, account_id, 'account_canceled' as reason, 'erase' as method,
        accounts.valid_from_at + to_days((30 + pick(account_id || store_id, 25) * pick(account_id, 25) // 25)::int) as purged_at, 100 as rows_before, 0 as rows_remaining
        from accounts, stores""")
    con.execute("""insert into backups by name select 'bk-' || n as backup_id, ['app_db', 'warehouse', 'search_index'][1 + (n % 3)] as store_id, 'US' as country, 'scheduled' as kind,
        timestamptz '2026-06-01' + to_days((n // 3)::int) as taken_at, timestamptz '2026-06-01' + to_days((n // 3 + [30, 29, 14][1 + (n % 3)])::int) as destroyed_at,
        'nightly' as job_id from (select unnest(range(0, 276)) as n)""")
    return con


def outcome_rows(kind: str, con: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Every stored outcome, one row an item, in the columns of outcomes.parquet."""
    rows = []
    for control in [] if kind == "raw" else controls_of(kind):
        rows += _rows_of(control, con)
    return rows


def _rows_of(control: tuple, con: duckdb.DuckDBPyConnection) -> list[tuple]:
    name, population, planted = control[0], control[9], control[10]
    items = _items(name, population, con)
    flaws = [(reason, outcome, cause) for reason, outcome, count, cause, _ in planted for _ in range(count)]
    rows = []
    step = max(population // (len(flaws) + 1), 1)
    flawed = {place * step + step // 2: flaw for place, flaw in enumerate(flaws)}
    for place, (item, moment, subject) in enumerate(items):
        reason, outcome, cause = flawed.get(place, ("in_time" if name[:3] in ("RET", "BKP") else "valid", "pass", None))
        raw, effective = ("exception", "waived") if outcome == "waived" else (outcome, outcome)
        if name == "RET-01" and raw == "exception":
            when = moment + timedelta(days=1 + fixed(item) % 36)
            account, _, store = item.split(" / ")
            con.execute(
                "update purges set purged_at = ? where account_id = ? and store_id = ?",
                [None if reason == "residue" else when, account, store],
            ) if reason != "residue" else con.execute("delete from purges where account_id = ? and store_id = ?", [account, store])
        if name == "BKP-01" and raw == "exception":
            con.execute(
                "update backups set destroyed_at = ? where backup_id = ?",
                [moment + timedelta(days=1) if reason == "late" else None, item],
            )
        late = fixed(item) % 36 + 1
        detail = f"happened {moment:%Y-%m-%d %H:%M:%S}, {late} days too late" if raw == "exception" else f"seen {moment:%Y-%m-%d %H:%M:%S}"
        if name == "ACC-02" and raw == "exception":
            detail = f"reason given: {HOSTILE}"
        facts = {"last_on": f"{moment:%Y-%m-%d}", "days_late": late if raw == "exception" else 0}
        rows.append(
            (
                name,
                item,
                None if raw == "unknown" and name == "RET-01" else moment,
                subject,
                raw,
                effective,
                cause if effective == "waived" else None,
                reason,
                detail,
                None if effective == "waived" else cause,
                [f"{name}:{place + 1}", f"{name}-basis:{place + 1}"],
                json.dumps(facts),
            )
        )
    return rows


def _items(name: str, population: int, con: duckdb.DuckDBPyConnection) -> list[tuple]:
    if name == "ACC-01":
        return con.execute(
            "select event_id, event_time, 'acct-' || lpad(to_hex(line * 31), 8, '0') from access_events where event_provider = 'support' order by event_time, event_id limit ?",
            [population],
        ).fetchall()
    if name == "RET-01":
        return con.execute(
            "select account_id || ' / ' || accounts.valid_from_at::date || ' / ' || store_id, accounts.valid_from_at + to_days(60), account_id from accounts, stores order by 2, 1 limit ?",
            [population],
        ).fetchall()
    if name.startswith("BKP-02"):
        return con.execute(
            "select account_id || ' / ' || valid_from_at::date, valid_from_at + to_days(60), account_id from accounts order by 2, 1 limit ?",
            [population],
        ).fetchall()
    if name == "BKP-01":
        return con.execute("select backup_id, taken_at + to_days(30), store_id from backups order by 2, 1 limit ?", [population]).fetchall()
    if name.startswith("LOG-01"):
        return [
            (
                f"web / {SINCE + timedelta(hours=place * 2208 // population):%Y-%m-%d %H}",
                SINCE + timedelta(hours=place * 2208 // population),
                "web",
            )
            for place in range(population)
        ]
    return [
        (
            f"{name.lower()}-{place:05}",
            SINCE + timedelta(seconds=place * 7_900_000 // max(population, 1)),
            token("acct", name, place),
        )
        for place in range(min(population, 4000))
    ]


def write_run(folder: Path, kind: str = "full", run: str = "r1") -> Path:
    """Writes `folder/reports/2026-Q3/RUN` and returns it."""
    target = Path(folder) / "reports" / "2026-Q3" / run
    target.mkdir(parents=True, exist_ok=True)
    con = make_store(kind)
    con.register("files", pyarrow.Table.from_pylist(_loads(target, kind)))
    con.execute(
        "insert into loads by name select * replace (extracted_at::timestamptz as extracted_at), false as is_rewritten, "
        "timestamptz '2026-07-01' as covers_from_at, timestamptz '2026-10-01' as covers_to_at from files"
    )
    con.execute(
        "create temp table outcomes (control_id varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar, effective_outcome varchar, waiver_id varchar, reason varchar, detail varchar, cause varchar, lines varchar[], facts varchar)"
    )
    if rows := outcome_rows(kind, con):
        names = (
            "control_id",
            "item",
            "item_at",
            "subject",
            "outcome",
            "effective_outcome",
            "waiver_id",
            "reason",
            "detail",
            "cause",
            "lines",
            "facts",
        )
        con.register("rows", pyarrow.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]))
        con.execute("insert into outcomes by name from rows")
    controls = [_control(row, kind, con) for row in controls_of(kind)]
    findings = _findings(controls, con)
    con.execute(
        "create temp table findings (number bigint, finding_id varchar, control_id varchar, outcome varchar, severity varchar, reason varchar, cause varchar, title varchar, items bigint, subjects bigint, first_at timestamptz, last_at timestamptz, first_item varchar, detail varchar)"
    )
    for row in findings:
        con.execute(f"insert into findings values ({', '.join('?' * 14)})", list(row.values()))
    con.execute(
        "create temp table controls (id varchar, status varchar, severity varchar, population bigint, n_pass bigint, n_exception bigint, n_deferred bigint, n_manual bigint, n_unknown bigint)"
    )
    for row in controls:
        con.execute(
            f"insert into controls values ({', '.join('?' * 9)})",
            [
                row["id"],
                row["status"],
                row["severity"],
                row["population"],
                *(row["counts"][name] for name in ("pass", "exception", "deferred", "manual", "unknown")),
            ],
        )
    con.execute(f"copy outcomes to '{target / 'outcomes.parquet'}' (format parquet)")
    _csv(target / "findings.csv", findings)
    _csv(target / "lines.csv", _lines(findings, con))
    _csv(target / "carried.csv", _carried(kind))
    (target / "controls.json").write_text(json.dumps(controls, indent=1), encoding="utf-8")
    (target / "sql" / "controls").mkdir(parents=True, exist_ok=True)
    for control in controls:
        (target / control["sql_path"]).write_text(
            f"/*\nid = \"{control['id']}\"\n*/\nselect event_id as item, -- one row an item\n  case when grant_id is null then 'exception' end as outcome\nfrom access_events\nwhere event_time >= since()\n",
            encoding="utf-8",
        )
    delivered = {name for (name,) in con.execute("select table_name from duckdb_tables() where estimated_size > 0").fetchall()}
    (target / "figures").mkdir(exist_ok=True)
    definitions = {name: sql.read_query(path) for name, path in sql.find(sql.roots(), "definitions").items()}
    for name, value in (
        ("usual_events", "7"),
        ("purge_days", "60"),
        ("backup_days", "30"),
        ("hold_grace_days", "null::integer"),
        ("company_time_zone", "'UTC'"),
    ):
        con.execute(f"create temp macro {name}() as {value}")
    for name, value in (("preservation_days", "90"), ("preservation_grace_days", "null::integer"), ("max_renewals", "null::integer")):
        con.execute(f"create temp macro {name}() as {value}")
    con.execute(
        "create temp table reported (control_id varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar, reason varchar, run varchar)"
    )
    con.execute("create temp table spans (control_id varchar, run varchar, since_at timestamptz, until_at timestamptz, is_every_row_stored boolean)")
    made: set[str] = set()
    for name, path in sql.find(sql.roots(), "figures").items():
        figure = sql.read_query(path)
        if set(figure.header["needs"]) <= delivered:
            audit_controls.define(con, figure.sql, definitions, made)
            con.execute(f"copy ({figure.sql}) to '{target / 'figures' / name}.parquet' (format parquet)")
    names = [
        {
            "name": row[0],
            "type": row[1],
            "value": row[2],
            "default": row[2],
            "unit": row[3],
            "source": row[4],
            "meaning": row[5],
            "approved_by": row[6][0] if row[6] else None,
            "approved_on": row[6][1] if row[6] else None,
            "controls": row[7],
        }
        for row in PARAMETERS
    ]
    record = {
        "run": run, "period": "2026-Q3", "since": SINCE.isoformat(), "until": UNTIL.isoformat(), "as_of": AS_OF.isoformat(), "company": "Example Conferencing Inc.",
        "policy": None if kind == "raw" else {"file": "policy.txt", "sha256": hashlib.sha256(b"policy").hexdigest()}, "suite_version": "0.1.0", "duckdb_version": "2.0.0", "python_version": "3.11.9",
        "started_at": "2026-10-05T06:40:00+00:00", "ended_at": "2026-10-05T06:41:00+00:00", "ran_by": "auditor", "identities": "pseudonyms", "exit_code": 0 if kind == "none" else 1, "verdict": "…",
        "previous_run": None if kind in ("raw", "none") else {"path": "reports/2026-Q2/r1", "manifest_sha256": hashlib.sha256(b"q2").hexdigest()}, "parameters": names,
    }  # fmt: skip
    (target / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    return target


def _control(row: tuple, kind: str, con: duckdb.DuckDBPyConnection) -> dict:
    name, severity, form, tests, title, promise, source, clauses, needs, _, planted = row
    reasons = {
        "in_time": {"text": "In time", "stays_open": False},
        "valid": {"text": "A grant of this account was in force", "stays_open": False},
    }
    reasons |= {reason: {"text": text, "stays_open": reason in ("remains", "residue")} for reason, _, _, _, text in planted}
    counts = dict.fromkeys(OUTCOMES, 0) | dict(
        con.execute("select effective_outcome, count(*) from outcomes where control_id = ? group by 1", [name]).fetchall()
    )
    by_reason = [
        {"reason": reason, "outcome": outcome, "items": items}
        for reason, outcome, items in con.execute(
            "select reason, effective_outcome, count(*) from outcomes where control_id = ? group by all order by 3 desc, 1",
            [name],
        ).fetchall()
    ]
    notes = []
    if kind == "raw" and name not in ("LOG-02", "DET-01", "DET-02", "IPE-01", "LOG-01a"):
        missing = [need for need in needs if need != "access_events"] or needs
        status, notes = "not_tested", [f"Table {need} was not delivered." for need in missing]
    elif kind == "raw":
        counts["pass"], status = 63_000 if name == "LOG-02" else 210, "pass"
        by_reason = [{"reason": "valid", "outcome": "pass", "items": counts["pass"]}]
        if name == "IPE-01":
            counts, status, by_reason, notes = (
                counts | {"pass": 0, "manual": 3},
                "manual",
                [{"reason": "no_total", "outcome": "manual", "items": 3}],
                ["no producer gave a control total"],
            )
    else:
        status = next((status for status in ORDER if counts.get(status)), "not_applicable")
        if form == "hybrid" and status == "pass":
            status, notes = "manual", ["the signed statement on the paths to the data was not received"]
    return {
        "id": name, "family": name[:3], "title": title, "promise": promise, "source": source, "severity": severity, "kind": form, "tests": tests, "limits": "Sees what is recorded, not whether the reason given was true.",
        "repeats": False, "clauses": {"dpf": clauses, "gdpr": [], "ccpa": []}, "needs": needs, "may_use": [], "rests_on": ["IPE-01"], "reasons": reasons, "columns": {"days_late": "Days after the deadline", "last_on": "Last day"},
        "parameters": [], "status": status, "status_notes": notes, "population": sum(counts.values()), "counts": counts, "by_reason": by_reason, "is_every_row_stored": True, "sql_path": f"sql/controls/{name}.sql", "sql_sha256": "0" * 64,
    }  # fmt: skip


def _findings(controls: list[dict], con: duckdb.DuckDBPyConnection) -> list[dict]:
    found = con.execute(
        "select control_id, effective_outcome, reason, cause, count(*), count(distinct subject), min(item_at), max(item_at), arg_min(item, (item_at, item)), arg_min(detail, (item_at, item)) from outcomes where effective_outcome <> 'pass' group by all"
    ).fetchall()
    named = {control["id"]: control for control in controls}
    found.sort(key=lambda row: (SEVERITIES.index(named[row[0]]["severity"]), -row[4], row[0], row[2], row[3] or ""))
    return [
        {"number": number, "finding_id": f"{fixed(*row[:4]):012x}", "control_id": row[0], "outcome": row[1], "severity": named[row[0]]["severity"], "reason": row[2], "cause": row[3], "title": named[row[0]]["reasons"][row[2]]["text"], "items": row[4], "subjects": row[5], "first_at": row[6], "last_at": row[7], "first_item": row[8] or con.execute("select min(item) from outcomes where control_id = ? and reason = ?", [row[0], row[2]]).fetchone()[0], "detail": row[9] or "no date on record"}
        for number, row in enumerate(found, 1)
    ]  # fmt: skip


def _lines(findings: list[dict], con: duckdb.DuckDBPyConnection) -> list[dict]:
    rows = []
    for finding in findings:
        kept = con.execute(
            "select item, item_at, subject, lines from outcomes where control_id = ? and reason = ? and cause is not distinct from ? order by item_at, item limit 3",
            [finding["control_id"], finding["reason"], finding["cause"]],
        ).fetchall()
        for item, moment, subject, lines in kept:
            when = f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment else None
            record = {
                "id": item,
                "ts": when,
                "seq": fixed(item) % 900_000,
                "actor": token("staff", item),
                "tool": "console",
                "action": "view_content",
                "account": subject,
                "rows": 71,
                "grant": None,
                "reason": HOSTILE if finding["control_id"] == "ACC-02" else "T-88127",
                "ip": token("ip", item),
            }
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + ("x" * 6000 if finding["control_id"] == "LOG-02" else "")
            rows.append(
                {
                    "origin": lines[0],
                    "table_name": "access_events",
                    "file_name": "inputs/support/staff_access-2026-08.jsonl",
                    "sha256": hashlib.sha256(item.encode()).hexdigest(),
                    "line": lines[0].rsplit(":", 1)[1],
                    "text": text,
                }
            )
            rows.append(
                {
                    "origin": lines[1],
                    "table_name": "access_grants",
                    "file_name": "inputs/tables/access_grants.csv",
                    "sha256": hashlib.sha256(b"grants").hexdigest(),
                    "line": lines[1].rsplit(":", 1)[1],
                    "text": f"g-30418,{subject},support_consent,{token('staff', 'b')},{when},2026-08-13T16:00:00Z,",
                }
            )
    return rows


def _carried(kind: str) -> list[dict]:
    keys = (
        "control_id",
        "kind",
        "item",
        "item_at",
        "subject",
        "outcome",
        "reason",
        "detail",
        "cause",
        "reported_outcome",
        "reported_reason",
        "reported_run",
    )
    if kind in ("none", "raw"):
        return [dict.fromkeys(keys)] if False else []
    changed = (
        "RET-01",
        "changed",
        "acct-0a2c9d41 / 2026-04-02 / warehouse",
        "2026-06-01T00:00:00+00:00",
        "acct-0a2c9d41",
        "exception",
        "late",
        "hold released 2026-07-20, purged 2026-08-30",
        None,
        "deferred",
        "held",
        "2026-Q2/r1",
    )
    still = (
        "BKP-01",
        "still_open",
        "bk-20260311-m1",
        "2026-04-10T00:00:00+00:00",
        "app_db",
        "exception",
        "remains",
        "taken 2026-03-11, last day 2026-04-10, destroyed not yet",
        None,
        None,
        None,
        None,
    )
    return [dict(zip(keys, row, strict=True)) for row in (changed, still)]


def _loads(target: Path, kind: str) -> list[dict]:
    rows = []
    given = [
        ("access_events", "web", 3, 20_000, 13, None),
        ("access_events", "product", 3, 6000, 0, 18_000),
        ("access_events", "bastion", 3, 400, 9, None),
    ]
    if kind != "raw":
        given += [
            ("access_events", "support", 3, 1607, 0, 4821),
            ("accounts", "all", 1, 2400, 0, 2400),
            ("purges", "all", 1, 1184, 2, 1186),
            ("backups", "all", 1, 276, 0, 276),
            ("legal_holds", "all", 1, 9, 0, None),
        ]
    for table, part, files, count, bad, total in given:
        for place in range(files):
            lost = bad if place == 0 and kind != "none" else 0
            rows.append(
                {
                    "load_id": f"{table}-{part}-{place}",
                    "table_name": table,
                    "part": part,
                    "file_name": f"inputs/{part}/{table}-{place}.log",
                    "sha256": hashlib.sha256(f"{table}{part}{place}".encode()).hexdigest(),
                    "format": "web_combined" if part == "web" else "csv",
                    "rows_read": count,
                    "rows_loaded": count - lost - (3 if place else 0),
                    "rows_duplicate": 3 if place else 0,
                    "rows_ignored": 0,
                    "rows_quarantined": lost,
                    "events_loaded": count - lost,
                    "control_total": total // files if total else None,
                    "extracted_at": AS_OF.isoformat(),
                }
            )
    _csv(target / "loads.csv", rows)
    _csv(
        target / "rejects.csv",
        [
            {
                "load_id": row["load_id"],
                "file_name": row["file_name"],
                "kind": "quarantined",
                "reason": "cut off in the middle",
                "rows": row["rows_quarantined"],
                "first_lines": "[12, 4711]",
                "first_texts": json.dumps([HOSTILE, "y" * 5000]),
            }
            for row in rows
            if row["rows_quarantined"]
        ],
    )
    _csv(
        target / "table_checks.csv",
        []
        if kind in ("none", "raw")
        else [
            {
                "load_id": "accounts-all-0",
                "table_name": "purges",
                "column_name": "account_id",
                "rule": "reference:accounts",
                "rows_checked": 1184,
                "rows_broken": 3,
                "first_lines": "[3, 9]",
            }
        ],
    )
    return rows


def _csv(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["none"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()} for row in rows)


if __name__ == "__main__":
    sys.stdout.write(f"{write_run(Path(sys.argv[1]), *sys.argv[2:3])}\n")
