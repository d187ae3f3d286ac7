"""Addresses: what form and kind each text has, where it lies, and which databases are refused."""

import ipaddress
import json
import random
import struct
from pathlib import Path

import maxminddb
import pytest

from audit_lib import addresses, load, mmdb
from audit_lib.errors import InputError
from audit_lib.project import read_project

SHARED = Path(__file__).parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data, which this checkout lacks")

FORMS = """
    8.8.8.8 full | 8.8.8.0 suspect | 0.0.0.0 suspect | 10.0.0.1 full | 255.255.255.255 full
    2001:db8::1 full | 2001:db8:1:2:3:4:5:6 full | 2001:db8:1:: suspect | ::1 full | :: suspect | fe80::1%eth0 full
    ::ffff:8.8.8.8 full | ::ffff:8.8.8.0 suspect | 2001:DB8::A full
    8.8.8.0/24 range | 8.8.8.8/32 range | 2001:db8::/32 range | 2001:db8::1/128 range | 8.8.8.1-8.8.8.9 range
    8.8.8 truncated | 8.8.8. truncated | 8. truncated | 2001:db8: truncated | 2001:db8:1 truncated
    8.8.8.x masked | 8.8.8.xxx masked | 8.8.*.* masked | x.x.x.x masked | 2001:db8:: suspect | 2001:db8::x masked
    999.1.1.1 invalid | 225.01.00.16 invalid | 1.2.3.4.5 invalid | 01.2.3 invalid | unknown invalid | localhost invalid
    8.8.8.8/99 invalid | 1.2.3.4:80 invalid | 300.1 invalid | x invalid | - invalid | 8.8.8.8-x invalid | 1,2,3,4 invalid
"""


@pytest.mark.parametrize("pair", [pair.split() for line in FORMS.strip().splitlines() for pair in line.split("|")], ids=lambda pair: pair[0])
def test_each_text_has_one_form(pair):
    """Whole addresses are full, or suspect where they may have been cut; the rest is a range, truncated, masked or invalid."""
    text, form = pair
    row = addresses.describe(text, [])
    assert row["address_form"] == form
    assert ("address_scope" in row) == (form in ("full", "suspect"))


def test_scopes_are_named_as_what_they_are():
    """Private, carrier-grade, documentation, multicast and reserved ranges are no global addresses."""
    expected = {
        "8.8.8.8": "global", "10.1.2.3": "private", "172.16.0.1": "private", "172.32.0.1": "global", "192.168.1.1": "private",
        "100.64.0.1": "carrier_grade", "100.128.0.1": "global", "127.0.0.1": "loopback", "::1": "loopback", "169.254.1.1": "link_local",
        "fe80::1": "link_local", "192.0.2.1": "documentation", "198.51.100.7": "documentation", "203.0.113.7": "documentation",
        "2001:db8::1": "documentation", "224.0.0.1": "multicast", "ff02::1": "multicast", "240.0.0.1": "reserved", "0.1.2.3": "reserved",
        "198.18.0.1": "reserved", "fd00::1": "private", "2a00:1450::1": "global", "64:ff9b::808:808": "global", "255.255.255.255": "reserved",
        "4000::1": "reserved", "fc00::1": "private", "1::1": "reserved", "fec0::1": "private", "3fff::1": "documentation", "3ffe::1": "global",
        "192.0.0.9": "global", "192.0.0.8": "reserved", "100.127.255.255": "carrier_grade", "239.1.2.3": "multicast", "172.15.0.1": "global",
    }  # fmt: skip
    assert expected == {text: addresses.scope(ipaddress.ip_address(text)) for text in expected}


def test_the_normal_form_has_no_zone_and_no_mapped_prefix():
    """Two ways to write one address have one canonical form, so that they count as one."""
    assert addresses.describe("::ffff:8.8.8.8", [])["canonical_address"] == "8.8.8.8"
    assert addresses.describe("FE80:0:0:0:0:0:0:1%eth0", [])["canonical_address"] == "fe80::1"


