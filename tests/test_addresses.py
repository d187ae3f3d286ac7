"""Addresses: what form and kind each text has, where it lies, and which databases are refused."""

import ipaddress
from pathlib import Path

import pytest

from audit_lib import addresses
from audit_lib.errors import InputError

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


@needs_shared
def test_maxmind_city_and_network_databases_are_read():
    """City, coordinates, operator and kind of network come from MaxMind's own forms; a differing country is kept."""
    folder = SHARED / "maxmind_testdata"
    names = ("GeoIP2-City-Test.mmdb", "GeoLite2-ASN-Test.mmdb", "GeoIP2-Anonymous-IP-Test.mmdb")
    databases = addresses.open_databases([folder / name for name in names if (folder / name).exists()])
    row = addresses.describe("81.2.69.142", databases)
    assert (row["country"], row["city"]) == ("GB", "London")
    assert row["latitude"] and row["accuracy_radius_km"]
    assert addresses.describe("1.128.0.1", databases)["autonomous_system"] == 1221
    assert addresses.describe("1.2.0.1", databases)["network_kind"] == "anonymizer"


@needs_shared
def test_broken_maxmind_files_do_not_pass_unseen():
    """Of MaxMind's broken test files each is refused when it is opened, or when it answers wrongly."""
    for path in sorted((SHARED / "maxmind_testdata").glob("*roken*.mmdb")) + sorted((SHARED / "maxmind_testdata").glob("*nvalid*.mmdb")):
        with pytest.raises(InputError, match="sound address database"):
            addresses.open_databases([path])
