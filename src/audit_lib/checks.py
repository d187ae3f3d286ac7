"""Measures what the dictionary demands of each table: keys, references, required cells, codes, no moments ahead."""

import re
from collections import defaultdict

import duckdb

from audit_lib.store import SUITE_TABLES, Column, Table

# Moments that may lie after the extraction: what is planned, ends of spans, deadlines.
MAY_BE_AHEAD = re.compile(
    r"(valid|covers|service)_(from|to)_(at|on)|data_to_on|trial_ends_at|.*_expires_at|.*until_(at|on)|(next_)?due_on|"
    r"(policy_)?effective_on|(started|ended|holiday)_on|scheduled_at"
)
SHOWN = 100  # line numbers kept of the rows that break a rule
Tests = list[tuple[str, str]]  # column, and the condition of a row that breaks the rule


def measure(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Writes `table_checks` anew for every log and every snapshot in force: what they refer to may have changed.

    One row per load and rule; `column_name` names the columns that break it, else those that were looked at.
    Snapshots that are no longer in force keep what was measured when they were.
    """
    chosen = defaultdict(list)
    for table, load_id in connection.execute(
        "select table_name, load_id from loads where table_name = 'access_events' "
        "union all select table_name, arg_max(load_id, (extracted_at, loaded_at, load_id)) from loads where table_name <> 'access_events' group by table_name, part order by all"
    ).fetchall():
        chosen[table].append(load_id)
    for name, loads in chosen.items():
        if name in tables:
            connection.execute("create or replace temp table looked_at as select unnest(?::varchar[]) as load_id", [loads])
            connection.execute("delete from table_checks where load_id in (select load_id from looked_at)")
            for rule, tests in _rules(tables[name], tables, set(chosen)).items():
                _measure(connection, tables[name], rule, tests)
    connection.execute("drop table if exists looked_at")


def _measure(connection: duckdb.DuckDBPyConnection, table: Table, rule: str, tests: Tests) -> None:
    """One rule of one table: a row in `table_checks` for each load, also where the load has no rows."""
    place = "access_events" if table.name == "access_events" else f"history.{table.name}"
    broken = ", ".join(f"coalesce({condition}, false) as is_broken_{number}" for number, (_, condition) in enumerate(tests))
    anything = " or ".join(f"is_broken_{number}" for number in range(len(tests)))
    counts = ", ".join(f"count(*) filter (where is_broken_{number})" for number in range(len(tests)))
    counted = "drawn_at is not null" if rule == "not_in_future" else "line is not null"
    rows = connection.execute(
        f"with measured as (select looked_at.load_id, facts.* exclude (load_id), loads.extracted_at as drawn_at, facts.rowid as row from looked_at join loads using (load_id) left join {place} as facts using (load_id)), "
        f"judged as (select load_id, line, drawn_at, {broken} from measured) "
        f"select load_id, count(*) filter (where {counted}), count(*) filter (where {anything}), min(line, {SHOWN}) filter (where {anything}), {counts} "
        "from judged group by load_id order by load_id"
    ).fetchall()
    for load_id, checked, count, lines, *each in rows:
        columns = [name for (name, _), found in zip(tests, each, strict=True) if found] or [name for name, _ in tests]
        connection.execute(
            "insert into table_checks (load_id, table_name, column_name, rule, rows_checked, rows_broken, first_lines) values (?, ?, ?, ?, ?, ?, ?)",
            [load_id, table.name, ", ".join(dict.fromkeys(", ".join(columns).split(", "))), rule, checked, count, sorted(set(lines or []))],
        )


def _rules(table: Table, tables: dict[str, Table], delivered: set[str]) -> dict[str, Tests]:
    """The rules that the table's DDL states, each with the conditions that break it; `line is null`: a load without rows."""
    facts = [column for column in table.columns if column.name not in ("load_id", "line", "origin")]
    rules: dict[str, Tests] = defaultdict(list)
    if table.key:
        rules["key"].append((", ".join(table.key), _repeated(table)))
    rules["required"] += [(column.name, f'line is not null and "{column.name}" is null') for column in facts if column.is_required]
    for condition in table.checks.values():
        is_code = re.search(r"\bIN \(|list_has_all", condition) and "IS NOT NULL" not in condition
        named = [column.name for column in facts if re.search(rf"\b{column.name}\b", condition)]
        rules["code" if is_code else "required"].append((", ".join(named), f"line is not null and not ({condition})"))
    for column in facts:
        target = tables.get(column.references or "")
        if target and target.name in delivered and target.name not in SUITE_TABLES:
            rules[f"reference:{target.name}"].append((column.name, _orphan(column, target)))
    ahead = {"timestamptz": "> drawn_at", "date": "> (drawn_at + interval 1 day)::date"}  # a day may have begun east of UTC
    rules["not_in_future"] += [(column.name, f'"{column.name}" {ahead[column.type]}') for column in facts if column.type in ahead and not MAY_BE_AHEAD.fullmatch(column.name)]
    return {rule: tests for rule, tests in rules.items() if tests}


def _repeated(table: Table) -> str:
    """A key that another row has: of the snapshots in force together, and of all events."""
    if table.name == "access_events":
        return (
            "event_id in (select event_id from access_events where hash(event_id) in (select hash(event_id) from access_events group by 1 having count(*) > 1) "
            "group by event_id having count(*) > 1)"
        )
    key = ", ".join(f'"{name}"' for name in table.key)
    return f"line is not null and count(*) over (partition by line is null, {key}) > 1"


def _orphan(column: Column, target: Table) -> str:
    """A value that the table referred to does not have; of a list, one that it does not have."""
    ids = f'select "{target.key[0]}" from main.{target.name} where "{target.key[0]}" is not null'
    if column.type.endswith("[]"):
        return f'(load_id, row) in (select (load_id, row) from (select load_id, row, unnest("{column.name}") as id from measured) where id is not null and id not in ({ids}))'
    return f'"{column.name}" is not null and "{column.name}" not in ({ids})'
