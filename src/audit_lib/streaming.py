"""Rows of a format into their table: of whole logs in one statement, whose lines DuckDB takes as they are read, on all its threads."""

import hashlib
import re
from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from audit_lib import readers
from audit_lib.errors import ControlError, InputError
from audit_lib.planning import Planned
from audit_lib.readers import Chunk
from audit_lib.store import Table

STEERING = {"line", "refused", "ignored"}
EARLIEST, LATEST = "timestamptz '0001-01-01 00:00Z'", "timestamptz '9999-12-31 00:00Z'"
LOOKED_AT = 1000  # ids that look like one of ours, by which a file's are told apart


def insert_whole(
    connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, byte_count: int, counts, told: Callable[[int, int, int], None]
) -> Iterator[Chunk] | None:
    """Loads all good records of a log whose format looks at one record at a time; returns what is left of it, in chunks.

    Left are the records that the format refuses or ignores, lines that can't be read, and blank ones. `counts` gets what was loaded.
    None, and nothing loaded, where the file can't go in as one: its lines are read only once, so an id that has to be made needs
    their text in the format's rows.
    """
    if planned.source.records not in ("lines", "jsonl"):
        return None
    connection.register("records", pa.table([[], []], readers.LINES))
    given = columns_of(connection, planned, table, f"({planned.source.sql})")
    if not {"event_id", "text"} & set(given):
        return None
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
        made, bad = _insert(connection, planned, table, load_id, given)
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
    given = columns_of(connection, planned, table, f"({planned.source.sql})")
    made, bad = _insert(connection, planned, table, load_id, given)
    _count(planned, counts, made, len(bad), chunk.records.num_rows)
    counts.made_ids |= "event_id" not in given
    return Chunk(_only(chunk.records, bad), chunk.rejects, chunk.blanks)


def _insert(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, given: list[str]) -> tuple[int, pa.ChunkedArray]:
    """Appends all records and takes out those that are not good: how many went in, and the lines taken out.

    They go in with their line below zero: a filter would have the text read once more for each column that it asks.
    """
    good = f"coalesce({is_good(table, given)}{' and event_id is not null' * ('event_id' in given and 'text' not in given)}, false)"
    rows = f"(select * replace (case when {good} then line else -line end as line) from ({planned.source.sql}))"
    made = insert(connection, planned, table, load_id, given, rows, has_unnamed="event_id" not in given or "text" in given)
    bad = connection.sql("select -line as line from access_events where line < 0").to_arrow_table()["line"]
    if len(bad):
        connection.execute("delete from access_events where line < 0")
    return made, bad


def _count(planned: Planned, counts, made: int, bad: int, wanted: int) -> None:
    if made != wanted:
        raise ControlError(f"{planned.source.path}: gives {made:,} rows for {wanted:,} records of {planned.file.name}")
    counts.read += made - bad
    counts.loaded += made - bad


def pieces(planned: Planned, byte_count: int, seen: list[int]) -> Iterator[Chunk]:
    """The lines of a file in small pieces, from the bytes that were hashed."""
    return unchanged(planned, byte_count, readers.line_pieces(blocks_of(planned, byte_count, seen)))


def blocks_of(planned: Planned, byte_count: int, seen: list[int]) -> Iterator[bytes]:
    """The content of a file, from the bytes that were hashed and no others, opened when it is asked for; `seen` holds how many were read."""
    yield from readers.read_blocks(planned.file.path, limit=byte_count, seen=lambda done: seen.__setitem__(0, done), encoding=planned.file.encoding)


