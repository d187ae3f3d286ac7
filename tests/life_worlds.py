"""Random lives of accounts and copies: small companies, and the library's runner over one after the other.

A company has its own zone, promises, stores and rules; each of its accounts and backups has a life of its own. Days crowd around
those that decide: the last day and its neighbors, the first and the last second of a day, the release of a hold, a return.
Not generated, since no reading settles them: a store whose classes change while a clock runs; a purge that found nothing
although rows had been left or seen before it; a hold on a base in a chain of more than two backups.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from judging import judged

ZONES = ("UTC", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/Havana", "Europe/London")
DAYS = (date(2026, 10, 5), date(2026, 11, 20), date(2027, 4, 20), date(2028, 4, 30), date(2027, 1, 31))
ACCOUNTS, VAULTED = 250, 200
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Company:
    """One small company: rows by table; `today` is the day of `as_of` in its zone."""

    number: int
    draw: random.Random
    zone: ZoneInfo
    as_of: datetime
    settings: dict
    rows: dict[str, list[dict]] = field(default_factory=lambda: defaultdict(list))

    @property
    def today(self) -> date:
        return self.day(self.as_of)

    def day(self, moment: datetime) -> date:
        """The day of a moment where the company is."""
        return moment.astimezone(self.zone).date()

    def moment(self, day: date) -> datetime:
        """A moment of that day, often its first or last second."""
        draw = self.draw
        at = draw.choice((time(0), time(0), time(23, 59, 59), time(23, 59, 59), time(12), time(draw.randrange(24), draw.randrange(60))))
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def past(self, day: date) -> datetime:
        """The same, if it has come: no later than the last second before `as_of`."""
        return min(self.moment(day), self.as_of - SECOND)

    def near(self, days: list[date], spread: int = 40) -> date:
        """One of the days that decide or its neighbor, now and then any day around it."""
        far = self.draw.randint(-spread, spread) if self.draw.random() < 0.3 else self.draw.choice((-1, 0, 0, 0, 1, 1))
        return self.draw.choice(days) + timedelta(far)

    def add(self, table: str, **row) -> dict:
        """One more row of a table, with its line."""
        rows = self.rows[table]
        rows.append({"load_id": table, "line": len(rows) + 1} | row)
        return rows[-1]


def start(number: int) -> Company:
    """A company with its stores, rules, store-wide holds and purges, without accounts and copies."""
    draw = random.Random(number)
    zone = ZoneInfo(draw.choice(ZONES))
    as_of = datetime.combine(draw.choice(DAYS), draw.choice((time(0), time(3), time(4), time(12), time(23, 59))), UTC)
    settings = {
        "purge_days": draw.choice((60, 60, 60, 30, 45)),
        "backup_days": draw.choice((30, 30, 14)),
        "hold_grace_days": draw.choice((None, None, 0, 1, 10)),
    }
    company = Company(number, draw, zone, as_of, settings | {"company_time_zone": zone.key})
    for name, classes, in_scope in (
        ("db", ["content"], True),
        ("wide", ["content", "survey"], True),
        ("mixed", ["content", "login"], True),
        ("log", ["login"], False),
    ):
        if name == "db" or draw.random() < 0.5:
            _store(company, name, classes, in_scope)
    company.add("data_classes", data_class_id="login", kind="login_log", is_personal=True)
    company.add("data_classes", data_class_id="content", kind="account_content", is_personal=True)
    stores = sorted({row["store_id"]: row["data_class_ids"] for row in company.rows["stores"]}.items())
    for store_id, classes in stores:
        for class_id in classes:
            if draw.random() < 0.4:
                _rules(company, store_id, class_id)
        if draw.random() < 0.3:
            _purge_of_all(company, store_id, classes)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        hold(company, [company.today - timedelta(draw.randint(0, 150))], store_id=draw.choice([name for name, _ in stores] + [None]))
    return company


def _store(company: Company, name: str, classes: list[str], in_scope: bool) -> None:
    """A store; it may enter or leave the purge scope, begin or end, or contradict itself."""
    draw = company.draw
    change = company.moment(company.today - timedelta(draw.randint(0, 200)))
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    spans = draw.choice((
        [(begin, None, in_scope)], [(begin, None, in_scope)], [(begin, None, in_scope)], [(begin, change, in_scope)], [(change, None, in_scope)],
        [(begin, change, in_scope), (change, None, not in_scope)], [(begin, change, not in_scope), (change, None, in_scope)],
    ))  # fmt: skip
    if name == "wide" and draw.random() < 0.1:
        spans = draw.choice(([(begin, None, None)], [(begin, None, True), (change, None, True)]))
    for since, until, scope in spans:
        company.add("stores", store_id=name, data_class_ids=classes, is_in_purge_scope=scope, valid_from_at=since, valid_to_at=until)


def _rules(company: Company, store_id: str, class_id: str) -> None:
    """Rules of one class that change over time; some bind nothing."""
    draw, begin = company.draw, datetime(2020, 1, 1, tzinfo=UTC)
    change = company.moment(company.today - timedelta(draw.randint(20, 200)))
    for counts_from in ("account_cancellation", "copy_taken"):
        for since, until in draw.choice(([(begin, None)], [(begin, change)], [(begin, change), (change, None)], [(change, None)])):
            company.add(
                "retention_rules", retention_rule_id=f"r{len(company.rows['retention_rules'])}", store_id=store_id, data_class_id=class_id,
                counts_from=counts_from if draw.random() < 0.85 else "creation", basis_kind="policy" if draw.random() < 0.85 else "management",
                max_days=draw.choice((30, 45, 50, 60, None) if counts_from == "account_cancellation" else (10, 20, 30, 60, 90, None)),
                valid_from_at=since, valid_to_at=until,
            )  # fmt: skip


def _purge_of_all(company: Company, store_id: str, classes: list[str]) -> None:
    for _ in range(company.draw.choice((1, 2, 5))):
        _purge(company, company.today - timedelta(company.draw.randint(0, 120)), store_id, classes, None)


def _purge(company: Company, day: date, store_id: str, classes: list[str], account_id: str | None, is_first: bool = True) -> None:
    draw = company.draw
    number = len(company.rows["purges"])
    reason = "restore" if not is_first and draw.random() < 0.3 else "account_canceled"
    company.add(
        "purges", purge_id=f"p{number - (draw.random() < 0.004 and not is_first):06}", store_id=store_id, account_id=account_id,
        person_id="somebody" if draw.random() < 0.03 else None, data_class_id=draw.choice((None, None, *classes)),
        reason=reason, restore_id="r" if reason == "restore" else None, method="erase" if draw.random() < 0.95 else draw.choice(("deidentify", "aggregate")),
        purged_at=company.moment(day), rows_before=draw.choice((10, 10, 10, None, *[0] * (not is_first))),
        rows_remaining=draw.choice((0,) * 8 + (None, None, 3)),
    )  # fmt: skip


def hold(company: Company, days: list[date], **names) -> None:
    """A legal hold placed, and perhaps released, around the days that decide; now and then unclear."""
    draw = company.draw
    placed = company.near(days)
    released = draw.choice((None, None, placed + timedelta(draw.randint(0, 60)), max(placed, company.near(days))))
    since, until = company.past(placed), released and company.moment(released)
    if until and until < since:
        since, until = until, since
    fault = draw.random()
    if fault < 0.04:
        since = None
    elif fault < 0.06 and until:
        since, until = until, since - SECOND
    number = len(company.rows["legal_holds"])
    company.add(
        "legal_holds", legal_hold_id=f"h{number - 1 if number and draw.random() < 0.01 else number}",
        approved_by_person_id=None if draw.random() < 0.05 else "counsel", valid_from_at=since, valid_to_at=until, **names,
    )  # fmt: skip


def live(company: Company, number: int) -> None:
    """One account: its history, holds, purges and counts."""
    draw, account_id = company.draw, f"a{company.number}-{number}"
    canceled = company.today - timedelta(draw.choice((draw.randint(0, 220), company.settings["purge_days"] + draw.randint(-2, 40))))
    promises = [company.settings["purge_days"], company.settings["purge_days"], 30, 45, 60]
    due = canceled + timedelta(draw.choice(promises))
    spans = _history(company, account_id, canceled, due)
    days = [canceled, due, due, due, *[company.day(moment) for moment in spans]]
    for _ in range(draw.choice((0, 0, 0, 1, 1, 2, 3))):
        stores = sorted({row["store_id"] for row in company.rows["stores"]})
        hold(
            company, days, account_id=account_id, store_id=draw.choice((None, None, *stores)),
            person_id="somebody" if draw.random() < 0.05 else None, backup_id="b" if draw.random() < 0.03 else None,
        )  # fmt: skip
        until = company.rows["legal_holds"][-1]["valid_to_at"]
        days += [company.day(until) + timedelta(company.settings["hold_grace_days"] or 0)] * 3 if until else []
    for store_id, classes in sorted({row["store_id"]: row["data_class_ids"] for row in company.rows["stores"]}.items()):
        if draw.random() < 0.1:
            continue
        early = [canceled + timedelta(draw.randint(1, 25))] if draw.random() < 0.5 else days
        counted = draw.random() < 0.15 and company.number % 3 == 0
        for turn in range(draw.choice((1, 1, 1, 2, 2, 3, 4))):
            _purge(company, company.near(early if turn == 0 else days), store_id, classes if turn else [], account_id, is_first=turn == 0)
        for _ in range(draw.choice((1, 2)) if counted else 0):
            company.add(
                "row_counts", store_id=store_id, account_id=account_id, person_id="somebody" if draw.random() < 0.05 else None,
                data_class_id=draw.choice((None, None, *classes)), data_from_on=draw.choice((None, None, None, company.near(days))),
                address_form="any" if draw.random() < 0.9 else "full", row_count=draw.choice((0, 0, 4)), counted_at=company.past(company.near(days)),
            )  # fmt: skip
        _agree(company, account_id, store_id)


def _agree(company: Company, account_id: str, store_id: str) -> None:
    """Where rows were left or seen, no purge says that there had been none."""
    purges = [row for row in company.rows["purges"] if (row["account_id"], row["store_id"]) == (account_id, store_id)]
    counts = [row for row in company.rows["row_counts"] if (row["account_id"], row["store_id"]) == (account_id, store_id)]
    if any(row["rows_remaining"] for row in purges) or any(row["row_count"] for row in counts):
        for row in purges:
            row["rows_before"] = row["rows_before"] or (10 if row["rows_before"] == 0 else None)


def _history(company: Company, account_id: str, canceled: date, due: date) -> list[datetime]:
    """The account's statuses; gives the moments at which they changed after the cancellation."""
    draw = company.draw
    created_at = company.moment(canceled - timedelta(draw.randint(1, 300)))
    at = max(company.past(canceled), created_at)
    turns = sorted({company.past(company.near([due, due, canceled])) for _ in range(3)})
    turns = [moment for moment in turns if moment > at]
    shape = draw.choice(("plain",) * 30 + ("back", "again", "merged", "cause", "gap") * 3 + ("undated", "overlap", "code"))
    names = {"plain": "", "back": "A", "again": "AC", "merged": "M", "cause": "CA", "gap": "-C", "undated": "", "overlap": "A", "code": "A"}[shape]
    changes = list(zip(turns, names, strict=False))
    words = {"A": "active", "C": "canceled", "M": "merged", "-": None}
    steps = [(created_at, "active"), (at, "cancelled" if shape == "code" else "canceled"), *[(moment, words[name]) for moment, name in changes]]
    ends = [*[moment for moment, _ in steps[1:]], None]
    for place, ((since, status), until) in enumerate(zip(steps, ends, strict=True)):
        if status:
            company.add(
                "accounts", account_id=account_id, status=status, status_cause="owner", kind="customer", created_via="web", created_at=created_at,
                valid_from_at=None if shape == "undated" and place == 1 else since, valid_to_at=None if shape == "overlap" and place == 0 else until,
            )  # fmt: skip
    return [moment for moment, _ in changes]


