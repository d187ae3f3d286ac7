"""Answers of an API: an object around a list of records, of any size, page after page, other members before and after it."""

import json

from audit_lib import load, records, store
from audit_lib.errors import InputError
from audit_lib.project import read_project


def texts(*values, lists=("items",)) -> list:
    whole = "\n".join(json.dumps(value) if not isinstance(value, str) else value for value in values).encode()
    return list(records.values(iter([whole[:7], whole[7:]]), lists))


def test_the_members_of_a_wrapped_list_are_the_records():
    page = {"kind": "x", "nested": {"items": [0]}, "items": [{"a": 1}, {"a": 2}], "next": None}
    assert texts(page, {"items": []}, {"items": [{"a": 3}]}) == [('{"a": 1}', None), ('{"a": 2}', None), ('{"a": 3}', None)]


def test_an_object_without_such_a_list_is_a_record():
    """Nested lists, lists of other names, and a member of that name that is no list, wrap nothing."""
    for value in ({"items": {"a": 1}}, {"other": [{"a": 1}]}, {"a": {"items": [1]}}, {"a": '"items": ['}):
        assert texts(value) == [(json.dumps(value), None)]


def test_a_list_that_is_cut_off_keeps_what_was_whole():
    found = texts('{"n": 1, "items": [{"a": 1}, {"a": ')
    assert found[0] == ('{"a": 1}', None)
    assert all(fault for _, fault in found[1:])


def write(folder, name: str, value) -> None:
    (folder / "inputs").mkdir(exist_ok=True)
    (folder / "inputs" / name).write_text(json.dumps(value))
    (folder / "audit.toml").write_text(f'[company]\nname = "X"\n[[inputs]]\nfiles = "inputs/{name}"\nextracted_at = 2026-10-05T06:00:00Z\n')


def test_a_page_larger_than_any_record_is_loaded(tmp_path):
    """A listing of 3 MiB is no record that is too long; each member has its own line, and one that is broken harms no other."""
    group = {"arn": "arn:aws:logs:eu-west-1:1:log-group:{}:*", "logGroupName": "group-{}", "retentionInDays": 30, "padding": "x" * 1000}
    groups = [{**group, "arn": group["arn"].format(number), "logGroupName": f"group-{number}"} for number in range(3000)]
    groups[7]["retentionInDays"] = "soon"
    write(tmp_path, "listing.json", {"nextToken": "t", "logGroups": groups, "more": False})
    load.load(read_project(tmp_path))
    connection = store.open_store(tmp_path / "store.duckdb")
    assert connection.execute("select format, rows_read, rows_loaded, rows_quarantined from loads").fetchall() == [("aws_log_groups", 3000, 2999, 1)]
    assert connection.execute("select line, reason from quarantine").fetchall() == [(8, "retentionInDays is no whole number: soon")]
    assert connection.execute("select store_id, max_days from retention_rules where line = 3000").fetchall() == [("group-2999", 30)]


def test_an_empty_listing_says_that_there_were_none(tmp_path):
    write(tmp_path, "listing.json", {"RecoveryPoints": []})
    load.load(read_project(tmp_path))
    connection = store.open_store(tmp_path / "store.duckdb")
    assert connection.execute("select format, table_name, rows_read from loads").fetchall() == [("aws_recovery_points", "backups", 0)]


def test_an_empty_listing_that_may_be_several_things_is_refused(tmp_path):
    write(tmp_path, "listing.json", {"items": []})
    try:
        load.load(read_project(tmp_path))
    except InputError as fault:
        assert "may be" in str(fault) and "onepassword_events" in str(fault)
    else:
        raise AssertionError("an empty list was taken for one of several formats")
