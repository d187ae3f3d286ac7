"""The sections of the reports, each one call over a sealed run; the numbers are the same in every report."""

import json
from pathlib import Path

from markupsafe import Markup

from audit_lib import narrative, results, words
from audit_lib.dpf import assertions, clause_matrix, clauses, principles  # noqa: F401  sections 4, 10 and 15 of the DPF report
from audit_lib.errors import ControlError
from audit_lib.display import Shown, coloured_sql, render, show
from audit_lib.results import Audit, open_run  # noqa: F401  a notebook begins with it
from audit_lib.sql import shipped
from audit_lib.workbook import write_xlsx  # noqa: F401  the run's findings as a workbook

FULL_FINDINGS = 12  # told in full; what is beyond stands in a table
TABLED_FINDINGS = 60
FULL_OPEN = 4
ASKS = {
    "exception": "Put right, and say why it happened",
    "unknown": "Supply the missing fact, or settle the contradiction",
    "not_tested": "Deliver what was missing, or set the number",
    "manual": "Look, and decide",
    "deferred": "Watch until the hold ends",
    "waived": "Renew or end the waiver in time",
}
MEANINGS = (
    ("exception", "The item was tested and the promise was not kept."),
    ("unknown", "A fact is missing or contradicts another, so the item could not be evaluated."),
    ("not_tested", "The control could not run: an input was not there, or a number was not set."),
    ("manual", "The data cannot decide; someone must look."),
    ("waived", "An exception covered by an approved waiver that has not expired. The raw outcome stays beside it."),
    ("deferred", "A legal hold or gag order stands in the way. Never counted as kept."),
    ("pass", "The item was tested and nothing was found against the promise."),
    ("not_applicable", "The inputs were loaded and reconciled, and the period holds no item of this kind."),
)
NOT_SAID = {
    "unauthorized_access": (
        "That no unauthorized access took place. It sees what the logs hold; an access by a path that no log covers leaves no trace here.",
        "That a recorded reason was true. A grant shows that permission was on record, not that the need existed.",
        "Anything about the staff of subprocessors, or about countries with certainty: those come from an address database.",
    ),
    "retention_compliance": (
        "That no copy exists outside the listed stores: on a laptop, in an e-mail, at a subprocessor.",
        "That data of active accounts were kept no longer than needed. The policy sets no limit there.",
        "That a purge reached every row: it relies on the purge record and on counts made after it.",
    ),
    "dpf_evidence": (
        "That the company complies with the Principles. It shows which clause rests on which test, and what came out.",
        "Anything about clauses without a test. They are listed as not yet tested, with the evidence that would serve.",
        "Legal advice. What each clause requires is put in our words; the Department’s text is what binds.",
    ),
}
MISSING = {
    "unauthorized_access": [("Completeness as such", "no log can prove that it is complete; it takes a second log and a signed statement on the paths to the data.")],
    "retention_compliance": [("Erasure at service providers", "outside the estate; their confirmations are evidence of another kind.")],
    "dpf_evidence": [("Qualitative promises", "“rare”, “last resort”, “great lengths”: shown as trend or case file, not judged.")],
}
RECHECK = "sha256sum --check --quiet SHA256SUMS && echo complete"


def run_line(audit: Audit) -> str:
    """Styles and marks for all that a notebook shows, and the line that says which run it is."""
    style = (shipped("templates") / "style.css").read_text(encoding="utf-8").replace(":root{", "&{").replace("body{", "&{").replace("html{", "&{")
    line = render("run.html", audit=audit, run=audit.run)
    return f"<style>.audit{{{style}}}</style>{(shipped('templates') / 'symbols.html').read_text(encoding='utf-8')}{line}"


def masthead(audit: Audit) -> Shown:
    """The conclusion in one sentence, its bar to scale, and the facts of the run."""
    lead = narrative.lead_of(audit)
    if audit.report == "dpf_evidence" or lead is None or not lead["population"]:
        lead = None
    counts = lead["counts"] if lead else {}
    said = narrative.conclusion(audit)
    shown = show(
        "masthead.html",
        said,
        run=audit.run,
        conclusion=said,
        parts=[{"outcome": name, "count": counts[name]} for name in results.OUTCOMES if counts[name]] if lead else _by_status(audit),
        keys=narrative.keys(audit, lead) if lead else [{**part, "words": narrative.OF_STATUS[part["status"]].format("wait")} for part in _by_status(audit)],
        whole=lead["population"] if lead else len(audit.controls),
        many=words.plural(lead["noun"]) if lead else "controls",
        paragraphs=narrative.paragraphs(audit),
    )
    return Shown(f"<!--style-->{run_line(audit)}<!--/style-->{shown.html}", shown.text)


