"""Loads source files into the store: all of them or none, every record accounted for."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from audit_lib import __version__, addresses, checks, duplicates, filling, readers, seals, sources, sql, store
from audit_lib.errors import InputError
from audit_lib.files import InputFile, find_files, moment_text
from audit_lib.origins import raw_lines
from audit_lib.planning import Planned, plan
from audit_lib.project import Project

__all__ = ["LoadSummary", "find_files", "load", "raw_lines"]

STATED = ("source_system", "extracted_by", "query_sha256", "extracted_at", "covers_from_at", "covers_to_at", "control_total")


@dataclass(frozen=True)
class LoadSummary:
    """What a load did. `files`: one row per file, columns as in table `loads`, and `status`: loaded, grown or unchanged."""

    files: list[dict[str, Any]]
    messages: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The files that were loaded as a text table, and how many were there already."""
        fresh = [row for row in self.files if row["status"] != "unchanged"]
        names = ("file_name", "format", "rows_read", "rows_loaded", "rows_duplicate", "rows_ignored", "rows_quarantined", "status")
        heads = ("file", "format", "read", "loaded", "duplicate", "ignored", "quarantined", "")
        cells = [heads] + [tuple(f"{row[name]:,}" if isinstance(row[name], int) else row[name] for name in names) for row in fresh]
        widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
        lines = [
            "  ".join(
                text.rjust(width) if 2 <= column <= 6 else text.ljust(width) for column, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        same = len(self.files) - len(fresh)
        return "\n".join(lines * bool(fresh) + [f"{same} file{'s' * (same != 1)} unchanged since the last load."] * bool(same))


@dataclass(frozen=True)
class _Read:
    """A planned file with what its bytes say: hash, size, and the hashes of its beginnings at the sizes asked for."""

    planned: Planned
    sha256: str
    byte_count: int
    starts: dict[int, str]

    @property
    def load_id(self) -> str:
        """Made from what was loaded as what, so that the same files give the same ids in any store, in any order."""
        planned = self.planned
        drawn = "" if planned.is_log else moment_text(planned.file.extracted_at)
        return readers.hash_text(f"{planned.table}\n{planned.part}\n{self.sha256}\n{drawn}")[:12]


def load(project: Project, *, progress: Callable[[int, int, str], None] | None = None) -> LoadSummary:
    """Loads all input files of a project; `progress` is told bytes done, bytes in all, and where it is.

    The caller holds the project. Raises InputError, with nothing loaded, where a file is refused.
    """
    folders = sql.roots(project.queries)
    tables, formats = store.read_tables(folders), sources.read_sources(folders)
    found, messages = find_files(project)
    if not found and not project.store.exists():
        raise InputError(f"{project.folder / 'inputs'}: holds no files. Put logs and tables there, or say in audit.toml where they are")
    databases = addresses.open_databases(project.databases)
    proxies = addresses.read_networks(project.own_proxies, "audit.toml: [addresses] own_proxies")
    planned = plan(found, tables, formats)
    messages += [f"{one.file.name}: left out, as {one.table} has no such column: {', '.join(one.left_out)}" for one in planned if one.left_out]
    with store.loading(project.store, tables) as connection:
        sources.prepare(connection, proxies)
        rows = _load_all(connection, planned, tables, messages, progress or (lambda done, whole, where: None))
        connection.execute("drop view if exists temp.records")  # of the last file; it would hide the table of that name
        new = [row["load_id"] for row in rows if row["status"] != "unchanged"]
        addresses.update(connection, databases, new)
        if new:
            checks.measure(connection, tables)
        seals.record_runs(connection, project.reports, datetime.now(UTC))
    return LoadSummary(rows, messages)


def _load_all(connection: duckdb.DuckDBPyConnection, planned: list[Planned], tables: dict, messages: list[str], progress: Callable) -> list[dict]:
    earlier = _read_loads(connection)
    reads, whole = [], sum(readers.size_of(one.file.path) for one in planned)
    for one in planned:
        progress(0, whole, f"hashing {one.file.name}")
        sizes = {load["byte_count"] for load in earlier.values() if one.is_log and load["part"] == one.part and load["byte_count"]}
        reads.append(_Read(one, *readers.hash_file(one.file.path, sizes)))
    now = datetime.now(UTC)
    messages += _gone(earlier, reads)
    rows, done, ahead, names = {}, 0, {}, {}
    for read in reads:
        names.setdefault(read.load_id, set()).add(read.planned.file.name)
    connection.execute("begin")  # else every chunk is written twice, to the log of changes and to the store
    for number, read in enumerate(reads):
        name, load_id = read.planned.file.name, read.load_id
        before = rows.get(load_id) or earlier.get(load_id)
        if before:
            is_renamed = before["file_name"] != name and before["file_name"] not in names[load_id]
            if is_renamed:
                messages.append(f"{name}: is {before['file_name']} under a new name: not loaded twice")
                before = {**before, "file_name": name}
            elif before["file_name"] != name:
                messages.append(f"{name}: holds the same bytes as {before['file_name']}, which is loaded: not loaded twice")
            if load_id not in rows:
                rows[load_id] = {**before, **_stated(read.planned), "last_found_at": now, "status": "unchanged"}
        else:
            row = {"load_id": load_id, **_identity(read, earlier, reads), **_stated(read.planned), "loaded_at": now, "last_found_at": now}
            if read.planned.file.path not in ahead:
                ahead = filling.read_ahead(connection, [(one.planned, one.byte_count) for one in reads[number:] if one.load_id not in earlier])
            told = _reporter(progress, done, whole, name, [row for row in rows.values() if row["status"] != "unchanged"])
            counts = filling.fill(connection, read.planned, tables[read.planned.table], load_id, read.byte_count, told, ahead.get(read.planned.file.path))
            rows[load_id] = {**row, **counts}
            if read.planned.is_log:
                messages += [f"{name}: is also loaded as {other['part']}" for other in earlier.values() if other["sha256"] == read.sha256]
        done += read.byte_count
    connection.execute("commit")
    fresh = [row for row in rows.values() if row["status"] != "unchanged"]
    progress(whole, whole, "finding what was loaded before")
    duplicates.drop_duplicates(connection, fresh)
    messages += _growth(fresh)
    _write_loads(connection, list(rows.values()))
    return list(rows.values())


def _reporter(progress: Callable, done: int, whole: int, name: str, before: list[dict]) -> Callable[[int, int, int], None]:
    """Tells bytes, records and quarantined records so far, of this file and those `before` it."""
    records, rejects = sum(row["rows_read"] for row in before), sum(row["rows_quarantined"] for row in before)
    return lambda seen, more, worse: progress(done + seen, whole, f"{records + more:,} records, {rejects + worse:,} quarantined, {name}")


def _stated(planned: Planned) -> dict[str, Any]:
    return {key: getattr(planned.file, key) for key in STATED}


def _identity(read: _Read, earlier: dict[str, dict], reads: list[_Read]) -> dict[str, Any]:
    """What a new row of `loads` says of the file itself, and of the earlier load that it goes on from."""
    planned = read.planned
    previous, is_rewritten, status = _previous(read, earlier, reads)
    return {
        "table_name": planned.table,
        "part": planned.part,
        "file_name": planned.file.name,
        "sha256": read.sha256,
        "format": planned.source.name,
        "loaded_by": getpass.getuser(),
        "suite_version": __version__,
        "previous_load_id": previous,
        "is_rewritten": is_rewritten,
        "byte_count": read.byte_count,
        "status": status,
    }


def _previous(read: _Read, earlier: dict[str, dict], reads: list[_Read]) -> tuple[str | None, bool, str]:
    """The earlier load that this file goes on from, whether its lines have changed, and the status.

    A log has grown where its beginning is an earlier load, whatever its name (rotation renames). It was rewritten where
    an earlier load of its name is found at the beginning of no file any more.
    """
    planned = read.planned
    loads = [load for load in earlier.values() if load["table_name"] == planned.table and load["part"] == planned.part and load["byte_count"]]
    if planned.is_log:
        begun = [load for load in loads if read.starts.get(load["byte_count"]) == load["sha256"]]
        if begun:
            return max(begun, key=lambda load: load["byte_count"])["load_id"], False, "grown"
    named = [load for load in loads if load["file_name"] == planned.file.name]
    if not named:
        return None, False, "loaded"
    last = max(named, key=lambda load: (load["loaded_at"], load["byte_count"], load["load_id"]))
    if not planned.is_log:
        return last["load_id"], last["extracted_at"] == planned.file.extracted_at, "loaded"
    is_kept = any(other.starts.get(last["byte_count"]) == last["sha256"] or other.sha256 == last["sha256"] for other in reads)
    return (None, False, "loaded") if is_kept else (last["load_id"], True, "loaded")


def _growth(rows: list[dict]) -> list[str]:
    told = [f"{row['file_name']}: has grown since it was loaded: {row['rows_loaded']:,} new records" for row in rows if row["status"] == "grown"]
    return told + [f"{row['file_name']}: lines that were loaded before are no longer as they were" for row in rows if row["is_rewritten"]]


def _gone(earlier: dict[str, dict], reads: list[_Read]) -> list[str]:
    """A message about the files of earlier loads that are no longer in their place, nor anywhere else."""
    here, hashes = {read.planned.file.name for read in reads}, {read.sha256 for read in reads}
    gone = sorted({load["file_name"] for load in earlier.values() if load["sha256"] not in hashes} - here)
    if not gone:
        return []
    more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""
    return [f"No longer there, and still in the store: {', '.join(gone[:5])}{more}"]


def _read_loads(connection: duckdb.DuckDBPyConnection) -> dict[str, dict]:
    """All rows of `loads` by id, moments as datetime in UTC."""
    names, moments = [], set()
    for name, type_name, *_ in connection.execute("describe loads").fetchall():
        names += [name] * (name not in ("line", "origin"))
        moments |= {name} if type_name == "TIMESTAMP WITH TIME ZONE" else set()
    chosen = ", ".join(f"{name}::varchar" if name in moments else name for name in names)
    rows = [dict(zip(names, row, strict=True)) for row in connection.execute(f"select {chosen} from loads order by loaded_at, load_id").fetchall()]
    for row in rows:
        row |= {name: datetime.fromisoformat(row[name]).astimezone(UTC) for name in moments if row[name]}
    return {row["load_id"]: row for row in rows}


def _write_loads(connection: duckdb.DuckDBPyConnection, rows: list[dict]) -> None:
    """Adds the new rows; of those that stood there, their name, what the producer states and when they were last found."""
    if not rows:
        return
    names = [name for name in rows[0] if name not in ("status", "has_made_ids")]
    texts = [{name: _text(row[name]) for name in names} | {"status": row["status"]} for row in rows]
    connection.register("told", pa.Table.from_pylist(texts, pa.schema([(name, pa.string()) for name in [*names, "status"]])))
    types = dict(row[:2] for row in connection.execute("describe loads").fetchall())
    values = ", ".join(f"{name}::{types[name]}" for name in names)
    connection.execute(f"insert into loads ({', '.join(names)}) select {values} from told where status <> 'unchanged'")
    pairs = ", ".join(f"{name} = told.{name}::{types[name]}" for name in ("file_name", "last_found_at", *STATED))
    connection.execute(f"update loads set {pairs} from told where told.load_id = loads.load_id and told.status = 'unchanged'")
    connection.unregister("told")


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def input_hashes(files: list[InputFile]) -> dict[str, str]:
    """SHA-256 of each input file by name, for the manifest of a run."""
    return {file.name: readers.hash_file(file.path)[0] for file in files}
