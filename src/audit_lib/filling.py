"""Puts the records of one file into its table: set work in SQL, chunk by chunk, with every record accounted for."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from audit_lib import readers, records, sources, streaming
from audit_lib.planning import Planned
from audit_lib.readers import Chunk
from audit_lib.store import Table


@dataclass
class _Counts:
    """Counts of one file so far, in records; `ignored`: reason to (count, first lines, first texts)."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    ignored: dict[str, tuple[int, list[int], list[str]]] = field(default_factory=dict)
    made_ids: bool = False

    def ignore(self, reason: str, count: int, lines: list[int], texts: list[str]) -> None:
        before = self.ignored.get(reason, (0, [], []))
        self.ignored[reason] = (before[0] + count, (before[1] + lines)[:3], (before[2] + texts)[:3])


def read_ahead(connection: duckdb.DuckDBPyConnection, waiting: list[tuple[Planned, int]]) -> dict[Path, tuple[int, Chunk]]:
    """Reads and parses small files of one format at once, as many of the first that wait as go together.

    Planning a statement takes longer than running it on a month of a small log. Gives each file's chunk and the number
    that its lines were raised by, in temp table `parsed_ahead`.
    """
    first = waiting[0][0]
    if not first.is_log:  # a format of a table may look at all records of its file at once
        return {}
    if _uses_year(first) or first.source.carries or first.source.path is None or first.source.records == "csv":
        return {}
    size, held, pieces = 0, {}, []
    for planned, byte_count in waiting:
        size += byte_count * (20 if readers.is_packed(planned.file.path) else 1)
        if _settings(planned) != _settings(first) or size > readers.BATCH:
            break
        chunks = list(islice(_chunks(planned, byte_count, [0]), 2))
        if len(chunks) > 1:  # a small file that unpacks to a large one is read by itself
            break
        if chunks:
            base = (len(held) + 1) << 40
            held[planned.file.path] = (base, chunks[0])
            pieces.append(chunks[0].records.set_column(0, "line", pc.add(chunks[0].records["line"], base)))
    if len(held) < 2:
        return {}
    _set_file(connection, first, None, None)
    connection.register("records", pa.concat_tables(pieces))
    _make(connection, first, "parsed_ahead", first.source.sql)
    return held


def _settings(planned: Planned) -> tuple:
    return planned.source.name, planned.part, planned.time_zone, planned.file.date_order, planned.file.extracted_at


def _uses_year(planned: Planned) -> bool:
    return "file_month()" in planned.source.sql or "file_year()" in planned.source.sql


def fill(
    connection: duckdb.DuckDBPyConnection,
    planned: Planned,
    table: Table,
    load_id: str,
    byte_count: int,
    told: Callable[[int, int, int], None],
    ahead: tuple[int, Chunk] | None = None,
) -> dict[str, Any]:
    """Loads one file and returns its counts as columns of `loads`; duplicates of other files are dropped later.

    Runs in the caller's transaction, which it ends and begins anew after each large chunk.
    `told` hears of stored bytes read, records and quarantined records so far; `ahead`: what `read_ahead` has of it.
    `has_made_ids` says whether events got their id here.
    """
    counts, seen, year, month = _Counts(), [byte_count if ahead else 0], planned.year, None
    connection.execute("create or replace temp table carried (line bigint, text varchar)")
    chunks = [ahead[1]] if ahead else _chunks(planned, byte_count, seen)
    is_quick = not ahead and planned.is_log and planned.source.is_row_by_row
    if is_quick:
        _set_file(connection, planned, year, month)
        rest = streaming.insert_whole(connection, planned, table, load_id, byte_count, counts, told)
        is_quick, chunks = rest is None, chunks if rest is None else rest
    for chunk in chunks if byte_count < readers.BATCH else _one_ahead(chunks):
        if not ahead:
            _set_file(connection, planned, year, month)
        left = streaming.insert_chunk(connection, planned, table, load_id, chunk, counts) if is_quick else chunk
        _fill_chunk(connection, planned, table, load_id, left, counts, ahead[0] if ahead else 0)
        if _uses_year(planned):
            ((new_year, new_month),) = connection.execute(
                "select year(latest), month(latest) from (select timezone(file_time_zone(), arg_max(event_time, line)) as latest from dated)"
            ).fetchall()
            year, month = (new_year, new_month) if new_year else (year, month)
        if planned.source.carries:
            _carry(connection, planned.source.carries)
        told(seen[0], counts.read, counts.quarantined)
        if chunk.records.nbytes > readers.BATCH:  # a transaction holds all records that were registered in it
            connection.execute("commit")
            connection.execute("begin")
    dropped = 0 if planned.is_log else _drop_equal_rows(connection, table, load_id)
    for reason, (count, lines, texts) in sorted(counts.ignored.items()):
        connection.execute(
            "insert into ignored (load_id, reason, rows, first_lines, first_texts) values (?, ?, ?, ?, ?)", [load_id, reason, count, lines, texts]
        )
    ignored = sum(count for count, _, _ in counts.ignored.values())
    place, moments = ("access_events", "min(event_time)::varchar, max(event_time)::varchar") if planned.is_log else (f"history.{table.name}", "null, null")
    ((rows, first, last),) = connection.execute(f"select count(*), {moments} from {place} where load_id = ?", [load_id]).fetchall()
    return {
        "rows_read": counts.read,
        "rows_loaded": counts.loaded - dropped,
        "rows_duplicate": dropped,
        "rows_ignored": ignored,
        "rows_quarantined": counts.quarantined,
        "events_loaded": rows,
        "first_at": first and datetime.fromisoformat(first).astimezone(UTC),
        "last_at": last and datetime.fromisoformat(last).astimezone(UTC),
        "has_made_ids": counts.made_ids,
    }


