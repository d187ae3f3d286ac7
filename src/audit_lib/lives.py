"""One account's life: every event with its line, what is due when in each store and copy, which copies remain."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from audit_lib import audits, controls, origins, results, trails, words
from audit_lib.audits import Audit
from audit_lib.errors import InputError
from audit_lib.project import Project, locate, read_project

NOTEBOOK = "account_lifeline"
STORES = ("RET-01", "LOG-04")  # controls whose items are one store of one canceled span
JUDGES = ("RET", "BKP", "DIS", "LOG-03", "LOG-04", "DSR")  # controls that may have items about one account's data
STATES = ("overdue", "late", "unclear", "held", "held_over", "ahead", "gone", "ended")  # of a deadline, worst first
COLUMNS = ("event_at", "kind", "store_id", "what", "found_at")
# One row per canceled span and store: the last days of its rows and of its copies in both readings, and when they went.
DEADLINES = """
    select
      purged.canceled_on, purged.store_id, purged.is_login, purged.last_on, purged.is_due, purged.is_purged, purged.is_contradictory,
      nullif(purged.moved_on, 'infinity') as moved_on, purged.moved_on = 'infinity' as is_held, nullif(purged.gone_on, 'infinity') as gone_on,
      (nullif(purged.ended_at, 'infinity') at time zone company_time_zone())::date as ended_on,
      coalesce(copied.last_on, purged.last_on) as copies_strict_on, greatest(copied.last_on, copied.purged_on) + backup_days() as copies_mild_on,
      copied.gone.backup_id as copy_id, nullif(copied.gone.until_on, 'infinity') as copy_gone_on, copied.gone.until_on = 'infinity' as is_in_copy, copied.unclear.backup_id as unclear_copy_id
    from purged_stores as purged
    left join store_copies as copied
      on copied.account_id = purged.account_id and copied.canceled_on is not distinct from purged.canceled_on
      and copied.store_id = purged.store_id and copied.ended_at = purged.ended_at
    where purged.account_id = $1
    order by purged.canceled_on nulls last, purged.store_id, purged.is_login"""
# One row per store that may hold the account's data: since when, and until when it was there.
LIVES = """
    create or replace temp table life_stores as
    with
    latest as (
      select store_id, max(coalesce(emptied_at, as_of())) as held_until_at
      from purged_stores where account_id = $1 and ended_at = 'infinity' group by store_id
    )
    select known.store_id, coalesce((select min(created_at) from accounts where account_id = $1), '-infinity') as held_from_at, coalesce(latest.held_until_at, as_of()) as held_until_at
    from (
      select store_id from stores where is_in_purge_scope and valid_from_at <= as_of() and coalesce(valid_to_at > as_of(), true)
      union select store_id from purged_stores where account_id = $1
    ) as known
    left join latest on latest.store_id = known.store_id"""
# One row per copy that is still there and holds the account's data, or may hold them: nobody knows when they were taken.
COPIES = """
    select
      copy.backup_id, copy.store_id, backup.country, backup.location, copy.data_on, copy.last_on, nullif(copy.moved_on, 'infinity') as moved_on, copy.moved_on = 'infinity' as is_held,
      copy.data_at is null or copy.is_contradictory or copy.is_origin_missing as is_unclear, backup.origin
    from backup_copies as copy
    join life_stores as life on life.store_id = copy.store_id
    join backups as backup on list_contains(copy.lines, backup.origin) and backup.backup_id = copy.backup_id
    where copy.gone_on = 'infinity'
      and (copy.data_at between life.held_from_at and life.held_until_at or copy.data_at is null or copy.is_contradictory or copy.is_origin_missing)
    qualify row_number() over (partition by copy.backup_id order by backup.origin) = 1
    order by copy.moved_on, copy.last_on nulls first, copy.backup_id"""
# One row per place apart from stores and backups where the data still are: preserved copies, restored copies.
APART = """
    select 'preserved' as kind, backup_id as copy_id, store_id, taken_at as since_at, due_on, origin
    from preserved_copies where account_id = $1 and (destroyed_at is null or destroyed_at >= as_of())
    union all
    select 'restored', restore.restore_id, restore.target_store_id, restore.started_at, null, restore.origin
    from restores as restore
    join backup_copies as copy on copy.backup_id = restore.backup_id
    join life_stores as life on life.store_id = copy.store_id and copy.data_at between life.held_from_at and life.held_until_at
    where coalesce(restore.account_id, $1) = $1 and restore.started_at < as_of() and (restore.target_destroyed_at is null or restore.target_destroyed_at >= as_of())
    order by since_at, copy_id"""
HOLDS = """
    select hold.from_on, nullif(hold.until_on, 'infinity') as until_on, hold.released_at = 'infinity' as is_open, hold.is_unclear, hold.store_id, hold.origin
    from holds as hold where coalesce(hold.account_id, $1) = $1 and hold.person_id is null and hold.backup_id is null order by hold.from_on, hold.origin"""
STATUSES = """
    select status, status_cause, valid_from_at, valid_to_at, created_at from accounts where account_id = $1 order by valid_from_at, valid_to_at"""


@dataclass(frozen=True)
class Life:
    """What is on record of one account's data, as of one moment; texts are as the reader may see them, moments UTC, days the company's.

    `events` in order of time; `statuses`: its spans; `deadlines`: a row for each canceled span and store; `copies`: backups that still
    hold its data or may; `apart`: preserved and restored copies that are still there; `holds`: those that cover it; `verdicts`: what the
    controls say of it, over its whole life; `untested`: why a control could say nothing; `stores`: where its data may lie.
    """

    account: str
    run: dict[str, Any]
    events: tuple[dict, ...]
    statuses: tuple[dict, ...]
    deadlines: tuple[dict, ...]
    copies: tuple[dict, ...]
    apart: tuple[dict, ...]
    holds: tuple[dict, ...]
    verdicts: tuple[dict, ...]
    untested: tuple[str, ...]
    stores: tuple[str, ...]
    lines: tuple[dict, ...] = field(default=(), repr=False)

    @property
    def today(self) -> date:
        """The day looked from, in the company's zone."""
        return self.run["today"]

    def __repr__(self) -> str:
        return f"Life of {self.account}, as of {self.today}: {len(self.events)} events, {len(self.deadlines)} deadlines, {len(self.copies)} copies"


