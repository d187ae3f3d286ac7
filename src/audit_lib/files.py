"""The input files of a project, and what `audit.toml` and the producers' manifests say of each."""

import csv
import fnmatch
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from audit_lib import encodings, packed, readers
from audit_lib.errors import InputError, raise_all
from audit_lib.project import InputRule, Project

MANIFEST = "manifest.csv"
MOMENTS = ("extracted_at", "covers_from_at", "covers_to_at")
ORDERS = ("dmy", "mdy", "ymd")  # of day, month and year where a date is written with slashes, dots or dashes
FACTS = ("source_system", "extracted_by", "query_sha256", *MOMENTS, "control_total")


@dataclass(frozen=True)
class InputFile:
    """One input file. `name`: path from the project folder, with `/`; moments are UTC, null means not stated.

    A file in a zip has the path and name `archive.zip/member`.
    """

    path: Path
    name: str
    source: str | None = None
    provider: str | None = None
    time_zone: str | None = None
    year: int | None = None
    encoding: str | None = None
    date_order: str | None = None
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
    rules, messages, faults = {}, [], []
    inside = _inside({path for path in (project.folder / "inputs").rglob("*") if packed.is_zip(path)}, project, faults)
    for rule in project.inputs:
        found = _named(project.folder, rule.files, inside, project, faults)
        if not found:
            messages.append(f"audit.toml: no file matches {rule.files}")
        for path in found:
            rules.setdefault(path, rule)
    paths = {path for path in (project.folder / "inputs").rglob("*") if _is_input(path) and not packed.is_zip(path)}
    paths |= set(rules) | {path for found in inside.values() for path in found if _is_input(path)}
    manifests = set((project.folder / "inputs").rglob(MANIFEST)) | {path.parent / MANIFEST for path in paths}
    stated: dict[Path, dict] = {}
    for manifest in sorted(path for path in manifests if packed.is_there(path)):
        name = _name(project, manifest)
        for entry in _read_manifest(manifest, name, faults):
            path = manifest.parent / entry.pop("file_name")
            if packed.is_there(path) and not packed.is_zip(path):
                stated[path.resolve()] = entry
            else:
                what = "which is a zip: name the files in it, archive.zip/file" if packed.is_zip(path) else "which is not there"
                messages.append(f"{name}: names {path.relative_to(manifest.parent).as_posix()}, {what}")
    faults += [f'audit.toml: [[inputs]] files = "{rule.files}": {fault}' for rule in project.inputs for fault in _rule_faults(rule)]
    raise_all(InputError, faults)
    return [file for path in sorted(paths) for file in _by_source(project, path, rules.get(path), stated.get(path.resolve(), {}))], messages


def find_rule(project: Project, path: Path) -> InputRule | None:
    """The first rule of `audit.toml` whose pattern names a file, wherever that lies."""
    name, full = _name(project, path), path.resolve().as_posix()
    for rule in project.inputs:
        pattern = rule.files if Path(rule.files).is_absolute() else (project.folder.resolve() / rule.files).as_posix()
        if (full.startswith(pattern + "/") and packed.archive_of(path)) or _matches(full, pattern) or _matches(name, rule.files):
            return rule
    return None


def declare(project: Project, path: Path) -> InputFile:
    """One file, wherever it lies, with what audit.toml and a manifest beside it say of it. Raises InputError where one of them can't be read."""
    rule, manifest, entries, faults = find_rule(project, path), path.parent / MANIFEST, [], []
    if packed.is_there(manifest):
        entries = _read_manifest(manifest, _name(project, manifest), faults)
    raise_all(InputError, faults + [f"{_name(project, path)}: {fault}" for fault in (_rule_faults(rule) if rule else [])])
    stated = {manifest.parent / entry.pop("file_name"): entry for entry in entries}
    return _by_source(project, path, rule, stated.get(path, {}))[0]


