"""Benchmark of the access controls over a store, as ratios to one full scan of `access_events` in the same run.

`make bench` writes a sample company of a million events over 24 months, loads it, and runs every control of LOG, ACC and
DET for its last quarter; `--whole` for all 24 months. `--project` takes a company that is loaded already, however large.
Five questions are put to DuckDB, Polars and pandas besides, on the same columns in memory. A full scan hashes every
value of every column. Writes `controls.json` and `controls.md` to reports/bench.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_load import ROOT, describe_machine

from audit_lib import audits, controls, sql
from audit_lib.project import read_project

FAMILIES = ("LOG", "ACC", "DET")
COLUMNS = "event_time, event_provider, event_action, event_outcome, user_id, session_id, source_ip"


def timed(work) -> float:
    """Seconds of the faster of two runs."""
    found = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def run_controls(project: Path, period: str) -> dict:
    """Seconds of one scan, of each definition and of each control, with the items that it judged; peak memory in MiB."""
    audit = audits.begin(read_project(project), period, None)
    connection = audit.connection
    scan = timed(lambda: connection.execute("select bit_xor(hash(columns(*))) from access_events").fetchall())
    found = []
    for control in audit.controls.values():
        if control.id.startswith(FAMILIES):
            for name in sql.definitions_used(control.query.sql, audit.definitions):
                if name not in audit.made:
                    start = time.perf_counter()
                    controls.define(connection, f"from {name}", audit.definitions, audit.made)
                    found.append({"name": name, "kind": "definition", "seconds": time.perf_counter() - start, "items": None})
            start = time.perf_counter()
            counted = controls.run(connection, control, audit.definitions, audit.made)
            found.append({"name": control.id, "kind": "control", "seconds": time.perf_counter() - start, "items": counted.population})
    events = connection.execute("select count(*) from access_events").fetchone()[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"period": audit.period.name, "events": events, "scan": scan, "steps": found, "memory": memory}


def questions(project: Path) -> list[dict]:
    """Five questions to three programs: seconds each, all answers alike."""
    import pandas
    import polars

    audit = audits.begin(read_project(project), "2026-Q3", None)
    connection = audit.connection
    connection.execute(f"create temp table facts as select {COLUMNS} from access_events")
    arrow = connection.sql("select * from facts").to_arrow_table()
    lazy, frame = polars.from_arrow(arrow), arrow.to_pandas()
    day, quarter = 86_400_000_000, 90 * 86_400
    signs_sql = "from facts where event_action = 'sign_in' and event_outcome = 'success' and user_id is not null"
    signs = frame[(frame.event_action == "sign_in") & (frame.event_outcome == "success") & frame.user_id.notna()]
    lazy_signs = lazy.filter((polars.col("event_action") == "sign_in") & (polars.col("event_outcome") == "success") & polars.col("user_id").is_not_null())

    def gaps_in_pandas() -> int:
        ordered = signs[["user_id", "event_time"]].sort_values(["user_id", "event_time"])
        gap = ordered.groupby("user_id", sort=False).event_time.diff()
        return int((gap >= pandas.Timedelta(seconds=quarter)).sum())

    def bursts_in_pandas() -> int:
        failed = frame[(frame.event_action == "sign_in") & (frame.event_outcome == "failure") & frame.user_id.notna()]
        ordered = failed[["user_id", "event_time"]].sort_values(["user_id", "event_time"])
        fifth = ordered.groupby("user_id", sort=False).event_time.shift(4)
        return int((ordered.event_time - fifth <= pandas.Timedelta(minutes=20)).sum())

    asked = {
        "Sessions that only one log knows": (
            lambda: connection.execute("select count(*) from (select session_id from facts where session_id is not null group by 1 having count(distinct event_provider) = 1)").fetchone()[0],
            lambda: lazy.filter(polars.col("session_id").is_not_null()).group_by("session_id").agg(polars.col("event_provider").n_unique().alias("n")).filter(polars.col("n") == 1).height,
            lambda: int((frame[frame.session_id.notna()].groupby("session_id", sort=False).event_provider.nunique() == 1).sum()),
        ),
        "Users and addresses, first seen": (
            lambda: connection.execute(f"select count(*) from (select user_id, source_ip, min(event_time) {signs_sql} and source_ip is not null group by all)").fetchone()[0],
            lambda: lazy_signs.filter(polars.col("source_ip").is_not_null()).group_by("user_id", "source_ip").agg(polars.col("event_time").min()).height,
            lambda: len(signs[signs.source_ip.notna()].groupby(["user_id", "source_ip"], sort=False).event_time.min()),
        ),
        "Returns after 90 days": (
            lambda: connection.execute(f"select count(*) from (select event_time - lag(event_time) over (partition by user_id order by event_time) as gap {signs_sql}) where gap >= to_seconds({quarter})").fetchone()[0],
            lambda: lazy_signs.select("user_id", "event_time").sort("user_id", "event_time").with_columns(polars.col("event_time").diff().over("user_id").alias("gap")).filter(polars.col("gap") >= polars.duration(seconds=quarter)).height,
            gaps_in_pandas,
        ),
        "Five failures within 20 minutes": (
            lambda: connection.execute("select count(*) from (select event_time - lag(event_time, 4) over (partition by user_id order by event_time) as gap from facts where event_action = 'sign_in' and event_outcome = 'failure' and user_id is not null) where gap <= interval 20 minute").fetchone()[0],
            lambda: lazy.filter((polars.col("event_action") == "sign_in") & (polars.col("event_outcome") == "failure") & polars.col("user_id").is_not_null()).select("user_id", "event_time").sort("user_id", "event_time").with_columns((polars.col("event_time") - polars.col("event_time").shift(4).over("user_id")).alias("gap")).filter(polars.col("gap") <= polars.duration(minutes=20)).height,
            bursts_in_pandas,
        ),
        "Accesses by user and day": (
            lambda: connection.execute(f"select count(*) from (select user_id, epoch_us(event_time) // {day} as day, count(*) from facts where user_id is not null group by all)").fetchone()[0],
            lambda: lazy.filter(polars.col("user_id").is_not_null()).group_by("user_id", polars.col("event_time").dt.truncate("1d")).len().height,
            lambda: len(frame[frame.user_id.notna()].groupby(["user_id", frame.event_time.dt.floor("D")], sort=False).size()),
        ),
    }  # fmt: skip
    found = []
    for question, programs in asked.items():
        answers = {program() for program in programs}
        if len(answers) != 1:
            raise SystemExit(f"{question}: the programs differ: {sorted(answers)}")
        found.append({"question": question, **dict(zip(("DuckDB", "Polars", "pandas"), map(timed, programs), strict=True))})
    return found


def tell(found: dict, asked: list[dict], machine: str) -> str:
    """The results as Markdown, ratios first."""
    whole = sum(step["seconds"] for step in found["steps"])
    lines = [
        f"{found['events']:,} events, {found['period']}, {machine}.",
        "",
        f"One full scan of all columns: {found['scan']:.2f} s. All controls of {', '.join(FAMILIES)} with their definitions: "
        f"{whole:.1f} s, **{whole / found['scan']:.1f} × the scan**, {found['memory']:,.0f} MiB.",
        "",
        "| Step | Seconds | × scan | Items |",
        "|---|---:|---:|---:|",
    ]
    for step in sorted(found["steps"], key=lambda step: -step["seconds"]):
        items = "" if step["items"] is None else f"{step['items']:,}"
        lines.append(f"| {step['name']} | {step['seconds']:.2f} | {step['seconds'] / found['scan']:.2f} | {items} |")
    lines += ["", "| Question | DuckDB, s | Polars | pandas |", "|---|---:|---:|---:|"]
    lines += [f"| {row['question']} | {row['DuckDB']:.2f} | {row['Polars'] / row['DuckDB']:.1f} × | {row['pandas'] / row['DuckDB']:.1f} × |" for row in asked]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, default=1, help="millions of events of the sample company (default: 1)")
    parser.add_argument("--project", type=Path, help="a company that is loaded already, instead of a sample")
    parser.add_argument("--whole", action="store_true", help="all 24 months instead of the last quarter")
    parser.add_argument("--no-questions", action="store_true", help="leave Polars and pandas out: they need the columns in memory")
    args = parser.parse_args()
    folder = ROOT / "reports" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        project = args.project or Path(scratch) / "company"
        if not args.project:
            events = int(args.millions * 1_000_000)
            for command in (["sample", str(project), "--events", str(events), "--accounts", str(max(events // 200, 500))], ["load", "--project", str(project)]):
                subprocess.run([sys.executable, "-m", "audit_lib.cli", *command], check=True, stdout=subprocess.DEVNULL)
        found = run_controls(project, "2024-10-01/2026-10-01" if args.whole else "2026-Q3")
        asked = [] if args.no_questions else questions(project)
    machine = describe_machine()
    (folder / "controls.json").write_text(json.dumps({"machine": machine, "controls": found, "questions": asked}, indent=1) + "\n")
    text = tell(found, asked, machine)
    (folder / "controls.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
