"""A run's folder as the reports read it: the controls of one report, its findings, items and raw lines."""

import csv
import functools
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from audit_lib import grounds, words
from audit_lib.errors import ControlError, InputError
from audit_lib.project import locate

STATUSES = ("exception", "unknown", "not_tested", "manual", "waived", "deferred", "pass", "not_applicable")
OUTCOMES = ("exception", "unknown", "manual", "waived", "deferred", "pass")
SEVERITIES = ("critical", "high", "medium", "low")
LETTERS = {"exception": "F", "manual": "P", "unknown": "U", "deferred": "D", "waived": "W"}
FOLDER_OF_RUN = "AUDIT_RUN_FOLDER"  # while a run is being written, its notebooks find it here

# What each report holds: families or ids of controls, in order of preference the controls that its first sentence is about.
REPORTS = {
    "unauthorized_access": {
        "title": "Unauthorized access",
        "controls": ("LOG", "ACC", "DET", "SEC-04", "IPE"),
        "leads": ("ACC-01", "LOG-01", "LOG-02"),
    },
    "retention_compliance": {
        "title": "Retention compliance",
        "controls": ("RET", "BKP", "DIS", "COL", "DSR-03", "DSR-11", "SEC-02", "LOG-03", "LOG-04", "LOG-05", "IPE"),
        "leads": ("RET-01", "BKP-01", "LOG-05"),
    },
    "dpf_evidence": {"title": "DPF evidence", "controls": ("",), "leads": ()},
}


@dataclass(frozen=True)
class Audit:
    """One sealed run, seen through one report. `controls` and `findings` are those of the report; `all_controls` the run's."""

    folder: Path
    report: str
    run: dict[str, Any]
    controls: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    all_controls: tuple[dict[str, Any], ...]
    all_findings: tuple[dict[str, Any], ...]

    @property
    def title(self) -> str:
        """The report's name, as its reader knows it."""
        return REPORTS[self.report]["title"]

    @property
    def year(self) -> int:
        """Year of the period's first day: days of that year are shown without it."""
        return words.to_day(self.run["since"]).year

    def __repr__(self) -> str:
        return f"{self.title}: run {self.run['period']}/{self.run['run']}, {len(self.controls)} controls, {len(self.findings)} findings"

    def _repr_html_(self) -> str:
        """The styles of all that follows, and which run it is."""
        from audit_lib.opening import run_line

        return run_line(self)


def open_run(project: str | Path = "company", period: str = "", run: str = "latest", report: str = "dpf_evidence") -> Audit:
    """The sealed run `reports/PERIOD/RUN` of a project, as one report sees it.

    Raises InputError where there is no such run or report, ControlError where its counts don't add up.
    """
    if report not in REPORTS:
        raise InputError(f"report: no such report: {report!r}. Allowed: {', '.join(REPORTS)}")
    return open_folder(Path(os.environ.get(FOLDER_OF_RUN) or _find(locate(project), period, run)), report)


def open_folder(folder: Path, report: str) -> Audit:
    """A run by its folder, as one report sees it; raises as `open_run` does."""
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    every = [_checked(control) for control in json.loads((folder / "controls.json").read_text(encoding="utf-8"))]
    every.sort(key=lambda control: control["id"])
    labels = {}
    findings = [_finding(row, labels) for row in rows_of(folder / "findings.csv")]
    prefixes = REPORTS[report]["controls"]
    mine = sorted(
        (control for control in every if control["id"].startswith(prefixes)),
        key=lambda control: (STATUSES.index(control["status"]), SEVERITIES.index(control["severity"]), control["id"]),
    )
    names = {control["id"] for control in mine}
    own = [finding for finding in findings if finding["control_id"] in names]
    return Audit(folder, report, facts, tuple(mine), tuple(own), tuple(every), tuple(findings))


