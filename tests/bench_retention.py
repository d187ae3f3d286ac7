"""Benchmark of the retention report: a company made in SQL, every control and figure of the report, pandas beside two of them.

A quarter of the accounts were canceled over three years; nearly all were purged in time, some late, never or not wholly; some are
held; each store is backed up daily. `make bench` runs it with 100,000 accounts; `make bench ACCOUNTS=1000000` with a million.
Writes `retention.json` and `retention.md` to reports/bench: of the whole report, and of RET-01 and BKP-02 alone, RET-01 and BKP-02a beside
the same rules in pandas, which must count the same items by outcome. Each is a process of its own, which may use 2 GiB.
"""

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from bench_load import ROOT, describe_machine

from audit_lib import controls, findings, sql, store
from audit_lib.project import Setting

SINCE, UNTIL, AS_OF = (datetime(2026, *day, tzinfo=UTC) for day in ((7, 1), (10, 1), (10, 5, 6)))
REPORT = re.compile(r"^(RET|BKP|DIS|COL|DSR)-|^LOG-0[34]|^SEC-02$")
SET = {"trial_days": 30, "frozen_days": 180, "inactive_days": 400, "vendor_confirmation_days": 14}  # what management must set
DAYS = 1096  # of which the store knows, up to AS_OF
COMPANY = {  # table: its rows; numbers stand for accounts and stores
    "data_classes": """select 'class-' || n as data_class_id, data_class_id as name, kind, true as is_personal, ['service'] as purposes, [] as compatible_purposes
      from (values (0, 'account_content'), (1, 'profile'), (2, 'account_content'), (3, 'login_log'), (4, 'correspondence'), (5, 'survey')) as kinds(n, kind)""",
    "stores": """select 'store-' || n as store_id, 'Store ' || n as name, 'emp-' || n % 5 as owner_person_id,
      case when n = {stores} - 1 then 'log' when n % 5 = 4 then 'search_index' else 'database' end as kind,
      case when n = {stores} - 1 then ['class-3'] when n % 3 = 0 then ['class-0', 'class-1'] else ['class-' || n % 3] end as data_class_ids,
      n < {stores} - 1 as is_in_purge_scope, case when n = {stores} - 1 then 'product' end as event_provider,
      case when n = {stores} - 1 then 'primary' end as log_role, case when n = {stores} - 1 then ['web'] end as access_paths,
      timestamptz '2020-01-01' as valid_from_at from range({stores}) as numbers(n)""",
    "accounts": """
      with lives as (
        select 'acct-' || n as account_id, n % 4 = 0 as is_canceled, n % 800 = 4 as is_back,
          timestamptz '2023-10-05' + to_minutes((hash(n) % ({days} * 1440))::bigint) as canceled_at,
          (case when n % 4 = 0 then canceled_at else timestamptz '2026-10-01' end) - to_hours(24 * (30 + hash(n, 1) % 900)::bigint) as created_at,
          case when n % 5 = 0 then 'free' else 'team' end as plan, n % 12 = 0 as is_automatic
        from range({accounts}) as numbers(n)
      ),
      spans as (
        select *, 'active' as status, created_at as valid_from_at, case when is_canceled then canceled_at end as valid_to_at from lives
        union all
        select *, 'canceled', canceled_at, case when is_back then canceled_at + interval 20 days end from lives where is_canceled
        union all
        select *, 'active', canceled_at + interval 20 days, null from lives where is_canceled and is_back
      )
      select account_id, status, case when status = 'canceled' then case when is_automatic then 'automatic' else 'owner' end end as status_cause,
        valid_from_at, valid_to_at, 'customer' as kind, 'web' as created_via, created_at, timestamptz '2026-09-20' as last_active_at, plan
      from spans where valid_from_at < timestamptz '{as_of}' order by account_id, valid_from_at""",
    "purges": """
      with canceled as (
        select account_id, valid_from_at, coalesce(valid_to_at, 'infinity') as valid_to_at, hash(account_id) as number
        from history.accounts where status = 'canceled'
      )
      select 'purge-' || (number % 1000000007) || '-' || account_id[6:] || '-' || n as purge_id, 'store-' || n as store_id, account_id,
        'account_canceled' as reason, 'erase' as method,
        valid_from_at + to_hours((24 * 10 + hash(number, n) % 430 + case when hash(number, n, 1) % 500 = 0 then 24 * 60 else 0 end)::bigint) as purged_at,
        'run-' || n || '-' || purged_at::date as job_run_id,
        (5 + hash(number, n, 2) % 1000)::bigint as rows_before,
        case when hash(number, n, 3) % 3000 = 0 then 2 when hash(number, n, 4) % 3000 > 0 then 0 end as rows_remaining
      from canceled cross join range({stores}) as numbers(n)
      where purged_at < least(timestamptz '{as_of}', valid_to_at) and hash(number, n, 5) % 1000 > 0 order by purged_at, purge_id""",
    "legal_holds": """select 'hold-' || row_number() over (order by account_id) as legal_hold_id, 'litigation' as basis, 'emp-1' as approved_by_person_id,
      'matters/1' as evidence_uri, account_id, valid_from_at + to_hours((24 * (hash(account_id, 6) % 80))::bigint) as valid_from_at,
      case when hash(account_id, 7) % 2 = 0 then valid_from_at + interval 200 days end as valid_to_at
      from history.accounts where status = 'canceled' and hash(account_id, 8) % 300 = 0
      union all by name
      select 'hold-backup-' || n as legal_hold_id, 'litigation' as basis, 'emp-1' as approved_by_person_id, 'matters/2' as evidence_uri,
      'copy-' || n || '-1050' as backup_id, timestamptz '2026-08-25' as valid_from_at from range(3) as numbers(n)""",
    "backups": """select 'copy-' || n || '-' || day as backup_id, 'store-' || n as store_id, 'US' as country, 'scheduled' as kind,
      timestamptz '2023-10-05 03:00' + to_hours(24 * day) as taken_at,
      case when day + 30 < {days} and (day > 120 or hash(n, day) % 200 > 0) then taken_at + to_hours(24 * (27 + hash(n, day) % 3)::bigint) end as destroyed_at,
      'job-backup' as job_id, 'key-1' as key_id, 'active' as key_status, true as is_encrypted, false as is_default_key
      from range({stores}) as numbers(n) cross join range({days}) as days(day)
      union all by name
      select 'preserved-' || row_number() over (order by account_id) as backup_id, 'store-0' as store_id, 'US' as country, 'preserved_copy' as kind,
      valid_from_at as taken_at, valid_from_at + interval 90 days as destroyed_at, account_id, 'paper-' || account_id as legal_request_id,
      'store-1' as kept_in_store_id, valid_from_at as newest_record_at
      from history.accounts where status = 'canceled' and hash(account_id, 9) % 3000 = 0""",
    "legal_requests": """select legal_request_id, 'preservation' as kind, 'section_2703f' as instrument, 'A Department' as authority, 'US' as country,
      taken_at as received_at, account_id, 'complied' as status from history.backups where kind = 'preserved_copy'""",
    "row_counts": """select store_id, account_id, 'any' as address_form, 'store_owner' as counted_by, 3 as row_count, purged_at + interval 5 days as counted_at
      from history.purges where hash(purge_id, 1) % 5000 = 0
      union all by name
      select 'store-' || n as store_id, 'any' as address_form, 'store_owner' as counted_by, 0 as row_count, timestamptz '2026-10-04' as counted_at
      from range({stores} - 1) as numbers(n)
      union all by name
      select 'store-' || ({stores} - 1) as store_id, account_id, date_trunc('week', created_at)::date as data_from_on,
      data_from_on + 7 as data_to_on, 'any' as address_form, 'store_owner' as counted_by, 9 as row_count,
      timestamptz '2026-10-03' as counted_at
      from history.accounts where status = 'active' and valid_to_at is null""",
    "retention_rules": """
      with held as (select store_id, unnest(data_class_ids || ['class-5']) as data_class_id from history.stores)
      select 'rule-' || row_number() over (order by store_id, data_class_id, starts.n) as retention_rule_id, store_id, data_class_id,
      'emp-1' as owner_person_id, starts.counts_from, 'policy' as basis_kind, 'section 1' as basis, max_days, false as is_kept_while_active,
      ['RET-01'] as control_ids, valid_from_at::timestamptz as valid_from_at, valid_to_at::timestamptz as valid_to_at
      from held cross join (values
        (1, 'account_cancellation', 45, '2020-01-01', '2024-06-01'), (2, 'account_cancellation', 60, '2024-06-01', null),
        (3, 'copy_taken', 30, '2020-01-01', null), (4, 'trashing', 30, '2020-01-01', null), (5, 'creation', 400, '2020-01-01', null)
      ) as starts(n, counts_from, max_days, valid_from_at, valid_to_at)""",
    "jobs": """select * from (values ('job-backup', 'backup', 24), ('job-purge', 'purge', null)) as jobs(job_id, operation, run_every_hours)
      cross join (select 'A job' as name, 'upkeep' as purpose, [] as input_data_class_ids, false as is_automated_decision, false as has_human_review,
      timestamptz '2020-01-01' as valid_from_at)""",
    "job_runs": """select job_run_id, 'job-purge' as job_id, 'ok' as status, min(purged_at) as scheduled_at, min(purged_at) as started_at,
      max(purged_at) as ended_at, sum(rows_before - rows_remaining)::bigint as expected_count, expected_count as deleted_count, 0 as error_count
      from history.purges group by job_run_id""",
    "restores": """select 'restore-' || row_number() over (order by backup_id) as restore_id, backup_id, store_id as target_store_id, 'emp-2' as requested_by_person_id,
      'test' as purpose, taken_at + interval 3 days as started_at, taken_at + interval 74 hours as ended_at, taken_at + interval 80 hours as target_destroyed_at
      from history.backups where kind = 'scheduled' and hash(backup_id) % 500 = 0 and taken_at < '2026-09-20'""",
    "records": """select 'record-' || n as record_id, 'class-' || [0, 1, 2, 4, 5][1 + n % 5] as data_class_id, 'store-' || n % ({stores} - 1) as store_id,
      'acct-' || hash(n) % {accounts} as account_id, ['cust-' || n % 1000] as person_ids, 'thread-' || n // 10 as thread_id,
      timestamptz '2025-10-05' + to_minutes((hash(n, 1) % 500000)::bigint) as created_at,
      case when n % 5 < 3 and n % 7 = 0 then created_at + interval 2 days end as trashed_at, true as has_email, false as is_accessible, ['/records/' || n] as url_paths
      from range({accounts} // 5) as numbers(n)""",
    "privacy_requests": """select 'request-' || n as privacy_request_id, 'form' as channel, 'cust-' || n as person_id, 'delete' as kind,
      'account_holder' as requester_kind, 'EEA' as jurisdiction, timestamptz '2024-01-05' + to_hours((24 * (hash(n) % 900))::bigint) as received_at,
      received_at + interval 10 days as responded_at, 'fulfilled' as outcome from range({accounts} // 1000) as numbers(n)""",
    "vendors": "select 'vendor-' || n as vendor_id, 'V' as name, 'processor' as role, timestamptz '2020-01-01' as valid_from_at from range(5) as numbers(n)",
    "vendor_flows": """select vendor_id, ['class-1'] as data_class_ids, timestamptz '2020-01-01' as first_seen_at, true as is_personal from history.vendors""",
    "request_actions": """select 'step-' || row_number() over () as request_action_id, privacy_request_id, store_id, vendor_id, 'delete' as action,
      received_at + interval 5 days as instructed_at, received_at + interval 9 days as done_at
      from history.privacy_requests cross join (
        select store_id, null as vendor_id from history.stores union all select null, vendor_id from history.vendors)""",
    "access_events": """select 'event-' || n as event_id, timestamptz '2026-07-01' + to_milliseconds(n * (8000000000 // {accounts})) as event_time,
      'http' as event_dataset, 'product' as event_provider, 'request' as event_action, 'success' as event_outcome, 'customer' as user_kind,
      'user-' || hash(n) % 100000 as user_id, 'acct-' || (4 * (hash(n) % ({accounts} // 4)) + 1) as account_id, 'GET' as http_method,
      '/calendar/' || hash(n, 1) % {accounts} as url_path, 200 as http_status from range({accounts}) as numbers(n)""",
}  # fmt: skip


