"""Benchmark of loading: ratios of one run, each program a process of its own, the rounds interleaved.

Ours does more than the others: SHA-256 of the file, ids made from the lines, duplicates, addresses, the rules of the
dictionary, and the counts that reconcile. `make bench` runs it with a million lines; `make bench MILLIONS=10` with ten.
Writes `load.json` and `load.md` (one row per log and program) to reports/bench.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
KINDS = {"made": "JSON Lines, ids made from the lines", "given": "JSON Lines with ids", "web": "web server log, combined"}
COLUMNS = {
    "event_id": "varchar", "event_time": "timestamptz", "event_ingested": "timestamptz", "event_sequence": "bigint", "http_bytes": "bigint",
    "record_count": "bigint", "event_dataset": "varchar", "event_provider": "varchar", "event_action": "varchar", "event_outcome": "varchar",
    "event_reason": "varchar", "user_kind": "varchar", "user_id": "varchar", "user_effective_id": "varchar", "user_target_id": "varchar",
    "account_id": "varchar", "session_id": "varchar", "grant_id": "varchar", "is_mfa": "boolean", "source_ip": "varchar",
    "network_forwarded_ip": "varchar", "user_agent": "varchar", "http_method": "varchar", "url_path": "varchar", "http_status": "integer",
}  # fmt: skip
WEB = r"'^(\S+) \S+ (\S+) \[([^\]]+)\] \"(\S+) (\S+) [^\"]*\" (\d+) (\d+|-) \"[^\"]*\" \"([^\"]*)\"$'"


def write_log(kind: str, lines: int, path: Path) -> None:
    """A log of that many lines: half a year, 20,000 accounts, 200,000 users with one or two addresses each."""
    facts = f"""
      select
        i, timestamp '2026-01-01' + to_microseconds(i * {15_552_000_000_000 // lines}) as moment, hash(i // 10) % 200000 as person,
        hash(i) % 20 = 0 as is_refused, hash(i, 1) % 100000 as page, (hash(i, 2) % 90000)::integer as size,
        hash(hash(i // 10) % 200000, hash(i // 10) % 7 = 0) as host, 100 + hash(i // 10) % 60 as agent
      from range({lines}) as numbers(i)"""
    address = "(11 + host % 180) || '.' || (host // 256 % 256) || '.' || (host // 65536 % 50) || '.' || (host // 16777216 % 250 + 1)"
    agent = "'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/' || agent"
    options = "format json"
    if kind == "web":
        select = f"""select {address} || ' - user' || person || '@example.com [' || strftime(moment, '%d/%b/%Y:%H:%M:%S +0000') || '] "GET /meetings/' || page
          || ' HTTP/1.1" ' || case when is_refused then 403 else 200 end || ' ' || size || ' "-" "' || {agent} || '"'"""
        options = "format csv, header false, quote '', delimiter '\\x01'"
    else:
        select = f"""select
          {"'ev-' || lpad(i::varchar, 12, '0') as event_id," if kind == "given" else ""}
          strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ') as event_time, i + 1 as event_sequence, size as http_bytes, 'http' as event_dataset,
          'request' as event_action, case when is_refused then 'failure' else 'success' end as event_outcome, 'customer' as user_kind,
          'user' || person || '@example.com' as user_id, 'acct-' || person % 20000 as account_id, 'sess-' || to_hex(hash(i // 10)) as session_id,
          {address} as source_ip, {agent} as user_agent, 'GET' as http_method, '/meetings/' || page as url_path,
          case when is_refused then 403 else 200 end as http_status"""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set memory_limit = '2GiB'")
        connection.execute(f"copy ({select} from ({facts})) to '{path}' ({options})")


def with_ours(kind: str, path: Path, scratch: Path) -> None:
    from audit_lib import load
    from audit_lib.project import read_project

    (scratch / "inputs").mkdir()
    (scratch / "audit.toml").write_text('[company]\nname = "Bench"\n')
    os.link(path, scratch / "inputs" / ("access.log" if kind == "web" else "access_events.bench.jsonl"))
    summary = load.load(read_project(scratch))
    if summary.files[0]["rows_loaded"] != summary.files[0]["rows_read"]:
        raise SystemExit("not all lines were loaded")


def with_duckdb(kind: str, path: Path, scratch: Path) -> None:
    """Bare DuckDB into a table on disk, with the same types, threads and memory."""
    with duckdb.connect(scratch / "bare.duckdb") as connection:
        connection.execute(f"set TimeZone = 'UTC'; set memory_limit = '2GiB'; set threads = {min(os.cpu_count() or 1, 8)}")
        if kind == "web":
            names = "['source_ip', 'user_id', 'event_time', 'http_method', 'url_path', 'http_status', 'http_bytes', 'user_agent']"
            lines = f"read_csv('{path}', columns = {{'text': 'varchar'}}, header = false, delim = '\\x01', quote = '', escape = '', auto_detect = false)"
            connection.execute(
                f"""create table access_events as select source_ip, user_id, strptime(event_time, '%d/%b/%Y:%H:%M:%S %z') as event_time, http_method,
                url_path, http_status::integer as http_status, try_cast(http_bytes as bigint) as http_bytes, user_agent
                from (select unnest(regexp_extract(text, {WEB}, {names})) from {lines})"""
            )
        else:
            types = ", ".join(f"{name}: '{kind_of}'" for name, kind_of in COLUMNS.items())
            connection.execute(f"create table access_events as from read_json('{path}', format = 'newline_delimited', columns = {{{types}}})")
        connection.execute("checkpoint")


def with_polars(kind: str, path: Path, scratch: Path) -> None:
    """Polars into memory, its moments parsed."""
    import polars

    if kind == "web":
        text = polars.read_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["text"])
        fields = text.select(polars.col("text").str.extract_groups(WEB.strip("'").replace('\\"', '"'))).unnest("text")
        fields.with_columns(polars.col("3").str.to_datetime("%d/%b/%Y:%H:%M:%S %z"), polars.col("6").cast(polars.Int32), polars.col("7").cast(polars.Int64))
    else:
        frame = polars.read_ndjson(path)
        frame.with_columns(polars.col("event_time").str.to_datetime(time_zone="UTC"))


def with_pandas(kind: str, path: Path, scratch: Path) -> None:
    """pandas into memory, its moments parsed."""
    import pandas

    if kind == "web":
        fields = pandas.Series(path.read_text().splitlines()).str.extract(WEB.strip("'").replace('\\"', '"'))
        fields[2] = pandas.to_datetime(fields[2], format="%d/%b/%Y:%H:%M:%S %z")
        fields[[5, 6]] = fields[[5, 6]].astype("int64")
    else:
        pandas.read_json(path, lines=True, dtype=False, convert_dates=["event_time"])


PROGRAMS = {"audit_lib": with_ours, "bare DuckDB": with_duckdb, "Polars": with_polars, "pandas": with_pandas}


def measure(program: str, kind: str, path: Path, folder: Path) -> dict:
    """Seconds and peak memory (MiB) of one program over one log, in a process of its own."""
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    told = subprocess.run([sys.executable, __file__, "--one", program, kind, str(path), str(scratch)], capture_output=True, text=True)
    if told.returncode:
        return {"seconds": None, "memory": None, "fault": told.stderr.strip().splitlines()[-1:] or [f"ended by signal {-told.returncode}"]}
    return json.loads(told.stdout)


def describe_machine() -> str:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, default=1, help="millions of lines (default: 1)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program; the fastest counts (default: 3)")
    parser.add_argument("--programs", nargs="*", default=list(PROGRAMS), help="which to run (default: all)")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), help="which logs (default: all)")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        program, kind, path, scratch = args.one
        start = time.perf_counter()
        PROGRAMS[program](kind, Path(path), Path(scratch))
        print(json.dumps({"seconds": time.perf_counter() - start, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    lines, folder, found = int(args.millions * 1_000_000), ROOT / "reports" / "bench", []
    (folder / "scratch").mkdir(parents=True, exist_ok=True)
    for kind in args.kinds:
        path = folder / f"{kind}.log"
        write_log(kind, lines, path)
        runs: dict[str, list[dict]] = {program: [] for program in args.programs}
        for _ in range(args.rounds):
            for program, told in runs.items():
                told.append(measure(program, kind, path, folder))
                print(kind, program, told[-1], file=sys.stderr, flush=True)
        best = {program: min(told, key=lambda one: one["seconds"] or 1e9) for program, told in runs.items()}
        found += [{"log": KINDS[kind], "lines": lines, "bytes": path.stat().st_size, "program": program, **one} for program, one in best.items()]
        path.unlink()
    shutil.rmtree(folder / "scratch", ignore_errors=True)
    (folder / "load.json").write_text(json.dumps({"machine": describe_machine(), "rounds": args.rounds, "results": found}, indent=1))
    text = table(found, args.rounds)
    (folder / "load.md").write_text(text)
    print(text)


def table(found: list[dict], rounds: int) -> str:
    """The results as Markdown: speed as a ratio to bare DuckDB's over the same log, larger is faster."""
    heads = "| log | lines | program | speed against bare DuckDB | peak memory |\n|---|---|---|---|---|\n"
    rows = []
    for one in found:
        bare = next((other["seconds"] for other in found if other["log"] == one["log"] and other["program"] == "bare DuckDB"), None)
        ratio = f"{bare / one['seconds']:.2f} ×" if bare and one["seconds"] else str(one.get("fault", ["not measured"])[-1:])
        memory = f"{one['memory'] / 1024:.1f} GiB" if one["memory"] else ""
        rows.append(f"| {one['log']} | {one['lines']:,} | {one['program']} | {ratio} | {memory} |")
    return heads + "\n".join(rows) + f"\n\n{describe_machine()}; fastest of {rounds} interleaved rounds.\n"


if __name__ == "__main__":
    main()
