"""The reports over invented run folders: what they say with many findings, with none, and where most was not tested."""

import csv
import json
import re
import zipfile
from pathlib import Path

import fixture_run
import pytest

from audit_lib import charts, display, dpf, grounds, report, results, words
from audit_lib.errors import ControlError, InputError

SECTIONS = (
    "masthead", "action", "scope", "results_by_promise", "findings", "not_judged", "no_exception", "evidence", "reconciliation", "change", "clauses",
    "clause_matrix", "principles", "parameters", "glossary", "sql_of_controls", "verify", "statement", "assertions",
)  # fmt: skip
PICTURES = (
    "access_by_week",
    "staff_access_by_hour",
    "people",
    "log_coverage",
    "purge_clock",
    "stores",
    "lifelines",
    "backup_age",
)
TEMPLATES = Path(__file__).parents[1] / "reports" / "templates"


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """One invented run of each kind: project folder by kind."""
    home = tmp_path_factory.mktemp("runs")
    for kind in ("full", "none", "raw", "many"):
        fixture_run.write_run(home / kind, kind)
    return home


def opened(runs: Path, kind: str, name: str) -> results.Audit:
    return report.open_run(runs / kind, "2026-Q3", "r1", name)


@pytest.mark.parametrize("kind", ["full", "none", "raw", "many"])
@pytest.mark.parametrize("name", list(results.REPORTS))
def test_every_section_can_be_shown(runs, kind, name):
    """No kind of run leaves a section without HTML and text, and nothing of a control's name is lost in them."""
    audit = opened(runs, kind, name)
    for section in SECTIONS:
        shown = getattr(report, section)(audit)
        assert shown.text and not re.search(r"\bNone\b(?! of)", shown.text)
        assert "<script" not in shown.html and "Undefined" not in shown.html


def test_the_conclusion_has_all_numbers_with_their_whole(runs):
    """One sentence, in which the parts add up to the whole."""
    said = report.masthead(opened(runs, "full", "unauthorized_access")).text.replace("\xa0", " ")
    assert said == "Of 4,821 staff accesses, 4,805 had a recorded basis; 12 had none that holds and 4 could not be evaluated."


def test_no_findings_is_said_without_praise(runs):
    """A clean run says no exception, keeps its limits, and never says passed, compliant or secure."""
    for name in results.REPORTS:
        audit = opened(runs, "none", name)
        html = " ".join(getattr(report, section)(audit).html for section in SECTIONS if section not in ("clause_matrix", "scope"))
        text = re.sub(r"<[^>]+>", " ", html)
        assert not re.search(r"\b(passed|compliant|secure)\b", text)
        assert "No finding: no control of this report showed an exception." in text
        assert "Nothing came to our attention" in text


def test_three_raw_logs_say_plainly_what_could_not_be_tested(runs):
    """The conclusion names the test that did not take place and the table that was missing; no picture claims otherwise."""
    audit = opened(runs, "raw", "unauthorized_access")
    said = report.masthead(audit).text.replace("\xa0", " ")
    assert "Whether staff accesses had a basis could not be tested: access_grants was not delivered." in said
    assert "not tested" in charts.staff_access_by_hour(audit).text
    retention = opened(runs, "raw", "retention_compliance")
    assert "could not be tested" in report.masthead(retention).text
    assert "Accounts, stores and purges were not delivered." in charts.purge_clock(retention).text


def test_a_hundred_findings_are_capped_and_the_rest_is_named(runs):
    """Ten are told in full, forty in a table, and a line says how many more there are and where."""
    audit = opened(runs, "many", "dpf_evidence")
    found = results.findings_with(audit, "exception")
    assert len(found) >= 100
    shown = report.findings(audit)
    assert shown.html.count("<article") == 10
    assert f"{len(found) - 50} more: findings.xlsx" in shown.html
    assert len(shown.html) < 150_000


def test_text_of_the_logs_cannot_become_markup_or_turn_around(runs):
    """Markup in a log line is shown as text; signs that no reader sees are shown as escapes."""
    html = report.findings(opened(runs, "full", "unauthorized_access")).html
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "\u202e" not in html and "\\u202e" in html


def test_a_finding_leads_down_to_its_line(runs):
    """The first item is shown with file, hash, line number and its text, the telling values marked."""
    audit = opened(runs, "full", "retention_compliance")
    html = report.findings(audit).html
    assert "Down to the line" in html and "SHA-256" in html
    assert re.search(r"<mark>[^<]*acct-", html) or '<mark><span class="tok">' in html


def test_sums_that_do_not_hold_stop_the_report(runs, tmp_path):
    """A run whose outcomes don't add up to the population is refused, with the control named."""
    target = fixture_run.write_run(tmp_path, "none")
    facts = json.loads((target / "controls.json").read_text())
    facts[0]["population"] += 1
    (target / "controls.json").write_text(json.dumps(facts))
    with pytest.raises(ControlError, match=f"{facts[0]['id']}: outcomes add up to"):
        report.open_run(tmp_path, "2026-Q3", "r1", "dpf_evidence")


