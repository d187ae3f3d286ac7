"""Whole logs in one statement: DuckDB takes the lines as they are read, on all its threads, and nothing is kept in between."""

import hashlib
import re
from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from audit_lib import filling, readers
from audit_lib.errors import ControlError, InputError
from audit_lib.planning import Planned
from audit_lib.readers import Chunk
from audit_lib.store import Table

LOOKED_AT = 1000  # ids that look like one of ours, by which a file's are told apart


def can_stream(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table) -> bool:
    """Whether a file can go in as one: lines can be read only once then, so an id that has to be made needs their text in the format's rows."""
    if planned.source.records not in ("lines", "jsonl"):
        return False
    connection.register("records", pa.table([[], []], readers.LINES))
    return bool({"event_id", "text"} & set(filling.columns_of(connection, planned, table, f"({planned.source.sql})")))


def insert_whole(
    connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, byte_count: int, counts, told: Callable[[int, int, int], None]
) -> Iterator[Chunk]:
    """Loads all good records of a log whose format looks at one record at a time; returns what is left of it, in chunks.

    Left are the records that the format refuses or ignores, lines that can't be read, and blank ones. `counts` gets what was loaded.
    """
    seen, read, rest, rejects, faults = [0], [0], [0], [0], []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for piece in pieces(planned, byte_count, seen):
                read[0] += piece.count
                rest[0] += len(piece.rejects) + len(piece.blanks)
                rejects[0] += len(piece.rejects)
                told(seen[0], read[0], rejects[0])
                yield from piece.records.to_batches()
        except InputError as fault:  # DuckDB would wrap it
            faults.append(fault)
            raise

    connection.register("records", pa.RecordBatchReader.from_batches(readers.LINES, batches()))
    try:
        made, given, bad = _insert(connection, planned, table, load_id)
    except ControlError:
        if faults:
            raise faults[0] from None
        raise
    _count(planned, counts, made, len(bad), read[0] - rest[0])
    counts.made_ids |= "event_id" not in given or ("text" in given and _has_made_ids(connection, planned, load_id, byte_count))
    return _left(planned, byte_count, bad, seen) if len(bad) or rest[0] else iter(())


def insert_chunk(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, chunk: Chunk, counts) -> Chunk:
    """The same for one chunk; returns what is left of it."""
    connection.register("records", chunk.records)
    made, given, bad = _insert(connection, planned, table, load_id)
    _count(planned, counts, made, len(bad), chunk.records.num_rows)
    counts.made_ids |= "event_id" not in given
    return Chunk(_only(chunk.records, bad), chunk.rejects, chunk.blanks)


def _insert(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str) -> tuple[int, list[str], pa.ChunkedArray]:
    """Appends all records and takes out those that are not good: how many went in, the format's columns, and the lines taken out.

    They go in with their line below zero: a filter would have the text read once more for each column that it asks.
    """
    origin = f"({planned.source.sql})"
    given = filling.columns_of(connection, planned, table, origin)
    good = f"coalesce({filling.is_good(table, given)}{' and event_id is not null' * ('event_id' in given and 'text' not in given)}, false)"
    rows = f"(select * replace (case when {good} then line else -line end as line) from {origin})"
    made = filling.insert(connection, planned, table, load_id, given, rows, has_unnamed="event_id" not in given or "text" in given)
    bad = connection.sql("select -line as line from access_events where line < 0").to_arrow_table()["line"]
    if len(bad):
        connection.execute("delete from access_events where line < 0")
    return made, given, bad


def _count(planned: Planned, counts, made: int, bad: int, wanted: int) -> None:
    if made != wanted:
        raise ControlError(f"{planned.source.path}: gives {made:,} rows for {wanted:,} records of {planned.file.name}")
    counts.read += made - bad
    counts.loaded += made - bad


def pieces(planned: Planned, byte_count: int, seen: list[int]) -> Iterator[Chunk]:
    """The lines of a file in small pieces, from the bytes that were hashed. Raises InputError where these change meanwhile."""
    path = planned.file.path
    stamp = readers.stamp(path)
    yield from readers.line_pieces(readers.read_blocks(path, limit=byte_count, seen=lambda done: seen.__setitem__(0, done), encoding=planned.file.encoding))
    if readers.stamp(path) != stamp and readers.size_of(path) <= byte_count:
        raise InputError(f"{planned.file.name}: was changed while it was read. Load again when it is whole")


def _left(planned: Planned, byte_count: int, bad: pa.ChunkedArray, seen: list[int]) -> Iterator[Chunk]:
    """The file once more, with those lines alone, and what can't be read."""
    waiting, size = [], 0
    for piece in pieces(planned, byte_count, seen):
        records = _only(piece.records, bad)
        if records.num_rows or piece.rejects or piece.blanks:
            waiting.append(Chunk(records, piece.rejects, piece.blanks))
            size += records.nbytes
        if size > readers.LINES_BATCH:
            yield readers.join(waiting)
            waiting, size = [], 0
    if waiting:
        yield readers.join(waiting)


def _only(records: pa.Table, lines: pa.ChunkedArray) -> pa.Table:
    """The records of those lines, with texts of their own: Arrow can't filter views, and they would hold on to all the bytes read."""
    wanted = pc.is_in(records["line"], value_set=lines)
    if not pc.any(wanted).as_py():
        records, wanted = records.slice(0, 0), wanted.slice(0, 0)
    if "text" in records.column_names and records.schema.field("text").type == pa.string_view():
        records = records.set_column(records.column_names.index("text"), "text", pc.cast(records["text"], pa.string()))
    return records.filter(wanted)


def _has_made_ids(connection: duckdb.DuckDBPyConnection, planned: Planned, load_id: str, byte_count: int) -> bool:
    """Whether ids that look like ours are: some sources give such ids themselves."""
    rows = connection.execute(
        "select line, event_provider, event_id from access_events where load_id = ? and length(event_id) = 32 order by line limit ?", [load_id, LOOKED_AT]
    ).fetchall()
    wanted = {line: (provider, event_id) for line, provider, event_id in rows if re.fullmatch("[0-9a-f]{32}", event_id)}
    if not wanted:
        return False
    last = max(wanted)
    for piece in pieces(planned, byte_count, [0]):
        for line, text in zip(piece.records["line"].to_pylist(), piece.records["text"].to_pylist(), strict=True):
            if line in wanted:
                provider, event_id = wanted[line]
                if hashlib.md5(f"{provider}\n{text}".encode()).hexdigest() == event_id:
                    return True
            if line >= last:
                return False
    return False
