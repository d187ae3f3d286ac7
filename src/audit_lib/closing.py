"""The closing sections of a report: evidence, parameters, words, SQL, how to verify, the statement; and questions to the store."""

import json
from datetime import time, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
from markupsafe import Markup

from audit_lib import figures, narrative, results, words
from audit_lib.display import Shown, coloured_sql, marked_line, show
from audit_lib.errors import ControlError
from audit_lib.results import Audit

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
COUNTS = ("rows_read", "rows_loaded", "rows_duplicate", "rows_ignored", "rows_quarantined")
RECHECK = "sha256sum --check --quiet SHA256SUMS && echo complete"


def evidence(audit: Audit, most: int = 12) -> Shown:
    """Section 8: every record read is accounted for, source by source and, but in the DPF report, file by file; which rules are broken."""
    loads = results.rows_of(audit.folder / "loads.csv")
    groups: dict[tuple, list[dict]] = {}
    for row in loads:
        groups.setdefault((row["table_name"], row["part"]), []).append(row)
    rows = [_source(*key, group) for key, group in sorted(groups.items())]
    read, rest = (
        sum(row["read"] for row in rows),
        sum(row["loaded"] + row["duplicate"] + row["ignored"] + row["quarantined"] for row in rows),
    )
    if read != rest:
        raise ControlError(f"loads: {read} records read, {rest} accounted for. The run is not consistent: load and repeat it")
    checks = [row for row in results.rows_of(audit.folder / "table_checks.csv") if int(row["rows_broken"])]
    checks.sort(key=lambda row: (-int(row["rows_broken"]), row["table_name"], row["rule"]))
    keys = ("files", "read", "loaded", "duplicate", "ignored", "quarantined")
    sums = [sum(row[key] for row in rows) for key in keys]
    shown = [row for row in rows if row["is_log"] or row["duplicate"] or row["ignored"] or row["quarantined"] or row["difference"] or row["total"] is None]
    folded = [row for row in rows if row not in shown]
    unstated = sum(row["control_total"] is None for row in loads)
    differs = sum(bool(row["difference"]) for row in rows)
    total = (
        "each agrees with the total that its producer gave"
        if not unstated and not differs
        else f"{words.number(len(loads) - unstated)} came with a producer’s total, {'all of which agree' if not differs else 'and ' + words.counted(differs, 'source') + (' differs' if differs == 1 else ' differ')}"
    )
    lede = f"{words.sentence(words.counted(len(loads), 'file'))}, each hashed and counted; {total}." if loads else "No file was loaded."
    note = (
        f"{words.counted(sums[5], 'record')} in quarantine: kept with file, line and reason, and in no count above." if sums[5] else "Nothing is in quarantine."
    )
    files = None if audit.report == "dpf_evidence" else reconciliation(audit)
    return show(
        "evidence.html", f"{lede} {files.text if files else ''}".strip(), files=files and Markup(files.html), lede=lede, heading="Every record read is accounted for", note=note, loads=shown if len(rows) > 12 else rows, folded=folded if len(rows) > 12 else [], sums=sums, has_ipe=any(control["id"] == "IPE-01" for control in audit.controls),
        checks=checks[:most], checks_more=max(len(checks) - most, 0), checks_heading=f"{words.sentence(words.counted(len(checks), 'rule', in_words=True))} of the dictionary {'is' if len(checks) == 1 else 'are'} broken",
    )  # fmt: skip


def _source(table: str, part: str, group: list[dict]) -> dict:
    number = lambda key: sum(int(row[key] or 0) for row in group)  # noqa: E731
    stated = [row for row in group if row["control_total"] is not None]
    forms = words.listing(sorted({row["format"] for row in group}))
    return {
        "is_log": table == "access_events", "name": table if part == "all" else f"{part}", "remark": forms if part == "all" else f"{table}; {forms}", "files": len(group), "read": number("rows_read"), "loaded": number("rows_loaded"),
        "duplicate": number("rows_duplicate"), "ignored": number("rows_ignored"), "quarantined": number("rows_quarantined"),
        "total": sum(int(row["control_total"]) for row in stated) if stated else None,
        "difference": sum(int(row["rows_read"]) - int(row["control_total"]) for row in stated) if stated else None,
    }  # fmt: skip