def _find(project: Path, period: str, run: str) -> Path:
    reports = project / "reports"
    periods = sorted(path.name for path in reports.iterdir() if path.is_dir() and path.name[0].isdigit()) if reports.is_dir() else []
    if not periods:
        raise InputError(f"project: no sealed runs in {reports}. Make one with: audit run --project {project}")
    name = period.replace("/", "_") or periods[-1]
    runs = sorted((reports / name).glob("r[0-9]*"), key=lambda path: int(re.sub(r"\D", "", path.name.split("-")[0])))
    if not runs:
        raise InputError(f"period: no sealed run of {period!r}. There are runs of: {', '.join(periods)}")
    chosen = runs[-1] if run == "latest" else reports / name / run
    if not (chosen / "run.json").is_file():
        raise InputError(f"run: no sealed run {run!r} of {name}. There are: {', '.join(path.name for path in runs)}")
    return chosen


def _checked(control: dict[str, Any]) -> dict[str, Any]:
    """The control with all six outcomes counted; refuses one whose outcomes don't add up to its population."""
    counts = {outcome: int((control.get("counts") or {}).get(outcome) or 0) for outcome in OUTCOMES}
    total, population = sum(counts.values()), int(control.get("population") or 0)
    if total != population:
        raise ControlError(f"{control['id']}: outcomes add up to {total}, population is {population}. The run is not consistent: repeat it")
    return {**control, "counts": counts, "population": population, "noun": words.noun(control["tests"])}


def _finding(row: dict[str, str | None], labels: dict[str, int]) -> dict[str, Any]:
    number = int(row["number"])
    letter = LETTERS.get(row["outcome"], "F")
    return {
        **row,
        "number": number,
        "items": int(row["items"]),
        "subjects": int(row["subjects"] or 0),
        "label": f"{letter}-{number}",
    }


def rows_of(path: Path) -> list[dict[str, str | None]]:
    """The rows of a CSV file of the run, empty cells as None; none where the file is not there."""
    if not path.is_file():
        return []
    csv.field_size_limit(2**31 - 1)  # a raw line may be very long
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]


