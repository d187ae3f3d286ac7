"""Bytes and lines of a raw file, in bounded memory; what can't be read is set apart, line by line, and never lost."""

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from audit_lib import encodings, packed
from audit_lib.packed import is_packed, plain_name, size_of, stamp, unpacked

__all__ = ["Chunk", "Reject", "hash_file", "is_packed", "plain_name", "read_blocks", "read_lines", "size_of", "stamp", "stored_blocks", "unpacked"]

BLOCK = packed.BLOCK
BATCH = 32 << 20  # bytes of text that make one chunk: enough for all threads, little beside the memory limit
LINES_BATCH = 128 << 20  # of lines, which are not copied: a chunk then fills row groups of the store
MAX_RECORD = 1 << 20  # bytes. CloudTrail's largest event has 256 KiB, web servers cut at 64 KiB; what is longer is damage
SHOWN = 2000  # characters of a line that quarantine keeps
BLANK = "blank line"
OTHER_ENCODING = ' (is it another encoding? Declare it in audit.toml: [[inputs]] files = "…", encoding = "latin-1")'
SCHEMA = pa.schema([("line", pa.int64()), ("text", pa.string())])
LINES = pa.schema([("line", pa.int64()), ("text", pa.string_view())])
VIEW = np.dtype([("size", "<i4"), ("head", "<u4"), ("buffer", "<i4"), ("offset", "<i4")])


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
    """SHA-256 and size of the bytes as stored, and the SHA-256 of the first so many bytes for each mark.

    Of a member of a zip its unpacked bytes count, as growth is told by them.
    """
    digest, size, found, waiting = hashlib.sha256(), 0, {}, sorted(set(marks))
    with packed.opened(path) as file:
        while True:
            while waiting and waiting[0] == size:
                found[waiting.pop(0)] = digest.hexdigest()
            if not (block := file.read(min(BLOCK, waiting[0] - size) if waiting else BLOCK)):
                return digest.hexdigest(), size, found
            digest.update(block)
            size += len(block)


def read_blocks(
    path: Path, *, limit: int | None = None, size: int = BLOCK, seen: Callable[[int], None] | None = None, encoding: str | None = None
) -> Iterator[bytes]:
    """The content of a file, unpacked as its name says, in UTF-8; `limit`: stored bytes to read, `seen`: told how many.

    `encoding`: that which audit.toml declares; without one UTF-16 is known by itself. Raises InputError where a packed file is damaged.
    """
    return encodings.to_utf8(unpacked(path.name, stored_blocks(path, limit, size, seen)), encoding)


def stored_blocks(path: Path, limit: int | None = None, size: int = BLOCK, seen: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """The bytes of a file as they are stored."""
    done = 0
    with packed.opened(path) as file:
        while block := file.read(size if limit is None else min(size, limit - done)):
            done += len(block)
            if seen:
                seen(done)
            yield block


def read_lines(blocks: Iterable[bytes]) -> Iterator[Chunk]:
    """Lines ended by \\n or \\r\\n, a last one without an end too. Not UTF-8, NUL, over 1 MiB: a reject."""
    return joined(line_pieces(blocks))


def joined(pieces: Iterable[Chunk]) -> Iterator[Chunk]:
    """The same records in larger chunks."""
    waiting, size = [], 0
    for piece in pieces:
        waiting.append(piece)
        size += piece.records.nbytes
        if size > LINES_BATCH:
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
    numbers = np.ascontiguousarray(np.flatnonzero(good) + first, np.int64)
    lines = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])  # pa.array would import pandas first
    return Chunk(pa.table([lines, _views(data, starts[good], lengths[good])], LINES), rejects, blanks)


def _views(data: bytes, starts: np.ndarray, lengths: np.ndarray) -> pa.Array:
    """Texts that point into the bytes read, without a copy: Arrow's view layout, which holds up to 12 bytes in the view itself."""
    buffer = np.frombuffer(data + bytes(12), np.uint8) if len(starts) and starts[-1] + 12 > len(data) else np.frombuffer(data, np.uint8)
    views = np.zeros(len(starts), VIEW)
    views["size"], views["offset"] = lengths, starts
    views["head"] = buffer[starts[:, None] + np.arange(4)].view("<u4")[:, 0] if len(starts) else 0
    short = np.flatnonzero(lengths <= 12)
    if len(short):
        texts = buffer[starts[short][:, None] + np.arange(12)]
        texts[np.arange(12) >= lengths[short][:, None]] = 0
        views.view(np.uint8).reshape(-1, 16)[short, 4:] = texts
    return pa.Array.from_buffers(pa.string_view(), len(views), [None, pa.py_buffer(views), pa.py_buffer(data)])


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
        return _undecoded(raw, fault.start)
    return None


def _undecoded(raw: bytes, start: int) -> str:
    if raw[start] == 0xED and raw[start + 1 : start + 2] > b"\x9f":  # half a character, or a byte that `encodings` could not decode
        return f"holds what its encoding does not have, at byte {start + 1} of the line in UTF-8"
    return f"is not UTF-8: byte 0x{raw[start]:02x} at byte {start + 1}{OTHER_ENCODING}"


def shown(raw: bytes) -> str:
    """A damaged line as text: bytes that are no UTF-8, and NUL, as `\\xff`; long ones are cut by `shorten`."""
    return raw[: 4 * SHOWN + 4].decode(errors="backslashreplace").replace("\0", "\\x00") + ("…" if len(raw) > 4 * SHOWN + 4 else "")


def shorten(text: str, reason: str) -> tuple[str, str]:
    """Text and reason as quarantine keeps them: 2,000 characters, and a note where there were more."""
    return (text, reason) if len(text) <= SHOWN else (text[:SHOWN], f"{reason} (text shortened to {SHOWN:,} characters)")


def hash_text(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
