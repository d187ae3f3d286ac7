"""The queries behind charts and tables: run once an audit, kept as small results in the run's folder."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from audit_lib.errors import ControlError
from audit_lib.results import Audit
from audit_lib.sql import find, read_query

MOST_ROWS = 20_000  # a figure is an aggregate: more rows than that are no picture


def compute(connection: duckdb.DuckDBPyConnection, folders: list[Path], delivered: set[str]) -> dict[str, pyarrow.Table]:
    """The result of every figure whose tables were delivered, by name.

    Runs on the audit's connection, where the temporary tables `outcomes`, `findings` and `controls` stand beside the store's.
    Raises ControlError where a figure fails or gives more than 20,000 rows.
    """
    results = {}
    for name, path in find(folders, "figures").items():
        query = read_query(path)
        if set(query.header.get("needs", ())) <= delivered:
            try:
                result = connection.sql(query.sql).to_arrow_table()
            except duckdb.Error as fault:
                raise ControlError(f"{path}: the figure fails: {fault}") from None
            if result.num_rows > MOST_ROWS:
                raise ControlError(f"{path}: {result.num_rows} rows, a figure has at most {MOST_ROWS}. Aggregate it")
            results[name] = result
    return results


def read(audit: Audit, name: str) -> list[dict[str, Any]] | None:
    """The rows of a figure; None where the run lacks it, because a table that it needs was not delivered."""
    path = audit.folder / "figures" / f"{name}.parquet"
    if not path.is_file():
        return None
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        cursor = connection.execute("from read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
