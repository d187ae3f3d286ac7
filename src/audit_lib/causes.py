"""What stands behind the results on retention: shared causes, rules and tests, holds, and the course over periods."""

from collections import defaultdict
from typing import Any

from markupsafe import Markup

from audit_lib import words
from audit_lib.display import Shown, render
from audit_lib.drawing import cell, framed, no_figure, table
from audit_lib.figures import read
from audit_lib.results import Audit

UNTESTED = ("not_tested", None)


def root_causes(audit: Audit, most: int = 12) -> Shown:
    """Causes that several items share, whatever the control."""
    rows = read(audit, "root_causes")
    if not rows:
        return no_figure(
            "No cause is shared", "No two items that are exceptions or could not be evaluated have a cause in common.", "outcomes of the controls on retention."
        )
    labels = {finding["number"]: finding["label"] for finding in audit.all_findings}
    own = {finding["label"] for finding in audit.findings}
    lines = []
    for row in rows[:most]:
        found = [labels[number] for number in row["findings"] if number in labels]
        links = Markup(", ").join(Markup('<a href="#{0}">{0}</a>').format(label) if label in own else label for label in found[:6])
        where = ", ".join(part for part in (row["kind"], row["store_id"] if row["kind"] != "store" else None, row["place"], row["owner"]) if part)
        span = words.days(row["first_on"], row["last_on"], audit.year) if row["first_on"] else ""
        lines.append([
            cell(row["cause"], where, is_code=True), cell(row["accounts"]), cell(row["items"], "" if row["exceptions"] == row["items"] else words.counted(row["exceptions"], "exception") if row["exceptions"] else "not evaluated", "exception" if row["exceptions"] else "unknown"),
            cell(", ".join(row["controls"]), span), cell(links or "–", "and others" if len(found) > 6 else ""),
        ])  # fmt: skip
    top = rows[0]
    who = f", of {words.counted(top['accounts'], 'account', in_words=True)}" if top["accounts"] else ""
    title = f"One {top['kind'] if top['kind'] != 'other' else 'cause'}, {top['cause']}, is behind {words.counted(top['items'], 'item', in_words=True)}{who}"
    return table(
        title,
        f"Items of different controls with one cause stand together: put that right, and they go. {words.sentence(words.counted(top['alone_items'], 'item'))} of {words.number(top['all_items'])} {'shares' if top['alone_items'] == 1 else 'share'} no cause with another.",
        "outcomes of the controls on retention; backups, stores, jobs.",
        f"Sorted by accounts, then items. {words.number(len(lines))} of {words.counted(top['all_causes'], 'cause')} shown" + ("; the others: figures/root_causes.parquet" if top["all_causes"] > len(lines) else ""),
        ["Cause", "Accounts", "Items", "Controls and days", "Findings"], lines, {"Accounts", "Items"},
    )  # fmt: skip


def coverage(audit: Audit) -> Shown:
    """Stores by classes of data: which are bound by a rule, and which rules are tested."""
    rows = read(audit, "rule_coverage")
    if not rows:
        return no_figure("Rules and stores could not be compared", "No list of stores with their classes of data was delivered.", "stores, retention_rules.")
    classes = sorted({row["data_class_id"] for row in rows}, key=lambda name: (-sum(row["data_class_id"] == name for row in rows), name))
    stores: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        stores[row["store_id"]][row["data_class_id"]] = _covered(row)
    states = [one["state"] for cells in stores.values() for one in cells.values()]
    bare, none, idle = (states.count(state) for state in ("bare", "none", "idle"))
    told = [
        f"{words.spelled(count)} {text}"
        for count, text in (
            (none, f"{'has' if none == 1 else 'have'} no rule"),
            (bare, f"{'has' if bare == 1 else 'have'} a rule that nothing tests"),
            (idle, "had no test that ran"),
        )
        if count
    ]
    title = (
        f"Of {words.counted(len(states), 'pair')} of store and class, {words.listing(told)}"
        if told
        else f"Each of {words.counted(len(states), 'pair')} of store and class has a rule and a test"
    )
    lines = [{"store_id": name, "cells": [cells.get(one) for one in classes]} for name, cells in stores.items()]
    caption = f"Stores in purge scope first, then by name. {words.counted(len(lines), 'store')}, all shown; an empty field: the class does not lie there"
    note = "In a field: the days that its shortest rule allows. “≥”: a floor, and no ceiling. A test shows whether the rule is kept; what came out stands in section 3."
    inner = render("coverage.html", classes=classes, rows=lines, caption=caption)
    return Shown(framed(title, note, "stores, retention_rules, data_classes; all controls.", inner), title)


def _covered(row: dict[str, Any]) -> dict[str, str]:
    """One field: its state, the mark in it, and the same in words."""
    state = "none" if not row["rules"] else "bare" if not row["tests"] else "idle" if row["worst"] in UNTESTED else "tested"
    mark = (
        "–"
        if not row["rules"]
        else words.number(row["max_days"])
        if row["max_days"] is not None
        else f"≥ {words.number(row['min_days'])}"
        if row["min_days"] is not None
        else "rule"
    )
    days = (
        f"at most {row['max_days']} days from {words.listing([start.replace('_', ' ') for start in row['starts']])}"
        if row["max_days"] is not None
        else "no ceiling"
    )
    tests = f"tested by {words.listing(row['tests'])}" if row["tests"] else "no test"
    said = f"{row['store_id']}, {row['data_class_id']}: " + (f"{days}; {tests}" if row["rules"] else f"no rule; {tests}")
    return {"state": state, "mark": mark, "said": said + ("; it did not run" if state == "idle" else "")}


