"""The sample company: the same order makes the same bytes, and the audit finds all that was planted and nothing else."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from audit_lib import cli, sample_company, sql
from audit_lib.errors import InputError

SIZES = {"accounts": 200, "events": 8000}
OUTCOMES = {"pass", "exception", "deferred", "manual", "unknown"}


def digest(folder: Path) -> str:
    """One hash over the names and bytes of all files in the folder."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def audited(folder: Path) -> tuple[int, dict[tuple[str, str], tuple[str, str]]]:
    """The exit code of the audit of 2026-Q3, and each item's outcome and reason by control and item."""
    assert cli.main(["load", "--project", str(folder)]) == 0
    code = cli.main(["check", "--period", "2026-Q3", "--identities", "full", "--project", str(folder)])
    found = next((folder / "reports" / "2026-Q3").glob("r*/outcomes.parquet"))
    rows = duckdb.sql(f"select control_id, item, outcome, reason from '{found}'").fetchall()
    return code, {(control, item): (outcome, reason) for control, item, outcome, reason in rows}


def answers(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """The answer key: outcome and reason by control and item."""
    entries = json.loads((folder / "answers.json").read_text("utf-8"))
    return {(entry["control"], entry["item"]): (entry["outcome"], entry["reason"]) for entry in entries}


def test_same_order_makes_same_bytes_and_another_seed_others(tmp_path):
    """Seed and sizes decide every byte; another seed makes another company."""
    for name, seed in (("first", 5), ("again", 5), ("other", 6)):
        sample_company.write(tmp_path / name, seed=seed, accounts=60, events=3000)
    assert digest(tmp_path / "first") == digest(tmp_path / "again")
    assert digest(tmp_path / "first") != digest(tmp_path / "other")


def unplanted(found: dict, expected: dict) -> dict[tuple[str, str], tuple[str, str]]:
    """Items that did not pass and that nobody planted; those too new to be judged (`needs_nobody`) are left aside."""
    quiet = {(name, reason) for name, control in sql.read_controls(sql.roots()).items() for reason in control.needs_nobody}
    return {key: value for key, value in found.items() if value[0] != "pass" and key not in expected and (key[0], value[1]) not in quiet}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_audit_finds_what_was_planted_and_nothing_else(tmp_path, seed):
    """Every entry of the answer key comes out as written, traps included; of what nobody planted at most three leads a thousand staff accesses."""
    sample_company.write(tmp_path / "company", seed=seed, **SIZES)
    expected = answers(tmp_path / "company")
    code, found = audited(tmp_path / "company")
    assert code == 1
    assert {key: found.get(key) for key in expected} == expected
    more = unplanted(found, expected)
    assert {key: value for key, value in more.items() if not (key[0].startswith("DET-") and value[0] == "manual")} == {}
    assert len(more) <= 3  # about a thousand staff accesses


def test_company_without_faults_has_nothing_to_act_on(tmp_path):
    """With `--faults none` the answer key is empty and the audit ends with 0."""
    sample_company.write(tmp_path / "company", seed=2, faults="none", **SIZES)
    assert answers(tmp_path / "company") == {}
    code, found = audited(tmp_path / "company")
    assert unplanted(found, {}) == {}
    assert code == 0


def test_answer_key_names_control_item_outcome_reason_and_note(tmp_path):
    """Each entry has the five keys, no item is empty or twice, and the faults fit a small company, too."""
    sample_company.write(tmp_path / "company", seed=9, accounts=60, events=3000)
    entries = json.loads((tmp_path / "company" / "answers.json").read_text("utf-8"))
    assert {tuple(entry) for entry in entries} == {("control", "item", "outcome", "reason", "note")}
    assert all(isinstance(value, str) and value for entry in entries for value in entry.values())
    assert {entry["outcome"] for entry in entries} == OUTCOMES
    assert len({(entry["control"], entry["item"]) for entry in entries}) == len(entries)


def test_bad_orders_are_refused_before_anything_is_written(tmp_path):
    """All faults of an order are named at once, and a folder with files is left as it was."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError) as refusal:
        sample_company.write(tmp_path, accounts=5, events=10, faults="some")
    assert len(str(refusal.value).splitlines()) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
