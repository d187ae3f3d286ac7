"""A finding told in full: its facts, its worst items, and the first item down to its raw lines."""

import re
from datetime import datetime
from typing import Any

from audit_lib import results, words
from audit_lib.display import TOKEN, marked_line
from audit_lib.narrative import heading, items_of_finding
from audit_lib.results import Audit


def article(audit: Audit, finding: dict[str, Any], shown: int = 4) -> dict[str, Any]:
    """All that the template of a finding shows."""
    control = results.control_named(audit, finding["control_id"])
    items = results.items_of(audit, finding)
    names, rows, numeric = table(control, items[:shown], audit.year)
    first = next((item for item in items if item["item"] == finding["first_item"]), items[0] if items else None)
    telling = tellings(first) if first else []
    lines = [
        {
            **line,
            "number": int(line["line"]),
            "html": marked_line(line["text"] or "", telling, has_tokens=audit.run["identities"] == "pseudonyms"),
        }
        for line in results.raw_lines(audit, first["lines"] if first else None)
    ][:4]
    waived = sum(1 for item in items if item["waiver_id"])
    return {
        **finding,
        "heading": heading(audit, finding),
        "counted": items_of_finding(audit, finding),
        "touched": words.counted(finding["subjects"], "subject") if finding["subjects"] > 1 else "",
        "when": words.days(finding["first_at"], finding["last_at"], audit.year) if finding["first_at"] else "not dated",
        "waivers": f"{words.number(waived)} of {words.number(len(items))}" if waived else "",
        "seen": "",
        "decided": decided(audit, finding),
        "promise": control["promise"],
        "source": control["source"],
        "condition": f"{words.number(finding['items'])} of {words.counted(control['population'], control['noun'])} tested. The first: {words.lowered(words.eased(finding['detail'] or 'no detail', audit.year))}.",
        "because": f"One thing to put right: {finding['cause']}."
        if finding["cause"]
        else "Not on record. Nothing ties the items to one job, system or copy; each stands for itself.",
        "effect": effect(control, finding, first["subject"] if first else None),
        "names": names,
        "rows": rows,
        "numeric": numeric,
        "more": max(finding["items"] - len(rows), 0),
        "lines": lines,
        "has_origins": bool(first and first["lines"]),
    }


def decided(audit: Audit, finding: dict[str, Any]) -> str:
    """What people made of the finding so far, the last decision and how many there were before; empty where nobody has decided."""
    rows = [row for row in results.rows_of(audit.folder / "decisions.csv") if row["finding_id"] == finding.get("finding_id")]
    if not rows:
        return ""
    last, earlier = rows[-1], f"; {words.counted(len(rows) - 1, 'earlier decision')}" if len(rows) > 1 else ""
    what = (last["disposition"] or "open").replace("_", " ")
    when = f", {words.moment(last['closed_at'], audit.year)}" if last["closed_at"] else ""
    is_again = bool(last["closed_at"] and finding["last_at"]) and datetime.fromisoformat(finding["last_at"]) > datetime.fromisoformat(last["closed_at"])
    again = ". Items came after that" if is_again else ""
    return f"{words.sentence(what)}, by {last['closed_by_person_id'] or 'nobody named'}{when}; evidence: {last['evidence_uri'] or 'none named'}{earlier}{again}"


def effect(control: dict[str, Any], finding: dict[str, Any], subject: str | None) -> str:
    """What the finding means for the promise, in terms of how many are touched and for how long it lasts."""
    several = words.counted(finding["subjects"], "subject")
    touched = f"It touches {subject if subject and finding['subjects'] == 1 else several}" if finding["subjects"] else "No subject is on record"
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
        rows.append(
            [
                when,
                item["item"],
                *([item["subject"]] if has_subject else []),
                *facts,
                words.sentence(words.eased(item["detail"] or "", year)),
            ]
        )
    return names, rows, numeric


def fact(value: Any, year: int) -> Any:
    """A further column's value: moments and days as people write them."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", value):
        return words.moment(value, year) if len(value) > 10 else words.short_day(value, year)
    return value


def tellings(item: dict[str, Any]) -> list[str]:
    """Texts that, where they stand in a raw line, tell why the item came out as it did: its ids, moments and facts."""
    found = set(item["item"].split(" / ")) | {str(value) for value in item["facts"].values() if re.search(r"\d", str(value))}
    found |= {token[0] for token in TOKEN.finditer(item["detail"] or "")}
    found |= set(re.findall(r"\b[\w.-]*\d[\w.:-]*\b", item["detail"] or ""))
    for value in list(found):
        if moment := words.MOMENT.search(value):
            found |= {f"{moment[1]}T{moment[2]}", f"{moment[1]} {moment[2]}"}
            found.discard(value)
    if item["item_at"]:
        found |= {item["item_at"].strftime("%Y-%m-%dT%H:%M:%S"), item["item_at"].strftime("%Y-%m-%d %H:%M:%S")}
    return sorted(value for value in found if len(value) > 2)