def _matches(name: str, pattern: str) -> bool:
    """Whether a path is named by a pattern as `Path.glob` reads it: `*` within one part, `**` over any number of them."""
    names, patterns = name.split("/"), pattern.split("/")

    def match(at: int, to: int) -> bool:
        if to == len(patterns):
            return at == len(names)
        if patterns[to] == "**":
            return any(match(further, to + 1) for further in range(at, len(names)))
        return at < len(names) and fnmatch.fnmatchcase(names[at], patterns[to]) and match(at + 1, to + 1)

    return match(0, 0)


def _rule_faults(rule: InputRule) -> list[str]:
    faults = []
    if rule.encoding is not None:
        try:
            encodings.check(rule.encoding)
        except InputError as fault:
            faults.append(str(fault))
    if rule.date_order not in (None, *ORDERS):
        faults.append(f"date_order: {rule.date_order!r}. Allowed: {', '.join(ORDERS)}")
    return faults


def _inside(archives: set[Path], project: Project, faults: list[str]) -> dict[Path, list[Path]]:
    """The files in each zip; what is wrong with a zip is added to `faults`."""
    found = {}
    for archive in sorted(archives):
        try:
            found[archive] = packed.members(archive)
        except InputError as fault:
            found[archive] = []
            faults.append(f"{_name(project, archive)}: {str(fault).removeprefix(archive.name + ': ')}")
    return found


def _named(folder: Path, pattern: str, inside: dict[Path, list[Path]], project: Project, faults: list[str]) -> list[Path]:
    """Files that a pattern names; a zip that it names stands for all files in it, `*.zip/*.log` for some."""
    found = []
    parts = pattern.split("/")
    ends = [number for number, part in enumerate(parts[:-1], start=1) if part.lower().endswith(".zip")]
    for path in _glob(folder, pattern) + (_glob(folder, "/".join(parts[: ends[0]])) if ends else []):
        if not packed.is_zip(path):
            found.append(path)
            continue
        if path not in inside:
            inside |= _inside({path}, project, faults)
        wanted = "/".join(parts[ends[0] :]) if ends else "**/*"
        found += [one for one in inside[path] if _is_input(one) and _matches(one.relative_to(path).as_posix(), wanted)]
    return sorted(found)


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
    return path.name != MANIFEST and not path.name.startswith((".", "~$")) and packed.is_there(path)


def _name(project: Project, path: Path) -> str:
    try:
        return path.relative_to(project.folder).as_posix()
    except ValueError:
        return path.as_posix()


def _by_source(project: Project, path: Path, rule: InputRule | None, stated: dict) -> list[InputFile]:
    """A file as each of the formats that its rule names reads it: one log may tell of two tables, such as jobs and purges."""
    if rule is None or not isinstance(rule.source, tuple):
        return [_file(project, path, rule, stated)]
    return [_file(project, path, replace(rule, source=source), stated) for source in rule.source]


def _file(project: Project, path: Path, rule: InputRule | None, stated: dict) -> InputFile:
    """What `audit.toml` says wins over the producer's manifest: the auditor corrects."""
    file = InputFile(path, _name(project, path), **stated)
    if rule is None:
        return file
    return replace(file, **{key: value for key, value in vars(rule).items() if key != "files" and value is not None})


def _read_manifest(path: Path, name: str, faults: list[str]) -> list[dict]:
    try:
        text = b"".join(readers.read_blocks(path)).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
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
                    entry[key] = moment(text) if key in MOMENTS else int(text) if key == "control_total" else text
                except ValueError:
                    kind = "moment, such as 2026-10-05T06:00:00Z" if key in MOMENTS else "whole number"
                    faults.append(f"{name}: line {number}: {key} is no {kind}: {text!r}. Correct it")
        entries.append(entry)
    return entries


def moment(text: str) -> datetime:
    """A moment in UTC; without an offset it is read as UTC, as everywhere in tables."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def moment_text(value: datetime | None) -> str:
    """A moment as ISO 8601, empty where there is none: part of a snapshot's identity."""
    return value.isoformat() if value else ""
