"""Results of the queries behind charts and tables, as a run's folder keeps them."""

from typing import Any

import duckdb

from audit_lib.results import Audit


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
