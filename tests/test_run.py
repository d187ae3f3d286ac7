"""A run from raw files to a sealed folder: exit codes, what stands, what changed, and what no run may lose."""

import csv
import json
import multiprocessing
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from audit_lib import cli, store

OWN = Path(__file__).parent / "own_control"
TABLES = {
    "jobs": "job_id,name,operation,purpose,input_store_id,input_data_class_ids,is_automated_decision,has_human_review,valid_from_at\n"
    "purge,Purge,purge,delete what is due,db,[content],false,false,2026-07-15T00:00:00Z\n"
    "odd,Odd,transform,,db,[content],false,false,2026-08-15T00:00:00Z\n",
    "accounts": "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at\n"
    "acme,active,,2026-01-01T00:00:00Z,2026-06-01T12:00:00Z,customer,web,2026-01-01T00:00:00Z\n"
    "acme,canceled,owner,2026-06-01T12:00:00Z,,customer,web,2026-01-01T00:00:00Z\n",
    "stores": "store_id,name,owner_person_id,kind,data_class_ids,is_in_purge_scope,valid_from_at\ndb,Main database,p-1,database,[content],true,2025-01-01T00:00:00Z\n",
    "purges": "purge_id,store_id,account_id,reason,method,purged_at,rows_before,rows_remaining\n",
    "legal_holds": "legal_hold_id,basis,approved_by_person_id,evidence_uri,account_id,valid_from_at,valid_to_at\n"
    "h-1,civil matter,p-1,file:h1,acme,2026-06-20T00:00:00Z,\n",
}


def deliver(folder, drawn, **changed):
    """Writes the tables of a small company as drawn on a day."""
    inputs = folder / "inputs/tables"
    inputs.mkdir(parents=True, exist_ok=True)
    (folder / "audit.toml").write_text('[company]\nname = "Small Co"\n')
    tables = TABLES | changed
    for name, text in tables.items():
        (inputs / f"{name}.csv").write_text(text)
    rows = "".join(f"{name}.csv,{drawn},{text.count(chr(10)) - 1}\n" for name, text in tables.items())
    (inputs / "manifest.csv").write_text("file_name,extracted_at,control_total\n" + rows)


@pytest.fixture
def company(tmp_path):
    """A small company with one account canceled on 1 June 2026 and held since 20 June, drawn on 5 October."""
    deliver(tmp_path / "small", "2026-10-05T06:00:00Z")
    return tmp_path / "small"


def audit(*words):
    return cli.main([str(word) for word in words])


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def status(folder):
    return {one["id"]: one["status"] for one in json.loads((folder / "controls.json").read_text())}


def sealed(company, period="2026-Q3"):
    return sorted((company / "reports" / period).glob("r*"), key=lambda path: int(path.name[1:]))


def test_a_check_is_sealed_and_verifies(company, capsys):
    """`load`, `check` and `verify` lead from raw files to a folder that holds; what was not delivered is not tested."""
    assert audit("load", "--project", company) == 0
    assert audit("check", "--project", company, "--period", "2026-Q3") == 1
    [run] = sealed(company)
    assert audit("verify", run) == 0
    found = status(run)
    assert found["RET-01"] == "deferred" or found["RET-01"] == "manual"
    assert found["ACC-01"] == "not_tested"
    assert "Table access_events was not delivered." in capsys.readouterr().out or "Not tested" in "".join(
        note for one in json.loads((run / "controls.json").read_text()) for note in one["status_notes"]
    ).replace("was not delivered", "Not tested")


@pytest.mark.parametrize("harm", ["change", "remove", "add", "manifest"])
def test_verify_names_each_difference(company, harm, capsys):
    """A changed, missing or added file, and a changed manifest, are each named, with exit code 1."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    [run] = sealed(company)
    target = run / ("manifest.json" if harm == "manifest" else "outcomes.csv")
    if harm == "remove":
        target.unlink()
    elif harm == "add":
        (run / "more.txt").write_text("x")
    else:
        target.write_text(target.read_text().replace("acct", "acxt").replace("suite_version", "suite_versio"))
    assert audit("verify", run) == 1
    told = capsys.readouterr().out
    assert {"change": "changed: outcomes.csv", "remove": "missing: outcomes.csv", "add": "extra: more.txt", "manifest": "changed: manifest.json"}[harm] in told


def test_verify_notices_a_changed_input(company, capsys):
    """An input that is no longer as it was loaded is named."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    (company / "inputs/tables/jobs.csv").write_text("changed\n")
    assert audit("verify", sealed(company)[0]) == 1
    assert "input changed or missing: inputs/tables/jobs.csv" in capsys.readouterr().out


