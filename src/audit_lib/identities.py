"""One replacement of every known id of a person, login, e-mail, address, account and session by a keyed name."""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from ahocorasick_rs import AhoCorasick

from audit_lib.errors import InputError

PREFIXES = {"staff": "staff", "contractor": "staff", "vendor_staff": "staff", "service": "service", "shared": "shared"}
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
ADDRESS = re.compile(r"(?<![\w./:-])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{1,4}:|:){2,7}[0-9A-Fa-f:.]*[0-9A-Fa-f])(?![\w:])(?!\.\d)")
KEY_FILE = "identities.key"


@dataclass(frozen=True)
class Names:
    """Keyed names of all known ids; `full` leaves everything as it is (for readers who are entitled to it)."""

    key: bytes
    forward: dict[str, str]
    full: bool = False
    _seen: dict[str, str] = field(default_factory=dict)
    _matcher: list = field(default_factory=list)


def read_key(folder: Path) -> bytes:
    """The project's key for names; made at first use, readable by its owner alone."""
    path = folder / KEY_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n")
    try:
        return bytes.fromhex(path.read_text().strip())
    except ValueError:
        raise InputError(f"{path}: is no key of 64 hexadecimal digits. Restore it: without it earlier names can't be resolved") from None


def read_names(connection: duckdb.DuckDBPyConnection, key: bytes, *, full: bool = False) -> Names:
    """The names of all ids that occur in a store, whatever the load. One name per id, the same in every run of a project."""
    forward = {}
    for prefix, ids in _known(connection):
        for one in ids:
            if one:
                forward.setdefault(one, name(key, prefix, one))
    return Names(key, forward, full)


def name(key: bytes, prefix: str, identity: str) -> str:
    """`prefix-` and ten letters and digits: 50 bits of an HMAC-SHA-256 over prefix and id."""
    digest = hmac.new(key, f"{prefix}:{identity}".encode(), hashlib.sha256).digest()
    return f"{prefix}-{base64.b32encode(digest)[:10].decode().lower()}"


def _known(connection: duckdb.DuckDBPyConnection) -> Iterable[tuple[str, list[str]]]:
    """Prefix and ids, the most telling kind first: an id that is both person and login is named as the person."""

    def column(query: str) -> list[str]:
        return [row[0] for row in connection.execute(query).fetchall()]

    for (kind,) in connection.execute("select distinct kind from history.people order by kind").fetchall():
        prefix = PREFIXES.get(kind, "customer")
        yield prefix, column(f"select distinct person_id from history.people where kind is not distinct from {_quoted(kind)}")
    yield "login", column("select distinct unnest(user_ids) from history.people")
    yield "name", column("select distinct public_name from history.people")
    columns = (
        connection.execute(
            "select case when schema_name = 'history' then 'history.' else '' end || table_name, column_name, data_type from duckdb_columns() "
            "where schema_name in ('main', 'history') and not internal and table_name not in (select view_name from duckdb_views()) order by all"
        ).fetchall()
        + connection.execute(
            "select 'history.' || table_name, column_name, data_type from duckdb_columns() where schema_name = 'history' order by all"
        ).fetchall()
    )
    for ending, prefix in (("person_id", "customer"), ("person_ids", "customer"), ("email", "email"), ("account_id", "acct"), ("session_id", "sess")):
        for table, column_name, data_type in columns:
            if column_name.endswith(ending) and data_type.startswith("VARCHAR"):
                value = f"unnest({column_name})" if data_type.endswith("[]") else column_name
                yield prefix, column(f"select distinct {value} from {table}")
    for column_name in ("user_id", "user_effective_id", "user_target_id"):
        yield "login", column(f"select distinct {column_name} from access_events")
    yield "ip", column("select distinct unnest([address, canonical_address]) from addresses")


def _quoted(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def replace(names: Names, text: str | None) -> str | None:
    """A text with each known id, and all else that has the form of an e-mail or address, replaced by its name.

    An id counts where it is not part of a longer word; of ids that overlap, the one that begins first, the longest.
    """
    if text is None or names.full or not text:
        return text
    if (known := names.forward.get(text)) is not None:
        return known
    if (seen := names._seen.get(text)) is not None:
        return seen
    made, at = [], 0
    for start, end, identity in _matches(names, text):
        made += [_patterns(names, text[at:start]), names.forward[identity]]
        at = end
    result = "".join([*made, _patterns(names, text[at:])])
    if len(names._seen) < 1_000_000:
        names._seen[text] = result
    return result


def _matches(names: Names, text: str) -> list[tuple[int, int, str]]:
    if not names._matcher:
        patterns = sorted(names.forward)
        names._matcher.append((AhoCorasick(patterns) if patterns else None, patterns))
    matcher, patterns = names._matcher[0]
    if matcher is None:
        return []
    found = sorted(((start, -end, index) for index, start, end in matcher.find_matches_as_indexes(text, overlapping=True) if _is_whole(text, start, end)))
    chosen, at = [], 0
    for start, end, index in found:
        if start >= at:
            chosen.append((start, -end, patterns[index]))
            at = -end
    return chosen


def _is_whole(text: str, start: int, end: int) -> bool:
    def joins(one: str, other: str) -> bool:
        return (one.isalnum() or one == "_") and (other.isalnum() or other == "_")

    return not (start > 0 and joins(text[start - 1], text[start])) and not (end < len(text) and joins(text[end - 1], text[end]))


def _patterns(names: Names, text: str) -> str:
    if "@" in text:
        text = EMAIL.sub(lambda found: name(names.key, "email", found[0]), text)
    if "." in text or ":" in text:
        text = ADDRESS.sub(lambda found: name(names.key, "ip", found[0]) if _is_address(found[0]) else found[0], text)
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def resolve(names: Names, given: str) -> str:
    """The id behind a name. Raises InputError where no known id has it."""
    for identity, known in names.forward.items():
        if known == given:
            return identity
    raise InputError(f"{given}: no id in the store has this name. Names hold within one project folder (its {KEY_FILE})")
