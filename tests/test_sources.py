"""Each format, on a small sample, gives the rows that stand beside it."""

import csv
import io
import os
from pathlib import Path

import pytest

from audit_lib import load, sources, sql, store
from audit_lib.project import read_project

SAMPLES = Path(__file__).parent / "sources"
FORMATS = sorted(sources.read_sources(sql.roots()))


def rows_of(name: str, folder: Path) -> str:
    """What a sample gives, as CSV: the rows, then the lines that were ignored or quarantined, with reasons."""
    (folder / "inputs").mkdir()
    (folder / "inputs" / "file.log").write_bytes((SAMPLES / f"{name}.sample").read_bytes())
    (folder / "audit.toml").write_text(
        '[company]\nname = "X"\n[addresses]\nown_proxies = ["10.20.0.0/16"]\n[[inputs]]\nfiles = "inputs/file.log"\n'
        f'source = "{name}"\nprovider = "given"\ntime_zone = "UTC"\nyear = 2025\nextracted_at = 2026-10-05T06:00:00Z\n'
    )
    load.load(read_project(folder))
    connection = store.open_store(folder / "store.duckdb")
    table = sources.read_sources(sql.roots())[name].table
    columns = [row[0] for row in connection.execute(f"describe {table}").fetchall() if row[0] not in ("load_id", "origin")]
    columns.sort(key=lambda column: (column != "line", column != "event_time"))
    chosen = ", ".join(f"{column}::varchar" for column in columns)
    events = connection.execute(f"select {chosen} from {table}").fetchall()
    events.sort(key=lambda row: (int(row[0]), [str(cell) for cell in row]))
    used = [number for number, column in enumerate(columns) if any(row[number] is not None for row in events)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([columns[number] for number in used])
    writer.writerows([[row[number] for number in used] for row in events])
    writer.writerow(["line", "not loaded", "reason"])
    writer.writerows(connection.execute("select line, 'quarantined', reason from quarantine order by line").fetchall())
    writer.writerows(connection.execute("select unnest(first_lines), 'ignored', reason from ignored order by all").fetchall())
    connection.close()
    return out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_the_rows_beside_its_sample(name, tmp_path):
    """Every field of every event, and every reason, is as expected; AUDIT_ACCEPT=1 writes what is new, to be read line by line."""
    expected = SAMPLES / f"{name}.expected.csv"
    assert (SAMPLES / f"{name}.sample").exists(), f"a format needs a sample: tests/sources/{name}.sample"
    found = rows_of(name, tmp_path)
    if os.environ.get("AUDIT_ACCEPT"):
        expected.write_text(found)
    assert expected.exists(), f"a format needs its expected rows: tests/sources/{name}.expected.csv"
    assert expected.read_text() == found


def test_no_sample_without_a_format():
    """A sample that no format reads proves nothing."""
    assert {path.name.split(".")[0] for path in SAMPLES.iterdir()} == set(FORMATS)
