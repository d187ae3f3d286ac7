"""The store: one DuckDB file that only loading writes, and sealed connections to it."""

import contextlib
import functools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from audit_lib import sql
from audit_lib.errors import BusyError, StoreError

VERSION = 1  # of the store's layout; a store of a newer one is refused
SUITE_TABLES = ("access_events", "loads", "quarantine", "ignored", "table_checks", "addresses", "audit_runs")
MADE_HERE = frozenset(SUITE_TABLES) - {"access_events"}  # no company delivers them


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    is_required: bool
    comment: str
    references: str | None


@dataclass(frozen=True)
class Table:
    """One table as its DDL states it; `checks`: name to SQL condition that a sound row does not break."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    checks: dict[str, str]
    ddl: str


def read_tables(folders: list[Path]) -> dict[str, Table]:
    """All tables by name, from `queries/tables`. Raises StoreError where a file is no valid DDL."""
    return dict(_tables(tuple((name, path, path.read_text(encoding="utf-8")) for name, path in sql.find(folders, "tables").items())))


@functools.lru_cache(maxsize=4)
def _tables(files: tuple[tuple[str, Path, str], ...]) -> dict[str, Table]:
    tables = {}
    with duckdb.connect() as connection:
        for name, path, text in files:
            try:
                connection.execute(text)
            except duckdb.Error as fault:
                raise StoreError(f"{path}: {fault}") from None
            tables[name] = _read_table(connection, name, text)
    return tables


def _read_table(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> Table:
    comments = dict(re.findall(r"^\s+(\w+) [^\n]*?--\s*(.+?)\s*$", text, re.M))
    columns = connection.execute(
        "select column_name, lower(data_type), not is_nullable from duckdb_columns() where table_name = ? order by column_index", [name]
    ).fetchall()
    constraints = connection.execute(
        "select constraint_type, constraint_name, expression, constraint_column_names from duckdb_constraints() where table_name = ?", [name]
    ).fetchall()
    return Table(
        name=name,
        grain=text.splitlines()[0].removeprefix("--").strip(),
        columns=tuple(
            Column(
                column,
                type_name.replace("timestamp with time zone", "timestamptz"),
                is_required,
                comments.get(column, ""),
                _reference(comments.get(column, "")),
            )
            for column, type_name, is_required in columns
        ),
        key=next((tuple(names) for kind, _, _, names in constraints if kind in ("UNIQUE", "PRIMARY KEY")), ()),
        checks={label: condition for kind, label, condition, _ in constraints if kind == "CHECK"},
        ddl=text,
    )


def _reference(comment: str) -> str | None:
    found = re.search(r"->\s*(\w+)\s*$", comment)
    return found[1] if found else None


def create(connection: duckdb.DuckDBPyConnection, tables: dict[str, Table], *, flat: bool = False) -> None:
    """Creates all tables without their constraints, which loading measures instead.

    Snapshots stand in schema `history`, with views of the newest loads in `main`; `flat` (for cases) makes both tables,
    so that a case may say what earlier snapshots held.
    """
    connection.execute("create schema if not exists history")
    suite_first = sorted(tables.values(), key=lambda table: table.name not in SUITE_TABLES)  # views read `loads`
    for table in suite_first:
        places = [table.name] if table.name in SUITE_TABLES else [f"history.{table.name}", table.name] if flat else [f"history.{table.name}"]
        columns = [(column.name, column.type) for column in table.columns]
        known = {name for name, _ in columns}
        columns += [pair for pair in (("load_id", "varchar"), ("line", "bigint")) if pair[0] not in known]
        names = ", ".join(f'"{name}" {type_name}' for name, type_name in columns)
        for place in places:
            connection.execute(f"create table {place} ({names}, origin varchar generated always as (load_id || ':' || line) virtual)")
        if table.name not in places:
            connection.execute(f"create view main.{table.name} as {_newest(table.name, 'true')}")
    connection.execute("create table if not exists ignored (load_id varchar, reason varchar, rows bigint, first_lines bigint[], first_texts varchar[])")
    connection.execute("create table store_version as select ? as version", [VERSION])


def _newest(table: str, condition: str) -> str:
    """The rows of the newest load of each part; suite-made rows of a log's load count as well."""
    return (
        f"select * from history.{table} where load_id in ("
        f"select arg_max(load_id, (extracted_at, loaded_at, load_id)) from main.loads where table_name = '{table}' and {condition} group by part "
        f"union all select load_id from main.loads where table_name = 'access_events')"
    )


