"""Reconciliation from raw files to the report: each file's records, neighbors, numbers, and what became of it since the last load."""

import csv
import re

import duckdb
import pytest

from audit_lib import audits, cli, evidence, report, results
from audit_lib.errors import ControlError
from audit_lib.project import read_project

WEB = '203.0.113.{0} - - [{0:02}/{1}/2026:10:00:00 +0000] "GET /{0} HTTP/1.1" 200 5 "-" "agent"\n'
SIGN_IN = '{{"id":"si-{0}","time":"2026-07-01T00:00:0{0}Z","seq":{0},"action":"sign_in","result":"success","user":"u","ip":"203.0.113.9"}}\n'
RULE = '[[inputs]]\nfiles = "inputs/{0}/*"\nsource = "web_combined"\nprovider = "{0}"\n'
QUARTER = ("2026-07-01", "2026-10-01")


def write(company, name, text, covers=QUARTER, total=None):
    """A log file, and its line in the manifest beside it."""
    path = company / "inputs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    manifest = path.parent / "manifest.csv"
    lines = manifest.read_text().splitlines() if manifest.exists() else ["file_name,extracted_at,covers_from_at,covers_to_at,control_total"]
    lines = [line for line in lines if not line.startswith(f"{path.name},")]
    manifest.write_text("\n".join([*lines, f"{path.name},2026-10-05,{covers[0]},{covers[1]},{total or text.count(chr(10))}"]) + "\n")


def months(letters, days=(1, 2, 3)):
    return "".join(WEB.format(day, letters) for day in days)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """The sealed run of a company that loaded its logs twice: between the loads one grew, one was rewritten, one rotated, one went."""
    company = tmp_path_factory.mktemp("company")
    company.joinpath("audit.toml").write_text('[company]\nname = "X"\n' + "".join(RULE.format(name) for name in ("web", "edge", "old", "rotated")))
    write(company, "web/07.log", months("Jul") + "cut off\n", ("2026-07-01", "2026-08-01"))
    write(company, "web/09.log", months("Sep"), ("2026-09-01", "2026-10-01"), total=5)
    write(company, "edge/gone.log", months("Jul"))
    write(company, "old/changed.log", months("Jul", (1, 2, 3, 4)))
    write(company, "product/grown.jsonl", "".join(SIGN_IN.format(number) for number in (1, 2, 5)))
    write(company, "rotated/access.log", months("Jul"), ("2026-07-01", "2026-08-01"))
    assert cli.main(["load", "--project", str(company)]) == 0
    (company / "inputs/edge/gone.log").unlink()
    write(company, "old/changed.log", months("Aug", (1,)) + months("Jul", (2, 3, 4)))
    write(company, "product/grown.jsonl", "".join(SIGN_IN.format(number) for number in (1, 2, 5, 6)))
    write(company, "rotated/access.log.1", months("Jul") + months("Jul", (9,)), ("2026-07-01", "2026-08-01"))
    write(company, "rotated/access.log", months("Aug"), ("2026-08-01", "2026-10-01"))
    assert cli.main(["load", "--project", str(company)]) == 0
    assert cli.main(["check", "--project", str(company), "--period", "2026-Q3"]) == 1
    return company / "reports/2026-Q3/r1"


@pytest.fixture(scope="module")
def files(sealed):
    """Each file of the run's reconciliation by its name."""
    cursor = duckdb.execute("from read_parquet(?)", [str(sealed / "figures/file_reconciliation.parquet")])
    names = [column[0] for column in cursor.description]
    return {row["file_name"].removeprefix("inputs/"): row for row in (dict(zip(names, row, strict=True)) for row in cursor.fetchall())}


def facts(row, *names):
    return tuple(row[name] for name in names)


def test_every_file_adds_up_and_each_fault_is_named(files):
    """read = loaded + duplicate + ignored + quarantined, file by file; what is wrong has its own reason."""
    for row in files.values():
        assert row["rows_read"] == row["rows_loaded"] + row["rows_duplicate"] + row["rows_ignored"] + row["rows_quarantined"]
    expected = {
        "web/07.log": ("exception", "unexplained_rejects"),
        "web/09.log": ("exception", "total_differs"),
        "edge/gone.log": ("manual", "missing"),
        "old/changed.log": ("exception", "rewritten"),
        "product/grown.jsonl": ("pass", "reconciled"),
        "rotated/access.log.1": ("pass", "reconciled"),
        "rotated/access.log": ("pass", "reconciled"),
    }
    assert expected == {name: facts(row, "outcome", "reason") for name, row in files.items()}


