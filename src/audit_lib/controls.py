"""Runs controls over a store: parameters, definitions, one row per item, the status of each control."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from audit_lib import sql
from audit_lib.errors import ControlError, InputError, raise_all
from audit_lib.project import Setting
from audit_lib.sql import Control, Parameter, Query
from audit_lib.store import MADE_HERE

OUTCOMES = ("pass", "exception", "deferred", "manual", "unknown")
STATUSES = ("exception", "unknown", "not_tested", "manual", "waived", "deferred", "pass", "not_applicable")  # worst first
STORED = 100_000  # items up to which every row is kept; above, passes are counted (DESIGN.md §4)
IN_PERIOD = "(item_at is null or (item_at >= since() and item_at < until()))"


@dataclass(frozen=True)
class Counted:
    """A control's items of the period: `by_reason` has (reason, outcome, items); `fingerprint` is of the items that passed where
    they are counted only (DuckDB's hash(), of the version that the run names)."""

    population: int
    by_reason: list[tuple[str, str, int]]
    is_every_row_stored: bool
    fingerprint: str | None = None


@dataclass(frozen=True)
class Standing:
    """What the inputs allow to say of a control before it runs: why not tested, what else limits it."""

    not_tested: list[str] = field(default_factory=list)
    can_run: bool = True


def parameter_values(controls: dict[str, Control], given: dict[str, Setting]) -> dict[str, tuple[Any, str]]:
    """Every declared parameter's value and type. Raises InputError with all wrong types and unknown names."""
    declared = {name: parameter for control in controls.values() for name, parameter in control.parameters.items()}
    faults = [f"audit.toml: unknown parameter: {name}. Allowed: {', '.join(sorted(declared)) or 'none'}" for name in sorted(given.keys() - declared.keys())]
    values = {}
    for name, parameter in sorted(declared.items()):
        value = given[name].value if name in given else parameter.default
        if value is not None and not _fits(parameter, value):
            users = ", ".join(control.id for control in controls.values() if name in control.parameters)
            faults.append(f"{users}: {name} must be {parameter.type}, not {value!r}. Correct it in [parameters] of audit.toml")
        values[name] = (value, parameter.type)
    raise_all(InputError, faults)
    return values


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = sql.TYPES[parameter.type]
    if isinstance(value, bool) != (kind is bool):
        return False
    if kind is list:
        return isinstance(value, list) and all(isinstance(one, sql.TYPES[parameter.type.removesuffix("[]")]) for one in value)
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)


def bind(connection: duckdb.DuckDBPyConnection, values: dict[str, tuple[Any, str]], since: datetime, until: datetime, as_of: datetime) -> str:
    """Binds parameters and period in this connection; returns the text of `parameters.sql` that does the same."""
    moments = {name: (value.isoformat(), "timestamptz") for name, value in (("since", since), ("until", min(until, as_of)), ("as_of", as_of))}
    text = sql.macros(moments | values)
    connection.execute(text)
    return text


def define(connection: duckdb.DuckDBPyConnection, text: str, definitions: dict[str, Query], made: set[str]) -> None:
    """Computes the definitions that a statement needs and that are not in `made` yet, each into a temporary table."""
    for name in sql.definitions_used(text, definitions):
        if name not in made:
            connection.execute(f"create temp table {name} as {definitions[name].sql}")
            made.add(name)


def items(control: Control, *, is_brief: bool = False) -> str:
    """A control's SELECT with its fixed columns cast, nulls dropped from `lines`, and its further columns as JSON `facts`.

    `is_brief`: of what passes only item, moment and reason, since passes are to be counted and not stored.
    """
    facts = f"to_json({{{', '.join(f'{name!r}: {name}' for name in control.columns)}}})::varchar" if control.columns else "null::varchar"
    told = {
        "subject": "subject::varchar",
        "detail": "detail::varchar",
        "cause": "cause::varchar",
        "lines": "coalesce(list_filter(lines::varchar[], lambda origin: origin is not null)[1:100], [])",
        "facts": facts,
    }
    told = {name: f"case when outcome is distinct from 'pass' then {text} end as {name}" if is_brief else f"{text} as {name}" for name, text in told.items()}
    return f"""
        select '{control.id}' as control_id, item::varchar as item, item_at::timestamptz as item_at, {told["subject"]}, outcome::varchar as outcome,
          reason::varchar as reason, {told["detail"]}, {told["cause"]}, {told["lines"]}, {told["facts"]}
        from ({control.query.sql})"""


