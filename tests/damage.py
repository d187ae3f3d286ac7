"""Damaged files made from the samples of all formats, with a record of what was broken where.

One seed gives one set of files. `Entry` is what was written for one record: its text before the damage, the rows that
this text means, what was done to it, and which bytes of it were touched.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from good_records import ANYWHERE, BLOCKS, FORMATS, Entry, delivered, is_varied, sample, spans, vary

from audit_lib.readers import MAX_RECORD

DELIVERED = ("access_events", "accounts", "people", "purges", "backups", "access_grants", "stores")


@dataclass(frozen=True)
class File:
    """One damaged file. `content`: its bytes as unpacked, `records`: how the format tells them, `header`: lines above the entries."""

    name: str
    format: str
    table: str
    records: str
    content: bytes
    is_packed: bool
    header: int
    entries: list[Entry] = field(default_factory=list)

    @property
    def stored(self) -> bytes:
        return gzip.compress(self.content, mtime=0) if self.is_packed else self.content


# Damage ---------------------------------------------------------------------------------------------------------

Damage = Callable[[bytes, Entry, Random], tuple[bytes, tuple[tuple[int, int], ...]]]


def _put(extra: bytes, *, at: str = "", length: int = 0) -> Damage:
    """Puts bytes in the place of some: at a random place, or at one that a pattern finds."""

    def damage(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
        if at:
            places = [found.span() for found in re.finditer(at.encode(), data)]
            if not places:
                return data, ()
            first, last = chance.choice(places)
        else:
            first = chance.randrange(len(data) - length + 1)
            last = first + length
        return data[:first] + extra + data[last:], ((first, last),)

    return damage


def _cut(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    place = chance.randrange(1, len(data))
    return data[:place], ((place, len(data)),)


def _cut_out(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    first, last = sorted(chance.sample(range(len(data) + 1), 2))
    return data[:first] + data[last:], ((first, last),)


def _break(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    place = chance.randrange(1, len(data))
    return data[:place] + b"\n" + data[place:], ((place, place),)


def _random_byte(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    extra = bytes([chance.choice([one for one in range(1, 256) if one != 10])])
    return _put(extra, length=chance.randrange(2))(data, entry, chance)


def _cell(*, extra: bytes = b"", is_emptied: bool = False) -> Damage:
    """Empties the text of a field, or writes something into it."""

    def damage(data: bytes, entry: Entry, chance: Random) -> tuple[bytes, tuple[tuple[int, int], ...]]:
        places = [place for row in entry.rows for column, cell in row.items() if is_varied(column) for place in spans(data, cell)]
        if not places:
            return data, ()
        first, last = chance.choice(places)
        middle = b"" if is_emptied else data[first : (first + last) // 2] + extra + data[(first + last) // 2 : last]
        return data[:first] + middle + data[last:], ((first, last),)

    return damage


DAY, CLOCK = r"\d{4}-\d\d-\d\d(?=[ T])", r"(?<=\d:)\d\d(?=[^\d:])"
DAMAGES: dict[str, Damage] = {
    "truncated": _cut,
    "cut in the middle": _cut_out,
    "broken in two": _break,
    "NUL": _put(b"\0", length=1),
    "not UTF-8": _put(b"\xff", length=1),
    "Latin-1": _put(b"\xe9", length=1),
    "random byte": _random_byte,
    "random byte ": _random_byte,
    "byte removed": _put(b"", length=1),
    "quote removed": _put(b"", at='"'),
    "quote added": _put(b'"'),
    "comma added": _put(b","),
    "space added": _put(b" "),
    "tab added": _put(b"\t"),
    "bracket added": _put(b"}"),
    "backslash added": _put(b"\\"),
    "delimiter removed": _put(b"", at="[ ,:]"),
    "field emptied": _cell(is_emptied=True),
    "number is text": _put(b"many", at=r"(?<![0-9A-Za-z.:-])\d+(?![0-9A-Za-z.:-])"),
    "month 13": _put(b"2026-13-01", at=DAY),
    "30 February": _put(b"2026-02-30", at=DAY),
    "month 13 in words": _put(b"01/Foo/2026", at=r"\d\d/[A-Z][a-z][a-z]/\d{4}"),
    "second 61": _put(b"61", at=CLOCK),
    "year 99999": _put(b"99999", at=r"(?<!\d)20\d\d(?=[-:])"),
    "zone removed": _put(b"", at=r"(?<=\d\d:\d\d)( ?[+-]\d\d:?\d\d|(\.\d+)?Z)"),
    "terminal escape": _cell(extra=b"\x1b[31m"),
    "right to left": _cell(extra="\u202e".encode()),
    "bell": _cell(extra=b"\x07"),
    "deep": _put(b"[" * 3000, at=r"(?<=: )|(?<=:)(?=\")"),
}
RARE: dict[str, Damage] = {"too long": _put(b"x" * (MAX_RECORD + 1)), "very deep": _put(b'{"a":' * 100000, at=r"(?<=: )|(?<=:)(?=\")|$")}


def damaged(entry: Entry, kind: str, chance: Random) -> Entry:
    data = entry.text.encode()
    written, touched = (DAMAGES | RARE)[kind](data, entry, chance)
    return replace(entry, written=written, touched=touched, kind=kind) if written != data else replace(entry, written=data)


# Files ----------------------------------------------------------------------------------------------------------


def make(seed: int, lines: int) -> list[File]:
    """About so many lines of damaged files, over all formats and some delivered tables."""
    chance, files, number = Random(seed), [], seed * 1_000_000
    origins = [(name, form.table, form.records, sample(name)) for name, form in FORMATS.items()]
    origins += [(f"{table}.{kind}", table, kind, delivered(table, kind)) for table in DELIVERED for kind in ("csv", "jsonl")]
    foreign = {name: [entry for entry in entries if entry.rows] for name, _, mode, (_, entries) in origins if mode == "lines"}
    for name, table, mode, (header, entries) in origins:
        whole: list[Entry] = []
        share, others = (
            lines // len(origins),
            [entry for other, entries in foreign.items() if other != name for entry in entries if re.match(ANYWHERE.get(name, ""), entry.text)],
        )
        while len(whole) < share:
            number += 1
            unit = entries if name in BLOCKS else [chance.choice(entries)]
            for entry in vary(unit, number):
                whole += _spoiled(
                    replace(entry, block=number if name in BLOCKS else 0), chance, others, 0.3 if mode == "jsonl" else 0.85
                )  # a table that is mostly no JSON is refused
        if chance.random() < 0.5 and name in FORMATS:
            whole.insert(chance.randrange(len(whole)), damaged(vary([entries[0]], number + 1)[0], chance.choice(list(RARE)), chance))
        # rotation: the log was split where it stood, and the older parts were packed
        cuts = sorted(chance.sample(range(40, len(whole) - 40, 40), 2)) if len(whole) > 200 and name not in BLOCKS and chance.random() < 0.5 else []
        for part, (first, last) in enumerate(zip([0, *cuts], [*cuts, len(whole)], strict=True)):
            ending = f".{mode}" if name not in FORMATS else ".log"
            stem = f"{table}.{mode}-{part}{ending}" if name not in FORMATS else f"{name}-{part}{ending}"
            files.append(_file(stem, name, table, mode, header, whole[first:last], chance))
    return files


def _spoiled(entry: Entry, chance: Random, foreign: list[Entry], share: float) -> list[Entry]:
    """A record as it is, or damaged (the share of them), or with something beside it."""
    whole = replace(entry, written=entry.text.encode())
    if not entry.text or chance.random() > share:
        return [whole]
    kind = chance.choice([*DAMAGES, "twice", "blank", "joined", "another format"])
    if kind in ("twice", "blank", "another format"):
        other = chance.choice(foreign)
        beside = {"twice": whole, "blank": Entry("", (), "ignored", "blank"), "another format": replace(other, kind=kind, written=other.text.encode())}[kind]
        return [whole, replace(beside, block=entry.block)]
    if kind == "joined":
        return [replace(whole, kind=kind, touched=((len(whole.written),) * 2,))]
    broken = damaged(entry, kind, chance)
    return [broken if broken.kind != "whole" else damaged(entry, "random byte", chance)]  # not every line has a quote or a zone


def _file(stem: str, name: str, table: str, mode: str, header: str, entries: list[Entry], chance: Random) -> File:
    """The file as it is stored: with or without BOM, CRLF, an end of its last line, packed or not, JSON as a list or one a line."""
    end = chance.choice([b"\n", b"\n", b"\r\n"])
    is_list = mode == "json" and chance.random() < 0.4
    content = chance.choice([b"", b"", b"\xef\xbb\xbf"]) + (header.encode() + end if header else b"[" + end if is_list else b"")
    placed, above = [], content.count(b"\n")
    for number, entry in enumerate(entries, start=1):
        is_last = number == len(entries)
        entry = replace(entry, kind="whole", touched=()) if entry.kind == "joined" and is_last else entry
        placed.append(replace(entry, first=content.count(b"\n") + 1 if number < 2 else _next_line(placed[-1], content), start=len(content)))
        content += entry.written + (b"" if entry.kind == "joined" else b"," * (is_list and not is_last) + end)
    content += b"]" + end if is_list else b""
    is_packed = chance.random() < 0.3
    content = content.removesuffix(end) if chance.random() < 0.3 else content
    return File(stem + (".gz" if is_packed else ""), name, table, mode, content, is_packed, above, placed)


def _next_line(last: Entry, content: bytes) -> int:
    return last.first + content.count(b"\n", last.start)
