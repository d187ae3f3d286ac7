"""The sections about single items: findings, what is not judged, no exception noted, what changed since reported."""

from pathlib import Path

from audit_lib import articles, narrative, results, words
from audit_lib.display import Shown, show
from audit_lib.results import Audit

FULL_FINDINGS = 10  # told in full; what is beyond stands in a table
TABLED_FINDINGS = 40
FULL_OPEN = 4


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
        "findings.html", lede, lede=lede, articles=[articles.article(audit, finding) for finding in found[:full]],
        caption="Further findings" if full else "Findings, told in full in the other two reports", rest=[_row(audit, finding) for finding in rest], more=max(len(found) - full - TABLED_FINDINGS, 0),
        aside="No exception is not the same as no fault.",
        instead="Each control counted its items, and none came out as an exception. What could not be judged or tested stands in section 6; what was tested, with its limits, in section 7.",
    )  # fmt: skip


def _row(audit: Audit, finding: dict) -> dict:
    text = f"{narrative.heading(audit, finding)} ({finding['control_id']})"
    return {
        "label": finding["label"],
        "outcome": finding["outcome"],
        "text": text,
        "detail": ". ".join(
            filter(None, [words.sentence(words.eased(finding["detail"] or "", audit.year)), (told := articles.decided(audit, finding)) and f"Decided: {told}"])
        ),
        "items": finding["items"],
    }


def not_judged(audit: Audit, full: int = FULL_OPEN) -> Shown:
    """Section 6: what a person must judge, what could not be evaluated, what could not be tested."""
    waiting = results.findings_with(audit, "manual", "unknown")
    others = [*results.holds(audit), *results.findings_with(audit, "waived")]
    missing = results.untested(audit)
    rest = [{**row, "text": f"{row['text']} ({row['control_id']})", "detail": "", "items": None} for row in results.unsupported(audit)]
    rest += [{**row, "outcome": "not_tested", "text": f"{row['title']} ({row['id']})", "detail": row["why"], "items": None} for row in missing]
    rest += [_row(audit, finding) for finding in [*waiting[full:], *others]]
    lede = (
        "None of these counts as kept. Each says what is missing, or what a person has to look at."
        if waiting or rest
        else "Nothing was left open: each item was evaluated, each control ran."
    )
    return show(
        "open.html", lede, lede=lede, articles=[articles.article(audit, finding) for finding in waiting[:full]],
        caption="Further open points" if waiting and full else "Open points", what="What is open", rest=rest[:TABLED_FINDINGS], more=max(len(rest) - TABLED_FINDINGS, 0),
    )  # fmt: skip


def no_exception(audit: Audit) -> Shown:
    """Section 7: negative assurance for what was tested, with its limits."""
    clean = results.with_status(audit, "pass")
    idle = words.listing([control["id"] for control in results.with_status(audit, "not_applicable")])
    lede = (
        "Nothing came to our attention in the items named here that would show the promise was not kept."
        if clean
        else "No control of this report was tested in full without an exception or an open point."
    )
    return show("clean.html", lede, lede=lede, rows=clean, idle=idle)


def change(audit: Audit, most: int = 15) -> Shown:
    """Section 9: what is still open from earlier periods, and what has changed since it was reported."""
    names = {control["id"] for control in audit.controls}
    carried = [row for row in results.rows_of(audit.folder / "carried.csv") if row["control_id"] in names]
    kinds = {
        "changed": (
            "Changed since reported",
            "Items of earlier periods whose outcome is no longer what their own run said. No period may lose them.",
            True,
        ),
        "new": (
            "New since reported",
            "Items of earlier periods that were not there when their own run was made.",
            False,
        ),
        "gone": (
            "Gone since reported",
            "Items that an earlier run reported and that the records no longer hold.",
            True,
        ),
        "still_open": (
            "Old, and still open",
            "Items of earlier periods that nobody has ended yet. They are not counted in section 3.",
            False,
        ),
    }
    tables, told = [], []
    for kind, (title, note, was) in kinds.items():
        rows = [row for row in carried if row["kind"] == kind]
        if rows:
            told.append(f"{words.counted(len(rows), 'item')} {words.lowered(title).replace('old, and still open', 'of earlier periods still open')}")
            shown = [
                {
                    **row,
                    "on": words.short_day(row["item_at"], audit.year) if row["item_at"] else "not dated",
                    "was": row["reported_outcome"],
                    "detail": words.sentence(words.eased(row["detail"] or "", audit.year)),
                }
                for row in rows[:most]
            ]
            tables.append(
                {
                    "title": f"{title}: {words.counted(len(rows), 'item')}",
                    "note": note,
                    "was": was,
                    "rows": shown,
                    "more": max(len(rows) - most, 0),
                }
            )
    before = audit.run.get("previous_run")
    base = (
        f"Compared with the sealed run {Path(before['path']).name} of {Path(before['path']).parent.name}."
        if before
        else "No earlier run is on record, so nothing can have changed since it was reported."
    )
    lede = (
        f"{words.sentence(words.listing(told))}. {base}"
        if told
        else f"{'Nothing of earlier periods changed, and none of it is still open. ' if before else ''}{base}"
    )
    return show("change.html", lede, lede=lede, tables=tables)
