"""What a file leaves to be declared in audit.toml: a year, a zone, an order of day and month. None of them is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from audit_lib import readers, records, sources
from audit_lib.errors import ControlError

if TYPE_CHECKING:
    from audit_lib.files import InputFile
    from audit_lib.planning import Planned

SMALL = 1 << 16  # bytes read at once while a file is only looked at
WORDS = {"year": "no year", "time_zone": "no zone", "date_order": "a day and a month that nobody can tell apart"}
SETTINGS = {"year": "year = 2026", "time_zone": 'time_zone = "UTC"', "date_order": 'date_order = "dmy"'}


def content(file: InputFile) -> Iterator[bytes]:
    """The content of a file in UTF-8, in small pieces, for a look at its beginning."""
    return readers.read_blocks(file.path, size=SMALL, encoding=file.encoding)


def first_rows(planned: Planned, texts: list[str]) -> pa.Table:
    """The first records of a file as its format reads them; of a CSV those in the first 256 KiB."""
    if planned.source.records != "csv":
        if planned.source.path is None:
            texts = [text for piece in islice(readers.line_pieces(content(planned.file)), 4) for text in piece.records["text"].to_pylist()][: sources.SAMPLE]
        return pa.table([pa.nulls(len(texts), pa.int64()), pa.array(texts, pa.string())], readers.SCHEMA)
    read = records.read_cells if planned.source.path else records.read_csv
    chunk = next(read(islice(content(planned.file), 4), list(planned.header), planned.delimiter), None)
    if chunk:
        return chunk.records.slice(0, sources.SAMPLE)
    if planned.source.path:
        return pa.table([[], [], []], records.CELLS)
    return pa.table({"line": pa.array([], pa.int64())} | {name: pa.array([], pa.string()) for name in ("text", *[f"cell_{one}" for one in planned.header])})


def missing(connection: duckdb.DuckDBPyConnection, told: list[tuple[Planned, pa.Table]]) -> list[str]:
    """A fault for each file most of whose first records, `told`, can't be read without what nobody stated."""
    groups: dict[tuple, list[tuple[Planned, pa.Table]]] = {}
    for one, rows in told:
        own = "" if one.source.path else one.file.name  # a delivered table has columns of its own
        groups.setdefault((one.source.name, one.time_zone, one.year, one.file.date_order, own), []).append((one, rows))
    faults = []
    connection.execute("create or replace temp table carried (line bigint, text varchar)")
    for group in groups.values():
        first = group[0][0]
        whole = pa.concat_tables([rows for _, rows in group])
        connection.register("records", whole.set_column(0, "line", pa.array(range(whole.num_rows), pa.int64())))
        sources.set_file(connection, provider="", time_zone=first.time_zone, year=first.year, date_order=first.file.date_order)
        query = f"select line, refused from ({first.source.sql}) where starts_with(refused, '{sources.UNDECLARED}')"
        try:
            found = dict(connection.execute(query).fetchall())
        except duckdb.Error as fault:
            raise ControlError(f"{first.source.path or first.file.name}: {str(fault).splitlines()[0]}") from None
        start = 0
        for one, rows in group:
            lines = [line for line in range(start, start + rows.num_rows) if line in found]
            if lines and 2 * len(lines) >= rows.num_rows:
                faults.append(_declaration(one, rows["text"][lines[0] - start].as_py(), found[lines[0]]))
            start += rows.num_rows
    return faults


def _declaration(planned: Planned, text: str, refused: str) -> str:
    lacking = refused.removeprefix(sources.UNDECLARED).split(", ")
    return (
        f"{planned.file.name}: its times have {' and '.join(WORDS[one] for one in lacking)}: {text[:40]!r}. "
        f'State {"them" if len(lacking) > 1 else "it"} in audit.toml: [[inputs]] files = "{planned.file.name}", {", ".join(SETTINGS[one] for one in lacking)}'
        + (" (dmy: day first, mdy: month first, ymd: year first)" if "date_order" in lacking else "")
    )