def _by_status(audit: Audit) -> list[dict]:
    counted = [(status, len(results.with_status(audit, status))) for status in results.STATUSES]
    return [{"outcome": status, "status": status, "count": count} for status, count in counted if count]


def action(audit: Audit, most: int = 12) -> Shown:
    """Section 1: what is asked of whom, the worst first."""
    groups, told = [], []
    named = {"exception": "finding", "unknown": "gap in the evidence", "not_tested": "control that could not be tested", "manual": "matter for a person", "deferred": "hold to watch", "waived": "waiver to watch"}
    for status in ASKS:
        if status == "not_tested":
            rows = [{"label": row["label"], "text": f"{row['title']}. {row['why']}".removesuffix(". "), "control_id": row["id"], "count": None} for row in results.untested(audit)]
        else:
            rows = [{"label": row["label"], "text": narrative.heading(audit, row), "control_id": row["control_id"], "count": row["items"]} for row in results.findings_with(audit, status)]
        if rows:
            groups.append({"ask": ASKS[status], "status": status, "rows": rows[:most], "more": max(len(rows) - most, 0)})
            text = words.counted(len(rows), named[status], in_words=True)
            told.append(text.replace("gap in the evidences", "gaps in the evidence").replace("control that could not be testeds", "controls that could not be tested").replace("matter for a persons", "matters for a person").replace("hold to watches", "holds to watch").replace("waiver to watches", "waivers to watch"))
    lede = words.sentence(words.listing(told)) + "." if told else "Nothing needs action: no finding, nothing left to judge, nothing left untested."
    return show("action.html", lede, lede=lede, groups=groups)


def scope(audit: Audit, most: int = 5) -> Shown:
    """Section 2: what the report says, what it does not, and what was not tested."""
    missing = results.untested(audit)
    lede = "Management’s own assessment, not an independent opinion. " + (
        f"It covers what was delivered: {words.number(len(audit.controls) - len(missing))} of {words.counted(len(audit.controls), 'control')} could run."
        if missing
        else f"All {words.counted(len(audit.controls), 'control')} of this report could run."
    )
    return show(
        "scope.html", lede, lede=lede, run=audit.run, not_said=NOT_SAID[audit.report], untested=missing[:most], more=max(len(missing) - most, 0),
        missing=MISSING[audit.report], ran=len(audit.controls) - len(missing),
    )  # fmt: skip


def results_by_promise(audit: Audit) -> Shown:
    """Section 3: each promise, the control that tests it, population, outcomes and status."""
    rows = [_result(audit, control) for control in audit.controls]
    promises = [row for row in rows if row["family"] != "IPE"]
    evidence = [row for row in rows if row["family"] == "IPE"]
    for group in (promises, evidence):
        for before, row in zip([None, *group], group, strict=False):
            row["is_first"] = bool(before) and before["status"] != row["status"]
    used = {name for control in audit.controls for name, count in control["counts"].items() if count}
    shown = [name for name in ("exception", "unknown", "manual", "deferred", "waived") if name in used or name in ("exception", "unknown", "manual")]
    groups = [{"title": "", "rows": promises}, {"title": "Quality of the evidence, on which every control above rests", "rows": evidence}]
    lede = narrative.over_controls(audit)
    return show("results.html", lede, lede=lede, groups=[group for group in groups if group["rows"]], shown=shown)


def _result(audit: Audit, control: dict) -> dict:
    labels = [finding["label"] for finding in audit.findings if finding["control_id"] == control["id"]]
    labels += [row["label"] for row in results.untested(audit) if row["id"] == control["id"]]
    return {**control, "labels": labels[:4], "more": max(len(labels) - 4, 0), "tested": control["status"] != "not_tested", "note": results.why(control)}


