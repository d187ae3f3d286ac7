"""The cases beside the controls: small tables in Markdown, with the answer below them."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from audit_lib import controls, sql, store
from audit_lib.errors import ControlError
from audit_lib.period import midnight, parse_moment
from audit_lib.sql import Control, Query

PERIOD = (parse_moment("2026-07-01"), parse_moment("2026-10-01"), parse_moment("2026-10-05"))
FIXED = {"item", "outcome", "reason", "subject", "detail", "cause", "item_at", "lines"}
Rows = list[dict[str, str]]


@dataclass
class Case:
    """One case: what is given, table by table, and the rows expected (None: a word such as `not_tested`)."""

    title: str
    period: tuple[datetime, datetime, datetime]
    every: dict[str, dict[str, str]]
    given: list[tuple[str, Rows]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    expected: Rows | None = None
    word: str | None = None


@dataclass(frozen=True)
class Tested:
    """What the cases of one control gave: number of cases, failures and errors, a text each."""

    id: str
    cases: int
    failed: list[str]
    errors: list[str]


def read_cases(path: Path) -> list[Case]:
    """The cases of a file. Raises ControlError where a line is none of the forms that README.md shows."""
    head = Case("", PERIOD, {})
    cases: list[Case] = []
    pending, rows, names = None, None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        case, text = cases[-1] if cases else head, line.strip()
        if text.startswith("## "):
            cases.append(Case(text[3:], head.period, dict(head.every), parameters=head.parameters))
            pending = None
        elif text.startswith("|"):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", text)[1:-1]]
            if pending is None:
                continue  # a table in the text
            if names is None:
                names = cells
            elif not set(text) <= set("|-: "):
                rows.append(
                    dict(zip(names, cells, strict=True))
                    if len(cells) == len(names)
                    else _fault(path, number, "has another number of cells than its head", text)
                )
        elif found := re.fullmatch(r"(every )?((?:history\.)?\w+)", text):
            pending, rows, names = (found[1], found[2]), [], None
            _attach(case, pending, rows)
        elif found := re.fullmatch(r"period (\S+?)/(\S+)( as of (\S+))?", text):
            case.period = tuple(parse_moment(part) for part in (found[1], found[2], found[4] or "2026-10-05"))
        elif found := re.fullmatch(r"absent (\w+(?:, *\w+)*)", text):
            case.absent = re.split(r", *", found[1])
        elif found := re.fullmatch(r"expect (nothing|not_tested)", text):
            case.expected, case.word = ([], None) if found[1] == "nothing" else (None, found[1])
    for case in cases:
        case.every = {table: (defaults[0] if isinstance(defaults, list) else defaults) for table, defaults in case.every.items()}
        if isinstance(case.parameters, list):
            case.parameters = {row["name"]: row["value"] for row in case.parameters}
        if case.expected is None and case.word is None:
            raise ControlError(f"{path.name}: case {case.title!r} expects nothing that can be checked. Add `expect` with a table")
    return cases


def _fault(path: Path, number: int, what: str, text: str) -> Any:
    raise ControlError(f"{path.name}:{number}: {what}: {text}")


def _attach(case: Case, pending: tuple[str | None, str], rows: Rows) -> None:
    is_default, name = pending
    if is_default:
        case.every[name] = rows  # filled below; its one row counts
    elif name == "expect":
        case.expected = rows
    elif name == "parameters":
        case.parameters = rows
    else:
        case.given.append((name, rows))


def test_control(
    connection: duckdb.DuckDBPyConnection, control: Control, definitions: dict[str, Query], tables: dict[str, store.Table], defaults: dict
) -> Tested:
    """Runs a control's cases, whole and split, in a database with all tables, flat and empty."""
    path = control.query.path.with_suffix(".cases.md")
    if not path.exists():
        return Tested(control.id, 0, [], [f"{path.name}: there are no cases beside the control"])
    faults = sql.lint(control, set(tables), definitions) if control.query.sql else []
    failed, errors = [], list(faults)
    try:
        found = read_cases(path)
    except ControlError as fault:
        return Tested(control.id, 0, [], [*errors, str(fault)])
    for case in found:
        try:
            connection.execute("begin")
            told = _run_case(connection, control, case, definitions, tables, defaults)
            failed += [f"{case.title}: {line}" for line in told]
        except (ControlError, duckdb.Error) as fault:
            errors.append(f"{case.title}: {fault}")
        finally:
            connection.execute("rollback")
    return Tested(control.id, len(found), failed, errors)


def _run_case(
    connection: duckdb.DuckDBPyConnection, control: Control, case: Case, definitions: dict[str, Query], tables: dict[str, store.Table], defaults: dict
) -> list[str]:
    _give(connection, case, tables)
    values = dict(defaults)
    for name, text in case.parameters.items():
        if name not in values:
            raise ControlError(f"no such parameter: {name}")
        value = connection.execute(f"select cast(? as {values[name][1]})", [text]).fetchone()[0] if text != "" else None
        values[name] = (value, values[name][1])
    unset = any(values[name][0] is None and not parameter.optional for name, parameter in control.parameters.items())
    if case.word or unset or set(case.absent) & set(control.needs):
        is_not_tested = unset or bool(set(case.absent) & set(control.needs))
        return [] if (case.word == "not_tested") == is_not_tested else [f"not tested: {is_not_tested}, expected: {case.word or 'items'}"]
    since, until, as_of = case.period
    whole = _outcomes(connection, control, definitions, values, since, until, as_of)
    told = _compare(case, whole, control)
    days = {at.date() + timedelta(days=step) for _, at, *_ in whole.values() if at for step in (0, 1)}
    for moment in sorted(midnight(day) for day in days):
        if since < moment < min(until, as_of):
            told += _compare_halves(connection, control, definitions, values, (since, moment, until, as_of), whole)
    return told


