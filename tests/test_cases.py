"""The cases beside the controls, whole and split at the midnights around their items."""

import pytest

from audit_lib import cases, sql

CONTROLS = sorted(sql.find(sql.roots(), "controls"))


@pytest.mark.parametrize("control", CONTROLS)
def test_cases_hold(control):
    """Each case gives the outcomes that stand below it; two halves of a period test each item exactly once."""
    [tested] = cases.test_controls(sql.roots(), [control])
    assert (tested.errors, tested.failed) == ([], [])


@pytest.mark.parametrize("control", CONTROLS)
def test_cases_show_what_they_must(control):
    """Cases show a pass, an exception (or a lead) and missing data; five at least."""
    path = sql.find(sql.roots(), "controls")[control]
    found = cases.read_cases(path.with_suffix(".cases.md"))
    outcomes = {row["outcome"] for case in found for row in case.expected or []}
    assert len(found) >= 5
    assert "pass" in outcomes
    assert outcomes & {"exception", "manual"}
    assert "unknown" in outcomes or any(case.word == "not_tested" or case.absent for case in found)
