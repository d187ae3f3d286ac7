"""What the runner adds to a control: period, contract, population, standing, and passes that are only counted."""

from types import SimpleNamespace

import duckdb
import pytest

from audit_lib import audits, controls, findings, sql, store
from audit_lib.errors import ControlError, InputError
from audit_lib.period import parse_moment
from audit_lib.project import Setting

HEADER = """/*
id = "OWN-01"
title = "Every job says what it is for"
promise = "(our own rule)"
source = "Management"
severity = "low"
kind = "data"
tests = "one job"
needs = ["jobs"]
limits = "None."
{extra}
[clauses]
dpf = []
[parameters.least_letters]
type = "integer"
default = 1
unit = "letters"
source = "management"
meaning = "Fewest letters of a purpose"
[reasons]
told = "Says it"
silent = "Does not say it"
*/
"""
SELECT = """select job_id as item, valid_from_at as item_at, null as subject,
  case when length(purpose) >= least_letters() then 'pass' else 'exception' end as outcome,
  case when length(purpose) >= least_letters() then 'told' else 'silent' end as reason,
  'purpose: ' || coalesce(purpose, 'none') as detail, null as cause, [origin, null] as lines from jobs"""
SINCE, UNTIL, AS_OF = (parse_moment(day) for day in ("2026-07-01", "2026-10-01", "2026-10-05"))


@pytest.fixture
def connection():
    """A database with all tables, flat, and one job on each of the hundred days from 15 June 2026."""
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    store.create(connection, store.read_tables(sql.roots()), flat=True)
    connection.execute(
        "insert into jobs (job_id, purpose, valid_from_at, load_id, line) "
        "select 'j' || i, case when i % 10 > 0 then 'backup' end, timestamptz '2026-06-15' + to_days(i::integer), 'jobs', i from range(100) as days(i)"
    )
    return connection


def read(tmp_path, extra="", select=SELECT):
    path = tmp_path / "OWN-01_jobs.sql"
    path.write_text(HEADER.format(extra=extra) + select)
    return sql.read_control(path)


def run(connection, control, stored=100_000, given=None):
    values = controls.parameter_values({control.id: control}, given or {})
    controls.bind(connection, values, SINCE, UNTIL, AS_OF)
    controls.start(connection)
    return controls.run(connection, control, {}, set(), stored)


def test_items_of_the_period_are_kept(connection, tmp_path):
    """The first moment of the period is in it, its end is not; nothing is lost in between."""
    counted = run(connection, read(tmp_path))
    assert counted.population == 84
    first, last = connection.execute("select min(item_at), max(item_at) from outcomes").fetchone()
    assert (first, last) == (parse_moment("2026-07-01"), parse_moment("2026-09-22"))


def test_counted_passes_are_those_that_would_be_stored(connection, tmp_path):
    """Above the limit all but passes are stored, and the counts are those of the whole."""
    control = read(tmp_path)
    whole, counted = run(connection, control), run(connection, control, stored=10)
    assert counted.by_reason == whole.by_reason
    assert (whole.is_every_row_stored, counted.is_every_row_stored) == (True, False)
    assert connection.execute("select distinct outcome from outcomes").fetchall() == [("exception",)]
    assert counted.fingerprint == run(connection, control, stored=20).fingerprint


def test_nulls_are_dropped_from_lines(connection, tmp_path):
    """`lines` leads to raw lines only."""
    run(connection, read(tmp_path))
    assert connection.execute("select lines from outcomes where item = 'j20'").fetchone() == (["jobs:20"],)


@pytest.mark.parametrize(
    ("select", "told"),
    [
        (SELECT.replace("'told'", "'other'"), "a reason that its header does not explain"),
        (SELECT.replace("'pass'", "'fine'"), "an outcome that is none of"),
        (SELECT.replace("coalesce(purpose, 'none')", "purpose"), "an item without a detail"),
        (SELECT.replace("job_id as item,", "'same' as item,"), "an item twice"),
        (SELECT.replace("job_id as item,", "null as item,"), "an item without an id"),
    ],
)
def test_what_breaks_the_contract_is_refused(connection, tmp_path, select, told):
    """An item twice, without an id or detail, or with a word that nobody explained stops the audit."""
    with pytest.raises(ControlError, match=told):
        run(connection, read(tmp_path, select=select))


def test_a_join_that_multiplies_items_stops_the_run(connection, tmp_path):
    """The stated population must be the one that is judged."""
    with pytest.raises(ControlError, match="judges 84 items, its stated population has 168"):
        run(connection, read(tmp_path, 'population = "select valid_from_at as item_at from jobs cross join range(2)"'))


