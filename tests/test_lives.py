"""The retention controls say of random lives what a walk through the calendar says, day by day: item, outcome and reason.

LIVES, a variable of the environment, is the number of lives for each control: 20,000 take some minutes.
"""

import os
from collections import Counter
from math import ceil

import pytest
from judging import empty_store
from life_days import aged_backups, canceled_accounts, last_copies
from life_erasures import REQUESTS, ask, requests
from life_erasures import begin as open_company
from life_papers import COPIES, begin, preserve, preserved
from life_worlds import ACCOUNTS, copies, found, live, start

LIVES = int(os.environ.get("LIVES", "3000"))
RARE = {"hold_unclear", "reversed"}


def agree(expected: Counter, unlike: dict, *reasons: str) -> None:
    """No life is judged otherwise, and every reason occurs; the rarest need all lives for it."""
    assert dict(sorted(unlike.items())[:5]) == {}
    assert set(expected) | RARE == set(reasons) | RARE
    if LIVES >= 20_000:
        assert set(expected) == set(reasons)


def differing(expected: dict, result: dict, company: int) -> dict:
    """Items of a company that the two judge otherwise."""
    return {(company, item): (expected.get(item), result.get(item)) for item in expected.keys() | result.keys() if expected.get(item) != result.get(item)}


@pytest.fixture(scope="module")
def companies():
    """For each control of accounts and backups: how often each reason is right, and the items on which the SQL disagrees."""
    references = {
        "RET-01": canceled_accounts, "BKP-01": aged_backups,
        "BKP-02a": lambda company: last_copies(company, False), "BKP-02b": lambda company: last_copies(company, True),
    }  # fmt: skip
    connection = empty_store()
    counted, unlike = {name: Counter() for name in references}, {name: {} for name in references}
    for number in range(ceil(LIVES / ACCOUNTS)):
        company = start(number)
        for one in range(ACCOUNTS):
            live(company, one)
        copies(company)
        results = found(connection, company, *references)
        for name, reference in references.items():
            expected = reference(company)
            counted[name].update(reason for _, reason in expected.values())
            unlike[name] |= differing(expected, results[name], number)
    return counted, unlike


@pytest.mark.parametrize(
    ("control", "reasons"),
    [
        ("RET-01", "in_time late overdue residue missed held held_over not_erased not_counted hold_unclear undated contradiction"),
        ("BKP-01", "in_time late remains base_remains origin_missing held held_over hold_unclear undated contradiction"),
        ("BKP-02a", "gone never_copied late remains held hold_unclear copy_unclear undated contradiction"),
        ("BKP-02b", "gone never_copied late remains held held_over hold_unclear copy_unclear undated contradiction"),
    ],
)
def test_accounts_and_backups(companies, control, reasons):
    counted, unlike = companies
    agree(counted[control], unlike[control], *reasons.split())


def test_preserved_copies():
    connection, counted, unlike = empty_store(), Counter(), {}
    for number in range(ceil(LIVES / COPIES)):
        company = begin(number)
        for one in range(COPIES):
            preserve(company, one)
        expected = preserved(company)
        counted.update(reason for _, reason in expected.values())
        unlike |= differing(expected, found(connection, company, "DIS-09")["DIS-09"], number)
    agree(
        counted, unlike, "destroyed_in_time", "process_in_time", "withdrawn", "late", "remains", "early", "backup_late", "backup_remains",
        "paper_missing", "undated", "repeated", "reversed",
    )  # fmt: skip


def test_erasures():
    connection, counted, unlike = empty_store(), Counter(), {}
    for number in range(ceil(LIVES * 2 / 3 / REQUESTS) if LIVES < 20_000 else ceil(LIVES / REQUESTS)):
        company = open_company(number)
        for one in range(REQUESTS):
            ask(company, one)
        expected = requests(company)
        counted.update(reason for _, reason in expected.values())
        unlike |= differing(expected, found(connection, company, "DSR-03")["DSR-03"], number)
    agree(
        counted, unlike, "erased", "exempt", "none_held", "hashed_list", "told", "confirmed", "late", "next_working_day", "extension_invalid", "overdue",
        "unproven", "residue", "restored", "undone", "list_not_hashed", "not_told", "unconfirmed", "confirmed_late", "held", "held_over", "not_erased",
        "not_counted", "hold_unclear", "restore_unclear", "place_unclear", "place_unknown", "list_unclear", "undated", "contradiction",
    )  # fmt: skip