def test_records_that_are_not_accounted_for_stop_the_report(tmp_path):
    """read = loaded + duplicate + ignored + quarantined, or there is no report."""
    target = fixture_run.write_run(tmp_path, "none")
    rows = list(csv.DictReader((target / "loads.csv").open()))
    rows[0]["rows_loaded"] = str(int(rows[0]["rows_loaded"]) - 1)
    fixture_run._csv(target / "loads.csv", rows)
    with pytest.raises(ControlError, match="accounted for"):
        report.evidence(report.open_run(tmp_path, "2026-Q3", "r1", "dpf_evidence"))


@pytest.mark.parametrize(
    ("period", "run", "name", "said"),
    [
        ("2026-Q4", "latest", "dpf_evidence", "There are runs of: 2026-Q3"),
        ("2026-Q3", "r9", "dpf_evidence", "There are: r1"),
        ("2026-Q3", "r1", "balance", "Allowed: unauthorized_access"),
    ],
)
def test_a_run_that_is_not_there_is_told_with_those_that_are(runs, period, run, name, said):
    """The message says what is wrong and what there is."""
    with pytest.raises(InputError, match=re.escape(said)):
        report.open_run(runs / "full", period, run, name)


@pytest.mark.parametrize("name", PICTURES)
def test_charts_are_drawn_twice_with_title_description_and_rows(runs, name):
    """Each chart has two SVGs with title and description, no text under 11 px, no outside reference, and its rows."""
    kind = "unauthorized_access" if name in PICTURES[:4] else "retention_compliance"
    shown = getattr(charts, name)(opened(runs, "full", kind))
    if name == "stores":
        assert "<table" in shown.html
        return
    assert shown.html.count("<svg") == 2 == shown.html.count("<title id=") == shown.html.count("<desc id=")
    assert "http" not in shown.html.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert min(map(int, re.findall(r'font-size="(\d+)', shown.html))) >= 11
    assert "<summary>The figures</summary>" in shown.html


def test_charts_are_the_same_each_time(runs):
    """Equal runs give equal drawings."""
    audit = opened(runs, "full", "retention_compliance")
    assert charts.backup_age(audit).html == charts.backup_age(audit).html


def test_the_workbook_holds_text_as_text_and_equal_bytes(runs, tmp_path):
    """A sheet a finding, no formula, the same bytes each time."""
    folder = runs / "full" / "reports" / "2026-Q3" / "r1"
    first = report.write_xlsx(folder).read_bytes()
    assert first == report.write_xlsx(folder).read_bytes()
    with zipfile.ZipFile(folder / "findings.xlsx") as book:
        texts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
    assert not any("<f>" in text for text in texts.values())
    assert any("=cmd" in text for text in texts.values())
    findings = len(results.open_folder(folder, "dpf_evidence").findings)
    assert sum("/sheet" in name for name in texts) == 3 + min(findings, 50)


def test_the_clause_matrix_lists_every_clause_and_every_control_not_built(runs):
    """130 clauses; each control of the catalogue is either in the run or listed as not built."""
    audit = opened(runs, "full", "dpf_evidence")
    rows = dpf.matrix(audit)
    assert len(rows) == len({row["clause_id"] for row in rows}) == 130
    built = {control["id"][:6] for control in audit.all_controls}
    html = report.clause_matrix(audit).html
    catalogue = [row["control_id"] for row in results.rows_of(TEMPLATES / "control_catalogue.csv")]
    assert len(catalogue) == 80
    assert all(name in built or name in html for name in catalogue)


def test_the_yearly_statement_has_ten_assertions_and_no_signature(runs):
    """Self-assessment makes ten assertions; open exceptions stand beside those that they contradict."""
    shown = report.assertions(opened(runs, "full", "dpf_evidence"))
    assert "ten assertions" in shown.text.replace("\xa0", " ")
    assert "Not yet signed" in shown.html and "To be excepted: F-" in shown.html


def test_nouns_come_from_what_a_control_tests():
    """The word for an item is taken from the control, parentheses and all that follows left out."""
    assert words.noun("one gap in the running numbers of a log (provider / number)") == "gap"
    assert words.noun("one user and UTC day with sign-ins") == "user-day"


def test_long_lines_are_cut_and_say_so():
    """A line of ten megabytes does not become a page of its own."""
    html = display.marked_line("x" * 10_000_000, [])
    assert len(html) < 2000 and "10,000,000 characters" in html


def test_reasons_are_put_together_by_what_is_missing():
    """Twelve sentences about tables and logs become one line that names them."""
    notes = [
        "The log auth leaves part of the period uncovered: from 2026-07-01 to 2026-08-01 UTC.",
        "The log web leaves part of the period uncovered: from 2026-07-01 to 2026-08-01 UTC.",
        "Table people was not delivered.",
        "IPE-01 has 1 item not evaluated about access_events, on which this control rests.",
    ]
    said = "people was not delivered; the logs auth and web do not cover the whole period"
    assert said == grounds.told({"status_notes": notes}, is_brief=True)
    assert f"{said}; evidence with faults: IPE-01" == grounds.told({"status_notes": notes})


def test_a_missing_statement_is_a_line_of_its_own(runs):
    """A control that waits for nothing but its statement is asked for, and is never left out as nothing to do."""
    audit = opened(runs, "none", "unauthorized_access")
    assert report.action(audit).text.replace("\xa0", " ") == "Two missing statements."
    assert "S-1" in report.not_judged(audit).html
