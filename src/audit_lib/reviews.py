"""What people make of a run's findings: which wait for somebody, and what was decided, by whom, on which evidence.

A disposition stands beside the outcome, never instead of it. It is a row of `inputs/findings.csv`, which the next load reads.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from audit_lib import duties, files, identities, register, results, store
from audit_lib.errors import InputError
from audit_lib.project import Project

OPEN = ("exception", "manual", "unknown")


@dataclass(frozen=True)
class Listed:
    """One finding of a sealed run that needs a person. `known`: what was decided so far, the oldest first; moments are UTC."""

    finding: dict[str, Any]
    first_seen: str
    opened_at: datetime
    known: tuple[dict[str, Any], ...]

    @property
    def is_again(self) -> bool:
        """Whether it has items that came after the last decision."""
        decided, last = self.known and self.known[-1]["closed_at"], self.finding["last_at"]
        return bool(decided and last) and datetime.fromisoformat(last) > decided

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet, or only before it happened again."""
        return not self.known or self.known[-1]["disposition"] is None or self.is_again


def sealed_run(project: Project, period: str | None) -> Path:
    """The newest sealed run of a period, such as 2026-Q3; none given: of the latest. Raises InputError where there is none."""
    runs = [path.parent for path in project.reports.glob("*/r*/manifest.json")]
    found = [path for path in runs if period in (None, path.parent.name)]
    if not found:
        there = ", ".join(sorted({path.parent.name for path in runs})) or "none"
        raise InputError(
            f"--period: no sealed run of {period or 'any period'}. There are runs of: {there}. Make one with: audit run --project {project.folder}"
        )
    return max(found, key=lambda path: (json.loads((path / "run.json").read_text(encoding="utf-8"))["until"], path.parent.name, int(path.name[1:])))


def list_findings(project: Project, folder: Path) -> list[Listed]:
    """The findings of a run with outcome exception, manual or unknown, in the run's order."""
    known = _known(project)
    seen: dict[str, tuple] = {}
    for path in project.reports.glob("*/r*/manifest.json"):
        run = json.loads((path.parent / "run.json").read_text(encoding="utf-8"))
        for row in results.rows_of(path.parent / "findings.csv"):
            key = (run["since"], run["as_of"], int(path.parent.name[1:]), f"{path.parent.parent.name}/{path.parent.name}")
            seen[row["finding_id"]] = min(key, seen.get(row["finding_id"], key))
    return [
        Listed(row, seen[row["finding_id"]][3], datetime.fromisoformat(seen[row["finding_id"]][1]), tuple(known.get(row["finding_id"], ())))
        for row in results.open_folder(folder, "dpf_evidence").all_findings
        if row["outcome"] in OPEN
    ]


def _known(project: Project) -> dict[str, list[dict]]:
    """Decisions by finding, the oldest first: those that are loaded, and those of inputs/findings.csv that the next load will read."""
    found: dict[str, dict] = {}
    columns = ("finding_id", "disposition", "closed_at", "closed_by_person_id", "evidence_uri", "note")
    with store.open_store(project.store) as connection:
        for row in connection.execute(f"select {', '.join(columns)} from findings order by finding_id, closed_at").fetchall():
            found[row[0]] = dict(zip(columns, row, strict=True)) | {"is_loaded": True}
    for row in register.read(project):
        if row["finding_id"] not in found:
            closed_at = row.get("closed_at") and files.moment(row["closed_at"])
            found[row["finding_id"]] = {name: row.get(name) or None for name in columns} | {"closed_at": closed_at, "is_loaded": False}
    grouped: dict[str, list[dict]] = {}
    for name, row in found.items():
        grouped.setdefault(register.first_id(name), []).append(row)
    return {name: sorted(rows, key=lambda row: (row["closed_at"] or datetime.max.replace(tzinfo=UTC), row["finding_id"])) for name, rows in grouped.items()}


def tell(project: Project, folder: Path) -> tuple[int, list[str]]:
    """The findings of a run as lines, those that wait first; exit code 1 where one waits."""
    listed = list_findings(project, folder)
    waiting, known = [one for one in listed if one.waits], [one for one in listed if not one.waits]
    run = f"{folder.parent.name}/{folder.name}"
    names = None if _is_full(folder) else _names(project)
    lines = [f"Run {run}: {len(waiting)} of {len(listed)} findings wait for a person."]
    for title, group in (("Waiting, the gravest first", waiting), ("Known: decided before, and nothing new since; the outcome stays", known)):
        if group:
            lines += ["", f"{title}:", f"{'No.':<7}{'Finding':<14}{'Control':<9}{'Outcome':<11}{'Severity':<10}{'Items':>7}  {'First seen':<14}What was found"]
            for one in group:
                row = one.finding
                lines.append(
                    f"{row['label']:<7}{row['finding_id']:<14}{row['control_id']:<9}{row['outcome']:<11}{row['severity']:<10}{row['items']:>7,}  {one.first_seen:<14}{row['title']}"
                )
                lines += [f"{'':<7}{told}" for told in _told(one, names)]
    if waiting:
        lines += ["", "Decide one: audit review FINDING --was authorized --by PERSON --evidence WHERE (see audit review --help)"]
    return int(bool(waiting)), lines


