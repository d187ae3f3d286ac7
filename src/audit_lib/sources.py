"""Formats: SQL files in `queries/sources` and tables named as in the dictionary, and which of them a file is."""

import fnmatch
import re
import weakref
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from audit_lib import packed, sql, times
from audit_lib.errors import ControlError, raise_all
from audit_lib.store import Table

SAMPLE = 200  # records by which a file is recognised
HEADER_KEYS = {"title", "table", "provider", "records", "file_names", "recognise", "general", "carries", "lists", "origin", "export", "limits"}
REQUIRED_KEYS = ("title", "records", "recognise", "origin", "export", "limits")
BEYOND_ONE_RECORD = re.compile(r"\b(join|where|unnest|over|group|union|distinct|qualify|limit|carried|file_month|file_year)\b", re.I)
UNDECLARED = "undeclared: "  # a source refuses a record so where audit.toml has to say its year or time zone

# What sources share. A moment without a zone is read in the declared one, and is null where none is declared.
MACROS = (
    times.MACROS
    + r"""
create or replace temp macro object_of(word) as
  case when json_valid(word) then case when json_type(word) = 'OBJECT' then word::json end end;
create or replace temp macro has_keys(word, keys) as
  coalesce(list_has_all(json_keys(object_of(word)), keys), false);
create or replace temp macro field(object, name) as
  coalesce(json_extract_string(object, name), json_extract_string(object, lower(name)));
create or replace temp macro listed(object, name) as
  case
    when json_type(object, name) <> 'ARRAY' or json_type(object, name) is null then [object]
    when json_array_length(object, name) = 0 then ['{"empty list": true}'::json]
    else from_json(json_extract(object, name), '["JSON"]')
  end;
create or replace temp macro is_empty_list(object) as
  coalesce(json_extract_string(object, 'empty list') = 'true', false);
create or replace temp macro region_country(region) as
  case
    when starts_with(region, 'us-') then 'US'
    when starts_with(region, 'cn-') then 'CN'
    when starts_with(region, 'ca-') then 'CA'
    else map {
      'eu-central-1': 'DE', 'eu-central-2': 'CH', 'eu-north-1': 'SE', 'eu-south-1': 'IT', 'eu-south-2': 'ES', 'eu-west-1': 'IE',
      'eu-west-2': 'GB', 'eu-west-3': 'FR', 'af-south-1': 'ZA', 'il-central-1': 'IL', 'me-central-1': 'AE', 'me-south-1': 'BH',
      'mx-central-1': 'MX', 'sa-east-1': 'BR', 'ap-east-1': 'HK', 'ap-east-2': 'TW', 'ap-northeast-1': 'JP', 'ap-northeast-2': 'KR',
      'ap-northeast-3': 'JP', 'ap-south-1': 'IN', 'ap-south-2': 'IN', 'ap-southeast-1': 'SG', 'ap-southeast-2': 'AU',
      'ap-southeast-3': 'ID', 'ap-southeast-4': 'AU', 'ap-southeast-5': 'MY', 'ap-southeast-6': 'NZ', 'ap-southeast-7': 'TH'}[region]
  end;
create or replace temp macro host(word) as
  case
    when word is null or trim(word) in ('', '-') then null
    when starts_with(trim(word), '[') then split(substr(trim(word), 2), ']')[1]
    when contains(word, '.') and length(word) - length(replace(word, ':', '')) = 1 then split(trim(word), ':')[1]
    else trim(word)
  end;
create or replace temp macro groups_of(word) as
  coalesce(list_filter(split(word, ':'), lambda part: part <> ''), []);
create or replace temp macro ipv6_groups(start, rest) as
  start || list_transform(range(8 - len(start) - len(rest)), lambda n: '0') || rest;
create or replace temp macro address_digits(word) as
  case
    when word is null then null
    when not contains(word, ':') or starts_with(lower(word), '::ffff:') and contains(word, '.') then
      array_to_string(
        list_transform(split(split(word, ':')[-1], '.'), lambda part: lpad(lower(to_hex(try_cast(part as utinyint))), 2, '0')), '')
    else
      array_to_string(
        list_transform(
          ipv6_groups(groups_of(split(word, '::')[1]), groups_of(split(word, '::')[2])), lambda part: lpad(lower(part), 4, '0')), '')
  end;
"""
)


@dataclass(frozen=True)
class Source:
    """One format: how its records are told, which table its SELECT over `records(line, text)` fills.

    Where `records` is csv there is a third column, `cells`: a map from the header's names, in lower case, to the cells.
    `general`: gives way to a format with a lower number that knows as many records of a file. `carries`: a key, in SQL over `text`; the last
    line before the records at hand with each key is in `carried(line, text)`, such as a header that holds for them too.
    `lists`: names of the list that holds the records where an object is wrapped around them, as answers of an API are.
    """

    name: str
    title: str
    table: str
    provider: str
    records: str
    file_names: tuple[str, ...]
    recognise: str
    sql: str
    path: Path | None = None
    general: int = 0
    carries: str | None = None
    lists: tuple[str, ...] = ("Records",)

    def is_named(self, file_name: str) -> bool:
        """Whether a file's name is one that this format usually has."""
        names = {Path(file_name).name, packed.plain_name(Path(file_name).name)}
        return any(fnmatch.fnmatch(name, pattern) for name in names for pattern in self.file_names)

    @property
    def is_row_by_row(self) -> bool:
        """Whether each record gives one row, whatever stands in others: so the SELECT says itself."""
        return not BEYOND_ONE_RECORD.search(re.sub(r"--.*", "", self.sql))


