"""One account's trail: complete, with its bases and lines, and without the identities of others."""

import csv
import re
from datetime import UTC, datetime

import pytest
import small_company
from small_company import audit

from audit_lib import trail_report, trails
from audit_lib.errors import InputError
from audit_lib.project import read_project


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The small company, loaded."""
    folder = small_company.write(tmp_path_factory.mktemp("small") / "co")
    assert audit("load", "--project", folder) == 0
    return folder


@pytest.fixture(scope="module")
def trail(company):
    """The trail of acct-1 in the third quarter."""
    return trails.open_trail(company, "acct-1", "2026-Q3")


def test_every_access_of_the_period_and_no_other(trail):
    """From the first moment of the quarter to before its end, this account alone; attempts and customers apart."""
    assert [row["event_id"] for row in trail.ours] == ["sa-6", "sa-1", "sa-2"]
    assert [row["event_id"] for row in trail.attempts] == ["sa-3"]
    assert [(row["events"], row["failed"]) for row in trail.others] == [(1, 0), (1, 1)]
    assert len(trail.events) == 6
    assert trail.ours[0]["event_time"] == datetime(2026, 7, 1, tzinfo=UTC)


def test_each_access_has_its_basis_and_its_lines(trail):
    """The control's own outcome and reason, the grant with what stands behind it, and file and line."""
    assert [row["judged"] for row in trail.ours] == ["exception", "exception", "pass"]
    before, without, good = (row["basis"] for row in trail.ours)
    assert before.startswith("The access came before the grant began: grant g-1")
    assert without == "No grant for this person and account is on record"
    assert (
        good.startswith("A grant for this person and account was in force") and "(support consent), ticket or case t-1, consent c-1, approved by staff-" in good
    )
    assert trail.ours[2]["found_at"] == "inputs/support/staff_access-2026.jsonl:2; inputs/tables/access_grants.csv:2"
    assert [line["number"] for line in trail.lines if line["table_name"] == "access_events"] == [6, 1, 2]


def test_the_first_sentence_adds_up(trail):
    """As many as are listed, by outcome."""
    assert trail_report.conclusion(trail).replace("\xa0", " ") == (
        "Three accesses by two persons or logins of ours to acct-1 are on record: one had a recorded basis and two had none that holds."
    )


def test_what_could_not_be_seen_is_counted(trail):
    """Accesses that name no account, and the days that no log covers, are told."""
    assert [(row["event_provider"], row["accesses"], row["logins"]) for row in trail.unnamed] == [("support", 1, 1)]
    assert "1\xa0access of our people is on record in a log that names no account" in trail_report.unseen(trail).text
    assert trail.gaps == ()


def test_the_account_is_named_as_asked_and_nobody_else_is(company, trail):
    """By its id, only that id is there; by its name in a report, not even that; with full identities, all."""
    text = repr([trail.events, trail.lines, trail.others])
    assert "acct-1" in text and "acct-2" not in text and "emp-" not in text and "small.example" not in text and "203.0.113" not in text
    name = re.search(r"staff-[a-z2-7]{10}", text)[0]
    assert audit("resolve", name, "--project", company) == 0
    full = trails.open_trail(company, "acct-1", "2026-Q3", identities="full")
    assert {row["who"] for row in full.ours} == {"emp-ann", "emp-bob"}
    begun = trails.audits.begin(read_project(company), "2026-Q3", None)
    told = begun.names.forward["acct-1"]
    by_name = trails.collect(begun, told)
    assert by_name.account == told and len(by_name.ours) == 3
    assert "acct-1'" not in repr([by_name.events, by_name.lines])


def test_an_account_without_access_says_so_and_an_unknown_one_is_refused(company):
    """Negative assurance is said of the logs and the period only."""
    none = trails.open_trail(company, "acct-2", "2026-06")
    assert trail_report.conclusion(none) == "In the logs of this period, no access by our people or subprocessors to acct-2 is on record."
    for section in (trail_report.ours, trail_report.attempts, trail_report.others, trail_report.unseen, trail_report.lines):
        assert section(none).html
    with pytest.raises(InputError, match="acct-9: no such account"):
        trails.open_trail(company, "acct-9", "2026-Q3")


def test_without_grants_no_basis_is_claimed(tmp_path):
    """Where the table of grants was not delivered, accesses are listed and not judged, and the page says why."""
    folder = small_company.write(tmp_path / "co")
    (folder / "inputs/tables/access_grants.csv").unlink()
    audit("load", "--project", folder)
    trail = trails.open_trail(folder, "acct-1", "2026-Q3")
    assert [row["judged"] for row in trail.ours] == ["", "", ""]
    assert trail_report.conclusion(trail).replace("\xa0", " ").endswith("are on record: three were not judged.")
    assert "Table access_grants was not delivered." in trail_report.ours(trail).html


def test_the_command_writes_a_page_of_its_own(company, capsys):
    """`audit trail` runs the notebook: one self-contained page, the notebook and a CSV, in the folder of the period; no run is sealed."""
    assert audit("trail", "acct-1", "--project", company, "--period", "2026-Q3") == 0
    told = capsys.readouterr().out
    folder = company / "reports/2026-Q3/trails"
    assert sorted(path.name for path in folder.iterdir()) == ["acct-1.csv", "acct-1.html", "acct-1.ipynb"]
    assert "Three\xa0accesses" in told and f"Trail: {folder / 'acct-1.html'}" in told
    page = (folder / "acct-1.html").read_text()
    assert not re.search(r'<script|<link|(?:src|href)="(?!#)|url\(|@import', page)
    assert "Who of ours looked, at what, and why?" in page and "staff_access-2026.jsonl:2" in page
    for text in (page, (folder / "acct-1.ipynb").read_text(), (folder / "acct-1.csv").read_text()):
        assert str(company) not in text and "emp-" not in text and "acct-2" not in text
    assert len(list(csv.DictReader((folder / "acct-1.csv").open(newline="")))) == 6
    assert not list((company / "reports").glob("*/r*"))