def copies(company: Company) -> None:
    """Backups of the stores, few or many, well kept or not, and a vault of wild ones that no account is asked of."""
    draw = company.draw
    for store_id in sorted({row["store_id"] for row in company.rows["stores"]}):
        for _ in range(draw.choice((0, 3, 10, 40))):
            _copy(company, store_id, draw.choice((0, 0, 0.05, 0.3)))
    for _ in range(VAULTED):
        _copy(company, "vault", 0.5)
    for store_id in ("vault", "db"):
        if draw.random() < 0.4:
            _rules(company, store_id, "content")


def _copy(company: Company, store_id: str, wildness: float) -> None:
    draw, number = company.draw, len(company.rows["backups"])
    earlier = [row for row in company.rows["backups"][-12:] if row["store_id"] == store_id and row["taken_at"]]
    taken = company.today - timedelta(draw.randint(0, 260))
    base = draw.choice(earlier) if earlier and draw.random() < 0.25 else None
    held = {hold.get("backup_id") for hold in company.rows["legal_holds"]} if base and base["base_backup_id"] else ()
    base = None if base and {base["backup_id"], base["base_backup_id"]} & set(held) else base
    original = draw.choice(earlier) if earlier and not base and draw.random() < 0.2 else None
    for other in filter(None, (base, original)):
        taken = min(company.day(other["taken_at"]) + timedelta(draw.randint(0, 12)), company.today)
    taken_at = company.past(taken)
    last = taken + timedelta(company.settings["backup_days"])
    destroyed = last - timedelta(draw.randint(0, 5))
    if draw.random() < wildness:
        destroyed = draw.choice((None, company.near([last]), company.near([last]), last + timedelta(draw.randint(1, 120))))
    fault = draw.random()
    row = company.add(
        "backups", backup_id=f"b{company.number}-{number - 1 if number and draw.random() < 0.004 else number:05}", store_id=store_id,
        kind="odd" if draw.random() < 0.005 else draw.choice(("scheduled", "scheduled", "manual", "dump", "export")), taken_at=taken_at,
        destroyed_at=destroyed and company.moment(max(destroyed, taken - timedelta(draw.random() < 0.01))),
        base_backup_id=base and base["backup_id"], copied_from_backup_id=original and original["backup_id"],
    )  # fmt: skip
    if fault < 0.01 * (1 + 2 * (store_id == "vault")):
        row |= draw.choice(({"taken_at": None}, {"base_backup_id": "lost"}, {"copied_from_backup_id": "lost"}))
    days = [last, last, taken, destroyed or last]
    days += [company.today - timedelta(draw.randint(0, 90))] if store_id != "vault" else []
    for _ in range(draw.choice((0, 0, 1, 1, 2)) if draw.random() < (wildness or 0.05) + (not destroyed) / 2 else 0):
        if not base or not base["base_backup_id"]:
            hold(company, days, backup_id=row["backup_id"], account_id="somebody's" if draw.random() < 0.05 else None)
            if store_id != "vault" and draw.random() < 0.4:
                company.rows["legal_holds"][-1]["approved_by_person_id"] = None


def found(connection: duckdb.DuckDBPyConnection, company: Company, *names: str) -> dict[str, dict[str, tuple]]:
    """What the library's runner gives for one company: by control and item, outcome and reason."""
    tables = {
        table
        for (table,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'main' and not internal and not temporary").fetchall()
    }
    for table in sorted(tables - {"store_version"}):
        connection.execute(f"delete from {table}")
    for table, rows in company.rows.items():
        if not rows:
            continue
        columns = {name: None for row in rows for name in row}
        given = pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows])
        connection.register("given", given)
        connection.execute(f"insert into {table} by name select * from given")
        connection.unregister("given")
    wide = timedelta(days=2000)
    return judged(connection, names, company.settings, company.as_of - wide, company.as_of + wide, company.as_of)
