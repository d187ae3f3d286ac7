"""Equal lines and equal ids: what is an access of its own, and what was loaded before."""

from typing import Any

import duckdb
import pyarrow as pa

from audit_lib import packed

MADE_ID = r"[0-9a-f]{32}(\.\d+)?"


def drop_duplicates(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Tells equal lines of one file apart, then drops the events of new loads whose id their provider's log holds already.

    Of equal ids the one that was loaded before stays, else that of the first file; the order is that of `rows`, the new
    rows of `loads`, whose counts are corrected. `has_made_ids`: the load has events without an id of their own.
    """
    logs = [row for row in rows if row["table_name"] == "access_events"]
    if not logs:
        return
    connection.register(
        "new_loads",
        pa.table(
            {
                "load_id": [row["load_id"] for row in logs],
                "number": list(range(1, len(logs) + 1)),
                "has_made_ids": [row["has_made_ids"] for row in logs],
            }
        ),
    )
    connection.execute("create or replace temp table dropped (load_id varchar, line bigint)")
    for provider in _find_repeated(connection):
        _number_equal_lines(connection, provider)
        connection.execute(
            "create or replace temp table surplus as select row, load_id, line from ("
            "select *, row_number() over (partition by event_id order by number, line, row) as place from repeated where event_provider = $provider"
            ") where place > 1 and number > 0",
            {"provider": provider},
        )
        connection.execute("delete from access_events where rowid in (select row from surplus)")
        connection.execute("insert into dropped select distinct load_id, line from surplus")
    _mark_rewritten(connection, logs)
    gone = dict(
        connection.execute(
            "select load_id, count(*) from dropped anti join (select load_id, line from access_events where load_id in (select load_id from dropped)) using (load_id, line) group by load_id"
        ).fetchall()
    )
    left = dict(connection.execute("select load_id, count(*) from access_events where load_id in (select load_id from new_loads) group by load_id").fetchall())
    for row in logs:
        duplicate = gone.get(row["load_id"], 0)
        row |= {"rows_loaded": row["rows_loaded"] - duplicate, "rows_duplicate": duplicate, "events_loaded": left.get(row["load_id"], 0)}
    for name in ("dropped", "renamed", "repeated", "repeated_hashes", "surplus"):
        connection.execute(f"drop table if exists {name}")


def _find_repeated(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Makes temp table `repeated`: all events whose id occurs more than once in their provider's log; returns the providers.

    A hash of the id first: it takes a tenth of the memory, and few are left to compare.
    """
    connection.execute(
        "create or replace temp table repeated_hashes as select hash(event_provider, event_id) as hash from access_events group by all having count(*) > 1"
    )
    some = connection.execute("select count(*) from repeated_hashes").fetchall()[0][0]
    connection.execute(
        "create or replace temp table repeated as "
        "select event_provider, event_id, load_id, line, row, coalesce(number, 0) as number, coalesce(has_made_ids, false) as has_made_ids from ("
        "select event_provider, event_id, load_id, line, rowid as row from access_events "
        f"where {'hash(event_provider, event_id) in (select hash from repeated_hashes)' if some else 'false'}) left join new_loads using (load_id)"
    )
    return [one for (one,) in connection.execute("select distinct event_provider from repeated order by all").fetchall()]


def _number_equal_lines(connection: duckdb.DuckDBPyConnection, provider: str) -> None:
    """Gives the second, third, … of equal lines in one file an id of its own (`-2`, `-3`): they are separate accesses."""
    connection.execute(
        "create or replace temp table renamed as select row, event_id || '-' || place as event_id from ("
        "select row, event_id, row_number() over (partition by load_id, event_id order by line, row) as place from repeated "
        "where event_provider = $provider and has_made_ids and regexp_full_match(event_id, $form)) where place > 1",
        {"provider": provider, "form": MADE_ID},
    )
    if not connection.execute("select count(*) from renamed").fetchall()[0][0]:
        return
    for table, row in (("access_events", "access_events.rowid"), ("repeated", "repeated.row")):
        connection.execute(f"update {table} set event_id = renamed.event_id from renamed where renamed.row = {row}")
    connection.execute(  # events of files loaded before whose number is given only now
        "insert into repeated select event_provider, event_id, load_id, line, row, coalesce(number, 0), coalesce(has_made_ids, false) from ("
        "select event_provider, event_id, load_id, line, rowid as row from access_events "
        "where event_provider = $provider and event_id in (select event_id from renamed) and rowid not in (select row from repeated)) left join new_loads using (load_id)",
        {"provider": provider},
    )


def _mark_rewritten(connection: duckdb.DuckDBPyConnection, logs: list[dict[str, Any]]) -> None:
    """Packed files can't be compared by their first bytes: they were rewritten if an event of the earlier load is missing."""
    for row in logs:
        if row["is_rewritten"] and packed.is_packed(row["file_name"]):
            ((missing,),) = connection.execute(
                "select count(*) from (select event_id from access_events where load_id = ? except select event_id from access_events where load_id = ?)",
                [row["previous_load_id"], row["load_id"]],
            ).fetchall()
            row |= {"is_rewritten": missing > 0, "status": "loaded" if missing else "grown"}