@functools.lru_cache(maxsize=4)
def _connection(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set global TimeZone = 'UTC'")
    source = str(folder / "outcomes.parquet").replace("'", "''")
    connection.execute(f"create view outcomes as select * from read_parquet('{source}')")
    return connection


def query(audit: Audit, sql: str, values: list | None = None) -> list[dict[str, Any]]:
    """Rows of a query over `outcomes`, as dictionaries."""
    return answer(_connection(audit.folder).execute(sql, values or []))


def answer(answered: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a statement just executed, as dictionaries."""
    names = [column[0] for column in answered.description]
    return [dict(zip(names, row, strict=True)) for row in answered.fetchall()]


def items_of(audit: Audit, finding: dict[str, Any], limit: int | None = None) -> list[dict[str, Any]]:
    """The items of a finding, worst first where a column says how late or how much, else in time. Facts as a dictionary."""
    rows: list[dict[str, Any]] = []
    for column in (
        "effective_outcome",
        "outcome",
    ):  # with a waiver the two differ; the finding's count tells which it means
        rows = query(
            audit,
            "select item, item_at, subject, outcome, effective_outcome, waiver_id, reason, detail, cause, lines, facts from outcomes "
            f"where control_id = ? and reason is not distinct from ? and cause is not distinct from ? and {column} = ? order by item_at, item",
            [finding["control_id"], finding["reason"], finding["cause"], finding["outcome"]],
        )
        if finding["cause"] is None and len(rows) != finding["items"]:  # without a cause each item is a finding of its own
            rows = [row for row in rows if row["item"] == finding["first_item"]]
        if len(rows) == finding["items"]:
            break
    for row in rows:
        row["facts"] = json.loads(row["facts"]) if row["facts"] else {}
    if key := _badness(rows):
        rows.sort(key=lambda row: -float(row["facts"].get(key) or 0))
    return rows[:limit]


def _badness(rows: list[dict[str, Any]]) -> str | None:
    """The column that says how bad an item is: a number named like days late, over, missing or left."""
    for key in rows[0]["facts"] if rows else ():
        values = [row["facts"].get(key) for row in rows]
        is_number = all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)
        if is_number and any(values) and re.search(r"late|over|missing|left|remain|difference|speed", key):
            return key
    return None


def first_item(audit: Audit, finding: dict[str, Any]) -> dict[str, Any] | None:
    """The item that the finding names as its first."""
    rows = items_of(audit, finding)
    return next((row for row in rows if row["item"] == finding["first_item"]), rows[0] if rows else None)


@functools.lru_cache(maxsize=4)
def _raw_lines(folder: Path) -> dict[str, dict[str, str | None]]:
    return {row["origin"]: row for row in rows_of(folder / "lines.csv")}


def raw_lines(audit: Audit, origins: list[str] | None) -> list[dict[str, str | None]]:
    """The raw lines behind an item, as far as the run kept them: those of the first items of each finding."""
    kept = _raw_lines(audit.folder)
    return [kept[origin] for origin in origins or () if origin in kept]


def findings_with(audit: Audit, *outcomes: str) -> list[dict[str, Any]]:
    """The report's findings of these outcomes, in the run's order."""
    return [finding for finding in audit.findings if finding["outcome"] in outcomes]


def with_status(audit: Audit, *statuses: str) -> list[dict[str, Any]]:
    """The report's controls of these statuses, in the report's order."""
    return [control for control in audit.controls if control["status"] in statuses]


def control_named(audit: Audit, name: str) -> dict[str, Any]:
    """One control of the run by its id."""
    return next(control for control in audit.all_controls if control["id"] == name)


def holds(audit: Audit) -> list[dict[str, Any]]:
    """What waits for a hold to end, a row for each control and reason, labelled D-1 and on; such items are no findings."""
    rows = []
    for control in audit.controls:
        for row in control["by_reason"]:
            if row["outcome"] == "deferred" and int(row["items"]):
                entry = (control["reasons"] or {}).get(row["reason"]) or {}
                title = (entry.get("text") if isinstance(entry, dict) else entry) or row["reason"]
                rows.append(
                    {
                        "label": f"D-{len(rows) + 1}",
                        "control_id": control["id"],
                        "outcome": "deferred",
                        "title": title,
                        "items": int(row["items"]),
                        "detail": None,
                    }
                )
    return rows


def unsupported(audit: Audit) -> list[dict[str, Any]]:
    """Controls that lack a signed statement, or that wait for a person though no item does: a row each, labelled S-1 and on."""
    rows = []
    for control in audit.controls:
        lacks = any("signed statement" in note for note in control.get("status_notes") or ())
        if control["status"] != "not_tested" and (lacks or (control["status"] == "manual" and not control["counts"]["manual"])):
            text = f"{control['title']}: {'no signed statement for the period' if lacks else grounds.told(control) or 'no reason is on record'}"
            rows.append({"label": f"S-{len(rows) + 1}", "control_id": control["id"], "outcome": "manual", "text": text})
    return rows


def untested(audit: Audit) -> list[dict[str, Any]]:
    """Controls that could not be tested, each with the label under which the report names it and why."""
    rows = []
    for place, control in enumerate(with_status(audit, "not_tested"), 1):
        rows.append({**control, "label": f"N-{place}", "why": words.sentence(grounds.told(control))})
    return rows


def why(control: dict[str, Any]) -> str:
    """What stands beside a status: the reasons why it is not tested, capped or out of scope, as sentences."""
    notes = [words.sentence(note) for note in control.get("status_notes") or ()]
    return ". ".join(notes)


def is_tested(audit: Audit, prefix: str) -> bool:
    """Whether every control whose id begins so could be tested; false where there is none."""
    found = [control for control in audit.all_controls if control["id"].startswith(prefix)]
    return bool(found) and all(control["status"] != "not_tested" for control in found)