def test_own_networks_around_an_address_are_all_named():
    """Nested own networks both hold the address; a range that is none is left out."""
    own = addresses._own_networks([("office", "203.0.113.0/24"), ("desk", "203.0.113.7/32"), ("broken", "x"), ("v6", "2001:db8::/32")])
    assert addresses.describe("203.0.113.7", [], own)["asset_ids"] == ["desk", "office"]
    assert addresses.describe("::ffff:203.0.113.8", [], own)["asset_ids"] == ["office"]
    assert addresses.describe("2001:db8::1", [], own)["asset_ids"] == ["v6"]


def test_the_shipped_database_knows_countries():
    """A public-domain country database comes with the package and its build date is stated."""
    (database,) = addresses.open_databases([])
    row = addresses.describe("8.8.8.8", [database])
    assert row["country"] == "US"
    assert row["other_countries"] == []
    assert row["database_names"] == [database.name]
    assert database.name.startswith("countries.mmdb 20")


@pytest.mark.parametrize("content", [b"", b"no database", b"\xab\xcd\xefMaxMind.com"])
def test_a_broken_database_is_refused_before_the_load(tmp_path, content):
    """A file that is no database is named, and what to do."""
    (tmp_path / "broken.mmdb").write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.mmdb: is no sound address database.*Download it again"):
        addresses.open_databases([tmp_path / "broken.mmdb"])


def test_missing_databases_are_all_named(tmp_path):
    """All faults at once."""
    with pytest.raises(InputError) as fault:
        addresses.open_databases([tmp_path / "one.mmdb", tmp_path / "two.mmdb"])
    assert "one.mmdb" in str(fault.value) and "two.mmdb" in str(fault.value)


MAXMIND = SHARED / "maxmind_testdata"
BROKEN = {path.name for sign in ("*roken*.mmdb", "*nvalid*.mmdb") for path in MAXMIND.glob(sign)}
SOUND = sorted(path.name for path in MAXMIND.glob("*.mmdb") if path.name not in BROKEN)
OTHERS_ASKED = {  # what an answer of ours comes from, in a record of MaxMind's; read here by another way than the loader's
    "country": "country.iso_code", "city": "city.names.en", "latitude": "location.latitude", "longitude": "location.longitude",
    "accuracy_radius_km": "location.accuracy_radius",
}  # fmt: skip


def at(record: dict, path: str):
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def answer_of(record) -> dict:
    """What a record of MaxMind's says in our columns."""
    record = record if isinstance(record, dict) else {}
    said = {column: at(record, path) for column, path in OTHERS_ASKED.items()}
    flat = record | record.get("traits", {})
    said["autonomous_system"] = flat.get("autonomous_system_number")
    said["network_name"] = flat.get("autonomous_system_organization") or flat.get("organization") or flat.get("isp")
    hides = [key for key in flat if key in ("anonymizer_confidence", "provider_name") or (key.startswith("is_") and key.endswith(("_vpn", "_node", "_proxy")))]
    if set(hides) - {"is_legitimate_proxy"}:
        said["network_kind"] = "anonymizer"
    elif flat.get("is_hosting_provider") or flat.get("user_type") == "hosting":
        said["network_kind"] = "hosting"
    elif flat.get("connection_type") == "Cellular" or flat.get("user_type") == "cellular":
        said["network_kind"] = "mobile"
    else:
        is_home = flat.get("connection_type") == "Cable/DSL" or flat.get("user_type") == "residential"
        said["network_kind"] = "residential" if is_home else None
    return said


def described(address, database) -> dict:
    row = addresses.describe(str(address), [database])
    assert row["other_countries"] == []
    return {column: row.get(column) for column in answer_of({})}


