"""Neighbouring periods and the one that contains them: each item once, the same outcome, sums equal."""

from collections import Counter

import pytest

from audit_lib import audits, cli, sample_company
from audit_lib.project import read_project


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A sample company with planted faults, loaded."""
    folder = tmp_path_factory.mktemp("periods") / "company"
    sample_company.write(folder, seed=1, accounts=200, events=8000)
    assert cli.main(["load", "--project", str(folder)]) == 0
    return read_project(folder)


def judged(company, period):
    """Outcome and reason of each dated item of the controls that do not repeat, and the populations, by control."""
    audit = audits.begin(company, period, None, full_identities=True)
    audits.check(audit)
    once = [name for name, control in audit.controls.items() if not control.repeats]
    rows = audit.connection.execute(
        "select control_id, item, outcome, reason from outcomes where item_at is not null and list_contains(?, control_id)", [once]
    ).fetchall()
    undated = dict(audit.connection.execute("select control_id, count(*) from outcomes where item_at is null group by all").fetchall())
    audit.connection.close()
    assert all(audit.counted[name].is_every_row_stored for name in once if name in audit.counted)
    populations = {name: audit.counted[name].population - undated.get(name, 0) for name in once if name in audit.counted}
    return {(control, item): (outcome, reason) for control, item, outcome, reason in rows}, populations


def test_two_quarters_and_the_half_year_agree(company):
    """No item falls between two periods or into both, and none is judged otherwise because the period is longer."""
    spring, of_spring = judged(company, "2026-Q2")
    summer, of_summer = judged(company, "2026-Q3")
    both, of_both = judged(company, "2026-04-01/2026-10-01")
    assert not spring.keys() & summer.keys()
    assert spring | summer == both
    assert Counter(of_spring) + Counter(of_summer) == Counter(of_both)
    assert {control for control, _ in spring} & {control for control, _ in summer} >= {"RET-01", "BKP-01", "ACC-01", "LOG-02", "DET-05"}
