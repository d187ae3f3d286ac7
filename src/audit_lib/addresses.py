"""Distinct addresses of the events: parsed with `ipaddress`, located in MMDB files, once each."""

import bisect
import ipaddress
import re
from collections.abc import Iterable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from audit_lib import mmdb
from audit_lib.errors import InputError, raise_all
from audit_lib.mmdb import Database, open_databases

__all__ = ["Database", "describe", "open_databases", "parse", "read_networks", "scope", "update"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

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
        ("reserved", "0.0.0.0/8 192.0.0.0/24 198.18.0.0/15 192.88.99.0/24 240.0.0.0/4 2001::/23 ::/3 4000::/2 8000::/1"),
    )
    for text in texts.split()
]
BATCH = 100_000
PLAIN = r"regexp_full_match(address, '(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}')"
NUMBER = " + ".join(f"try_cast(split_part(address, '.', {place}) as bigint) * {256 ** (4 - place)}" for place in (1, 2, 3, 4))
PLACE = ("city", "latitude", "longitude", "accuracy_radius_km")
NETWORK = ("network_name", "autonomous_system")
MASKED = re.compile(r"[0-9a-fA-FxX*:.]*[xX*][0-9a-fA-FxX*:.]*")
TRUNCATED = re.compile(r"(?:\d{1,3}\.){1,3}(?:\d{1,3}\.?)?|(?:[0-9a-fA-F]{1,4}:){1,7}(?:[0-9a-fA-F]{1,4})?")


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
    found = connection.sql(
        f"""
        select address, case when {PLAIN} then {NUMBER} end as number from (
          select distinct address from (
            select source_ip as address from {origin} where source_ip is not null
            union all
            select unnest(list_transform(split(network_forwarded_ip, ','), lambda hop: host(hop))) from {origin} where network_forwarded_ip is not null
          )
          where address is not null and address not in (select address from addresses)
        )
        order by number, address
        """
    ).to_arrow_table()
    known, own = _Known(databases), _own_networks(networks)
    plain = found.filter(found["number"].is_valid())
    rest = sorted(((text, *parse(text)) for text in found["address"].filter(found["number"].is_null()).to_pylist()), key=_order)
    for first in range(0, plain.num_rows, BATCH):
        _add(connection, _plain(plain.slice(first, BATCH), known, own))
    for first in range(0, len(rest), BATCH):
        rows = [_row(*one, known, own) for one in rest[first : first + BATCH]]
        _add(connection, pa.Table.from_pylist(rows, SCHEMA))


def _add(connection: duckdb.DuckDBPyConnection, described: pa.Table) -> None:
    connection.register("described", described)
    connection.execute(f"insert into addresses ({', '.join(SCHEMA.names)}) select * from described")
    connection.unregister("described")


def _order(one: tuple) -> tuple:
    """By number, so that neighbours are in one network; what is no address comes first."""
    text, _, parsed = one
    return (parsed.version, int(parsed), text) if parsed else (0, 0, text)


def _plain(found: pa.Table, known: "_Known", own: dict) -> pa.Table:
    """Rows of `addresses` for IPv4 addresses as they are usually written, by `number`: most are, and a network is asked once."""
    numbers = found["number"].to_numpy()
    facts, places, start = [], np.zeros(len(numbers), np.int64), 0
    while start < len(numbers):
        facts.append(known.of(ipaddress.IPv4Address(int(numbers[start]))))
        end = int(np.searchsorted(numbers, known.last, "right"))
        places[start:end], start = len(facts) - 1, end
    columns = {name: pa.array([one.get(name) for one in facts], SCHEMA.field(name).type).take(places) for name in SCHEMA.names}
    columns |= dict.fromkeys(("address", "canonical_address"), found["address"])
    columns["address_form"] = pa.array(np.where(numbers & 0xFF, "full", "suspect"), pa.string())
    columns["database_names"] = pa.array([known.names] * len(numbers), SCHEMA.field("database_names").type)
    around = [_around(ipaddress.IPv4Address(int(one)), own) for one in numbers] if own else [[]] * len(numbers)
    columns["asset_ids"] = pa.array(around, SCHEMA.field("asset_ids").type)
    return pa.table(columns, SCHEMA)


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
    return _row(address, *parse(address), _Known(databases), own or {})


class _Known:
    """What is known of the network around an address; asked in the order of the addresses, once a network."""

    def __init__(self, databases: list[Database]):
        self.databases, self.names = databases, [one.name for one in databases]
        self.version, self.first, self.last, self.facts = 0, 0, -1, {}

    def of(self, parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> dict[str, Any]:
        if parsed.version != self.version or not self.first <= int(parsed) <= self.last:
            self.version, self.first = parsed.version, int(parsed)
            self.facts, self.last = self._ask(parsed)
        return self.facts

    def _ask(self, parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[dict[str, Any], int]:
        scope_name, last = _span(parsed)
        told = [mmdb.ask(database, parsed) for database in self.databases]
        answers = [answer for answer, _ in told]
        countries = [country for answer in answers if (country := answer.get("country"))]
        country = countries[0] if countries else None
        facts = {"address_scope": scope_name, "ip_version": parsed.version, "country": country, "other_countries": sorted(set(countries[1:]) - {country})}
        for names in (PLACE, NETWORK, ("network_kind",)):  # each from one database, so that no city lies elsewhere than its country and its degrees
            sound = (answer for answer in answers if names is not PLACE or answer.get("country") in (None, country))
            facts |= next(({name: answer[name] for name in names} for answer in sound if any(answer.get(name) is not None for name in names)), {})
        return facts, min([last, *(end for _, end in told)])


def _row(address: str, form: str, parsed: ipaddress.IPv4Address | ipaddress.IPv6Address | None, known: _Known, own: dict) -> dict[str, Any]:
    row: dict[str, Any] = {"address": address, "address_form": form, "asset_ids": [], "database_names": known.names}
    if parsed is None:
        return row
    return row | known.of(parsed) | {"canonical_address": str(parsed), "asset_ids": _around(parsed, own)}


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
    return _span(parsed)[0]


def _spans(version: int) -> tuple[list[int], list[str]]:
    """The first addresses, as numbers, of spans of one scope, in order, and the scopes."""
    networks = [(network, name) for network, name in SCOPES if network.version == version]
    ends = {0} | {int(network[0]) for network, _ in networks} | {int(network[-1]) + 1 for network, _ in networks}
    starts = sorted(end for end in ends if end < 1 << networks[0][0].max_prefixlen)
    return starts, [next((name for network, name in networks if int(network[0]) <= start <= int(network[-1])), "global") for start in starts]


SPANS = {version: _spans(version) for version in (4, 6)}


def _span(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[str, int]:
    """The scope of an address, and the last address, as a number, that it holds for."""
    starts, names = SPANS[parsed.version]
    place = bisect.bisect_right(starts, int(parsed))
    return names[place - 1], starts[place] - 1 if place < len(starts) else (1 << parsed.max_prefixlen) - 1


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
