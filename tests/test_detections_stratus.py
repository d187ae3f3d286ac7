"""CloudTrail of 35 attack techniques: each that a detection of ours claims is found in its file, and nothing certain in the others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit_lib import controls, load, sql, store
from audit_lib.project import read_project

STRATUS = Path(__file__).parents[2] / "shared" / "data" / "stratus_red_team"
pytestmark = pytest.mark.skipif(not STRATUS.exists(), reason="needs ../shared/data/stratus_red_team, which this checkout lacks")

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
CLAIMED = {  # technique: control, outcome and reason of what is found in its file
    "aws.defense-evasion.cloudtrail-stop": ("DET-13", "exception", "switched_off"),
    "aws.defense-evasion.cloudtrail-delete": ("DET-13", "exception", "deleted"),
    "aws.defense-evasion.dns-delete-logs": ("DET-13", "exception", "deleted"),
    "aws.defense-evasion.vpc-remove-flow-logs": ("DET-13", "exception", "deleted"),
    "aws.defense-evasion.cloudtrail-event-selectors": ("DET-13", "manual", "rules_changed"),
    "aws.initial-access.console-login-without-mfa": ("DET-12", "exception", "without_factor"),
    "aws.persistence.iam-create-admin-user": ("DET-16", "manual", "key_made"),
}
LOOKED_AT = {  # techniques that grant a right to another login or role: items of DET-16, without a finding
    "aws.persistence.iam-backdoor-role", "aws.persistence.iam-create-backdoor-role", "aws.persistence.iam-create-user-login-profile",
}  # fmt: skip


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    """Control, outcome and reason of all items of DET-08 to DET-16 by technique; each file is a log of its own."""
    folder = tmp_path_factory.mktemp("stratus")
    rules = []
    for path in sorted(STRATUS.glob("*.json")):
        (folder / "inputs" / path.stem).mkdir(parents=True)
        (folder / "inputs" / path.stem / path.name).write_bytes(path.read_bytes())
        rules.append(f'[[inputs]]\nfiles = "inputs/{path.stem}/*"\nsource = "cloudtrail"\nprovider = "{path.stem}"\n')
    (folder / "audit.toml").write_text('[company]\nname = "X"\n' + "".join(rules))
    (folder / "inputs" / "people.csv").write_text(
        "person_id,kind,user_ids,job_title,time_zone,started_on,is_training_required\np,staff,[christophe],Engineer,UTC,2020-01-01,true\n"
    )
    (folder / "inputs" / "manifest.csv").write_text("file_name,extracted_at\npeople.csv,2026-10-01T00:00:00Z\n")
    load.load(read_project(folder))
    folders = sql.roots()
    tables = store.read_tables(folders)
    definitions = {name: sql.read_query(path) for name, path in sql.find(folders, "definitions").items()}
    known = {name: control for name, control in sql.read_controls(folders).items() if "DET-08" <= name <= "DET-16"}
    connection = store.open_store(folder / "store.duckdb")
    store.snapshots(connection, UNTIL, tables)
    controls.bind(connection, controls.parameter_values(known, {}), SINCE, UNTIL, UNTIL)
    controls.start(connection)
    made: set[str] = set()
    for control in known.values():
        controls.run(connection, control, definitions, made)
    events, found = {}, {}
    for origin, provider in connection.execute("select origin, event_provider from access_events").fetchall():
        events[origin] = provider
    for control, outcome, reason, lines in connection.execute("select control_id, outcome, reason, lines from outcomes").fetchall():
        for technique in {events[line] for line in lines if line in events}:
            found.setdefault(technique, set()).add((control, outcome, reason))
    assert len(set(events.values())) == 35
    return found


def test_each_claimed_technique_is_found(items):
    """What was stopped, deleted, changed, signed in without a factor or granted and keyed is found in the file of that name."""
    assert {technique: answer for technique, answer in CLAIMED.items() if answer not in items.get(technique, set())} == {}


def test_nothing_certain_is_said_of_other_files(items):
    """Exceptions stand in files of claimed techniques only, and of each only the one that it claims; leads on rights and logs likewise."""
    certain = {(technique, *found) for technique, several in items.items() for found in several if found[1] == "exception"}
    assert certain == {(technique, *answer) for technique, answer in CLAIMED.items() if answer[1] == "exception"}
    leads = {(technique, *found) for technique, several in items.items() for found in several if found[1] == "manual" and found[0] in ("DET-13", "DET-16")}
    assert leads == {(technique, *answer) for technique, answer in CLAIMED.items() if answer[1] == "manual"}


def test_rights_of_others_are_looked_at(items):
    """A right for another login or role, not used in its file, is an item that passes."""
    assert {technique for technique in LOOKED_AT if ("DET-16", "pass", "not_used") not in items.get(technique, set())} == set()
