"""What each input file is, before anything is loaded: its format, table and part, or why it is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit_lib import declarations, packed, readers, records, sources, times
from audit_lib.errors import ControlError, InputError, raise_all
from audit_lib.files import InputFile
from audit_lib.sources import Source
from audit_lib.store import MADE_HERE, Table

BATCH = 50  # files whose first records are held at once
DELIVERED = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
MADE_COLUMNS = {"load_id", "line", "event_id"}  # the suite fills them where a file does not


@dataclass(frozen=True)
class Planned:
    """One file that will be loaded: as which format, into which table and part. `header`: columns of a CSV."""

    file: InputFile
    source: Source
    part: str
    time_zone: str | None = None
    year: int | None = None
    header: tuple[str, ...] = ()
    delimiter: str = ","
    left_out: tuple[str, ...] = field(default=())

    @property
    def table(self) -> str:
        return self.source.table

    @property
    def is_log(self) -> bool:
        return self.table == "access_events"


def plan(files: list[InputFile], tables: dict[str, Table], formats: dict[str, Source]) -> list[Planned]:
    """What each file is. Raises InputError that names every file that is refused, and why."""
    planned, faults = [], []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        sources.prepare(connection)
        for first in range(0, len(files), BATCH):
            planned += _plan_batch(connection, files[first : first + BATCH], tables, formats, faults)
    for one in planned:
        if not one.is_log and not one.file.extracted_at:
            faults.append(
                f"{one.file.name}: does not say when it was drawn, so nobody knows from when it holds. State it in a manifest.csv beside it "
                f'(columns file_name, extracted_at) or in audit.toml: [[inputs]] files = "{one.file.name}", extracted_at = 2026-10-05T06:00:00Z'
            )
    faults += _rivals(planned)
    raise_all(InputError, sorted(faults) + ["Nothing was loaded."] * bool(faults))
    return planned


def _plan_batch(
    connection: duckdb.DuckDBPyConnection, files: list[InputFile], tables: dict[str, Table], formats: dict[str, Source], faults: list[str]
) -> list[Planned]:
    """Plans some files with few statements: 700 small files are common, and each statement takes its time."""
    planned, logs = [], []
    for file in files:
        try:
            table = named_table(file, tables)
            _check_settings(connection, file, formats)
            if table:
                planned.append(_plan_delivered(file, table))
            else:
                logs.append((file, *samples_of(file, formats)))
        except InputError as fault:
            faults.append(f"{file.name}: {str(fault).removeprefix(file.name + ': ').removeprefix(file.path.name + ': ')}")
        except OSError as fault:
            faults.append(f"{file.name}: can't be read: {fault.strerror or fault}")
    shares = sources.recognise(connection, [samples for _, samples, _ in logs], formats)
    told = []
    for (file, samples, delimiter), share in zip(logs, shares, strict=True):
        try:
            source = formats[file.source] if file.source else _choose(file, samples["lines"], share, formats)
        except InputError as fault:
            faults.append(str(fault))
            continue
        if source.table not in tables or source.table in MADE_HERE:
            faults.append(f"{source.path}: table: {source.table!r} is no table that a company delivers")
            continue
        one = Planned(file, source, file.provider or source.provider, file.time_zone, file.year or sources.year_in(file.path.name))
        if source.records == "csv":
            if not samples["csv"]:
                faults.append(f"{file.name}: is no CSV with a header, which {source.name} wants: it begins with {(samples['lines'] or [''])[0][:60]!r}")
                continue
            one = replace(one, header=tuple(samples["csv"][0]), delimiter=delimiter)
        mode = "listed" if source.records == "json" and samples.get("list") in source.lists else source.records
        told.append((one, declarations.first_rows(one, samples[mode])))
    planned += [one for one, _ in told]
    told += [(one, declarations.first_rows(one, [])) for one in planned if one.source.path is None and one.source.records != "parquet"]
    faults += declarations.missing(connection, told)
    return [settle(connection, one) for one in planned]


def settle(connection: duckdb.DuckDBPyConnection, planned: Planned) -> Planned:
    """The same file; where its zone has hours that occur twice, with a SELECT that settles or refuses them."""
    if not times.doubtful(planned.time_zone)[0] or planned.source.records == "parquet":
        return planned
    connection.register("records", declarations.first_rows(planned, []).slice(0, 0))
    connection.execute("create or replace temp table carried (line bigint, text varchar)")
    sources.set_file(connection, provider="", time_zone=planned.time_zone, year=planned.year, date_order=planned.file.date_order)
    try:
        columns = times.moments_of(connection.execute(f"describe {planned.source.sql}").fetchall())
    except duckdb.Error as fault:
        raise ControlError(f"{planned.source.path or planned.file.name}: {str(fault).splitlines()[0]}") from None
    by_order = "event_time" if planned.is_log and "event_time" in columns else None
    return replace(planned, source=replace(planned.source, sql=times.resolved(planned.source.sql, columns, by_order=by_order, zone=planned.time_zone)))


def samples_of(file: InputFile, formats: dict[str, Source]) -> tuple[dict, str]:
    """The first records of a file as `sources.recognise` takes them, and the delimiter it would have as a CSV."""
    samples = {mode: list(islice(_sample(file, mode), sources.SAMPLE)) for mode in ("lines", "json")}
    samples |= _wrapped(file, {name for source in formats.values() for name in source.lists})
    columns, delimiter = records.read_columns(declarations.content(file))
    return samples | {"csv": [columns] * bool(columns)}, delimiter


def named_table(file: InputFile, tables: dict[str, Table]) -> Table | None:
    """The table that a file is named after, `TABLE[.PART].EXT`, unless audit.toml names its format."""
    words = packed.plain_name(file.path.name).split(".")
    if file.source or len(words) < 2 or words[0] not in tables or words[-1].lower() not in DELIVERED:
        return None
    if words[0] in MADE_HERE:
        raise InputError(f"{file.name}: the table {words[0]} is filled by the suite itself. Take the file out of inputs")
    return tables[words[0]]


def _check_settings(connection: duckdb.DuckDBPyConnection, file: InputFile, formats: dict[str, Source]) -> None:
    if file.source and file.source not in formats:
        raise InputError(f"{file.name}: audit.toml names the source {file.source!r}, which is not there. Allowed: {', '.join(formats)}")
    if file.time_zone:
        try:
            connection.execute("select timezone(?, timestamp '2026-01-01')::varchar", [file.time_zone]).fetchall()
        except duckdb.Error:
            raise InputError(f"{file.name}: no such time zone: {file.time_zone!r}. Write an IANA name, such as Europe/Berlin or UTC") from None


def _rivals(planned: list[Planned]) -> list[str]:
    """Snapshots of one table and part that were drawn at one moment, and differ: one would hide the other."""
    seen, faults = {}, []
    for one in planned:
        if not one.is_log:
            first = seen.setdefault((one.table, one.part, one.file.extracted_at), one)
            if first is not one and readers.hash_file(first.file.path)[0] != readers.hash_file(one.file.path)[0]:
                faults.append(
                    f"{one.file.name}: is, like {first.file.name}, the {one.table} of part {one.part} drawn at one moment. "
                    f"Name the parts: {one.table}.{Path(one.file.name).parent.name}.csv"
                )
    return faults


def _wrapped(file: InputFile, names: set[str]) -> dict:
    """Where a file's first value is an object around a list of one of these names: that name, and the list's first members."""
    head = next(declarations.content(file), b"").decode(errors="replace").removeprefix("\ufeff").lstrip()
    name, _ = records.list_in(head, 0, tuple(names)) if head else (None, None)
    return {"list": name, "listed": list(islice(_sample(file, "json", (name,)), sources.SAMPLE))} if name else {}


def _sample(file: InputFile, mode: str, lists: tuple[str, ...] = ("Records",)) -> Iterator[str]:
    """The first records as text; what can't be read counts as an empty one."""
    blocks = declarations.content(file)
    if mode == "json":
        first = next(blocks, b"")
        if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
            return
        values = records.values((block for part in ((first,), blocks) for block in part), lists)
        yield from ("" if fault else text.encode(errors="replace").decode() for text, fault in values)
    else:
        for piece in readers.line_pieces(blocks):
            yield from piece.records["text"].to_pylist()
            yield from ("" for _ in piece.rejects)


