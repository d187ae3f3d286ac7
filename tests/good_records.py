"""Good records of every format, from the samples beside the formats, with the rows that they mean and as many variants as wanted."""

import csv
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path

from audit_lib import records, sources, sql, store

SAMPLES = Path(__file__).parent / "sources"
FOLDERS = sql.roots()
FORMATS = sources.read_sources(FOLDERS)
TABLES = store.read_tables(FOLDERS)
# What one line means here hangs on the lines above it: the sample, from this line on, is damaged as a whole.
BLOCKS = {"iis_w3c": 3, "postgresql_log": 1, "sidekiq_job_runs": 1, "sidekiq_purges": 1, "stripe_events": 1, "testssl_scan": 1}
# Times without a year run on across New Year: only lines before it mean the same wherever they stand.
ANYWHERE = {"sshd_syslog": r"(?!(<\d+>)?(?!Dec )[A-Z][a-z]{2} +\d+ )"}
SPECIAL = {"root", "SYSTEM", "unknown", "unix:", "cloudtrail.amazonaws.com", "renovate[bot]"}  # a format knows these words
VARIED = {"user_agent", "url_path", "source_ip", "name", "title", "email", "location"}
WORD = "0-9A-Za-z"


@dataclass(frozen=True)
class Entry:
    """One record as it was written. `touched`: spans of bytes in `text`; `fate` of the text before the damage."""

    text: str
    rows: tuple[dict[str, str], ...]
    fate: str  # loaded, ignored or quarantined
    kind: str = "whole"
    written: bytes = b""
    touched: tuple[tuple[int, int], ...] = ()
    block: int = 0
    first: int = 0  # line in the file, from 1
    start: int = 0  # byte in the file's content


def sample(name: str) -> tuple[str, list[Entry]]:
    """Header and records of a format's sample, each with the rows, or the fate, that stand beside it."""
    form, data = FORMATS[name], (SAMPLES / f"{name}.sample").read_bytes().removeprefix(b"\xef\xbb\xbf")
    header, (rows, fates) = "", _expected(name)
    if form.records == "json":
        found = [(number, text) for number, (text, fault) in enumerate(records.values([data], form.lists), start=1) if not fault]
    elif form.records == "csv":
        columns, delimiter = records.read_columns([data])
        (_, header, *_), *rest = records.csv_records([data], delimiter, len(columns))
        found = [(line, text) for line, text, *_ in rest]
    else:
        found = [(number, line) for number, line in enumerate(data.decode(errors="surrogateescape").replace("\r\n", "\n").split("\n"), start=1)]
    entries = []
    for line, text in found:
        is_told = line in rows or line in fates  # else it repeats another, or is one of many that are ignored
        if is_told and line >= BLOCKS.get(name, 1) and re.match(ANYWHERE.get(name, ""), text) and not re.search("[\ud800-\udfff]", text):
            text = re.sub(r"\s*\n\s*", " ", text) if form.records == "json" else text  # one value a line
            entries.append(Entry(text, tuple(rows.get(line, ())), fates.get(line, "loaded"), block=1))
    return header, entries


def _expected(name: str) -> tuple[dict[int, list[dict[str, str]]], dict[int, str]]:
    with (SAMPLES / f"{name}.expected.csv").open(newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    end = lines.index(["line", "not loaded", "reason"])
    rows: dict[int, list[dict[str, str]]] = {}
    for cells in lines[:end]:
        rows.setdefault(int(cells[0]), []).append(
            {column: cell for column, cell in zip(head, cells, strict=True) if cell and column not in ("line", "event_provider")}
        )
    return rows, {int(line): fate for line, fate, _ in lines[end + 1 :]}


def delivered(name: str, kind: str) -> tuple[str, list[Entry]]:
    """Header and some made-up rows of a table as a company delivers it."""
    columns = [column for column in TABLES[name].columns if column.name not in ("load_id", "line", "event_provider")]
    values = {
        "varchar": lambda number, column: f"{column.name[:6]}-{number}x417",
        "timestamptz": lambda number, column: f"2026-0{number}-11 10:1{number}:07+00",
        "date": lambda number, column: f"2026-0{number}-12",
        "boolean": lambda number, column: ("true", "false")[number % 2],
        "varchar[]": lambda number, column: f"[{column.name[:5]}{number}k88, q{number}z]",
    }
    entries = []
    for number in range(1, 5):
        row = {column.name: values.get(column.type, lambda number, column: str(731 * number))(number, column) for column in columns}
        for column in columns[number::4]:
            if not column.is_required:
                del row[column.name]
        cells = [row.get(column.name, "") for column in columns]
        if kind == "csv":
            text = io.StringIO()
            csv.writer(text, lineterminator="").writerow(cells)
            entries.append(Entry(text.getvalue(), (row,), "loaded", block=1))
        else:
            quoted = [f'"{name}": ' + (f'["{cell[1:-1]}"]'.replace(", ", '", "') if cell[:1] == "[" else f'"{cell}"') for name, cell in row.items()]
            entries.append(Entry("{" + ", ".join(quoted) + "}", (row,), "loaded", block=1))
    return ",".join(column.name for column in columns) if kind == "csv" else "", entries


def vary(entries: list[Entry], number: int) -> list[Entry]:
    """The same records with other names, ids and addresses, in text and rows alike; the number makes them unlike all others."""
    cells = {(column, row[column]) for entry in entries for row in entry.rows for column in row if is_varied(column)}
    texts = "\n".join(entry.text for entry in entries)
    new = {value: _other(column, value, number) for column, value in sorted(cells) if len(value) >= 4 and value in texts}
    new = {value: other for value, other in new.items() if value != other}
    if not new:
        return entries
    old = re.compile("|".join(as_word(value) for value in sorted(new, key=len, reverse=True)))

    def changed(text: str) -> str:
        return old.sub(lambda found: new[found[0]], text)

    return [
        replace(entry, text=changed(entry.text), rows=tuple({column: changed(cell) for column, cell in row.items()} for row in entry.rows)) for entry in entries
    ]


def is_varied(column: str) -> bool:
    """Whether a column holds a text that tells its field from others."""
    return column in VARIED or column.endswith("_id")


def _other(column: str, value: str, number: int) -> str:
    if value in SPECIAL:
        return value
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", value):
        return value if value.startswith("10.") else f"{value.rsplit('.', 2)[0]}.{number // 200 % 200 + 20}.{number % 200 + 20}"
    if (":" in value and re.fullmatch(r"[0-9a-fA-F:.%]+", value)) or (column == "event_id" and re.fullmatch("[0-9a-f]{32}", value)):
        return value
    letters, left = list(value), number
    places = [place for place, letter in enumerate(value) if letter.isascii() and letter.isalnum()]
    for place in places[4 if len(places) > 10 else 1 :][::-1][:8]:  # what it begins with may have a meaning
        digits = "0123456789" if value[place].isdigit() else "abcdef" if value[place].islower() else "ABCDEF"
        left, digit = divmod(left, len(digits))
        letters[place] = digits[digit]
    return "".join(letters)


def spans(data: bytes, cell: str) -> list[tuple[int, int]]:
    """Where a text stands in a record as a word of its own."""
    return [found.span() for found in re.finditer(as_word(cell).encode(), data)] if cell else []


def as_word(text: str) -> str:
    """A pattern for a text that is not part of a longer word."""
    before, after = (f"[{WORD}]" if re.match(f"[{WORD}]", edge) else "$^" for edge in (text[0], text[-1]))
    return f"(?<!{before}){re.escape(text)}(?!{after})"
