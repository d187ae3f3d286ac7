"""The project folder: `audit.toml`, and where everything else of it lies."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from audit_lib.errors import InputError, raise_all

SECTIONS = {"company", "signatures", "parameters", "scope", "addresses", "inputs"}
ROLES = ("prepared_by", "reviewed_by", "signed_by")


@dataclass(frozen=True)
class Setting:
    """A parameter's value, who approved it and on which day."""

    value: Any
    approved_by: str | None = None
    approved_on: date | None = None


@dataclass(frozen=True)
class InputRule:
    """What `audit.toml` says of the files that a glob names; moments are UTC. `source`: a format, or several that each read the file."""

    files: str
    source: str | tuple[str, ...] | None = None
    provider: str | None = None
    time_zone: str | None = None
    year: int | None = None
    encoding: str | None = None
    date_order: str | None = None
    extracted_at: datetime | None = None
    covers_from_at: datetime | None = None
    covers_to_at: datetime | None = None
    control_total: int | None = None


@dataclass(frozen=True)
class Project:
    """One company's project folder as its `audit.toml` describes it."""

    folder: Path
    name: str
    policy: Path | None = None
    parameters: dict[str, Setting] = field(default_factory=dict)
    scope: dict[str, dict[str, str]] = field(default_factory=dict)
    databases: tuple[Path, ...] = ()
    own_proxies: tuple[str, ...] = ()
    inputs: tuple[InputRule, ...] = ()
    signatures: dict[str, str] = field(default_factory=dict)
    toml_sha256: str = ""

    @property
    def store(self) -> Path:
        return self.folder / "store.duckdb"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def queries(self) -> Path:
        return self.folder / "queries"


def locate(project: str | Path) -> Path:
    """A project's folder, seen from here or else from the folder above: JupyterLab runs a notebook where it lies."""
    here, above = Path(project), Path("..") / project
    return above if not here.exists() and above.exists() else here


def read_project(folder: Path) -> Project:
    """The project in a folder. Raises InputError with all faults of its `audit.toml`."""
    path = Path(folder) / "audit.toml"
    try:
        raw = path.read_bytes()
        given = tomllib.loads(raw.decode())
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. A project folder has an audit.toml: write one with `audit init {folder}`") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError(f"{path}: not valid TOML: {fault}") from None
    faults = [f"{path}: unknown section: [{name}]. Allowed: {', '.join(sorted(SECTIONS))}" for name in given.keys() - SECTIONS]
    company = given.get("company", {})
    if not isinstance(company.get("name"), str):
        faults.append(f'{path}: [company] has no name. Add: name = "…"')
    faults += _unknown(path, "company", company, {"name", "policy"})
    policy = Path(folder) / company["policy"] if "policy" in company else None
    if policy and not policy.is_file():
        faults.append(f"{path}: policy: no such file: {policy}")
    parameters = {name: _setting(path, name, value, faults) for name, value in given.get("parameters", {}).items()}
    scope = given.get("scope", {})
    for control, why in scope.items():
        if not (isinstance(why, dict) and {"reason", "approved_by"} <= why.keys()):
            faults.append(f'{path}: scope of {control}: give reason and approved_by: "{control}" = {{ reason = "…", approved_by = "…" }}')
    signatures = given.get("signatures", {})
    faults += _unknown(path, "signatures", signatures, set(ROLES))
    faults += [f"{path}: [signatures]: {role} names nobody: {who!r}" for role, who in signatures.items() if not (isinstance(who, str) and who.strip())]
    named = [str(who).strip().lower() for role, who in signatures.items() if role in ROLES]
    if len(set(named)) < len(named):
        twice = ", ".join(f"{role} = {signatures[role]!r}" for role in ROLES if role in signatures)
        faults.append(f"{path}: [signatures]: preparer, reviewer and signer must be three persons, not {twice}")
    addresses = given.get("addresses", {})
    faults += _unknown(path, "addresses", addresses, {"databases", "own_proxies"})
    rules = [_rule(path, entry, faults) for entry in given.get("inputs", [])]
    raise_all(InputError, faults)
    return Project(
        folder=Path(folder),
        name=company["name"],
        policy=policy,
        parameters=parameters,
        scope=scope,
        databases=tuple(Path(folder) / name for name in addresses.get("databases", [])),
        own_proxies=tuple(addresses.get("own_proxies", [])),
        inputs=tuple(rules),
        signatures=signatures,
        toml_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _unknown(path: Path, section: str, given: dict, allowed: set[str]) -> list[str]:
    return [f"{path}: [{section}]: unknown key: {key}. Allowed: {', '.join(sorted(allowed))}" for key in sorted(given.keys() - allowed)]


def _setting(path: Path, name: str, given: Any, faults: list[str]) -> Setting:
    if not isinstance(given, dict):
        return Setting(given)
    faults += _unknown(path, f"parameters.{name}", given, {"value", "approved_by", "approved_on"})
    return Setting(given.get("value"), given.get("approved_by"), given.get("approved_on"))


def _rule(path: Path, given: dict, faults: list[str]) -> InputRule:
    allowed = set(InputRule.__dataclass_fields__)
    faults += _unknown(path, "inputs", given, allowed)
    if not isinstance(given.get("files"), str):
        faults.append(f'{path}: [[inputs]] without files. Add: files = "inputs/web/access*.log"')
    values = {key: value for key, value in given.items() if key in allowed}
    source = values.get("source")
    if isinstance(source, list) and source and all(isinstance(name, str) for name in source) and len(set(source)) == len(source):
        values["source"] = tuple(source)
    elif source is not None and not isinstance(source, str):
        faults.append(
            f'{path}: [[inputs]] source: {source!r}. Write one format, "sidekiq_job_runs", or several different ones: ["sidekiq_job_runs", "sidekiq_purges"]'
        )
    for key in ("extracted_at", "covers_from_at", "covers_to_at"):
        if key in values:
            values[key] = _moment(path, key, values[key], faults)
    return InputRule(**{"files": ""} | values)


def _moment(path: Path, key: str, value: Any, faults: list[str]) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    faults.append(f"{path}: [[inputs]] {key}: no moment: {value!r}. Write it without quotes: 2026-10-05T06:00:00Z")
    return None