def read_sources(folders: list[Path]) -> dict[str, Source]:
    """All formats by name. Raises ControlError with the faults of all headers."""
    sources, faults = {}, []
    for name, path in sql.find(folders, "sources").items():
        query = sql.read_query(path)
        header = query.header
        faults += [f"{path}: unknown key: {key}. Allowed: {', '.join(sorted(HEADER_KEYS))}" for key in sorted(header.keys() - HEADER_KEYS)]
        faults += [f"{path}: header lacks {key}" for key in REQUIRED_KEYS if key not in header]
        if header.get("records") not in ("lines", "json", "csv"):
            faults.append(f"{path}: records: {header.get('records')!r}. Allowed: lines, json, csv")
        sources[name] = Source(
            name=name,
            title=header.get("title", ""),
            table=header.get("table", "access_events"),
            provider=header.get("provider", name),
            records=header.get("records", "lines"),
            file_names=tuple(header.get("file_names", ())),
            recognise=header.get("recognise", "false"),
            sql=query.sql,
            path=path,
            general=header.get("general", 0),
            carries=header.get("carries"),
            lists=tuple(header.get("lists", ("Records",))),
        )
    raise_all(ControlError, faults)
    return sources


def recognise(connection: duckdb.DuckDBPyConnection, samples: list[dict[str, list]], sources: dict[str, Source]) -> list[dict[str, float]]:
    """For each file the share of its first records that each format knows.

    `samples`: a file's records as `lines` and as `json`, texts; as `csv` its header alone, as a list of names called `columns`;
    as `listed` the members of the list that its first object wraps, `list` its name. An empty list is of each format that names it.
    """
    shares: list[dict[str, float]] = [{} for _ in samples]
    for mode in ("lines", "json", "csv", "listed"):
        pairs = [(number, text) for number, sample in enumerate(samples) for text in sample.get(mode, ())]
        formats = [source for source in sources.values() if source.records == mode.replace("listed", "json")]
        if not pairs or not formats:
            continue
        numbers, texts = zip(*pairs, strict=True)
        column, kind = ("columns", pa.list_(pa.string())) if mode == "csv" else ("text", pa.string())
        connection.register("sample", pa.table({"file": pa.array(numbers, pa.int64()), column: pa.array(texts, kind)}))
        for source in formats:
            try:
                rows = connection.execute(f"select file, count(*) filter (where {source.recognise}) / count(*) from sample group by file").fetchall()
            except duckdb.Error as fault:
                raise ControlError(f"{source.path}: recognise: {str(fault).splitlines()[0]}") from None
            for number, share in rows:
                if mode != "listed" or samples[number]["list"] in source.lists:
                    shares[number][source.name] = share
    for share, sample in zip(shares, samples, strict=True):
        if sample.get("list") and not sample["listed"]:
            share |= {source.name: 1.0 for source in sources.values() if sample["list"] in source.lists}
    return shares


_CLOCKS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # connection to the zone and order of dates that its macros now have


def set_file(
    connection: duckdb.DuckDBPyConnection,
    *,
    provider: str,
    time_zone: str | None,
    year: int | None,
    month: int | None = None,
    extracted_at: datetime | None = None,
    date_order: str | None = None,
) -> None:
    """What the macros of a source say of the file, or of the lines that now follow, at hand."""
    if _CLOCKS.get(connection) != (time_zone, date_order):  # they stay as they are from one file to the next, mostly
        connection.execute(times.macros(time_zone, date_order))
        _CLOCKS[connection] = (time_zone, date_order)
    connection.execute(
        sql.macros(
            {
                "file_provider": (provider, "varchar"),
                "file_time_zone": (time_zone, "varchar"),
                "file_year": (year, "integer"),
                "file_month": (month, "integer"),
                "file_extracted_at": (extracted_at, "timestamptz"),
                "file_date_order": (date_order, "varchar"),
            }
        )
    )


def prepare(connection: duckdb.DuckDBPyConnection, proxies: tuple = ()) -> None:
    """Makes the macros that sources share; what they say of a file is set anew for each by `set_file`. `proxies`: own networks."""
    set_file(connection, provider="", time_zone=None, year=None)
    connection.execute(MACROS)
    set_proxies(connection, proxies)


