"""`inputs/findings.csv`: the register of decisions. Rows are added at its end; none is ever rewritten."""

import csv
import getpass
import io
from datetime import UTC, datetime
from pathlib import Path

from audit_lib import files, planning, seals, sql, store
from audit_lib.errors import InputError
from audit_lib.files import MANIFEST, InputFile
from audit_lib.project import Project

NAME = "findings.csv"


def path_of(project: Project) -> Path:
    """Where the register lies."""
    return project.folder / "inputs" / NAME


def first_id(finding_id: str) -> str:
    """A finding's own id, without the number that tells its later decisions apart.

    >>> first_id("5e697b448582"), first_id("5e697b448582/2")
    ('5e697b448582', '5e697b448582')
    """
    return finding_id.partition("/")[0]


def next_id(project: Project, finding_id: str, known: list[str]) -> str:
    """The id of the next row about a finding: its own for the first, then with /2, /3, since an id may stand there once."""
    taken = {*known, *(row["finding_id"] for row in read(project))}
    number = 1 + sum(first_id(one) == finding_id for one in taken)
    return finding_id if number == 1 else f"{finding_id}/{number}"


def read(project: Project) -> list[dict[str, str]]:
    """The register's rows, oldest first; none where there is no register."""
    path = path_of(project)
    if not path.is_file():
        return []
    columns, delimiter = _header(project)
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    return [dict(zip(columns, row, strict=False)) for row in rows if row]


def _table() -> store.Table:
    return store.read_tables(sql.roots())["findings"]


def _header(project: Project) -> tuple[list[str], str]:
    return planning.read_header(InputFile(path_of(project), f"inputs/{NAME}"), _table())


def append(project: Project, row: dict, at: datetime) -> None:
    """Adds one row and dates the register as drawn at `at` (UTC) in `inputs/manifest.csv`, each file replaced as a whole.

    Raises InputError, with nothing changed, where the next load would not take the register for what it is.
    """
    path, names = path_of(project), [column.name for column in _table().columns]
    _check_place(project, path)
    before = path.read_bytes() if path.is_file() else b""
    columns, delimiter = _header(project) if before.strip() else (names, ",")
    if missing := [name for name, value in row.items() if value is not None and name not in columns]:
        raise InputError(f"inputs/{NAME}: has no column {', '.join(missing)}. Add it to its first line")
    last = files.declare(project, path).extracted_at if before else None
    if last and at <= last:
        raise InputError(
            f"--at: {at:%Y-%m-%d %H:%M:%S} UTC is not after inputs/{NAME} was last drawn, {last:%Y-%m-%d %H:%M:%S} UTC. Rows are added in order of time"
        )
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if not before.strip():
        before = b""
        writer.writerow(columns)
    writer.writerow([_cell(row.get(name)) for name in columns])
    whole = before + (b"\n" if before and not before.endswith(b"\n") else b"") + text.getvalue().encode()
    count = len(read(project)) + 1
    path.parent.mkdir(exist_ok=True)
    _date(project, path.parent / MANIFEST, at, count)  # first: a register that is dated too late hides nothing
    seals.write_whole(path, whole)


def _cell(value: object) -> object:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _check_place(project: Project, path: Path) -> None:
    """That the next load reads the register as a snapshot of its own, dated by the manifest."""
    rule = files.find_rule(project, path)
    if rule and (rule.extracted_at or rule.source or rule.control_total is not None):
        raise InputError(
            f'audit.toml: [[inputs]] files = "{rule.files}" also names inputs/{NAME} and says when it was drawn or what it is; '
            "but each decision dates it anew. Make that rule narrower"
        )
    part = (rule and rule.provider) or "all"
    for file in files.find_files(project)[0]:
        words = file.path.name.split(".")
        if file.path != path and words[0] == "findings" and not file.source and (file.provider or ".".join(words[1:-1]) or "all") == part:
            raise InputError(
                f"{file.name}: is, like inputs/{NAME}, the findings of part {part}: the later one would hide the other. "
                "Name its system, as in findings.tickets.csv, and load again"
            )


def _date(project: Project, path: Path, at: datetime, count: int) -> None:
    """Sets the register's row of the manifest; all other rows stay as they are."""
    facts = {
        "file_name": NAME, "source_system": "audit review", "extracted_by": getpass.getuser(), "extracted_at": _cell(at), "control_total": str(count),
    }  # fmt: skip
    rows, columns = [], list(facts)
    if path.is_file():
        files.declare(project, path.parent / NAME)  # a manifest that can't be read is refused
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        rows = list(reader)
        columns = list(reader.fieldnames or []) + [name for name in facts if name not in (reader.fieldnames or [])]
    known = next((row for row in rows if (row["file_name"] or "").strip() == NAME), None)
    if known is None:
        rows.append(facts)
    else:
        known |= facts
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    seals.write_whole(path, text.getvalue())
