"""The risk score of sign-ins equals the published formula, written down plainly."""

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from audit_lib import controls, sql, store

START = datetime(2026, 3, 1, tzinfo=UTC)
ADDRESSES = {  # address: autonomous system, operator, country
    "192.0.2.1": (64500, "One", "DE"),
    "192.0.2.2": (64500, "One", "DE"),
    "192.0.2.3": (None, "Two", "DE"),
    "198.51.100.1": (64501, None, "FR"),
    "198.51.100.2": (None, None, "FR"),
    "203.0.113.1": (None, None, None),
}
AGENTS = (
    None,
    "curl/8.5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/143.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/17.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/141.0",
)


def world(seed: int) -> list[tuple]:
    """A small random log, in order of arrival: (event_id, provider, action, outcome, user, time, address, agent)."""
    draw = random.Random(seed)
    rows = []
    for number in range(draw.randint(3, 60)):
        user = draw.choice(("ann", "ben", "cay", "dee", None)) if draw.random() < 0.9 else "eve"
        address = draw.choice([*list(ADDRESSES), "unlisted", None])
        at = START + timedelta(seconds=draw.randint(0, 40))  # ties are common
        is_other = draw.random() < 0.15
        rows.append(
            (f"e{number}", draw.choice(("product", "copy") if is_other else ("product", "bastion")), draw.choice(("sign_in", "sign_in", "sign_in", "request")),
             draw.choice(("success", "success", "success", "failure", "unknown")), user, at, address, draw.choice(AGENTS))
        )  # fmt: skip
    return rows


def address_levels(address: str) -> tuple[str, str, str]:
    """Address, network, country."""
    number, operator, country = ADDRESSES.get(address, (None, None, None))
    return address, f"AS{number}" if number else operator or country or "", country or ""


def agent_levels(agent: str | None) -> tuple[str, str, str]:
    """Agent, agent without version numbers, system."""
    agent = agent or ""
    system = re.search(r"\(([^;)]*)", agent)
    return agent, re.sub(r"[0-9][0-9._]*", "", agent), re.sub(r"[0-9][0-9._]*", "", system[1] if system else "")


def share_ratio(value: tuple, before: list[tuple], everybody: list[tuple], weights: tuple) -> float:
    """p(x) / p(x | user): the share in all sign-ins over the interpolated share in the user's own."""
    times = sum(one == value for one in everybody)
    own = weights[-1] * times / len(everybody)
    for level, weight in enumerate(weights[:-1]):
        in_own = sum(one[level] == value[level] for one in before) / len(before)
        within = times / sum(one[level] == value[level] for one in everybody)
        own += weight * in_own * within
    return times / len(everybody) / own


def risks(rows: list[tuple]) -> dict[str, float]:
    """The score of each sign-in from an address or with an agent new to its user, not the user's first: Freeman and others 2016, equation 7."""
    seen = [row for row in rows if row[1] != "copy" and row[2] == "sign_in" and row[3] == "success" and row[4] and row[6]]
    places, programs = [address_levels(row[6]) for row in seen], [agent_levels(row[7]) for row in seen]
    users = Counter(row[4] for row in seen)
    scores = {}
    for row, place, program in zip(seen, places, programs, strict=True):
        earlier = [index for index, other in enumerate(seen) if other[4] == row[4] and other[5] < row[5]]
        if not earlier or (place in [places[index] for index in earlier] and program in [programs[index] for index in earlier]):
            continue
        scores[row[0]] = (
            share_ratio(place, [places[index] for index in earlier], places, (0.594, 0.297, 0.099, 0.01))
            * share_ratio(program, [programs[index] for index in earlier], programs, (0.534, 0.265, 0.191, 0.01))
            * (1 / len(users)) / (len(earlier) / len(seen))
        )  # fmt: skip
    return scores


@pytest.fixture(scope="module")
def connection():
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set threads = 1")
    store.create(connection, store.read_tables(sql.roots()), flat=True)
    connection.executemany(
        "insert into addresses (address, address_form, autonomous_system, network_name, country, asset_ids) values (?, 'full', ?, ?, ?, [])",
        [(address, *facts) for address, facts in ADDRESSES.items()],
    )
    connection.execute("insert into stores (store_id, event_provider, log_role) values ('a', 'product', 'primary'), ('b', 'copy', 'copy'), ('c', null, 'copy')")
    return connection


def scored(connection, rows: list[tuple]) -> dict[str, float]:
    """What the definition gives for a log, by event."""
    connection.execute("begin")
    try:
        connection.executemany(
            "insert into access_events (event_id, event_provider, event_action, event_outcome, user_id, event_time, source_ip, user_agent) values (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        definitions = {name: sql.read_query(path) for name, path in sql.find(sql.roots(), "definitions").items()}
        controls.define(connection, definitions["sign_in_risk"].sql, definitions, set())
        found = connection.execute(definitions["sign_in_risk"].sql).fetchall()
        assert len({event for event, _, _ in found}) == len(found)
        return {event: risk for event, _, risk in found}
    finally:
        connection.execute("rollback")


def test_risk_equals_the_published_formula(connection):
    """On 40 random logs with ties in time, failures, copies and unknown networks, every score is the formula's to 1e-9."""
    compared = 0
    for seed in range(40):
        rows = world(seed)
        expected = risks(rows)
        found = scored(connection, rows)
        assert found.keys() == expected.keys(), seed
        assert found == pytest.approx(expected, rel=1e-9), seed
        compared += len(found)
    assert compared > 120


def test_risk_ranks_the_stranger_first(connection):
    """A new address in the usual network is less of a surprise than one in the usual country, and that less than one abroad."""
    log = [("product", "sign_in", "success")]
    usual = [(f"b{number}", *log[0], user, START + timedelta(days=number), "192.0.2.1", AGENTS[2]) for number, user in enumerate(["ann"] * 9 + ["ben"])]
    elsewhere = [(f"o{number}", *log[0], "cay", START + timedelta(days=number), address, AGENTS[2]) for number, address in enumerate(ADDRESSES)]
    later = START + timedelta(days=30)
    ranked = [
        next(risk for event, risk in scored(connection, [*usual, *elsewhere, ("new", *log[0], "ann", later, address, AGENTS[2])]).items() if event == "new")
        for address in ("192.0.2.2", "192.0.2.3", "198.51.100.1")
    ]
    assert ranked == sorted(ranked) and len(set(ranked)) == 3
