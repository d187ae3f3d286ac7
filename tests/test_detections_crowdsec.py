"""CrowdSec's alerts on the logs of its hub: those on sign-ins agree with our detections, or the difference has a reason that the data shows.

CrowdSec's brute-force scenarios fill a leaky bucket of 5 that loses one event every 10 seconds, by address; the scenarios on
users count distinct ones. So more than 5 in at most a minute: six users for DET-03, six failures before a sign-in for DET-01.
The hub's scenarios on slow guessing (10 in a bucket, 60 seconds), impossible travel (1,000 km, 3 hours) and sign-ins out of
hours have no log with alerts in ../shared; DET-01 and DET-02, DET-09 take their numbers as parameters.
"""

import itertools
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from audit_lib import controls, sql, store
from audit_lib.project import Setting

HUB = Path(__file__).parents[2] / "shared" / "data" / "crowdsec_hub"
pytestmark = pytest.mark.skipif(not HUB.exists(), reason="needs ../shared/data/crowdsec_hub, which this checkout lacks")

PARAMETERS = {"guess_failures": 6, "guess_minutes": 1, "spray_users": 6, "spray_minutes": 1, "spray_tries": 3}
SINCE, UNTIL = datetime(2021, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
NO_SIGN_IN = {  # scenarios that match no detection of ours, with the reason
    "crowdsecurity/http-probing": "Paths that are not there: no sign-in, and no account is reached",
    "crowdsecurity/http-sensitive-files": "Paths of secrets that are not there: no sign-in, and no account is reached",
    "crowdsecurity/http-path-traversal-probing": "Paths that leave their folder: no sign-in, and no account is reached",
    "crowdsecurity/http-bad-user-agent": "A client by the name of a scanner: no fact about an account",
    "crowdsecurity/nginx-req-limit-exceeded": "Too many requests: load, not access",
    "crowdsecurity/http-generic-bf": "Web servers' own passwords: their error log is no source of ours, and names no account",
    "LePresidente/http-generic-401-bf": "Answers 401 of a web server: requests without a login, so nobody's sign-in",
    "crowdsecurity/ssh-generic-test": "A connection that CrowdSec makes to test itself",
    "crowdsecurity/ssh-refused-conn": "A connection refused before any login was named",
    "crowdsecurity/ssh-cve-2024-6387": "A time-out before any login was named: an attack on the program, not on a login",
    "lepresidente/ssh-bad-keyexchange-bf": "A key exchange that failed before any login was named",
    "crowdsecurity/nextcloud-bf_domain_error": "A host name that the server does not serve: no sign-in",
}
NO_LOGIN_NAMED = {  # alerts on sign-ins whose log names no login, so that no user's sign-in can be told
    ("grafana-bf", "LePresidente/grafana-bf"), ("nextcloud-bf", "crowdsecurity/nextcloud-bf"), ("sshd_banner_exchange", "crowdsecurity/ssh-bf"),
    ("gitlab-bf", "timokoessler/gitlab-bf"),
}  # fmt: skip
CLOCK_JUMPS = {
    ("gitea-bf", "2.2.2.2")
}  # in the middle of the six failures the log's clock goes back an hour: CrowdSec counts in order of lines, we in order of time
USER = re.compile(
    r"""by user '([^']+)'|username input '([^']+)'|attempt for (\S+) from|"login":"([^"]+)"|"username","value":"([^"]+)"|Login failed: (\S+) \("""
    r"""|Username: (\S+?)\.?$|username=([^,]+)|Invalid user (\S+) from|authenticating user (\S+) """
)
ADDRESS = re.compile(
    r"""[^.]remote_ip"?[=:]"?([0-9a-f.:]+)|from \[?([0-9a-f:.]+?)\]?:\d+: |ipAddress=([\d.]+)|remoteAddr":"([^"]+)|IP: ([0-9a-f:.]+?)\.?(?: |$)"""
    r"""|from ([\d.]+) port|user \S+ ([\d.]+) port|remote_addr"?[=:]"?([\d.]+)"""
)
FULL_TIME = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)")
SHORT_TIME = re.compile(r"^(\w{3} +\d+ \d\d:\d\d:\d\d)")


def first(pattern, line):
    found = pattern.search(line)
    return found and next((group for group in found.groups() if group), None)