def findings(audit: Audit, full: int = FULL_FINDINGS) -> Shown:
    """Section 5: one root cause, one finding; each down to its raw line."""
    found = results.findings_with(audit, "exception")
    rest = found[full : full + TABLED_FINDINGS]
    lede = (
        f"{words.sentence(words.counted(len(found), 'finding', in_words=True))}. One finding is one root cause, however many items it touched; all items are in findings.xlsx."
        if found
        else "No finding: no control of this report showed an exception."
    )
    return show(
        "findings.html", lede, lede=lede, articles=[narrative.article(audit, finding) for finding in found[:full]],
        caption="Further findings" if full else "Findings, told in full in the other two reports", rest=[_row(audit, finding) for finding in rest], more=max(len(found) - full - TABLED_FINDINGS, 0),
        aside="No exception is not the same as no fault.",
        instead="Each control counted its items, and none came out as an exception. What could not be judged or tested stands in section 6; what was tested, with its limits, in section 7.",
    )  # fmt: skip


def _row(audit: Audit, finding: dict) -> dict:
    text = f"{narrative.heading(audit, finding)} ({finding['control_id']})"
    return {"label": finding["label"], "outcome": finding["outcome"], "text": text, "detail": words.sentence(words.eased(finding["detail"] or "")), "items": finding["items"]}


def not_judged(audit: Audit, full: int = FULL_OPEN) -> Shown:
    """Section 6: what a person must judge, what could not be evaluated, what could not be tested."""
    waiting = results.findings_with(audit, "manual", "unknown")
    others = results.findings_with(audit, "deferred", "waived")
    missing = results.untested(audit)
    rest = [_row(audit, finding) for finding in [*waiting[full:], *others]]
    rest += [{"label": row["label"], "outcome": "not_tested", "text": f"{row['title']} ({row['id']})", "detail": row["why"], "items": None} for row in missing]
    lede = "None of these counts as kept. Each says what is missing, or what a person has to look at." if waiting or rest else "Nothing was left open: each item was evaluated, each control ran."
    return show(
        "open.html", lede, lede=lede, articles=[narrative.article(audit, finding) for finding in waiting[:full]],
        caption="Further open points" if waiting and full else "Open points", what="What is open", rest=rest[:TABLED_FINDINGS], more=max(len(rest) - TABLED_FINDINGS, 0),
    )  # fmt: skip


def no_exception(audit: Audit) -> Shown:
    """Section 7: negative assurance for what was tested, with its limits."""
    clean = results.with_status(audit, "pass")
    idle = words.listing([control["id"] for control in results.with_status(audit, "not_applicable")])
    lede = "Nothing came to our attention in the items named here that would show the promise was not kept." if clean else "No control of this report was tested in full without an exception or an open point."
    return show("clean.html", lede, lede=lede, rows=clean, idle=idle)


def evidence(audit: Audit, most: int = 12) -> Shown:
    """Section 8: every record read is accounted for; what was not loaded; which rules of the dictionary are broken."""
    loads = results.rows_of(audit.folder / "loads.csv")
    groups: dict[tuple, list[dict]] = {}
    for row in loads:
        groups.setdefault((row["table_name"], row["part"]), []).append(row)
    rows = [_source(*key, group) for key, group in sorted(groups.items())]
    read, rest = sum(row["read"] for row in rows), sum(row["loaded"] + row["duplicate"] + row["ignored"] + row["quarantined"] for row in rows)
    if read != rest:
        raise ControlError(f"loads: {read} records read, {rest} accounted for. The run is not consistent: load and repeat it")
    rejects = results.rows_of(audit.folder / "rejects.csv")
    checks = [row for row in results.rows_of(audit.folder / "table_checks.csv") if int(row["rows_broken"])]
    checks.sort(key=lambda row: (-int(row["rows_broken"]), row["table_name"], row["rule"]))
    keys = ("files", "read", "loaded", "duplicate", "ignored", "quarantined")
    sums = [sum(row[key] for row in rows) for key in keys]
    unstated = sum(row["control_total"] is None for row in loads)
    differs = sum(bool(row["difference"]) for row in rows)
    total = "each agrees with the total that its producer gave" if not unstated and not differs else f"{words.number(len(loads) - unstated)} came with a producer’s total, {'all of which agree' if not differs else 'and ' + words.counted(differs, 'source') + (' differs' if differs == 1 else ' differ')}"
    lede = f"{words.sentence(words.counted(len(loads), 'file'))}, each hashed and counted; {total}." if loads else "No file was loaded."
    note = f"{words.counted(sums[5], 'record')} in quarantine: kept with file, line and reason, and in no count above." if sums[5] else "Nothing is in quarantine."
    return show(
        "evidence.html", lede, lede=lede, heading="Every record read is accounted for", note=note, loads=rows, sums=sums, has_ipe=any(control["id"] == "IPE-01" for control in audit.controls),
        rejects=rejects[:most], rejects_more=max(len(rejects) - most, 0), rejects_heading=f"{words.counted(sum(int(row['rows']) for row in rejects), 'record')} not loaded, and why",
        checks=checks[:most], checks_more=max(len(checks) - most, 0), checks_heading=f"{words.sentence(words.counted(len(checks), 'rule', in_words=True))} of the dictionary {'is' if len(checks) == 1 else 'are'} broken",
    )  # fmt: skip