def _give(connection: duckdb.DuckDBPyConnection, case: Case, tables: dict[str, store.Table]) -> None:
    counted: dict[str, int] = {}
    for name, rows in case.given:
        table = name.removeprefix("history.")
        if table not in tables:
            raise ControlError(f"no such table: {name}")
        types = {column.name: column.type for column in tables[table].columns} | {"load_id": "varchar", "line": "bigint"}
        for row in rows:
            counted[name] = counted.get(name, 0) + 1
            full = {"load_id": name, "line": str(counted[name])} | case.every.get(name, {}) | row
            if unknown := sorted(full.keys() - types.keys()):
                raise ControlError(f"{name}: no such column: {', '.join(unknown)}")
            cells = {column: text for column, text in full.items() if text != ""}
            casts = ", ".join(f"cast(? as {types[column]})" for column in cells)
            connection.execute(f"insert into {name} ({', '.join(cells)}) values ({casts})", list(cells.values()))


def _outcomes(
    connection: duckdb.DuckDBPyConnection, control: Control, definitions: dict[str, Query], values: dict, since: datetime, until: datetime, as_of: datetime
) -> dict[str, tuple]:
    made: set[str] = set()
    controls.bind(connection, values, since, until, as_of)
    controls.start(connection)
    controls.run(connection, control, definitions, made)
    rows = connection.execute("select item, item_at, outcome, reason, subject, detail, cause, lines, facts from outcomes").fetchall()
    for name in made:
        connection.execute(f"drop table temp.{name}")
    return {row[0]: row for row in rows}


def _compare(case: Case, whole: dict[str, tuple], control: Control) -> list[str]:
    told = []
    expected = {row["item"]: row for row in case.expected or []}
    for item in sorted(expected.keys() | whole.keys()):
        if item not in whole:
            told.append(f"item {item!r} is missing, expected {expected[item]['outcome']} {expected[item]['reason']}")
        elif item not in expected:
            told.append(f"item {item!r} was not expected: {whole[item][2]} {whole[item][3]}")
        else:
            given = _as_text(whole[item])
            unlike = {name: (given.get(name), text) for name, text in expected[item].items() if given.get(name) != text}
            told += [f"item {item!r}: {name} is {got!r}, expected {want!r}" for name, (got, want) in unlike.items()]
    return told


def _as_text(row: tuple) -> dict[str, str]:
    import json

    names = ("item", "item_at", "outcome", "reason", "subject", "detail", "cause", "lines")
    values = dict(zip(names, row[:8], strict=True)) | (json.loads(row[8]) if row[8] else {})
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return re.sub(r"( 00:00)?(:00)?(\+00:00)$", "", value.isoformat(" "))
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compare_halves(
    connection: duckdb.DuckDBPyConnection, control: Control, definitions: dict[str, Query], values: dict, edges: tuple, whole: dict[str, tuple]
) -> list[str]:
    """The two halves of a period must give what the whole gives: each dated item once, all else in both."""
    since, moment, until, as_of = edges
    halves = [_outcomes(connection, control, definitions, values, a, b, as_of) for a, b in ((since, moment), (moment, until))]
    told = []
    for item, row in whole.items():
        times = sum(item in half for half in halves)
        is_in_both = control.repeats or row[1] is None
        if not control.repeats and times != (2 if is_in_both else 1):
            told.append(f"split at {moment:%Y-%m-%d}: item {item!r} occurs in {times} halves")
        for half in halves:
            if not control.repeats and item in half and half[item][2:4] != row[2:4]:
                told.append(f"split at {moment:%Y-%m-%d}: item {item!r} is {half[item][2:4]}, in the whole {row[2:4]}")
    stray = sorted((halves[0].keys() | halves[1].keys()) - whole.keys())
    return told + [f"split at {moment:%Y-%m-%d}: item {item!r} occurs only in a half" for item in stray]


def test_controls(folders: list[Path], ids: list[str]) -> list[Tested]:
    """Runs the cases of all controls, or of those named. Raises ControlError where a header or id is wrong."""
    tables = store.read_tables(folders)
    definitions = {name: sql.read_query(path) for name, path in sql.find(folders, "definitions").items()}
    found, broken = {}, []
    for name, path in sql.find(folders, "controls").items():
        try:
            found[name] = sql.read_control(path)
        except ControlError as fault:
            if not ids or name in ids:
                broken.append(Tested(name, 0, [], [str(fault)]))
    if unknown := [name for name in ids if name not in found and name not in {one.id for one in broken}]:
        raise ControlError(f"no such control: {', '.join(unknown)}. There are: {', '.join(found)}")
    chosen = [control for name, control in found.items() if not ids or name in ids]
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set threads = 1")
    store.create(connection, tables, flat=True)
    defaults = controls.parameter_values(found, {})
    return broken + [test_control(connection, control, definitions, tables, defaults) for control in chosen]