def run(connection: duckdb.DuckDBPyConnection, control: Control, definitions: dict[str, Query], made: set[str], stored: int = STORED) -> Counted:
    """Appends the control's items of the period to the temporary table `outcomes` (one row per item) and counts them.

    Raises ControlError where the SQL fails, an item breaks the contract, or the stated population is another.
    """
    condition = "true" if control.repeats else IN_PERIOD
    try:
        define(connection, control.query.sql, definitions, made)
        stated = connection.execute(f"select count(*) from ({control.population}) where {condition}").fetchone()[0] if control.population else None
        is_brief = (stated or 0) > stored
        connection.execute(f"create or replace temp table judged as select * from ({items(control, is_brief=is_brief)}) where {condition}")
        by_reason = connection.execute("select reason, outcome, count(*) from judged group by all order by all").fetchall()
        population = sum(count for _, _, count in by_reason)
        _check_contract(connection, control, is_brief)
        if stated not in (None, population):
            raise ControlError(
                f"{control.id}: judges {population:,} items, its stated population has {stated:,}: a join loses or multiplies items, so nothing is reported"
            )
        fingerprint = None
        if population > stored:
            passes = "select reason, bit_xor(hash(item)) from judged where outcome = 'pass' group by reason order by reason"
            fingerprint = " ".join(f"{reason}:{number}" for reason, number in connection.execute(passes).fetchall())
        kept = "true" if population <= stored else "outcome <> 'pass'"
        connection.execute(f"insert into outcomes select * from judged where {kept} order by item_at nulls first, item")
        connection.execute("drop table judged")
    except duckdb.Error as fault:
        raise ControlError(f"{control.id}: {fault}") from None
    return Counted(population, by_reason, population <= stored, fingerprint)


def start(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the empty temporary table `outcomes`."""
    connection.execute(
        "create or replace temp table outcomes (control_id varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar, "
        "reason varchar, detail varchar, cause varchar, lines varchar[], facts varchar)"
    )


def _check_contract(connection: duckdb.DuckDBPyConnection, control: Control, is_brief: bool) -> None:
    reasons = ", ".join(f"'{code}'" for code in control.reasons)
    checks = {
        "an item without an id": "item is null",
        f"an outcome that is none of {', '.join(OUTCOMES)}": f"outcome is null or outcome not in {OUTCOMES}",
        "a reason that its header does not explain": f"reason is null or reason not in ({reasons})",
        "an item without a detail": f"detail is null and (outcome <> 'pass' or {not is_brief})",
    }
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in checks.values())
    counted = connection.execute(f"select {counts}, count(item) - count(distinct item) from judged").fetchone()
    checks["an item twice"] = "item in (select item from judged group by item having count(*) > 1)"
    for (what, condition), count in zip(checks.items(), counted, strict=True):
        if count:
            item, outcome, reason = connection.execute(f"select item, outcome, reason from judged where {condition} order by all limit 1").fetchone()
            raise ControlError(f"{control.id}: gives {what}: item {item!r}, outcome {outcome!r}, reason {reason!r}")


def standing(connection: duckdb.DuckDBPyConnection, control: Control, values: dict[str, tuple[Any, str]]) -> Standing:
    """Why a control can't be tested, or not wholly: absent tables, early snapshots, gaps of logs, unset parameters."""
    reasons, can_run = [], True
    unset = [name for name, parameter in control.parameters.items() if values[name][0] is None and not parameter.optional]
    for name in unset:
        reasons.append(f"Parameter {name} is not set: {control.parameters[name].meaning.lower()}.")
        can_run = False
    for table in control.needs:
        if table in MADE_HERE:
            continue
        loaded = connection.execute(
            "select count(*) from loads where table_name = ? and (extracted_at is null or extracted_at <= as_of() or table_name = 'access_events')", [table]
        ).fetchone()[0]
        if not loaded:
            reasons.append(f"Table {table} was not delivered.")
            can_run = False
        elif table == "access_events":
            reasons += log_gaps(connection)
        else:
            early = connection.execute(
                "select part, max(extracted_at) from loads where table_name = ? and extracted_at <= as_of() group by part having max(extracted_at) < until() order by part",
                [table],
            ).fetchall()
            reasons += [
                f"Table {table}{'' if part == 'all' else ', part ' + part}, was drawn at {at:%Y-%m-%d %H:%M} UTC, before the period ends." for part, at in early
            ]
    return Standing(reasons, can_run)


def log_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each log whose spans leave part of the period uncovered; stated spans first, else its events'."""
    rows = connection.execute("""
        with
        spans as (
          select part, coalesce(covers_from_at, first_at) as from_at, coalesce(covers_to_at, last_at) as to_at, covers_from_at is not null as is_stated
          from loads
          where table_name = 'access_events'
        ),
        reached as (
          select *, max(to_at) over (partition by part order by from_at, to_at rows between unbounded preceding and 1 preceding) as before_at
          from spans
          where from_at < until() and to_at > since()
        ),
        edges as (
          select part, greatest(coalesce(before_at, since()), since()) as gap_from_at, least(from_at, until()) as gap_to_at, is_stated from reached
          union all
          select part, greatest(max(to_at), since()), until(), bool_and(is_stated) from reached group by part
          union all
          select part, since(), until(), bool_and(is_stated) from spans where part not in (select part from reached) group by part
        )
        select part, min(gap_from_at), max(gap_to_at), count(*), bool_and(is_stated)
        from edges where gap_from_at < gap_to_at group by part order by part""").fetchall()
    told = []
    for part, from_at, to_at, count, is_stated in rows:
        words = f"from {from_at:%Y-%m-%d %H:%M} to {to_at:%Y-%m-%d %H:%M} UTC" + (f", in {count} pieces" if count > 1 else "")
        told.append(
            f"The log {part} leaves part of the period uncovered: {words}"
            + ("." if is_stated else " (no span is stated; its first and last events were taken).")
        )
    return told


def worst(statuses: list[str]) -> str:
    """The worst of several statuses, in the order of DESIGN.md §4.

    >>> worst(["pass", "manual", "unknown"])
    'unknown'
    """
    return min(statuses, key=STATUSES.index)
