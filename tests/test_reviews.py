"""Reviews of findings: what waits for a person, what is decided by whom, and how a decision is known again."""

import csv
import json
import os
import shutil

import pytest
import small_company
from small_company import audit

from audit_lib import files, identities, register, reviews
from audit_lib.errors import InputError
from audit_lib.project import read_project

GIVEN = ("--was", "unauthorized", "--by", "emp-cleo", "--evidence", "https://tickets.example/1", "--at", "2026-10-06T09:00:00Z")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """The small company with a sealed run of the third quarter."""
    folder = small_company.write(tmp_path_factory.mktemp("small") / "co")
    assert audit("load", "--project", folder) == 0
    assert audit("check", "--project", folder, "--period", "2026-Q3") == 1
    return folder


@pytest.fixture
def company(sealed, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(sealed, tmp_path / "co", symlinks=True)


def finding(company, reason="no_basis", item="sa-1"):
    """The id of the finding of ACC-01 with this reason and first item."""
    folder = reviews.sealed_run(read_project(company), None)
    rows = [one for one in reviews.list_findings(read_project(company), folder) if one.finding["control_id"] == "ACC-01" and one.finding["reason"] == reason]
    return next(one.finding["finding_id"] for one in rows if one.finding["first_item"] == item)


def rows(company):
    return list(csv.DictReader((company / "inputs/findings.csv").open(newline="")))


def test_what_needs_a_person_is_listed_without_identities(company, capsys):
    """Number, id, control, title, items, first seen; exit code 1; no id of a person."""
    assert audit("review", "--project", company) == 1
    told = capsys.readouterr().out
    assert f"{finding(company)}  ACC-01   exception  critical        1  2026-Q3/r1    No grant for this person" in told
    assert "emp-" not in told and "small.example" not in told


def test_a_decision_is_a_row_that_the_next_load_reads(company, capsys):
    """The row bears ids, moments, evidence and the one subject; it loads, stands beside the outcome, and the exception stays."""
    one = finding(company)
    assert audit("review", one, "--project", company, *GIVEN, "--note", 'said "sorry", twice') == 0
    [row] = rows(company)
    assert row == {
        "finding_id": one, "review_id": "rv-q3", "control_id": "ACC-01", "reason": "no_basis", "cause": "emp-ann", "item": "", "subject_person_id": "emp-ann",
        "severity": "critical", "opened_at": "2026-10-05T06:00:00Z", "closed_at": "2026-10-06T09:00:00Z", "disposition": "unauthorized",
        "closed_by_person_id": "emp-cleo", "case_id": "", "note": 'said "sorry", twice', "evidence_uri": "https://tickets.example/1",
    }  # fmt: skip
    audit("review", "--project", company)
    assert "(read by the next load)" in capsys.readouterr().out
    assert audit("load", "--project", company) == 0
    assert "inputs/findings.csv  csv        1       1" in capsys.readouterr().out
    with (company / "audit.toml").open("a") as file:
        file.write('[signatures]\nprepared_by = "emp-bob"\nreviewed_by = "cleo-admin"\nsigned_by = "emp-dan"\n')
    assert audit("check", "--project", company, "--period", "2026-Q3") == 1
    run = company / "reports/2026-Q3/r2"
    named = json.loads((run / "run.json").read_text())["signatures"]
    assert set(named) == {"prepared_by", "reviewed_by", "signed_by"} and all(who.startswith(("staff-", "login-")) for who in named.values())
    found = [row for row in csv.DictReader((run / "findings.csv").open(newline="")) if row["finding_id"] == one]
    assert [row["outcome"] for row in found] == ["exception"]
    [decided] = csv.DictReader((run / "decisions.csv").open(newline=""))
    assert (decided["finding_id"], decided["disposition"]) == (one, "unauthorized")
    assert decided["closed_by_person_id"].startswith("staff-")
    broken = [row for row in csv.DictReader((run / "table_checks.csv").open(newline="")) if row["table_name"] == "findings" and int(row["rows_broken"])]
    assert broken == []


def test_next_quarter_the_same_finding_is_known(company, capsys):
    """The same cause again has the same id: its decision is shown, and since it happened again, it waits."""
    one = finding(company)
    audit("review", one, "--project", company, *GIVEN)
    small_company.write(company, "2027-01-05T06:00:00Z", small_company.ACCESSES + small_company.LATER)
    assert audit("load", "--project", company) == 0
    audit("check", "--project", company, "--period", "2026-Q4")
    capsys.readouterr()
    assert audit("review", "--project", company) == 1
    told = capsys.readouterr().out
    start = told.index(one)
    assert told.startswith("Run 2026-Q4/r1")
    assert "2026-Q3/r1" in told[start : start + 80]
    assert "known: unauthorized, by staff-" in told[start : start + 300]
    assert "it happened again after that" in told[start : start + 400]
    audit("review", "--project", company, "--period", "2026-Q3")
    told = capsys.readouterr().out
    assert told.index("Known: decided before") < told.index(one)


def test_rows_are_added_and_none_is_rewritten(company, capsys):
    """A second decision is refused unless asked for, has an id of its own, and leaves every byte before it."""
    one = finding(company)
    audit("review", one, "--project", company, *GIVEN)
    before = (company / "inputs/findings.csv").read_bytes()
    later = [*GIVEN[:-1], "2026-10-07T09:00:00Z"]
    assert audit("review", one, "--project", company, *later) == 2
    assert "was decided before" in capsys.readouterr().err
    assert (company / "inputs/findings.csv").read_bytes() == before
    assert audit("review", one, "--project", company, *later, "--again") == 0
    assert (company / "inputs/findings.csv").read_bytes().startswith(before)
    assert [row["finding_id"] for row in rows(company)] == [one, f"{one}/2"]
    [dated] = csv.DictReader((company / "inputs/manifest.csv").open(newline=""))
    assert (dated["file_name"], dated["extracted_at"], dated["control_total"]) == ("findings.csv", "2026-10-07T09:00:00Z", "2")
    assert not list((company / "inputs").glob(".*"))


def test_an_existing_register_keeps_its_form(company):
    """Its delimiter, the order of its columns and a last line without an end are taken as they are."""
    path = company / "inputs/findings.csv"
    head = "severity;finding_id;review_id;control_id;reason;opened_at;closed_at;disposition;closed_by_person_id;evidence_uri;cause;subject_person_id"
    path.write_text(f"{head}\nlow;old-1;rv-q3;ACC-05b;late;2026-10-01T00:00:00Z;;;;;;", newline="")
    (company / "inputs/manifest.csv").write_text("extracted_at,file_name\n2026-10-04T00:00:00Z,findings.csv\n2026-10-01T00:00:00Z,other.csv\n")
    assert audit("review", finding(company), "--project", company, *GIVEN) == 0
    lines = path.read_text().splitlines()
    assert lines[0] == head and lines[1].startswith("low;old-1;") and lines[2].startswith("critical;") and len(lines) == 3
    dated = list(csv.DictReader((company / "inputs/manifest.csv").open(newline="")))
    assert [row["file_name"] for row in dated] == ["findings.csv", "other.csv"]
    assert dated[1]["extracted_at"] == "2026-10-01T00:00:00Z"
    assert dated[0]["control_total"] == "2"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"--by": "emp-ann"}, "emp-ann is the subject of this finding"),
        ({"--by": "ann@small.example"}, "emp-ann is the subject of this finding"),
        ({"--by": "emp-dan"}, "emp-dan signed at-1 about ACC-01 for this period"),
        ({"--by": "emp-nobody"}, "'emp-nobody' is nobody of our people on record"),
        ({"--by": "cust-1"}, "'cust-1' is nobody of our people on record"),
        ({"--evidence": " "}, "--evidence: is empty"),
        ({"--at": "2026-10-05T05:59:59Z"}, "is before the finding was seen"),
        ({"--subject": "emp-cleo"}, "emp-cleo is the subject of this finding"),
        ({"--was": None}, "give --was"),
        ({"--period": "2025-Q1"}, "no sealed run of 2025-Q1. There are runs of: 2026-Q3"),
    ],
)
def test_who_may_not_decide_and_what_is_missing(company, capsys, changed, told):
    """Each is refused in one clear line, and nothing is written."""
    given = dict(zip(GIVEN[::2], GIVEN[1::2], strict=True)) | changed
    assert audit("review", finding(company), "--project", company, *[word for pair in given.items() if pair[1] is not None for word in pair]) == 2
    assert told in capsys.readouterr().err
    assert not (company / "inputs/findings.csv").exists() and not (company / "inputs/manifest.csv").exists()


