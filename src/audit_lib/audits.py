"""One audit: a set of controls over one store, for one period, with one set of parameters."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit_lib import controls, duties, findings, identities, sql, store
from audit_lib.controls import Counted
from audit_lib.errors import InputError, raise_all
from audit_lib.identities import Names
from audit_lib.period import Period, parse_period
from audit_lib.project import Project
from audit_lib.sql import Control, Query

IPE = "IPE-"
ACTS = ("exception", "unknown", "not_tested", "manual")  # statuses that need a person


@dataclass
class Audit:
    """An audit under way: what it runs on, and by control what came out."""

    project: Project
    period: Period
    as_of: datetime
    connection: duckdb.DuckDBPyConnection
    names: Names
    tables: dict[str, store.Table]
    controls: dict[str, Control]
    definitions: dict[str, Query]
    values: dict[str, tuple[Any, str]]
    parameters_sql: str
    started_at: datetime
    made: set[str] = field(default_factory=set)
    counted: dict[str, Counted] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    earlier_runs: list[dict] = field(default_factory=list)


def begin(project: Project, period: str, as_of: datetime | None, *, full_identities: bool = False, memory: str = "2GiB") -> Audit:
    """Opens the store for an audit. `as_of` (UTC) is by default the latest moment at which a snapshot was drawn.

    Raises InputError where parameters, scope or period are wrong, StoreError where there is no store.
    """
    started_at = datetime.now(UTC)
    folders = sql.roots(project.queries)
    tables = store.read_tables(folders)
    found = sql.read_controls(folders)
    definitions = {name: sql.read_query(path) for name, path in sql.find(folders, "definitions").items()}
    raise_all(InputError, [f"audit.toml: [scope]: no such control: {name}. There are: {', '.join(found)}" for name in project.scope if name not in found])
    values = controls.parameter_values(found, project.parameters)
    lines = [line for control in found.values() for line in sql.lint(control, set(tables), definitions)]
    raise_all(controls.ControlError, lines)
    if project.policy:
        policy = project.policy.read_text(encoding="utf-8")
        raise_all(
            InputError,
            [
                f"{control.id}: its promise is not in {project.policy.name}: {piece!r}. If it was never made, say so in [scope] of audit.toml"
                for control in found.values()
                if control.id not in project.scope  # who never promised it says so there
                for piece in sql.quotes_missing(control.promise, policy)
            ],
        )
    connection = store.open_store(project.store, memory=memory)
    latest = connection.execute("select max(coalesce(extracted_at, last_at)) from loads").fetchone()[0]
    if latest is None:
        raise InputError(f"{project.store}: nothing was loaded, so there is no moment to look from. Put files under {project.folder}/inputs and load them")
    as_of = as_of or latest.astimezone(UTC)
    chosen = parse_period(period, as_of)
    if chosen.since >= as_of:
        raise InputError(
            f"--period: {chosen.name} begins at {chosen.since:%Y-%m-%d}, after the moment looked from ({as_of:%Y-%m-%d %H:%M} UTC). Load newer inputs, or choose an earlier period"
        )
    store.snapshots(connection, as_of, tables)
    duties.check_signatures(connection, project)
    text = controls.bind(connection, values, chosen.since, chosen.until, as_of)
    controls.start(connection)
    names = identities.read_names(connection, identities.read_key(project.folder), full=full_identities)
    return Audit(project, chosen, as_of, connection, names, tables, found, definitions, values, text, started_at)


def check(audit: Audit, ids: list[str] | None = None, progress=lambda done, whole, what: None) -> None:
    """Runs the controls (all, or those named), waivers, roll-up, findings and what earlier periods left."""
    chosen = [control for control in audit.controls.values() if not ids or control.id in ids]
    raise_all(InputError, [f"no such control: {name}. There are: {', '.join(audit.controls)}" for name in ids or [] if name not in audit.controls])
    standings = {}
    for done, control in enumerate(chosen):
        progress(done, len(chosen), control.id)
        standings[control.id] = controls.standing(audit.connection, control, audit.values)
        if standings[control.id].can_run:
            audit.counted[control.id] = controls.run(audit.connection, control, audit.definitions, audit.made)
    progress(len(chosen), len(chosen), "findings")
    findings.apply_waivers(audit.connection)
    findings.make_findings(audit.connection, audit.controls, audit.names.key)
    _carry(audit)
    for control in chosen:
        _judge(audit, control, standings[control.id].not_tested)


def _judge(audit: Audit, control: Control, not_tested: list[str]) -> None:
    """The control's status: the worst of its items' effective outcomes and of what stands in its way."""
    notes, statuses, quiet = list(not_tested), ["not_tested"] * bool(not_tested), []
    counted = audit.counted.get(control.id)
    if counted:
        rows = audit.connection.execute(
            "select distinct effective_outcome, list_contains(?, reason) from judged_outcomes where control_id = ?", [list(control.needs_nobody), control.id]
        ).fetchall()
        quiet = [outcome for outcome, needs_nobody in rows if needs_nobody]
        statuses += [outcome for outcome, needs_nobody in rows if not needs_nobody] + ["pass"] * any(outcome == "pass" for _, outcome, _ in counted.by_reason)
        if not counted.population and not not_tested and control.kind == "hybrid":  # a log can't prove its own completeness
            statuses.append("not_tested")
            notes.append("There was no item to test, and data alone can't show that this promise is kept.")
        elif not counted.population and not not_tested:
            statuses.append("not_applicable")
            notes.append("The population is empty: the tables were delivered for the period and hold no such item.")
    if control.kind == "hybrid" and not _is_attested(audit, control):
        notes.append("No valid signed statement covers this control for the whole period, so its result needs a person.")
        statuses.append("manual")
    for ipe in control.rests_on:
        bad = audit.connection.execute(
            "select subject, effective_outcome, count(*) from judged_outcomes where control_id = ? and effective_outcome in ('exception', 'unknown', 'manual') "
            "and list_contains(?, subject) group by all order by all",
            [ipe, [*control.needs, *control.may_use]],
        ).fetchall()
        for subject, outcome, count in bad:
            word = {"exception": "exception", "unknown": "item not evaluated", "manual": "item that needs a person"}[outcome]
            notes.append(f"{ipe} has {count} {word}{'s' if count > 1 and outcome != 'unknown' else ''} about {subject}, on which this control rests.")
            if outcome != "manual":
                statuses.append("manual")
    if control.id in audit.project.scope:
        why = audit.project.scope[control.id]
        notes.insert(0, f"Out of scope: {why['reason']} (approved by {why['approved_by']}).")
        statuses, quiet = ["not_tested"], []
    audit.status[control.id] = controls.worst([*statuses, *quiet] or ["not_tested"])
    audit.acts[control.id] = controls.worst(statuses or ["not_tested" if not quiet else "pass"])
    audit.notes[control.id] = notes


def _is_attested(audit: Audit, control: Control) -> bool:
    family = control.id.rstrip("abcdefgh")
    return bool(
        audit.connection.execute(
            "select count(*) from attestations as given where control_id in (?, ?) and item is null and status = 'holds' and signed_at <= as_of() "
            "and covers_from_at <= since() and covers_to_at >= until() and (valid_to_at is null or valid_to_at > as_of()) "
            "and not exists (select 1 from attestations as later where later.supersedes_attestation_id = given.attestation_id and later.signed_at <= as_of())",
            [control.id, family],
        ).fetchone()[0]
    )


def _carry(audit: Audit) -> None:
    """Compares with the newest sealed run of each earlier period, whose items are turned back into ids first."""
    connection = audit.connection
    connection.execute(
        "create or replace temp table reported (control_id varchar, item varchar, item_at timestamptz, subject varchar, outcome varchar, reason varchar, run varchar)"
    )
    connection.execute(
        "create or replace temp table spans (control_id varchar, run varchar, since_at timestamptz, until_at timestamptz, is_every_row_stored boolean)"
    )
    back = {known: identity for identity, known in audit.names.forward.items()}
    token = re.compile(r"(?:staff|service|shared|customer|login|name|email|acct|sess|ip)-[a-z2-7]{10}")

    def ids(text: str | None) -> str | None:
        return text and token.sub(lambda found: back.get(found[0], found[0]), text)

    seen: set[tuple[str, str]] = set()
    for run in earlier_runs(audit):
        folder = audit.project.reports / run["path"]
        audit.earlier_runs.append({"path": run["path"], "manifest_sha256": run["manifest_sha256"]})
        stored = {one["id"]: one["is_every_row_stored"] for one in json.loads((folder / "controls.json").read_text()) if one["population"] is not None}
        for control_id, is_stored in stored.items():
            connection.execute("insert into spans values (?, ?, ?, ?, ?)", [control_id, run["path"], run["since"], run["until"], is_stored])
        rows = pq.read_table(folder / "outcomes.parquet", columns=["control_id", "item", "item_at", "subject", "outcome", "reason"]).to_pylist()
        told = [
            row | {"item": ids(row["item"]), "subject": ids(row["subject"]), "run": run["path"]}
            for row in rows
            if row["item_at"] and row["control_id"] in stored
        ]
        told = [row for row in told if (row["control_id"], row["item"]) not in seen]  # the newest run of a period speaks
        seen |= {(row["control_id"], row["item"]) for row in told}
        if told:
            connection.register("told_rows", pa.Table.from_pylist(told))
            connection.execute("insert into reported by name select * from told_rows")
            connection.unregister("told_rows")
    findings.carry_forward(connection, audit.controls, set(audit.counted), {name: controls.items(audit.controls[name]) for name in audit.counted})


def earlier_runs(audit: Audit) -> list[dict]:
    """The newest sealed run of each period that ended before this one begins, newest period first."""
    newest: dict[str, dict] = {}
    for path in sorted(audit.project.reports.glob("*/r*/manifest.json"), key=lambda one: int(one.parent.name[1:])):
        facts = json.loads((path.parent / "run.json").read_text())
        if datetime.fromisoformat(facts["until"]) <= audit.period.since:
            sealed = sql_hash(path.read_bytes())
            newest[facts["period"]] = {"path": path.parent.relative_to(audit.project.reports).as_posix(), "manifest_sha256": sealed} | {
                key: facts[key] for key in ("since", "until")
            }
    return sorted(newest.values(), key=lambda run: (run["until"], run["since"]), reverse=True)


def sql_hash(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def verdict(audit: Audit) -> tuple[int, str]:
    """Exit code and sentence: 1 where something needs a person, controls out of scope left aside."""
    counts = {status: sum(1 for name, one in audit.acts.items() if one == status and name not in audit.project.scope) for status in controls.STATUSES}
    open_before = audit.connection.execute(
        "select count(*) from carried where kind in ('changed', 'gone', 'new') or outcome in ('exception', 'unknown', 'manual')"
    ).fetchone()[0]
    words = {"exception": "with exceptions", "unknown": "not wholly evaluated", "not_tested": "not tested", "manual": "that need a person"}
    acts = [f"{counts[status]} {words[status]}" for status in ACTS if counts[status]]
    whole = f"{len(audit.status)} controls"
    if open_before:
        acts.append(f"{open_before} item{'s' * (open_before > 1)} of earlier periods still open or changed")
    return (
        (1, f"Something needs a person: of {whole}, {', '.join(acts)}.")
        if acts
        else (0, f"Nothing to act on: of {whole}, none has an exception or an open item.")
    )