def _choose(file: InputFile, lines: list[str], shares: dict[str, float], formats: dict[str, Source]) -> Source:
    """The format that knows most of the first records, at least half; the name breaks ties, and may not contradict."""
    declare = f'Declare its format in audit.toml: [[inputs]] files = "{file.name}", source = "…" ({", ".join(formats)}), or add one in queries/sources'
    named = [source for source in formats.values() if source.is_named(file.name)]
    if not lines:
        if len(named) == 1:
            return named[0]
        raise InputError(f"{file.name}: is empty, and its name tells no format. {declare}")
    best = max(shares.values(), default=0)
    likely = [formats[name] for name, share in shares.items() if share == best and best >= 0.5]
    if not likely:
        found = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
        what = f"begins with {lines[0][:60]!r}" if lines[0] else "begins with bytes that are no text"
        raise InputError(f"{file.name}: is in no known format: {what}. Looked for (share of the first {sources.SAMPLE} records): {found}. {declare}")
    likely = [source for source in likely if source.general == min(one.general for one in likely)]
    if len(likely) > 1:
        likely = [source for source in likely if source in named] or likely
    if len(likely) > 1:
        raise InputError(f"{file.name}: may be {' or '.join(source.name for source in likely)}. {declare}")
    is_json = lines[0].lstrip()[:1] in ("{", "[") and bool({"json", "jsonl", "ndjson"} & set(packed.plain_name(file.path.name).split(".")))
    if named and likely[0] not in named and not is_json:  # the end of its name told the truth; its beginning tells little
        raise InputError(
            f"{file.name}: is not what its name says: named like {' or '.join(source.name for source in named)}, it holds {likely[0].name}. {declare}"
        )
    return likely[0]