FIGURES = ["purge_clock", "stores", "lifelines", "backup_age", "due_ahead", "root_causes", "day_margins", "verdict_flips", "other_promises", "rule_coverage"]
FIGURES += ["holds_in_force", "retention_trend"]


def make_store(path: Path, accounts: int, stores: int) -> dict[str, int]:
    """A store of that many accounts and stores; returns the number of rows of each table."""
    tables, rows = store.read_tables(sql.roots()), {}
    with duckdb.connect(path) as connection:
        connection.execute("set global TimeZone = 'UTC'; set memory_limit = '3GiB'")
        store.create(connection, tables)
        for name in tables:  # a table without rows was delivered as well
            connection.execute(
                "insert into loads by name select ? as load_id, ? as table_name, 'all' as part, ? as loaded_at, ? as extracted_at, ? as covers_from_at, ? as covers_to_at",
                [f"{name}-1", name, AS_OF, AS_OF, SINCE, UNTIL],
            )
        for name, select in COMPANY.items():
            place = name if name in store.SUITE_TABLES else f"history.{name}"
            select = select.format(accounts=accounts, stores=stores, days=DAYS, as_of=AS_OF.isoformat())
            connection.execute(f"insert into {place} by name select '{name}-1' as load_id, row_number() over () as line, * from ({select})")
            rows[name] = connection.execute(f"select count(*) from {place}").fetchone()[0]
        connection.execute("checkpoint")
    return rows


