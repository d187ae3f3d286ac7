"""One account's life and what the retention report looks ahead to: hold, reactivation, late purge, a backup that outlives."""

import csv
import re
from datetime import date

import pyarrow.parquet as pq
import pytest
import small_company
from small_company import audit

from audit_lib import audits, evidence, life_drawing, life_report, lives
from audit_lib.errors import InputError
from audit_lib.project import read_project

DRAWN = "2026-10-05T06:00:00Z"
TABLES = {
    "accounts": "account_id,status,status_cause,valid_from_at,valid_to_at,kind,created_via,created_at,merged_into_account_id\n"
    "acct-1,active,,2025-01-01T00:00:00Z,2026-05-20T00:00:00Z,customer,web,2025-01-01T00:00:00Z,\n"
    "acct-1,canceled,owner,2026-05-20T00:00:00Z,2026-06-10T00:00:00Z,customer,web,2025-01-01T00:00:00Z,\n"
    "acct-1,active,,2026-06-10T00:00:00Z,2026-06-12T00:00:00Z,customer,web,2025-01-01T00:00:00Z,\n"
    "acct-1,canceled,automatic,2026-06-12T00:00:00Z,,customer,web,2025-01-01T00:00:00Z,\n"  # last day 11 August
    "acct-2,active,,2025-01-01T00:00:00Z,2026-06-12T00:00:00Z,customer,web,2025-01-01T00:00:00Z,\n"
    "acct-2,canceled,owner,2026-06-12T00:00:00Z,,customer,web,2025-01-01T00:00:00Z,\n"
    "acct-3,active,,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,customer,web,2026-01-01T00:00:00Z,\n"
    "acct-3,merged,,2026-02-01T00:00:00Z,,customer,web,2026-01-01T00:00:00Z,acct-1\n"
    "acct-4,canceled,owner,2026-09-20T00:00:00Z,,customer,web,2026-01-01T00:00:00Z,\n",  # last day 19 November
    "stores": "store_id,name,owner_person_id,kind,data_class_ids,is_in_purge_scope,valid_from_at\n"
    "db,Database,emp-ann,database,[content],true,2024-01-01T00:00:00Z\n"
    "search,Search,emp-bob,search_index,[content],true,2024-01-01T00:00:00Z\n"
    "warehouse,Warehouse,emp-cleo,warehouse,[usage],true,2024-01-01T00:00:00Z\n"
    "restore-test,Test,emp-ann,staging,[content],false,2024-01-01T00:00:00Z\n",
    "data_classes": "data_class_id,name,kind,is_personal,purposes,compatible_purposes\ncontent,Content,account_content,true,[service],[]\nusage,Usage,web_analytics,true,[service],[]\n",
    "purges": "purge_id,store_id,account_id,reason,method,purged_at,recounted_at,rows_before,rows_remaining\n"
    "pu-1,db,acct-1,account_canceled,erase,2026-07-01T03:00:00Z,2026-07-01T04:00:00Z,10,0\n"
    "pu-2,search,acct-1,account_canceled,erase,2026-08-12T03:00:00Z,2026-08-12T04:00:00Z,5,0\n"  # a day too late
    "pu-3,db,acct-2,account_canceled,erase,2026-07-01T03:00:00Z,2026-07-01T04:00:00Z,10,0\n"
    "pu-4,search,acct-2,account_canceled,erase,2026-08-11T23:00:00Z,2026-08-11T23:30:00Z,1,0\n"  # on the last day
    "pu-5,warehouse,acct-2,account_canceled,erase,2026-07-01T03:00:00Z,2026-07-01T04:00:00Z,7,0\n"
    "pu-6,db,acct-gone,account_canceled,erase,2026-07-01T03:00:00Z,2026-07-01T04:00:00Z,7,0\n",
    "legal_holds": "legal_hold_id,basis,approved_by_person_id,evidence_uri,account_id,store_id,valid_from_at,valid_to_at\n"
    "h-1,Inquiry 7,emp-dan,vault:7,acct-1,warehouse,2026-07-15T00:00:00Z,\n",
    "backups": "backup_id,store_id,country,kind,taken_at,destroyed_at,job_id\n"
    "b-1,db,US,scheduled,2026-06-30T02:00:00Z,,job-1\n"
    "b-2,db,US,scheduled,2026-06-20T02:00:00Z,2026-07-19T02:00:00Z,job-1\n"
    "b-3,db,US,scheduled,2026-07-02T02:00:00Z,,job-1\n",  # after the purges
    "restores": "restore_id,backup_id,target_store_id,purpose,started_at,target_destroyed_at\nre-1,b-1,restore-test,test,2026-07-05T10:00:00Z,\n",
    "row_counts": "store_id,account_id,address_form,counted_by,row_count,counted_at\nsearch,acct-2,any,store_owner,0,2026-10-04T12:00:00Z\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The small company with the tables above, loaded."""
    folder = small_company.write(tmp_path_factory.mktemp("lives") / "co")
    tables = folder / "inputs/tables"
    for name, text in TABLES.items():
        (tables / f"{name}.csv").write_text(text)
    every = {path.name: path.read_text() for path in sorted(tables.glob("*.csv")) if path.name != "manifest.csv"}
    (tables / "manifest.csv").write_text(small_company.MANIFEST + "".join(f"{name},{DRAWN},,,{text.count(chr(10)) - 1}\n" for name, text in every.items()))
    assert audit("load", "--project", folder) == 0
    return folder


@pytest.fixture(scope="module")
def first(company):
    """The life of acct-1: reactivated, canceled again, on hold in one store, purged late in another."""
    return lives.open_life(company, "acct-1", "2026-Q3")


@pytest.fixture(scope="module")
def second(company):
    """The life of acct-2: purged in time, but in a backup still."""
    return lives.open_life(company, "acct-2", "2026-Q3")


def test_every_event_in_order_with_its_line(first):
    """From the sign-up on, each from the line that says so; another account's events only where they touch this one."""
    told = [(row["kind"], row["store_id"], row["found_at"].rpartition("/")[2]) for row in first.events if row["kind"] != "accessed_last"]
    assert told == [
        ("signed_up", None, "accounts.csv:2"), ("took_over", None, "accounts.csv:9"), ("canceled", None, "accounts.csv:3"), ("active", None, "accounts.csv:4"),
        ("canceled", None, "accounts.csv:5"), ("copy_taken", "db", "backups.csv:2"), ("purged", "db", "purges.csv:2"), ("restored", "restore-test", "restores.csv:2"),
        ("hold_placed", "warehouse", "legal_holds.csv:2"), ("purged", "search", "purges.csv:3"),
    ]  # fmt: skip
    assert [row["what"] for row in first.events if row["kind"] in ("canceled", "active")] == [
        "Canceled by the owner",
        "Reactivated",
        "Canceled again automatically",
    ]


def test_what_is_due_when_agrees_with_the_controls(first):
    """Last days, holds and purges by store; where the control has an item, its verdict stands beside it and says the same."""
    rows = {(row["canceled_on"].day, row["store_id"]): row for row in first.deadlines}
    states = {key: lives.state(first, row) for key, row in rows.items()}
    assert states == {
        (20, "db"): "ended", (20, "search"): "ended", (20, "warehouse"): "ended", (12, "db"): "gone", (12, "search"): "late", (12, "warehouse"): "held",
    }  # fmt: skip
    assert {key: row["verdict"] and row["verdict"]["reason"] for key, row in rows.items() if key[0] == 12} == {
        (12, "db"): "in_time", (12, "search"): "late", (12, "warehouse"): "held",
    }  # fmt: skip
    assert rows[20, "db"]["verdict"] is None
    late = rows[12, "search"]
    assert (late["last_on"], late["gone_on"]) == (date(2026, 8, 11), date(2026, 8, 12))
    assert "purged 1\xa0day too late" in life_drawing.picture(first).html


def test_a_backup_that_outlives_both_readings_is_named(second):
    """Purged in time in each store, but the backup taken before is there still: both readings, and until when by its own days."""
    assert {lives.state(second, row) for row in second.deadlines} == {"gone"}
    database = next(row for row in second.deadlines if row["store_id"] == "db")
    assert (database["copies_strict_on"], database["copies_mild_on"], database["copy_id"], database["is_in_copy"]) == (
        date(2026, 8, 11),
        date(2026, 9, 10),
        "b-1",
        True,
    )
    assert [(row["backup_id"], row["last_on"]) for row in second.copies] == [("b-1", date(2026, 7, 30))]
    assert [(row["kind"], row["copy_id"]) for row in second.apart] == [("restored", "re-1")]
    assert {row["control_id"]: row["reason"] for row in second.verdicts if row["control_id"].startswith("BKP-02")} == {
        "BKP-02a": "remains",
        "BKP-02b": "remains",
    }
    said = life_report.conclusion(second).replace("\xa0", " ")
    assert said == (
        "acct-2 was canceled on 12 June 2026. Of the three stores concerned, each was purged in time. One backup that holds its data is still there, "
        "by its own days until 30 July 2026. In the stricter reading, which decides, its last copy outlived the last day."
    )


def test_an_account_that_only_a_purge_names_has_a_life_and_an_unknown_one_none(company):
    """Deleted from the register before the export, it must not escape; what nothing names is refused."""
    life = lives.open_life(company, "acct-gone", "2026-Q3")
    assert life_report.conclusion(life).startswith("acct-gone is not in the register of accounts, but one\xa0event")
    for section in (
        life_report.masthead,
        life_drawing.picture,
        life_report.due,
        life_report.copies,
        life_report.events,
        life_report.verdicts,
        life_report.lines,
    ):
        assert section(life).html
    with pytest.raises(InputError, match="acct-9: no such account: no table names it"):
        lives.open_life(company, "acct-9", "2026-Q3")


def test_the_command_writes_a_page_of_its_own(company, capsys):
    """`audit lifeline` runs the notebook: a self-contained page, the notebook and a CSV; no other account and nobody's id is in them."""
    assert audit("lifeline", "acct-1", "--project", company, "--period", "2026-Q3") == 0
    told = capsys.readouterr().out.replace("\xa0", " ")
    folder = company / "reports/2026-Q3/lifelines"
    assert "one was purged too late, one keeps its data under a legal hold and one was purged in time" in told and f"Lifeline: {folder / 'acct-1.html'}" in told
    page = (folder / "acct-1.html").read_text()
    assert not re.search(r'<script|<link|(?:src|href)="(?!#)|url\(|@import', page)
    assert "Where are its data?" in page and "legal_holds.csv:2" in page
    for text in (page, (folder / "acct-1.ipynb").read_text(), (folder / "acct-1.csv").read_text()):
        assert str(company) not in text and "emp-" not in text and "acct-2" not in text and "acct-3" not in text
    assert len(list(csv.DictReader((folder / "acct-1.csv").open(newline="")))) == 11
    assert not list((company / "reports").glob("*/r*"))


def test_figures_look_ahead_and_tell_how_firm_the_verdicts_are(company, tmp_path):
    """What is due by day, margins to the day, and verdicts that turn by one day or by the other reading, against numbers worked out by hand.

    The cancellation at midnight UTC falls on the day before in the west; the purge at 23:00 UTC of the last day on the day after it in the east.
    """
    begun = audits.begin(read_project(company), "2026-Q3", None)
    audits.check(begun, ["RET-01", "BKP-01", "BKP-02a", "BKP-02b"])
    evidence._write_figures(begun, tmp_path / "figures")
    rows = {path.stem: pq.read_table(path).to_pylist() for path in (tmp_path / "figures").glob("*.parquet")}
    ahead = [(row["kind"], row["store_id"], row["state"], row["due_on"], row["items"]) for row in rows["due_ahead"]]
    assert ahead == [
        ("backup", "db", "overdue", None, 2), ("purge", "db", "ahead", date(2026, 11, 19), 1), ("purge", "search", "ahead", date(2026, 11, 19), 1),
        ("purge", "warehouse", "ahead", date(2026, 11, 19), 1), ("purge", "warehouse", "held", None, 1),
    ]  # fmt: skip
    margins = {(row["margin_days"], row["state"]): row["items"] for row in rows["day_margins"] if row["control_id"] == "RET-01"}
    assert margins == {(41, "gone"): 3, (0, "gone"): 1, (-1, "gone"): 1, (None, "held"): 1}
    turned = {(row["reading"], row["unit"]): (row["in_time"], row["late"], row["to_late"], row["to_in_time"]) for row in rows["verdict_flips"]}
    assert turned == {
        ("as_judged", "stores"): (4, 1, 0, 0), ("one_day_less", "stores"): (3, 2, 1, 0), ("one_day_more", "stores"): (5, 0, 0, 1), ("utc", "stores"): (4, 1, 0, 0),
        ("zone_west", "stores"): (3, 2, 1, 0), ("zone_east", "stores"): (3, 2, 1, 0), ("as_judged", "copies"): (0, 1, 0, 0), ("two_steps", "copies"): (0, 1, 0, 0),
    }  # fmt: skip
    live = {row["promise_days"]: 0 for row in rows["other_promises"]}
    for row in rows["other_promises"]:
        live[row["promise_days"]] += (row["in_time"] or 0) * (row["unit"] == "stores")
    assert live == {30: 3, 45: 3, 60: 4, 90: 5}
    assert [(row["cause"], row["kind"], row["accounts"], row["controls"]) for row in rows["root_causes"]] == [
        ("b-1", "backup", 1, ["BKP-01", "BKP-02a", "BKP-02b"])
    ]
    assert [(row["legal_hold_id"], row["deferred"]) for row in rows["holds_in_force"]] == [("h-1", 1)]
