"""The sentences of the reports that hold figures: each is made from a run's results, none is typed in."""

import re
from typing import Any

from audit_lib import results, words
from audit_lib.display import TOKEN, marked_line
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
    return next((control for control in known if control["population"] and control["status"] != "not_tested"), known[0] if known else None)


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
    asked = {"ACC-01": "Whether staff accesses had a basis", "RET-01": "Whether canceled accounts were purged in time"}.get(name, name)
    if control is None:
        return f"{asked} was not tested: {name} is not in this run."
    return f"{asked} could not be tested: {words.lowered(results.why(control) or 'no reason is on record')}."


def over_controls(audit: Audit) -> str:
    """How many controls have which status, the worst first: `Four controls showed exceptions, one could not be tested.`"""
    told = []
    for status in results.STATUSES:
        count = len(results.with_status(audit, status))
        if count:
            verb = OF_STATUS[status].format({"waived": "has" if count == 1 else "have"}.get(status, "waits" if count == 1 else "wait"))
            told.append(f"{words.counted(count, 'control', in_words=True)} {verb}" if not told else f"{words.spelled(count)}\xa0{verb}")
    return words.sentence(words.listing(told)) + "." if told else "No control belongs to this report."


def keys(audit: Audit, lead: dict[str, Any], most: int = 6) -> list[dict[str, Any]]:
    """The reasons behind the lead control's outcomes, worst first, with their words; what is beyond `most` is added up."""
    order = {name: place for place, name in enumerate(results.OUTCOMES)}
    rows = [row for row in lead["by_reason"] if row["outcome"] in order and row["outcome"] != "pass" and int(row["items"])]
    rows.sort(key=lambda row: (order[row["outcome"]], -int(row["items"]), row["reason"]))
    keyed = [
        {"outcome": row["outcome"], "count": int(row["items"]), "words": words.lowered(reason_words(lead, row["reason"]))}
        for row in rows[: most if len(rows) <= most else most - 1]
    ]
    if more := sum(int(row["items"]) for row in rows[len(keyed) :]):
        keyed.append({"outcome": rows[len(keyed)]["outcome"], "count": more, "words": "for other reasons"})
    speech = SPEECH.get(lead["id"], ("", "", "no exception", ""))
    return [*keyed, {"outcome": "pass", "count": lead["counts"]["pass"], "words": speech[2]}] if lead["counts"]["pass"] else keyed


def reason_words(control: dict[str, Any], reason: str | None) -> str:
    """The sentence of a reason code."""
    entry = (control.get("reasons") or {}).get(reason)
    return (entry.get("text") if isinstance(entry, dict) else entry) or reason or "no reason given"


def paragraphs(audit: Audit) -> list[str]:
    """What follows the conclusion: the gravest findings, what is not judged, what could not be tested."""
    told = []
    worst = results.findings_with(audit, "exception")
    if worst:
        lead = f"The report holds {words.counted(len(worst), 'finding', in_words=True)}."
        gravest = [f"{finding['label']}, {words.lowered(finding['title'])} ({finding['control_id']}, {items_of_finding(audit, finding)})" for finding in worst[:3]]
        told.append(f"{lead} {'The gravest' if len(worst) > 3 else 'They are'}: {words.listing(gravest)}.")
    elif any(control["status"] != "not_tested" for control in audit.controls):
        told.append("No exception came to our attention in the items tested. That is not an opinion that none exists: section 2 says what the records cannot show.")
    waiting = results.findings_with(audit, "manual", "unknown")
    if waiting:
        items = sum(finding["items"] for finding in waiting)
        told.append(f"{words.sentence(words.counted(len(waiting), 'matter', in_words=True))}, {words.counted(items, 'item')} in all, could not be judged from the data; they count neither as kept nor as broken.")
    missing = results.with_status(audit, "not_tested")
    if missing and lead_of(audit) not in missing:
        told.append(f"{words.sentence(words.counted(len(missing), 'control', in_words=True))} could not be tested: {words.listing([control['id'] for control in missing[:12]])}{' and others' if len(missing) > 12 else ''}.")
    elif missing:
        ran = [control["id"] for control in audit.controls if control["status"] not in ("not_tested", "not_applicable")]
        told.append(f"Tested with what was delivered: {words.listing(ran)}." if ran else "Nothing was delivered that a control of this report could test.")
    return told


def items_of_finding(audit: Audit, finding: dict[str, Any]) -> str:
    """How many items a finding has, with their noun."""
    return words.counted(finding["items"], results.control_named(audit, finding["control_id"])["noun"])


def heading(audit: Audit, finding: dict[str, Any]) -> str:
    """A finding's title as a sentence with its number of items."""
    return f"{words.sentence(finding['title'])}: {items_of_finding(audit, finding)}"