def reconciliation(audit: Audit, most: int = 24, most_rejects: int = 12) -> Shown:
    """Section 8, file by file: one row per file that counts in the period, what does not reconcile first; then what was not loaded."""
    rows = figures.read(audit, "file_reconciliation") or []
    control = next((control for control in audit.all_controls if control["id"] == "IPE-01"), None)
    labels = {finding["first_item"]: finding["label"] for finding in audit.all_findings if finding["control_id"] == "IPE-01"}
    files = [_file(row, control, labels.get(row["item"]), audit.year) for row in rows]
    files.sort(key=lambda row: (results.STATUSES.index(row["outcome"]), not row["is_log"], row["table_name"], row["part"], str(row["from_at"]), row["item"]))
    for before, row in pairwise(files):
        row["is_first"] = before["outcome"] != row["outcome"]
    sums, cut = _sums(files), files[most:]
    total = "{} records read = {} loaded + {} duplicate + {} ignored + {} quarantined".format(*(words.number(sums[key]) for key in COUNTS))
    kinds = {"exception": ("shows an exception", "show exceptions"), "not_tested": ("was not judged", "were not judged"), **narrative.REMAINDERS}
    several = {kind: sum(row["outcome"] == kind for row in files) for kind in ("pass", *kinds)}
    told = [f"{words.spelled(several[kind])} {texts[several[kind] != 1]}" for kind, texts in kinds.items() if several[kind]]
    agree = "reconciles" if several["pass"] == 1 else "reconcile"
    said = f"Of {words.counted(len(files), 'file')} that count in this period, {words.number(several['pass'])} {agree} with the producer’s own count" + (f"; {words.listing(told)}." if told else ".") if files else "This run has no reconciliation of its files."  # fmt: skip
    facts = {"running numbers that are left out": "numbers_missing", "hours that fell silent": "silent_hours"}
    seen = [f"{text} in {words.counted(count, 'file', in_words=True)}" for text, key in facts.items() if (count := sum(bool(row[key]) for row in files))]
    said += f" There are {words.listing(seen)}; LOG-01 judges them." if seen else ""
    bad = sum(row["outcome"] != "pass" for row in cut)
    rest = {**_sums(cut), "said": f"{words.number(bad)} of them do not reconcile" if bad else "Each reconciles with its producer’s count"}
    rejects = _rejects(audit, rows)
    left = rejects[most_rejects:]
    return show(
        "reconciliation.html", f"{total}. {said}", total=f"{total}.", said=said, files=files[:most], rest=rest, sums=sums,
        note="Logs count where their span meets the period, tables as they were last drawn. A file that grew is read again as a whole: what was loaded before counts as duplicate.",
        caption=f"Sorted by what was found, the worst first, then logs before tables, by name and time. {words.number(len(files) - len(cut))} of {words.counted(len(files), 'file')} shown",
        reading="Events seen are the first and the last in the file. File before it: the same log’s files in order of time; they touch where one begins as the other ends. Numbers missing: running numbers left out before an event of the file (LOG-01a). Silent hours: hours without an event that usually have some on that weekday, maintenance left out (LOG-01d). A dash: nothing to compare with. Numbers and hours are those of the period.",
        rejects=rejects[:most_rejects], rejects_heading=f"{words.counted(sum(row['rows'] for row in rejects), 'record')} not loaded, and why",
        rejects_caption=f"Sorted by kind, then by number of records. {words.number(len(rejects) - len(left))} of {words.counted(len(rejects), 'reason')} shown",
        rejects_more=f"{words.number(len(left))} more, with {words.counted(sum(row['rows'] for row in left), 'record')}: rejects.csv" if left else "",
    )  # fmt: skip


def _sums(rows: list[dict]) -> dict[str, int]:
    return {"files": len(rows), **{key: sum(row[key] for row in rows) for key in COUNTS}}