def begin(path: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, sql.Control], dict[str, sql.Query]]:
    """The store as an audit opens it: sealed, with two cores."""
    folders = sql.roots()
    found = sql.read_controls(folders)
    connection = store.open_store(path, threads=2)
    store.snapshots(connection, AS_OF, store.read_tables(folders))
    given = {name: Setting(value, "bench", date(2026, 1, 1)) for name, value in SET.items()}
    controls.bind(connection, controls.parameter_values(found, given), SINCE, UNTIL, AS_OF)
    controls.start(connection)
    return connection, found, {name: sql.read_query(file) for name, file in sql.find(folders, "definitions").items()}


def whole_report(path: Path, only: str | None = None) -> list[dict]:
    """Seconds of each definition, control and figure, in the order of an audit; `only`: of one control and what it needs."""
    connection, found, definitions = begin(path)
    made, told = set(), []

    def clocked(kind: str, name: str, act) -> None:
        start = time.perf_counter()
        result = act()
        told.append(
            {
                "kind": kind,
                "name": name,
                "seconds": time.perf_counter() - start,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "result": result,
            }
        )
        print(f"{kind:10} {name:30} {told[-1]['seconds']:6.1f} s {told[-1]['memory']:6.0f} MiB {result}", file=sys.stderr, flush=True)

    def define(text: str) -> None:
        for name in sql.definitions_used(text, definitions):
            if name not in made:
                clocked("definition", name, lambda name=name: controls.define(connection, f"from {name}", definitions, made))

    def run(control: sql.Control) -> dict[str, int]:
        counted = controls.run(connection, control, definitions, made)
        return {f"{reason}: {outcome}": items for reason, outcome, items in counted.by_reason}

    for name, control in found.items():
        if name == only or (only is None and REPORT.match(name)):
            define(control.query.sql)
            clocked("control", name, lambda control=control: run(control))
    if only is None:
        findings.apply_waivers(connection)
        findings.make_findings(connection, found, b"bench")
        connection.execute(
            """create temp table controls as select control_id as id, 'exception' as status, 'high' as severity, count(*) as population,
            count(*) filter (where outcome = 'pass') as n_pass, count(*) filter (where outcome = 'exception') as n_exception, 0 as n_deferred,
            0 as n_manual, 0 as n_unknown from outcomes group by control_id;
            create temp table reported (control_id varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar, reason varchar, run varchar);
            create temp table spans (control_id varchar, run varchar, since_at timestamptz, until_at timestamptz, is_every_row_stored boolean);
            drop table outcomes; create temp view outcomes as from judged_outcomes; create or replace temp view findings as from run_findings"""
        )
        figures = sql.find(sql.roots(), "figures")
        for name in FIGURES:
            figure = sql.read_query(figures[name])
            define(figure.sql)
            clocked("figure", name, lambda figure=figure: connection.sql(figure.sql).to_arrow_table().num_rows)
    return told