def _plan_delivered(file: InputFile, table: Table) -> Planned:
    """A file named after a table: its columns are checked, all that are missing named."""
    words = packed.plain_name(file.path.name).split(".")
    kind, part = DELIVERED[words[-1].lower()], file.provider or ".".join(words[1:-1]) or "all"
    delimiter = ","
    if kind == "parquet":
        if packed.is_packed(file.path) or packed.archive_of(file.path):
            raise InputError(f"{file.name}: a Parquet file is packed within: deliver it as it is, not in a .gz, .zst or .zip")
        try:
            columns = pq.read_schema(file.path).names
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as fault:
            raise InputError(f"{file.name}: is no Parquet file, whatever its name says: {str(fault).splitlines()[0]}. Deliver it again") from None
    elif kind == "jsonl":
        columns = _keys(file)
    else:
        columns, delimiter = read_header(file, table)
    known = {column.name for column in table.columns}
    made = MADE_COLUMNS | ({"event_provider"} if table.name == "access_events" else set())
    if columns:
        if not known & set(columns):
            raise InputError(
                f"{file.name}: is not what its name says: it names no column of {table.name}, but {', '.join(columns)[:120]!r}. Deliver the {table.name}"
            )
        missing = [column.name for column in table.columns if column.is_required and column.name not in columns and column.name not in made]
        if missing:
            raise InputError(
                f"{file.name}: columns missing that {table.name} requires: {', '.join(missing)}. It has: {', '.join(columns)}. "
                f'Name them so at the export, or map them with one SELECT in queries/sources (table = "{table.name}"; TABLES.md has each column)'
            )
    used = [column.name for column in table.columns] if kind == "jsonl" else columns
    left_out = tuple(name for name in columns if name not in known)
    return Planned(file, sources.delivered(table, kind, used), part, file.time_zone, header=tuple(columns), delimiter=delimiter, left_out=left_out)


def read_header(file: InputFile, table: Table) -> tuple[list[str], str]:
    """Columns of a CSV and its delimiter: the one that gives most of the table's columns. Nothing in an empty file."""
    first = next(readers.line_pieces(declarations.content(file)), None)
    if first is None or (not first.records.num_rows and not first.rejects):
        return [], ","
    if first.rejects and first.rejects[0].line == 1:
        fault = first.rejects[0].reason.removesuffix(readers.OTHER_ENCODING)
        raise InputError(
            f"{file.name}: is no CSV, whatever its name says: its first line {fault}. Deliver it as CSV in UTF-8, or declare its encoding in audit.toml"
        )
    known, found = {column.name for column in table.columns}, []
    for delimiter in (",", ";", "\t"):
        start = next(records.csv_records(declarations.content(file), delimiter, 0))
        columns = [cell.strip() for cell in start[2]]
        found.append((len(known & set(columns)), columns, delimiter))
    _, columns, delimiter = max(found, key=lambda one: one[0])
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InputError(f"{file.name}: names a column twice: {', '.join(twice) or 'without a name'}. Name each once")
    return columns, delimiter


def _keys(file: InputFile) -> list[str]:
    texts = list(islice(_sample(file, "lines"), sources.SAMPLE))
    if not texts:
        return []
    with duckdb.connect() as connection:
        connection.register("sample", pa.table({"text": pa.array(texts, pa.string())}))
        objects = "select case when json_valid(text) then case when json_type(text) = 'OBJECT' then text::json end end as object from sample"
        good = connection.execute(f"select count(object) from ({objects})").fetchall()[0][0]
        if 2 * good < len(texts):
            raise InputError(f"{file.name}: is no JSON Lines file, whatever its name says: it begins with {texts[0][:60]!r}. Deliver one object a line")
        keys = f"select distinct unnest(json_keys(object)) as key from ({objects}) where object is not null order by key"
        return [key for (key,) in connection.execute(keys).fetchall()]
