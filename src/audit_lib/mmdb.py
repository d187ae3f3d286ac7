"""Address databases (MMDB files): whether the whole file is sound, and what each knows of an address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import maxminddb
import numpy as np

from audit_lib.errors import InputError, raise_all

Address = IPv4Address | IPv6Address
SHIPPED = Path(__file__).parent / "countries.mmdb"
FAULTS = (maxminddb.InvalidDatabaseError, ValueError, OSError, OverflowError, KeyError, TypeError, AttributeError, RecursionError, MemoryError,
          SystemError)  # fmt: skip  # the last where a text is no UTF-8, and warnings are looked at
SEPARATOR = 16  # zero bytes between the search tree and the records
BATCH = 1 << 20  # nodes of the search tree that are unpacked at a time
NO_COUNTRY = {"ZZ", "XX", "EU", "AP"}  # unknown, and parts of the world

ANONYMIZERS = ("is_anonymous_vpn", "is_tor_exit_node", "is_public_proxy", "is_residential_proxy", "is_anonymous_proxy", "anonymizer_confidence", "provider_name",
               "vpn", "tor", "proxy")  # fmt: skip
HOSTS = ("is_hosting_provider", "hosting")
KINDS = {"cellular": "mobile", "cable/dsl": "residential", "residential": "residential"}


@dataclass(frozen=True)
class Database:
    """One MMDB file; `name` with its build date, as reports state it."""

    name: str
    reader: maxminddb.Reader
    knows_ipv6: bool


def open_databases(own: Iterable[Path], shipped: Path = SHIPPED) -> list[Database]:
    """The project's databases in their order, then the shipped one, each read whole. Raises InputError that names every broken file."""
    databases, faults = [], []
    for path in [*own, *([shipped] if shipped.exists() else [])]:
        try:
            reader = maxminddb.open_database(path)
            check(path, reader)
            built = datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date()
            databases.append(Database(f"{path.name} {built}", reader, reader.metadata().ip_version == 6))
        except FileNotFoundError:
            faults.append(f"audit.toml: [addresses] databases: no such file: {path}. Correct the path")
        except FAULTS as fault:
            faults.append(refusal(path.name, fault))
    raise_all(InputError, faults)
    return databases


def refusal(name: str, fault: Exception) -> str:
    """What a user is told of a broken database."""
    told = "a record can't be read" if isinstance(fault, SystemError) else str(fault) or type(fault).__name__
    return f"{name}: is no sound address database (MMDB): {told}. Download it again"


def check(path: Path, reader: maxminddb.Reader) -> None:
    """Reads a whole database: each way through its search tree ends, and each record that one leads to can be read.

    A file holds few records for many networks, so each record is read once, by the first address that leads to it.
    Raises ValueError or what the reader raises.
    """
    facts = reader.metadata()
    if facts.ip_version not in (4, 6) or facts.record_size not in (24, 28, 32):
        raise ValueError(f"addresses of version {facts.ip_version}, {facts.record_size} bits in a node")
    bits = 32 if facts.ip_version == 4 else 128
    make = IPv4Address if bits == 32 else IPv6Address
    for high, low in _addresses(_tree(path, facts), facts.node_count, bits):
        reader.get(make((high << 64 | low) >> 128 - bits))


