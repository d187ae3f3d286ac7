"""Measures what the dictionary demands of each table: keys, references, required cells, codes, no moments ahead."""

import re
from collections import defaultdict

import duckdb
import pyarrow as pa

from audit_lib.store import SUITE_TABLES, Column, Table

# Moments that may lie after the extraction: what is planned, ends of spans, deadlines.
MAY_BE_AHEAD = re.compile(
    r"(valid|covers|service)_(from|to)_(at|on)|data_to_on|trial_ends_at|.*_expires_at|.*until_(at|on)|(next_)?due_on|"
    r"(policy_)?effective_on|(started|ended|holiday)_on|scheduled_at"
)
SHOWN = 100  # line numbers kept of the rows that break a rule
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("load_id", "table_name", "column_name", "rule")]
    + [("rows_checked", pa.int64()), ("rows_broken", pa.int64()), ("first_lines", pa.list_(pa.int64()))]
)
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
            _measure(connection, tables[name], _rules(tables[name], tables, set(chosen)))
    connection.execute("drop table if exists looked_at")


def _measure(connection: duckdb.DuckDBPyConnection, table: Table, rules: dict[str, Tests]) -> None:
    """All rules of one table in one pass: a row in `table_checks` for each load and rule, also where the load has no rows."""
    place = "access_events" if table.name == "access_events" else f"history.{table.name}"
    broken, sums = [], []
    for number, (rule, tests) in enumerate(rules.items()):
        names = [f"broken_{number}_{place_in_rule}" for place_in_rule in range(len(tests))]
        broken += [f"coalesce({condition}, false) as {name}" for name, (_, condition) in zip(names, tests, strict=True)]
        looked_at = "drawn_at is not null and line is not null" if rule == "not_in_future" else "line is not null"
        anything = f"where {' or '.join(names)}"
        each = ", ".join(f"count(*) filter (where {name})" for name in names)
        sums.append(
            f"count(*) filter (where {looked_at}), count(*) filter ({anything}), list_sort(list_distinct(min(line, {SHOWN}) filter ({anything}))), [{each}]"
        )
    rows = connection.execute(
        "with measured as ("
        "select looked_at.load_id, facts.* exclude (load_id), loads.extracted_at as drawn_at, facts.rowid as row "
        f"from looked_at join loads using (load_id) left join {place} as facts using (load_id)"
        f"), judged as (select load_id, line, drawn_at, {', '.join(broken)} from measured) "
        f"select load_id, {', '.join(sums)} from judged group by load_id order by load_id"
    ).fetchall()
    made = []
    for load_id, *found in rows:
        for number, (rule, tests) in enumerate(rules.items()):
            checked, count, lines, each = found[4 * number : 4 * number + 4]
            columns = [name for (name, _), hits in zip(tests, each, strict=True) if hits] or [name for name, _ in tests]
            made.append((load_id, table.name, ", ".join(dict.fromkeys(", ".join(columns).split(", "))), rule, checked, count, lines or []))
    connection.register("made", pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in made], SCHEMA))
    connection.execute(f"insert into table_checks ({', '.join(SCHEMA.names)}) select * from made")
    connection.unregister("made")


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
    rules["not_in_future"] += [
        (column.name, f'"{column.name}" {ahead[column.type]}') for column in facts if column.type in ahead and not MAY_BE_AHEAD.fullmatch(column.name)
    ]
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
