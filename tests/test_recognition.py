"""Which format a file is taken for, and what formats may lean on: a CSV's header, and lines further up in the file."""

from itertools import islice
from pathlib import Path

import duckdb
import pytest

from audit_lib import load, planning, readers, records, sources, sql, store
from audit_lib.project import read_project

SAMPLES = Path(__file__).parent / "sources"
FIELDS = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"


def load_one(folder: Path, name: str, text: str, settings: str = "") -> tuple[store.duckdb.DuckDBPyConnection, load.LoadSummary]:
    (folder / "inputs").mkdir(exist_ok=True)
    (folder / "inputs" / name).write_text(text)
    (folder / "audit.toml").write_text(f'[company]\nname = "X"\n{settings}')
    summary = load.load(read_project(folder))
    return store.open_store(folder / "store.duckdb"), summary


def test_each_sample_is_taken_for_what_it_is():
    """By its content alone no format takes another's sample, and a general one gives way to a special one."""
    formats = sources.read_sources(sql.roots())
    paths = sorted(path for path in SAMPLES.glob("*.sample") if formats[path.stem].table == "access_events")
    samples = []
    for path in paths:
        sample = {mode: list(islice(planning._sample(path, mode), sources.SAMPLE)) for mode in ("lines", "json")}
        columns, _ = records.read_columns(readers.read_blocks(path))
        samples.append(sample | {"csv": [columns] * bool(columns)})
    with duckdb.connect() as connection:
        sources.set_file(connection, provider="", time_zone=None, year=None)
        connection.execute(sources.MACROS)
        shares = sources.recognise(connection, samples, formats)
    for path, share in zip(paths, shares, strict=True):
        best = max(share.values())
        likely = [name for name in share if share[name] == best]
        least = min(formats[name].general for name in likely)
        assert (path.stem, best >= 0.5, [name for name in likely if formats[name].general == least]) == (path.stem, True, [path.stem])


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
    assert connection.execute("select line, user_id, event_action from access_events order by line").fetchall() == [(2, "a\nb", "sign_in"), (4, "ben", "sign_in")]
    assert connection.execute("select line, reason from quarantine").fetchall() == [(5, "has 1 cells, the header has 3")]


def test_times_of_a_csv_without_a_zone_are_refused_with_the_way_to_declare_it(tmp_path):
    """As for every other log, no zone is guessed."""
    text = "event_time,event_action,user_id\n2026-07-01 00:00:00,login,ben\n"
    with pytest.raises(Exception, match=r"its times have no zone.*time_zone = \"UTC\""):
        load_one(tmp_path, "log.csv", text)
    connection, _ = load_one(tmp_path, "log.csv", text, '[[inputs]]\nfiles = "inputs/log.csv"\ntime_zone = "Europe/Berlin"\n')
    assert connection.execute("select event_time::varchar from access_events").fetchall() == [("2026-06-30 22:00:00+00",)]


def test_a_csv_format_wants_a_header(tmp_path):
    """A file that audit.toml takes for a CSV and that has none is refused in one line."""
    with pytest.raises(Exception, match="is no CSV with a header, which windows_logons wants: it begins with 'hello'"):
        load_one(tmp_path, "log.csv", "hello\nworld\n", '[[inputs]]\nfiles = "inputs/log.csv"\nsource = "windows_logons"\n')
