"""The Data Privacy Framework in the reports: clauses, the controls that serve them, the yearly statement."""

import functools

from audit_lib import results, words
from audit_lib.display import Shown, show
from audit_lib.results import Audit
from audit_lib.sql import shipped

PARTS = {
    "I": "Overview",
    "II.1": "Notice",
    "II.2": "Choice",
    "II.3": "Onward transfer",
    "II.4": "Security",
    "II.5": "Data integrity, purpose",
    "II.6": "Access",
    "II.7": "Recourse, enforcement",
}


@functools.cache
def _rows(name: str) -> tuple[dict, ...]:
    return tuple(results.rows_of(shipped("templates") / f"{name}.csv"))


def serves(control: dict, clause: str) -> bool:
    """Whether a control serves a clause: its header names the clause, a parent of it or a point below it."""
    return any(named == clause or named.startswith(f"{clause}.") or clause.startswith(f"{named}.") for named in control["clauses"].get("dpf") or ())


def worst(controls: list[dict]) -> str:
    """The worst status of some controls; not tested where there is none."""
    return min((control["status"] for control in controls), key=results.STATUSES.index, default="not_tested")


def clauses(audit: Audit) -> Shown:
    """Section 10: which clause rests on which control of this report, its worst status and its findings."""
    named = sorted({clause for control in audit.controls for clause in control["clauses"].get("dpf") or ()}, key=_outline)
    titles = {row["clause_id"]: row["title"].strip("()") for row in _rows("dpf_clauses")}
    rows = []
    for clause in named:
        serving = [control for control in audit.controls if clause in (control["clauses"].get("dpf") or ())]
        labels = [finding["label"] for finding in audit.findings if finding["control_id"] in {control["id"] for control in serving}]
        rows.append(
            {
                "id": clause,
                "title": words.sentence(titles.get(clause, "")),
                "controls": _ids(serving),
                "status": worst(serving),
                "labels": labels[:3],
            }
        )
    lede = (
        f"{words.sentence(words.counted(len(rows), 'clause', in_words=True))} of the Principles rest on the controls of this report. "
        "Every control also serves II.7.a.ii and III.7: what a policy asserts must be true."
    )
    return show("clauses.html", lede, lede=lede, rows=rows)


def _ids(controls: list[dict]) -> str:
    """Ids with the family said once: `ACC-01, 02; LOG-01`."""
    families: dict[str, list[str]] = {}
    for name in sorted(control["id"] for control in controls):
        families.setdefault(name.split("-")[0], []).append(name.split("-", 1)[1])
    return "; ".join(f"{family}-{', '.join(numbers)}" for family, numbers in families.items())


def _outline(clause: str) -> tuple:
    """Sorts clauses as the Department's outline does."""
    roman = {
        "I": 1,
        "II": 2,
        "III": 3,
        "i": 1,
        "ii": 2,
        "iii": 3,
        "iv": 4,
        "v": 5,
        "vi": 6,
        "vii": 7,
        "viii": 8,
        "ix": 9,
    }
    roman |= {"x": 10, "xi": 11, "xii": 12, "xiii": 13}
    parts = clause.removeprefix("Annex ").split(".")
    order = [(3 if clause.startswith("Annex") else 0) + roman.get(parts[0], 9)]
    for place, part in enumerate(parts[1:], 1):
        order.append(int(part) if part.isdigit() else roman[part] if place == 3 and part in roman else ord(part[0]))
    return tuple(order)


def matrix(audit: Audit) -> list[dict]:
    """One row per clause of the Framework: its controls in this run with their worst status, and those not built yet."""
    built = {control["id"][:6] for control in audit.all_controls}
    rows = []
    for clause in _rows("dpf_clauses"):
        serving = [control for control in audit.all_controls if serves(control, clause["clause_id"])]
        planned = _planned(clause, built)
        rows.append(
            {
                **clause,
                "serving": serving,
                "ids": _ids(serving),
                "planned": planned,
                "is_outside": (clause["evidence"] or "").startswith("n/a") or clause["evidence"] == "–",
                "status": worst(serving) if serving else "not_tested",
            }
        )
    return rows


