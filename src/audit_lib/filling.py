"""Puts the records of one file into its table: set work in SQL, chunk by chunk, with every record accounted for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from audit_lib import readers, records, sources
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


def fill(
    connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, byte_count: int, told: Callable[[int, int, int], None]
) -> dict[str, Any]:
    """Loads one file and returns its counts as columns of `loads`; duplicates of other files are dropped later.

    `told` hears of stored bytes read, records and quarantined records so far.
    """
    counts, seen, year, month = _Counts(), [0], planned.year, None
    uses_year = "file_month()" in planned.source.sql
    for chunk in _chunks(planned, byte_count, seen):
        sources.set_file(connection, provider=planned.part, time_zone=planned.time_zone, year=year, month=month)
        _fill_chunk(connection, planned, table, load_id, chunk, counts)
        if uses_year:
            ((new_year, new_month),) = connection.execute("select year(latest), month(latest) from (select timezone(file_time_zone(), arg_max(event_time, line)) as latest from dated)").fetchall()
            year, month = (new_year, new_month) if new_year else (year, month)
        told(seen[0], counts.read, counts.quarantined)
    place = "access_events" if planned.is_log else f"history.{table.name}"
    if counts.made_ids:
        _number_equal_lines(connection, load_id)
    dropped = 0 if planned.is_log else _drop_equal_rows(connection, table, load_id)
    for reason, (count, lines, texts) in sorted(counts.ignored.items()):
        connection.execute("insert into ignored (load_id, reason, rows, first_lines, first_texts) values (?, ?, ?, ?, ?)", [load_id, reason, count, lines, texts])
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
            yield from records.read_csv(blocks, list(planned.header), planned.delimiter)
        else:
            yield from records.read_json(blocks) if planned.source.records == "json" else readers.read_lines(blocks)
    if path.stat().st_mtime_ns != stamp and path.stat().st_size <= byte_count:
        raise InputError(f"{planned.file.name}: was changed while it was read. Load again when it is whole")


def _fill_chunk(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table, load_id: str, chunk: Chunk, counts: _Counts) -> None:
    counts.read += chunk.count
    if chunk.rejects:
        kept = [(one.line, *readers.shorten(one.text, one.reason)) for one in chunk.rejects]
        connection.register("rejects", pa.table(dict(zip(("line", "text", "reason"), map(list, zip(*kept, strict=True)), strict=True))))
        connection.execute("insert into quarantine (load_id, line, text, reason) select ?, line, text, reason from rejects", [load_id])
        counts.quarantined += len(kept)
    if chunk.blanks:
        counts.ignore(readers.BLANK, len(chunk.blanks), chunk.blanks[:3], [""] * min(3, len(chunk.blanks)))
    connection.register("records", chunk.records)
    given = _parse(connection, planned, table)
    text = "text" if "text" in chunk.records.column_names else "to_json(records)::varchar"
    ((rows, lines, refused, ignored, first, last, unnamed),) = connection.execute(
        "select count(*), count(distinct line), count(refused), count(ignored), "
        + ("epoch_us(min(event_time) filter (where refused is null and ignored is null)), epoch_us(max(event_time) filter (where refused is null and ignored is null))" if planned.is_log else "null, null")
        + (", count(*) filter (where event_id is null and refused is null and ignored is null)" if planned.is_log else ", 0")
        + " from parsed"
    ).fetchall()
    if lines < chunk.records.num_rows:    # a format that says nothing of a record must not lose it
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


def _parse(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table) -> list[str]:
    """Makes temp table `parsed` from `records`, and returns the columns of the table that the format gives."""
    try:
        connection.execute(f"create or replace temp table parsed as {planned.source.sql}")
    except duckdb.Error as fault:
        where = planned.source.path or planned.file.name
        raise ControlError(f"{where}: reading {planned.file.name}: {str(fault).splitlines()[0]}") from None
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
        if "file_month()" in planned.source.sql:
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


def _number_equal_lines(connection: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Gives the second, third, … of equal lines in one file an id of its own (`-2`, `-3`): they are separate accesses."""
    connection.execute(
        "update access_events set event_id = access_events.event_id || '-' || numbered.number from ("
        "select rowid as row, row_number() over (partition by event_id order by line, rowid) as number from access_events where load_id = $load and event_id in ("
        "select event_id from access_events where load_id = $load and regexp_full_match(event_id, '[0-9a-f]{32}(\\.\\d+)?') group by event_id having count(*) > 1)"
        ") as numbered where access_events.rowid = numbered.row and numbered.number > 1",
        {"load": load_id},
    )


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


def drop_duplicates(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Drops the events of new loads whose id their provider's log holds already, and corrects the counts in `rows`.

    Of equal ids the one that was loaded before stays, else that of the first file; the order is that of `rows`.
    """
    logs = [row for row in rows if row["table_name"] == "access_events"]
    if not logs:
        return
    connection.register("new_loads", pa.table({"load_id": [row["load_id"] for row in logs], "number": list(range(1, len(logs) + 1))}))
    providers = [one for (one,) in connection.execute("select distinct event_provider from access_events where load_id in (select load_id from new_loads) order by all").fetchall()]
    _mark_rewritten(connection, logs)
    connection.execute("create or replace temp table dropped (load_id varchar, line bigint)")
    for provider in providers:    # a hash of the id first: it takes a tenth of the memory, and few are left to compare
        connection.execute(
            "create or replace temp table repeated as select event_id, load_id, line, row, coalesce(number, 0) as number from ("
            "select event_id, load_id, line, rowid as row from access_events where event_provider = $provider and hash(event_id) in ("
            "select hash(event_id) from access_events where event_provider = $provider group by hash(event_id) having count(*) > 1)"
            ") left join new_loads using (load_id)",
            {"provider": provider},
        )
        connection.execute(
            "create or replace temp table surplus as select row, load_id, line from ("
            "select *, row_number() over (partition by event_id order by number, line, row) as place from repeated) where place > 1 and number > 0"
        )
        connection.execute("delete from access_events where rowid in (select row from surplus)")
        connection.execute("insert into dropped select distinct load_id, line from surplus")
    gone = dict(
        connection.execute(
            "select load_id, count(*) from dropped anti join (select load_id, line from access_events where load_id in (select load_id from dropped)) using (load_id, line) group by load_id"
        ).fetchall()
    )
    left = dict(connection.execute("select load_id, count(*) from access_events where load_id in (select load_id from new_loads) group by load_id").fetchall())
    for row in logs:
        duplicate = gone.get(row["load_id"], 0)
        row |= {"rows_loaded": row["rows_loaded"] - duplicate, "rows_duplicate": duplicate, "events_loaded": left.get(row["load_id"], 0)}
    for name in ("dropped", "repeated", "surplus"):
        connection.execute(f"drop table if exists {name}")


def _mark_rewritten(connection: duckdb.DuckDBPyConnection, logs: list[dict[str, Any]]) -> None:
    """Packed files can't be compared by their first bytes: they were rewritten if an event of the earlier load is missing."""
    for row in logs:
        if row["is_rewritten"] and row["file_name"].endswith(".gz"):
            ((missing,),) = connection.execute(
                "select count(*) from (select event_id from access_events where load_id = ? except select event_id from access_events where load_id = ?)",
                [row["previous_load_id"], row["load_id"]],
            ).fetchall()
            row |= {"is_rewritten": missing > 0, "status": "loaded" if missing else "grown"}
