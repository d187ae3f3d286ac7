"""Distinct addresses of the events: parsed with `ipaddress`, located in MMDB files, once each."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import maxminddb
import pyarrow as pa

from audit_lib.errors import InputError, raise_all

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SHIPPED = Path(__file__).parent / "countries.mmdb"
PROBED = 2000  # networks read to see that a database is whole, before a load begins

# The first that holds the address names its scope; none: global. Python's own is_global differs between versions.
SCOPES = [
    (ipaddress.ip_network(text), scope)
    for scope, texts in (
        ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10"),
        ("carrier_grade", "100.64.0.0/10"),
        ("loopback", "127.0.0.0/8 ::1/128"),
        ("link_local", "169.254.0.0/16 fe80::/10"),
        ("documentation", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
        ("multicast", "224.0.0.0/4 ff00::/8"),
        ("global", "192.0.0.9/32 192.0.0.10/32 2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28 64:ff9b::/96"),
        ("reserved", "0.0.0.0/8 192.0.0.0/24 198.18.0.0/15 192.88.99.0/24 240.0.0.0/4 ::/8 100::/8 2001::/23 5f00::/16"),
    )
    for text in texts.split()
]
MASKED = re.compile(r"[0-9a-fA-FxX*:.]*[xX*][0-9a-fA-FxX*:.]*")
TRUNCATED = re.compile(r"(?:\d{1,3}\.){1,3}(?:\d{1,3}\.?)?|(?:[0-9a-fA-F]{1,4}:){1,7}(?:[0-9a-fA-F]{1,4})?")


@dataclass(frozen=True)
class Database:
    """One MMDB file; `name` with its build date, as reports state it."""

    name: str
    reader: maxminddb.Reader
    knows_ipv6: bool


def open_databases(own: Iterable[Path], shipped: Path = SHIPPED) -> list[Database]:
    """The project's databases in their order, then the shipped one. Raises InputError that names every broken file."""
    databases, faults = [], []
    for path in [*own, *([shipped] if shipped.exists() else [])]:
        try:
            reader = maxminddb.open_database(path)
            facts = reader.metadata()
            for _ in islice(reader, PROBED):
                pass
            built = datetime.fromtimestamp(facts.build_epoch, UTC).date()
            databases.append(Database(f"{path.name} {built}", reader, facts.ip_version == 6))
        except FileNotFoundError:
            faults.append(f"audit.toml: [addresses] databases: no such file: {path}. Correct the path")
        except (maxminddb.InvalidDatabaseError, ValueError, OSError, OverflowError, KeyError, TypeError, RecursionError) as fault:
            faults.append(f"{path.name}: is no sound address database (MMDB): {fault}. Download it again")
    raise_all(InputError, faults)
    return databases


def read_networks(texts: Iterable[str], where: str) -> tuple[Network, ...]:
    """Networks from their texts. Raises InputError that names all that are none."""
    networks, faults = [], []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            faults.append(f"{where}: no address range: {text!r}. Write it as 10.20.0.0/16 or 2001:db8::/32")
    raise_all(InputError, faults)
    return tuple(networks)


def update(connection: duckdb.DuckDBPyConnection, databases: list[Database], new_loads: list[str]) -> None:
    """Adds the addresses that the new loads brought; all are made anew where databases or own networks have changed."""
    networks = connection.execute("select asset_id, address_range from assets where address_range is not null order by all").fetchall()
    names = [database.name for database in databases]
    asked = connection.execute("select distinct database_names from addresses").fetchall()
    has_networks = connection.execute("select count(*) from loads where table_name = 'assets'").fetchall()[0][0] or networks
    if any(row[0] != names for row in asked) or (new_loads and has_networks):
        connection.execute("delete from addresses")
        origin = "access_events"
    else:
        connection.execute("create or replace temp table fresh as select unnest(?::varchar[]) as load_id", [new_loads])
        origin = "access_events semi join fresh using (load_id)"
    found = connection.execute(
        f"""
        select distinct address from (
          select source_ip as address from {origin} where source_ip is not null
          union all
          select unnest(list_transform(split(network_forwarded_ip, ','), lambda hop: host(hop))) from {origin} where network_forwarded_ip is not null
        )
        where address is not null and address not in (select address from addresses)
        order by address
        """
    ).fetchall()
    own = _own_networks(networks)
    for first in range(0, len(found), 100_000):
        rows = [describe(address, databases, own) for (address,) in found[first : first + 100_000]]
        connection.register("described", pa.Table.from_pylist(rows, SCHEMA))
        connection.execute(f"insert into addresses ({', '.join(SCHEMA.names)}) select * from described")


SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("address", "address_form", "address_scope", "canonical_address", "country", "city", "network_name", "network_kind")]
    + [(name, pa.list_(pa.string())) for name in ("other_countries", "database_names", "asset_ids")]
    + [("ip_version", pa.int64()), ("autonomous_system", pa.int64())]
    + [(name, pa.float64()) for name in ("latitude", "longitude", "accuracy_radius_km")]
    + [("load_id", pa.string()), ("line", pa.int64())]
)


