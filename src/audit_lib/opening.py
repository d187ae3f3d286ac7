"""The opening sections of a report: masthead, what needs action, what it says and not, results by promise."""

from audit_lib import grounds, narrative, results, words
from audit_lib.display import Shown, render, show
from audit_lib.results import Audit
from audit_lib.sql import shipped

ASKS = {
    "exception": ("Put right, and say why it happened", "finding", "findings"),
    "unknown": ("Supply the missing fact, or settle the contradiction", "gap in the evidence", "gaps in the evidence"),
    "not_tested": (
        "Deliver what was missing, or set the number",
        "control that could not be tested",
        "controls that could not be tested",
    ),
    "unsupported": ("Sign the statement, or settle the evidence behind it", "missing statement", "missing statements"),
    "manual": ("Look, and decide", "matter for a person", "matters for a person"),
    "deferred": ("Watch until the hold ends", "hold to watch", "holds to watch"),
    "waived": ("Renew or end the waiver in time", "waiver to watch", "waivers to watch"),
}
STANDS_FOR = {"unsupported": "manual"}
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
    "unauthorized_access": [
        (
            "Completeness as such",
            "no log can prove that it is complete; it takes a second log and a signed statement on the paths to the data.",
        )
    ],
    "retention_compliance": [("Erasure at service providers", "outside the estate; their confirmations are evidence of another kind.")],
    "dpf_evidence": [("Qualitative promises", "“rare”, “last resort”, “great lengths”: shown as trend or case file, not judged.")],
}


def run_line(audit: Audit) -> str:
    """Styles and marks for all that a notebook shows, and the line that says which run it is."""
    return styles() + render("run.html", audit=audit, run=audit.run)


def styles() -> str:
    """Styles and marks for all that a notebook shows."""
    style = (shipped("templates") / "style.css").read_text(encoding="utf-8").replace(":root{", "&{").replace("body{", "&{").replace("html{", "&{")
    return f"<style>.audit{{{style}}}</style>{(shipped('templates') / 'symbols.html').read_text(encoding='utf-8')}"


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


def action(audit: Audit, most: int = 8) -> Shown:
    """Section 1: what is asked of whom, the worst first."""
    groups, told = [], []
    for status, (ask, one, many) in ASKS.items():
        if rows := _asked(audit, status):
            groups.append(
                {
                    "ask": ask,
                    "status": STANDS_FOR.get(status, status),
                    "rows": rows[:most],
                    "more": max(len(rows) - most, 0),
                }
            )
            told.append(f"{words.spelled(len(rows))}\xa0{one if len(rows) == 1 else many}")
    lede = f"{words.sentence(words.listing(told))}." if told else "Nothing needs action: no finding, nothing left to judge, nothing left untested."
    return show("action.html", lede, lede=lede, groups=groups)


def _asked(audit: Audit, status: str) -> list[dict]:
    """The rows of one kind of request."""
    if status == "not_tested":
        return [{"label": row["label"], "text": f"{row['title']}. {row['why']}", "control_id": row["id"], "count": None} for row in results.untested(audit)]
    if status == "unsupported":
        return [{**row, "count": None} for row in results.unsupported(audit)]
    found = results.holds(audit) if status == "deferred" else results.findings_with(audit, status)
    return [
        {
            "label": row["label"],
            "text": narrative.heading(audit, row),
            "control_id": row["control_id"],
            "count": row["items"],
        }
        for row in found
    ]


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
    groups = [
        {"title": "", "rows": promises},
        {"title": "Quality of the evidence, on which every control above rests", "rows": evidence},
    ]
    lede = narrative.over_controls(audit)
    return show("results.html", lede, lede=lede, groups=[group for group in groups if group["rows"]], shown=shown)


def _result(audit: Audit, control: dict) -> dict:
    labels = [finding["label"] for finding in audit.findings if finding["control_id"] == control["id"]]
    labels += [row["label"] for row in results.holds(audit) if row["control_id"] == control["id"]]
    labels += [row["label"] for row in results.unsupported(audit) if row["control_id"] == control["id"]]
    labels += [row["label"] for row in results.untested(audit) if row["id"] == control["id"]]
    return {
        **control,
        "labels": labels[:4],
        "more": max(len(labels) - 4, 0),
        "tested": control["status"] != "not_tested" or control["population"] > 0,
        "note": words.sentence(grounds.told(control)),
    }