def snapshots(connection: duckdb.DuckDBPyConnection, as_of: datetime, tables: dict[str, Table]) -> None:
    """Makes each snapshot table's name mean, in this connection, the rows in force at `as_of` (UTC)."""
    moment = as_of.isoformat()
    for name in tables.keys() - set(SUITE_TABLES):
        newest = _newest(name, f"extracted_at <= timestamptz '{moment}'").replace("main.loads", "loads")
        connection.execute(f"create or replace temp view {name} as {newest}")


def seal(connection: duckdb.DuckDBPyConnection, *, memory: str = "2GiB", threads: int | None = None, folders: list[Path] | None = None) -> None:
    """Fixes zone, memory, threads and temporary folder, and shuts out files, extensions and changes of settings.

    `folders`: what a loading connection may still read and write.
    """
    connection.execute("set global TimeZone = 'UTC'")  # a plain `set` misses cursors
    connection.execute(f"set global memory_limit = '{memory}'")
    connection.execute(f"set global threads = {threads or min(os.cpu_count() or 1, 8)}")
    connection.execute("set global autoinstall_known_extensions = false")
    connection.execute("set global autoload_known_extensions = false")
    if folders:
        names = ", ".join("'" + str(folder.resolve()).replace("'", "''") + "'" for folder in folders)
        connection.execute(f"set global allowed_directories = [{names}]")
    connection.execute("set global enable_external_access = false")
    connection.execute("set global lock_configuration = true")


def open_store(path: Path, *, memory: str = "2GiB", threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A sealed, read-only connection. Raises StoreError where there is no store, or one of a newer version."""
    if not path.exists():
        raise StoreError(f"{path}: no such store. Make it with `audit load`")
    temporary = tempfile.mkdtemp(prefix="audit-")
    try:
        connection = duckdb.connect(str(path), read_only=True, config={"temp_directory": temporary})
        _check_version(connection, path)
    except duckdb.Error as fault:
        raise StoreError(f"{path}: can't be opened: {str(fault).splitlines()[0]}") from None
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(temporary)  # DuckDB makes it anew when it needs it
    seal(connection, memory=memory, threads=threads)
    return connection


def _check_version(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    version = connection.execute("select max(version) from store_version").fetchone()[0]
    if version > VERSION:
        raise StoreError(f"{path}: made by a newer version of audit_lib (layout {version}, this one knows {VERSION}). Update audit_lib")


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Holds the project, so that two loads or audits don't collide. Raises BusyError where another one does."""
    try:
        with FileLock(str(folder / ".audit.lock"), timeout=0):
            yield
    except Timeout:
        raise BusyError(f"{folder}: another load or audit holds this project. Try again when it has ended") from None


@contextlib.contextmanager
def loading(path: Path, tables: dict[str, Table], *, memory: str = "2GiB", folders: list[Path] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a private copy of the store, published by replacing the file when the block ends well.

    However the block ends otherwise, the store stays as it was. The caller holds the project.
    """
    copy = path.with_name(path.name + ".new")
    for left in (copy, copy.with_name(copy.name + ".wal")):
        left.unlink(missing_ok=True)
    connection = None
    try:
        if path.exists():
            shutil.copyfile(path, copy)
        connection = duckdb.connect(str(copy), config={"temp_directory": str(path.parent / ".audit-tmp")})
        if path.exists():
            _check_version(connection, path)
        else:
            create(connection, tables)
        seal(connection, memory=memory, folders=[path.parent, *(folders or [])])
        yield connection
        connection.execute("checkpoint")
        connection.close()
        connection = None
        os.replace(copy, path)
    except duckdb.Error as fault:
        raise StoreError(f"{path}: the load failed and changed nothing: {str(fault).splitlines()[0]}") from fault
    except OSError as fault:
        raise StoreError(f"{path}: the load failed and changed nothing: {fault.strerror or fault}: {fault.filename or copy}") from fault
    finally:
        if connection is not None:
            connection.close()
        for left in (copy, copy.with_name(copy.name + ".wal")):
            left.unlink(missing_ok=True)
        shutil.rmtree(path.parent / ".audit-tmp", ignore_errors=True)
