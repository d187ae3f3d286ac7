"""The sentences of the reports that hold figures: each is made from a run's results, none is typed in."""

from typing import Any

from audit_lib import grounds, results, words
from audit_lib.results import Audit

# How the first sentence of a report speaks of a control's items: one, many, and what is true of a pass and of an exception.
SPEECH = {
    "ACC-01": ("staff access", "staff accesses", "had a recorded basis", "had none that holds"),
    "RET-01": ("purge due", "purges due", "were done in time", "were not"),
    "BKP-01": ("backup", "backups", "were destroyed in time", "were not"),
    "LOG-02": ("access event", "access events", "carry a full address", "do not"),
    "LOG-05": ("new account", "new accounts", "have a full sign-up address", "have none"),
}
REMAINDERS = {
    "unknown": ("could not be evaluated", "could not be evaluated"),
    "manual": ("needs a person", "need a person"),
    "deferred": ("waits for a legal hold", "wait for a legal hold"),
    "waived": ("is waived", "are waived"),
}
OF_STATUS = {
    "exception": "showed exceptions",
    "unknown": "could not be evaluated in full",
    "not_tested": "could not be tested",
    "manual": "{} for a person",
    "waived": "{} waived exceptions only",
    "deferred": "{} for a hold to end",
    "pass": "showed no exception",
    "not_applicable": "had nothing to test",
}


def lead_of(audit: Audit) -> dict[str, Any] | None:
    """The control that the report's first sentence is about: the first of its leads that tested something."""
    named = {control["id"]: control for control in audit.controls}
    known = [named[name] for name in results.REPORTS[audit.report]["leads"] if name in named]
    return next(
        (control for control in known if control["population"] and control["status"] != "not_tested"),
        known[0] if known else None,
    )


def conclusion(audit: Audit) -> str:
    """The report's conclusion: one sentence, all numbers with their whole."""
    lead = lead_of(audit)
    if audit.report == "dpf_evidence" or lead is None:
        return over_controls(audit)
    counts, whole = lead["counts"], lead["population"]
    speech = SPEECH.get(lead["id"], (lead["noun"], words.plural(lead["noun"]), "showed no exception", "did"))
    first = results.REPORTS[audit.report]["leads"][0]
    if lead["status"] == "not_tested" or not whole:
        missing = len(results.with_status(audit, "not_tested"))
        return f"{words.sentence(words.spelled(missing))} of {words.counted(len(audit.controls), 'control')} could not be tested. {could_not(audit, first)}"
    clean = counts["pass"]
    if clean == whole:
        told = f"All {words.number(whole)}\xa0{speech[1]} {speech[2]}." if whole > 1 else f"The one {speech[0]} on record: no exception."
        return told if lead["id"] == first else f"{could_not(audit, first)} {told}"
    rest = []
    if counts["exception"]:
        rest.append(f"{words.number(counts['exception'])}\xa0{speech[3]}")
    rest += [f"{words.number(counts[name])}\xa0{told[counts[name] != 1]}" for name, told in REMAINDERS.items() if counts[name]]
    told = f"Of {words.number(whole)}\xa0{speech[1]}, {words.number(clean)}\xa0{speech[2]}; {words.listing(rest)}."
    return told if lead["id"] == first else f"{could_not(audit, first)} {told}"


def could_not(audit: Audit, name: str) -> str:
    """That one control could not be tested, and why; empty where it ran."""
    control = next((each for each in audit.all_controls if each["id"] == name), None)
    asked = {
        "ACC-01": "Whether staff accesses had a basis",
        "RET-01": "Whether canceled accounts were purged in time",
    }.get(name, name)
    if control is None:
        return f"{asked} was not tested: {name} is not in this run."
    return f"{asked} could not be tested: {grounds.told(control, is_brief=True) or 'no reason is on record'}."


def over_controls(audit: Audit) -> str:
    """How many controls have which status, the worst first: `Four controls showed exceptions, one could not be tested.`"""
    told = []
    for status in results.STATUSES:
        count = len(results.with_status(audit, status))
        if count:
            verb = OF_STATUS[status].format({"waived": "has" if count == 1 else "have"}.get(status, "waits" if count == 1 else "wait"))
            told.append(f"{words.counted(count, 'control', in_words=True)} {verb}" if not told else f"{words.spelled(count)}\xa0{verb}")
    return words.sentence(words.listing(told)) + "." if told else "No control belongs to this report."


