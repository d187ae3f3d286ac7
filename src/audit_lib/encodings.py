"""Text of input files in any encoding, brought to UTF-8 while it is read, and texts of a file as a terminal may show them."""

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TextIO

from audit_lib.errors import InputError

HEAD = 512  # bytes by which UTF-16 without a byte-order mark is told
_BROKEN = "audit_lib.broken"  # what can't be decoded becomes lone surrogates, U+DC00 and the byte, which UTF-8 does not allow
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (turned writing, no width), half a character, line and paragraph ends


def _keep(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return "".join(chr(0xDC00 + byte) for byte in fault.object[fault.start : fault.end]), fault.end


codecs.register_error(_BROKEN, _keep)


def check(encoding: str) -> str:
    """Python's name of a text encoding. Raises InputError where there is none of this name."""
    try:
        found = codecs.lookup(encoding)
        if found._is_text_encoding and b"\n".decode(encoding) is not None:
            return found.name
    except (LookupError, UnicodeError, TypeError, ValueError):
        pass
    raise InputError(f"no such encoding: {encoding!r}. Allowed: any that Python knows, such as utf-8, latin-1, cp1252, utf-16 or shift_jis")


def told_by_bytes(head: bytes) -> str | None:
    """The encoding that the first bytes of a file tell: UTF-16, by its mark or as every second byte of plain text is NUL; else nothing.

    >>> told_by_bytes(b"a\\0b\\0"), told_by_bytes(b"\\0a\\0b"), told_by_bytes(b"\\xff\\xfea\\0"), told_by_bytes(b"abcd")
    ('utf-16-le', 'utf-16-be', 'utf-16', None)
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = head[: HEAD - HEAD % 2]
    first, second = head[::2], head[1::2]
    if len(second) > 1 and not first.count(0) and 4 * second.count(0) >= 3 * len(second):
        return "utf-16-le"
    if len(second) > 1 and not second.count(0) and 4 * first.count(0) >= 3 * len(first):
        return "utf-16-be"
    return None


def to_utf8(blocks: Iterable[bytes], encoding: str | None = None) -> Iterator[bytes]:
    """The same text in UTF-8. Without `encoding` only UTF-16 is brought to it, all else left as it is.

    What the encoding does not have becomes bytes that are no UTF-8: the line is set apart, and no other.
    """
    blocks, head = iter(blocks), b""
    if encoding is None:
        taken = []
        for block in blocks:
            taken.append(block)
            head += block[:HEAD]
            if len(head) >= HEAD:
                break
        encoding = told_by_bytes(head)
        blocks = (block for part in (taken, blocks) for block in part)
    elif codecs.lookup(encoding).name in ("utf-8", "ascii"):
        encoding = None
    return blocks if encoding is None else _transcoded(blocks, encoding)


def _transcoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors=_BROKEN)
    for block in blocks:
        if text := decoder.decode(block):
            yield text.encode(errors="surrogatepass")
    if text := decoder.decode(b"", final=True):
        yield text.encode(errors="surrogatepass")


def visible(text: str, *, keep: str = "\n") -> str:
    r"""Text without what would steer a terminal or hide from a reader: such characters as escapes.

    >>> visible("a\x1b[31mb\u202ec\u200bd")
    'a\\x1b[31mb\\u202ec\\u200bd'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign in keep or unicodedata.category(sign) not in _HIDDEN else _escape(ord(sign)) for sign in text)


def say(text: str, where: TextIO | None = None) -> None:
    """Prints; what comes from a file can't steer the terminal."""
    print(visible(text), file=where)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