def _set_file(connection: duckdb.DuckDBPyConnection, planned: Planned, year: int | None, month: int | None) -> None:
    file = planned.file
    settings = {"time_zone": planned.time_zone, "year": year, "month": month, "extracted_at": file.extracted_at, "date_order": file.date_order}
    sources.set_file(connection, provider=planned.part, **settings)


def _one_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, each read while the one before is loaded."""
    with ThreadPoolExecutor(1) as reader:
        waiting = reader.submit(next, chunks, None)
        while chunk := waiting.result():
            waiting = reader.submit(next, chunks, None)
            yield chunk


def _chunks(planned: Planned, byte_count: int, seen: list[int]) -> Iterator[Chunk]:
    """The file's records, from the bytes that were hashed and no others. Raises InputError where these change meanwhile."""
    blocks = streaming.blocks_of(planned, byte_count, seen)
    match planned.source.records:
        case "parquet":
            chunks = records.read_parquet(planned.file.path)
        case "csv":
            chunks = (records.read_cells if planned.source.path else records.read_csv)(blocks, list(planned.header), planned.delimiter)
        case "json":
            chunks = records.read_json(blocks, planned.source.lists)
        case _:
            chunks = readers.read_lines(blocks)
    return streaming.unchanged(planned, byte_count, chunks)