def export(path: Path, folder: Path) -> None:
    """The tables that the rules in pandas read, as Parquet files."""
    with duckdb.connect(path, read_only=True) as connection:
        for name in ("accounts", "stores", "data_classes", "retention_rules", "legal_holds", "purges", "row_counts", "backups"):
            connection.execute(f"copy (select * exclude (origin) from history.{name}) to '{folder}/{name}.parquet' (format parquet)")


def purged_in_pandas(folder: Path, is_whole: bool):
    """One row per canceled span and store with its deadline and purge, as RET-01 judges it; `is_whole`: of all stores and periods."""
    import numpy
    import pandas

    def read(name: str, *columns: str) -> pandas.DataFrame:
        frame = pandas.read_parquet(folder / f"{name}.parquet", columns=list(columns))
        return frame.astype({column: "datetime64[us, UTC]" for column in columns if column.endswith("_at")})

    never = pandas.Timestamp("2200-01-01", tz="UTC")
    spans = read("accounts", "account_id", "status", "created_at", "valid_from_at", "valid_to_at")
    spans = spans[spans.status == "canceled"].rename(columns={"valid_from_at": "canceled_at", "valid_to_at": "ended_at"}).drop(columns="status")
    spans["ended_at"] = spans.ended_at.fillna(never)
    classes = read("data_classes", "data_class_id", "kind")
    stores = read("stores", "store_id", "is_in_purge_scope", "data_class_ids").explode("data_class_ids")
    stores["is_login"] = stores.data_class_ids.isin(classes[classes.kind == "login_log"].data_class_id)
    stores = stores[(stores.is_in_purge_scope & ~stores.is_login) | (stores.is_login & is_whole)]
    rules = read("retention_rules", "store_id", "data_class_id", "counts_from", "basis_kind", "max_days", "valid_from_at")
    rules = rules[(rules.counts_from == "account_cancellation") & (rules.basis_kind == "policy")]
    rules = rules.merge(stores, left_on=["store_id", "data_class_id"], right_on=["store_id", "data_class_ids"])
    rules = rules.groupby(["store_id", "valid_from_at"], as_index=False).max_days.min().sort_values("valid_from_at")
    pairs = spans.sort_values("canceled_at").merge(stores[["store_id"]].drop_duplicates(), how="cross")
    pairs = pandas.merge_asof(pairs, rules, by="store_id", left_on="canceled_at", right_on="valid_from_at").drop(columns="valid_from_at")
    pairs["canceled_on"] = pairs.canceled_at.dt.floor("D")
    pairs["last_on"] = pairs.canceled_on + pandas.to_timedelta(pairs.max_days.fillna(60), unit="D")
    holds = read("legal_holds", "account_id", "valid_from_at", "valid_to_at").dropna(subset="account_id")
    held = pairs[pairs.account_id.isin(holds.account_id)].reset_index(names="pair").merge(holds, on="account_id")
    held["until_on"] = held.valid_to_at.where(held.valid_to_at < AS_OF).fillna(never).dt.floor("D")
    held = held[(held.valid_from_at.dt.floor("D") <= held.last_on) & (held.until_on > held.last_on) & (held.until_on > held.canceled_at)]
    pairs["moved_on"] = held.groupby("pair").until_on.max()
    pairs["moved_on"] = pairs.moved_on.fillna(pairs.last_on)
    pairs["due_on"] = pairs.moved_on.where(pairs.moved_on < never, pairs.last_on)
    if not is_whole:
        is_over = (pairs.due_on < pandas.Timestamp(AS_OF).floor("D")) & ((pairs.ended_at == never) | (pairs.ended_at.dt.floor("D") > pairs.moved_on))
        pairs = pairs[is_over & (pairs.due_on >= SINCE) & (pairs.due_on < UNTIL)]
    pairs = pairs.reset_index(drop=True).reset_index(names="pair")
    purges = read("purges", "account_id", "store_id", "purged_at", "rows_remaining")
    made = pairs[["pair", "account_id", "store_id", "canceled_at", "ended_at", "moved_on"]].merge(purges, on=["account_id", "store_id"])
    made = made[(made.purged_at >= made.canceled_at) & (made.purged_at < made.ended_at)].sort_values("purged_at")
    made["is_in_time"] = made.purged_at.dt.floor("D") <= made.moved_on
    latest, kept = made.groupby("pair").last(), made[made.is_in_time].groupby("pair").last()
    seen = read("row_counts", "account_id", "store_id", "row_count", "counted_at", "data_from_on")
    seen = seen[(seen.row_count > 0) & seen.data_from_on.isna()].merge(pairs[["pair", "account_id", "store_id", "ended_at"]], on=["account_id", "store_id"])
    seen = seen[seen.counted_at < seen.ended_at].groupby("pair").counted_at.max()
    early = pandas.Timestamp("1900-01-01", tz="UTC")
    pairs["seen_at"] = pairs.pair.map(seen).fillna(early)
    pairs["kept_at"], pairs["kept_left"] = pairs.pair.map(kept.purged_at), pairs.pair.map(kept.rows_remaining)
    pairs["emptied_at"], pairs["latest_left"] = pairs.pair.map(latest.purged_at), pairs.pair.map(latest.rows_remaining)
    pairs["is_gone"] = pairs.kept_at.notna() & (pairs.kept_left.fillna(0) == 0) & (pairs.seen_at <= pairs.kept_at) & (pairs.kept_at == pairs.emptied_at)
    whole = read("row_counts", "store_id", "account_id", "row_count", "counted_at")
    whole = pairs.store_id.map(whole[whole.account_id.isna() & (whole.row_count == 0)].groupby("store_id").counted_at.max())
    pairs["is_counted"] = pairs.kept_left.notna() | (whole > pairs.kept_at)
    pairs["is_left"] = pairs.emptied_at.isna() | (pairs.latest_left > 0) | (pairs.seen_at > pairs.emptied_at)
    choices = {
        "unknown": pairs.is_gone & ~pairs.is_counted,
        "pass": pairs.is_gone & (pairs.kept_at.dt.floor("D") <= pairs.last_on),
        "deferred": pairs.is_gone | (pairs.moved_on == never),
    }
    pairs["outcome"] = numpy.select(list(choices.values()), list(choices), "exception")
    return pairs


