"""Reports leak nobody: no identity or address of the sample company stands in any file of a run's folder."""

import json

import duckdb
import pyarrow.parquet as pq
import pytest
from ahocorasick_rs import AhoCorasick

from audit_lib import cli, sample_company


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A small sample company with a whole run, reports included, and a second run of the same."""
    folder = tmp_path_factory.mktemp("privacy") / "company"
    sample_company.write(folder, seed=4, accounts=60, events=3000)
    assert cli.main(["run", "--project", str(folder)]) == 1
    return folder


def identities(folder):
    """All ids of people, logins, e-mails, names, addresses, accounts and sessions in the store."""
    with duckdb.connect(str(folder / "store.duckdb"), read_only=True) as connection:
        found = connection.execute("""
            select person_id from history.people union select unnest(user_ids) from history.people union select email from history.people
            union select public_name from history.people union select account_id from history.accounts
            union select unnest([user_id, user_effective_id, user_target_id, account_id, session_id, source_ip]) from access_events
            union select address from addresses union select delivered_to_email from history.privacy_requests""").fetchall()
    return sorted(one for (one,) in found if one and len(one) > 2)


def texts(run):
    """Every file of the folder as text, Parquet decoded."""
    for path in sorted(path for path in run.rglob("*") if path.is_file()):
        yield path.name, str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_bytes().decode("utf-8", "replace")


@pytest.mark.slow
def test_no_identity_is_in_any_file(company):
    """Not one known id occurs in the reports, notebooks, tables, SQL and manifest of a run."""
    known = identities(company)
    matcher = AhoCorasick(known)
    assert len(known) > 500
    leaks = {name: sorted({known[index] for index, *_ in matcher.find_matches_as_indexes(text)})[:5] for name, text in texts(company / "reports/2026-Q3/r1")}
    assert {name: ids for name, ids in leaks.items() if ids} == {}


@pytest.mark.slow
def test_no_secret_and_no_path_of_the_machine_is_in_any_file(company):
    """Neither the key of the names nor the place of the project on this machine stands in the folder."""
    key = (company / "identities.key").read_text().strip()
    for name, text in texts(company / "reports/2026-Q3/r1"):
        assert key not in text, name
        assert str(company.parent) not in text, name


@pytest.mark.slow
def test_a_second_run_of_the_same_stands(company, capsys):
    """Where nothing changed, the last run stands and is named, with its exit code, and nothing new is written."""
    capsys.readouterr()
    assert cli.main(["run", "--project", str(company)]) == 1
    assert "that run stands" in capsys.readouterr().out
    assert [path.name for path in (company / "reports/2026-Q3").glob("r*")] == ["r1"]


@pytest.mark.slow
def test_reports_are_self_contained(company):
    """Each report is one file without script, font, style or picture from elsewhere, and verifies."""
    run = company / "reports/2026-Q3/r1"
    pages = sorted(run.glob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert not [mark for mark in ('src="http', "url(http", "@import", '<link rel="stylesheet"') if mark in text]
    assert cli.main(["verify", str(run)]) == 0
    assert json.loads((run / "manifest.json").read_text())["files"].keys() >= {page.name for page in pages}
