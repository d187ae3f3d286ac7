"""A record means the same alone as among others: files in which all records are alike are common, samples are mixed."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from audit_lib import records, sources, sql

SAMPLES = Path(__file__).parent / "sources"
FORMATS = sources.read_sources(sql.roots())
# Formats in which a record needs others: a header, a start and its end, a newer fact about the same thing.
TOGETHER = {"iis_w3c", "postgresql_log", "sidekiq_job_runs", "sidekiq_purges", "stripe_events", "sshd_syslog", "testssl_scan"}


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        sources.prepare(connection)
        sources.set_file(connection, provider="given", time_zone="UTC", year=2026)
        connection.execute("create temp table carried (line bigint, text varchar)")
        yield connection


@pytest.mark.parametrize("name", sorted(name for name, source in FORMATS.items() if source.records != "csv" and name not in TOGETHER))
def test_each_record_of_a_sample_gives_the_same_rows_alone(connection, name):
    """The format's SELECT over the whole sample, and over each of its records by itself."""
    source, content = FORMATS[name], (SAMPLES / f"{name}.sample").read_bytes()
    if source.records == "json":
        texts = ["" if fault else text for text, fault in records.values(iter([content]), source.lists)]
    else:
        texts = content.decode(errors="replace").splitlines()

    def rows(some: list[tuple[int, str]]) -> list[str]:
        lines, found = zip(*some, strict=True)
        connection.register("records", pa.table({"line": pa.array(lines, pa.int64()), "text": pa.array(found, pa.string())}))
        return [str(row) for row in connection.execute(source.sql).fetchall()]

    numbered = list(enumerate(texts, start=1))
    assert sorted(rows(numbered)) == sorted(row for one in numbered for row in rows([one]))
