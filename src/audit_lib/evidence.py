"""A run's folder: written whole or not at all, and never overwritten."""

import csv
import getpass
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit_lib import __version__, audits, identities, load, seals, sql
from audit_lib.audits import Audit
from audit_lib.identities import Names

FIRST_ITEMS = 3  # of each finding, whose raw lines go into the run's folder
OUTCOMES = (
    "select control_id, item, item_at, subject, outcome, effective_outcome, waiver_id, reason, detail, cause, lines, facts "
    "from judged_outcomes order by control_id, item_at nulls first, item"
)
FINDINGS = (
    "select number, finding_id, control_id, outcome, severity, reason, cause, title, items, subjects, first_at, last_at, first_item, detail, lines "
    "from run_findings order by number"
)
DECISIONS = (  # what people made of a finding, in this period or before; a later decision about it has its id with /2, /3
    "select run_findings.number, run_findings.finding_id, decided.finding_id as decision_id, decided.review_id, decided.disposition, decided.opened_at, decided.closed_at, "
    "decided.closed_by_person_id, decided.case_id, decided.note, decided.evidence_uri, decided.origin "
    "from run_findings join findings as decided on split_part(decided.finding_id, '/', 1) = run_findings.finding_id order by number, closed_at nulls last, decision_id, origin"
)
REJECTS = """
    select load_id, file_name, kind, reason, sum(rows)::bigint as rows, min(first_lines) as first_lines, min(first_texts) as first_texts from (
      select load_id, file_name, 'quarantined' as kind, reason, count(*) as rows, list(quarantine.line order by quarantine.line)[1:3] as first_lines, list(text order by quarantine.line)[1:3] as first_texts
      from quarantine join loads using (load_id) group by all
      union all
      select load_id, file_name, 'ignored', reason, rows, first_lines[1:3], first_texts[1:3] from ignored join loads using (load_id)
    ) group by all order by file_name, kind, reason"""


