"""Puts the records of one file into its table: set work in SQL, chunk by chunk, with every record accounted for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from audit_lib import duplicates, readers, records, sources
from audit_lib.errors import ControlError, InputError
from audit_lib.planning import Planned
from audit_lib.readers import Chunk
from audit_lib.store import Table

STEERING = {"line", "refused", "ignored"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class _Counts:
    """Counts of one file so far, in records; `ignored`: reason to (count, first lines, first texts)."""

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    first: int | None = None
    last: int | None = None
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
        size += byte_count * (20 if planned.file.path.name.endswith(".gz") else 1)
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
    sources.set_file(connection, provider=first.part, time_zone=first.time_zone, year=None, extracted_at=first.file.extracted_at)
    connection.register("records", pa.concat_tables(pieces))
    _make(connection, first, "parsed_ahead", first.source.sql)
    return held


def _settings(planned: Planned) -> tuple:
    return planned.source.name, planned.part, planned.time_zone, planned.file.extracted_at


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

    `told` hears of stored bytes read, records and quarantined records so far; `ahead`: what `read_ahead` has of it.
    """
    counts, seen, year, month = _Counts(), [byte_count if ahead else 0], planned.year, None
    connection.execute("create or replace temp table carried (line bigint, text varchar)")
    for chunk in [ahead[1]] if ahead else _chunks(planned, byte_count, seen):
        if not ahead:
            sources.set_file(connection, provider=planned.part, time_zone=planned.time_zone, year=year, month=month, extracted_at=planned.file.extracted_at)
        _fill_chunk(connection, planned, table, load_id, chunk, counts, ahead[0] if ahead else 0)
        if _uses_year(planned):
            ((new_year, new_month),) = connection.execute(
                "select year(latest), month(latest) from (select timezone(file_time_zone(), arg_max(event_time, line)) as latest from dated)"
            ).fetchall()
            year, month = (new_year, new_month) if new_year else (year, month)
        if planned.source.carries:
            _carry(connection, planned.source.carries)
        told(seen[0], counts.read, counts.quarantined)
    place = "access_events" if planned.is_log else f"history.{table.name}"
    if counts.made_ids:
        duplicates.number_equal_lines(connection, load_id)
    dropped = 0 if planned.is_log else _drop_equal_rows(connection, table, load_id)
    for reason, (count, lines, texts) in sorted(counts.ignored.items()):
        connection.execute(
            "insert into ignored (load_id, reason, rows, first_lines, first_texts) values (?, ?, ?, ?, ?)", [load_id, reason, count, lines, texts]
        )
    ignored = sum(count for count, _, _ in counts.ignored.values())
    ((rows,),) = connection.execute(f"select count(*) from {place} where load_id = ?", [load_id]).fetchall()
    return {
        "rows_read": counts.read,
        "rows_loaded": counts.loaded - dropped,
        "rows_duplicate": dropped,
        "rows_ignored": ignored,
        "rows_quarantined": counts.quarantined,
        "events_loaded": rows,
        "first_at": _moment(counts.first),
        "last_at": _moment(counts.last),
    }


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def _chunks(planned: Planned, byte_count: int, seen: list[int]) -> Iterator[Chunk]:
    """The file's records, from the bytes that were hashed and no others. Raises InputError where these change meanwhile."""
    path = planned.file.path
    stamp = path.stat().st_mtime_ns
    if planned.source.records == "parquet":
        yield from records.read_parquet(path)
    else:
        blocks = readers.read_blocks(path, limit=byte_count, seen=lambda done: seen.__setitem__(0, done))
        if planned.source.records == "csv":
            read = records.read_cells if planned.source.path else records.read_csv
            yield from read(blocks, list(planned.header), planned.delimiter)
        else:
            yield from records.read_json(blocks, planned.source.lists) if planned.source.records == "json" else readers.read_lines(blocks)
    if path.stat().st_mtime_ns != stamp and path.stat().st_size <= byte_count:
        raise InputError(f"{planned.file.name}: was changed while it was read. Load again when it is whole")


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
    connection.register("records", chunk.records)
    given = _parse(connection, planned, table, base)
    text = "text" if "text" in chunk.records.column_names else "to_json(records)::varchar"
    ((rows, lines, refused, ignored, first, last, unnamed),) = connection.execute(
        "select count(*), count(distinct line), count(refused), count(ignored), "
        + (
            "epoch_us(min(event_time) filter (where refused is null and ignored is null)), epoch_us(max(event_time) filter (where refused is null and ignored is null))"
            if planned.is_log
            else "null, null"
        )
        + (", count(*) filter (where event_id is null and refused is null and ignored is null)" if planned.is_log else ", 0")
        + " from parsed"
    ).fetchall()
    if lines < chunk.records.num_rows:  # a format that says nothing of a record must not lose it
        connection.execute(
            f"insert into parsed (line, refused) select line, 'the format {planned.source.name} says nothing of it' from records where line not in (select line from parsed)"
        )
        refused = True
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
    counts.loaded += lines
    counts.first = min((one for one in (counts.first, first) if one is not None), default=None)
    counts.last = max((one for one in (counts.last, last) if one is not None), default=None)
    _insert(connection, planned, table, load_id, given, text, has_unnamed=bool(unnamed), is_plain=rows == lines)
    counts.made_ids |= bool(unnamed)


