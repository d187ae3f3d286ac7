"""The catalogue: what controls, tables, formats and commands there are, made from their own files."""

import argparse
from pathlib import Path

from audit_lib import formats, sql, store
from audit_lib.audits import Audit
from audit_lib.controls import OUTCOMES, STATUSES
from audit_lib.errors import InputError
from audit_lib.sql import Control

MINIMUM = (
    "accounts",
    "people",
    "entitlements",
    "access_grants",
    "cases",
    "consents",
    "stores",
    "purges",
    "legal_holds",
    "backups",
    "restores",
    "jobs",
    "job_runs",
    "row_counts",
    "data_classes",
    "retention_rules",
    "reviews",
    "findings",
    "records",
)  # fmt: skip TABLES.md §13
WORDS = {
    "exception": "Exception", "unknown": "Not evaluated", "not_tested": "Not tested", "manual": "Needs a person", "waived": "Waived",
    "deferred": "Deferred", "pass": "No exception", "not_applicable": "No such item",
}  # fmt: skip
TOML = """\
# audit_lib: what is audited, from which files, with which parameters. Moments are UTC.
[company]
name = "{name}"
# policy = "policy.txt"            # plain text; the quotes in the controls are checked against it

[signatures]                       # three persons: a person_id or login each; printed at the end of each report
# prepared_by = "emp-0139"
# reviewed_by = "emp-0138"          # who decides findings where `audit review` names nobody
# signed_by = "emp-0101"

[parameters]                       # who set them, when; all others have their defaults (audit controls --docs DIR)
# company_time_zone = {{ value = "Europe/Berlin", approved_by = "Management board", approved_on = 2026-01-12 }}

[scope]                            # controls that are left out; they are printed as not tested
# "LOG-05" = {{ reason = "No self-service sign-up", approved_by = "Management board" }}

[addresses]
# databases = ["GeoLite2-City.mmdb"]   # MMDB files beside the one that ships
# own_proxies = ["10.0.0.0/8"]         # addresses of your own proxies, for forwarded-for lists

# Files under inputs/ are recognised by themselves: logs by their lines, tables by their names (accounts.csv; empty ones are in
# templates/). They may be packed (.gz, .zst); each file in a .zip counts by itself. What a file would give: audit load --try FILE
# A snapshot must say when it was drawn: in manifest.csv beside it (columns file_name, extracted_at, …) or here.
# The first rule that names a file holds for it.
[[inputs]]
files = "inputs/tables/*"            # * within one folder, ** for any number of them; archive.zip for all that is in it
extracted_at = 2026-10-01T06:00:00Z  # when it was drawn

# [[inputs]]
# files = "inputs/bastion/auth.log*"
# source = "sshd_syslog"             # its format, where it is not recognised (names: audit controls --docs DIR)
# provider = "bastion"               # which log it is: stores.event_provider; of a table, which part
# time_zone = "Europe/Berlin"        # for times without a zone; an hour that occurs twice is told by the order of lines, or refused
# year = 2026                        # for dates without a year: that of the first line
# date_order = "dmy"                 # for dates such as 03/04/2026: dmy, mdy or ymd
# encoding = "latin-1"               # for text that is neither UTF-8 nor UTF-16: any that Python knows, such as cp1252
# covers_from_at = 2026-07-01T00:00:00Z    # what the file should cover: from,
# covers_to_at = 2026-10-01T00:00:00Z      # and to before
# control_total = 12345              # how many records its producer counted
"""


def list_controls(folders: list[Path]) -> str:
    """One line per control: id, severity, what holds when it passes."""
    found = sql.read_controls(folders)
    lines = [f"{control.id:<9}{control.severity:<10}{control.title}" for control in found.values()]
    return "\n".join([*lines, f"{len(found)} controls. One in full: audit show ID"])


def show_control(folders: list[Path], control_id: str) -> str:
    """One control for a reader at a terminal. Raises InputError where there is none of this id."""
    found = sql.read_controls(folders)
    if control_id not in found:
        raise InputError(f"no such control: {control_id}. There are: {', '.join(found)}")
    return _control_page(found[control_id])