def holds(audit: Audit, most: int = 15) -> Shown:
    """Legal holds, who answers for them, and what they keep."""
    rows = read(audit, "holds_in_force")
    if not rows:
        return no_figure(
            "No legal hold kept anything", "None was in force in the period." if rows is not None else "No list of legal holds was delivered.", "legal_holds."
        )
    lines = []
    for row in rows[:most]:
        covers = [
            f"{name} {row[key]}"
            for name, key in (("account", "account_id"), ("person", "person_id"), ("store", "store_id"), ("backup", "backup_id"))
            if row[key]
        ]
        until = f"released {words.short_day(row['released_on'], audit.year)}" if row["released_on"] else "in force"
        placed = words.short_day(row["placed_on"], audit.year) if row["placed_on"] else "start not on record"
        lines.append([
            cell(row["legal_hold_id"], row["basis"] or "no basis on record", is_code=True), cell(row["approved_by_person_id"] or "Nobody on record", kind="" if row["approved_by_person_id"] else "unknown"), cell(", ".join(covers) or "everything"),
            cell(f"{placed}, {until}"), cell(row["days"]), cell(row["deferred"], f"{words.number(row['unclear'])} more if it were complete" if row["unclear"] else "", "deferred" if row["deferred"] else ""),
        ])  # fmt: skip
    open_ones = [row for row in rows if not row["released_on"]]
    orphans = sum(row["approved_by_person_id"] is None for row in open_ones)
    kept = sum(row["deferred"] for row in rows)
    title = words.sentence(
        f"{words.counted(len(open_ones), 'legal hold', in_words=True)} {'is' if len(open_ones) == 1 else 'are'} in force, {words.counted(kept, 'item')} {'is' if kept == 1 else 'are'} kept by holds"
    ) + (f"; {words.spelled(orphans)} {'has' if orphans == 1 else 'have'} no owner" if orphans else "")
    whole = rows[0]["holds"]
    return table(
        title, "A hold keeps data that would else be deleted; whoever approved it answers for its end. Items: what the controls of this run defer because of it.",
        "legal_holds; outcomes of this run.", f"Sorted by items kept, then those in force, the oldest first. {words.number(len(lines))} of {words.counted(whole, 'hold')} shown" + ("; the others: figures/holds_in_force.parquet" if whole > len(lines) else ""),
        ["Hold", "Owner", "Covers", "When", "Days", "Items"], lines, {"Days", "Items"}, wide={"Covers"},
    )  # fmt: skip


def trend(audit: Audit, most_periods: int = 5, most: int = 20) -> Shown:
    """Exceptions of each control over the periods that were reported, the newest last."""
    rows = read(audit, "retention_trend") or []
    periods = sorted({(row["since_on"], row["run"] or "") for row in rows if row["run"]})[-most_periods:]
    if not periods:
        return no_figure(
            "There is no course over periods yet",
            "No earlier period was reported, or none before this one begins. From the next report on, each control’s exceptions stand here side by side.",
            "sealed runs of earlier periods.",
        )
    found = {(row["control_id"], row["run"] or ""): row for row in rows}
    now = [row for row in rows if not row["run"]]
    titles = {control["id"]: control["title"] for control in audit.all_controls}
    lines, more, fewer = [], 0, 0
    ranked = []
    for row in now:
        before = found.get((row["control_id"], periods[-1][1]))
        change = row["exceptions"] - before["exceptions"] if before else None
        more, fewer = more + ((change or 0) > 0), fewer + ((change or 0) < 0)
        told = [found.get((row["control_id"], run)) for _, run in periods]
        if row["exceptions"] or any(one and one["exceptions"] for one in told):
            ranked.append((-(change if change is not None else 0), row["control_id"], row, told, change))
    for _, name, row, told, change in sorted(ranked, key=lambda one: one[:2])[:most]:
        cells = [
            cell(
                None if one is None else one["exceptions"],
                "" if one is None or one["items"] is None else f"of {words.number(one['items'])}",
                "exception" if one and one["exceptions"] else "",
            )
            for one in (*told, row)
        ]
        moved = "not tested then" if change is None else "the same" if not change else f"{words.number(abs(change))} {'more' if change > 0 else 'fewer'}"
        lines.append([cell(name, titles.get(name, "")), *cells, cell(moved)])
    heads = [run.partition("/")[0] for _, run in periods] + [audit.run["period"]]
    told = [f"{text} in {words.counted(count, 'control', in_words=True)}" for text, count in (("more", more), ("fewer", fewer)) if count]
    title = f"Exceptions since {heads[-2]}: {words.listing(told)}" if told else f"As many exceptions in each control as in {heads[-2]}"
    if not lines:
        return no_figure(title, "No control on retention found an exception in this or an earlier period that was reported.", "sealed runs of earlier periods.")
    return table(
        title, "Exceptions, of the items that the period held. Earlier numbers are those that were reported then; what has changed about them since stands above.",
        f"runs {words.listing([run for _, run in periods])}, and this one.", f"Sorted by the change, the worst first. {words.number(len(lines))} of {words.counted(len(ranked), 'control')} with an exception shown; the newest {words.counted(len(heads), 'period')}",
        ["Control", *heads, "Change"], lines, set(heads),
    )  # fmt: skip