def make(project: Project, account: str, period: str, as_of: datetime | None, *, full_identities: bool = False, memory: str = "2GiB") -> tuple[Path, str]:
    """Runs the notebook for one account into `reports/PERIOD/lifelines/`; returns its page and its first sentence.

    Beside the page lie the executed notebook and a CSV with every event. Sealed runs are not touched.
    Raises InputError where no table names the account.
    """
    from audit_lib import life_report

    audit = audits.begin(project, period, as_of, full_identities=full_identities, memory=memory)
    life = collect(audit, account, with_lines=False)
    audit.connection.close()
    return trails.publish(audit, NOTEBOOK, "lifelines", life, COLUMNS), life_report.conclusion(life)


def open_life(project: str | Path, account: str, period: str = "last-quarter", as_of: str = "", identities: str = "pseudonyms") -> Life:
    """The life of one account from a project's store; `as_of` ISO, empty: when the newest snapshot was drawn. Raises as `make`."""
    moment = datetime.fromisoformat(as_of) if as_of else None
    audit = audits.begin(read_project(locate(project)), period, moment, full_identities=identities == "full")
    return collect(audit, account)


def collect(audit: Audit, account: str, *, with_lines: bool = True) -> Life:
    """The life of an account by its id or its name in a report, named as it was asked for. Raises InputError where no table names it."""
    connection = audit.connection
    identity, names = trails.identify(audit, account)
    if not audit.names.forward.get(identity, "").startswith("acct-"):
        raise InputError(f"{account}: no such account: no table names it. Give an account_id or its name in a report")
    told = trails.teller(names)
    # only this account and those merged into it: what is worked out for it costs the same in a company of any size
    connection.execute("create or replace temp table life_accounts as select * from accounts where account_id = $1 or merged_into_account_id = $1", [identity])
    connection.execute("create or replace temp view accounts as select * from life_accounts")
    events_sql = audit.definitions["account_life_events"].sql
    for text in (events_sql, DEADLINES, COPIES, APART, HOLDS):
        controls.define(connection, text, audit.definitions, audit.made)
    connection.execute(LIVES, [identity])
    files = dict(connection.execute("select load_id, file_name from loads").fetchall())

    def rows(query: str) -> list[dict]:
        return results.answer(connection.execute(query, [identity] if "$1" in query else []))

    events = [
        {key: told(value) for key, value in row.items()}
        | {"event_at": row["event_at"].astimezone(UTC), "origins": [row["origin"]], "found_at": told(origins.place(row["origin"], files))}
        for row in rows(f"select * from ({events_sql}) where account_id = $1 and event_at is not null and event_at < as_of() order by event_at, kind <> 'signed_up', kind, store_id nulls first, origin")
    ]  # fmt: skip
    verdicts, untested = _judge(audit, identity, told)
    plain = {name: tuple({key: told(value) for key, value in row.items()} for row in rows(query)) for name, query in (("statuses", STATUSES), ("copies", COPIES), ("apart", APART), ("holds", HOLDS))}  # fmt: skip
    stores = tuple(row[0] for row in connection.execute("select store_id from life_stores order by store_id").fetchall())
    judged = {(row["control_id"], row["raw_item"]): row for row in verdicts}
    deadlines = []
    for row in rows(DEADLINES):
        item = f"{identity} / {row['canceled_on'] or 'undated'} / {row['store_id']}"
        deadlines.append({key: told(value) for key, value in row.items()} | {"verdict": judged.get((STORES[row["is_login"]], item))})
    return Life(
        account=account, run=_facts(audit), events=tuple(events), deadlines=tuple(deadlines), verdicts=tuple(verdicts), untested=tuple(untested), stores=stores,
        lines=tuple(trails.raw_lines(audit, [row["origin"] for row in events], told)) if with_lines else (), **plain,
    )  # fmt: skip