def _carry(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Keeps the last line with each key for the records that follow."""
    connection.execute(
        f"create or replace temp table carried as select line, text from (select line, text, {key} as key from (from carried union all select line, text from records)) "
        "where key is not null qualify row_number() over (partition by key order by line desc) = 1"
    )


def _fill_chunk(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, chunk: Chunk, counts: _Counts, base: int) -> None:
    counts.read += chunk.count
    if chunk.rejects:
        kept = [(one.line, *readers.shorten(one.text, one.reason)) for one in chunk.rejects]
        connection.register("rejects", pa.table(dict(zip(("line", "text", "reason"), map(list, zip(*kept, strict=True)), strict=True))))
        connection.execute("insert into quarantine (load_id, line, text, reason) select ?, line, text, reason from rejects", [load_id])
        counts.quarantined += len(kept)
    if chunk.blanks:
        counts.ignore(readers.BLANK, len(chunk.blanks), chunk.blanks[:3], [""] * min(3, len(chunk.blanks)))
    if not chunk.records.num_rows:
        return
    connection.register("records", chunk.records)
    _make(connection, planned, "parsed", _parsed_ahead(base) if base else planned.source.sql)
    given = streaming.columns_of(connection, planned, table, "parsed")
    connection.execute(  # a format that says nothing of a record must not lose it
        f"insert into parsed (line, refused) select line, 'the format {planned.source.name} says nothing of it' from records anti join parsed using (line)"
    )
    _judge(connection, planned, table, load_id, given, counts)


def _parsed_ahead(base: int) -> str:
    """What `read_ahead` has parsed of a file whose lines it raised by `base`."""
    return f"select * replace (line - {base} as line) from parsed_ahead where line between {base} and {base + (1 << 40) - 1}"


def _judge(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, given: list[str], counts: _Counts) -> None:
    """Sends each row of `parsed` where it belongs: quarantine, the ignored, or its table."""
    if planned.is_log:
        tests = "".join(f" when {name} is null then 'has no {name}'" for name in streaming.needed(table) if name in given)
        connection.execute(
            f"update parsed set refused = case{tests} else 'is a moment before the year 1 or after the year 9999' end where refused is null and ignored is null and "
            f"not coalesce({streaming.is_good(table, given)}, false)"
        )
        if _uses_year(planned):
            connection.execute("create or replace temp table dated as select line, event_time from parsed where event_time is not null")
    text = streaming.text_of(connection)
    ((refused, ignored),) = connection.execute("select count(refused), count(ignored) from parsed").fetchall()
    if refused:
        counts.quarantined += connection.execute(
            f"insert into quarantine (load_id, line, text, reason) select ?, line, left({text}, {readers.SHOWN}), "
            f"reason || case when length({text}) > {readers.SHOWN} then ' (text shortened to {readers.SHOWN:,} characters)' else '' end "
            "from (select line, min(refused) as reason from parsed where refused is not null group by line) join records using (line)",
            [load_id],
        ).fetchall()[0][0]
        connection.execute("delete from parsed where line in (select line from parsed where refused is not null)")
    if ignored:
        _ignore(connection, counts, text)
    ((rows, lines),) = connection.execute("select count(*), count(distinct line) from parsed").fetchall()
    if not rows:
        return
    counts.loaded += lines
    unnamed = planned.is_log and ("event_id" not in given or connection.execute("select count(*) from parsed where event_id is null").fetchall()[0][0])
    counts.made_ids |= bool(unnamed)
    streaming.insert(connection, planned, table, load_id, given, "parsed", is_plain=rows == lines, has_unnamed=bool(unnamed))


def _make(connection: duckdb.DuckDBPyConnection, planned: Planned, name: str, select: str) -> None:
    try:
        connection.execute(f"create or replace temp table {name} as {select}")
    except duckdb.Error as fault:
        raise streaming.fault_in(planned, fault) from None


def _ignore(connection: duckdb.DuckDBPyConnection, counts: _Counts, text: str) -> None:
    """Counts the records all of whose rows are ignored, and takes the ignored rows out."""
    rows = connection.execute(
        "select ignored, count(distinct line), min(line, 3) from parsed where ignored is not null and line not in (select line from parsed where ignored is null) group by ignored"
    ).fetchall()
    wanted = sorted({line for reason, _, lines in rows if len(counts.ignored.get(reason, (0, [], []))[1]) < 3 for line in lines})
    texts = dict(connection.execute(f"select line, left({text}, {readers.SHOWN}) from records where line in (select unnest(?::bigint[]))", [wanted]).fetchall())
    for reason, count, lines in rows:
        first = sorted(lines)
        counts.ignore(reason, count, first, [texts.get(line, "") for line in first])
    connection.execute("delete from parsed where ignored is not null")


def _drop_equal_rows(connection: duckdb.DuckDBPyConnection, table: Table, load_id: str) -> int:
    """Drops the rows of a snapshot that stand in the file before, letter by letter; returns how many records went."""
    facts = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in ("load_id", "line"))
    lines = f"select count(distinct line) from history.{table.name} where load_id = $load"
    before = connection.execute(lines, {"load": load_id}).fetchall()[0][0]
    connection.execute(
        f"delete from history.{table.name} where rowid in (select row from ("
        f"select rowid as row, row_number() over (partition by {facts} order by line, rowid) as number from history.{table.name} where load_id = $load) where number > 1)",
        {"load": load_id},
    )
    return before - connection.execute(lines, {"load": load_id}).fetchall()[0][0]