def _control_page(control: Control) -> str:
    parameters = [
        f"- `{one.name}` ({one.type}{', ' + one.unit if one.unit else ''}; default {'not set' if one.default is None else one.default}; source: {one.source}"
        f"{'; optional' if one.optional else ''}): {one.meaning}" for one in control.parameters.values()
    ]  # fmt: skip
    reasons = [f"- `{code}`: {text}{' (stays open until somebody ends it)' if stays else ''}" for code, (text, stays) in control.reasons.items()]
    columns = [f"- `{name}`: {meaning}" for name, meaning in control.columns.items()]
    clauses = "; ".join(f"{law.upper()} {', '.join(ids)}" for law, ids in control.clauses.items() if ids)
    reads = f"{', '.join(control.needs)}" + (f" (and, where delivered: {', '.join(control.may_use)})" if control.may_use else "")
    parts = [
        f"## {control.id} {control.title}",
        f"Promise: {control.promise if control.promise.startswith('(') else '“' + control.promise + '”'} ({control.source})",
        f"Severity: {control.severity}. Kind: {control.kind}. Tests {control.tests}{', anew in each period' if control.repeats else ''}.",
        f"Reads: {reads}. Rests on: {', '.join(control.rests_on) or 'nothing else'}. Clauses: {clauses or 'none'}.",
        f"Limits: {control.limits}",
        *(["Parameters:\n" + "\n".join(parameters)] if parameters else []),
        "Reasons:\n" + "\n".join(reasons),
        *(["Further columns:\n" + "\n".join(columns)] if columns else []),
        f"SQL:\n```sql\n{control.query.sql}\n```",
    ]
    return "\n\n".join(parts)


def results_table(audit: Audit) -> str:
    """The results of an audit for a terminal: one row per control, worst first; outcomes add up to the population."""
    lines = [f"{'Control':<9}{'Severity':<10}{'Items':>9}{'No exc.':>9}{'Exc.':>7}{'Defer.':>8}{'Person':>8}{'Not ev.':>9}  Status"]
    order = sorted(audit.status, key=lambda name: (STATUSES.index(audit.status[name]), sql.SEVERITIES.index(audit.controls[name].severity), name))
    for name in order:
        counted = audit.counted.get(name)
        numbers = [sum(count for _, outcome, count in counted.by_reason if outcome == one) for one in OUTCOMES] if counted else []
        cells = [f"{number:,}" for number in (counted.population, *numbers)] if counted else ["-"] * 6
        widths = (9, 9, 7, 8, 8, 9)
        lines.append(
            f"{name:<9}{audit.controls[name].severity:<10}"
            + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
            + f"  {WORDS[audit.status[name]]}"
        )
    return "\n".join(lines)


def write_docs(folder: Path, folders: list[Path], parser: argparse.ArgumentParser) -> list[Path]:
    """Writes the reference pages: controls, tables, commands, the index of the formats, a page of each, and how to write one."""
    found = sql.read_controls(folders)
    pages = {
        "controls.md": "# Controls\n\n" + "\n\n".join(_control_page(control) for control in found.values()),
        "tables.md": _dictionary(folders),
        "commands.md": _commands(parser),
        **formats.pages(folders, store.read_tables(folders)),
    }
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.rstrip() + "\n", encoding="utf-8")
    return [folder / name for name in pages]


def _dictionary(folders: list[Path]) -> str:
    parts = ["# Tables\n\nIds are text, moments (`…_at`) timestamptz in UTC, days (`…_on`) dates. Required columns are marked *."]
    for table in store.read_tables(folders).values():
        rows = [f"| `{one.name}`{'*' if one.is_required else ''} | {one.type} | {one.comment} |" for one in table.columns]
        parts.append(f"## {table.name}\n\n{table.grain} Key: {', '.join(table.key)}.\n\n| column | type | meaning |\n|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _commands(parser: argparse.ArgumentParser) -> str:
    parts = [f"# Commands\n\n{parser.epilog}"]
    subparsers = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for name, command in subparsers.choices.items():
        parts.append(f"## audit {name}\n\n```\n{command.format_help().strip()}\n```")
    return "\n\n".join(parts)


def write_project(folder: Path) -> list[Path]:
    """Writes a new project folder: audit.toml, dictionary.md, an empty CSV per table of the minimum useful set.

    Raises InputError where the folder has an audit.toml already.
    """
    if (folder / "audit.toml").exists():
        raise InputError(f"{folder}: has an audit.toml already. Choose a new folder")
    tables = store.read_tables(sql.roots())
    inputs = folder / "inputs" / "tables"
    inputs.mkdir(parents=True, exist_ok=True)
    written = [folder / "audit.toml", folder / "dictionary.md"]
    written[0].write_text(TOML.format(name=folder.resolve().name.replace('"', "'")), encoding="utf-8")
    written[1].write_text(_dictionary(sql.roots()) + "\n", encoding="utf-8")
    for name in MINIMUM:
        path = folder / "templates" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(",".join(column.name for column in tables[name].columns) + "\n", encoding="utf-8")
        written.append(path)
    return written
