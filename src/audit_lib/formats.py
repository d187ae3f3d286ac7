"""The docs of the formats: one page each, made from its header, its sample and the rows that the sample gives."""

import csv
import io
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from audit_lib import records, sources, sql
from audit_lib.errors import ControlError
from audit_lib.sources import Source
from audit_lib.store import Table

# Heading of the index, and which formats stand below it: the first whose words begin a format's name or table.
GROUPS = {
    "Web servers and load balancers": ("apache_", "nginx_", "web_", "iis_", "caddy_", "haproxy_", "traefik_", "aws_alb", "aws_elb"),
    "Sign-ins, bastions and databases": (
        "sshd_", "linux_", "postgresql_", "windows_", "okta_system", "entra_", "auth0_", "heralding_", "cowrie_", "product_sign_in",
    ),
    "Cloud accounts": ("cloudtrail", "google_access"),
    "Office, development and support tools": ("m365_", "google_workspace", "github_", "slack_", "zendesk_audit", "onepassword_", "teleport_", "console1984", "support_"),
    "Any access log": ("generic_",),
}  # fmt: skip
OTHER_LOGS = "Other access logs"
METADATA = {
    "people": "People and rights", "accounts": "Accounts and subscriptions", "cases": "Tickets and incidents", "backups": "Backups",
    "retention_rules": "Retention rules", "purges": "Purges and job runs", "job_runs": "Purges and job runs", "privacy_requests": "Requests of data subjects",
    "cookie_scans": "Scans of web sites", "public_checks": "Scans of web sites",
}  # fmt: skip
MODES = {"lines": "one record a line", "json": "JSON values: a list, the list in an object, one a line or one after the other", "csv": "CSV with a header"}
FATES = {"ignored": "not loaded (ignored)", "quarantined": "not loaded (quarantined)", "loaded": "loaded"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Difference:
    """Where we read records of another maker's log otherwise than the maker: `field` is our column, or `record` where no event is made of it.

    `fate`: what became of such a record; `ours`: the reason in the store.
    """

    answers: str
    format: str
    file: str
    lines: str
    field: str
    reason: str
    fate: str | None = None
    ours: str | None = None

    def numbers(self) -> list[int]:
        """The lines (for JSON: records) one by one.

        >>> Difference("", "", "", "1-3, 7", "", "").numbers()
        [1, 2, 3, 7]
        """
        spans = [span.strip().split("-") for span in self.lines.split(",")]
        return [number for span in spans for number in range(int(span[0]), int(span[-1]) + 1)]


def read_differences(folders: list[Path]) -> tuple[dict[str, dict], list[Difference]]:
    """Whose answers we are compared with (by folder of `../shared/data`), and all differences. Raises ControlError."""
    answers: dict[str, dict] = {}
    differences: list[Difference] = []
    for path in dict.fromkeys((folder / "sources" / "differences.toml").resolve() for folder in folders):
        if path.is_file():
            try:
                told = tomllib.loads(path.read_text(encoding="utf-8"))
                answers |= told.get("answers", {})
                differences += [Difference(**entry) for entry in told.get("difference", ())]
            except (tomllib.TOMLDecodeError, TypeError) as fault:
                raise ControlError(f"{path}: {fault}") from None
    return answers, differences


def group_of(source: Source) -> str:
    """The heading below which the index has a format."""
    if source.table != "access_events":
        return METADATA.get(source.table, "Other tables")
    return next((group for group, words in GROUPS.items() if source.name.startswith(words)), OTHER_LOGS)


def pages(folders: list[Path], tables: dict[str, Table]) -> dict[str, str]:
    """Text of each page by its path: the index, one of each format, and one on formats of one's own."""
    formats = sources.read_sources(folders)
    answers, differences = read_differences(folders)
    made = {
        f"formats/{name}.md": _page(source, tables[source.table], answers, [one for one in differences if one.format == name])
        for name, source in formats.items()
    }
    return {
        "formats.md": _index(formats, differences),
        "your-own-format.md": (sql.shipped("queries") / "sources" / "README.md").read_text(encoding="utf-8"),
        **made,
    }


def _index(formats: dict[str, Source], differences: list[Difference]) -> str:
    logs = [source for source in formats.values() if source.table == "access_events"]
    rest = [source for source in formats.values() if source.table != "access_events"]
    parts = [
        "# Formats",
        f"{len(formats)} formats, each one SQL file in `queries/sources/`: {len(logs)} of access logs, {len(rest)} of metadata (people, backups, retention rules, requests). "
        "A file is recognised by its first 200 records; where that is not enough, `audit.toml` names its format (`source`). `audit load --try FILE` shows what a file is taken for.",
        "A CSV, JSON Lines or Parquet file named after a table (`accounts.csv`, `people.hr.jsonl`) with that table's columns needs no format: see tables.md. "
        "For anything else write one: [your own format](your-own-format.md).",
    ]
    for title, some in (("Access logs", logs), ("Metadata", rest)):
        parts.append(f"## {title}")
        groups = [*GROUPS, OTHER_LOGS] if title == "Access logs" else [*dict.fromkeys(METADATA.values()), "Other tables"]
        for group in groups:
            found = [source for source in some if group_of(source) == group]
            if found:
                rows = [f"| [{one.name}](formats/{one.name}.md) | {one.title} | `{one.table}` | `{one.provider}` | {_mode(one)} |" for one in found]
                parts.append(f"### {group}\n\n| format | read from | fills | part | records |\n|---|---|---|---|---|\n" + "\n".join(rows))
    counted = Counter(one.format for one in differences for _ in one.numbers())
    if counted:
        listed = ", ".join(f"[{name}](formats/{name}.md) ({count})" for name, count in sorted(counted.items()))
        parts.append(
            f"## Compared with others\n\nWhere other people's programs have read the same logs, we agree with them but for what these pages list: {listed}."
        )
    return "\n\n".join(parts)


def _mode(source: Source) -> str:
    lists = f" (list `{'`, `'.join(source.lists)}`)" if source.records == "json" and source.lists != ("Records",) else ""
    return {"lines": "lines", "json": "JSON", "csv": "CSV"}[source.records] + lists


def _page(source: Source, table: Table, answers: dict[str, dict], differences: list[Difference]) -> str:
    header = sql.read_query(source.path).header
    what = "Which log it is (`stores.event_provider`)" if source.table == "access_events" else "Part of the table"
    lists = f" named `{'`, `'.join(source.lists)}`" if source.records == "json" else ""
    facts = [
        f"- Fills: `{source.table}`. {table.grain}",
        f"- {what}: `{source.provider}`, unless audit.toml names another `provider`.",
        f"- Records: {MODES[source.records].replace('the list in an object', f'the list{lists} in an object')}.",
        f"- Usual file names: {', '.join(f'`{name}`' for name in source.file_names) or 'any'}.",
        *([f"- General: a more special format that knows as many of the first records goes before ({source.general})."] if source.general else []),
    ]
    parts = [f"# {source.title}", f"Format `{source.name}`. [All formats](../formats.md)", f"## Where it comes from\n\n{header['origin']}",
             f"## How to export it\n\n{header['export']}", "## What it becomes\n\n" + "\n".join(facts)]  # fmt: skip
    parts += _example(source, table)
    parts.append(f"## Known limits\n\n{header['limits']}")
    if differences:
        parts.append(_differences(answers, differences))
    parts.append(f"## How it is recognised\n\nA record is one of this format where this holds of its text:\n\n```sql\n{source.recognise}\n```")
    parts.append(
        f"## SQL\n\n`queries/sources/{source.path.name}`: the whole format. What it needs to load is its `select` over `records`.\n\n```sql\n{source.sql}\n```"
    )
    return "\n\n".join(parts)


def _differences(answers: dict[str, dict], differences: list[Difference]) -> str:
    parts = ["## Known differences to others' answers"]
    for name in dict.fromkeys(one.answers for one in differences):
        told = answers.get(name, {})
        rows = [f"| {one.file} | {one.lines} | {f'`{one.field}`' if one.field != 'record' else FATES[one.fate]} | {_cell(one.reason)} |"
                for one in differences if one.answers == name]  # fmt: skip
        parts.append(
            f"Compared with {told.get('by', name)} (`{name}`: {told.get('what', '')}).\n\n| file | lines | field | why |\n|---|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts)


# The worked example: one record of the sample, and the row that stands beside it as expected ------------------------


def sample_of(source: Source) -> tuple[Path, Path] | None:
    """The sample of a format and its expected rows: beside the SQL file, among the shipped samples, or among a checkout's tests."""
    here = source.path.parent
    for folder in (here, here.parent.parent / "samples", here.parent.parent / "tests" / "sources"):
        pair = folder / f"{source.name}.sample", folder / f"{source.name}.expected.csv"
        if all(path.is_file() for path in pair):
            return pair
    return None


def _example(source: Source, table: Table) -> list[str]:
    pair = sample_of(source)
    if not pair:
        return []
    text = pair[0].read_text(encoding="utf-8", errors="replace")
    rows, rest = _expected(pair[1])
    texts = _records(source, text)
    filled = Counter(name for row in rows for name, value in row.items() if value != "")
    row = max(rows, key=lambda one: sum(value != "" for value in one.values()), default=None)  # the first of the fullest rows
    if row is None or int(row["line"]) not in texts:
        return []
    record = texts[int(row["line"])]
    meaning = {column.name: column.comment for column in table.columns}
    head = text.splitlines(keepends=True)[0] if source.records == "csv" else ""
    origins = _origins(source, head, record, row)
    names = [column.name for column in table.columns if column.name in row and column.name != "line"]
    cells = [f"| `{name}` | {_code(row[name])} | {origins.get(name, '')} | {_cell(meaning[name].split('; ')[0])} |" for name in names]
    never = [column.name for column in table.columns if column.name not in filled and column.name not in ("load_id", "line")]
    fates = [f"| {line} | {fate} | {_cell(reason)} |" for line, fate, reason in rest]
    shown = json.dumps(json.loads(record), indent=1, ensure_ascii=False) if source.records == "json" else record
    return [
        f"## Its fields and ours\n\nRecord {row['line']} of the sample, which was made up:\n\n```\n{head}{shown.rstrip()}\n```\n\ngives\n\n"
        "| our column | value | its field | meaning |\n|---|---|---|---|\n"
        + "\n".join(cells)
        + "\n\nWhere no field of its own stands there, the value is translated, taken out of the text, or stated by audit.toml (`given`).",
        f"Never filled by the sample: {', '.join(f'`{name}`' for name in never) or 'none'}.",
        *(
            [
                f"What the sample holds besides, and what becomes of it ({len(rows)} rows are loaded):\n\n| record | becomes | why |\n|---|---|---|\n"
                + "\n".join(fates)
            ]
            if fates
            else []
        ),
        f"Proved by `tests/sources/{pair[0].name}` and `tests/sources/{pair[1].name}`: each field of each row is compared.",
    ]


def _expected(path: Path) -> tuple[list[dict[str, str]], list[tuple[str, ...]]]:
    """Expected rows, and below them the records that are not loaded: line, fate, reason."""
    found = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    end = next(number for number, cells in enumerate(found) if cells == ["line", "not loaded", "reason"])
    return [dict(zip(found[0], cells, strict=True)) for cells in found[1:end]], [tuple(cells) for cells in found[end + 1 :]]


def _records(source: Source, text: str) -> dict[int, str]:
    """The records of a sample that are sound, by the number that a row calls `line`."""
    if source.records == "lines":
        return dict(enumerate(text.splitlines(), start=1))
    if source.records == "json":
        return {number: value for number, (value, fault) in enumerate(records.values(iter([text.encode()]), source.lists), start=1) if not fault}
    lines = text.splitlines(keepends=True)
    reader, begins, found = csv.reader(lines), 0, {}
    for _ in reader:
        found[begins + 1] = "".join(lines[begins : reader.line_num])
        begins = reader.line_num
    return found


def _origins(source: Source, header: str, record: str, row: dict[str, str]) -> dict[str, str]:
    """Fields of a record whose value is a column's, by column: where the value was taken over as it is."""
    if source.records == "csv":
        document = dict(zip(*csv.reader(io.StringIO(header + record)), strict=False))
    else:
        try:
            document = json.loads(record)
        except ValueError:
            return {}
    fields: dict[str, str] = {}
    for path, value in _leaves(document, ""):
        fields.setdefault(_plain(value), path)
    return {name: f"`{fields[_plain(value)]}`" for name, value in row.items() if value != "" and _plain(value) in fields}


def _leaves(value: object, path: str):
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{path}[{number}]")
    elif value not in (None, "", True, False):
        yield path, str(value)


def _plain(value: str) -> str:
    """A value as it is compared: moments to the second, letters small."""
    return value[:19].replace("T", " ") if MOMENT.match(value) else value.lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(value: str) -> str:
    return f"`{_cell(value)}`" if value else ""