def keys(audit: Audit, lead: dict[str, Any], most: int = 3) -> list[dict[str, Any]]:
    """What the bar's colours mean: the reasons of exceptions, the commonest first, then each other outcome as a whole."""
    rows = [row for row in lead["by_reason"] if row["outcome"] == "exception" and int(row["items"])]
    rows.sort(key=lambda row: (-int(row["items"]), row["reason"]))
    named = rows[: most if len(rows) <= most else most - 1]
    told = [{"outcome": "exception", "count": int(row["items"]), "words": words.lowered(reason_words(lead, row["reason"]))} for row in named]
    if more := sum(int(row["items"]) for row in rows[len(named) :]):
        told.append(
            {
                "outcome": "exception",
                "count": more,
                "words": f"for {words.counted(len(rows) - len(named), 'other reason', in_words=True)}",
            }
        )
    for outcome, (one, many) in REMAINDERS.items():
        if count := lead["counts"][outcome]:
            told.append({"outcome": outcome, "count": count, "words": one if count == 1 else many})
    speech = SPEECH.get(lead["id"], ("", "", "showed no exception", ""))
    return [*told, {"outcome": "pass", "count": lead["counts"]["pass"], "words": speech[2]}] if lead["counts"]["pass"] else told


def reason_words(control: dict[str, Any], reason: str | None) -> str:
    """The sentence of a reason code."""
    entry = (control.get("reasons") or {}).get(reason)
    return (entry.get("text") if isinstance(entry, dict) else entry) or reason or "no reason given"


def paragraphs(audit: Audit) -> list[str]:
    """What follows the conclusion: the gravest findings, what is not judged, what could not be tested."""
    told = []
    worst = results.findings_with(audit, "exception")
    if worst:
        lead = f"The report holds {words.counted(len(worst), 'finding', in_words=True)}{_where(worst)}."
        gravest = [
            f"{finding['label']}, {words.lowered(finding['title'])} ({finding['control_id']}, {items_of_finding(audit, finding)})" for finding in worst[:3]
        ]
        told.append(f"{lead} {'The gravest' if len(worst) > 3 else 'They are'}: {words.listing(gravest)}.")
    elif any(control["status"] != "not_tested" for control in audit.controls):
        told.append(
            "No exception came to our attention in the items tested. That is not an opinion that none exists: section 2 says what the records cannot show."
        )
    waiting = results.findings_with(audit, "manual", "unknown")
    if waiting:
        items = sum(finding["items"] for finding in waiting)
        told.append(
            f"{words.sentence(words.counted(len(waiting), 'matter', in_words=True))}, {words.counted(items, 'item')} in all, could not be judged from the data; they count neither as kept nor as broken."
        )
    missing = results.with_status(audit, "not_tested")
    if missing and lead_of(audit) not in missing:
        told.append(
            f"{words.sentence(words.counted(len(missing), 'control', in_words=True))} could not be tested: {words.listing([control['id'] for control in missing[:12]])}{' and others' if len(missing) > 12 else ''}."
        )
    elif missing:
        ran = [control["id"] for control in audit.controls if control["status"] not in ("not_tested", "not_applicable")]
        told.append(f"Tested with what was delivered: {words.listing(ran)}." if ran else "Nothing was delivered that a control of this report could test.")
    return told


def _where(found: list[dict[str, Any]]) -> str:
    """In which controls most of many findings lie."""
    counts: dict[str, int] = {}
    for finding in found:
        counts[finding["control_id"]] = counts.get(finding["control_id"], 0) + 1
    if len(found) <= 8:
        return ""
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return f" in {words.counted(len(counts), 'control', in_words=True)}, most of them in {words.listing([f'{name} ({count})' for name, count in most])}"


def items_of_finding(audit: Audit, finding: dict[str, Any]) -> str:
    """How many items a finding has, with their noun."""
    return words.counted(finding["items"], results.control_named(audit, finding["control_id"])["noun"])


def heading(audit: Audit, finding: dict[str, Any]) -> str:
    """A finding's title as a sentence with its number of items."""
    return f"{words.sentence(finding['title'])}: {items_of_finding(audit, finding)}"