def ret01_in_pandas(folder: Path) -> dict[str, int]:
    return purged_in_pandas(folder, is_whole=False).outcome.value_counts().to_dict()


def bkp02a_in_pandas(folder: Path) -> dict[str, int]:
    """Of the accounts purged in time everywhere, and for good: whether the last copy of each store that held their data was gone by day 60."""
    import numpy
    import pandas

    pairs = purged_in_pandas(folder, is_whole=True)
    pairs["purged_at"] = pairs.emptied_at.where(pairs.is_gone)
    copies = pandas.read_parquet(folder / "backups.parquet", columns=["backup_id", "store_id", "kind", "taken_at", "destroyed_at"])
    copies = copies[copies.kind != "preserved_copy"].sort_values("taken_at")
    holds = pandas.read_parquet(folder / "legal_holds.parquet", columns=["backup_id", "valid_from_at", "valid_to_at"]).dropna(subset="backup_id")
    copies = copies.merge(holds, on="backup_id", how="left")
    today = pandas.Timestamp(AS_OF).floor("D")
    never = numpy.datetime64("2200-01-01", "D")

    def days(moments):
        return moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[D]")

    created, emptied = (pairs[column].dt.tz_convert("UTC").dt.tz_localize(None) for column in ("created_at", "emptied_at"))
    ends = {column: numpy.full(len(pairs), numpy.datetime64("NaT", "s")) for column in ("copy_on", "held_on")}
    for store_id, rows in pairs.groupby("store_id").indices.items():
        own = copies[copies.store_id == store_id]
        gone_on = days(own.destroyed_at.where(own.destroyed_at < AS_OF))
        gone_on[numpy.isnat(gone_on)] = never
        free_on = numpy.where(own.valid_from_at.notna() & (gone_on == never), numpy.datetime64("1900-01-01", "D"), gone_on)
        taken_at = own.taken_at.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        created_at = created.to_numpy()[rows].astype(taken_at.dtype)
        emptied_at = emptied.to_numpy()[rows].astype(taken_at.dtype)
        early, late = numpy.searchsorted(taken_at, created_at), numpy.searchsorted(taken_at, emptied_at, side="right")
        late = numpy.where(numpy.isnat(emptied_at), early, late)
        for column, values in (("copy_on", free_on), ("held_on", gone_on)):
            levels = [values]  # the last of 1, 2, 4, … copies in a row
            while len(levels[-1]) > 2 ** (len(levels) - 1):
                half = 2 ** (len(levels) - 1)
                levels.append(numpy.maximum(levels[-1][:-half], levels[-1][half:]))
            length = numpy.maximum(late - early, 1)
            power = numpy.floor(numpy.log2(length)).astype(int)
            found = numpy.full(len(rows), numpy.datetime64("NaT", "D"))
            for level, lasts in enumerate(levels):
                chosen = (late > early) & (power == level)
                found[chosen] = numpy.maximum(lasts[early[chosen]], lasts[late[chosen] - 2**level])
            ends[column][rows] = found
    pairs = pairs.assign(**ends)
    spans = pairs.groupby(["account_id", "canceled_on", "ended_at"]).agg(
        last_on=("last_on", "max"), is_purged=("is_gone", "all"), copy_on=("copy_on", "max"), held_on=("held_on", "max")
    )
    spans = spans.reset_index()
    last = spans.last_on.dt.tz_localize(None)
    is_tested = spans.is_purged & (spans.last_on < today) & (spans.ended_at.dt.floor("D") > spans.last_on) & (spans.last_on >= SINCE) & (spans.last_on < UNTIL)
    outcome = numpy.select([spans.copy_on > last, spans.held_on > last], ["exception", "deferred"], "pass")
    return pandas.Series(outcome[is_tested]).value_counts().to_dict()