def test_a_month_without_a_file_is_a_gap_and_files_that_touch_leave_none(files):
    """The gap stands at the file after it, in seconds; a rotated file's neighbor is found by time, not by name."""
    assert facts(files["web/09.log"], "gap_before_seconds", "overlap_before_seconds") == (31 * 86400, 0)
    assert facts(files["rotated/access.log"], "gap_before_seconds", "overlap_before_seconds") == (0, 0)
    assert facts(files["rotated/access.log.1"], "gap_before_seconds", "overlap_before_seconds") == (0, None)
    assert files["web/09.log"]["total_difference"] == -2


def test_a_file_that_grew_is_one_file_with_all_that_it_holds(files):
    """What was loaded before counts as duplicate; numbers left out count over all its loads."""
    names = ("times_loaded", "rows_read", "rows_loaded", "rows_duplicate", "numbers_missing", "was_rewritten", "is_missing")
    assert facts(files["product/grown.jsonl"], *names) == (2, 4, 1, 3, 2, False, False)
    assert facts(files["rotated/access.log.1"], *names) == (2, 4, 1, 3, None, False, False)
    assert facts(files["edge/gone.log"], *names) == (1, 3, 3, 0, None, False, True)


def test_a_rewritten_log_is_a_finding_of_its_own(sealed, files):
    """One finding of IPE-01, with the file as its one item and the facts beside it."""
    audit = results.open_folder(sealed, "unauthorized_access")
    [finding] = [one for one in audit.findings if one["reason"] == "rewritten"]
    assert finding["items"] == 1 and finding["first_item"] == files["old/changed.log"]["item"]
    [item] = results.items_of(audit, finding)
    assert item["facts"]["was_rewritten"] is True and item["facts"]["rows_duplicate"] == 3


@pytest.mark.parametrize("name", ["unauthorized_access", "retention_compliance"])
def test_the_report_shows_what_does_not_reconcile_first_and_what_was_cut(sealed, name):
    """A line with the sum, the worst files first, the rest with its own sum, and three lines of what was not loaded."""
    audit = results.open_folder(sealed, name)
    shown = report.reconciliation(audit)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown.html.replace("\xa0", " ")))
    assert "25 records read = 15 loaded + 9 duplicate + 0 ignored + 1 quarantined." in text
    assert "Of 7 files that count in this period, 3 reconcile with the producer’s own count; three show exceptions and one needs a person." in text
    assert "running numbers that are left out in one file" in text
    places = [text.index(file) for file in ("old/changed.log", "web/07.log", "edge/gone.log", "product/grown.jsonl")]
    assert places == sorted(places)
    assert "gap of 31 days" in text and "touches" in text and "Loaded 2 times" in text and "No longer in its place" in text
    assert "10 records not loaded, and why" in text and "cut off" in text
    cut = re.sub(r"<[^>]+>", " ", report.reconciliation(audit, most=2, most_rejects=1).html.replace("\xa0", " "))
    assert "2 of 7 files shown" in cut and "5 further files" in re.sub(r"\s+", " ", cut) and "2 of them do not reconcile" in cut
    assert "3 more, with 9 records: rejects.csv" in cut


def test_rejects_that_do_not_add_up_stop_the_report(sealed, tmp_path):
    """The reasons account for every record that was not loaded, or there is no report."""
    folder = tmp_path / "r1"
    folder.mkdir()
    for path in sealed.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "rejects.csv").unlink()
    rows = list(csv.DictReader((sealed / "rejects.csv").open()))
    with (folder / "rejects.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "rows": int(row["rows"]) + 1} for row in rows)
    with pytest.raises(ControlError, match="2 records quarantined, the files count 1"):
        report.reconciliation(results.open_folder(folder, "unauthorized_access"))


def test_a_file_that_went_and_a_count_that_was_corrected_make_a_new_run(tmp_path):
    """The last run stands only where files are in their place and their producer says of them what it said then."""
    tmp_path.joinpath("audit.toml").write_text('[company]\nname = "X"\n' + RULE.format("web"))
    write(tmp_path, "web/07.log", months("Jul"))
    write(tmp_path, "web/08.log", months("Aug"))

    def basis():
        assert cli.main(["load", "--project", str(tmp_path)]) == 0
        return evidence.basis(audits.begin(read_project(tmp_path), "2026-Q3", None))

    first = basis()
    assert basis() == first
    write(tmp_path, "web/07.log", months("Jul"), total=4)
    corrected = basis()
    (tmp_path / "inputs/web/08.log").unlink()
    assert len({first, corrected, basis()}) == 3