def basis(audit: Audit) -> str:
    """A hash over all that the results depend on: inputs, SQL, parameters, versions, earlier runs."""
    inputs = audit.connection.execute(
        "select table_name, part, file_name, sha256, is_rewritten, extracted_at::varchar, covers_from_at::varchar, covers_to_at::varchar, control_total, "
        "last_found_at < (select max(last_found_at) from loads) from loads order by all"
    ).fetchall()
    queries = [(path.name, seals.sha256(path)) for path in sorted(_sql_files(audit).values())]
    templates = [(path.name, seals.sha256(path)) for folder in ("notebooks", "templates") for path in sorted(sql.shipped(folder).rglob("*")) if path.is_file()]
    runs = [run["manifest_sha256"] for run in audits.earlier_runs(audit)]
    policy = seals.sha256(audit.project.policy) if audit.project.policy else None
    given = [
        inputs, queries, templates, audit.parameters_sql, audit.project.toml_sha256, __version__, duckdb.__version__, audit.names.full,
        audit.as_of.isoformat(), runs, policy, hashlib.sha256(audit.names.key).hexdigest(),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()


def seal(audit: Audit, command: str, make_reports: Callable[[Path], Any] | None = None) -> Path:
    """Writes the run's folder and returns it. `make_reports` adds the reports before the seal.

    Nothing is left under the final name unless all of it was written.
    """
    home = audit.project.reports / audit.period.name
    home.mkdir(parents=True, exist_ok=True)
    last = seals.latest_run(audit.project.reports, audit.period.name)
    final = home / f"r{int(last.name[1:]) + 1 if last else 1}"
    folder = home / f".{final.name}.new"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _write_data(audit, folder)
        _write_sql(audit, folder)
        seals.write_json(folder / "controls.json", [_control_facts(audit, name) for name in sorted(audit.status)])
        seals.write_json(folder / "run.json", _run_facts(audit, final.name, command, last))
        if make_reports:
            make_reports(folder)
        seals.write_manifest(audit, folder)
        os.rename(folder, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _point_latest(home, final.name)
    return final


def _point_latest(home: Path, run: str) -> None:
    pointer, fresh = home / "latest", home / ".latest.new"
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(run, target_is_directory=True)
    except OSError:  # a system without symbolic links: a file that names the run
        fresh.write_text(run + "\n")
    os.replace(fresh, pointer)


def _write_data(audit: Audit, folder: Path) -> None:
    connection, names = audit.connection, audit.names
    _write_table(connection, names, OUTCOMES, folder / "outcomes.csv", parquet=True)
    _write_table(connection, names, FINDINGS, folder / "findings.csv")
    _write_table(connection, names, DECISIONS, folder / "decisions.csv")
    _write_table(connection, names, "select * from carried order by all", folder / "carried.csv")
    if not names.full:  # the system user of a load is no id of the store, but a person all the same
        connection.create_function("operator_name", lambda user: identities.name(names.key, "operator", user), ["varchar"], "varchar")
    operator = "loaded_by" if names.full else "operator_name(loaded_by)"
    _write_table(
        connection, names, f"select * replace ({operator} as loaded_by) from loads order by table_name, part, file_name, load_id", folder / "loads.csv"
    )
    _write_table(connection, names, REJECTS, folder / "rejects.csv")
    _write_table(connection, names, "select * from table_checks order by rows_broken = 0, load_id, rule, column_name", folder / "table_checks.csv")
    origins = [
        row[0]
        for row in connection.execute(f"""
        with
        ranked as (
          select run_findings.number, judged_outcomes.lines,
            row_number() over (partition by run_findings.number order by judged_outcomes.item_at nulls first, judged_outcomes.item) as place
          from run_findings join judged_outcomes
            on judged_outcomes.control_id = run_findings.control_id and judged_outcomes.reason = run_findings.reason
            and judged_outcomes.effective_outcome = run_findings.outcome and coalesce(judged_outcomes.cause, judged_outcomes.item) = run_findings.cause_or_item
        )
        select distinct unnest(lines[1:6]) as origin from ranked where place <= {FIRST_ITEMS} order by origin""").fetchall()
    ]
    rows = load.raw_lines(connection, audit.project, origins)
    schema = ["origin", "table_name", "file_name", "sha256", "line", "text"]
    _write_csv(
        folder / "lines.csv",
        schema,
        ([identities.replace(names, cell) if isinstance(cell, str) and place in (0, 5) else cell for place, cell in enumerate(row)] for row in rows),
    )
    _write_figures(audit, folder / "figures")


def _write_figures(audit: Audit, folder: Path) -> None:
    """Computes every figure whose tables are there; one that lacks a table is left out, and the report says so."""
    folder.mkdir()
    connection = audit.connection
    connection.execute(
        "create or replace temp table controls (id varchar, status varchar, severity varchar, population bigint, n_pass bigint, n_exception bigint, n_deferred bigint, n_manual bigint, n_unknown bigint)"
    )
    for name, status in sorted(audit.status.items()):
        facts = _control_facts(audit, name)
        connection.execute(
            "insert into controls values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [name, status, facts["severity"], facts["population"], *(facts["counts"][one] for one in ("pass", "exception", "deferred", "manual", "unknown"))],
        )
    connection.execute("drop table outcomes; create temp view outcomes as select * from judged_outcomes")
    connection.execute("create or replace temp view findings as select * from run_findings")  # figures show the run's own
    delivered = {row[0] for row in connection.execute("select distinct table_name from loads").fetchall()} | {
        "loads",
        "quarantine",
        "table_checks",
        "addresses",
    }
    for name, path in sql.find(sql.roots(audit.project.queries), "figures").items():
        figure = sql.read_query(path)
        if set(figure.header.get("needs", ())) <= delivered:
            audits.controls.define(connection, figure.sql, audit.definitions, audit.made)
            _write_table(connection, audit.names, figure.sql, folder / f"{name}.csv", parquet=True, is_csv=False)


def _write_table(connection: duckdb.DuckDBPyConnection, names: Names, query: str, path: Path, *, parquet: bool = False, is_csv: bool = True) -> None:
    """Writes a query's rows with all ids replaced, as CSV and, if asked, as Parquet beside it."""
    connection.complete()  # DuckDB wants what was fetched before to be over
    table = connection.sql(query).to_arrow_table()
    columns = [_replaced(column, names) for column in table.columns]
    table = pa.table(columns, names=table.column_names)
    if parquet:
        pq.write_table(table, path.with_suffix(".parquet"), compression="zstd")
    if is_csv:
        _write_csv(path, table.column_names, (row.values() for row in table.to_pylist()))


def _replaced(column: pa.ChunkedArray, names: Names) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if names.full or not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or (pa.types.is_list(kind) and pa.types.is_string(kind.value_type))):
        return column
    values = column.to_pylist()
    if pa.types.is_list(kind):
        return pa.array([one and [identities.replace(names, text) for text in one] for one in values], pa.list_(pa.string()))
    return pa.array([identities.replace(names, text) for text in values], pa.string())


def _write_csv(path: Path, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return ("true" if value else "false") if isinstance(value, bool) else value


def _sql_files(audit: Audit) -> dict[str, Path]:
    folders = sql.roots(audit.project.queries)
    return {
        f"{kind}/{path.relative_to(next(folder / kind for folder in reversed(folders) if path.is_relative_to(folder / kind))).as_posix()}": path
        for kind in ("controls", "definitions", "figures", "tables", "sources")
        for path in sql.find(folders, kind).values()
    }


def _write_sql(audit: Audit, folder: Path) -> None:
    for place, path in _sql_files(audit).items():
        target = folder / "sql" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (folder / "sql" / "parameters.sql").write_text(audit.parameters_sql, encoding="utf-8")


def _control_facts(audit: Audit, name: str) -> dict:
    control, counted = audit.controls[name], audit.counted.get(name)
    path = next(place for place, path in _sql_files(audit).items() if path == control.query.path)
    counts = dict.fromkeys((*audits.controls.OUTCOMES, "waived"), 0)
    for _, outcome, number in counted.by_reason if counted else []:
        counts[outcome] += number
    waived = audit.connection.execute("select count(*) from judged_outcomes where control_id = ? and effective_outcome = 'waived'", [name]).fetchone()[0]
    counts["waived"], counts["exception"] = waived, counts["exception"] - waived
    plain = {
        key: getattr(control, key)
        for key in ("id", "family", "title", "promise", "source", "severity", "kind", "tests", "limits", "repeats", "clauses", "columns")
    }
    return plain | {
        "needs": list(control.needs), "may_use": list(control.may_use), "rests_on": list(control.rests_on),
        "reasons": {code: {"text": text, "stays_open": stays} for code, (text, stays) in control.reasons.items()},
        "parameters": sorted(control.parameters), "status": audit.status[name], "status_notes": audit.notes[name],
        "population": counted.population if counted else None, "counts": counts,
        "by_reason": [{"reason": reason, "outcome": outcome, "items": number} for reason, outcome, number in (counted.by_reason if counted else [])],
        "is_every_row_stored": counted.is_every_row_stored if counted else True, "fingerprint": counted.fingerprint if counted else None,
        "sql_path": f"sql/{path}", "sql_sha256": seals.sha256(control.query.path),
    }  # fmt: skip


def _run_facts(audit: Audit, run: str, command: str, last: Path | None) -> dict:
    code, sentence = audits.verdict(audit)
    declared = {name: parameter for control in audit.controls.values() for name, parameter in control.parameters.items()}
    parameters = []
    for name, parameter in sorted(declared.items()):
        given = audit.project.parameters.get(name)
        parameters.append({
            "name": name, "type": parameter.type, "value": audit.values[name][0], "default": parameter.default, "unit": parameter.unit,
            "meaning": parameter.meaning, "source": parameter.source, "approved_by": given and given.approved_by,
            "approved_on": given and given.approved_on and str(given.approved_on), "controls": [one.id for one in audit.controls.values() if name in one.parameters],
        })  # fmt: skip
    policy = audit.project.policy
    return {
        "run": run, "period": audit.period.name, "since": audit.period.since.isoformat(), "until": min(audit.period.until, audit.as_of).isoformat(),
        "as_of": audit.as_of.isoformat(), "company": audit.project.name, "policy": policy and {"file": policy.name, "sha256": seals.sha256(policy)},
        "command": command, "suite_version": __version__, "duckdb_version": duckdb.__version__, "python_version": platform.python_version(),
        "started_at": audit.started_at.isoformat(timespec="seconds"), "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "ran_by": identities.name(audit.names.key, "operator", getpass.getuser()) if not audit.names.full else getpass.getuser(),
        "identities": "full" if audit.names.full else "pseudonyms", "exit_code": code, "verdict": sentence, "basis_sha256": basis(audit),
        "previous_run": last and {"path": f"{last.parent.name}/{last.name}", "manifest_sha256": seals.sha256(last / "manifest.json")},
        "signatures": {role: identities.replace(audit.names, who) for role, who in audit.project.signatures.items()},
        "earlier_runs": audit.earlier_runs, "scope": audit.project.scope, "parameters": parameters,
    }  # fmt: skip