def ours_alone(path: Path, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for reason, items in whole_report(path, name)[-1]["result"].items():
        outcome = reason.split(": ")[1]
        counts[outcome] = counts.get(outcome, 0) + items
    return counts


PROGRAMS = {
    "the whole report": lambda path: whole_report(path),
    "RET-01, audit_lib": lambda path: ours_alone(path, "RET-01"),
    "RET-01, pandas": lambda path: ret01_in_pandas(path.parent),
    "BKP-02a, audit_lib": lambda path: ours_alone(path, "BKP-02a"),
    "BKP-02a, pandas": lambda path: bkp02a_in_pandas(path.parent),
    "BKP-02b, audit_lib": lambda path: ours_alone(path, "BKP-02b"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000, help="accounts (default: 100,000)")
    parser.add_argument("--stores", type=int, default=20, help="stores (default: 20)")
    parser.add_argument("--programs", nargs="*", default=list(PROGRAMS), help="which to run (default: all)")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        start = time.perf_counter()
        result = PROGRAMS[args.one[0]](Path(args.one[1]))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": time.perf_counter() - start, "memory": memory, "result": result}))
        return
    folder = ROOT / "reports" / "bench"
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    path = scratch / "store.duckdb"
    rows = make_store(path, args.accounts, args.stores)
    export(path, scratch)
    found = {}
    for program in args.programs:
        told = subprocess.run([sys.executable, __file__, "--one", program, str(path)], stdout=subprocess.PIPE, text=True)
        if told.returncode:
            raise SystemExit(f"{program} failed")
        found[program] = json.loads(told.stdout)
    for name in ("RET-01", "BKP-02a"):
        pair = [found[program]["result"] for program in found if program.startswith(name)]
        if len(pair) == 2 and pair[0] != pair[1]:
            raise SystemExit(f"{name}: not the same items: {pair[0]} and {pair[1]}")
    shutil.rmtree(scratch)
    (folder / "retention.json").write_text(json.dumps({"machine": describe_machine(), "rows": rows, "results": found}, indent=1))
    text = table(found, rows, args.stores)
    (folder / "retention.md").write_text(text)
    print(text)


def table(found: dict[str, dict], rows: dict[str, int], stores: int) -> str:
    """The results as Markdown: each program with seconds and memory, then the parts of the report that took a second or more."""
    lines = ["| program | seconds | peak memory |", "|---|---|---|"]
    lines += [f"| {program} | {one['seconds']:.1f} | {one['memory'] / 1024:.2f} GiB |" for program, one in found.items()]
    if "the whole report" in found:
        parts = found["the whole report"]["result"]
        lines += ["", "| part of the report | seconds |", "|---|---|"]
        lines += [f"| {part['kind']} {part['name']} | {part['seconds']:.1f} |" for part in parts if part["seconds"] >= 0.95]
    sizes = ", ".join(f"{rows[name]:,} rows of {name}" for name in ("accounts", "purges", "backups", "row_counts"))
    return "\n".join(lines) + f"\n\n{sizes}, {stores} stores; {describe_machine()}.\n"


if __name__ == "__main__":
    main()
