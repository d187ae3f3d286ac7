"""The input files of a project, and what `audit.toml` and the producers' manifests say of each."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from audit_lib.errors import InputError, raise_all
from audit_lib.project import InputRule, Project

MANIFEST = "manifest.csv"
MOMENTS = ("extracted_at", "covers_from_at", "covers_to_at")
FACTS = ("source_system", "extracted_by", "query_sha256", *MOMENTS, "control_total")


@dataclass(frozen=True)
class InputFile:
    """One input file. `name`: path from the project folder, with `/`; moments are UTC, null means not stated."""

    path: Path
    name: str
    source: str | None = None
    provider: str | None = None
    time_zone: str | None = None
    year: int | None = None
    source_system: str | None = None
    extracted_by: str | None = None
    query_sha256: str | None = None
    extracted_at: datetime | None = None
    covers_from_at: datetime | None = None
    covers_to_at: datetime | None = None
    control_total: int | None = None


def find_files(project: Project) -> tuple[list[InputFile], list[str]]:
    """All input files by name, and messages about files that a manifest or `audit.toml` names and that are not there.

    Raises InputError with the faults of all manifests.
    """
    rules: dict[Path, InputRule] = {}
    messages, faults = [], []
    for rule in project.inputs:
        found = _glob(project.folder, rule.files)
        if not found:
            messages.append(f"audit.toml: no file matches {rule.files}")
        for path in found:
            rules.setdefault(path, rule)
    paths = set(rules) | {path for path in (project.folder / "inputs").rglob("*") if _is_input(path)}
    manifests = set((project.folder / "inputs").rglob(MANIFEST)) | {path.parent / MANIFEST for path in rules}
    stated: dict[Path, dict] = {}
    for manifest in sorted(path for path in manifests if path.is_file()):
        name = _name(project, manifest)
        for entry in _read_manifest(manifest, name, faults):
            path = manifest.parent / entry.pop("file_name")
            if path.is_file():
                stated[path.resolve()] = entry
            else:
                messages.append(f"{name}: names {path.relative_to(manifest.parent).as_posix()}, which is not there")
    raise_all(InputError, faults)
    return [_file(project, path, rules.get(path), stated.get(path.resolve(), {})) for path in sorted(paths)], messages


def _glob(folder: Path, pattern: str) -> list[Path]:
    """Files that a pattern names, which may begin at the root or lead out of the project folder."""
    base, parts = folder, Path(pattern).parts
    if Path(pattern).is_absolute():
        base, parts = Path(Path(pattern).anchor), parts[1:]
    while parts and not any(sign in parts[0] for sign in "*?["):
        base, parts = base / parts[0], parts[1:]
    if not parts:
        return [base] if base.is_file() else []
    return sorted(path for path in base.glob("/".join(parts)) if _is_input(path)) if base.is_dir() else []


def _is_input(path: Path) -> bool:
    return path.name != MANIFEST and not path.name.startswith((".", "~$")) and path.is_file()


def _name(project: Project, path: Path) -> str:
    try:
        return path.relative_to(project.folder).as_posix()
    except ValueError:
        return path.as_posix()


def _file(project: Project, path: Path, rule: InputRule | None, stated: dict) -> InputFile:
    """What `audit.toml` says wins over the producer's manifest: the auditor corrects."""
    file = InputFile(path, _name(project, path), **stated)
    if rule is None:
        return file
    return replace(file, **{key: value for key, value in vars(rule).items() if key != "files" and value is not None})


def _read_manifest(path: Path, name: str, faults: list[str]) -> list[dict]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as fault:
        faults.append(f"{name}: can't be read as CSV in UTF-8: {fault}. Deliver it again")
        return []
    if rows and "file_name" not in rows[0]:
        faults.append(f"{name}: has no column file_name. Allowed: file_name, {', '.join(FACTS)}")
        return []
    entries = []
    for number, row in enumerate(rows, start=2):
        entry = {"file_name": (row["file_name"] or "").strip()}
        if not entry["file_name"]:
            continue
        for key in FACTS:
            text = (row.get(key) or "").strip()
            if text:
                try:
                    entry[key] = _moment(text) if key in MOMENTS else int(text) if key == "control_total" else text
                except ValueError:
                    kind = "moment, such as 2026-10-05T06:00:00Z" if key in MOMENTS else "whole number"
                    faults.append(f"{name}: line {number}: {key} is no {kind}: {text!r}. Correct it")
        entries.append(entry)
    return entries


def _moment(text: str) -> datetime:
    """A moment in UTC; without an offset it is read as UTC, as everywhere in tables."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment_text(value: datetime | None) -> str:
    """A moment as ISO 8601, empty where there is none: part of a snapshot's identity."""
    return value.isoformat() if value else ""
