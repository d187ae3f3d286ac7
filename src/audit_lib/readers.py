"""Bytes and lines of a raw file, in bounded memory; what can't be read is set apart, line by line, and never lost."""

import codecs
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from audit_lib.errors import InputError

BLOCK = 4 << 20  # bytes read at once
BATCH = 32 << 20  # bytes of text that make one chunk: enough for all threads, little beside the memory limit
MAX_RECORD = 1 << 20  # bytes. CloudTrail's largest event has 256 KiB, web servers cut at 64 KiB; what is longer is damage
SHOWN = 2000  # characters of a line that quarantine keeps
BLANK = "blank line"
SCHEMA = pa.schema([("line", pa.int64()), ("text", pa.string())])


@dataclass(frozen=True)
class Reject:
    """One record that could not be read: its line from 1, its text as far as it can be shown, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Some records in a row: `records` has line and text (and cells, where the format has columns)."""

    records: pa.Table
    rejects: list[Reject] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.records.num_rows + len(self.rejects) + len(self.blanks)


def hash_file(path: Path, marks: Iterable[int] = ()) -> tuple[str, int, dict[int, str]]:
    """SHA-256 and size of the bytes as stored, and the SHA-256 of the first so many bytes for each mark."""
    digest, size, found, waiting = hashlib.sha256(), 0, {}, sorted(set(marks))
    with path.open("rb", buffering=0) as file:
        while True:
            while waiting and waiting[0] == size:
                found[waiting.pop(0)] = digest.hexdigest()
            if not (block := file.read(min(BLOCK, waiting[0] - size) if waiting else BLOCK)):
                return digest.hexdigest(), size, found
            digest.update(block)
            size += len(block)


def read_blocks(path: Path, *, limit: int | None = None, size: int = BLOCK, seen: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The content of a file, unpacked where its name ends in .gz; `limit`: stored bytes to read, `seen`: told how many.

    Raises InputError where a .gz is no gzip, or is damaged.
    """
    return unpacked(path.name, stored_blocks(path, limit, size, seen))


def stored_blocks(path: Path, limit: int | None = None, size: int = BLOCK, seen: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The bytes of a file as they are stored."""
    done = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(size if limit is None else min(size, limit - done)):
            done += len(block)
            if seen:
                seen(done)
            yield block


def unpacked(name: str, stored: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a file of that name from its stored bytes."""
    return _unpack(name, stored) if name.endswith(".gz") else stored


def _unpack(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of gzip data, which may hold several members, in pieces of at most 4 MiB."""
    unpacker, is_open, is_first = zlib.decompressobj(wbits=31), False, True
    for block in blocks:
        while block:
            try:
                piece = unpacker.decompress(block, BLOCK)
            except zlib.error:
                what = "is no gzip file, whatever its name says" if is_first else "the gzip data is damaged"
                raise InputError(f"{name}: {what}. Deliver the file again, or name it without .gz if it is plain") from None
            is_open, is_first = True, False
            if piece:
                yield piece
            block = unpacker.unconsumed_tail
            if unpacker.eof:
                block, unpacker, is_open = unpacker.unused_data.lstrip(b"\0"), zlib.decompressobj(wbits=31), False
    if is_open:
        raise InputError(f"{name}: the gzip data is cut off. Deliver the file again, whole")


def read_lines(blocks: Iterable[bytes]) -> Iterator[Chunk]:
    """Lines ended by \\n or \\r\\n, a last one without an end too. Not UTF-8, NUL, over 1 MiB: a reject."""
    waiting, size = [], 0
    for piece in line_pieces(blocks):
        waiting.append(piece)
        size += piece.records.nbytes
        if size > BATCH:
            yield _join(waiting)
            waiting, size = [], 0
    if waiting:
        yield _join(waiting)


def _join(pieces: list[Chunk]) -> Chunk:
    return Chunk(
        pa.concat_tables([piece.records for piece in pieces]),
        [reject for piece in pieces for reject in piece.rejects],
        [line for piece in pieces for line in piece.blanks],
    )


def line_pieces(blocks: Iterable[bytes]) -> Iterator[Chunk]:
    rest, line, is_first = b"", 1, True
    for block in blocks:
        data = rest + block
        if is_first and len(data) >= 3:
            data, is_first = data.removeprefix(codecs.BOM_UTF8), False
        end = data.rfind(b"\n") + 1
        rest = data[end:][: MAX_RECORD + 2]  # a line that is too long anyway need not be held whole
        if end:
            is_first, piece = False, _lines_of(data[:end], line)
            line += piece.count
            yield piece
    if rest := rest.removeprefix(codecs.BOM_UTF8) if is_first else rest:
        yield _lines_of(rest + b"\n", line)


def _lines_of(data: bytes, first: int) -> Chunk:
    buffer = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(buffer == 10)
    starts = np.concatenate(([0], ends[:-1] + 1))
    returns = (ends > starts) & (buffer[ends - 1] == 13)
    lengths = ends - starts - returns
    good = lengths > 0
    blanks = (np.flatnonzero(~good) + first).tolist()
    rejects = []
    if lengths.max() > MAX_RECORD or b"\0" in data or not _is_utf8(data):
        for index in np.flatnonzero(good).tolist():
            raw = data[starts[index] : starts[index] + lengths[index]]
            if reason := fault_of(raw):
                good[index] = False
                rejects.append(Reject(first + index, shown(raw), reason))
    keep = np.repeat(good, ends - starts + 1)
    keep[ends] = False
    keep[ends[returns] - 1] = False
    offsets = np.concatenate(([0], np.cumsum(lengths[good]))).astype(np.int32)
    texts = pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(buffer[keep])])
    numbers = np.ascontiguousarray(np.flatnonzero(good) + first, np.int64)
    lines = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])  # pa.array would import pandas first
    return Chunk(pa.table([lines, texts], SCHEMA), rejects, blanks)


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False


def fault_of(raw: bytes) -> str | None:
    if len(raw) > MAX_RECORD:
        return f"longer than {MAX_RECORD:,} bytes"
    if b"\0" in raw:
        return f"holds a NUL byte, at byte {raw.index(0) + 1}"
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        return f"is not UTF-8: byte 0x{raw[fault.start]:02x} at byte {fault.start + 1}"
    return None


def shown(raw: bytes) -> str:
    """A damaged line as text: bytes that are no UTF-8, and NUL, as `\\xff`; long ones are cut by `shorten`."""
    return raw[: 4 * SHOWN + 4].decode(errors="backslashreplace").replace("\0", "\\x00") + ("…" if len(raw) > 4 * SHOWN + 4 else "")


def shorten(text: str, reason: str) -> tuple[str, str]:
    """Text and reason as quarantine keeps them: 2,000 characters, and a note where there were more."""
    return (text, reason) if len(text) <= SHOWN else (text[:SHOWN], f"{reason} (text shortened to {SHOWN:,} characters)")


def hash_text(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