def test_the_same_inputs_give_the_same_data_files(company, tmp_path):
    """Two checks of the same store agree byte for byte in all data files."""
    audit("load", "--project", company)
    for _ in range(2):
        audit("check", "--project", company, "--period", "2026-Q3")
    first, second = sealed(company)
    names = sorted(
        path.relative_to(first).as_posix() for path in first.rglob("*") if path.is_file() and path.name not in ("run.json", "manifest.json", "SHA256SUMS")
    )
    assert names
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_a_release_and_a_late_purge_show_as_changed(company):
    """A hold that was released, and the purge that came late, show in the next quarter as changed since reported."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    hold = TABLES["legal_holds"].replace("2026-06-20T00:00:00Z,\n", "2026-06-20T00:00:00Z,2026-10-10T00:00:00Z\n")
    purge = TABLES["purges"] + "u-1,db,acme,account_canceled,erase,2026-12-01T00:00:00Z,10,0\n"
    deliver(company, "2027-01-05T06:00:00Z", legal_holds=hold, purges=purge)
    audit("load", "--project", company)
    assert audit("check", "--project", company, "--period", "2026-Q4") == 1
    [run] = sealed(company, "2026-Q4")
    changed = [row for row in rows(run / "carried.csv") if row["control_id"] == "RET-01" and row["kind"] == "changed"]
    assert [(row["reported_outcome"], row["outcome"]) for row in changed] == [("deferred", "exception")]
    assert changed[0]["reported_run"] == "2026-Q3/r1"


def test_population_is_the_sum_over_outcomes(company):
    """For each control, outcomes add up to the population, in the counts and in the rows."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    [run] = sealed(company)
    outcomes = pq.read_table(run / "outcomes.parquet").to_pylist()
    for one in json.loads((run / "controls.json").read_text()):
        if one["population"] is not None:
            assert sum(one["counts"].values()) == one["population"] == sum(row["control_id"] == one["id"] for row in outcomes)


def test_no_identity_is_in_the_folder(company):
    """Names of people, logins and accounts stand in no file of the run, unless the reader is entitled to them."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    audit("check", "--project", company, "--period", "2026-Q3", "--identities", "full")
    names, full = sealed(company)

    def holds(folder):
        text = "".join(path.read_text(errors="replace") for path in folder.rglob("*.csv")) + str(pq.read_table(folder / "outcomes.parquet").to_pylist())
        return "acme" in text

    assert (holds(names), holds(full)) == (False, True)


def test_a_name_is_resolved(company, capsys):
    """`audit resolve` turns a name of a report back; an unknown one ends with 2."""
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    subject = next(row["subject"] for row in rows(sealed(company)[0] / "outcomes.csv") if row["control_id"] == "RET-01")
    capsys.readouterr()
    assert audit("resolve", subject, "--project", company) == 0
    assert capsys.readouterr().out.strip() == "acme"
    assert audit("resolve", "acct-aaaaaaaaaa", "--project", company) == 2


def test_who_never_made_a_promise_says_so_in_the_scope(company, capsys):
    """A policy without a control's words stops the audit, until the control is put out of scope."""
    (company / "policy.txt").write_text("We promise nothing.\n")
    settings = '[company]\nname = "Small Co"\npolicy = "policy.txt"\n'
    (company / "audit.toml").write_text(settings)
    assert audit("load", "--project", company) == 0
    assert audit("check", "--project", company, "--period", "2026-Q3") == 2
    told = capsys.readouterr().err
    assert "RET-01: its promise is not in policy.txt" in told and "BKP-01: its promise is not" in told
    (company / "audit.toml").write_text(settings + '[scope]\nRET-01 = { reason = "Never promised", approved_by = "Board" }\n')
    assert audit("check", "--project", company, "--period", "2026-Q3") == 2
    told = capsys.readouterr().err
    assert "RET-01: its promise" not in told and "BKP-01: its promise is not" in told


def test_scope_is_printed_and_leaves_the_exit_code_alone(company):
    """A control out of scope is printed as not tested, with reason and approver, and asks nobody to act."""
    scope = "[scope]\n" + "".join(
        f'"{name}" = {{ reason = "Not ours", approved_by = "Board" }}\n'
        for name in __import__("audit_lib.sql", fromlist=["sql"]).find(__import__("audit_lib.sql", fromlist=["sql"]).roots(), "controls")
        if not name.startswith("RET-01")
    )
    (company / "audit.toml").write_text('[company]\nname = "Small Co"\n' + scope)
    audit("load", "--project", company)
    assert audit("check", "--project", company, "--period", "2026-Q3") in (0, 1)
    [run] = sealed(company)
    assert status(run)["ACC-01"] == "not_tested"
    note = next(one["status_notes"] for one in json.loads((run / "controls.json").read_text()) if one["id"] == "ACC-01")
    assert note[0] == "Out of scope: Not ours (approved by Board)."


def test_an_own_control_is_run(company):
    """A control in the project's own folder is run like the shipped ones, and its cases are found."""
    shutil.copytree(OWN, company / "queries/controls/OWN")
    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")
    [run] = sealed(company)
    assert status(run)["OWN-01"] == "exception"
    assert audit("test", "OWN-01", "--project", company) == 0
    assert (run / "sql/controls/OWN/OWN-01_jobs_say_what_they_are_for.sql").exists()


def _hold(folder, begun, end):
    with store.hold(folder):
        begun.set()
        end.wait(30)


def test_two_at_once_do_not_collide(company, capsys):
    """While one run holds the project another ends at once with 3 and says why."""
    context = multiprocessing.get_context("spawn")
    begun, end = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(company, begun, end))
    holder.start()
    try:
        assert begun.wait(60)
        assert audit("load", "--project", company) == 3
        assert "another load or audit holds this project" in capsys.readouterr().err
    finally:
        end.set()
        holder.join()


def test_a_crash_leaves_the_last_good_run(company, monkeypatch):
    """Where writing breaks off, nothing stands under a final name and the last run is as it was."""
    from audit_lib import seals

    audit("load", "--project", company)
    audit("check", "--project", company, "--period", "2026-Q3")

    def full(*_):
        raise OSError(28, "No space left on device", "run.json")

    monkeypatch.setattr(seals, "write_manifest", full)
    assert audit("check", "--project", company, "--period", "2026-Q3") == 2
    [run] = sealed(company)
    assert audit("verify", run) == 0
    assert [path.name for path in (company / "reports/2026-Q3").iterdir() if path.name.endswith(".new")] == []