def _tree(path: Path, facts: maxminddb.reader.Metadata) -> np.ndarray:
    """The search tree: two pointers a node. Raises ValueError where one leads out of the file, or between tree and records."""
    width = facts.record_size // 4
    content = np.memmap(path, np.uint8, "r")
    records = len(content) - facts.node_count * width - SEPARATOR
    tree = np.zeros((facts.node_count, 2), np.uint32)
    for start in range(0, facts.node_count, BATCH):
        node = content[start * width : min(start + BATCH, facts.node_count) * width].reshape(-1, width).astype(np.uint32)
        if facts.record_size == 28:
            left, right = [node[:, 3] >> 4, *node[:, :3].T], [node[:, 3] & 15, *node[:, 4:].T]
        else:
            left, right = node[:, : width // 2].T, node[:, width // 2 :].T
        for side, parts in enumerate((left, right)):
            for part in parts:
                tree[start : start + BATCH, side] = tree[start : start + BATCH, side] << 8 | part
    beyond = tree > facts.node_count
    if np.any(beyond & ((tree < facts.node_count + SEPARATOR) | (tree.astype(np.int64) - facts.node_count - SEPARATOR >= records))):
        raise ValueError("the search tree leads out of the file")
    return tree


def _addresses(tree: np.ndarray, count: int, bits: int) -> Iterable[tuple[int, int]]:
    """An address for each record that the tree leads to, as its upper and lower 64 bits; a shorter one stands at the upper end.

    Raises ValueError where a way through the tree is longer than an address.
    """
    nodes, high, low = np.zeros(1, np.uint32), np.zeros(1, np.uint64), np.zeros(1, np.uint64)
    seen = np.empty(0, np.uint32)
    for depth in range(bits):
        bit = np.uint64(1 << 63 - depth % 64)
        halves = (high, low)
        ones = (high | bit, low) if depth < 64 else (high, low | bit)
        pointers = np.concatenate([tree[nodes, 0], tree[nodes, 1]])
        highs, lows = (np.concatenate([zero, one]) for zero, one in zip(halves, ones, strict=True))
        found, first = np.unique(np.where(pointers > count, pointers, count), return_index=True)
        is_new = (found != count) & ~np.isin(found, seen)
        seen = np.concatenate([seen, found[is_new]])
        yield from zip(highs[first[is_new]].tolist(), lows[first[is_new]].tolist(), strict=True)
        inner = np.flatnonzero(pointers < count)
        nodes, first = np.unique(pointers[inner], return_index=True)
        high, low = highs[inner[first]], lows[inner[first]]
        if not len(nodes):
            return
    raise ValueError("the search tree has no end")


def ask(database: Database, address: Address) -> tuple[dict[str, Any], int]:
    """What one database knows of an address, in the forms of the databases that are about (MaxMind, DB-IP, ip-location-db, IPinfo).

    And the last address, as a number, of which it says the same. Where the network is registered, its domain, its users'
    number or income fill no column. Raises InputError.
    """
    number, bits = int(address), address.max_prefixlen
    if address.version == 6 and not database.knows_ipv6:
        return {}, (1 << bits) - 1
    try:
        record, length = database.reader.get_with_prefix_len(address)
    except FAULTS as fault:
        raise InputError(refusal(database.name, fault)) from None
    return _facts(record), number | (1 << bits - max(length, 0)) - 1


def _facts(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        return {}
    place, traits = _dict(record, "location"), {**record, **_dict(record, "traits")}
    number = traits.get("autonomous_system_number", traits.get("asn"))
    return {
        "country": _country(record),
        "city": _text(_dict(_dict(record, "city"), "names").get("en")) or _text(record.get("city")),
        "latitude": _number(place.get("latitude", record.get("latitude")), 90),
        "longitude": _number(place.get("longitude", record.get("longitude")), 180),
        "accuracy_radius_km": _number(place.get("accuracy_radius"), 20_038),
        "network_name": next((name for key in ("autonomous_system_organization", "as_name", "organization", "isp") if (name := _text(traits.get(key)))), None),
        "autonomous_system": int(found[1]) if (found := re.fullmatch(r"(?:AS)?(\d{1,10})", str(number))) else None,
        "network_kind": _kind(traits),
    }


def _country(record: dict) -> str | None:
    """Where the network is used: neither where it is registered nor whom it represents."""
    codes = (_dict(record, "country").get("iso_code"), record.get("country_code"), record.get("country"))
    code = next((code.upper() for code in codes if isinstance(code, str) and re.fullmatch("[A-Za-z]{2}", code)), None)
    return None if code in NO_COUNTRY else code


def _kind(traits: dict) -> str | None:
    """Who hides behind others is told first; a database that says no more than anonymous means hosts, too."""
    if any(_is_true(traits.get(name)) for name in ANONYMIZERS):
        return "anonymizer"
    if any(_is_true(traits.get(name)) for name in HOSTS) or traits.get("user_type") == "hosting":
        return "hosting"
    if _is_true(traits.get("is_anonymous")):
        return "anonymizer"
    words = (traits.get("connection_type"), traits.get("user_type"))
    return next((KINDS[word.lower()] for word in words if isinstance(word, str) and word.lower() in KINDS), None)


def _is_true(value: Any) -> bool:
    return bool(value) and value not in ("false", "False", "0")


def _dict(record: dict, key: str) -> dict:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _number(value: Any, limit: float) -> float | None:
    """A number between -limit and limit; some databases write numbers as text."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) <= limit else None