def set_proxies(connection: duckdb.DuckDBPyConnection, ranges: tuple) -> None:
    """Makes `is_own_proxy(address)` and `own_proxies()` from networks (as `ipaddress` has them)."""
    connection.execute(sql.macros({"own_proxies": ([str(one) for one in ranges], "varchar[]")}))
    spans = []
    for one in ranges:
        first, last = (address.packed.hex() for address in (one.network_address, one.broadcast_address))
        spans.append(f"(length(digits) = {len(first)} and digits between '{first}' and '{last}')")
    tests = " or ".join(spans) or "false"
    connection.execute(f"create or replace temp macro is_own_number(digits) as coalesce({tests}, false)")
    connection.execute("create or replace temp macro is_own_proxy(word) as is_own_number(address_digits(word))" if spans else
                       "create or replace temp macro is_own_proxy(word) as false")  # fmt: skip


# Tables that are named and shaped as in the dictionary need no SQL file: their SELECT is made from the DDL.


def delivered(table: Table, kind: str, columns: list[str]) -> Source:
    """The format of a CSV, JSON Lines or Parquet file whose columns are named as the table's; others are left out."""
    known = {column.name: column.type for column in table.columns if column.name in columns and column.name not in ("load_id", "line")}
    cells, origin, broken, text = {name: f'"cell_{name}"' for name in known}, "records", "", ""
    if kind == "jsonl":  # one walk over the text for all columns: a JSON path for each would read it as many times
        shape = "{" + ", ".join(f'"{name}": "VARCHAR"' for name in known) + "}"
        cells = {name: f'object."{name}"' for name in known}
        origin = f"(select line, text, try(from_json(text, '{shape}')) as object from records)"
        broken, text = "when object is null or not starts_with(ltrim(text), '{') then 'is no JSON object' ", ", text"
    is_text = kind != "parquet"
    values = {name: _cast(cells[name], known[name], is_text=is_text) for name in known}
    cast = [name for name in known if known[name] != "varchar"]  # any cell is a text
    tests = [f'{cells[name]} is not null and "{name}" is null' for name in cast]
    words = [f"case when {test} then {_told(name, cells[name], known[name], is_text)} end" for name, test in zip(cast, tests, strict=True)]
    if dated := [
        f"({test} and is_slashed({cells[name]}))" for name, test in zip(cast, tests, strict=True) if is_text and known[name] in ("timestamptz", "date")
    ]:
        broken += f"when file_date_order() is null and ({' or '.join(dated)}) then '{UNDECLARED}date_order' "
    fault = f"when {' or '.join(tests)} then concat_ws('; ', {', '.join(words)}) " if tests else ""
    typed = "".join(f', {value} as "{name}"' for name, value in values.items())
    made = "".join(f', "{name}"' for name in values)
    return Source(
        name=kind,
        title=f"{table.name} as {kind}",
        table=table.name,
        provider=table.name,
        records=kind,
        file_names=(),
        recognise="true",
        sql=f"select line{text}{made}, case {broken}{fault}when false then '' end as refused, null::varchar as ignored from (select *{typed} from {origin})",
    )


def _told(name: str, cell: str, type_name: str, is_text: bool) -> str:
    told = f"'{name} is no {_plain(type_name)}: ' || left({cell}::varchar, 60)"
    return f"coalesce('{name} is ' || table_fault({cell}), {told})" if is_text and type_name == "timestamptz" else told


def _cast(cell: str, type_name: str, *, is_text: bool) -> str:
    """A cell as the table's type, null where it is none: no rounding, no infinite moments, years of four digits."""
    if is_text and type_name in ("timestamptz", "date"):
        return f"{'table_moment' if type_name == 'timestamptz' else 'table_day'}({cell})"
    if type_name in ("bigint", "integer"):
        return f"case when regexp_full_match({cell}::varchar, '[+-]?\\d+(\\.0*)?') then try_cast({cell} as {type_name}) end"
    if type_name in ("timestamptz", "date"):
        return f"case when regexp_matches({cell}::varchar, '^\\d{{4}}-\\d\\d-\\d\\d') then try_cast({cell} as {type_name}) end"
    if type_name == "varchar[]":
        as_json = f"try_cast(try_cast({cell}::varchar as json) as varchar[])"
        return f"case when starts_with({cell}::varchar, '[\"') then {as_json} else try_cast({cell} as varchar[]) end"
    return f"try_cast({cell} as {type_name})"


def _plain(type_name: str) -> str:
    words = {"timestamptz": "moment", "date": "day", "bigint": "whole number", "integer": "whole number", "double": "number", "boolean": "true or false"}
    return words.get(type_name, "list" if type_name.endswith("[]") else "text")


def year_in(file_name: str) -> int | None:
    """The year that a file's name holds, as YYYY, YYYYMM or YYYYMMDD.

    A file named after a day in January is one that was rotated then: its first line may be of the year before.

    >>> year_in("auth.log-202512"), year_in("auth.log"), year_in("auth.log-20260104")
    (2025, None, None)
    """
    found = re.search(r"(?<!\d)((?:19|20)\d\d)(?:-?(0[1-9]|1[0-2])(?:-?([0-2]\d|3[01]))?)?(?!\d)", file_name)
    return int(found[1]) if found and not (found[3] and found[2] == "01") else None
