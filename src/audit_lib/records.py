"""Records that are more than a line: JSON values, CSV records with quoted line ends, rows of Parquet files."""

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audit_lib.errors import InputError
from audit_lib.readers import BATCH, MAX_RECORD, SCHEMA, SHOWN, Chunk, Reject, fault_of, line_pieces, shown

_DECODER = json.JSONDecoder(strict=False, parse_int=float, parse_constant=float)
CELLS = SCHEMA.append(pa.field("cells", pa.map_(pa.string(), pa.string())))  # records of a CSV for a format in SQL
_SPACE = re.compile(r"[\s,\x1e]*")
_MEMBER = re.compile(r'\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
_CLOSERS = re.compile(r"[\]}][\]},\s]*")
_AFTER_RECORDS = re.compile(r'\s*,\s*"(?:[^"\\]|\\.)*"\s*:\s*')


class _Window:
    """Decoded text from `at` on, filled so that a whole record lies in it unless the file ends before."""

    def __init__(self, blocks: Iterable[bytes]):
        decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        self.pieces = (decoder.decode(block) for block in blocks)
        self.text, self.at, self.has_ended, self.is_first = "", 0, False, True

    def fill(self) -> None:
        while not self.has_ended and len(self.text) - self.at < MAX_RECORD + SHOWN:
            piece = next(self.pieces, None)
            self.has_ended = piece is None
            self.text, self.at = self.text[self.at :] + (piece or ""), 0
            if self.is_first and self.text:
                self.text, self.is_first = self.text.removeprefix("\ufeff"), False


def read_json(blocks: Iterable[bytes], lists: tuple[str, ...] = ("Records",)) -> Iterator[Chunk]:
    """JSON values: of an array, of an object's list of one of these names, one a line, or one after the other; line: running number."""
    texts, lines, rejects, number, size = [], [], [], 0, 0
    for number, (text, fault) in enumerate(values(blocks, lists), start=1):
        if fault or not text.isascii():
            raw = text.encode(errors="surrogateescape")
            fault = fault or fault_of(raw)
            text = text if not fault else shown(raw)
        fault = fault or (fault_of(text.encode()) if len(text) > MAX_RECORD or "\0" in text else None)
        if fault:
            rejects.append(Reject(number, text, fault))
        else:
            texts.append(text)
            lines.append(number)
        size += len(text)
        if size > BATCH:
            yield Chunk(pa.table([lines, texts], SCHEMA), rejects)
            texts, lines, rejects, size = [], [], [], 0
    if texts or rejects:
        yield Chunk(pa.table([pa.array(lines, pa.int64()), pa.array(texts, pa.string())], SCHEMA), rejects)


def values(blocks: Iterable[bytes], lists: tuple[str, ...] = ("Records",)) -> Iterator[tuple[str, str | None]]:
    window, is_inside, is_wrapped, indent = _Window(blocks), False, False, None
    while True:
        window.fill()
        window.at = _SPACE.match(window.text, window.at).end()
        window.fill()
        text, at = window.text, window.at
        if at == len(text):
            break
        start = None if is_inside else at + 1 if text[at] == "[" else list_in(text, at, lists)[1]
        if start:
            is_inside, is_wrapped, window.at = True, text[at] == "{", start
        elif is_inside and text[at] == "]":
            is_inside, window.at = False, _end_of_object(text, at + 1) if is_wrapped else at + 1
        elif text[at] in "]}":
            window.at = _CLOSERS.match(text, at).end()
            yield text[at : window.at].rstrip(), "is not JSON: a bracket is closed that was not opened"
        else:
            if indent is None:
                before = text.rfind("\n", 0, at) + 1
                indent = text[before:at] if not text[before:at].strip() else ""
            try:
                end = _DECODER.raw_decode(text, at)[1]
            except (ValueError, RecursionError) as fault:
                yield _skip(window, indent), f"is not JSON: {_words(fault, at)}"
                is_inside = is_inside and not (window.at == len(window.text) and window.has_ended)
            else:
                yield text[at:end], None
                window.at = end
    if is_inside:
        yield "", "the list is not closed: the file was cut off here"


def list_in(text: str, at: int, lists: tuple[str, ...]) -> tuple[str | None, int | None]:
    """Name and start of the list of one of these names that is a member of the object at `at`; nothing where it has none."""
    if text[at] == "{" and any(text.find(f'"{name}"', at, at + 4096) >= 0 for name in lists):
        at += 1
        while member := _MEMBER.match(text, at):
            at = member.end()
            if member[1] in lists:
                return (member[1], at + 1) if text[at : at + 1] == "[" else (None, None)
            try:
                at = _DECODER.raw_decode(text, at)[1]
            except (ValueError, RecursionError):
                break
    return None, None


def _words(fault: Exception, start: int) -> str:
    return f"{fault.msg}, at character {fault.pos - start + 1} of the record" if isinstance(fault, json.JSONDecodeError) else "too deep, or a number too long"


def _end_of_object(text: str, at: int) -> int:
    """Where the object around `Records` ends: its further members are no records."""
    while member := _AFTER_RECORDS.match(text, at):
        try:
            at = _DECODER.raw_decode(text, member.end())[1]
        except (ValueError, RecursionError):
            return at
    found = re.compile(r"\s*\}").match(text, at)
    return found.end() if found else at


def _skip(window: _Window, indent: str) -> str:
    """Moves to where the next record may begin, and returns the text up to there."""
    start = re.compile(r"\n" + re.escape(indent) + r"(?=\{)|\}\s*,\s*(?=\{)" if not indent else r"\n" + re.escape(indent) + r"(?=\{)")
    head = ""
    while True:
        found = start.search(window.text, window.at + 1)
        end = found.end() if found else len(window.text)
        if len(head) <= MAX_RECORD:
            head += window.text[window.at : end]
        window.at = end
        if found or window.has_ended:
            return head.rstrip(" \t\r\n,")
        window.fill()


def read_csv(blocks: Iterable[bytes], header: list[str], delimiter: str) -> Iterator[Chunk]:
    """Records of a CSV below its header: line where each begins, text as it stood, cells as text, empty ones null."""
    rows, rejects, blanks, size = [], [], [], 0

    def chunk() -> Chunk:
        columns = list(zip(*rows, strict=True)) or [()] * (2 + len(header))
        arrays = [pa.array(columns[0], pa.int64())] + [pa.array(column, pa.string()) for column in columns[1:]]
        return Chunk(pa.table(arrays, names=["line", "text", *[f"cell_{name}" for name in header]]), rejects, blanks)

    records = csv_records(blocks, delimiter, len(header))
    next(records, None)
    for line, text, cells, fault in records:
        if fault:
            rejects.append(Reject(line, text, fault))
        elif not cells:
            blanks.append(line)
        else:
            rows.append((line, text, *[cell.strip() or None for cell in cells]))
        size += len(text)
        if size > BATCH // 4:
            yield chunk()
            rows, rejects, blanks, size = [], [], [], 0
    if rows or rejects or blanks:
        yield chunk()


def read_cells(blocks: Iterable[bytes], header: list[str], delimiter: str) -> Iterator[Chunk]:
    """As `read_csv`, with all cells of a record in one column, `cells`: a map from the header's names to text."""
    for chunk in read_csv(blocks, header, delimiter):
        table = chunk.records
        rows = list(zip(*(table[f"cell_{name}"].to_pylist() for name in header), strict=True))
        ends = [len(header) * number for number in range(len(rows) + 1)]
        cells = pa.MapArray.from_arrays(
            pa.array(ends, pa.int32()), pa.array(header * len(rows), pa.string()), pa.array([cell for row in rows for cell in row], pa.string())
        )
        yield Chunk(table.select(["line", "text"]).append_column("cells", cells), chunk.rejects, chunk.blanks)


def read_columns(blocks: Iterable[bytes]) -> tuple[list[str], str]:
    """Names in the first line of a CSV, in lower case, and the delimiter that gives most of them; none where it has one column or repeats a name."""
    first = next((piece.records["text"][0].as_py() for piece in line_pieces(blocks) if piece.records.num_rows), "")
    found = []
    for delimiter in (",", ";", "\t"):
        try:
            cells = next(csv.reader([first], strict=True, delimiter=delimiter), [])
        except csv.Error:
            continue
        found.append(([cell.strip().lower() for cell in cells], delimiter))
    names, delimiter = max(found, key=lambda one: len(one[0]), default=([], ","))
    return (names, delimiter) if len(names) > 1 and len(set(names)) == len(names) else ([], delimiter)


def csv_records(blocks: Iterable[bytes], delimiter: str, width: int) -> Iterator[tuple[int, str, list[str], str | None]]:
    """(line, text, cells, what is wrong) of each record. After a quote that is never closed it goes on at the next line."""
    csv.field_size_limit(MAX_RECORD)
    lines = _pushed_back(_physical(blocks))
    while True:
        taken: list[tuple[int, str, str | None]] = []

        def feed(taken: list = taken) -> Iterator[str]:
            for entry in lines.take():
                taken.append(entry)
                if entry[2] or sum(len(text) for _, text, _ in taken) > MAX_RECORD:
                    raise csv.Error("a quote is opened and not closed")
                yield entry[1] + "\n"

        reader = csv.reader(feed(), strict=True, delimiter=delimiter)
        try:
            for cells in reader:
                if cells and len(cells) != width and len(taken) > 1:
                    raise csv.Error("a quote is opened and not closed")
                fault = f"has {len(cells)} cells, the header has {width}" if cells and len(cells) != width else None
                yield taken[0][0], "\n".join(text for _, text, _ in taken), cells, fault
                taken.clear()
            return
        except csv.Error as fault:
            line, text, own = taken[0]
            lines.push(taken[1:])
            yield line, text, [], own or f"is not CSV: {'a quote is opened and not closed' if 'end of data' in str(fault) else fault}"


class _pushed_back:
    """An iterator to which entries can be given back."""

    def __init__(self, entries: Iterator):
        self.entries, self.waiting = entries, deque()

    def push(self, entries: list) -> None:
        self.waiting.extendleft(reversed(entries))

    def take(self) -> Iterator:
        while True:
            if self.waiting:
                yield self.waiting.popleft()
            elif (entry := next(self.entries, None)) is not None:
                yield entry
            else:
                return


def _physical(blocks: Iterable[bytes]) -> Iterator[tuple[int, str, str | None]]:
    for piece in line_pieces(blocks):
        entries = zip(piece.records["line"].to_pylist(), piece.records["text"].to_pylist(), strict=True)
        merged = [(line, text, None) for line, text in entries] + [(line, "", None) for line in piece.blanks]
        yield from sorted(merged + [(one.line, one.text, one.reason) for one in piece.rejects])


def read_parquet(path: Path, rows: int = 65536) -> Iterator[Chunk]:
    """Rows of a Parquet file, line: number of the row from 1. Raises InputError where it is none."""
    first = 1
    try:
        for batch in pq.ParquetFile(path).iter_batches(rows):
            lines = pa.array(range(first, first + batch.num_rows), pa.int64())
            table = pa.Table.from_batches([batch])
            yield Chunk(table.rename_columns([f"cell_{name}" for name in table.column_names]).add_column(0, "line", lines))
            first += batch.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as fault:
        raise InputError(f"{path.name}: can't be read as Parquet: {str(fault).splitlines()[0]}. Deliver the file again") from None
