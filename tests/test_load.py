"""Loading: every record is accounted for, nothing is loaded twice, and what can't be loaded is told in one clear line."""

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_lib import load, readers, store
from audit_lib.errors import AuditError, InputError
from audit_lib.project import read_project

SHARED = Path(__file__).parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data, which this checkout lacks")
WEB = '203.0.113.{0} - - [01/Jul/2026:00:{1:02}:00 +0000] "GET /{1} HTTP/1.1" 200 5 "-" "agent"\n'
SIGN_IN = '{{"id":"si-{0}","time":"2026-07-01T00:00:00Z","action":"sign_in","result":"success","user":"u{0}","ip":"203.0.113.9"}}\n'
ACCOUNTS = "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\n"
DATED = "extracted_at = 2026-10-05T06:00:00Z\n"


class Company:
    """A project folder under test."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "inputs").mkdir(parents=True, exist_ok=True)
        self.settings("")

    def settings(self, text: str) -> None:
        (self.folder / "audit.toml").write_text('[company]\nname = "X"\n' + text)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "inputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self) -> load.LoadSummary:
        return load.load(read_project(self.folder))

    def rows(self, query: str, *values) -> list[tuple]:
        connection = store.open_store(self.folder / "store.duckdb")
        try:
            return connection.execute(query, list(values)).fetchall()
        finally:
            connection.close()

    def refusal(self) -> str:
        """The message of a load that is refused; the store stays as it was."""
        before = self.content() if (self.folder / "store.duckdb").exists() else None
        with pytest.raises(AuditError) as fault:
            self.load()
        assert before == (self.content() if (self.folder / "store.duckdb").exists() else None)
        assert not (self.folder / "store.duckdb.new").exists()
        return str(fault.value)

    def content(self) -> dict[str, list[tuple]]:
        """All that the store holds, but for the two readings of the clock."""
        connection = store.open_store(self.folder / "store.duckdb")
        try:
            tables = [
                row[0] for row in connection.execute("select schema_name || '.' || table_name from duckdb_tables() where not internal order by 1").fetchall()
            ]
            found = {}
            for table in tables:
                clock = "exclude (loaded_at, last_found_at)" if table == "main.loads" else ""
                found[table] = connection.execute(f"select columns(* {clock})::varchar from {table} order by all").fetchall()
            return found
        finally:
            connection.close()

    def reconcile(self) -> None:
        """read = loaded + duplicate + ignored + quarantined, and the kept rows are as many as the counts say."""
        for load_id, read, loaded, duplicate, ignored, quarantined, events in self.rows(
            "select load_id, rows_read, rows_loaded, rows_duplicate, rows_ignored, rows_quarantined, events_loaded from loads where table_name = 'access_events'"
        ):
            assert read == loaded + duplicate + ignored + quarantined
            assert self.rows("select count(*), count(distinct line) from access_events where load_id = ?", load_id) == [(events, loaded)]
            assert self.rows("select count(*) from quarantine where load_id = ?", load_id) == [(quarantined,)]
            assert self.rows("select coalesce(sum(rows), 0)::bigint from ignored where load_id = ?", load_id) == [(ignored,)]


@pytest.fixture
def company(tmp_path) -> Company:
    return Company(tmp_path / "company")


def counts(summary: load.LoadSummary) -> list[tuple]:
    return [
        (
            row["file_name"].removeprefix("inputs/"),
            row["status"],
            row["rows_read"],
            row["rows_loaded"],
            row["rows_duplicate"],
            row["rows_ignored"],
            row["rows_quarantined"],
        )
        for row in summary.files
    ]


# Logs ---------------------------------------------------------------------------------------------------------


def test_loading_twice_changes_nothing_but_when_the_file_was_found(company):
    """The second load says unchanged; facts, counts and ids stay."""
    company.write("access.log", "".join(WEB.format(1, minute) for minute in range(5)))
    company.load()
    before, found = company.content(), company.rows("select last_found_at::varchar, loaded_at::varchar from loads")
    assert [row["status"] for row in company.load().files] == ["unchanged"]
    assert company.content() == before
    again = company.rows("select last_found_at::varchar, loaded_at::varchar from loads")
    assert again[0][0] > found[0][0] and again[0][1] == found[0][1]


def test_equal_lines_are_separate_accesses(company):
    """Two equal lines in one second are two events; the same line in another file of that provider is a duplicate."""
    company.write("access.log", WEB.format(1, 1) * 3 + WEB.format(1, 2))
    company.write("access.log.1", WEB.format(1, 1) * 2)
    assert counts(company.load()) == [("access.log", "loaded", 4, 4, 0, 0, 0), ("access.log.1", "loaded", 2, 0, 2, 0, 0)]
    company.reconcile()
    ids = [row[0] for row in company.rows("select event_id from access_events order by line")]
    assert ids[1:3] == [f"{ids[0]}-2", f"{ids[0]}-3"]


def test_two_providers_may_have_the_same_lines(company):
    """Machines that log alike are told apart by their providers."""
    company.settings('[[inputs]]\nfiles = "inputs/a/*"\nprovider = "a"\n[[inputs]]\nfiles = "inputs/b/*"\nprovider = "b"\n')
    company.write("a/access.log", WEB.format(1, 1))
    company.write("b/access.log", WEB.format(1, 1))
    company.load()
    assert company.rows("select event_provider, count(*) from access_events group by all order by all") == [("a", 1), ("b", 1)]
    assert company.rows("select part from loads order by part") == [("a",), ("b",)]


def test_of_a_file_that_has_grown_only_the_new_lines_become_events(company):
    """The load names the one before, and the old lines count as duplicates."""
    path = company.write("access.log", "".join(WEB.format(1, minute) for minute in range(5)))
    company.load()
    first = company.rows("select load_id from loads")[0][0]
    path.write_text(path.read_text() + WEB.format(1, 4) + WEB.format(1, 9))
    summary = company.load()
    assert counts(summary) == [("access.log", "grown", 7, 2, 5, 0, 0)]
    assert "inputs/access.log: has grown since it was loaded: 2 new records" in summary.messages
    assert company.rows("select previous_load_id, is_rewritten from loads where load_id <> ?", first) == [(first, False)]
    assert company.rows("select count(*) from access_events") == [(7,)]
    company.reconcile()


def test_a_log_that_was_rewritten_is_told(company):
    """Earlier lines that are no longer as they were set is_rewritten; what was loaded stays."""
    path = company.write("access.log", "".join(WEB.format(1, minute) for minute in range(5)))
    company.load()
    path.write_text("".join(WEB.format(1, minute) for minute in (0, 1, 3, 4, 5)))
    summary = company.load()
    assert company.rows("select is_rewritten from loads order by loaded_at") == [(False,), (True,)]
    assert "inputs/access.log: lines that were loaded before are no longer as they were" in summary.messages
    assert company.rows("select count(*) from access_events") == [(6,)]


def test_rotation_is_no_rewriting(company):
    """A log that was renamed and grew goes on from its earlier load; the new file of the old name starts afresh."""
    path = company.write("access.log", WEB.format(1, 1))
    company.load()
    path.rename(path.with_name("access.log.1"))
    company.write("access.log.1", WEB.format(1, 1) + WEB.format(1, 2))
    company.write("access.log", WEB.format(1, 3))
    assert counts(company.load()) == [("access.log", "loaded", 1, 1, 0, 0, 0), ("access.log.1", "grown", 2, 1, 1, 0, 0)]
    assert company.rows("select bool_or(is_rewritten) from loads") == [(False,)]


def test_the_same_bytes_under_another_name_are_not_loaded_twice(company):
    """A copy is named in a message."""
    company.write("access.log", WEB.format(1, 1))
    company.write("copy/access.log", WEB.format(1, 1))
    summary = company.load()
    assert company.rows("select count(*) from loads") == [(1,)]
    assert summary.messages == ["inputs/copy/access.log: holds the same bytes as inputs/access.log, which is loaded: not loaded twice"]


def test_files_that_are_gone_are_named_and_their_events_stay(company):
    """The store keeps what was delivered once."""
    path = company.write("access.log", WEB.format(1, 1))
    company.load()
    path.unlink()
    assert company.load().messages == ["No longer there, and still in the store: inputs/access.log"]
    assert company.rows("select count(*) from access_events") == [(1,)]


def test_line_ends_bom_and_gzip_make_no_difference(company):
    """CRLF, a byte order mark, no newline at the end, gzip in several members: the same events."""
    lines = [WEB.format(1, minute) for minute in range(4)]
    company.settings('[[inputs]]\nfiles = "inputs/b/*"\nprovider = "b"\n[[inputs]]\nfiles = "inputs/c/*"\nprovider = "c"\n')
    company.write("a/access.log", "".join(lines))
    company.write("b/access.log", b"\xef\xbb\xbf" + "".join(lines).replace("\n", "\r\n").rstrip().encode())
    company.write("c/access.log.gz", gzip.compress("".join(lines[:2]).encode()) + gzip.compress("".join(lines[2:]).encode()))
    assert [row[2:] for row in counts(company.load())] == [(4, 4, 0, 0, 0)] * 3
    assert len(set(company.rows("select event_time::varchar, source_ip, url_path, user_agent from access_events"))) == 4


def test_damaged_lines_go_to_quarantine_and_the_rest_loads(company):
    """A cut line, NUL, bytes that are no UTF-8 and a line of 10 MB are kept with line number, text and reason."""
    good = WEB.format(1, 1).encode()
    company.write("access.log", good + good[:60] + b"\n" + good[:9] + b"\0" + good[9:] + good[:9] + b"\xff" + good[9:] + b"x" * 10_000_000 + b"\n\n" + good * 5)
    assert counts(company.load()) == [("access.log", "loaded", 11, 6, 0, 1, 4)]
    company.reconcile()
    kept = company.rows("select line, length(text), reason from quarantine order by line")
    assert [row[0] for row in kept] == [2, 3, 4, 5]
    assert [row[2] for row in kept] == [
        "is no whole line of the combined format",
        "holds a NUL byte, at byte 10",
        "is not UTF-8: byte 0xff at byte 10" + readers.OTHER_ENCODING,
        "longer than 1,048,576 bytes (text shortened to 2,000 characters)",
    ]
    assert kept[3][1] == 2000
    assert company.rows("select line, reason from (select unnest(first_lines) as line, reason from ignored)") == [(6, "blank line")]


def test_a_moment_far_ahead_loads_and_an_impossible_address_is_kept_as_logged(company):
    """A date in 2262 is a date; 999.1.1.1 is an address of the form invalid."""
    company.write("sign_in-2026-07.jsonl", SIGN_IN.format(1).replace("2026-07-01", "2262-05-01").replace("203.0.113.9", "999.1.1.1"))
    company.load()
    assert company.rows("select event_time::varchar, source_ip from access_events") == [("2262-05-01 00:00:00+00", "999.1.1.1")]
    assert company.rows("select address, address_form from addresses") == [("999.1.1.1", "invalid")]


def test_a_time_without_a_zone_is_refused_with_the_line_that_declares_it(company):
    """Nothing is guessed; once declared, the moment is UTC."""
    company.write("sign_in.jsonl", "".join(SIGN_IN.format(number).replace("00Z", "00") for number in range(3)))
    message = company.refusal()
    assert message.splitlines()[0] == (
        'inputs/sign_in.jsonl: its times have no zone: \'{"id":"si-0","time":"2026-07-01T00:00:00\'. '
        'State it in audit.toml: [[inputs]] files = "inputs/sign_in.jsonl", time_zone = "UTC"'
    )
    company.settings('[[inputs]]\nfiles = "inputs/sign_in.jsonl"\ntime_zone = "Europe/Berlin"\n')
    company.load()
    assert company.rows("select distinct event_time::varchar from access_events") == [("2026-06-30 22:00:00+00",)]


def test_one_line_without_a_zone_is_quarantined_among_many_with_one(company):
    """A single damaged line does not hold up the rest."""
    company.write("sign_in.jsonl", "".join(SIGN_IN.format(number) for number in range(3)) + SIGN_IN.format(3).replace("00Z", "00"))
    assert counts(company.load()) == [("sign_in.jsonl", "loaded", 4, 3, 0, 0, 1)]
    assert company.rows("select reason from quarantine") == [("undeclared: time_zone",)]


SYSLOG = "{0} {1:2d} 00:00:00 host sshd[1]: Accepted password for u from 203.0.113.9 port 1 ssh2\n"


def test_dates_without_a_year_run_on_across_new_year(company):
    """The declared year is that of the first line, also where the turn lies in a later chunk."""
    company.settings('[[inputs]]\nfiles = "inputs/auth.log"\nyear = 2024\ntime_zone = "UTC"\n')
    company.write("auth.log", SYSLOG.format("Nov", 1) + SYSLOG.format("Dec", 31) + SYSLOG.format("Jan", 1) + SYSLOG.format("Feb", 29) + SYSLOG.format("Jan", 1))
    company.load()
    assert [row[0][:10] for row in company.rows("select event_time::varchar from access_events order by line")] == [
        "2024-11-01",
        "2024-12-31",
        "2025-01-01",
        "2025-01-01",
    ]
    assert company.rows("select line, reason from quarantine") == [(4, "no moment: Feb 29 00:00:00")]


def test_years_run_on_from_chunk_to_chunk(company, monkeypatch):
    """A file that is read in many chunks is dated like one that is read in one."""
    from audit_lib import readers

    monkeypatch.setattr(readers, "BATCH", 1)
    monkeypatch.setattr(readers, "BLOCK", 100)
    monkeypatch.setattr(readers.read_blocks, "__kwdefaults__", {**readers.read_blocks.__kwdefaults__, "size": 100})
    company.settings('[[inputs]]\nfiles = "inputs/auth.log"\nyear = 2024\ntime_zone = "UTC"\n')
    company.write("auth.log", "".join(SYSLOG.format(month, 1) for month in ("Nov", "Dec", "Jan", "Feb", "Nov", "Jan")))
    company.load()
    assert [row[0][:7] for row in company.rows("select event_time::varchar from access_events order by line")] == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
        "2025-11",
        "2026-01",
    ]


def test_the_year_may_stand_in_the_name_of_the_file(company):
    """YYYYMM serves; a file rotated in January does not say which year it begins in."""
    company.settings('[[inputs]]\nfiles = "inputs/*"\ntime_zone = "UTC"\n')
    company.write("auth.log-202512", SYSLOG.format("Dec", 1))
    company.load()
    assert company.rows("select event_time::varchar from access_events") == [("2025-12-01 00:00:00+00",)]
    company.write("auth.log-20260104", SYSLOG.format("Dec", 29))
    assert "inputs/auth.log-20260104: its times have no year" in company.refusal()


def test_addresses_come_once_each_with_forwarded_hops(company):
    """Own proxies are believed; every hop has a row of its own; own networks are named once assets are there."""
    company.settings('[addresses]\nown_proxies = ["10.20.0.0/16"]\n' + f'[[inputs]]\nfiles = "inputs/assets.csv"\n{DATED}')
    company.write("access.log", WEB.format(1, 1).replace("203.0.113.1", "10.20.0.1").replace('"agent"', '"agent" "9.9.9.9, 8.8.8.8, 10.20.0.7"') * 2)
    company.load()
    assert company.rows("select distinct source_ip from access_events") == [("8.8.8.8",)]
    assert company.rows("select address, asset_ids from addresses order by address") == [("10.20.0.7", []), ("8.8.8.8", []), ("9.9.9.9", [])]
    company.write("assets.csv", "asset_id,kind,address_range,valid_from_at\nproxies,network,10.20.0.0/16,2020-01-01\n")
    company.load()
    assert company.rows("select asset_ids from addresses where address = '10.20.0.7'") == [(["proxies"],)]


# Recognition and refusals -------------------------------------------------------------------------------------


def test_every_refused_file_is_named_and_nothing_loads(company):
    """Binary under a table's name, no gzip, a log of another kind, an unknown text, an empty file without a telling name."""
    company.write("ok/access.log", WEB.format(1, 1))
    company.write("accounts.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    company.write("b/access.log.gz", WEB.format(1, 1))
    company.write("c/access.log", SIGN_IN.format(1))
    company.write("notes.txt", "hello\nworld\n")
    company.write("empty.bin", "")
    company.write("people.parquet", "PAR0")
    company.write("loads.csv", "load_id\n1\n")
    lines = company.refusal().splitlines()
    starts = [
        "inputs/accounts.csv: is no CSV, whatever its name says: its first line is not UTF-8: byte 0x89 at byte 1. Deliver it as CSV in UTF-8",
        "inputs/b/access.log.gz: is no gzip file, whatever its name says",
        "inputs/c/access.log: is not what its name says: named like ",
        "inputs/empty.bin: is empty, and its name tells no format",
        "inputs/loads.csv: the table loads is filled by the suite itself",
        "inputs/notes.txt: is in no known format: begins with 'hello'",
        "inputs/people.parquet: is no Parquet file, whatever its name says",
        "Nothing was loaded.",
    ]
    assert len(lines) == len(starts)
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)
    assert not (company.folder / "store.duckdb").exists()


