"""The sample company: two years of a video-conferencing firm's logs and registers, made up by SQL, with faults planted."""

import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from audit_lib import sql
from audit_lib.errors import InputError

MONTHS = [date(2024 + (9 + month) // 12, (9 + month) % 12 + 1, 1) for month in range(24)]
RAW_TEXT = "(format csv, header false, quote '', escape '', delimiter '\x01')"
LOGS = (  # folder, query of one month, name of the month's file, how it is written
    ("product", "20_product", "sign_in-{:%Y-%m}.jsonl", "(format json)"),
    ("web", "30_web", "access-{:%Y-%m}.log", RAW_TEXT),
    ("support", "40_support", "staff_access-{:%Y-%m}.jsonl", "(format json)"),
    ("bastion", "50_bastion", "auth.log-{:%Y%m}", RAW_TEXT),
    ("cloudtrail", "60_cloudtrail", "{:%Y-%m}.json", RAW_TEXT),
)
FORMATS = {"csv": "(format csv, header true)", "jsonl": "(format json)", "parquet": "(format parquet)"}


def write(folder: Path, *, seed: int = 1, accounts: int = 2000, events: int = 200_000, faults: str = "planted") -> None:
    """Write a whole project folder: `audit.toml`, `policy.txt`, `identities.key`, `inputs/`, `answers.json`.

    Args:
        folder: made if it is missing; must hold no files.
        seed: another seed makes another company. Same seed and sizes: same bytes.
        accounts: customer accounts over the 24 months (planted faults add a few).
        events: access events over all logs, about.
        faults: "planted", or "none" for a company with nothing to find.

    Raises:
        InputError: the folder holds files, a size is below what the company needs, or `faults` is another word.
    """
    refuse_bad_orders(folder, accounts, events, faults)
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.resolve().name}-", dir=folder.resolve().parent))
    try:
        _write_all(made, seed, accounts, events, planted=faults == "planted")
        for child in sorted(made.iterdir(), key=lambda path: path.name == "audit.toml"):  # the last one says: all is there
            child.rename(folder / child.name)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write_all(folder: Path, seed: int, accounts: int, events: int, *, planted: bool) -> None:
    source = sql.shipped("queries") / "sample"
    with tempfile.TemporaryDirectory(prefix="audit-sample-") as room:
        connection = duckdb.connect(Path(room) / "company.duckdb")
        try:
            connection.execute(
                "set memory_limit = '1500MiB'; set threads = 2; set TimeZone = 'UTC'; set enable_progress_bar = false; set python_enable_replacements = false"
            )
            make_company(connection, source, seed, accounts, events, planted=planted)
            write_tables(connection, folder / "inputs" / "tables")
            write_logs(connection, source / "month", folder / "inputs")
            write_manifests(connection, folder / "inputs")
            write_answers(connection, folder / "answers.json")
            key = one(connection, "select sha256('identities' || seed())")
            (folder / "identities.key").write_text(f"{key}\n", "utf-8", newline="\n")
        finally:
            connection.close()
    (folder / "policy.txt").write_bytes((source / "policy.txt").read_bytes())
    (folder / "audit.toml").write_bytes((source / "audit.toml").read_bytes())


def refuse_bad_orders(folder: Path, accounts: int, events: int, faults: str) -> None:
    """Raise one InputError that names all that is wrong with an order, before anything is written."""
    problems = []
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.append(f"{folder}: not empty: the sample company is written into a new or an empty folder; name another")
    if accounts < 60:
        problems.append(f"accounts: too few: {accounts}; 60 or more are needed")
    if events < 3000:
        problems.append(f"events: too few: {events}; 3000 or more are needed")
    if faults not in ("planted", "none"):
        problems.append(f"faults: unknown word: '{faults}'; use planted or none")
    if problems:
        raise InputError("\n".join(problems))


def one(connection: duckdb.DuckDBPyConnection, query: str, values: list | None = None) -> str:
    """The one value that the query gives."""
    return connection.execute(query, values or []).fetchone()[0]


def make_company(connection: duckdb.DuckDBPyConnection, source: Path, seed: int, accounts: int, events: int, *, planted: bool) -> None:
    """Make the company's tables: the lists (CSV), then each step of queries/sample in order; faults where ordered."""
    numbers = {"seed": seed, "account_count": accounts, "event_count": events}
    for name, value in numbers.items():
        connection.execute(f"create macro {name}() as {int(value)}::bigint")
    for path in sorted(source.glob("*.csv")):
        connection.execute(f"create table {path.stem} as from read_csv($path)", {"path": str(path)})
    connection.execute("create table policy as select $body as body", {"body": (source / "policy.txt").read_text("utf-8")})
    for path in sorted(source.glob("*.sql")):
        if planted or "_faults_" not in path.name:
            connection.execute(path.read_text("utf-8"))


def write_tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write each view that is named as a file, and note its name and count for the manifest."""
    names = [row[0] for row in connection.execute(
        "select view_name from duckdb_views() where not internal and view_name like '%.%' order by view_name"
    ).fetchall()]  # fmt: skip
    for name in names:
        path = (folder / name).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = one(connection, f"copy (from \"{name}\") to '{quoted(path)}' {FORMATS[path.suffix[1:]]}")
        note_file(connection, path, rows)


def write_logs(connection: duckdb.DuckDBPyConnection, queries: Path, folder: Path) -> None:
    """Write the logs month by month, so that the events of one month only are held at a time."""
    texts = {path.stem: path.read_text("utf-8") for path in queries.glob("*.sql")}
    for month in MONTHS:
        connection.execute(f"create or replace macro month_at() as timestamptz '{month} 00:00:00+00'")
        connection.execute(texts["10_events"])
        for name, query, file_name, how in LOGS:
            path = folder / name / file_name.format(month)
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = one(connection, f"copy ({texts[query]}) to '{quoted(path)}' {how}")
            note_file(connection, path, rows, month)


def note_file(connection: duckdb.DuckDBPyConnection, path: Path, rows: int, month: date | None = None) -> None:
    """Note a written file for its folder's manifest; a log's file covers its month, another the two years."""
    covers = "month_at(), month_at() + interval 1 month" if month else "first_moment(), last_moment()"
    connection.execute(
        f"insert into files select $folder, $name, $rows, {covers}",
        {"folder": path.parent.name, "name": path.name, "rows": rows},
    )


def write_manifests(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the producer's manifest.csv beside the files of each folder."""
    for (name,) in connection.execute("select distinct folder from files order by folder").fetchall():
        query = f"select * exclude (folder) from manifest where folder = '{name}' order by file_name"
        connection.execute(f"copy ({query}) to '{quoted(folder / name / 'manifest.csv')}' (format csv, header true)")


def write_answers(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the answer key: what the planted faults must be found as, and the traps that must pass."""
    rows = connection.execute("select control, item, outcome, reason, note from answers order by control, item, reason").fetchall()
    keys = ("control", "item", "outcome", "reason", "note")
    entries = [dict(zip(keys, row, strict=True)) for row in rows]
    path.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n")


def quoted(path: Path) -> str:
    """The path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")