def _told(one: Listed, names: identities.Names | None) -> list[str]:
    lines = []
    for row in one.known:
        who = row["closed_by_person_id"] or "nobody named"
        who = identities.replace(names, who) if names else who
        when = f"{row['closed_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC" if row["closed_at"] else "not closed"
        lines.append(f"known: {row['disposition'] or 'open'}, by {who}, {when}{'' if row['is_loaded'] else ' (read by the next load)'}")
    return lines + ["it happened again after that"] * (one.is_again)


def _is_full(folder: Path) -> bool:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))["identities"] == "full"


def _names(project: Project) -> identities.Names:
    with store.open_store(project.store) as connection:
        return identities.read_names(connection, identities.read_key(project.folder))


def decide(
    project: Project, folder: Path, finding: str, *, was: str, by: str | None, evidence: str, note: str | None = None, review: str | None = None,
    case: str | None = None, subject: str | None = None, at: datetime | None = None, again: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Appends what became of a finding to `inputs/findings.csv` and returns the row. The caller holds the project.

    `finding`: its id or its number in the run, such as F-3. `by`: person_id, login or name of a report; none: who audit.toml says
    reviews. `at`: moment of the decision, UTC, now by default. `again`: although it was decided before.

    Raises InputError where the finding, the reviewer or the review is not known, where the reviewer is the subject, who prepared
    the run or who signed for the control, or where it was decided already.
    """
    listed = list_findings(project, folder)
    one = next((one for one in listed if finding in (one.finding["finding_id"], one.finding["label"])), None)
    if one is None:
        raise InputError(f"{finding}: no finding of {folder.parent.name}/{folder.name} that needs a person. List them: audit review")
    if not evidence.strip():
        raise InputError("--evidence: is empty. Say where the proof lies, such as a ticket or a document")
    at = (at or datetime.now(UTC)).replace(microsecond=0)
    if at < one.opened_at:
        raise InputError(f"--at: {at:%Y-%m-%d %H:%M} UTC is before the finding was seen, as of {one.opened_at:%Y-%m-%d %H:%M} UTC")
    if one.known and not again:
        raise InputError(f"{finding}: was decided before: {'; '.join(_told(one, None))}. That row stays; to add another, give --again")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    with store.open_store(project.store) as connection:
        names = identities.read_names(connection, identities.read_key(project.folder))
        back = duties.ids_behind(names)
        reviewer = duties.find_person(connection, back(by or project.signatures.get("reviewed_by") or ""), "--by")
        subjects = _subjects(connection, folder, one.finding, back)
        if subject:
            subjects = {duties.find_person(connection, back(subject), "--subject")}
        duties.check_reviewer(connection, project, run, names.key, reviewer, subjects, one.finding["control_id"])
        review = review or _review_of(connection, run)
    row = {
        "finding_id": register.next_id(project, one.finding["finding_id"], [row["finding_id"] for row in one.known]),
        "review_id": review, "control_id": one.finding["control_id"], "reason": one.finding["reason"],
        "cause": back(one.finding["cause"]), "item": back(one.finding["first_item"]) if one.finding["cause"] is None else None,
        "subject_person_id": next(iter(subjects)) if len(subjects) == 1 else None, "severity": one.finding["severity"],
        "opened_at": one.opened_at, "closed_at": at, "disposition": was, "closed_by_person_id": reviewer, "case_id": case,
        "note": note, "evidence_uri": evidence,
    }  # fmt: skip
    register.append(project, row, at)
    return row


def _subjects(connection: duckdb.DuckDBPyConnection, folder: Path, finding: dict, back: Any) -> set[str]:
    """Our people whose act it is: those whom the items name as subject, cause, part of the item or column person_id."""
    audit = results.open_folder(folder, "dpf_evidence")
    told: set[str] = set()
    for item in results.items_of(audit, finding):
        told |= {item["subject"], item["cause"], item["facts"].get("person_id"), *item["item"].split(" / ")}
    given = sorted({back(text) for text in told if isinstance(text, str)})
    rows = connection.execute(
        "select distinct person_id from people where kind in ('staff', 'contractor', 'vendor_staff') and (list_contains(?, person_id) or list_has_any(user_ids, ?))",
        [given, given],
    ).fetchall()
    return {row[0] for row in rows}


def _review_of(connection: duckdb.DuckDBPyConnection, run: dict) -> str:
    """The review on record that covers the run's period. Raises InputError where there is none, or more than one."""
    rows = connection.execute(
        "select review_id from reviews where kind = 'unauthorized_access' and covers_from_at <= ?::timestamptz and covers_to_at >= ?::timestamptz order by review_id",
        [run["since"], run["until"]],
    ).fetchall()
    if len(rows) != 1:
        found = ", ".join(row[0] for row in rows) or "none"
        raise InputError(
            f"--review: which review is it part of? On record for the whole of {run['period']}: {found}. Name it; if it is new, add its row to the table reviews"
        )
    return rows[0][0]