def _file(row: dict, control: dict | None, label: str | None, year: int) -> dict:
    """What the table shows of one file: its facts as words."""
    outcome = row["outcome"] or "not_tested"
    where = row["part"] if row["is_log"] else row["table_name"] if row["part"] == "all" else f"{row['table_name']}, {row['part']}"
    since, until, first, last = (row[key] for key in ("covers_from_at", "covers_to_at", "first_at", "last_at"))
    notes = {
        f"Loaded {row['times_loaded']} times, as it grew or changed": row["times_loaded"] > 1,
        "Earlier lines are no longer as they were": row["was_rewritten"] and row["reason"] != "rewritten",
        f"No longer in its place; last found {words.moment(row['last_found_at'], year)}": row["is_missing"],
        f"The same bytes also loaded as {words.listing(row['equal_files'])}": bool(row["equal_files"]),
    }
    gaps = [lasting(row[key]) for key in ("gap_before_seconds", "gap_after_seconds") if row[key]]
    before = (
        [f"gap of {gaps[0]}"] if row["gap_before_seconds"] else [f"overlaps {lasting(row['overlap_before_seconds'])}"] if row["overlap_before_seconds"] else []
    )
    before += [f"{lasting(row['gap_after_seconds'])} uncovered after it"] if row["gap_after_seconds"] else []
    other = "–" if row["gap_before_seconds"] is None else "the first" if row["overlap_before_seconds"] is None else "touches"
    seen = (
        f"{words.moment(first, year)} to {words.moment(last, year)}"
        if first
        else "no event"
        if row["is_log"]
        else f"drawn {words.moment(row['extracted_at'], year)}"
    )
    stated = "none stated" if row["is_log"] else ""
    if since and until:
        is_days = since.time() == until.time() == time() and since < until
        stated = words.days(since, until - timedelta(days=1), year) if is_days else f"{words.moment(since, year)} up to {words.moment(until, year)}"
    return {
        **row, "outcome": outcome, "label": label, "is_first": False, "name": row["file_name"], "remark": f"{where} · {row['format']}",
        "why": narrative.reason_words(control, row["reason"]) if control and row["reason"] else "", "notes": [text for text, is_so in notes.items() if is_so],
        "from_at": since or first, "stated": stated, "seen": seen.replace(", ", ",\xa0"),
        "is_outside": bool(first and since and until and (first < since or last >= until)),
        "before": "; ".join(before) or other, "is_gap": bool(gaps) and row["is_span_stated"], "is_overlap": bool(before),
    }  # fmt: skip


def lasting(seconds: int) -> str:
    """A time in its two largest units.

    >>> lasting(2678400), lasting(90061), lasting(5)
    ('31\\xa0days', '1\\xa0day 1\\xa0hour', '5\\xa0seconds')
    """
    parts = []
    for noun, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        parts += [words.counted(count, noun)] if count else []
    return " ".join(parts[:2]) or "no time"


def _rejects(audit: Audit, files: list[dict]) -> list[dict]:
    """What was not loaded, a row for each file, kind and reason, with its first three lines; raises ControlError where it does not add up."""
    named = {row["load_id"]: row for row in files}
    has_tokens = audit.run["identities"] == "pseudonyms"
    rows = []
    for row in results.rows_of(audit.folder / "rejects.csv"):
        if row["load_id"] in named:
            pairs = zip(json.loads(row["first_lines"] or "[]"), json.loads(row["first_texts"] or "[]"), strict=False)
            shown = [{"number": line, "html": marked_line(text or "", [], most=240, has_tokens=has_tokens)} for line, text in pairs]
            rows.append({**row, "rows": int(row["rows"]), "lines": shown[:3]})
    for kind in ("quarantined", "ignored"):
        found, counted = sum(row["rows"] for row in rows if row["kind"] == kind), sum(row[f"rows_{kind}"] for row in files)
        if found != counted:
            raise ControlError(f"rejects: {found} records {kind}, the files count {counted}. The run is not consistent: load and repeat it")
    rows += [{**row, "kind": "duplicate", "reason": "loaded before", "rows": row["rows_duplicate"], "lines": []} for row in files if row["rows_duplicate"]]
    kinds = ("quarantined", "ignored", "duplicate")
    return sorted(rows, key=lambda row: (kinds.index(row["kind"]), -row["rows"], row["file_name"], row["reason"]))


