"""One replacement of every known id, and the way back."""

import duckdb
import pytest

from audit_lib import identities, sql, store
from audit_lib.errors import InputError

KEY = bytes(32)


@pytest.fixture
def names():
    """Names of two people with logins, an e-mail, addresses, an account and a session."""
    connection = duckdb.connect()
    store.create(connection, store.read_tables(sql.roots()))
    connection.execute(
        "insert into history.people (person_id, kind, user_ids, email) values ('p-1', 'staff', ['ada', 'ada.l'], null), ('p-2', 'customer', ['bob@x.example'], 'bob@x.example')"
    )
    connection.execute("insert into access_events (event_id, user_id, account_id, session_id) values ('e', 'eve', 'a-10', 's/77')")
    connection.execute("insert into addresses (address, canonical_address) values ('203.0.113.7', '203.0.113.7'), ('2001:db8::5', '2001:db8::5')")
    return identities.read_names(connection, KEY)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("ada", ["ada"]),
        ("by ada.l at 203.0.113.7", ["ada", "203.0.113.7"]),
        ('{"user":"eve","ip":"2001:db8::5","account":"a-10"}', ["eve", "2001:db8::5", "a-10"]),
        ("a-10 / 2026-07-01 / db", ["a-10"]),
        ("mail bob@x.example, other@y.example", ["bob", "other", "y.example"]),
        ("an address nobody loaded: 198.51.100.23 and 2001:db8:1::9", ["198.51", "2001:db8"]),
        ("session s/77 of eve", ["s/77", "eve"]),
    ],
)
def test_no_id_is_left(names, text, gone):
    """No known id, and nothing in the form of an e-mail or address, is left in a text."""
    replaced = identities.replace(names, text)
    assert not [one for one in gone if one in replaced]


@pytest.mark.parametrize("text", ["Adamant", "a-101", "203.0.113.70000", "DuckDB 2.0.0", "2026-08-13T23:31:04", "adagio", "steve"])
def test_what_is_no_id_stays(names, text):
    """An id counts where it is not part of a longer word or number."""
    assert identities.replace(names, text) == text


def test_a_name_leads_back(names):
    """`resolve` turns a name back into its id; the kind of person shows in the name."""
    name = identities.replace(names, "p-1")
    assert name.startswith("staff-")
    assert identities.resolve(names, name) == "p-1"
    with pytest.raises(InputError, match="no id in the store has this name"):
        identities.resolve(names, "staff-aaaaaaaaaa")


def test_another_key_gives_other_names(names):
    """Names hold within one project: another key gives others."""
    assert identities.name(KEY, "staff", "p-1") != identities.name(bytes(31) + b"1", "staff", "p-1")


def test_full_identities_leave_all_as_it_is(names):
    """For readers who are entitled to it, nothing is replaced."""
    full = identities.Names(names.key, names.forward, full=True)
    assert identities.replace(full, "by ada.l at 203.0.113.7") == "by ada.l at 203.0.113.7"
