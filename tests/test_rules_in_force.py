"""A promise changes with the policy: what was canceled is judged by the words of its own day.

The words are those that a real company published from 2018 to 2022 (basecamp/policies, CC BY 4.0), read from ../shared.
"""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from judging import empty_store, judged

HISTORY = Path(__file__).parents[2] / "shared/data/basecamp_policies/RETENTION_SENTENCE_HISTORY.tsv"
PROMISE = re.compile(r"(?:When you cancel your account|your data are purged|If you choose to cancel your account).*?(?:past|within) (\d+) days")


def promises() -> list[tuple[date, int]]:
    """Days from cancellation to purge as the privacy policy promised them, and from which day on."""
    with HISTORY.open(encoding="utf-8", newline="") as file:
        rows = [
            (date.fromisoformat(row[0]), PROMISE.search(row[3]))
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row[2] == "privacy/index.md"
        ]
    return sorted((day, int(found[1])) for day, found in rows if found)


def verdict(year: int, purged_after: int) -> tuple[str, str, str | None]:
    """RET-01 of one account canceled on 1 June of a year: its reason, the last day, and the last day under today's policy."""
    connection = empty_store()
    rules = promises()
    for (since, days), (until, _) in zip(rules, [*rules[1:], (None, 0)], strict=True):
        connection.execute(
            "insert into retention_rules (retention_rule_id, store_id, data_class_id, owner_person_id, counts_from, basis_kind, basis, max_days, "
            "is_kept_while_active, control_ids, valid_from_at, valid_to_at) values (?, 'db', 'content', 'p', 'account_cancellation', 'policy', 'words', ?, false, ['RET-01'], ?, ?)",
            [f"r-{since}", days, since, until],
        )
    canceled = datetime(year, 6, 1, 12, tzinfo=UTC)
    connection.execute("insert into data_classes (data_class_id, name, kind, is_personal) values ('content', 'Content', 'account_content', true)")
    connection.execute(
        "insert into stores (store_id, name, is_in_purge_scope, data_class_ids, valid_from_at) values ('db', 'DB', true, ['content'], '2015-01-01')"
    )
    connection.execute(
        "insert into accounts (account_id, status, status_cause, valid_from_at, created_at) values ('acme', 'canceled', 'owner', ?, '2017-01-01')", [canceled]
    )
    connection.execute(
        "insert into purges (purge_id, store_id, account_id, reason, method, purged_at, rows_before, rows_remaining) values ('p', 'db', 'acme', 'account_canceled', 'erase', ?, 9, 0)",
        [canceled + timedelta(days=purged_after)],
    )
    since, until = datetime(year, 6, 1, tzinfo=UTC), datetime(year, 12, 1, tzinfo=UTC)
    [(_, *told)] = judged(connection, ("RET-01",), {}, since, until, until, "last_on", "newest_last_on")["RET-01"].values()
    return tuple(told)


@pytest.mark.skipif(not HISTORY.exists(), reason="needs ../shared/data/basecamp_policies, which this checkout lacks")
@pytest.mark.parametrize(
    ("year", "purged_after", "reason", "last_on", "newest_last_on"),
    [
        (2019, 45, "late", "2019-07-01", "2019-07-31"),  # "nothing is stored on our servers past 30 days"
        (2021, 45, "in_time", "2021-07-31", None),  # "your data are purged within 60 days"
        (2023, 45, "in_time", "2023-07-31", None),  # "purged from our systems in full within 60 days"
        (2019, 30, "in_time", "2019-07-01", "2019-07-31"),
        (2023, 61, "late", "2023-07-31", None),
    ],
)
def test_the_same_deletion_is_judged_by_the_words_of_its_year(year, purged_after, reason, last_on, newest_last_on):
    """The rule in force at the cancellation decides; where the newest differs, its last day stands beside."""
    assert verdict(year, purged_after) == (reason, last_on, newest_last_on)


@pytest.mark.skipif(not HISTORY.exists(), reason="needs ../shared/data/basecamp_policies, which this checkout lacks")
def test_the_history_has_the_three_promises():
    """30 days from 2018, 60 from 2020, 60 in full from 2022."""
    assert promises() == [(date(2018, 5, 14), 30), (date(2020, 4, 8), 60), (date(2022, 7, 8), 60)]
