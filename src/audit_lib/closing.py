"""The closing sections of a report: evidence, parameters, words, SQL, how to verify, the statement; and questions to the store."""

from pathlib import Path

import duckdb
from markupsafe import Markup

from audit_lib import results, words
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
RECHECK = "sha256sum --check --quiet SHA256SUMS && echo complete"


def evidence(audit: Audit, most: int = 12) -> Shown:
    """Section 8: every record read is accounted for; what was not loaded; which rules of the dictionary are broken."""
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
    rejects = _rejects(results.rows_of(audit.folder / "rejects.csv"))
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
    return show(
        "evidence.html", lede, lede=lede, heading="Every record read is accounted for", note=note, loads=shown if len(rows) > 12 else rows, folded=folded if len(rows) > 12 else [], sums=sums, has_ipe=any(control["id"] == "IPE-01" for control in audit.controls),
        rejects=rejects[:most], rejects_more=max(len(rejects) - most, 0), rejects_heading=f"{words.counted(sum(int(row['rows']) for row in rejects), 'record')} not loaded, and why",
        checks=checks[:most], checks_more=max(len(checks) - most, 0), checks_heading=f"{words.sentence(words.counted(len(checks), 'rule', in_words=True))} of the dictionary {'is' if len(checks) == 1 else 'are'} broken",
    )  # fmt: skip


def _rejects(rows: list[dict]) -> list[dict]:
    """Quarantined lines file by file; ignored ones added up over the files of a log, by reason."""
    kept = [row for row in rows if row["kind"] == "quarantined"]
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        if row["kind"] != "quarantined":
            groups.setdefault((str(Path(row["file_name"] or "").parent), row["reason"]), []).append(row)
    for (folder, reason), group in sorted(groups.items(), key=lambda entry: (-sum(int(row["rows"]) for row in entry[1]), entry[0])):
        name = group[0]["file_name"] if len(group) == 1 else f"{folder}, {words.counted(len(group), 'file')}"
        lines_ = group[0]["first_lines"] if len(group) == 1 else None
        kept.append(
            {
                "file_name": name,
                "kind": group[0]["kind"],
                "reason": reason,
                "rows": str(sum(int(row["rows"]) for row in group)),
                "first_lines": lines_,
            }
        )
    return kept


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