@pytest.mark.parametrize("ran_by", ["cleo-admin", "cleo", "cleo@small.example"])
def test_who_prepared_the_run_may_not_review_it(company, capsys, ran_by):
    """The system user who made the run is known by a login, or by the part of it before the @."""
    run = company / "reports/2026-Q3/r1/run.json"
    key = identities.read_key(company)
    run.write_text(json.dumps(json.loads(run.read_text()) | {"ran_by": identities.name(key, "operator", ran_by)}))
    capsys.readouterr()
    assert audit("review", finding(company), "--project", company, *GIVEN) == 2
    assert "emp-cleo prepared the run 2026-Q3/r1" in capsys.readouterr().err


def test_audit_toml_names_three_persons(company, capsys):
    """Two roles of one person, by one text or by two logins, stop every audit; a declared reviewer needs no --by."""
    toml = company / "audit.toml"
    plain = toml.read_text()
    toml.write_text(plain + '[signatures]\nprepared_by = "emp-bob"\nreviewed_by = "emp-dan"\nsigned_by = "Emp-Bob "\n')
    with pytest.raises(InputError, match="preparer, reviewer and signer must be three persons, not prepared_by = 'emp-bob', reviewed_by = 'emp-dan'"):
        read_project(company)
    toml.write_text(plain + '[signatures]\nprepared_by = "emp-cleo"\nreviewed_by = "cleo-admin"\n')
    assert audit("check", "--project", company, "--period", "2026-Q3") == 2
    assert "prepared_by 'emp-cleo' and reviewed_by 'cleo-admin' are one person" in capsys.readouterr().err
    toml.write_text(plain + '[signatures]\nsigned_by = "cleo@small.example"\n')
    assert audit("review", finding(company), "--project", company, *GIVEN) == 2
    assert "emp-cleo is the signer by audit.toml" in capsys.readouterr().err
    toml.write_text(plain + '[signatures]\nprepared_by = "emp-bob"\nreviewed_by = "cleo-admin"\nsigned_by = "emp-dan"\n')
    assert audit("review", finding(company), "--project", company, *GIVEN[:2], *GIVEN[4:]) == 0
    assert rows(company)[0]["closed_by_person_id"] == "emp-cleo"