def moment(line):
    if found := FULL_TIME.search(line):
        return datetime(*map(int, found.groups()), tzinfo=UTC)
    return datetime.strptime(f"2026 {SHORT_TIME.match(line)[1]}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)


def attempts(test, file):
    """The failed attempts of a log: test, time, user, address, and what failed."""
    for line in (HUB / test / file).read_text("utf-8").splitlines():
        address = first(ADDRESS, line)
        if address:
            is_factor = re.search(r"secondfactor|two_factor|otp_attempt", line)
            yield test, moment(line), first(USER, line), address, "second_factor" if is_factor else "sign_in"


@pytest.fixture(scope="module")
def expected():
    """Test, file, scenario and address of each alert on sign-ins."""
    told = json.loads((HUB / "EXPECTED.json").read_text("utf-8"))
    alerts = [(one["test"], one["log_file"], alert["scenario"], alert["sources"][0]) for one in told for alert in one["alerts"]]
    assert {scenario for _, _, scenario, _ in alerts} >= set(NO_SIGN_IN), "a scenario of the list raises no alert"
    assert not [scenario for _, _, scenario, _ in alerts if re.search("slow|travel|hours", scenario)]
    return [alert for alert in alerts if alert[2] not in NO_SIGN_IN]


@pytest.fixture(scope="module")
def rows(expected):
    files = {(test, file) for test, file, _, _ in expected}
    return [row for test, file in sorted(files) for row in attempts(test, file)]


def found(control, rows, outcome="failure"):
    """Items of a control with the scenarios' thresholds: outcome and reason by test and item."""
    folders, answers = sql.roots(), {}
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set threads = 1")
    store.create(connection, store.read_tables(folders), flat=True)
    known = sql.read_control(sql.find(folders, "controls")[control])
    given = {name: Setting(value, "test", None) for name, value in PARAMETERS.items() if name in known.parameters}
    controls.bind(connection, controls.parameter_values({control: known}, given), SINCE, UNTIL, UNTIL)
    definitions = {name: sql.read_query(path) for name, path in sql.find(folders, "definitions").items()}
    for test in sorted({row[0] for row in rows}):
        connection.execute("delete from access_events")
        for number, (_, at, user, address, action, *said) in enumerate((row for row in rows if row[0] == test), 1):
            connection.execute(
                "insert into access_events (event_id, load_id, line, event_time, event_sequence, event_dataset, event_provider, event_action, event_outcome, "
                "user_kind, user_id, source_ip) values (?, 'l', ?, ?, ?, 'auth', ?, ?, ?, 'staff', ?, ?)",
                [f"{test}-{number}", number, at, number, test, action, (said or [outcome])[0], user, address],
            )
        made: set[str] = set()
        controls.start(connection)
        controls.run(connection, known, definitions, made)
        for name in made:
            connection.execute(f"drop table temp.{name}")
        answers |= {(test, item): (kind, reason) for item, kind, reason in connection.execute("select item, outcome, reason from outcomes").fetchall()}
    return answers


def sprayed(rows):
    """Test and address of each item that DET-03 gives as a lead."""
    return {(test, item.rsplit(" / ", 1)[0]) for (test, item), (outcome, _) in found("DET-03", rows).items() if outcome == "manual"}


def test_alerts_on_many_users_agree(expected, rows):
    """Each alert on an address that names more than five users is a lead of DET-03; each lead of DET-03 is an alert on the address."""
    alerts = {(test, address) for test, _, scenario, address in expected if re.search("user[-_]enum", scenario)}
    leads = sprayed(rows)
    assert len(alerts) == 11
    assert alerts - leads == CLOCK_JUMPS
    for test, address in CLOCK_JUMPS:
        times = [at for name, at, _, source, _ in rows if (name, source) == (test, address)]
        assert max(one - other for one, other in itertools.pairwise(times)) > timedelta(minutes=50)
    assert leads <= {(test, address) for test, _, _, address in expected}


def test_each_other_alert_agrees_or_has_its_reason(expected, rows):
    """More than five failures from an address: a lead of DET-03 if the users are many; else nobody got in, or the log names too few logins, or a second factor failed.

    Where a sign-in had followed the failures of one user, DET-01 would have said so.
    """
    leads, reasons, followed = sprayed(rows), {}, []
    for test, _, scenario, address in expected:
        own = [row for row in rows if row[0] == test and row[3] == address]
        if (test, address) in leads:
            reasons[test, scenario, address] = "agrees: many users, DET-03"
        elif (test, address) in CLOCK_JUMPS:
            reasons[test, scenario, address] = "the log's clock goes back an hour in between"
        elif sum(row[4] == "second_factor" for row in own) >= 6:
            reasons[test, scenario, address] = "failed second factors are no failed sign-ins"
        elif sum(bool(row[2]) for row in own) < 6:
            assert (test, scenario) in NO_LOGIN_NAMED or scenario == "Dominic-Wagner/vaultwarden-bf", (test, scenario, address)
            reasons[test, scenario, address] = "fewer than six attempts name a login"
        else:
            user = max({row[2] for row in own if row[2]}, key=[row[2] for row in own].count)
            followed += [row for row in own if row[2] == user]
            followed.append((test, max(row[1] for row in own) + timedelta(seconds=1), user, address, "sign_in", "success"))
            reasons[test, scenario, address] = "few users, and no sign-in followed: nobody got in"
    assert len(reasons) == len({alert[:1] + alert[2:] for alert in expected})
    guessed = {(test, item.rsplit(" / ", 1)[0]) for (test, item), (_, reason) in found("DET-01", followed).items() if reason == "after_guesses"}
    assert {(row[0], row[2]) for row in followed} <= guessed
    assert "after_guesses" not in {reason for _, reason in found("DET-01", rows).values()}
    counted = Counter(reasons.values())
    assert counted == {
        "agrees: many users, DET-03": 19,
        "few users, and no sign-in followed: nobody got in": 15,
        "failed second factors are no failed sign-ins": 12,
        "fewer than six attempts name a login": 10,
        "the log's clock goes back an hour in between": 2,
    }
