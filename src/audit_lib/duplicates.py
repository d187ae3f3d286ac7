"""Equal lines and equal ids: what is an access of its own, and what was loaded before."""

from typing import Any

import duckdb
import pyarrow as pa


def number_equal_lines(connection: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Gives the second, third, … of equal lines in one file an id of its own (`-2`, `-3`): they are separate accesses."""
    connection.execute(
        "update access_events set event_id = access_events.event_id || '-' || numbered.number from ("
        "select rowid as row, row_number() over (partition by event_id order by line, rowid) as number from access_events where load_id = $load and event_id in ("
        "select event_id from access_events where load_id = $load and regexp_full_match(event_id, '[0-9a-f]{32}(\\.\\d+)?') group by event_id having count(*) > 1)"
        ") as numbered where access_events.rowid = numbered.row and numbered.number > 1",
        {"load": load_id},
    )


def drop_duplicates(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Drops the events of new loads whose id their provider's log holds already, and corrects the counts in `rows`.

    Of equal ids the one that was loaded before stays, else that of the first file; the order is that of `rows`.
    """
    logs = [row for row in rows if row["table_name"] == "access_events"]
    if not logs:
        return
    connection.register("new_loads", pa.table({"load_id": [row["load_id"] for row in logs], "number": list(range(1, len(logs) + 1))}))
    providers = [
        one
        for (one,) in connection.execute(
            "select distinct event_provider from access_events where load_id in (select load_id from new_loads) order by all"
        ).fetchall()
    ]
    _mark_rewritten(connection, logs)
    connection.execute("create or replace temp table dropped (load_id varchar, line bigint)")
    for provider in providers:  # a hash of the id first: it takes a tenth of the memory, and few are left to compare
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