def _source(table: str, part: str, group: list[dict]) -> dict:
    number = lambda key: sum(int(row[key] or 0) for row in group)  # noqa: E731
    stated = [row for row in group if row["control_total"] is not None]
    forms = words.listing(sorted({row["format"] for row in group}))
    return {
        "name": table if part == "all" else f"{part}", "remark": forms if part == "all" else f"{table}; {forms}", "files": len(group), "read": number("rows_read"), "loaded": number("rows_loaded"),
        "duplicate": number("rows_duplicate"), "ignored": number("rows_ignored"), "quarantined": number("rows_quarantined"),
        "total": sum(int(row["control_total"]) for row in stated) if stated else None,
        "difference": sum(int(row["rows_read"]) - int(row["control_total"]) for row in stated) if stated else None,
    }  # fmt: skip


def change(audit: Audit, most: int = 15) -> Shown:
    """Section 9: what is still open from earlier periods, and what has changed since it was reported."""
    names = {control["id"] for control in audit.controls}
    carried = [row for row in results.rows_of(audit.folder / "carried.csv") if row["control_id"] in names]
    kinds = {
        "changed": ("Changed since reported", "Items of earlier periods whose outcome is no longer what their own run said. No period may lose them.", True),
        "new": ("New since reported", "Items of earlier periods that were not there when their own run was made.", False),
        "gone": ("Gone since reported", "Items that an earlier run reported and that the records no longer hold.", True),
        "still_open": ("Old, and still open", "Items of earlier periods that nobody has ended yet. They are not counted in section 3.", False),
    }
    tables, told = [], []
    for kind, (title, note, was) in kinds.items():
        rows = [row for row in carried if row["kind"] == kind]
        if rows:
            told.append(f"{words.counted(len(rows), 'item')} {words.lowered(title).replace('old, and still open', 'of earlier periods still open')}")
            shown = [{**row, "on": words.short_day(row["item_at"], audit.year) if row["item_at"] else "not dated", "was": row["reported_outcome"], "detail": words.sentence(words.eased(row["detail"] or ""))} for row in rows[:most]]
            tables.append({"title": f"{title}: {words.counted(len(rows), 'item')}", "note": note, "was": was, "rows": shown, "more": max(len(rows) - most, 0)})
    before = audit.run.get("previous_run")
    base = f"Compared with the sealed run {Path(before['path']).name} of {Path(before['path']).parent.name}." if before else "No earlier run is on record, so nothing can have changed since it was reported."
    lede = f"{words.sentence(words.listing(told))}. {base}" if told else f"{'Nothing of earlier periods changed, and none of it is still open. ' if before else ''}{base}"
    return show("change.html", lede, lede=lede, tables=tables)