def as_ipv4(text: str):
    """The sources write some IPv4 networks as they stand in the tree: ::1.0.0.0/104."""
    network = ipaddress.ip_network(text, strict=False)
    if network.version == 6 and network.prefixlen >= 96 and not int(network.network_address) >> 32:
        return ipaddress.ip_network((int(network.network_address), network.prefixlen - 96))
    return network


@needs_shared
@pytest.mark.parametrize("name", SOUND)
def test_every_network_of_every_sound_database_is_as_its_source_says(name):
    """First and last address of each network, by `describe`: as the database's source has it, or (where none is) as its records have it."""
    database = addresses.open_databases([MAXMIND / name])[0]
    if name == "MaxMind-DB-no-ipv4-search-tree.mmdb":  # its one network covers both kinds of address, which the reader's iteration can't name
        assert not any(described("1.1.1.1", database).values())
        return
    source = (MAXMIND / name).with_suffix(".json")
    told = [(as_ipv4(text), record) for entry in json.loads(source.read_text()) for text, record in entry.items()] if source.exists() else []
    networks = [(network, record) for network, record in database.reader] + told
    assert networks
    for network, record in networks:
        for address in {network[0], network[-1]}:
            for other, said in reversed(told):  # where two networks of the source overlap, the later one was written over the other
                if other.version == address.version and address in other:
                    record = said
                    break
            assert described(address, database) == answer_of(record), address


@needs_shared
@pytest.mark.parametrize("name", sorted(BROKEN))
def test_every_broken_database_is_refused(name):
    """Each of MaxMind's broken test files is refused when it is opened, before anything is loaded."""
    with pytest.raises(InputError, match=f"{name}: is no sound address database"):
        addresses.open_databases([MAXMIND / name])


@needs_shared
def test_all_kinds_of_databases_stand_side_by_side():
    """A row takes its place, its network and its kind each from the first database that knows them."""
    databases = addresses.open_databases([MAXMIND / f"{name}-Test.mmdb" for name in ("GeoIP2-City", "GeoLite2-ASN", "GeoIP2-Anonymous-IP", "GeoIP2-Country")])
    row = addresses.describe("81.2.69.142", databases)
    assert (row["country"], row["city"], row["accuracy_radius_km"]) == ("GB", "London", 10)
    assert len(row["database_names"]) == 5
    assert addresses.describe("1.128.0.1", databases)["autonomous_system"] == 1221
    assert addresses.describe("1.2.0.1", databases)["network_kind"] == "anonymizer"


# Databases that are written here --------------------------------------------------------------------------------------


