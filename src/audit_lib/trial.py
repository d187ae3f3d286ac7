"""`audit load --try`: what a file would be taken for, and what would become of its records. Nothing is opened for writing."""

import tempfile
import textwrap
from pathlib import Path

import duckdb

from audit_lib import addresses, encodings, files, filling, packed, planning, readers, sources, sql, store
from audit_lib.errors import InputError
from audit_lib.files import InputFile
from audit_lib.planning import Planned
from audit_lib.project import Project, read_project
from audit_lib.sources import Source
from audit_lib.store import Table

WIDTH = 100  # columns of a terminal
CELL = 28  # characters of a cell
ROWS = 10  # rows shown of each kind
HIDDEN = ("load_id", "origin", "line", "event_id")


def try_files(paths: list[Path], folder: Path) -> tuple[list[str], bool]:
    """What a load would make of files, as lines for a terminal, and whether it would load them all.

    `folder`: a project, whose audit.toml and own formats count; none is needed.
    """
    project = read_project(folder) if (folder / "audit.toml").is_file() else Project(folder, "")
    queries = sql.roots(project.queries)
    tables, formats = store.read_tables(queries), sources.read_sources(queries)
    lines, is_good = [], True
    for path in paths:
        try:
            found = packed.members(path) if packed.is_zip(path) else [path]
            if not packed.is_there(path):
                raise InputError(f"{path}: no such file")
        except InputError as fault:
            found, is_good = [], False
            lines.append(f"{fault}")
        for one in found:
            told, is_loaded = _try(one, project, tables, formats)
            lines += [*told, ""]
            is_good &= is_loaded
    return [encodings.visible(line) for line in lines], is_good


def _try(path: Path, project: Project, tables: dict[str, Table], formats: dict[str, Source]) -> tuple[list[str], bool]:
    why = []
    try:
        file = files.declare(project, path)
        why = _reasons(file, files.find_rule(project, path), tables, formats)
        (planned,) = planning.plan([file], tables, formats)
        with tempfile.TemporaryDirectory(prefix="audit-") as spill, duckdb.connect(":memory:", config={"temp_directory": spill}) as connection:
            store.create(connection, tables)
            store.seal(connection, folders=[Path(spill)])
            sources.prepare(connection, addresses.read_networks(project.own_proxies, "audit.toml: [addresses] own_proxies"))
            connection.execute("begin")
            counts = filling.fill(connection, planned, tables[planned.table], "try", readers.size_of(path), lambda *_: None)
            return [_headline(planned), *why, *_facts(planned, counts), *_shown(connection, planned, tables[planned.table])], True
    except InputError as fault:
        first, *more = str(fault).removesuffix("\nNothing was loaded.").splitlines()
        return [*_wrap(f"{path}: would be refused: {first.removeprefix(f'{path}: ')}", ""), *more, *why], False


def _headline(planned: Planned) -> str:
    what = f"{planned.source.name} ({planned.source.title})" if planned.source.path else f"a delivered table, {planned.source.name}"
    return f"{planned.file.name}: would be loaded as {what}, into {planned.table}, part {planned.part}"


def _reasons(file: InputFile, rule: files.InputRule | None, tables: dict[str, Table], formats: dict[str, Source]) -> list[str]:
    """Why it is taken for what it is: a rule, its name, and how many of its first records each format knows."""
    lines = []
    if rule:
        said = ", ".join(f"{key} = {value!r}" for key, value in vars(rule).items() if value is not None and key != "files")
        lines += _wrap(f'audit.toml: [[inputs]] files = "{rule.files}"' + (f" says {said}" if said else " says nothing more"))
    table = planning.named_table(file, tables)
    if table:
        return lines + _wrap(f"Why: it is named after the table {table.name}, and audit.toml names no other format")
    samples, _ = planning.samples_of(file, formats)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        sources.prepare(connection)
        (shares,) = sources.recognise(connection, [samples], formats)
    known = sorted(((share, name) for name, share in shares.items() if share), key=lambda one: (-one[0], formats[one[1]].general, one[1]))
    count = len(samples["lines"])
    told = ", ".join(f"{name} {share:.0%}" for share, name in known) or "none"
    tie = "; of equals the more special one is taken, then the one that its name fits" if len({share for share, _ in known}) < len(known) else ""
    lines += _wrap(f"Why: formats that know its first records ({min(count, sources.SAMPLE)} looked at): {told}{tie}")
    named = [name for name, source in formats.items() if source.is_named(file.name)]
    return lines + _wrap(f"Its name is usual for: {', '.join(named) or 'no format'}")


