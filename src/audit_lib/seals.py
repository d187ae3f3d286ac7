"""The seal of a run's folder: hashes of all that is in it and of all that it was made from, checked offline."""

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from audit_lib import packed, readers
from audit_lib.errors import InputError


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def latest_run(project_reports: Path, period: str) -> Path | None:
    """The newest sealed run of a period, or None."""
    runs = [path.parent for path in (project_reports / period).glob("r*/manifest.json")]
    return max(runs, key=lambda folder: int(folder.name[1:]), default=None)


def write_whole(path: Path, content: str | bytes) -> None:
    """Replaces a file as a whole, or not at all; text in UTF-8."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def write_manifest(audit: Any, folder: Path) -> None:
    """Writes `manifest.json` over all other files of an audit's run, and `SHA256SUMS`, which `sha256sum -c` checks without us."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    loads = audit.connection.execute(
        "select load_id, table_name, part, file_name, sha256, byte_count from loads order by table_name, part, file_name, load_id"
    ).fetchall()
    facts = json.loads((folder / "run.json").read_text())
    write_json(folder / "manifest.json", {
        "files": {name: {"sha256": sha256(path), "bytes": path.stat().st_size} for name, path in files.items()},
        "inputs": [dict(zip(("load_id", "table_name", "part", "file_name", "sha256", "bytes"), row, strict=True)) for row in loads],
        "parameters_sha256": hashlib.sha256(audit.parameters_sql.encode()).hexdigest(), "audit_toml_sha256": audit.project.toml_sha256,
        "policy": facts["policy"], "versions": {key: facts[key] for key in ("suite_version", "duckdb_version", "python_version")},
        "basis_sha256": facts["basis_sha256"], "previous_run": facts["previous_run"],
    })  # fmt: skip
    sums = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in sorted(folder.rglob("*")) if path.is_file()]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def verify(folder: Path, *, with_inputs: bool = True) -> list[str]:
    """Each difference between a run's folder and its manifest, inputs and own sums; empty where there is none.

    Raises InputError where the folder holds no manifest that can be read.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        files, inputs = manifest["files"], manifest["inputs"]
    except (OSError, ValueError, KeyError) as fault:
        raise InputError(f"{folder}: has no manifest.json that can be read ({fault}). Name a run's folder, such as reports/2026-Q3/r1") from None
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    told = [f"missing: {name}" for name in sorted(files.keys() - there.keys())]
    told += [f"extra: {name}" for name in sorted(there.keys() - files.keys() - {"manifest.json", "SHA256SUMS"})]
    told += [f"changed: {name}" for name in sorted(files.keys() & there.keys()) if sha256(there[name]) != files[name]["sha256"]]
    sums = dict(reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text().splitlines()) if "SHA256SUMS" in there else {}
    if "SHA256SUMS" not in there:
        told.append("missing: SHA256SUMS")
    told += [
        f"changed: {name} (against SHA256SUMS)"
        for name, digest in sorted(sums.items())
        if name in there and name not in files and sha256(there[name]) != digest
    ]
    if not told:
        told += _check_sums(folder)
    home = folder.resolve().parents[2]
    if with_inputs and (home / "audit.toml").is_file():
        told += [
            f"input changed or missing: {one['file_name']}"
            for one in inputs
            if not packed.is_there(home / one["file_name"]) or readers.hash_file(home / one["file_name"])[0] != one["sha256"]
        ]
    return told


def _check_sums(folder: Path) -> list[str]:
    """Counts its outcomes again: population = sum over outcomes, for each control."""
    counted: dict[tuple[str, str], int] = {}
    for row in pq.read_table(folder / "outcomes.parquet", columns=["control_id", "effective_outcome"]).to_pylist():
        counted[row["control_id"], row["effective_outcome"]] = counted.get((row["control_id"], row["effective_outcome"]), 0) + 1
    told = []
    for entry in json.loads((folder / "controls.json").read_text()):
        name, counts = entry["id"], entry["counts"]
        if entry["population"] is not None and sum(counts.values()) != entry["population"]:
            told.append(f"sum: {name}: outcomes add up to {sum(counts.values())}, population is {entry['population']}")
        for outcome, number in counts.items():
            is_counted_only = outcome == "pass" and not entry["is_every_row_stored"]
            if not is_counted_only and counted.get((name, outcome), 0) != number:
                told.append(f"sum: {name}: {counted.get((name, outcome), 0)} rows are {outcome}, {number} are stated")
    return told


def record_runs(connection: duckdb.DuckDBPyConnection, reports: Path, now: datetime) -> None:
    """Fills `audit_runs` anew: one row per sealed run of the project, its folder verified at `now` (UTC)."""
    rows = []
    for path in sorted(reports.glob("*/r*/manifest.json")):
        folder = path.parent
        run, told = json.loads((folder / "run.json").read_text()), verify(folder, with_inputs=False)
        tested = sorted(one["id"] for one in json.loads((folder / "controls.json").read_text()) if one["population"])
        manifest = json.loads(path.read_text())
        rows.append([
            f"{folder.parent.name}/{folder.name}", run["command"], run["ran_by"], run["suite_version"], manifest["parameters_sha256"],
            run["since"], run["until"], run["as_of"], run["started_at"], run["ended_at"], now, run["exit_code"], tested,
            [line.replace(": ", ":", 1) for line in told], sha256(path), (run["previous_run"] or {}).get("manifest_sha256"), "absent", "absent",
            "audit_runs", len(rows) + 1,
        ])  # fmt: skip
    names = (
        "audit_run_id, command, ran_by, suite_version, parameters_sha256, since_at, until_at, as_of_at, started_at, ended_at, pack_verified_at, exit_code, "
        "controls_tested, pack_faults, manifest_sha256, previous_manifest_sha256, pack_signature, pack_timestamp, load_id, line"
    )
    connection.execute("delete from audit_runs")
    if rows:
        connection.executemany(f"insert into audit_runs ({names}) values ({', '.join('?' * 20)})", rows)
