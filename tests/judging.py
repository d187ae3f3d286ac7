"""Controls run over a store that a test has filled, through the library's own runner; rows by their values."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import duckdb

from audit_lib import controls, sql, store
from audit_lib.project import Setting


def empty_store() -> duckdb.DuckDBPyConnection:
    """A database in memory with all tables, flat and empty."""
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set threads = 2")
    store.create(connection, store.read_tables(sql.roots()), flat=True)
    return connection


def judged(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], settings: dict[str, Any], since: datetime, until: datetime, as_of: datetime, *facts: str
) -> dict[str, dict[str, tuple]]:
    """By control and item: outcome, reason and the further columns asked for, as text. Of the settings those count that a control declares."""
    roots = sql.roots()
    paths = sql.find(roots, "controls")
    chosen = {name: sql.read_control(paths[name]) for name in names}
    definitions = {name: sql.read_query(path) for name, path in sql.find(roots, "definitions").items()}
    known = {parameter for control in chosen.values() for parameter in control.parameters}
    given = {name: Setting(value) for name, value in settings.items() if name in known and value is not None}
    controls.bind(connection, controls.parameter_values(chosen, given), since, until, as_of)
    controls.start(connection)
    made: set[str] = set()
    for control in chosen.values():
        controls.run(connection, control, definitions, made, stored=10**9)
    for name in made:
        connection.execute(f"drop table temp.{name}")
    found: dict[str, dict[str, tuple]] = {name: {} for name in names}
    columns = "".join(f", facts ->> '$.{fact}'" for fact in facts)
    for name, item, *told in connection.execute(f"select control_id, item, outcome, reason{columns} from outcomes").fetchall():
        found[name][item] = tuple(told)
    return found


def grouped(rows: list[dict], *names: str) -> dict[tuple, list[dict]]:
    """Rows by the values of some columns."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row.get(name) for name in names)].append(row)
    return groups