def article(audit: Audit, finding: dict[str, Any], shown: int = 4) -> dict[str, Any]:
    """All that the template of a finding shows."""
    control = results.control_named(audit, finding["control_id"])
    items = results.items_of(audit, finding)
    names, rows, numeric = table(control, items[:shown], audit.year)
    first = next((item for item in items if item["item"] == finding["first_item"]), items[0] if items else None)
    telling = tellings(first) if first else []
    lines = [{**line, "number": int(line["line"]), "html": marked_line(line["text"] or "", telling)} for line in results.raw_lines(audit, first["lines"] if first else None)][:4]
    waived = sum(1 for item in items if item["waiver_id"])
    return {
        **finding,
        "heading": heading(audit, finding),
        "counted": items_of_finding(audit, finding),
        "touched": words.counted(finding["subjects"], "subject") if finding["subjects"] > 1 else "",
        "when": words.days(finding["first_at"], finding["last_at"], audit.year) if finding["first_at"] else "not dated",
        "waivers": f"{words.number(waived)} of {words.number(len(items))}" if waived else "",
        "seen": "",
        "promise": control["promise"],
        "source": control["source"],
        "limits": control["limits"],
        "condition": f"{words.number(finding['items'])} of {words.counted(control['population'], control['noun'])} tested. The first: {words.lowered(words.eased(finding['detail'] or 'no detail'))}.",
        "because": f"One thing to put right: {finding['cause']}." if finding["cause"] else "Not on record. Nothing ties the items to one job, system or copy; each stands for itself.",
        "effect": effect(control, finding, audit.year),
        "names": names,
        "rows": rows,
        "numeric": numeric,
        "more": max(finding["items"] - len(rows), 0),
        "lines": lines,
        "has_origins": bool(first and first["lines"]),
    }


def effect(control: dict[str, Any], finding: dict[str, Any], year: int) -> str:
    """What the finding means for the promise, in terms of how many are touched and for how long it lasts."""
    touched = f"It touches {words.counted(finding['subjects'], 'subject')}" if finding["subjects"] else "No subject is on record"
    lasting = (control["reasons"].get(finding["reason"]) or {}) if isinstance(control["reasons"], dict) else {}
    stays = isinstance(lasting, dict) and lasting.get("stays_open")
    meaning = {
        "exception": "the promise was not kept for the items named",
        "unknown": "whether the promise was kept cannot be told",
        "manual": "the data cannot decide; until someone has, it counts as open",
        "deferred": "a legal hold stands in the way, which the promise does not name; it is never counted as kept",
        "waived": "an approved waiver covers it; the raw outcome remains an exception",
    }.get(finding["outcome"], "see the condition")
    return f"{touched}. {words.sentence(meaning)}.{' It lasts until somebody ends it.' if stays else ''}"


def table(control: dict[str, Any], items: list[dict[str, Any]], year: int) -> tuple[list[str], list[list[Any]], set[str]]:
    """Column names, rows and numeric columns of a finding's items: moment, item, subject, at most two facts, what was found."""
    if not items:
        return [], [], set()
    keys_ = [key for key in control.get("columns") or {} if any(item["facts"].get(key) not in (None, 0, False, "") for item in items)][:2]
    has_subject = any(item["subject"] and item["subject"] not in item["item"].split(" / ") for item in items)
    labels = {key: words.sentence(key.removesuffix("_at").removesuffix("_on").replace("_", " ")) for key in keys_}
    numeric = {labels[key] for key in keys_ if all(isinstance(item["facts"].get(key), int | float | None) for item in items)}
    names = ["When, UTC", "Item", *(["Subject"] if has_subject else []), *labels.values(), "What was found"]
    rows = []
    for item in items:
        facts = [fact(item["facts"].get(key), year) for key in keys_]
        when = words.moment(item["item_at"], year) if item["item_at"] else "not dated"
        rows.append([when, item["item"], *([item["subject"]] if has_subject else []), *facts, words.sentence(item["detail"] or "")])
    return names, rows, numeric


def fact(value: Any, year: int) -> Any:
    """A further column's value: moments and days as people write them."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", value):
        return words.moment(value, year) if len(value) > 10 else words.short_day(value, year)
    return value


def tellings(item: dict[str, Any]) -> list[str]:
    """Texts that, where they stand in a raw line, tell why the item came out as it did: its ids, moments and facts."""
    found = set(item["item"].split(" / ")) | {str(value) for value in item["facts"].values() if value not in (None, True, False, "")}
    found |= {token[0] for token in TOKEN.finditer(item["detail"] or "")}
    found |= set(re.findall(r"\b[\w.-]*\d[\w.:-]*\b", item["detail"] or ""))
    for value in list(found):
        if moment := words.MOMENT.search(value):
            found |= {f"{moment[1]}T{moment[2]}", f"{moment[1]} {moment[2]}"}
            found.discard(value)
    if item["item_at"]:
        found |= {item["item_at"].strftime("%Y-%m-%dT%H:%M:%S"), item["item_at"].strftime("%Y-%m-%d %H:%M:%S")}
    return sorted(value for value in found if len(value) > 2)