def test_another_register_of_the_same_part_is_not_hidden(company, capsys):
    """A delivered findings.csv elsewhere would be hidden by the register, so it must be named after its system."""
    (company / "inputs/tables/findings.csv").write_text(",".join(column for column in ("finding_id", "review_id")) + "\n")
    assert audit("review", finding(company), "--project", company, *GIVEN) == 2
    assert "inputs/tables/findings.csv: is, like inputs/findings.csv, the findings of part all" in capsys.readouterr().err


def test_a_rule_that_dates_the_register_is_refused(company, capsys):
    """audit.toml wins over the manifest, so its date would stay when rows are added."""
    with (company / "audit.toml").open("a") as file:
        file.write('[[inputs]]\nfiles = "inputs/*.csv"\nextracted_at = 2026-10-05T06:00:00Z\n')
    assert audit("review", finding(company), "--project", company, *GIVEN) == 2
    assert "Make that rule narrower" in capsys.readouterr().err


def test_a_write_that_breaks_off_leaves_the_register_as_it_was(company, monkeypatch):
    """Each file is replaced as a whole; the manifest goes first."""
    project = read_project(company)
    audit("review", finding(company), "--project", company, *GIVEN)
    before = (company / "inputs/findings.csv").read_bytes()
    replace = os.replace

    def fail(source, target):
        if str(target).endswith("findings.csv"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        register.append(project, {"finding_id": "x"}, files.moment("2026-10-08T00:00:00Z"))
    assert (company / "inputs/findings.csv").read_bytes() == before