def parameters(audit: Audit) -> Shown:
    """Section 11: every number that a test used, where it comes from and who approved it."""
    names = {control["id"] for control in audit.controls}
    rows = []
    for row in audit.run["parameters"]:
        users = [name for name in row.get("controls") or [] if name in names]
        if users:
            unset = row["value"] is None
            value = "unset" if unset else f"{_value(row['value'])} {row['unit'] or ''}".strip()
            approved = f"{row['approved_by']}, {words.long_day(row['approved_on'])}" if row.get("approved_by") else {"policy": "The policy’s own number", "law": "The law’s own number"}.get(row["source"], "Nobody on record: the default")
            used = f"{', '.join(users[:6])}{' and others' if len(users) > 6 else ''}"
            rows.append({**row, "meaning": words.sentence(row["meaning"]), "value": value, "is_unset": unset, "source": row["source"].capitalize(), "approved": approved, "used": used})
    own = sum(1 for row in rows if row["source"] == "Management")
    lede = f"{words.sentence(words.counted(len(rows), 'number', in_words=True))} and settings. Where the policy gives none, management set one ({words.number(own)} of them), or it is unset and the test did not take place."
    return show("parameters.html", lede, lede=lede, rows=rows)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "yes" if value is True else "no" if value is False else words.number(value) if isinstance(value, int | float) else str(value)


def glossary(audit: Audit) -> Shown:
    """Section 12: what each word means, what one item is, what each control cannot see."""
    used = sorted(audit.controls, key=lambda control: control["id"])
    return show("glossary.html", "Words and limits", meanings=MEANINGS, controls=used, run=audit.run)


def sql_of_controls(audit: Audit) -> Shown:
    """Section 13: the SQL of each control, the worst first."""
    rows = [{**control, "html": coloured_sql((audit.folder / control["sql_path"]).read_text(encoding="utf-8"))} for control in audit.controls if (audit.folder / control["sql_path"]).is_file()]
    lede = "The whole test of each control, the one with the gravest result opened. It can be run again on the store with the parameters of section 11."
    return show("sql.html", lede, lede=lede, rows=rows)


def verify(audit: Audit) -> Shown:
    """Section 14: how a stranger checks the run, offline."""
    lede = "Three checks, offline. The second needs nothing of ours."
    return show("verify.html", lede, lede=lede, run=audit.run, command=RECHECK)


def statement(audit: Audit) -> Shown:
    """Section 15: the statement that an officer may sign, with the findings it has to except."""
    found = results.findings_with(audit, "exception")
    several = "finding" if len(found) == 1 else "findings"
    labels = f"{several} {words.listing([finding['label'] for finding in found])}" if len(found) <= 8 else f"the {words.number(len(found))} findings of section 5"
    excepted = f", except for {labels}" if found else ""
    left = bool(results.findings_with(audit, "manual", "unknown", "deferred") or results.untested(audit))
    open_part = "; what section 6 lists is not yet judged" if left else ""
    said = f"I have read this report. For the period and within the limits stated, the practices tested here are as our privacy policy says and are implemented{excepted}{open_part}."
    return show("sign.html", said, statement=Markup("{}").format(said), run=audit.run)


def results_table(folder: Path) -> str:
    """The results of a run as a plain table for the terminal: one line a control, the worst first."""
    audit = open_run_folder(folder)
    names = {"exception": "EXCEPTION", "unknown": "not evaluated", "not_tested": "not tested", "manual": "needs a person", "waived": "waived", "deferred": "deferred", "pass": "no exception", "not_applicable": "nothing to test"}
    head = ("control", "severity", "status", "items", "exceptions", "unknown", "manual", "deferred", "what holds")
    rows = [(control["id"], control["severity"], names[control["status"]], *(words.number(count) if control["status"] != "not_tested" else "–" for count in (control["population"], *(control["counts"][name] for name in ("exception", "unknown", "manual", "deferred")))), control["title"]) for control in audit.controls]
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(8)]
    line = lambda row: "  ".join([*(row[place].ljust(widths[place]) if place < 3 else row[place].rjust(widths[place]) for place in range(8)), row[8][:70]]).rstrip()  # noqa: E731
    return "\n".join([line(head), *map(line, rows)])


def open_run_folder(folder: Path, report: str = "dpf_evidence") -> Audit:
    """A run by its folder, sealed or about to be."""
    return results.open_folder(Path(folder), report)


def facts(audit: Audit) -> dict:
    """The record of the run, `run.json`."""
    return json.loads((audit.folder / "run.json").read_text(encoding="utf-8"))