def _judge(audit: Audit, identity: str, told: Any) -> tuple[list[dict], list[str]]:
    """What the controls say of this account, whatever the period, each item as the report would show it; and what could not be tested."""
    connection, verdicts, untested = audit.connection, [], []
    for name, control in audit.controls.items():
        if not name.startswith(JUDGES):
            continue
        standing = controls.standing(connection, control, audit.values)
        untested += [f"{name}: {note}" for note in standing.not_tested]
        if not standing.can_run:
            continue
        controls.define(connection, control.query.sql, audit.definitions, audit.made)
        found = connection.execute(
            f"select item, item_at, outcome, reason, detail, lines, {controls.IN_PERIOD} as is_in_period from ({controls.items(control)}) where subject = $1 order by item_at nulls last, item",
            [identity],
        )
        verdicts += [
            {key: told(value) for key, value in row.items()}
            | {"control_id": name, "raw_item": row["item"], "title": control.title, "text": control.reasons.get(row["reason"], (row["reason"], False))[0]}
            for row in results.answer(found)
        ]
    return verdicts, untested


def _facts(audit: Audit) -> dict[str, Any]:
    """How the page was made, with the numbers that its deadlines rest on."""
    today = audit.connection.execute("select (as_of() at time zone company_time_zone())::date").fetchone()[0]
    numbers = {name: audit.values[name][0] for name in ("purge_days", "backup_days", "hold_grace_days", "company_time_zone")}
    return trails.facts(audit, "lifeline") | numbers | {"today": today}


def state(life: Life, row: dict[str, Any]) -> str:
    """Where a deadline stands: one of STATES."""
    if row["canceled_on"] is None or row["is_contradictory"] or (row["verdict"] and row["verdict"]["outcome"] in ("unknown", "manual")):
        return "unclear"
    if row["gone_on"] is not None:
        limit = row["moved_on"] or row["gone_on"]
        return "late" if row["gone_on"] > limit else "held_over" if row["gone_on"] > row["last_on"] else "gone"
    if row["ended_on"] is not None and not row["is_due"]:
        return "ended"
    if row["is_held"]:
        return "held"
    return "overdue" if row["moved_on"] < life.today else "ahead"


def label(life: Life, row: dict[str, Any]) -> str:
    """Where a deadline stands, in words."""
    days = lambda one, other: words.counted(abs((one - other).days), "day")  # noqa: E731
    match state(life, row):
        case "overdue":
            over = days(life.today, row["moved_on"])
            return "missed its last day" if row["ended_on"] else f"rows left, {over} over" if row["is_purged"] else f"{over} past its last day"
        case "late":
            return f"purged {days(row['gone_on'], row['moved_on'])} too late"
        case "held":
            return "kept by a legal hold"
        case "ahead":
            return f"due in {days(row['moved_on'], life.today)}" if row["moved_on"] > life.today else "due today"
        case "held_over":
            return "purged as a hold moved it"
        case "gone":
            early = days(row["last_on"], row["gone_on"])
            return "purged on its last day" if row["gone_on"] == row["last_on"] else f"purged {early} early"
        case "ended":
            return "came back before the last day"
        case _:
            return words.lowered(row["verdict"]["text"]) if row["verdict"] else "contradictory or undated"


def lanes(life: Life) -> list[dict[str, Any]]:
    """One lane for each store in which data of the account are or were, the worst first."""
    found = []
    for store_id in life.stores:
        rows = [row for row in life.deadlines if row["store_id"] == store_id]
        current = sorted((row for row in rows if row["ended_on"] is None), key=lambda row: STATES.index(state(life, row)))
        past = sorted((row for row in rows if row["ended_on"] is not None), key=lambda row: STATES.index(state(life, row)))
        row = (current or past or [None])[0]
        one = state(life, row) if row else "kept"
        found.append({"store_id": store_id, "rows": rows, "state": one, "label": label(life, row) if row else "kept while active"})
    return sorted(found, key=lambda lane: ((*STATES, "kept").index(lane["state"]), lane["store_id"]))