def _planned(clause: dict, built: set[str]) -> list[str]:
    """Controls of the catalogue that the clause waits for: those named as its evidence and those mapped to it."""
    wanted = (clause["controls"] or "").split()
    catalogue = _rows("control_catalogue")
    named = [row["control_id"] for row in catalogue if row["control_id"] in wanted or row["control_id"].split("-")[0] in wanted]
    named += [row["control_id"] for row in catalogue if clause["clause_id"] in (row["dpf"] or "").split()]
    return [name for name in dict.fromkeys(named) if name not in built]


def principles(audit: Audit) -> Shown:
    """Section 4: one square a clause, grouped by Principle, in the colour of its worst status."""
    groups: dict[str, list[dict]] = {}
    for row in matrix(audit):
        groups.setdefault(_part(row["clause_id"]), []).append(row)
    tested = [row for row in matrix(audit) if row["serving"]]
    lede = (
        f"{words.number(len(tested))} of {words.counted(len(matrix(audit)), 'clause')} rest on a control of this run; "
        f"{words.number(sum(row['status'] == 'exception' for row in tested))} of them on one that showed exceptions."
    )
    return show("principles.html", lede, lede=lede, groups=groups)


def _part(clause: str) -> str:
    for name, title in PARTS.items():
        if clause == name or clause.startswith(f"{name}."):
            return f"{name} {title}"
    return "III Supplemental Principles" if clause.startswith("III") else "Annex I Arbitration"


def clause_matrix(audit: Audit) -> Shown:
    """Section 10 of the DPF report: every clause, what it requires, what tests it, what came out, what is missing."""
    rows = matrix(audit)
    catalogue = _rows("control_catalogue")
    built = {control["id"][:6] for control in audit.all_controls}
    missing = [row for row in catalogue if row["control_id"] not in built]
    lede = (
        f"{words.counted(len(rows), 'clause')}. The catalogue names {words.counted(len(catalogue), 'control')} of the policy; "
        f"{words.number(len(catalogue) - len(missing))} exist in this run, the other {words.number(len(missing))} are not built yet and count as not tested."
    )
    parts: dict[str, list[dict]] = {}
    for row in rows:
        parts.setdefault(_part(row["clause_id"]), []).append(row)
    return show("matrix.html", lede, lede=lede, parts=parts, missing=missing)


def assertions(audit: Audit) -> Shown:
    """The yearly verification statement of III.7: each assertion, the controls that carry it, unsigned."""
    rows = []
    for row in _rows("dpf_assertions"):
        wanted = (row["controls"] or "").split()
        serving = [control for control in audit.all_controls if row["controls"] == "*" or control["id"].split("-")[0] in wanted or control["id"][:6] in wanted]
        open_ = [
            finding["label"]
            for finding in audit.all_findings
            if finding["outcome"] == "exception" and finding["control_id"] in {control["id"] for control in serving}
        ]
        rows.append(
            {
                **row,
                "statement": words.sentence(row["statement"]),
                "carried": "all controls tested from data" if row["controls"] == "*" else _ids(serving),
                "wanted": ", ".join(wanted) if wanted and wanted != ["*"] else row["other_evidence"],
                "status": worst(serving),
                "findings": open_[:6],
                "more": max(len(open_) - 6, 0),
            }
        )
    own = [row for row in rows if row["self_assessment"] == "must"]
    carried = [row for row in own if row["carried"]]
    lede = (
        f"Self-assessment must make {words.counted(len(own), 'assertion', in_words=True)}, signed at least once a year. "
        f"{words.sentence(words.spelled(len(carried)))} can lean on controls of this run; none is signed."
    )
    return show("assertions.html", lede, lede=lede, rows=rows, run=audit.run)