def describe(address: str, databases: list[Database], own: dict[tuple[int, int], dict[int, list[str]]] | None = None) -> dict[str, Any]:
    """One row of `addresses` for an address text.

    >>> describe("::ffff:8.8.8.0%eth0", [])["address_form"], describe("225.01.00.16", [])["address_form"]
    ('suspect', 'invalid')
    """
    form, parsed = parse(address)
    row: dict[str, Any] = {"address": address, "address_form": form, "asset_ids": [], "database_names": [one.name for one in databases]}
    if parsed is None:
        return row
    row |= {"address_scope": scope(parsed), "canonical_address": str(parsed), "ip_version": parsed.version, "asset_ids": _around(parsed, own or {})}
    countries = []
    for database in databases:
        answer = _ask(database, parsed)
        country = answer.pop("country", None)
        if country:
            countries.append(country)
        for name, value in answer.items():
            if value is not None and row.get(name) is None:
                row[name] = value
    row["country"] = countries[0] if countries else None
    row["other_countries"] = sorted(set(countries[1:]) - {row["country"]})
    return row


def parse(address: str) -> tuple[str, ipaddress.IPv4Address | ipaddress.IPv6Address | None]:
    """Form of an address text, and the address where it is a whole one: without zone id, IPv4-mapped as IPv4."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return _form_of_part(address), None
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    low = int(parsed) & (0xFF if parsed.version == 4 else (1 << 80) - 1)
    return ("suspect" if low == 0 else "full"), parsed


def _form_of_part(text: str) -> str:
    start, sign, end = text.partition("/") if "/" in text else text.partition("-")
    if sign:
        try:
            ipaddress.ip_network(text, strict=False) if sign == "/" else (ipaddress.ip_address(start.strip()), ipaddress.ip_address(end.strip()))
            return "range"
        except ValueError:
            return "invalid"
    if MASKED.fullmatch(text) and re.search(r"[.:*]", text):
        return "masked"
    octets = [part for part in text.split(".") if part]
    if TRUNCATED.fullmatch(text) and (":" in text or (len(octets) < 4 and all(int(part) < 256 and str(int(part)) == part for part in octets))):
        return "truncated"
    return "invalid"


def scope(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """What kind of network an address belongs to.

    >>> scope(ipaddress.ip_address("100.64.1.1")), scope(ipaddress.ip_address("2a00:1450::1"))
    ('carrier_grade', 'global')
    """
    return next((name for network, name in SCOPES if network.version == parsed.version and parsed in network), "global")


def _ask(database: Database, parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> dict[str, Any]:
    """What one database knows of an address, in the forms of the databases that are about (MaxMind, ip-location-db, …)."""
    if parsed.version == 6 and not database.knows_ipv6:
        return {}
    try:
        record = database.reader.get(parsed)
    except (maxminddb.InvalidDatabaseError, ValueError, OverflowError) as fault:
        raise InputError(f"{database.name}: is no sound address database (MMDB): {fault}. Download it again") from None
    if not isinstance(record, dict):
        return {}
    place, location = _dict(record, "country"), _dict(record, "location")
    city = _dict(_dict(record, "city"), "names").get("en")
    code = place.get("iso_code") or record.get("country_code") or (record.get("country") if isinstance(record.get("country"), str) else None)
    return {
        "country": code.upper() if isinstance(code, str) and re.fullmatch("[A-Za-z]{2}", code) and code.upper() not in ("ZZ", "XX") else None,
        "city": city or (record.get("city") if isinstance(record.get("city"), str) else None) or None,
        "network_name": record.get("autonomous_system_organization") or record.get("organization") or record.get("isp"),
        "autonomous_system": record.get("autonomous_system_number"),
        "network_kind": _kind(record),
        "latitude": _number(location.get("latitude", record.get("latitude"))),
        "longitude": _number(location.get("longitude", record.get("longitude"))),
        "accuracy_radius_km": _number(location.get("accuracy_radius")),
    }


def _dict(record: dict, key: str) -> dict:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _kind(record: dict) -> str | None:
    traits = {**record, **_dict(record, "traits")}
    if any(
        traits.get(name) for name in ("is_anonymous", "is_anonymous_vpn", "is_tor_exit_node", "is_public_proxy", "is_residential_proxy", "is_anonymous_proxy")
    ):
        return "anonymizer"
    if traits.get("is_hosting_provider") or traits.get("user_type") == "hosting":
        return "hosting"
    return {"Cellular": "mobile", "Cable/DSL": "residential"}.get(traits.get("connection_type")) or {"cellular": "mobile", "residential": "residential"}.get(
        traits.get("user_type")
    )


def _own_networks(rows: list[tuple[str, str]]) -> dict[tuple[int, int], dict[int, list[str]]]:
    """Own networks as (version, prefix length) to network number to asset ids; ranges that can't be read are left to IPE-02."""
    own: dict[tuple[int, int], dict[int, list[str]]] = {}
    for asset_id, text in rows:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            continue
        ids = own.setdefault((network.version, network.prefixlen), {}).setdefault(int(network.network_address), [])
        if asset_id not in ids:
            ids.append(asset_id)
    return own


def _around(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address, own: dict[tuple[int, int], dict[int, list[str]]]) -> list[str]:
    found = set()
    for (version, length), networks in own.items():
        if version == parsed.version:
            rest = parsed.max_prefixlen - length
            found.update(networks.get(int(parsed) >> rest << rest, ()))
    return sorted(found)