@pytest.mark.parametrize(
    ("extra", "select", "told"),
    [
        ("", SELECT.replace("jobs", "stores").replace("job_id", "store_id"), "reads stores, which neither needs nor may_use names"),
        ('may_use = ["backups"]', SELECT, "names backups, which its SQL does not read"),
        ("", SELECT + " where valid_from_at < now()", "may not use now"),
        ("", SELECT + " where random() < 2", "may not use random"),
        ("", SELECT + " where valid_from_at >= since()", "uses since()"),
        ("", SELECT.replace("least_letters()", "1"), "declares least_letters, which its SQL does not use"),
        ("", SELECT + " union all select content, null, null, 'pass', 'told', '', null, [] from read_text('x')", "may not use read_text"),
        ("", SELECT + " where purpose = getvariable('x')", "may not use getvariable"),
        ("", SELECT + " where valid_from_at < current_timestamp", "may not use current_timestamp"),
    ],
)
def test_lint_refuses(tmp_path, extra, select, told):
    """Clocks, chance, files, unnamed tables, and `since()` in a control that does not repeat are refused."""
    faults = sql.lint(read(tmp_path, extra, select), set(store.read_tables(sql.roots())), {})
    assert any(told in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"least_letters": "2"}, "OWN-01: least_letters must be integer, not '2'"),
        ({"least_letters": True}, "must be integer"),
        ({"leest": 2}, "unknown parameter: leest"),
    ],
)
def test_wrong_parameters_are_refused(tmp_path, given, told):
    """A wrong type and an unknown name are named, with what is allowed."""
    control = read(tmp_path)
    with pytest.raises(InputError, match=told):
        controls.parameter_values({control.id: control}, {name: Setting(value) for name, value in given.items()})


def stand(connection, control, given=None):
    values = controls.parameter_values({control.id: control}, given or {})
    controls.bind(connection, values, SINCE, UNTIL, AS_OF)
    return controls.standing(connection, control, values).not_tested


def loaded(connection, table, part, extracted, covers=(None, None), seen=(None, None)):
    connection.execute(
        "insert into loads (load_id, table_name, part, extracted_at, covers_from_at, covers_to_at, first_at, last_at) values (uuid()::varchar, ?, ?, ?, ?, ?, ?, ?)",
        [table, part, extracted, *covers, *seen],
    )


def test_an_absent_table_is_not_tested(connection, tmp_path):
    """A table that was not delivered is named; a delivered one without rows is not absent."""
    assert stand(connection, read(tmp_path)) == ["Table jobs was not delivered."]
    loaded(connection, "jobs", "all", "2026-10-02")
    assert stand(connection, read(tmp_path)) == []


def test_a_snapshot_drawn_too_early_is_not_tested(connection, tmp_path):
    """A snapshot drawn before the period's end can't show it whole; one drawn at its end can."""
    loaded(connection, "jobs", "crm", "2026-09-30 23:59")
    assert stand(connection, read(tmp_path)) == ["Table jobs, part crm, was drawn at 2026-09-30 23:59 UTC, before the period ends."]
    loaded(connection, "jobs", "crm", "2026-10-01")
    assert stand(connection, read(tmp_path)) == []


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([("2026-01-01", "2026-10-01")], None),
        ([("2026-07-01", "2026-08-01"), ("2026-08-01", "2026-10-01")], None),
        ([("2026-07-01", "2026-09-01"), ("2026-08-01", "2026-10-01")], None),
        ([("2026-07-01", "2026-08-01"), ("2026-08-02", "2026-10-01")], "from 2026-08-01 00:00 to 2026-08-02 00:00 UTC"),
        ([("2026-07-02", "2026-10-01")], "from 2026-07-01 00:00 to 2026-07-02 00:00 UTC"),
        ([("2026-07-01", "2026-09-30")], "from 2026-09-30 00:00 to 2026-10-01 00:00 UTC"),
        ([("2025-01-01", "2025-02-01")], "from 2026-07-01 00:00 to 2026-10-01 00:00 UTC"),
    ],
)
def test_a_log_with_a_gap_is_not_tested(connection, spans, told):
    """The spans of a log's files must cover the period; where they don't, the gap is named."""
    controls.bind(connection, {}, SINCE, UNTIL, AS_OF)
    for span in spans:
        loaded(connection, "access_events", "web", None, covers=span)
    gaps = controls.log_gaps(connection)
    assert (told is None and gaps == []) or (len(gaps) == 1 and told in gaps[0] and "web" in gaps[0])


def test_a_log_without_a_stated_span_is_judged_by_its_events(connection):
    """Without a stated span the first and last event count, and the report says so."""
    controls.bind(connection, {}, SINCE, UNTIL, AS_OF)
    loaded(connection, "access_events", "ssh", None, seen=("2026-07-03", "2026-09-01"))
    assert "no span is stated" in controls.log_gaps(connection)[0]


def test_an_unset_parameter_is_not_tested(connection, tmp_path):
    """A number that the policy does not give has no default, and unset is not tested."""
    loaded(connection, "jobs", "all", "2026-10-02")
    path = tmp_path / "OWN-01_jobs.sql"
    path.write_text((HEADER.format(extra="") + SELECT).replace("default = 1\n", ""))
    assert stand(connection, sql.read_control(path)) == ["Parameter least_letters is not set: fewest letters of a purpose."]


@pytest.mark.parametrize(("kind", "status"), [("hybrid", "not_tested"), ("data", "not_applicable")])
def test_nothing_to_test_is_not_passed(connection, tmp_path, kind, status):
    """An empty population is no such item where data can show it, and not tested where they can't alone."""
    path = tmp_path / "OWN-01_jobs.sql"
    path.write_text((HEADER.format(extra="") + SELECT).replace('kind = "data"', f'kind = "{kind}"'))
    control = sql.read_control(path)
    connection.execute("delete from jobs")
    audit = SimpleNamespace(
        connection=connection, counted={control.id: run(connection, control)}, project=SimpleNamespace(scope={}), acts={}, status={}, notes={}
    )
    findings.apply_waivers(connection)
    audits._judge(audit, control, [])
    assert audit.status[control.id] == status
