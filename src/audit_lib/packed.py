"""Bytes of input files as they are stored, also inside a zip, and the content of what is packed (.gz, .zst); nothing is written to disk.

A file in a zip has the path `archive.zip/member`, which no file system knows: the functions here read it as if it were there.
"""

import contextlib
import functools
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import pyarrow as pa

from audit_lib.errors import InputError

BLOCK = 4 << 20  # bytes read, and given out, at once
ENDINGS = {".gz": "gzip", ".zst": "Zstandard"}
ZSTD_MARK = b"\x28\xb5\x2f\xfd"
MOST_TIMES = 1000  # content that is larger than its packed bytes by more than this is a trap, not a log,
LEAST_TRAP = 64 << 20  # once it has this many bytes
_DRIVE = re.compile(r"[A-Za-z]:")
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError)


def packing(name: str) -> str | None:
    """How a file of that name is packed: `gzip`, `Zstandard`, or not at all.

    >>> packing("access.log.2.GZ"), packing("accounts.csv.zst"), packing("accounts.csv")
    ('gzip', 'Zstandard', None)
    """
    return ENDINGS.get(PurePosixPath(name).suffix.lower())


def is_packed(path: str | Path) -> bool:
    """Whether a file's bytes differ from its content: its first bytes can't be compared with those of another file's content."""
    return packing(str(path)) is not None


def plain_name(name: str) -> str:
    """A file's name without the ending that says how it is packed.

    >>> plain_name("accounts.csv.zst"), plain_name("access.log")
    ('accounts.csv', 'access.log')
    """
    return name[: -len(PurePosixPath(name).suffix)] if is_packed(name) else name


def is_zip(path: Path) -> bool:
    """Whether a path is that of a zip by its name."""
    return path.suffix.lower() == ".zip" and path.is_file()


def archive_of(path: Path) -> tuple[Path, str] | None:
    """The zip that a path leads into, and the member's name in it; nothing for a plain path."""
    for above in reversed(path.parents):
        if above.suffix.lower() == ".zip" and above.is_file():
            return above, path.relative_to(above).as_posix()
    return None


def is_there(path: Path) -> bool:
    """Whether there is such a file, or such a member of a zip."""
    try:
        inside = None if path.is_file() else archive_of(path)
        return path.is_file() if inside is None else inside[1] in _directory(inside[0])
    except InputError:
        return False


def size_of(path: Path) -> int:
    """Stored bytes; of a member of a zip, its unpacked bytes."""
    inside = archive_of(path)
    return _directory(inside[0])[inside[1]].file_size if inside else path.stat().st_size


def stamp(path: Path) -> int:
    """When the file, or the zip around it, was last changed, in nanoseconds."""
    inside = archive_of(path)
    return (inside[0] if inside else path).stat().st_mtime_ns


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The stored bytes of a file, for `read`. Raises InputError where a member of a zip can't be read."""
    inside = archive_of(path)
    if inside is None:
        with path.open("rb", buffering=0) as file:
            yield file
        return
    archive, name = inside
    try:
        member = _directory(archive)[name]
        with _archive(archive, *_state(archive)).open(member) as file:
            yield file
    except KeyError:
        raise InputError(f"{name}: is not in {archive.name} any more. Load again") from None
    except ZIP_FAULTS as fault:
        if isinstance(fault, OSError) and fault.filename:
            raise
        raise InputError(f"{path.name}: can't be read from {archive.name}: {_words(fault)}. Deliver the zip again") from None


def members(archive: Path) -> list[Path]:
    """The files in a zip, as paths. Raises InputError where it is damaged, encrypted, or holds what no delivery holds."""
    return [archive / name for name in _directory(archive)]


def _state(archive: Path) -> tuple[int, int]:
    found = archive.stat()
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=2)
def _archive(archive: Path, changed: int, size: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive)  # kept open: its directory is read once, and not for each of a thousand members