def encoded(value, kind: int | None = None) -> bytes:
    """A value as MMDB files hold it; `kind` for whole numbers: 5, 6 and 9 of 16, 32 and 64 bits."""
    if isinstance(value, dict):
        return bytes([0xE0 | len(value)]) + b"".join(encoded(key) + encoded(one, KINDS.get(key)) for key, one in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encoded, value))
    if isinstance(value, float):
        return b"\x68" + struct.pack(">d", value)
    body = value.encode() if isinstance(value, str) else value.to_bytes((value.bit_length() + 7) // 8, "big")
    kind = 2 if isinstance(value, str) else kind or 6
    size = bytes([len(body)]) if len(body) < 29 else bytes([29, len(body) - 29])
    return (bytes([kind << 5 | size[0]]) if kind < 8 else bytes([size[0], kind - 7])) + size[1:] + body


KINDS = {"binary_format_major_version": 5, "binary_format_minor_version": 5, "ip_version": 5, "record_size": 5, "build_epoch": 9}


def write(path: Path, records: dict[str, object], build_epoch: int = 1_790_000_000) -> Path:
    """An MMDB file of IPv4 networks, given as prefixes that do not overlap."""
    tree, content = [[None, None]], b""
    for text, record in records.items():
        network, node = ipaddress.ip_network(text), 0
        bits = f"{int(network.network_address):032b}"[: network.prefixlen]
        for bit in bits[:-1]:
            if tree[node][int(bit)] is None:
                tree.append([None, None])
                tree[node][int(bit)] = len(tree) - 1
            node = tree[node][int(bit)]
        tree[node][int(bits[-1])] = ("record", len(content))
        content += encoded(record)
    count = len(tree)
    pointers = (count if one is None else one if isinstance(one, int) else count + 16 + one[1] for node in tree for one in node)
    facts = {"binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": build_epoch, "database_type": "made", "ip_version": 4}
    facts |= {"node_count": count, "record_size": 24, "languages": ["en"], "description": {"en": "made for this test"}}
    body = b"".join(pointer.to_bytes(3, "big") for pointer in pointers)
    path.write_bytes(body + bytes(16) + content + b"\xab\xcd\xefMaxMind.com" + encoded(facts))
    return path


def test_disagreement_is_kept_and_not_resolved(tmp_path):
    """The first database's country stands, the others' beside it; no city of another country, and no degrees of another city."""
    own = [
        write(tmp_path / "first.mmdb", {"8.8.8.0/24": {"country": {"iso_code": "DE"}}, "9.9.9.0/24": {"country": {"iso_code": "CH"}}}),
        write(tmp_path / "second.mmdb", {"8.8.8.0/24": {"country_code": "FR", "city": "Paris", "latitude": 48.9, "longitude": 2.3}}),
        write(tmp_path / "third.mmdb", {"8.8.8.0/24": {"country": "DE", "city": {"names": {"en": "Berlin"}}}, "9.9.9.0/24": {"country_code": "EU"}}),
        write(tmp_path / "fourth.mmdb", {"8.8.8.0/24": {"asn": "AS64500", "as_name": "Example Net", "hosting": "true"}}),
    ]
    databases = addresses.open_databases(own)
    row = addresses.describe("8.8.8.8", databases)
    assert (row["country"], row["other_countries"], row["city"], row.get("latitude")) == ("DE", ["FR", "US"], "Berlin", None)
    assert (row["network_name"], row["autonomous_system"], row["network_kind"]) == ("Example Net", 64500, "hosting")
    assert row["database_names"][:4] == [f"{name}.mmdb 2026-09-21" for name in ("first", "second", "third", "fourth")]
    assert addresses.describe("9.9.9.9", databases[:4])["other_countries"] == []  # EU is no country
    turned = addresses.describe("8.8.8.8", databases[::-1])
    assert (turned["country"], turned["other_countries"]) == ("US", ["DE", "FR"])


@pytest.mark.parametrize(
    ("record", "column", "expected"),
    [
        ({"connection_type": "Cellular"}, "network_kind", "mobile"),
        ({"connection_type": "Cable/DSL"}, "network_kind", "residential"),
        ({"connection_type": "Corporate"}, "network_kind", None),
        ({"traits": {"user_type": "hosting", "connection_type": "Cable/DSL"}}, "network_kind", "hosting"),
        ({"is_anonymous": 1, "is_hosting_provider": 1}, "network_kind", "hosting"),
        ({"is_anonymous": 1}, "network_kind", "anonymizer"),
        ({"is_tor_exit_node": 1, "is_hosting_provider": 1}, "network_kind", "anonymizer"),
        ({"vpn": "", "proxy": "true"}, "network_kind", "anonymizer"),
        ({"vpn": "", "hosting": "false"}, "network_kind", None),
        ({"domain": "example.com"}, "network_name", None),
        ({"isp": "Example ISP"}, "network_name", "Example ISP"),
        ({"traits": {"isp": "Example ISP", "organization": "Example Org"}}, "network_name", "Example Org"),
        ({"autonomous_system_number": 4_294_967_295}, "autonomous_system", 4_294_967_295),
        ({"asn": "unknown"}, "autonomous_system", None),
        ({"registered_country": {"iso_code": "FR"}}, "country", None),
        ({"country": {"iso_code": "ZZ"}}, "country", None),
        ({"country_code": "de"}, "country", "DE"),
        ({"country": "Germany"}, "country", None),
        ({"latitude": "91.0", "longitude": "8.5"}, "latitude", None),
        ({"latitude": "50.1", "longitude": "8.5"}, "longitude", 8.5),
        ("DE", "country", None),
    ],
)
def test_which_columns_a_record_fills(tmp_path, record, column, expected):
    """Network kind, operator, number, country and degrees, in the forms of several makers."""
    (database,) = addresses.open_databases([write(tmp_path / "one.mmdb", {"8.0.0.0/8": record})])[:1]
    assert addresses.describe("8.8.8.8", [database]).get(column) == expected


def test_a_database_of_ipv4_says_nothing_of_ipv6(tmp_path):
    """It was asked, and has no answer."""
    (database,) = addresses.open_databases([write(tmp_path / "one.mmdb", {"0.0.0.0/1": {"country_code": "DE"}})])[:1]
    assert addresses.describe("2a00:1450::1", [database])["country"] is None
    assert addresses.describe("::ffff:8.8.8.8", [database])["country"] == "DE"


def test_damage_beyond_the_first_networks_is_found(tmp_path):
    """One record of the shipped database, read for addresses far behind, and one pointer at the end of its tree."""
    content = bytearray(mmdb.SHIPPED.read_bytes())
    reader = maxminddb.open_database(mmdb.SHIPPED)
    facts = reader.metadata()
    size = facts.node_count * facts.record_size // 4
    last = content.rindex(b"\xab\xcd\xefMaxMind.com")
    cases = {
        "record.mmdb": (size + 16, b"\x38\xff\xff\xff\xff"),
        "tree.mmdb": (size - facts.record_size // 4, b"\xff\xff\xff"),
        "end.mmdb": (last - 1, b"\xff"),
    }
    for name, (place, damage) in cases.items():
        broken = bytearray(content)
        broken[place : place + len(damage)] = damage
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(InputError, match=f"{name}: is no sound address database"):
            addresses.open_databases([tmp_path / name])


def test_a_damaged_byte_is_refused_or_harms_no_answer(tmp_path):
    """1,000 times one byte of a database is another: it is refused, or each of its addresses can be asked without an error."""
    places = [{"country_code": code, "city": f"Town {code}", "latitude": 1.5, "longitude": 2.5} for code in ("DE", "FR", "US")]
    networks = {f"{number}.0.0.0/8": places[number % 3] for number in range(1, 224)}
    content = write(tmp_path / "whole.mmdb", networks).read_bytes()
    chance, refused = random.Random(4), 0
    for _ in range(1000):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        (tmp_path / "damaged.mmdb").write_bytes(damaged)
        try:
            databases = addresses.open_databases([tmp_path / "damaged.mmdb"], shipped=tmp_path / "none")
        except InputError:
            refused += 1
            continue
        for network in networks:
            addresses.describe(network.replace("0/8", "1"), databases)
    assert 50 < refused < 950


def test_a_tree_that_runs_in_a_circle_is_refused(tmp_path):
    """A pointer back to the root never ends."""
    path = write(tmp_path / "one.mmdb", {"8.0.0.0/8": {"country_code": "DE"}})
    content = bytearray(path.read_bytes())
    content[7 * 6 : 7 * 6 + 6] = bytes(6)
    path.write_bytes(content)
    with pytest.raises(InputError, match="no end"):
        addresses.open_databases([path])


def test_nothing_is_loaded_where_a_database_is_broken(tmp_path):
    """The databases are read before the first file is."""
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs/access.log").write_text('198.51.100.7 - - [01/Jul/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "agent"\n')
    (tmp_path / "own.mmdb").write_bytes(b"no database")
    (tmp_path / "audit.toml").write_text('[company]\nname = "X"\n[addresses]\ndatabases = ["own.mmdb"]\n')
    with pytest.raises(InputError, match=r"own\.mmdb: is no sound address database"):
        load.load(read_project(tmp_path))
    assert not (tmp_path / "store.duckdb").exists()