def _make(connection: duckdb.DuckDBPyConnection, planned: Planned, name: str, select: str) -> None:
    try:
        connection.execute(f"create or replace temp table {name} as {select}")
    except duckdb.Error as fault:
        where = planned.source.path or planned.file.name
        raise ControlError(f"{where}: reading {planned.file.name}: {str(fault).splitlines()[0]}") from None


def _parse(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, base: int) -> list[str]:
    """Makes temp table `parsed` from `records`, and returns the columns of the table that the format gives.

    `base`: what lines were raised by where the file was parsed ahead.
    """
    ahead = f"select * replace (line - {base} as line) from parsed_ahead where line between {base} and {base + (1 << 40) - 1}"
    _make(connection, planned, "parsed", ahead if base else planned.source.sql)
    made = [row[0] for row in connection.execute("describe parsed").fetchall()]
    known = {column.name for column in table.columns}
    faults = [f"gives {name}, which {table.name} does not have" for name in made if name not in known | STEERING]
    faults += [f"does not give {name}" for name in STEERING if name not in made]
    if planned.is_log:
        needed = {column.name for column in table.columns if column.is_required} - {"event_id", "load_id", "line", "event_provider"}
        faults += [f"does not give {name}, which {table.name} requires" for name in sorted(needed - set(made))]
    if faults and planned.source.path:
        raise ControlError(f"{planned.source.path}: " + "; ".join(faults))
    if planned.is_log:
        if "event_id" not in made:
            connection.execute("alter table parsed add column event_id varchar")
        tests = "".join(f" when {name} is null then 'has no {name}'" for name in sorted(needed & set(made)))
        connection.execute(
            f"update parsed set refused = case{tests} else 'is a moment before the year 1 or after the year 9999' end where refused is null and ignored is null and "
            f"(({' or '.join(f'{name} is null' for name in sorted(needed & set(made)))}) or event_time not between timestamptz '0001-01-01 00:00Z' and timestamptz '9999-12-31 00:00Z')"
        )
        if _uses_year(planned):
            connection.execute("create or replace temp table dated as select line, event_time from parsed where event_time is not null")
    return [name for name in made if name in known and name != "line"]


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


def _insert(
    connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, given: list[str], text: str, *, has_unnamed: bool, is_plain: bool
) -> None:
    """Appends what is left of `parsed`, with an id for each event that has none.

    The id is the MD5 of provider and text; further events of the record are numbered `.2`, `.3`, ….
    """
    values = {name: f'parsed."{name}"' for name in given} | {"load_id": f"'{load_id}'", "line": "parsed.line"}
    origin = "parsed"
    if planned.is_log:
        values["event_provider"] = "coalesce(parsed.event_provider, file_provider())" if "event_provider" in given else "file_provider()"
        if has_unnamed:
            origin = "parsed join records on records.line = parsed.line"
            text = text.replace("text", "records.text", 1) if text == "text" else text
            values["event_id"] = f"coalesce(parsed.event_id, md5({values['event_provider']} || chr(10) || {text}))"
        else:
            values["event_id"] = "parsed.event_id"
        if not is_plain:
            number = "row_number() over (partition by parsed.line, parsed.event_id)"
            values["event_id"] += f" || case when {number} > 1 then '.' || {number} else '' end"
    place = "access_events" if planned.is_log else f"history.{table.name}"
    columns = ", ".join(f'"{name}"' for name in values)
    order = "order by parsed.line" if has_unnamed or not is_plain else ""
    connection.execute(f"insert into {place} ({columns}) select {', '.join(values.values())} from {origin} {order}")


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