def _facts(planned: Planned, counts: dict) -> list[str]:
    file = planned.file
    zone = f"{planned.time_zone}, for times without one" if planned.time_zone else "UTC, for times without one" if not planned.is_log else "each time's own"
    more = "".join(f"; {word} {value}" for word, value in (("year", planned.year), ("dates", file.date_order), ("encoding", file.encoding)) if value)
    twice = f" + {counts['rows_duplicate']:,} equal to another" if counts["rows_duplicate"] else ""
    lines = [
        f"  Zone: {zone}{more}",
        f"  Records: {counts['rows_read']:,} read = {counts['rows_loaded']:,} to load{twice} + {counts['rows_ignored']:,} ignored "
        f"+ {counts['rows_quarantined']:,} quarantined",
    ]
    if planned.is_log:
        span = f"{counts['first_at']:%Y-%m-%d %H:%M:%S} to {counts['last_at']:%Y-%m-%d %H:%M:%S} UTC" if counts["first_at"] else "none"
        lines.append(f"  Events: {counts['events_loaded']:,}, {span} (which of them are loaded already, a load tells)")
    if planned.left_out:
        lines += _wrap(f"Columns left out, as {planned.table} has none of the name: {', '.join(planned.left_out)}")
    return lines


def _shown(connection: duckdb.DuckDBPyConnection, planned: Planned, table: Table) -> list[str]:
    """The first rows, what is ignored, and the first records that are refused."""
    place = "access_events" if planned.is_log else f"history.{table.name}"
    names = [column.name for column in table.columns if column.name not in HIDDEN]
    chosen = ", ".join(f'"{name}"::varchar' for name in names)
    rows = connection.execute(f"select line, {chosen} from {place} order by {place}.rowid limit {ROWS}").fetchall()
    lines = [f"  First {len(rows)} rows:", *_table(names, rows)] if rows else []
    ignored = connection.execute("select reason, rows, first_lines, first_texts from ignored order by rows desc, reason").fetchall()
    for reason, count, at, texts in ignored:
        lines += _wrap(f"Ignored, {count:,}: {reason} (line {', '.join(map(str, at))}: {_cut(texts[0], 60)!r})" if at else f"Ignored, {count:,}: {reason}")
    refused = connection.execute(f"select line, reason, text from quarantine order by line limit {ROWS}").fetchall()
    if refused:
        lines.append(f"  First {len(refused)} quarantined:")
    for line, reason, text in refused:
        lines += [*_wrap(f"line {line}: {reason}", "    "), f"      {_cut(text, WIDTH - 6)}"]
    return lines


def _table(names: list[str], rows: list[tuple]) -> list[str]:
    """Rows in bands as wide as a terminal; a column that says the same in all of them stands once, below."""
    columns = {name: [_cut(row[number] or "", CELL) for row in rows] for number, name in enumerate(names, start=1)}
    same = {name: cells[0] for name, cells in columns.items() if len(rows) > 1 and len(set(cells)) == 1}
    shown = {name: cells for name, cells in columns.items() if name not in same and any(cells)}
    numbers = ["line", *[str(row[0]) for row in rows]]
    lines, band = [], [numbers]

    def close() -> list[str]:
        widths = [max(len(cell) for cell in column) for column in band]
        return ["    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in zip(*band, strict=True)]

    for name, cells in shown.items():
        column = [name, *cells]
        width = sum(max(len(cell) for cell in one) + 2 for one in [*band, column]) + 2
        if width > WIDTH and len(band) > 1:
            lines += close()
            band = [numbers]
        band.append(column)
    lines += close()
    said = ", ".join(f"{name} {value}" for name, value in same.items() if value)
    return lines + (_wrap(f"in all of them: {said}", "    ") if said else [])


def _cut(text: str, width: int) -> str:
    shown = encodings.visible(text, keep="")
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def _wrap(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False)
