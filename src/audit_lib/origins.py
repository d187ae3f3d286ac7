"""The way back: the raw lines behind origins, read from the input files that were loaded."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb

from audit_lib import encodings, files, packed, planning, readers, records, sources, sql, store
from audit_lib.errors import InputError
from audit_lib.files import InputFile
from audit_lib.project import Project

Line = tuple[str, str, str, str, int, str]


def place(origin: str, files: dict[str, str]) -> str:
    """Where an origin leads, as `file:line`; `files`: file names by load id.

    >>> place("3f9a:12", {"3f9a": "inputs/web/access.log"})
    'inputs/web/access.log:12'
    """
    load_id, _, line = origin.rpartition(":")
    return f"{files.get(load_id, load_id)}:{line}"


def raw_lines(connection: duckdb.DuckDBPyConnection, project: Project, origins: list[str]) -> list[Line]:
    """The raw lines of origins (`load_id:line`), in their order: (origin, table_name, file_name, sha256, line, text).

    A file is read only up to the bytes that were loaded, and believed only if their SHA-256 is still the loaded one;
    else the text says, in parentheses, why the line can't be shown. An origin that no load has is left out.
    """
    names = ("load_id", "table_name", "file_name", "sha256", "format", "byte_count", "previous_load_id")
    loads = {row[0]: dict(zip(names, row, strict=True)) for row in connection.execute(f"select {', '.join(names)} from loads").fetchall()}
    wanted: dict[str, set[int]] = {}
    for origin in origins:
        load_id, _, line = origin.rpartition(":")
        if load_id in loads and line.isdigit():
            wanted.setdefault(load_id, set()).add(int(line))
    folders = sql.roots(project.queries)
    tables, formats = store.read_tables(folders), sources.read_sources(folders)
    texts = {load_id: _texts(load_id, lines, loads, project, tables, formats) for load_id, lines in sorted(wanted.items())}
    found = []
    for origin in origins:
        load_id, _, line = origin.rpartition(":")
        if load_id in texts:
            load = loads[load_id]
            text = texts[load_id].get(int(line), "(the file holds no such line)")
            found.append((origin, load["table_name"], load["file_name"], load["sha256"], int(line), text))
    return found


def _texts(load_id: str, lines: set[int], loads: dict[str, dict], project: Project, tables: dict, formats: dict) -> dict[int, str]:
    """Texts of some lines of one load, from its file or, where that was renamed or has grown, from one that goes on from it."""
    reason, waiting = "(the file is no longer in its place)", [load_id]
    while waiting:
        here = waiting.pop(0)
        path = project.folder / loads[here]["file_name"]
        if packed.is_there(path):
            try:
                return _read(files.declare(project, path), lines, loads[load_id], tables, formats)
            except InputError:
                reason = "(the file has changed since it was loaded)"
        waiting += [one["load_id"] for one in loads.values() if one["previous_load_id"] == here]
    return dict.fromkeys(lines, reason)


def _read(file: InputFile, lines: set[int], load: dict, tables: dict, formats: dict) -> dict[int, str]:
    path, digest = file.path, hashlib.sha256()

    def hashed(blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            digest.update(block)
            yield block

    stored = hashed(readers.stored_blocks(path, load["byte_count"]))
    if load["format"] == "parquet":
        for _ in stored:
            pass
        _check(digest, load)
        return _rows(path, lines)
    content = encodings.to_utf8(readers.unpacked(path.name, stored), file.encoding)
    found = dict(_records(content, formats.get(load["format"]), file, load, tables, lines))
    for _ in content:  # the rest counts for the hash as well
        pass
    _check(digest, load)
    return found


def _check(digest, load: dict) -> None:
    if digest.hexdigest() != load["sha256"]:
        raise InputError(f"{load['file_name']}: is not what was loaded")


def _records(content: Iterator[bytes], source: sources.Source | None, file: InputFile, load: dict, tables: dict, lines: set[int]) -> Iterator[tuple[int, str]]:
    last, mode = max(lines), source.records if source else load["format"]
    if mode == "csv":
        blocks = readers.read_blocks(file.path, encoding=file.encoding)
        header = records.read_columns(blocks) if source else planning.read_header(file, tables[load["table_name"]])
        columns, delimiter = header
        for line, text, _, _ in records.csv_records(content, delimiter, len(columns)):
            if line in lines:
                yield line, text
            if line >= last:
                return
    elif mode == "json":
        for number, (text, fault) in enumerate(records.values(content, source.lists if source else ("Records",)), start=1):
            if number in lines:
                yield number, readers.shown(text.encode(errors="surrogateescape")) if fault else text.encode(errors="replace").decode()
            if number >= last:
                return
    else:
        first = 1
        for piece in readers.line_pieces(content):
            if any(first <= line < first + piece.count for line in lines):
                numbers = piece.records["line"].to_pylist()
                places = {line: place for place, line in enumerate(numbers) if line in lines}
                yield from ((line, piece.records["text"][place].as_py()) for line, place in places.items())
                yield from ((one.line, one.text) for one in piece.rejects if one.line in lines)
                yield from ((line, "") for line in piece.blanks if line in lines)
            first += piece.count
            if first > last:
                return


def _rows(path: Path, lines: set[int]) -> dict[int, str]:
    """Rows of a Parquet file as JSON objects."""
    found = {}
    for chunk in records.read_parquet(path):
        first = chunk.records["line"][0].as_py() if chunk.records.num_rows else 0
        for line in lines:
            if first <= line < first + chunk.records.num_rows:
                row = chunk.records.slice(line - first, 1).drop_columns(["line"]).to_pylist()[0]
                found[line] = json.dumps({name.removeprefix("cell_"): value for name, value in row.items()}, default=str, ensure_ascii=False)
    return found
