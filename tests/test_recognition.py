"""Which format a file is taken for, and what formats may lean on: a CSV's header, and lines further up in the file."""

import contextlib
from pathlib import Path

import pytest

from audit_lib import load, planning, readers, sources, sql, store
from audit_lib.errors import InputError
from audit_lib.files import InputFile
from audit_lib.project import read_project

SAMPLES = Path(__file__).parent / "sources"
SAME_SHAPE = [{"sidekiq_job_runs", "sidekiq_purges"}]  # one log, read for two tables
FIELDS = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"


def load_one(folder: Path, name: str, text: str, settings: str = "") -> tuple[store.duckdb.DuckDBPyConnection, load.LoadSummary]:
    (folder / "inputs").mkdir(exist_ok=True)
    (folder / "inputs" / name).write_text(text)
    (folder / "audit.toml").write_text(f'[company]\nname = "X"\n{settings}')
    summary = load.load(read_project(folder))
    return store.open_store(folder / "store.duckdb"), summary


def test_each_sample_is_taken_for_what_it_is(tmp_path, monkeypatch):
    """By its content alone no format takes another's sample: a general one gives way, and two exports of one job tell by their names."""
    formats, seen = sources.read_sources(sql.roots()), {}
    monkeypatch.setattr(planning, "_choose", lambda file, lines, shares, formats: seen.setdefault(file.path.stem, shares) and formats[file.path.stem])
    files = [InputFile(path, path.name) for path in sorted(SAMPLES.glob("*.sample"))]
    with contextlib.suppress(InputError):
        planning.plan(files, store.read_tables(sql.roots()), formats)
    assert set(seen) == set(formats)
    for name, shares in seen.items():
        likely = [other for other in shares if shares[other] == max(shares.values())]
        least = min(formats[other].general for other in likely)
        likely = [other for other in likely if formats[other].general == least]
        assert likely == [name] or set(likely) in SAME_SHAPE, f"{name}: {likely}"


def test_a_header_holds_for_all_that_follows_however_far(tmp_path, monkeypatch):
    """A #Fields line holds for records that are read megabytes later, in another piece of the file."""
    monkeypatch.setattr(readers, "BATCH", 1 << 20)
    line = "2026-07-01 00:{:02}:{:02} 203.0.113.9 GET /{} 200\n"
    first = "".join(line.format(number // 60 % 60, number % 60, "a" * 60) for number in range(45_000))
    second = FIELDS.replace("c-ip cs-method", "cs-method c-ip") + "2026-07-02 00:00:00 POST 203.0.113.10 /b 404\n" * 3
    connection, _ = load_one(tmp_path, "u_ex2607.log", FIELDS + first + second)
    assert connection.execute("select rows_read, rows_loaded, rows_ignored, rows_quarantined from loads").fetchall() == [(45_005, 45_003, 2, 0)]
    assert connection.execute("select http_method, source_ip, http_status, count(*) from access_events group by all order by all").fetchall() == [
        ("GET", "203.0.113.9", 200, 45_000),
        ("POST", "203.0.113.10", 404, 3),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_by_its_header(tmp_path, delimiter):
    """Columns in any order, any of three delimiters, a cell over two lines, a byte-order mark; a ragged record is quarantined."""
    rows = [["Event_Action", "user_id", "event_time"], ["login", '"a\nb"', "2026-07-01T00:00:00Z"], ["login", "ben", "2026-07-01T00:00:01Z"], ["login"]]
    connection, _ = load_one(tmp_path, "log.csv", "\ufeff" + "".join(delimiter.join(row) + "\r\n" for row in rows))
    assert connection.execute("select line, user_id, event_action from access_events order by line").fetchall() == [
        (2, "a\nb", "sign_in"),
        (4, "ben", "sign_in"),
    ]
    assert connection.execute("select line, reason from quarantine").fetchall() == [(5, "has 1 cells, the header has 3")]


def test_times_of_a_csv_without_a_zone_are_refused_with_the_way_to_declare_it(tmp_path):
    """As for every other log, no zone is guessed."""
    text = "event_time,event_action,user_id\n2026-07-01 00:00:00,login,ben\n"
    with pytest.raises(InputError, match=r"its times have no zone.*time_zone = \"UTC\""):
        load_one(tmp_path, "log.csv", text)
    connection, _ = load_one(tmp_path, "log.csv", text, '[[inputs]]\nfiles = "inputs/log.csv"\ntime_zone = "Europe/Berlin"\n')
    assert connection.execute("select event_time::varchar from access_events").fetchall() == [("2026-06-30 22:00:00+00",)]


def test_a_csv_format_wants_a_header(tmp_path):
    """A file that audit.toml takes for a CSV and that has none is refused in one line."""
    with pytest.raises(InputError, match="is no CSV with a header, which windows_logons wants: it begins with 'hello'"):
        load_one(tmp_path, "log.csv", "hello\nworld\n", '[[inputs]]\nfiles = "inputs/log.csv"\nsource = "windows_logons"\n')