def test_a_cut_gzip_file_is_refused_and_the_store_stays(company):
    """What the hash would vouch for must be whole."""
    company.write("access.log", WEB.format(1, 1))
    company.load()
    content = gzip.compress("".join(WEB.format(number % 250, number % 60) for number in range(9000)).encode())
    company.write("access.log.2.gz", content[: len(content) // 2])
    assert "access.log.2.gz: the gzip data is cut off. Deliver the file again, whole" in company.refusal()


def test_a_declared_source_wins_over_recognition(company):
    """A file under a strange name loads as what audit.toml says."""
    company.settings('[[inputs]]\nfiles = "inputs/x.bin"\nsource = "web_combined"\nprovider = "edge"\n')
    company.write("x.bin", WEB.format(1, 1))
    company.load()
    assert company.rows("select event_provider from access_events") == [("edge",)]
    company.settings('[[inputs]]\nfiles = "inputs/x.bin"\nsource = "web_combind"\n')
    assert "audit.toml names the source 'web_combind', which is not there. Allowed: " in company.refusal()


def test_a_wrong_time_zone_is_refused(company):
    """Only names that exist."""
    company.settings('[[inputs]]\nfiles = "inputs/*"\ntime_zone = "Europe/Berlyn"\n')
    company.write("access.log", WEB.format(1, 1))
    assert "no such time zone: 'Europe/Berlyn'" in company.refusal()


def test_a_company_adds_its_own_format(company):
    """One SQL file in the project folder; its faults are told with its name."""
    sources = company.folder / "queries" / "sources"
    sources.mkdir(parents=True)
    header = 'title = "t"\nrecords = "lines"\nrecognise = "starts_with(text, \'door \')"\norigin = "o"\nexport = "e"\nlimits = "l"\n'
    select = (
        "select line, timestamptz '2026-01-01 00:00Z' as event_time, 'auth' as event_dataset, 'sign_in' as event_action, 'success' as event_outcome, 'staff' as user_kind,"
        " split(text, ' ')[2] as user_id, null::varchar as refused, null::varchar as ignored from records where text <> 'door ?'"
    )
    (sources / "door.sql").write_text(f"/*\n{header}*/\n{select}")
    company.write("doors.txt", "door anna\ndoor ben\ndoor ?\n")
    assert counts(company.load()) == [("doors.txt", "loaded", 3, 2, 0, 0, 1)]
    assert company.rows("select reason from quarantine") == [("the format door says nothing of it",)]
    company.write("doors2.txt", "door carla\n")
    (sources / "door.sql").write_text(f"/*\n{header}*/\n{select.replace('user_id', 'usr')}")
    assert "door.sql: gives usr, which access_events does not have" in company.refusal()
    (sources / "door.sql").write_text("/*\ntitel = 'x'\n*/\nselect 1")
    assert "door.sql: unknown key: titel" in company.refusal()


def test_a_folder_without_files_is_told(company):
    """The first load needs something to load."""
    assert company.refusal().endswith("inputs: holds no files. Put logs and tables there, or say in audit.toml where they are")


def test_a_broken_address_database_is_refused_before_the_load(company):
    """The load does not begin."""
    company.settings('[addresses]\ndatabases = ["geo.mmdb"]\n')
    (company.folder / "geo.mmdb").write_bytes(b"broken")
    company.write("access.log", WEB.format(1, 1))
    assert "geo.mmdb: is no sound address database" in company.refusal()


def test_a_store_of_a_newer_version_is_refused(company):
    """Nothing is written into it."""
    company.write("access.log", WEB.format(1, 1))
    company.load()
    import duckdb

    with duckdb.connect(str(company.folder / "store.duckdb")) as connection:
        connection.execute("update store_version set version = 999")
    company.write("access.log.1", WEB.format(1, 2))
    with pytest.raises(AuditError, match="made by a newer version of audit_lib"):
        company.load()


# Tables -------------------------------------------------------------------------------------------------------


def accounts(company: Company, rows: str, name: str = "accounts.csv") -> Path:
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    return company.write(name, ACCOUNTS + rows)


def test_a_table_loads_by_the_names_of_its_columns(company):
    """Types come from the DDL, lines are those of the file, quoted line ends included, identical rows are duplicates."""
    accounts(
        company,
        'a1,active,,2026-01-01,,customer,web,2026-01-01T00:00:00+02:00\n"a\n2",active,,2026-01-02 03:04:05,,customer,web,2026-01-01\n'
        "a1,active,,2026-01-01,,customer,web,2026-01-01T00:00:00+02:00\n\na3,canceled,owner,2026-01-03,2026-02-01,decoy,api,2026-01-01\n",
    )
    assert counts(company.load()) == [("accounts.csv", "loaded", 5, 3, 1, 1, 0)]
    assert company.rows("select account_id, line, valid_from_at::varchar, created_at::varchar, status_cause from accounts order by line") == [
        ("a1", 2, "2026-01-01 00:00:00+00", "2025-12-31 22:00:00+00", None),
        ("a\n2", 3, "2026-01-02 03:04:05+00", "2026-01-01 00:00:00+00", None),
        ("a3", 7, "2026-01-03 00:00:00+00", "2026-01-01 00:00:00+00", "owner"),
    ]


def test_columns_that_are_missing_are_all_named_and_unknown_ones_left_out(company):
    """A required column is required of the file; what the table does not know is told."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("accounts.csv", "account_id,valid_from_at,colour\na1,2026-01-01,red\n")
    assert (
        "inputs/accounts.csv: columns missing that accounts requires: status, kind, created_via, created_at. It has: account_id, valid_from_at, colour."
        in company.refusal()
    )
    company.write("accounts.csv", ACCOUNTS.strip() + ",colour\na1,active,,2026-01-01,,customer,web,2026-01-01,red\n")
    assert company.load().messages == ["inputs/accounts.csv: left out, as accounts has no such column: colour"]
    company.write("accounts.csv", "colour,size\nred,1\n")
    assert "is not what its name says: it names no column of accounts" in company.refusal()


def test_a_value_that_does_not_cast_is_quarantined_with_its_column(company):
    """No rounding, no infinite moments, no half rows; the rest loads."""
    accounts(
        company,
        "a1,active,,someday,,customer,web,2026-01-01\na2,active,,infinity,,customer,web,32.1.2026\na3,active,,2026-01-01\na4,active,,2026-01-01,,customer,web,2026-01-01\n"
        'a5,"active,,2026-01-01,,customer,web,2026-01-01\na6,active,,2026-01-01,,customer,web,2026-01-01\n',
    )
    assert counts(company.load()) == [("accounts.csv", "loaded", 6, 2, 0, 0, 4)]
    assert company.rows("select line, reason from quarantine order by line") == [
        (2, "valid_from_at is no moment: someday"),
        (3, "undeclared: date_order"),
        (4, "has 4 cells, the header has 8"),
        (6, "is not CSV: a quote is opened and not closed"),
    ]
    company.write("backups.csv", "backup_id,store_id,country,kind,taken_at\nb1,s,DE,scheduled,2026-01-01\n")
    company.write("row_counts.csv", "store_id,address_form,counted_by,row_count,counted_at\ns,any,suite,1.5,2026-01-01\ns,any,suite,2.0,2026-01-01\n")
    company.load()
    assert company.rows("select row_count from row_counts") == [(2,)]


def test_unknown_codes_orphans_and_repeated_keys_are_loaded_and_counted(company):
    """table_checks has one row per rule and load, with the lines that break it."""
    accounts(
        company,
        "a1,cancelled,,2026-01-01,,customer,web,2026-01-01\na1,active,,2026-01-01,,customer,web,2026-01-01\na2,,,2026-01-01,,customer,web,2027-01-01\na3,canceled,,2026-01-01,,customer,web,2026-01-01\n",
    )
    company.write(
        "purges.csv", "purge_id,store_id,account_id,reason,method,purged_at\np1,nowhere,a1,legal,erase,2026-02-01\np2,nowhere,a9,legal,erase,2026-02-01\n"
    )
    company.write(
        "jobs.jsonl",
        '{"job_id":"j","name":"n","purpose":"p","operation":"purge","input_data_class_ids":["logs","gone"],"is_automated_decision":false,"has_human_review":false,"valid_from_at":"2026-01-01"}\n',
    )
    company.write("data_classes.csv", "data_class_id,name,kind\nlogs,Logs,access_log\n")
    message = ""
    try:
        company.load()
    except InputError as fault:
        message = str(fault)
    if "data_classes" in message:  # the table's required columns are not this test's matter
        (company.folder / "inputs" / "data_classes.csv").unlink()
        company.load()
    found = {
        (table, rule): (column, checked, broken, lines)
        for table, rule, column, checked, broken, lines in company.rows(
            "select table_name, rule, column_name, rows_checked, rows_broken, first_lines from table_checks"
        )
    }
    assert found["accounts", "code"] == ("status", 4, 1, [2])
    assert found["accounts", "key"] == ("account_id, valid_from_at", 4, 2, [2, 3])
    assert found["accounts", "required"] == ("status, status_cause", 4, 2, [4, 5])
    assert found["accounts", "not_in_future"] == ("created_at", 4, 1, [4])
    assert found["purges", "reference:accounts"] == ("account_id", 2, 1, [3])
    assert ("purges", "reference:stores") not in found
    assert company.rows("select count(*) from (select load_id, rule from table_checks group by all having count(*) > 1)") == [(0,)]


def test_references_are_measured_anew_when_the_other_table_comes_later(company):
    """An orphan that is none any more does not stay one."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("purges.csv", "purge_id,store_id,account_id,reason,method,purged_at\np1,s,a2,legal,erase,2026-02-01\n")
    accounts(company, "a1,active,,2026-01-01,,customer,web,2026-01-01\n")
    company.load()
    broken = "select rows_broken from table_checks where rule = 'reference:accounts' and table_name = 'purges'"
    assert company.rows(broken) == [(1,)]
    company.settings('[[inputs]]\nfiles = "inputs/accounts.csv"\nextracted_at = 2026-11-05\n' + f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("accounts.csv", ACCOUNTS + "a2,active,,2026-01-01,,customer,web,2026-01-01\n")
    company.load()
    assert company.rows(broken) == [(0,)]
    assert company.rows("select account_id from accounts") == [("a2",)]
    assert company.rows("select count(*) from history.accounts") == [(2,)]


def test_a_row_may_refer_to_another_of_its_own_table(company):
    """Also of the table `records`, whose name the records of a file being read bear, too."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write(
        "records.csv", "record_id,data_class_id,created_at,reply_to_record_id\nm1,letters,2026-01-01,\nm2,letters,2026-01-02,m1\nm3,letters,2026-01-03,gone\n"
    )
    company.load()
    assert company.rows("select rows_checked, rows_broken, first_lines from table_checks where rule = 'reference:records'") == [(3, 1, [4])]


def test_a_snapshot_without_its_moment_is_refused(company):
    """A manifest beside the file states it; so does audit.toml, which wins."""
    company.write("tables/accounts.csv", ACCOUNTS)
    assert "inputs/tables/accounts.csv: does not say when it was drawn" in company.refusal()
    manifest = company.write(
        "tables/manifest.csv",
        "file_name,extracted_at,control_total,source_system,covers_to_at\naccounts.csv,2026-10-05T08:00:00+02:00,0,billing,2026-10-01\ngone.csv,,,,\n",
    )
    assert company.load().messages == ["inputs/tables/manifest.csv: names gone.csv, which is not there"]
    facts = "select extracted_at::varchar, control_total, source_system, covers_to_at::varchar from loads"
    assert company.rows(facts) == [("2026-10-05 06:00:00+00", 0, "billing", "2026-10-01 00:00:00+00")]
    manifest.write_text("file_name,extracted_at,control_total\naccounts.csv,tomorrow,many\n")
    lines = company.refusal().splitlines()
    assert lines[0].startswith("inputs/tables/manifest.csv: line 2: extracted_at is no moment, such as 2026-10-05T06:00:00Z: 'tomorrow'")
    assert lines[1].startswith("inputs/tables/manifest.csv: line 2: control_total is no whole number: 'many'")


def test_the_same_snapshot_drawn_later_is_a_new_one(company):
    """Unchanged facts of the next quarter are in force from their own moment."""
    accounts(company, "a1,active,,2026-01-01,,customer,web,2026-01-01\n")
    company.load()
    company.settings('[[inputs]]\nfiles = "inputs/*"\nextracted_at = 2027-01-05T06:00:00Z\n')
    assert counts(company.load()) == [("accounts.csv", "loaded", 1, 1, 0, 0, 0)]
    assert company.rows("select count(*) from history.accounts union all select count(*) from accounts") == [(2,), (1,)]


def test_parts_stand_side_by_side_and_rivals_are_refused(company):
    """The word in the middle is the part; two different files of one part and moment hide each other."""
    accounts(company, "a1,active,,2026-01-01,,customer,web,2026-01-01\n", "accounts.eu.csv")
    accounts(company, "a2,active,,2026-01-01,,customer,web,2026-01-01\n", "accounts.us.csv")
    company.load()
    assert company.rows("select account_id, part from accounts join loads using (load_id) order by all") == [("a1", "eu"), ("a2", "us")]
    company.settings(f'[[inputs]]\nfiles = "inputs/**/*.csv"\n{DATED}')
    company.write("crm/accounts.us.csv", ACCOUNTS)
    assert "inputs/crm/accounts.us.csv: is, like inputs/accounts.us.csv, the accounts of part us drawn at one moment" in company.refusal()


@pytest.mark.parametrize("content", ["", ACCOUNTS, ACCOUNTS.strip()])
def test_an_empty_table_is_delivered(company, content):
    """A file without rows says that there were none."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("accounts.csv", content)
    assert counts(company.load()) == [("accounts.csv", "loaded", 0, 0, 0, 0, 0)]
    assert company.rows("select table_name, part, rows_read from loads") == [("accounts", "all", 0)]


def test_json_lines_and_parquet_load_like_csv(company):
    """Lists, null, a line that is no object, and rows of Parquet with types of their own."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write(
        "people.a.jsonl",
        '{"person_id":"p1","kind":"staff","user_ids":["u1","u,2"],"email":null,"started_on":"2020-01-01","x":1}\n[1]\n{"person_id":"p2","kind":"staff","user_ids":"u3"}\n',
    )
    table = pa.table(
        {"person_id": ["p3"], "kind": ["customer"], "user_ids": [["u4"]], "started_on": pa.array([18262], pa.date32()), "is_training_required": [True]}
    )
    pq.write_table(table, company.folder / "inputs" / "people.b.parquet")
    summary = company.load()
    assert [row[2:] for row in counts(summary)] == [(3, 1, 0, 0, 2), (1, 1, 0, 0, 0)]
    assert "inputs/people.a.jsonl: left out, as people has no such column: x" in summary.messages
    assert company.rows("select person_id, user_ids, started_on::varchar, is_training_required from people order by person_id") == [
        ("p1", ["u1", "u,2"], "2020-01-01", None),
        ("p3", ["u4"], "2020-01-01", True),
    ]
    assert company.rows("select reason from quarantine order by line") == [("is no JSON object",), ("user_ids is no list: u3",)]


# Back to the raw lines ----------------------------------------------------------------------------------------


def test_raw_lines_lead_back_to_the_file(company):
    """Logs, gzip, JSON records, CSV with quoted line ends and Parquet; a changed file is not believed."""
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("access.log", "".join(WEB.format(1, minute) for minute in range(3)))
    company.write("access.log.2.gz", gzip.compress("".join(WEB.format(2, minute) for minute in range(3)).encode()))
    company.write(
        "trail.json",
        '{"Records": [\n {"eventName": "A", "eventSource": "s", "eventTime": "2026-01-01T00:00:00Z", "userIdentity": {}},\n {"eventName":"B","eventSource":"s","eventTime":"2026-01-01T00:00:00Z","userIdentity":{}}]}',
    )
    accounts(company, '"a\n1",active,,2026-01-01,,customer,web,2026-01-01\na2,active,,2026-01-01,,customer,web,2026-01-01\n')
    pq.write_table(pa.table({"person_id": ["p3"], "kind": ["customer"], "user_ids": [["u4"]]}), company.folder / "inputs" / "people.parquet")
    company.load()
    project = read_project(company.folder)

    def texts() -> dict[tuple[str, int], str]:
        connection = store.open_store(company.folder / "store.duckdb")
        origins = [
            row[0]
            for row in connection.execute(
                "select origin from access_events union all select origin from accounts union all select origin from people"
            ).fetchall()
        ]
        found = load.raw_lines(connection, project, [*origins, "nowhere:1", "odd"])
        connection.close()
        assert [row[0] for row in found] == origins
        return {(row[2].removeprefix("inputs/"), row[4]): row[5] for row in found}

    found = texts()
    assert found["access.log", 2] == WEB.format(1, 1).strip()
    assert found["access.log.2.gz", 3] == WEB.format(2, 2).strip()
    assert found["trail.json", 2] == '{"eventName":"B","eventSource":"s","eventTime":"2026-01-01T00:00:00Z","userIdentity":{}}'
    assert found["accounts.csv", 2] == '"a\n1",active,,2026-01-01,,customer,web,2026-01-01'
    assert found["accounts.csv", 4] == "a2,active,,2026-01-01,,customer,web,2026-01-01"
    assert found["people.parquet", 1] == '{"person_id": "p3", "kind": "customer", "user_ids": ["u4"]}'
    with (company.folder / "inputs" / "access.log").open("a") as file:
        file.write(WEB.format(1, 7))
    company.write("trail.json", "{}")
    (company.folder / "inputs" / "people.parquet").unlink()
    found = texts()
    assert found["access.log", 2] == WEB.format(1, 1).strip()
    assert found["trail.json", 2] == "(the file has changed since it was loaded)"
    assert found["people.parquet", 1] == "(the file is no longer in its place)"


# Properties ---------------------------------------------------------------------------------------------------

CLEAN = {
    "web_combined": [WEB.format(number % 200, number % 60) for number in range(8)],
    "product_sign_in": [SIGN_IN.format(number) for number in range(8)],
    "sshd_syslog": [SYSLOG.format("Jul", 1 + number % 28) for number in range(8)],
    "cloudtrail": [
        f'{{"eventID":"e{number}","eventName":"GetObject","eventSource":"s3","eventTime":"2026-01-01T00:00:00Z","userIdentity":{{"type":"Root"}}}}\n'
        for number in range(8)
    ],
}
DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["bytes", "cut", "nul", "huge", "crlf", "bom", "blank", "twice", "quote", "swap", "open"]),
        st.integers(0, 7),
        st.binary(min_size=1, max_size=6),
        st.integers(0, 300),
    ),
    max_size=6,
)


def damage(lines: list[str], faults: list[tuple]) -> bytes:
    """A file with faults put in, line by line."""
    made = [line.encode() for line in lines]
    for kind, number, extra, place in faults:
        line = made[number]
        at = place % len(line)
        made[number] = {
            "bytes": line[:at] + extra + line[at + len(extra) :],
            "cut": line[:at] + b"\n",
            "nul": line[:at] + b"\0" + line[at:],
            "huge": b"x" * (1 << 20) + line,
            "crlf": line.rstrip(b"\n") + b"\r\n",
            "bom": b"\xef\xbb\xbf" + line,
            "blank": b"\n" + line,
            "twice": line * 2,
            "quote": line[:at] + b'"' + line[at:],
            "swap": line[at:] + line[:at],
            "open": line.rstrip(b"\n"),
        }[kind]
    return b"".join(made)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(faults=st.fixed_dictionaries(dict.fromkeys(CLEAN, DAMAGE)))
def test_corrupted_files_reconcile(tmp_path_factory, faults):
    """Whatever is damaged, no crash and no lost record: read = loaded + duplicate + ignored + quarantined."""
    company = Company(tmp_path_factory.mktemp("damaged"))
    company.settings("".join(f'[[inputs]]\nfiles = "inputs/{name}.log"\nsource = "{name}"\nyear = 2026\ntime_zone = "UTC"\n' for name in CLEAN))
    for name, lines in CLEAN.items():
        company.write(f"{name}.log", damage(lines, faults[name]))
    company.load()
    company.reconcile()
    for name in CLEAN:
        content = damage(CLEAN[name], faults[name])
        if name != "cloudtrail":
            count = content.count(b"\n") + (not content.endswith(b"\n") and bool(content.removeprefix(b"\xef\xbb\xbf")))
            assert company.rows("select rows_read from loads where format = ?", name) == [(count,)]
    company.load()
    company.reconcile()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(faults=DAMAGE)
def test_corrupted_tables_reconcile(tmp_path_factory, faults):
    """The same for a CSV below its header."""
    company = Company(tmp_path_factory.mktemp("damaged"))
    lines = [f"a{number},active,,2026-01-0{number + 1},,customer,web,2026-01-01\n" for number in range(8)]
    company.settings(f'[[inputs]]\nfiles = "inputs/*"\n{DATED}')
    company.write("accounts.csv", ACCOUNTS.encode() + damage(lines, faults))
    (row,) = company.load().files
    assert row["rows_read"] == row["rows_loaded"] + row["rows_duplicate"] + row["rows_ignored"] + row["rows_quarantined"]
    assert company.rows("select count(*) from accounts") == [(row["events_loaded"],)]
    assert company.rows("select count(*) from quarantine") == [(row["rows_quarantined"],)]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_load_leaves_the_store_as_it_was(company, tmp_path):
    """Killed at a random moment, then loaded to the end: the store equals that of an undisturbed load."""
    chance = random.Random(7)
    for number in range(6):
        company.write(f"access.log.{number}", "".join(WEB.format(chance.randrange(250), minute % 60) for minute in range(3000)))
    start = time.monotonic()
    command = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path; from audit_lib import load; from audit_lib.project import read_project; load.load(read_project(Path(sys.argv[1])))",
    ]
    subprocess.run([*command, str(company.folder)], check=True)
    took, undisturbed = time.monotonic() - start, company.content()
    (company.folder / "store.duckdb").unlink()
    company.write("access.log.9", WEB.format(1, 1))
    (company.folder / "inputs" / "access.log.9").rename(tmp_path / "later")
    for _ in range(4):
        process = subprocess.Popen([*command, str(company.folder)])
        time.sleep(took * chance.uniform(0.3, 0.95))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if (company.folder / "store.duckdb").exists():
            assert company.content() == undisturbed
    company.load()
    assert company.content() == undisturbed
    assert not (company.folder / "store.duckdb.new").exists()


# Known answers ------------------------------------------------------------------------------------------------


@needs_shared
def test_real_logs_load_with_their_known_counts(company):
    """10,000 web requests of which 19 repeat another; 1,042 failures and 226 successes by ssh; 310 events of 35 attacks."""
    company.settings('[[inputs]]\nfiles = "inputs/auth.log"\nyear = 2017\ntime_zone = "UTC"\n')
    company.write("apache_logs", (SHARED / "web_apache_elastic" / "apache_logs").read_bytes())
    company.write("auth.log", (SHARED / "auth_elastic_suspicious_login" / "auth.log").read_bytes())
    for path in (SHARED / "stratus_red_team").glob("*.json"):
        company.write(f"trail/{path.name}", path.read_bytes())
    company.load()
    company.reconcile()
    assert company.rows("select sum(rows_quarantined)::bigint, count(*) from loads") == [(0, 37)]
    assert company.rows(
        "select event_provider, event_outcome, count(*), count(distinct line) from access_events where event_provider <> 'cloudtrail' and event_action <> 'switch_user' group by all order by all"
    ) == [
        ("bastion", "failure", 1042, 717),
        ("bastion", "success", 226, 226),
        ("web", "failure", 220, 220),
        ("web", "success", 9780, 9780),
    ]
    assert company.rows("select count(*) from access_events where event_provider = 'cloudtrail'") == [(310,)]
    assert company.rows("select count(*) from access_events where event_provider = 'web' and event_id like '%-_'") == [(19,)]
    assert company.rows("select event_outcome, count(*) from access_events where source_ip = '24.151.103.17' group by all order by all") == [
        ("failure", 157),
        ("success", 47),
    ]
    assert company.rows(
        "select min(event_time)::varchar, max(event_time)::varchar from access_events where event_provider = 'bastion' and event_action = 'sign_in'"
    ) == [("2017-03-27 13:08:09+00", "2017-04-20 14:14:29+00")]
    assert company.rows("select http_status, count(*) from access_events where http_status > 400 group by all order by all") == [
        (403, 2),
        (404, 213),
        (416, 2),
        (500, 3),
    ]
    assert company.rows("select count(*) from addresses where address_form = 'invalid'")[0][0] > 0