def parameters(audit: Audit) -> Shown:
    """Section 11: every number that a test used, where it comes from and who approved it."""
    names = {control["id"] for control in audit.controls}
    rows = []
    for row in audit.run["parameters"]:
        users = [name for name in row.get("controls") or [] if name in names]
        if users:
            unset = row["value"] is None
            value = "unset" if unset else f"{_value(row['value'])} {row['unit'] or ''}".strip()
            approved = (
                f"{row['approved_by']}, {words.long_day(row['approved_on'])}"
                if row.get("approved_by")
                else {"policy": "The policy’s own number", "law": "The law’s own number"}.get(row["source"], "Nobody on record: the default")
            )
            used = f"{', '.join(users[:6])}{' and others' if len(users) > 6 else ''}"
            rows.append(
                {
                    **row,
                    "meaning": words.sentence(row["meaning"]),
                    "value": value,
                    "is_unset": unset,
                    "source": row["source"].capitalize(),
                    "approved": approved,
                    "used": used,
                }
            )
    own = sum(1 for row in rows if row["source"] == "Management")
    lede = f"{words.sentence(words.counted(len(rows), 'number', in_words=True))} and settings. Where the policy gives none, management set one ({words.number(own)} of them), or it is unset and the test did not take place."
    return show("parameters.html", lede, lede=lede, rows=rows)


def _value(value: object) -> str:
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else "yes"
        if value is True
        else "no"
        if value is False
        else words.number(value)
        if isinstance(value, int | float)
        else str(value)
    )


def glossary(audit: Audit) -> Shown:
    """Section 12: what each word means, what one item is, what each control cannot see."""
    used = sorted(audit.controls, key=lambda control: control["id"])
    return show("glossary.html", "Words and limits", meanings=MEANINGS, controls=used, run=audit.run)


def sql_of_controls(audit: Audit) -> Shown:
    """Section 13: the SQL of each control, the worst first."""
    rows = [
        {**control, "html": coloured_sql((audit.folder / control["sql_path"]).read_text(encoding="utf-8"))}
        for control in audit.controls
        if (audit.folder / control["sql_path"]).is_file()
    ]
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
    labels = (
        f"{several} {words.listing([finding['label'] for finding in found])}" if len(found) <= 8 else f"the {words.number(len(found))} findings of section 5"
    )
    excepted = f", except for {labels}" if found else ""
    left = bool(results.findings_with(audit, "manual", "unknown") or results.holds(audit) or results.untested(audit) or results.unsupported(audit))
    open_part = "; what section 6 lists is not yet judged" if left else ""
    said = f"I have read this report. For the period and within the limits stated, the practices tested here are as our privacy policy says and are implemented{excepted}{open_part}."
    return show("sign.html", said, statement=Markup("{}").format(said), run=audit.run)


def ask(connection: duckdb.DuckDBPyConnection, question: str, values: list | None = None, most: int = 15) -> Shown:
    """A question in SQL to the store, answered as a table: at most `most` rows, and how many more there are."""
    cursor = connection.execute(question, values or [])
    names, rows = [column[0] for column in cursor.description], cursor.fetchall()
    numeric = {
        name
        for place, name in enumerate(names)
        if rows and all(isinstance(row[place], int | float | None) and not isinstance(row[place], bool) for row in rows)
    }
    text = "\n".join("  ".join(str(value) for value in row) for row in [names, *rows[:most]])
    return show("answer.html", text, names=names, rows=rows[:most], numeric=numeric, whole=len(rows), most=most)


def open_store(project: str | Path) -> duckdb.DuckDBPyConnection:
    """A sealed connection that only reads a project's store, with the newest snapshot of each table under its name."""
    from audit_lib import store
    from audit_lib.project import locate

    return store.open_store(locate(project) / "store.duckdb")


def lines(connection: duckdb.DuckDBPyConnection, project: str | Path, found: list[str]) -> Shown:
    """The raw lines behind some origins, read from the files of a project."""
    from audit_lib import origins
    from audit_lib.project import locate, read_project

    rows = origins.raw_lines(connection, read_project(locate(project)), found)
    shown = [{"file_name": row[2], "sha256": row[3], "number": row[4], "html": marked_line(row[5], [], has_tokens=False)} for row in rows]
    return show("lines.html", "\n".join(f"{row[2]}:{row[4]}: {row[5]}" for row in rows), lines=shown)