def unchanged(planned: Planned, byte_count: int, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks of a file. Raises InputError at their end where it was changed while they were read."""
    path = planned.file.path
    stamp = readers.stamp(path)
    yield from chunks
    if readers.stamp(path) != stamp and readers.size_of(path) <= byte_count:
        raise InputError(f"{planned.file.name}: was changed while it was read. Load again when it is whole")


def _left(planned: Planned, byte_count: int, bad: pa.ChunkedArray, seen: list[int]) -> Iterator[Chunk]:
    """The file once more, with those lines alone, and what can't be read."""
    left = (Chunk(_only(piece.records, bad), piece.rejects, piece.blanks) for piece in pieces(planned, byte_count, seen))
    return readers.joined(piece for piece in left if piece.count)


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


def is_good(table: Table, given: list[str]) -> str:
    """The condition of a row that is loaded as it is."""
    given_needed = [f"{name} is not null" for name in needed(table) if name in given]
    return " and ".join(["refused is null", "ignored is null", *given_needed, f"event_time between {EARLIEST} and {LATEST}"])


def needed(table: Table) -> list[str]:
    return sorted({column.name for column in table.columns if column.is_required} - {"event_id", "load_id", "line", "event_provider"})


def fault_in(planned: Planned, fault: duckdb.Error) -> ControlError:
    return ControlError(f"{planned.source.path or planned.file.name}: reading {planned.file.name}: {str(fault).splitlines()[0]}")


def columns_of(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, origin: str) -> list[str]:
    """The columns of the table that the format gives (and `text`, where it gives the record's). Raises ControlError where it gives others, or too few."""
    try:
        made = [row[0] for row in connection.execute(f"describe select * from {origin}").fetchall()]
    except duckdb.Error as fault:
        raise fault_in(planned, fault) from None
    known = {column.name for column in table.columns}
    faults = [f"gives {name}, which {table.name} does not have" for name in made if name not in known | STEERING | {"text"}]
    faults += [f"does not give {name}" for name in STEERING if name not in made]
    if planned.is_log:
        faults += [f"does not give {name}, which {table.name} requires" for name in needed(table) if name not in made]
    if faults and planned.source.path:
        raise ControlError(f"{planned.source.path}: " + "; ".join(faults))
    return [name for name in made if name in known | {"text"} and name != "line"]


def text_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The text of a record as SQL: of a row of a Parquet file, which has none, as JSON."""
    names = [name for (name, *_) in connection.execute("describe records").fetchall()]
    return "records.text" if "text" in names else "to_json(records)::varchar"


def insert(
    connection: duckdb.DuckDBPyConnection,
    planned: Planned,
    table: Table,
    load_id: str,
    given: list[str],
    origin: str,
    *,
    is_plain: bool = True,
    has_unnamed: bool = True,
) -> int:
    """Appends the rows of `origin`, with an id for each event that has none, and returns how many.

    The id is the MD5 of provider and text; further events of the record are numbered `.2`, `.3`, …. `is_plain`: one row a record.
    """
    values = {name: f'parsed."{name}"' for name in given if name != "text"} | {"load_id": f"'{load_id}'", "line": "parsed.line"}
    if planned.is_log:
        provider = "coalesce(parsed.event_provider, file_provider())" if "event_provider" in given else "file_provider()"
        values["event_provider"] = provider
        text = "parsed.text"
        if "text" not in given and has_unnamed:
            text = text_of(connection)
            origin = f"{origin} as parsed join records on records.line = abs(parsed.line)"
        else:
            origin = f"{origin} as parsed"
        made = f"md5({provider} || chr(10) || {text})"
        if has_unnamed:
            values["event_id"] = f"coalesce(parsed.event_id, {made})" if "event_id" in given else made
        if not is_plain:
            number = f"row_number() over (partition by parsed.line, {values['event_id']} order by parsed.rowid)"
            values["event_id"] += f" || case when {number} > 1 then '.' || {number} else '' end"
    else:
        origin = f"{origin} as parsed"
    place = "access_events" if planned.is_log else f"history.{table.name}"
    columns = ", ".join(f'"{name}"' for name in values)
    order = "" if is_plain else "order by parsed.line"
    try:
        return connection.execute(f"insert into {place} ({columns}) select {', '.join(values.values())} from {origin} {order}").fetchall()[0][0]
    except duckdb.Error as fault:
        raise fault_in(planned, fault) from None
