"""What real files do: how they are packed, encoded and dated, and what stands in them."""

import contextlib
import gzip
import io
import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_lib import cli, encodings, load, packed, readers, store, times
from audit_lib.errors import InputError
from audit_lib.project import read_project

WEB = '203.0.113.{0} - {1} [01/Jul/2026:00:00:{0:02} +0000] "GET /{0} HTTP/1.1" 200 5 "-" "agent"\n'
LINES = "".join(WEB.format(number, f"user{number}") for number in range(1, 6))
ACCOUNTS = "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\n"
DATED = "extracted_at = 2026-10-05T06:00:00Z\n"


def zstd(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


class Company:
    """A project folder under test."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "inputs").mkdir(parents=True)
        self.settings("")

    def settings(self, text: str) -> None:
        (self.folder / "audit.toml").write_text('[company]\nname = "X"\n' + text)

    def rule(self, text: str, files: str = "inputs/*") -> None:
        self.rules({files: text})

    def rules(self, texts: dict[str, str]) -> None:
        """What audit.toml says of files; each log of its own provider, so that none is a duplicate of another."""
        self.settings("".join(f'[[inputs]]\nfiles = "{files}"\n{text}\n' for files, text in texts.items()))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "inputs" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self) -> load.LoadSummary:
        return load.load(read_project(self.folder))

    def rows(self, query: str) -> list[tuple]:
        with contextlib.closing(store.open_store(self.folder / "store.duckdb")) as connection:
            return connection.execute(query).fetchall()

    def raw(self, query: str = "select origin from access_events order by all") -> list[tuple]:
        with contextlib.closing(store.open_store(self.folder / "store.duckdb")) as connection:
            origins = [origin for (origin,) in connection.execute(query).fetchall()]
            return [(line, text) for _, _, _, _, line, text in load.raw_lines(connection, read_project(self.folder), origins)]

    def refusal(self) -> str:
        with pytest.raises(InputError) as fault:
            self.load()
        assert not (self.folder / "store.duckdb").exists()
        return str(fault.value)


@pytest.fixture
def company(tmp_path) -> Company:
    return Company(tmp_path / "company")


PLAIN = LINES.encode()
PACKED = {
    "access.log.2.gz": gzip.compress(PLAIN),
    "access.log.GZ": gzip.compress(PLAIN[:200]) + gzip.compress(PLAIN[200:]),
    "access.log.zst": zstd(PLAIN),
    "access.log.1.zst": zstd(PLAIN[:200]) + zstd(PLAIN[200:]),
    "logs.zip": zipped(**{"web/access.log": PLAIN}),
    "deep.zip": zipped(**{"access.log.gz": gzip.compress(PLAIN), "web/": b""}),
}


def test_a_packed_file_is_read_like_the_text_in_it(company):
    """The same events and line numbers as from the plain file; the way back leads to the same lines."""
    company.rules({f"inputs/{name}": f'provider = "p{number}"' for number, name in enumerate(PACKED)})
    for name, content in PACKED.items():
        company.write(name, content)
    company.load()
    for number, name in enumerate(PACKED):
        mine = f"from access_events where event_provider = 'p{number}' order by line"
        assert company.rows(f"select line, user_id {mine}") == [(one, f"user{one}") for one in range(1, 6)], name
        assert company.raw(f"select origin {mine}") == list(enumerate(LINES.splitlines(), start=1)), name


def test_each_file_in_a_zip_is_an_input_file(company):
    """It is named, dated by a manifest, recognised, hashed and grown as if it lay there; a rule may name the zip or a part of it."""
    accounts = ACCOUNTS + "acme,active,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n"
    members = {"web/access.log": PLAIN, "accounts.csv": accounts.encode(), "manifest.csv": b"file_name,extracted_at\naccounts.csv,2026-10-05T06:00:00Z\n"}
    company.settings('[[inputs]]\nfiles = "inputs/all.zip/web/*"\nprovider = "shop"\n')
    company.write("all.zip", zipped(**members, **{"__MACOSX/._x": b"\0"}))
    assert company.load().messages == []
    assert company.rows("select file_name, part, rows_loaded, byte_count from loads order by 1") == [
        ("inputs/all.zip/accounts.csv", "all", 1, len(accounts)),
        ("inputs/all.zip/web/access.log", "shop", 5, len(PLAIN)),
    ]
    more = LINES + WEB.format(6, "user6")
    company.write("all.zip", zipped(**members | {"web/access.log": more.encode()}))
    assert [(row["status"], row["rows_loaded"]) for row in company.load().files] == [("unchanged", 1), ("grown", 1)]
    assert company.load().table() == "2 files unchanged since the last load."
    company.rule(DATED, "inputs/all.zip")
    company.load()
    assert {row["status"] for row in company.load().files} == {"unchanged"}


def bad_zip(kind: str) -> bytes:
    good = zipped(**{"access.log": PLAIN})
    if kind == "encrypted":
        at = good.index(b"PK\1\2")
        return good[:6] + b"\1\0" + good[8 : at + 8] + b"\1\0" + good[at + 10 :]
    if kind == "bytes":
        return good[:60] + b"\xff\xff\xff\xff" + good[64:]
    if kind == "two of a name":
        with contextlib.suppress(UserWarning), pytest.warns(UserWarning, match="Duplicate"):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                archive.writestr("access.log", PLAIN)
                archive.writestr("access.log", PLAIN)
        return out.getvalue()
    if kind == "lies":
        at = good.index(b"PK\1\2")
        return good[: at + 24] + struct.pack("<I", 0xF0000000) + good[at + 28 :]
    raise AssertionError(kind)


BAD = {
    "is no zip that can be read": ("a.zip", PLAIN),
    "its member 'access.log' is encrypted": ("b.zip", bad_zip("encrypted")),
    "its member 'access.log' is in it twice": ("c.zip", bad_zip("two of a name")),
    "its member 'access.log' would unpack to 4,026,531,840 bytes": ("d.zip", bad_zip("lies")),
    "its member '../access.log' has a name that leads out": ("e.zip", zipped(**{"../access.log": PLAIN})),
    "its member '/etc/access.log' has a name that leads out": ("f.zip", zipped(**{"/etc/access.log": PLAIN})),
    "its member 'C:\\\\access.log' has a name that leads out": ("g.zip", zipped(**{"C:\\access.log": PLAIN})),
    "its member 'b.zip' is a zip in a zip": ("h.zip", zipped(**{"b.zip": zipped(a=b"x")})),
}
DAMAGED = {
    "a.log.zst: is no Zstandard file, whatever its name says": ("a.log.zst", PLAIN),
    "b.log.zst: the Zstandard data is cut off": ("b.log.zst", zstd(PLAIN)[:-5]),
    "c.log.zst: the Zstandard data is damaged": ("c.log.zst", zstd(PLAIN) + b"garbage"),
    "d.log.gz: is no gzip file, whatever its name says": ("d.log.gz", PLAIN),
    "e.log.gz: the gzip data is cut off": ("e.log.gz", gzip.compress(PLAIN)[:-9]),
    "f.zip/access.log: can't be read from f.zip": ("f.zip", bad_zip("bytes")),
    "g.zip/accounts.parquet: a Parquet file is packed within": ("g.zip", zipped(**{"accounts.parquet": b"PAR1"})),
}


@pytest.mark.parametrize("bad", [BAD, DAMAGED], ids=["zips", "content"])
def test_a_packed_file_that_is_damaged_or_a_trap_is_refused_by_name(company, bad):
    """One clear line for each, nothing loaded, nothing written to disk."""
    for name, content in bad.values():
        company.write(name, content)
    before = sorted(company.folder.rglob("*"))
    refusal = company.refusal()
    for said, (name, _) in bad.items():
        assert f"inputs/{said}" in refusal or f"inputs/{name}: {said}" in refusal
    assert [path for path in sorted(company.folder.rglob("*")) if path.name not in (".audit.lock", ".audit-tmp")] == before


def test_a_file_that_unpacks_to_much_more_than_it_holds_is_a_trap(monkeypatch):
    """A thousand times its bytes is no log, whatever packed it."""
    monkeypatch.setattr(packed, "LEAST_TRAP", 1 << 16)
    with pytest.raises(InputError, match=r"a\.zst: unpacks to over"):
        list(packed.unpacked("a.zst", [zstd(bytes(100 << 20))]))
    assert sum(map(len, packed.unpacked("a.zst", [zstd(PLAIN * 1000)]))) == 1000 * len(PLAIN)


NAMED = LINES.replace("user3", "zoë")
ENCODED = {
    "UTF-8 with a mark": ("utf-8-sig", ""),
    "UTF-16 with a mark": ("utf-16", ""),
    "UTF-16 LE without": ("utf-16-le", ""),
    "UTF-16 BE without": ("utf-16-be", ""),
    "Latin-1": ("latin-1", 'encoding = "latin-1"\n'),
    "Windows-1252": ("cp1252", 'encoding = "Windows-1252"\n'),
    "UTF-8 as declared": ("utf-8", 'encoding = "utf8"\n'),
}


def test_a_file_in_another_encoding_gives_the_same_events(company):
    """Lines, numbers, and the way back; a file that has grown gives its new lines alone."""
    company.rules({f"inputs/{number}.log": f'provider = "p{number}"\n{rule}' for number, (_, rule) in enumerate(ENCODED.values())})
    for number, (encoding, _) in enumerate(ENCODED.values()):
        company.write(f"{number}.log", NAMED.encode(encoding))
    company.load()
    for number, kind in enumerate(ENCODED):
        mine = f"from access_events where event_provider = 'p{number}' order by line"
        assert company.rows(f"select user_id {mine}")[2] == ("zoë",), kind
        assert company.raw(f"select origin {mine}") == list(enumerate(NAMED.splitlines(), start=1)), kind
    for number, (encoding, _) in enumerate(ENCODED.values()):
        tail = WEB.format(6, "éva").encode({"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding))
        company.write(f"{number}.log", NAMED.encode(encoding) + tail)
    assert [(row["status"], row["rows_loaded"]) for row in company.load().files] == [("grown", 1)] * len(ENCODED)
    assert company.rows("select distinct user_id from access_events where line = 6") == [("éva",)]


def test_a_line_in_another_encoding_is_set_apart_with_the_way_to_declare_it(company):
    """Undeclared, the line that is not UTF-8 goes to quarantine, and no other."""
    company.write("access.log", NAMED.encode("latin-1"))
    company.load()
    [(line, reason)] = company.rows("select line, reason from quarantine")
    assert line == 3
    assert "is not UTF-8: byte 0xeb" in reason
    assert 'encoding = "latin-1"' in reason
    assert company.rows("select rows_read, rows_loaded, rows_quarantined from loads") == [(5, 4, 1)]


def test_a_table_in_another_encoding_is_loaded(company):
    """Delivered tables too, whole with their header."""
    row = "zoë,active,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n"
    company.rule(DATED)
    company.write("accounts.csv.zst", zstd((ACCOUNTS + row).encode("utf-16")))
    company.load()
    assert company.rows("select account_id, line from accounts") == [("zoë", 2)]


def test_a_byte_that_an_encoding_lacks_is_set_apart(company):
    """Half a UTF-16 character, a byte that Windows-1252 does not have, a last byte that is left over."""
    broken = LINES.encode("utf-16-le").replace("user2".encode("utf-16-le"), b"\x00\xd8" + "ser2".encode("utf-16-le"))
    company.write("access.log", b"\xff\xfe" + broken + b"x")
    company.load()
    assert company.rows("select line, left(reason, 35) from quarantine order by line") == [
        (2, "holds what its encoding does not ha"),
        (6, "holds what its encoding does not ha"),
    ]
    company.rule('encoding = "cp1252"\n')
    company.write("access.log", LINES.encode().replace(b"user4", b"us\x81r4"))
    company.load()
    assert company.rows("select line from quarantine where line = 4") == [(4,)]


def test_an_unknown_encoding_or_order_of_dates_is_refused(company):
    """The message names what is allowed."""
    company.write("access.log", LINES)
    for rule, said in (
        ('encoding = "klingon"\n', "such as utf-8, latin-1"),
        ('encoding = "base64"\n', "no such encoding"),
        ('date_order = "dym"\n', "dmy, mdy, ymd"),
    ):
        company.rule(rule)
        assert said in company.refusal()


TEXTS = st.lists(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\n\r\0\ufeff"), max_size=20), max_size=12)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-7"]), st.integers(1, 64))
def test_any_text_gives_the_same_lines_in_any_encoding(texts, end, is_ended, encoding, size):
    """However it is encoded and however its bytes are cut into blocks: the same lines under the same numbers."""
    raw = (end.join(texts) + end * is_ended).encode(encoding)
    declared = None if encoding in ("utf-8", "utf-8-sig", "utf-16") else encoding
    blocks = [raw[at : at + size] for at in range(0, len(raw), size)]
    found, count = {}, 0
    for chunk in readers.read_lines(encodings.to_utf8(blocks, declared)):
        assert not chunk.rejects
        count += chunk.count
        found |= dict(zip(chunk.records["line"].to_pylist(), chunk.records["text"].to_pylist(), strict=True))
    assert found == {number: text for number, text in enumerate(texts, start=1) if text}
    whole = end.join(texts) + end * is_ended
    assert count == whole.count("\n") + (not whole.endswith("\n") and whole != "")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "cp1252", "shift_jis", None]), st.integers(1, 64))
def test_no_bytes_are_lost_whatever_they_are(raw, encoding, size):
    """Any bytes under any encoding: each line is a record, a reject or blank, and nothing fails."""
    blocks = [raw[at : at + size] for at in range(0, len(raw), size)]
    once = [(chunk.records.to_pylist(), chunk.rejects, chunk.blanks) for chunk in readers.read_lines(encodings.to_utf8(blocks, encoding))]
    whole = [(chunk.records.to_pylist(), chunk.rejects, chunk.blanks) for chunk in readers.read_lines(encodings.to_utf8([raw] * bool(raw), encoding))]
    assert once == whole


CSV = "event_time,event_action,user_id\n"
LEAP = {
    "2016-12-31T23:59:60Z": "2017-01-01 00:00:00+00",
    "2016-12-31 23:59:60.250+00:00": "2017-01-01 00:00:00.25+00",
    "2017-01-01T00:59:60+01:00": "2017-01-01 00:00:00+00",
    "2016-12-31T23:58:60Z": None,
    "2016-12-31T23:59:61Z": None,
}


def test_a_leap_second_is_the_first_second_of_the_next_minute(company):
    """As POSIX counts; :60 at any other minute is no time."""
    company.write("log.csv", CSV + "".join(f"{time},login,u{number}\n" for number, time in enumerate(LEAP)))
    company.load()
    assert dict(company.rows("select user_id, event_time::varchar from access_events")) == {f"u{number}": at for number, at in enumerate(LEAP.values()) if at}
    assert company.rows("select text[:24] from quarantine order by line") == [("2016-12-31T23:58:60Z,log",), ("2016-12-31T23:59:61Z,log",)]


def test_other_formats_know_the_leap_second(company):
    """Whatever parses their times: a web log, syslog, PostgreSQL."""
    company.rules({"inputs/auth.log": 'year = 2016\ntime_zone = "UTC"\n'})
    company.write("access.log", LINES.replace("01/Jul/2026:00:00:03", "31/Dec/2016:23:59:60"))
    sign_in = "Dec 31 23:59:{0} host sshd[1]: Accepted publickey for ada from 203.0.113.3 port 1 ssh2\n"
    company.write("auth.log", "".join(map(sign_in.format, (58, 59, 60))))
    company.write("postgresql.log", "2016-12-31 23:59:60.500 UTC [7] ada@shop LOG:  connection authorized: user=ada database=shop\n")
    company.load()
    assert company.rows("select count(*) from access_events where date_trunc('second', event_time) = timestamptz '2017-01-01 00:00Z'") == [(3,)]
    assert company.rows("select count(*) from quarantine") == [(0,)]


def local(*clocks: str, day: str = "2026-10-25") -> str:
    return CSV + "".join(f"{day} {clock},login,u{number}\n" for number, clock in enumerate(clocks))


NIGHTS = {
    "one step back tells": (("01:59:00", "02:10:00", "02:50:00", "02:05:00", "02:55:00", "03:00:00"), ["23:59", "00:10", "00:50", "01:05", "01:55", "02:00"]),
    "lines out of order by minutes don't": (("02:50:00", "02:48:00", "02:51:00", "02:03:00"), ["00:50", "00:48", "00:51", "01:03"]),
    "no step back: nothing tells": (("01:59:00", "02:10:00", "02:50:00", "03:00:00"), ["23:59", None, None, "02:00"]),
    "several steps back: nothing tells": (("02:10:00", "02:50:00", "02:05:00", "02:40:00", "02:10:00"), [None] * 5),
    "the first minute and the last": (("02:00:00", "02:59:59", "02:00:00", "02:59:59", "03:00:00"), ["00:00", "00:59", "01:00", "01:59", "02:00"]),
}


def test_an_hour_that_occurs_twice_is_told_by_the_order_of_lines_or_not_at_all(company):
    """In a declared zone: before the step back it is summer time, after it winter time; nothing is guessed."""
    company.rules({f"inputs/{number}.csv": f'provider = "p{number}"\ntime_zone = "Europe/Berlin"' for number in range(len(NIGHTS))})
    for number, (clocks, _) in enumerate(NIGHTS.values()):
        company.write(f"{number}.csv", local(*clocks))
    company.load()
    for number, (kind, (_, wanted)) in enumerate(NIGHTS.items()):
        loaded = f"select line, strftime(event_time, '%H:%M') from access_events where event_provider = 'p{number}'"
        held = f"select line, null from quarantine where load_id = (select load_id from loads where part = 'p{number}')"
        found = dict(company.rows(f"{loaded} union all {held}"))
        assert [found[line] for line in sorted(found)] == wanted, kind
    for (reason,) in company.rows("select reason from quarantine"):
        assert "occurs twice in Europe/Berlin, and neither a zone nor the order of the lines tells which it is" in reason


def test_a_time_that_the_clocks_skipped_is_refused(company):
    """In spring, in a declared zone; where the offset is written, nothing is in doubt."""
    company.rule('time_zone = "Europe/Berlin"\n')
    company.write("log.csv", local("01:59:59", "02:00:00", "02:59:59", "03:00:00", "02:30:00+01:00", day="2026-03-29"))
    company.write("b.csv", local("02:30:00+02:00", "02:30:00+01:00"))
    company.load()
    assert company.rows("select strftime(event_time, '%d %H:%M') from access_events order by event_time") == [
        ("29 00:59",),
        ("29 01:00",),
        ("29 01:30",),
        ("25 00:30",),
        ("25 01:30",),
    ]
    assert {reason[:-9] for (reason,) in company.rows("select reason from quarantine")} == {"no moment: the clocks of Europe/Berlin skipped 2026-03-29"}


def test_syslog_and_haproxy_know_the_hour_that_occurs_twice(company):
    """Small files that are parsed together are told apart."""
    sign_in = "Oct 25 02:{0:02}:00 host sshd[1]: Accepted publickey for ada from 203.0.113.3 port {0} ssh2\n"
    company.rule('year = 2026\ntime_zone = "Europe/Berlin"\n')
    company.write("auth.log", "".join(sign_in.format(minute) for minute in (5, 40, 6, 41)))
    proxy = 'haproxy[1]: 203.0.113.7:{1} [25/Oct/2026:02:{0:02}:00.000] web web/a 0/0/1/2/3 200 5 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n'
    for number in (1, 2):
        company.write(f"haproxy{number}.log", "".join(f"<1>Oct 25 02:00:00 h {proxy.format(minute, number)}" for minute in (7, 47, 8, 48)))
    company.load()
    assert company.rows(
        "select file_name, list(strftime(event_time, '%H:%M') order by access_events.line) from access_events join loads using (load_id) group by all order by 1"
    ) == [
        ("inputs/auth.log", ["00:05", "00:40", "01:06", "01:41"]),
        ("inputs/haproxy1.log", ["00:07", "00:47", "01:08", "01:48"]),
        ("inputs/haproxy2.log", ["00:07", "00:47", "01:08", "01:48"]),
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "UTC", "Asia/Kolkata", None])
def test_hours_in_doubt_are_those_that_the_zone_itself_names(zone):
    """Half hours that occur twice have two moments, those that are skipped none; a zone without changes has neither."""
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    twice, never = times.doubtful(zone)
    assert bool(twice) == bool(never) == (zone not in ("UTC", "Asia/Kolkata", None))
    start = datetime(2026, 1, 1)
    for half in range(365 * 48) if zone else ():
        local = start + timedelta(minutes=30 * half)
        moments = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
        real = [one for one in moments if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local]
        number = (local - datetime(1970, 1, 1)) // timedelta(minutes=30)
        assert (len(real) == 2, not real) == (number in twice, number in never), local


ORDERS = {"dmy": "2026-04-03 10:11:12+00", "mdy": "2026-03-04 10:11:12+00", "ymd": None}


@pytest.mark.parametrize("order", ORDERS)
def test_a_date_with_slashes_is_read_in_the_declared_order(company, order):
    """Never guessed: without a declaration the file is refused with the line that declares it, even if its days give it away."""
    company.write("log.csv", CSV + "03/04/2026 10:11:12,login,ada\n28/04/2026 10:11:12,login,ada\n" * 3)
    said = company.refusal()
    assert 'files = "inputs/log.csv", date_order = "dmy", time_zone = "UTC"' in said
    company.rule(f'date_order = "{order}"\ntime_zone = "UTC"\n')
    company.load()
    assert {at for (at,) in company.rows("select event_time::varchar from access_events where line = 2")} == ({ORDERS[order]} - {None})
    assert company.rows("select count(*) from quarantine") == [({"dmy": 0, "mdy": 3, "ymd": 6}[order],)]


WRITTEN = {
    "03.04.2026 10:11": "2026-04-03 10:11:00+00",
    "3-4-2026T10:11:12.5Z": "2026-04-03 10:11:12.5+00",
    "03/04/2026 01:11:12 PM": "2026-04-03 13:11:12+00",
    "03/04/2026 12:11 AM": "2026-04-03 00:11:00+00",
    "03/04/2026, 10:11:12 +0200": "2026-04-03 08:11:12+00",
    "31/12/2016 23:59:60": "2017-01-01 00:00:00+00",
    "2026-04-03T10:11:12Z": "2026-04-03 10:11:12+00",
    "03/04/2026": None,
    "31/02/2026 10:11": None,
    "03/04/26 10:11": None,
    "03/04/2026 25:00": None,
    "03/04/2026 13:00 PM": None,
}


def test_dates_with_slashes_dots_or_dashes(company):
    """With one digit or two, seconds or none, AM and PM, and a zone; what is no date stays none."""
    company.rule('date_order = "dmy"\ntime_zone = "UTC"\n')
    company.write("log.csv", CSV + "".join(f'"{text}",login,u{number}\n' for number, text in enumerate(WRITTEN)))
    company.load()
    found = dict(company.rows("select user_id, event_time::varchar from access_events"))
    assert [found.get(f"u{number}") for number in range(len(WRITTEN))] == list(WRITTEN.values())


def test_a_delivered_table_with_slashed_dates_wants_their_order(company):
    """Moments and days; a zone that is declared counts for moments without one."""
    row = "acme,active,,{0},,customer,web,{0}\n"
    company.rule(DATED)
    company.write("accounts.csv", ACCOUNTS + row.format("03/04/2026"))
    assert 'accounts.csv", date_order = "dmy"' in company.refusal()
    company.rule(DATED + 'date_order = "dmy"\ntime_zone = "Europe/Berlin"\n')
    company.write(
        "accounts.csv", ACCOUNTS + "".join(row.format(text) for text in ("03/04/2026 10:00", "2026-04-04T10:00:00Z", "29/03/2026 02:30", "25/10/2026 02:30"))
    )
    company.load()
    assert company.rows("select valid_from_at::varchar from accounts order by line") == [("2026-04-03 08:00:00+00",), ("2026-04-04 10:00:00+00",)]
    assert ["skipped" in reason or "occurs twice" in reason for (reason,) in company.rows("select reason from quarantine")] == [True, True]


def content_of(folder: Path) -> dict[Path, tuple[bytes | None, int]]:
    return {path: (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def tried(company: Company, capsys, *names: str) -> tuple[int, str]:
    """What `audit load --try` prints and its exit code; it changes nothing."""
    before = content_of(company.folder)
    capsys.readouterr()
    code = cli.main(["load", "--project", str(company.folder), "--try", *(str(company.folder / "inputs" / name) for name in names)])
    said = capsys.readouterr()
    assert content_of(company.folder) == before
    assert max(map(len, said.out.splitlines())) <= 100 + len(str(company.folder))
    return code, said.out + said.err


MEAN = WEB.format(7, 'e\x1b[31mvil\u202etxt\u200b, \\"x\\"')


def test_try_shows_what_a_load_would_do(company, capsys):
    """Format and why, rows, what is refused or ignored and why, counts; the load then does just that."""
    company.write(
        "access.log",
        "\n"
        + "".join(WEB.format(number, f"user{number}") for number in range(1, 10))
        + MEAN
        + "".join(WEB.format(number, "u") for number in range(10, 16))
        + "no line of a web log \x1b]0;owned\x07\n" * 12,
    )
    company.rule('provider = "shop"\n')
    code, said = tried(company, capsys, "access.log")
    assert code == 0
    for part in (
        "would be loaded as web_combined (Web server log, combined format), into access_events, part shop",
        "says provider = 'shop'",
        "web_combined",
        "Zone: each time's own",
        "Records: 29 read = 16 to load + 1 ignored + 12 quarantined",
        "Events: 16, 2026-07-01 00:00:01 to 2026-07-01 00:00:15 UTC",
        "2     2026-07-01 00:00:01+00  user1",
        "Ignored, 1: blank line (line 1",
        "First 10 quarantined:",
        "line 18: is no whole line of the combined format",
        "\\x1b]0;owned\\x07",
        "e\\x1b[31mvil\\u202etxt",
    ):
        assert part in said, part
    assert not {"\x1b", "\u202e", "\u200b", "\x07"} & set(said)
    company.load()
    assert company.rows("select rows_read, rows_loaded, rows_ignored, rows_quarantined from loads") == [(29, 16, 1, 12)]
    assert ('e\x1b[31mvil\u202etxt\u200b, "x"',) in company.rows("select user_id from access_events")


def test_try_tells_why_a_file_would_be_refused(company, capsys):
    """Exit code 2, and the line that mends it; files that would load are shown all the same."""
    company.write("auth.log", "Dec 31 23:59:58 host sshd[1]: Accepted publickey for ada from 203.0.113.3 port 1 ssh2\n")
    company.write("access.log", LINES)
    company.write("diary.txt", "dear diary\x1b[2J\n")
    code, said = tried(company, capsys, "auth.log", "access.log", "diary.txt", "nowhere.log")
    assert code == 2
    assert "year = 2026," in said.replace("\n  ", " ")
    assert "is in no known format" in said
    assert "5 to load" in said
    assert "nowhere.log: no such file" in said
    assert "\x1b" not in said


def test_try_works_on_tables_zips_and_without_a_project(company, capsys, tmp_path, monkeypatch):
    """A table dated by its manifest; the members of a zip; a folder that holds no audit.toml."""
    row = "acme,active,,2026-01-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z\n"
    company.write("accounts.csv", ACCOUNTS + row * 2 + row.replace("2026-01-01", "soon"))
    company.write("manifest.csv", "file_name,extracted_at\naccounts.csv,2026-10-05T06:00:00Z\n")
    company.write("logs.zip", zipped(**{"access.log": PLAIN}))
    (company.folder / "audit.toml").unlink()
    monkeypatch.chdir(tmp_path)
    code, said = tried(company, capsys, "accounts.csv", "logs.zip")
    assert code == 0
    assert "a delivered table, csv, into accounts, part all" in said
    assert "Records: 3 read = 1 to load + 1 equal to another + 0 ignored + 1 quarantined" in said
    assert "logs.zip/access.log: would be loaded as web_combined" in said


def test_what_a_file_says_cannot_steer_the_terminal(company, capsys):
    """Messages and errors of a load, names of files too."""
    company.write("di\x1b[2Jary\u202e.log", "dear diary\n")
    assert cli.main(["load", "--project", str(company.folder)]) == 2
    said = capsys.readouterr().err
    assert "di\\x1b[2Jary\\u202e.log: is in no known format" in said
    assert not {"\x1b", "\u202e"} & set(said)


def test_a_new_project_explains_every_key(tmp_path, capsys):
    """`audit init` writes settings that are read as they stand, each key of an input's rule explained, and each table's columns."""
    from audit_lib import catalogue, project, sql

    assert cli.main(["init", str(tmp_path / "mine")]) == 0
    written = (tmp_path / "mine" / "audit.toml").read_text()
    assert project.read_project(tmp_path / "mine").inputs[0].extracted_at is not None
    for key in project.InputRule.__dataclass_fields__:
        assert f"{key} = " in written, key
    bare = "\n".join(line.removeprefix("# ") for line in written.splitlines() if " = " in line or line.startswith(("[", "# [[")))
    whole = tmp_path / "whole"
    (whole).mkdir()
    (whole / "policy.txt").write_text("We keep it.")
    (whole / "audit.toml").write_text(bare)
    assert project.read_project(whole).inputs[-1].encoding == "latin-1"
    tables = store.read_tables(sql.roots())
    for name in catalogue.MINIMUM:
        columns = (tmp_path / "mine" / "templates" / f"{name}.csv").read_text().strip().split(",")
        assert columns == [column.name for column in tables[name].columns]
    assert "## accounts" in (tmp_path / "mine" / "dictionary.md").read_text()


def test_try_takes_a_file_of_several_chunks(company, capsys, monkeypatch):
    """A log whose lines are parsed chunk by chunk, each of which ends a transaction, is shown like any other."""
    monkeypatch.setattr(readers, "BATCH", 100)
    monkeypatch.setattr(readers, "LINES_BATCH", 100)
    path = company.write(
        "access.log", "".join(f'203.0.113.9 - - [01/Jul/2026:00:00:{second:02} +0000] "GET /{second} HTTP/1.1" 200 5 "-" "agent"\n' for second in range(60))
    )
    assert cli.main(["load", "--project", str(company.folder), "--try", str(path)]) == 0
    assert "60 read = 60 to load" in capsys.readouterr().out
