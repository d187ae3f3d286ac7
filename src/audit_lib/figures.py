"""Results of the queries behind charts and tables, as a run's folder keeps them."""

from typing import Any

import duckdb

from audit_lib import grounds, results, words
from audit_lib.results import Audit


def read(audit: Audit, name: str) -> list[dict[str, Any]] | None:
    """The rows of a figure; None where the run lacks it, because a table that it needs was not delivered."""
    path = audit.folder / "figures" / f"{name}.parquet"
    if not path.is_file():
        return None
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set global TimeZone = 'UTC'")
        return results.answer(connection.execute("from read_parquet(?)", [str(path)]))


def promised(audit: Audit, name: str) -> int | None:
    """A parameter's value in this run."""
    return next((row["value"] for row in audit.run["parameters"] if row["name"] == name), None)


def why_empty(audit: Audit, name: str) -> str:
    """Why a picture of one control's items has nothing to show."""
    control = next((control for control in audit.all_controls if control["id"] == name), None)
    if control is None:
        return f"{name} is not in this run."
    if control["status"] == "not_tested":
        return f"{words.sentence(grounds.told(control, is_brief=True) or 'it could not be tested')}."
    return f"{name} holds no item in this period." if not control["population"] else "The tables that it needs were not delivered."
