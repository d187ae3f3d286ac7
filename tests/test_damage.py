"""Damaged logs and tables of every format: each record is accounted for, and no field takes the text of another.

About 20,000 lines are checked. `DAMAGED_LINES=1000000 pytest tests/test_damage.py` checks a million, 50,000 to a seed;
the seed stands in the test's id, and `DAMAGED_SEED=17` alone repeats that one.
"""

import bisect
import os
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from damage import File, make
from good_records import BLOCKS, FORMATS, Entry, is_varied, spans

from audit_lib import load, records, store
from audit_lib.project import read_project

LINES = int(os.environ.get("DAMAGED_LINES", "20000"))
ROUND = 50_000  # lines of one project
SEEDS = [int(os.environ["DAMAGED_SEED"])] if "DAMAGED_SEED" in os.environ else list(range(1, 1 + max(1, -(-LINES // ROUND))))
TIME = re.compile(  # texts that say when
    rb"\d{2,5}-[\w]{2}-\d\d[T ]?[\d:.+-]*(?:,\d{3}(?!\d))?(?: ?UTC| ?[+-]\d\d\S*|Z)?|\d\d/\w{3}/\d{4,5}:[\d:]+(?:\.\d+)?(?: [+-]\d{4})?|\w{3} +\d+ [\d:]+|\d{9,}(?:\.\d+)?|\d\d:\d\d:\d\d"
)
KEY = rb"""(?:["']?[\w.@$:/-]+["']?\s*[=:]\s*)?["'\[{(<,]*"""  # the name before a value is part of the field
NAME = re.compile(rb'"(?:[^"\\]|\\.)*"\s*:')  # of a member of a JSON object
REQUEST = rb"""(?:"[^"\s]{1,20}\s+)?(?:https?:/?/?[^/ "]*)?"""  # method and path are one field of a web server's log
DERIVED = {"event_reason", "first_responded_at"}  # made from several texts, or the earliest of several
WHOLE = ("whole", "twice", "blank", "joined")
MADE_ID = re.compile(r"[0-9a-f]{32}([.-]\d+)*")
PART_OF_AN_OBJECT = re.compile(r"(okta_users|aws_log_groups|pagerduty_incidents)-\d+\.\S+:\d+: (quote|bracket) added: ")


def load_all(folder: Path, files: list[File]) -> dict[str, dict]:
    """Loads all files as one project; the row of `loads` by file."""
    settings = ['[company]\nname = "X"\n[addresses]\nown_proxies = ["10.20.0.0/16"]\n']
    (folder / "inputs").mkdir(parents=True)
    for file in files:
        (folder / "inputs" / file.name).write_bytes(file.stored)
        settings.append(f'[[inputs]]\nfiles = "inputs/{file.name}"\nextracted_at = 2026-10-05T06:00:00Z\n')
        if file.format in FORMATS:
            provider = file.format if file.table == "access_events" else file.name
            settings.append(f'source = "{file.format}"\nprovider = "{provider}"\ntime_zone = "UTC"\nyear = 2025\n')
    (folder / "audit.toml").write_text("".join(settings))
    return {row["file_name"].removeprefix("inputs/"): row for row in load.load(read_project(folder)).files}


class Places:
    """Where the records of a file begin, told without the format, and which entry each comes from."""

    def __init__(self, file: File):
        self.file, self.faults, self.without_text = file, [], set()
        if file.records == "json":
            self.starts = self._values()
            self.known = [entry.start for entry in file.entries]
        else:
            self.starts = self._cells() if file.records == "csv" else {line: line for line in range(1, len(_physical(file.content)) + 1)}
            self.known = [entry.first for entry in file.entries]

    def place(self, line: int) -> int:
        """Number of the entry that a record began in: of several on one line, the first."""
        place = bisect.bisect_right(self.known, self.starts[line]) - 1
        if self.file.records != "json":
            place = bisect.bisect_left(self.known, self.starts[line]) if self.known[place] == self.starts[line] else place
        return max(place, 0)

    def _values(self) -> dict[int, int]:
        """Byte where each JSON value begins. What lies between them is space, commas and brackets: nothing is lost."""
        lists = FORMATS[self.file.format].lists
        text, place, at, starts = self.file.content.decode(errors="surrogateescape"), 0, 0, {}
        for number, (value, _) in enumerate(records.values([self.file.content], lists), start=1):
            found = text.index(value, place)
            self.without_text |= {number} if not value.strip("[]{},\n\r\t ") else set()  # a bracket of a list, or what says that it was not closed
            self._between(text[place:found])
            at += len(text[place:found].encode(errors="surrogateescape"))
            starts[number] = at
            at += len(value.encode(errors="surrogateescape"))
            place = found + len(value)
        self._between(text[place:])
        return starts

    def _between(self, text: str) -> None:
        names = "|".join(FORMATS[self.file.format].lists)
        wrapper = rf'\{{[^\n]*"({names})"\s*:\s*\[|\][^\n]*\}}'  # damage may make a record look like the object around a list
        if not re.fullmatch(rf"([\s,\x1e\ufeff\[\]{{}}]|{wrapper})*", text):
            self.faults.append(f"{self.file.name}: lies in no record: {text[:200]!r}")

    def _cells(self) -> dict[int, int]:
        """First line of each CSV record below the header. Every line lies in one record."""
        columns, delimiter = records.read_columns([self.file.content])
        rows = list(records.csv_records([self.file.content], delimiter, len(columns)))[1:]
        after = self.file.header + 1
        for line, text, *_ in rows:
            if line != after:
                self.faults.append(f"{self.file.name}: lines {after} to {line - 1} lie in no record")
            after = line + text.count("\n") + 1
        if after != len(_physical(self.file.content)) + 1:
            self.faults.append(f"{self.file.name}: lines from {after} on lie in no record")
        return {line: line for line, *_ in rows}


def _physical(content: bytes) -> list[bytes]:
    return content.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n") if content.removeprefix(b"\xef\xbb\xbf") else []


def check(file: File, row: dict, rows: dict[int, list[dict]], quarantined: dict[int, str], ignored: int, seen: set) -> list[str]:
    """All faults of one loaded file."""
    places = Places(file)
    faults, where = places.faults, file.name
    counts = {name: row[f"rows_{name}"] for name in ("read", "loaded", "duplicate", "ignored", "quarantined")}
    if counts["read"] != sum(counts.values()) - counts["read"]:
        faults.append(f"{where}: read is not loaded + duplicate + ignored + quarantined: {counts}")
    if counts["read"] != len(places.starts):
        faults.append(f"{where}: {counts['read']} read, {len(places.starts)} written")
    if (counts["loaded"], counts["quarantined"], counts["ignored"]) != (len(rows), len(quarantined), ignored):
        faults.append(f"{where}: counts are not what the store holds: {counts}")
    if rows.keys() & quarantined.keys() or (rows.keys() | quarantined.keys()) - places.starts.keys():
        faults.append(f"{where}: lines both loaded and quarantined, or none of the file: {sorted(rows.keys() & quarantined.keys())[:5]}")
    spoiled = {entry.block for entry in file.entries if entry.block and (entry.kind != "whole")}
    for line in places.starts.keys() - places.without_text:
        place = places.place(line)
        entry, before = file.entries[place], file.entries[place - 1 : place]
        is_spoiled = entry.block in spoiled or (file.records != "json" and any(one.kind == "joined" for one in before))
        for fault in check_record(file, place, places.starts[line] <= places.known[place], rows.get(line, []), quarantined.get(line), seen, is_spoiled):
            faults.append(f"{where}:{line}: {entry.kind}: {fault}\n    {entry.written[:1500]!r}")
    return faults


def check_record(file: File, place: int, is_first: bool, rows: list[dict], reason: str | None, seen: set, is_spoiled: bool) -> list[str]:
    """Faults of one record as it was loaded; `is_spoiled`: what it means hangs on lines that were damaged."""
    entry = file.entries[place]
    if entry.kind == "broken in two":  # of each half, the other is gone
        ((at, _),) = entry.touched
        entry = replace(entry, touched=((at, len(entry.written)),) if is_first else ((0, at),))
    following = file.entries[place + 1 : place + 2] if entry.kind == "joined" else []
    is_joined = bool(following) and file.records != "json" and following[0].first == entry.first + entry.written.count(b"\n")
    if entry.kind == "another format":
        return []
    is_followed = not following or following[0].kind in WHOLE  # what damaged text goes on from is damaged too
    if entry.kind in WHOLE and is_followed and not is_joined and not is_spoiled:
        return check_whole(entry, rows, reason, seen)
    faults = []
    for row in rows:
        told = [wrong_fields(entry, meant, row, following, is_spoiled) for meant in entry.rows or ({},)]
        faults += min(told, key=len)
    if is_joined and following[0].rows and following[0].kind in WHOLE and not reason:
        faults.append(f"two records in one line, and one is lost: {rows}")
    return faults


def check_whole(entry: Entry, rows: list[dict], reason: str | None, seen: set) -> list[str]:
    """A record that nobody touched gives its rows, unless they are loaded already, or its fate."""
    if entry.fate != "loaded":
        fate = "loaded" if rows else "quarantined" if reason else "ignored"
        return [f"{fate}, not {entry.fate}"] * (fate != entry.fate)
    meant, found = (Counter(tuple(sorted(_plain(row).items())) for row in told) for told in (entry.rows, rows))
    if not reason and not found - meant and all(_key(dict(row)) in seen for row in meant - found):
        return []  # nothing is missing but what is loaded already
    return [f"should give {sorted((meant - found).elements())}, gave {reason or sorted((found - meant).elements())}"]


def _plain(row: dict) -> dict:
    """A row without an id made from the line, and without the number that a repetition gets."""
    made = row.get("event_id", "")
    return {column: cell for column, cell in row.items() if column != "event_id"} | ({} if MADE_ID.fullmatch(made) else {"event_id": made} if made else {})


def _key(row: dict) -> object:
    told = _plain(row)
    return told.get("event_id") or tuple(sorted(told.items()))


def wrong_fields(entry: Entry, meant: dict, row: dict, following: list[Entry], is_spoiled: bool) -> list[str]:
    """Fields of a loaded row that are not as before the damage although their own text was not touched."""
    data, faults = entry.text.encode(), []
    own = {column: _own(data, column, cell) for column, cell in meant.items()}
    ids = {column: spans(data, cell) for column, cell in meant.items() if len(cell) >= 5 and is_varied(column)}
    strange = {cell for other in following for told in other.rows for column, cell in told.items() if len(cell) >= 5 and column.endswith(("_id", "_ip"))}
    has_lost_a_name = _touches(entry.touched, [found.span() for found in NAME.finditer(data)])
    is_json, is_fused = data[:1] == b"{", data[:1] == b"{" and entry.kind == "cut in the middle"
    touched = [meant[column] for column in ids if _touches(entry.touched, ids[column])]
    for column in sorted(meant.keys() | row.keys()):
        before, after, places = meant.get(column), row.get(column), own.get(column)
        if before == after or (column == "event_id" and MADE_ID.fullmatch(after or "")):
            continue
        is_touched = bool(places) and _touches(entry.touched, places)
        others = {meant[name] for name in ids if name != column and not is_fused} | strange
        taken = sorted(cell for cell in others if cell in (after or "") and cell not in (before or ""))
        if taken and not (is_json and f'"{after}"'.encode() in data and after not in taken):  # a whole other text may stand in for one that was lost
            faults.append(f"{column} {after!r} holds another field's text {taken}, not {before!r}")
        elif is_spoiled or is_touched or has_lost_a_name or _is_touched_text(entry, after) or (is_json and not after and not (touched and places)):
            continue
        elif places and column not in DERIVED and (is_varied(column) or _is_time(column) or before.isdigit()):
            faults.append(f"{column} {after!r} is not {before!r}, whose text was not touched")
        elif column == "user_kind" and meant.get("user_id") in touched:
            continue  # the name tells what kind of user it is
        elif (
            touched
            and _is_within(entry.touched, [place for told in ids.values() for place in told])
            and not any(cell in (before or "") or (after or "\0") in cell for cell in touched)
        ):
            faults.append(f"{column} {after!r} is not {before!r}, only {touched} was touched")
    return faults


def _own(data: bytes, column: str, cell: str) -> list[tuple[int, int]]:
    """The bytes that a field is made of, with its name before it where the record has names."""
    if _is_time(column):
        return [found.span() for found in TIME.finditer(data)]
    places, key = spans(data, cell), REQUEST if column in ("url_path", "http_method") else KEY
    if column in ("url_path", "http_method"):
        places = [(first, last + re.match(rb'[^"]*', data[last:]).end()) for first, last in places]
    return [(re.search(key + rb"$", data[max(0, first - 80) : first]).start() + max(0, first - 80), last) for first, last in places]


def _is_time(column: str) -> bool:
    return column in ("event_time", "event_ingested") or column.endswith(("_at", "_on"))


def _touches(touched: tuple, places: list) -> bool:
    return any(first <= end and begin <= last for first, last in touched for begin, end in places)


def _is_within(touched: tuple, places: list) -> bool:
    return bool(touched) and all(any(begin < first and last < end for begin, end in places) for first, last in touched)


def _is_touched_text(entry: Entry, cell: str | None) -> bool:
    """Whether a loaded text stands where the line was damaged."""
    places = [(found.start() - 1, found.end() + 1) for found in re.finditer(re.escape(cell.encode()), entry.written, re.I)] if cell else []
    return any(begin <= at <= end for begin, end in places for span in entry.touched for at in span)


def read_rows(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, dict[int, list[dict]]]:
    """All rows of a table as text, by load and line."""
    place = table if table == "access_events" else f"history.{table}"
    known = "load_id, line, origin, event_provider" if table == "access_events" else "load_id, line, origin"
    cursor = connection.execute(f"select load_id, line, columns(* exclude ({known}))::varchar from {place}")
    names = [column[0] for column in cursor.description][2:]
    found: dict[str, dict[int, list[dict]]] = defaultdict(lambda: defaultdict(list))
    while batch := cursor.fetchmany(10_000):
        for load_id, line, *cells in batch:
            found[load_id][line].append({name: cell for name, cell in zip(names, cells, strict=True) if cell not in (None, "")})
    return found


@pytest.fixture(scope="module", params=SEEDS)
def faults(request, tmp_path_factory) -> list[str]:
    """What is wrong with what became of the damaged lines of one seed."""
    files, folder = make(request.param, min(LINES, ROUND)), tmp_path_factory.mktemp("damaged") / "company"
    loads = load_all(folder, files)
    connection = store.open_store(folder / "store.duckdb")
    told = []
    ignored = dict(connection.execute("select load_id, sum(rows)::bigint from ignored group by load_id").fetchall())
    quarantined = defaultdict(dict)
    for load_id, line, reason in connection.execute("select load_id, line, reason from quarantine").fetchall():
        quarantined[load_id][line] = reason
    for table in sorted({file.table for file in files}):
        stored = read_rows(connection, table)
        seen = {_key(row) for lines in stored.values() for rows in lines.values() for row in rows}
        for file in files:
            if file.table == table:
                row = loads[file.name]
                told += check(file, row, stored[row["load_id"]], quarantined[row["load_id"]], ignored.get(row["load_id"], 0), seen)
    connection.close()
    return told


def _shown(faults: list[str]) -> str:
    return f"{len(faults)} faults, of which the first:\n" + "\n".join(faults[: int(os.environ.get("DAMAGED_SHOWN", "40"))])


@pytest.mark.slow
def test_damaged_lines_are_accounted_for_and_take_no_others_fields(faults):
    """Per file: read = loaded + duplicate + ignored + quarantined; each record in one of them; no field shifted."""
    found = [fault for fault in faults if not PART_OF_AN_OBJECT.match(fault)]
    assert not found, _shown(found)


@pytest.mark.slow
@pytest.mark.xfail(reason="a quote or bracket put into JSON can still let a part of an object pass for a record (issue 4)", strict=False)
def test_no_part_of_a_damaged_object_passes_for_a_record(faults):
    """A list of objects in which one is broken gives no record made of a part of it."""
    found = [fault for fault in faults if PART_OF_AN_OBJECT.match(fault)]
    assert not found, _shown(found)


def test_every_format_is_damaged():
    """Formats that are added later are damaged too."""
    files = make(1, 2000)
    assert {file.format for file in files} > FORMATS.keys()
    assert BLOCKS.keys() < FORMATS.keys()