def _directory(archive: Path) -> dict[str, zipfile.ZipInfo]:
    return _checked(archive, *_state(archive))


@functools.lru_cache(maxsize=16)
def _checked(archive: Path, changed: int, size: int) -> dict[str, zipfile.ZipInfo]:
    try:
        found = [one for one in _archive(archive, changed, size).infolist() if not one.is_dir()]
    except ZIP_FAULTS as fault:
        raise InputError(f"{archive.name}: is no zip that can be read: {_words(fault)}. Deliver it again") from None
    if sum(one.compress_size for one in found) > size:
        raise InputError(f"{archive.name}: its members overlap: it is damaged, or made to fill disks. Deliver it again")
    kept: dict[str, zipfile.ZipInfo] = {}
    for one in found:
        name = one.filename
        if fault := _fault(one, kept):
            raise InputError(f"{archive.name}: its member {name!r} {fault}")
        if not PurePosixPath(name).name.startswith((".", "~$")):
            kept[PurePosixPath(name).as_posix()] = one
    return kept


def _fault(member: zipfile.ZipInfo, seen: dict) -> str | None:
    """Why a member is not taken."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(member.filename):
        return "has a name that leads out of the zip. Deliver it with plain names"
    if path.suffix.lower() == ".zip":
        return "is a zip in a zip. Deliver that one by itself"
    if member.flag_bits & 1:
        return "is encrypted. Deliver it without a password"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link to another file. Deliver the file itself"
    if PurePosixPath(member.filename).as_posix() in seen:
        return "is in it twice. Deliver each file under a name of its own"
    if member.file_size > max(LEAST_TRAP, MOST_TIMES * member.compress_size):
        return f"would unpack to {member.file_size:,} bytes from {member.compress_size:,}: it is made to fill disks. Take it out"
    return None


def _words(fault: Exception) -> str:
    return (str(fault) or type(fault).__name__).splitlines()[0].rstrip(".")


def unpacked(name: str, stored: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a file of that name from its stored bytes, in pieces of at most 4 MiB.

    Raises InputError where it is not packed as its name says, is damaged, cut off, or made to fill disks.
    """
    how = packing(name)
    if how is None:
        return iter(stored)
    return _guarded(name, stored, _gunzip if how == "gzip" else _unzstd)


def _guarded(name: str, stored: Iterable[bytes], unpack) -> Iterator[bytes]:
    taken = given = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for block in stored:
            taken += len(block)
            yield block

    for piece in unpack(name, counted()):
        given += len(piece)
        if given > max(LEAST_TRAP, MOST_TIMES * taken):
            raise InputError(f"{name}: unpacks to over {given:,} bytes from {taken:,}: it is made to fill disks. Take it out")
        yield piece


def _gunzip(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of gzip data, which may hold several members."""
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


class _Stored:
    """Blocks of bytes as the file that Arrow reads from."""

    def __init__(self, blocks: Iterable[bytes]):
        self.blocks, self.rest, self.head, self.closed = iter(blocks), b"", b"", False

    def read(self, size: int = -1) -> bytes:
        while not self.rest:
            block = next(self.blocks, None)
            if block is None:
                return b""
            self.rest, self.head = block, self.head or block[:4]
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def _unzstd(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of Zstandard data, which may hold several frames."""
    stored = _Stored(blocks)
    stream = pa.CompressedInputStream(pa.PythonFile(stored, mode="r"), "zstd")
    while True:
        try:
            piece = stream.read(BLOCK)
        except OSError as fault:
            if isinstance(fault, InputError) or fault.filename:
                raise
            if "runcated" in str(fault):
                raise InputError(f"{name}: the Zstandard data is cut off. Deliver the file again, whole") from None
            what = "the Zstandard data is damaged" if stored.head == ZSTD_MARK else "is no Zstandard file, whatever its name says"
            raise InputError(f"{name}: {what}. Deliver the file again, or name it without .zst if it is plain") from None
        if not piece:
            return
        yield piece
