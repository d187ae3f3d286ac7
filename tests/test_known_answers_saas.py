"""Formats of SaaS audit logs and of metadata against the answers that the samples' own sources give, in ../shared/data.

One project holds a copy of each file; it is loaded once. What a file of another maker should give is read here again, in
Python and by other means, or is stated in the folder's SOURCE.md.
"""

import csv
import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit_lib import formats, load, records, sql, store
from audit_lib.project import read_project

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here: the answers of others can't be compared")

PANTHER = "staff_saas_audit_panther/"
# file in the data folder: source where it can't be recognised (most of it is another thing)
LOGS = {
    PANTHER + "okta.jsonl": None,
    PANTHER + "microsoft.jsonl": None,
    PANTHER + "gsuite_activityevent.jsonl": None,
    PANTHER + "gsuite_reports.jsonl": None,
    PANTHER + "github.jsonl": "github_audit_log",  # more than half are webhooks
    PANTHER + "auth0.jsonl": None,
    PANTHER + "onepassword.jsonl": None,
    PANTHER + "gravitational_teleport.jsonl": None,
    PANTHER + "slack.jsonl": None,
    PANTHER + "zendesk.jsonl": None,
    "staff_console1984/session-123.json": None,
    "staff_console1984/sessions.json": None,
    "staff_google_access/access_transparency_log_entry.json": None,
    "msticpy_logons/aad_logons.csv": None,
    "cloudtrail_opensearch/samples-large.json": None,
}
RDS = ("age", "automated", "consecutive", "latest", "region-copy-many", "tags", "access")
TABLES = (
    [f"backups_aws_custodian/rds.describe-db-snapshots.{name}.json" for name in RDS]
    + [f"backups_aws_custodian/rds.describe-db-cluster-snapshots.{name}.json" for name in ("consecutive", "list", "shared")]
    + [f"backups_aws_custodian/ec2.describe-snapshots.{name}.json" for name in ("cross-account", "encrypted", "instance", "unused")]
    + [f"backups_aws_custodian/backup.list-recovery-points-by-resource.{name}.json" for name in
       ("dynamodb-daily", "dynamodb-hourly", "dynamodb-weekly", "rds-daily-1", "rds-daily-2", "timestream")]
    + [f"retention_aws_custodian/logs.describe-log-groups.{name}.json" for name in ("seven", "before", "after-set-14-days", "page-1", "page-2", "delete-before", "delete-after")]
    + [f"retention_aws_custodian/s3api.get-bucket-lifecycle-configuration.{name}.json" for name in ("none", "last", "noncurrent", "one-rule", "two-rules")]
    + [f"people_iam_custodian/credential_report_{name}.csv" for name in ("2016-11-25", "2017-02-22", "2018-12-02")]
    + [f"people_scim_rfc/{name}.json" for name in ("rfc7643-8.3-enterprise_user", "rfc7644-3.4.2-list_response-partial_attributes")]
    + [f"subscriptions_stripe/fivetran/{name}.csv" for name in ("subscription_data", "subscription_history_data")]
    + ["tickets_zendesk_fivetran/ticket_data.csv", "dsr_fides/privacy-requests.list.json", "dsr_fides/privacy-requests.with-logs.json"]
    + [f"tls_scans_testssl_run/{name}.example.test.json" for name in ("app", "legacy")]
    + ["cookie_scan_edps/inspection.json"]
    + [f"backups_selfhosted_run/restic/restic-snapshots-{name}.json" for name in ("before", "after")]
    + [f"backups_selfhosted_run/borg/borg-list-{name}.json" for name in ("before", "after")]
    + [f"backups_selfhosted_run/pgbackrest/info-2026-06-{day}.json" for day in ("07", "30")]
)  # fmt: skip


def part_of(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    """A store with all files, each as a part of its own."""
    folder = tmp_path_factory.mktemp("saas")
    (folder / "inputs").mkdir()
    rules = ['[company]\nname = "X"\n']

    def put(path: Path, name: str, source: str | list[str] | None = None, part: str | None = None) -> None:
        (folder / "inputs" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / "inputs" / name)
        rule(name, source, part or part_of(name))

    def rule(files: str, source: str | list[str] | None, part: str) -> None:
        rules.append(
            f'[[inputs]]\nfiles = "inputs/{files}"\nprovider = "{part}"\ntime_zone = "UTC"\nextracted_at = 2026-11-24T12:00:00Z\n'
            + f"source = {json.dumps(source)}\n" * bool(source)
        )

    for name, source in LOGS.items():
        put(DATA / name, name.rsplit("/", 1)[-1], source)
    for name in TABLES:
        put(DATA / name, name.rsplit("/", 1)[-1])
    put(DATA / "purge_jobs_rails_run/sidekiq.log", "worker.log", ["sidekiq_purges", "sidekiq_job_runs"])  # one file, two tables
    events = sorted((DATA / "subscriptions_stripe/events").glob("*.json"))
    (folder / "inputs/stripe.json").write_bytes(b"\n".join(path.read_bytes() for path in events))
    rule("stripe.json", None, "stripe")
    with (DATA / "incidents_devlake/pagerduty/raw_tables/_raw_pagerduty_incidents.csv").open() as file:
        csv.field_size_limit(1 << 24)
        (folder / "inputs/pagerduty.json").write_text(json.dumps({"incidents": [json.loads(row["data"]) for row in csv.DictReader(file)], "more": False}))
    rule("pagerduty.json", None, "pagerduty")
    trail = [json.loads(text) for text in cloudtrail_texts()]
    (folder / "inputs/trail.jsonl").write_text("".join(json.dumps(event) + "\n" for event in trail))
    rule("trail.jsonl", None, "trail_lines")
    for number in range(4):
        path = folder / f"inputs/AWSLogs/123/CloudTrail/us-east-1/2021/12/0{number + 1}/123_CloudTrail_{number}.json.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": trail[number::4]}).encode()))
    rule("AWSLogs/**/*.json.gz", None, "trail_folder")
    (folder / "audit.toml").write_text("\n".join(rules))
    load.load(read_project(folder))
    connection = store.open_store(folder / "store.duckdb")
    yield connection
    connection.close()


def cloudtrail_texts() -> list[str]:
    with (DATA / "cloudtrail_opensearch/samples-large.json").open("rb") as file:
        return [text for text, fault in records.values(iter(lambda: file.read(1 << 20), b"")) if not fault]


def rows(connection, statement: str) -> list[tuple]:
    return connection.execute(statement).fetchall()


def counts(connection, part: str) -> tuple[int, ...]:
    """Read, loaded, duplicate, ignored and quarantined records of a part."""
    return rows(
        connection, f"select rows_read, rows_loaded, rows_duplicate, rows_ignored, rows_quarantined from loads where part = '{part}' order by file_name"
    )[0]


def test_every_record_of_every_file_is_accounted_for(connection):
    found = rows(
        connection,
        "select file_name, rows_read, rows_loaded + rows_duplicate + rows_ignored + rows_quarantined from loads where rows_read <> rows_loaded + rows_duplicate + rows_ignored + rows_quarantined",
    )
    assert found == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("okta", (95, 50, 3, 42)),  # 26 are sums of another table, 12 were cut and have no time, 4 a redacted one
        ("microsoft", (25, 19, 0, 6)),  # 6 are of other logs
        ("gsuite_activityevent", (137, 64, 26, 47)),  # 26 deliver mail or change calendars; 40 have no time, 7 no name
        ("gsuite_reports", (20, 4, 0, 16)),
        ("github", (177, 69, 0, 108)),  # 104 are webhooks or have no time, 4 a time with five digits of a second
        ("auth0", (57, 56, 1, 0)),  # one tells of a message sent
        ("onepassword", (6, 6, 0, 0)),
        ("gravitational_teleport", (26, 25, 0, 1)),  # one has a second of three digits
        ("slack", (66, 33, 1, 32)),  # one is Slack's own anomaly
        ("zendesk", (18, 18, 0, 0)),
    ],
)
def test_counts_of_the_saas_logs(connection, part, expected):
    """What has no time, since the fixtures were cut, or is another kind of thing, is quarantined; no event is lost."""
    read, loaded, duplicate, ignored, quarantined = counts(connection, part)
    assert (read, loaded + duplicate, ignored, quarantined) == expected


def read_moment(word) -> datetime | None:
    """A moment as these systems write it, read by Python; None for what is none."""
    if isinstance(word, int | float):
        return datetime.fromtimestamp(word / (1000 if word > 1e11 else 1), UTC)
    try:
        moment = datetime.fromisoformat(word.replace(" ", "T")[:26].rstrip("Z")) if word else None
    except ValueError:
        return None
    return moment and moment.replace(tzinfo=UTC)


def low(event: dict) -> dict:
    return {key.lower(): value for key, value in event.items()}


# What time, login and address an event has, read by other means than the formats do.
READERS = {
    "okta": lambda e: (e.get("published"), (e.get("actor") or {}).get("alternateId"), (e.get("client") or {}).get("ipAddress")),
    "microsoft": lambda e: (low(e).get("creationtime"), low(e).get("userid"), low(e).get("clientip") or low(e).get("actoripaddress")),
    "gsuite_activityevent": lambda e: ((e.get("id") or {}).get("time"), (e.get("actor") or {}).get("email"), e.get("ipAddress")),
    "github": lambda e: (e.get("@timestamp") or e.get("created_at"), e.get("actor"), e.get("actor_ip")),
    "auth0": lambda e: (e["data"].get("date"), e["data"].get("user_id") or e["data"].get("user_name"), e["data"].get("ip")),
    "onepassword": lambda e: (e.get("timestamp"), (e.get("target_user") or e.get("user"))["email"], e["client"]["ip_address"]),
    "gravitational_teleport": lambda e: (e.get("time"), e.get("user"), e.get("addr.remote") or e.get("addr_remote")),
    "slack": lambda e: (e.get("date_create"), ((e.get("actor") or {}).get("user") or {}).get("email"), (e.get("context") or {}).get("ip_address")),
    "zendesk": lambda e: (e.get("created_at"), str(e.get("actor_id")), e.get("ip_address")),
}


@pytest.mark.parametrize("part", READERS)
def test_time_user_and_address_of_each_event_are_those_of_its_line(connection, part):
    """No event that was loaded differs in any of the three from a plain reading of its line."""
    events = [json.loads(line) for line in (DATA / PANTHER / f"{part}.jsonl").read_text().splitlines()]
    for line, moment, user, address in rows(
        connection, f"select line, event_time::varchar, user_id, source_ip from access_events where event_provider = '{part}'"
    ):
        told_at, login, source = READERS[part](events[line - 1])
        source = source and (source[1:].split("]")[0] if source.startswith("[") else source.split(":")[0] if source.count(":") == 1 else source)
        login = None if login == "unknown" else login
        assert (datetime.fromisoformat(moment), (user or "").lower(), address) == (read_moment(told_at), (login or "").lower(), source or None), f"line {line}"


@pytest.mark.parametrize(
    ("part", "line", "action"),
    [
        ("okta", 1, "right_grant"),  # vendor_support_access, matched: support may impersonate
        ("okta", 28, "right_grant"),  # role_grant, matched
        ("okta", 44, "view_secret"),  # secret_access, matched
        ("okta", 67, "password_reset"),  # vendor_support_access, matched
        ("gsuite_activityevent", 114, "export"),  # bulk_export, matched
        ("gsuite_activityevent", 115, "export"),  # bulk_export, matched
        ("gsuite_activityevent", 116, "change_settings"),  # not matched
        ("gravitational_teleport", 17, "run_command"),  # session of root
    ],
)
def test_actions_where_a_detection_says_what_happened(connection, part, line, action):
    """EXPECTED.csv: what another engine's rule saw in the event."""
    assert rows(connection, f"select distinct event_action from access_events where event_provider = '{part}' and line = {line}") in ([(action,)], [])
    assert rows(connection, f"select count(*) from access_events where event_provider = '{part}' and event_action = '{action}'")[0][0] > 0


def test_console_sessions(connection):
    """Session 123 names its ticket and had one sensitive batch; 124 was not sensitive."""
    found = rows(connection, "select event_id, user_id, event_action, event_reason from access_events where event_provider = 'session-123' order by event_id")
    assert found == [
        ("session/123", "alice", "run_query", "Investigating support ticket #456"),
        ("session/123/2", "alice", "view_content", "Need to check payment details"),
    ]
    listed = rows(connection, "select event_id, event_action, event_time::varchar from access_events where event_provider = 'sessions' order by event_id")
    assert listed == [
        ("session/123", "run_query", "2024-01-15 10:30:00+00"),
        ("session/123/sensitive", "view_content", "2024-01-15 10:30:00+00"),
        ("session/124", "run_query", "2024-01-14 10:30:00+00"),
    ]


def test_google_staff_access(connection):
    found = rows(
        connection,
        "select event_time::varchar, user_kind, event_action, grant_id, event_reason from access_events where event_provider = 'access_transparency_log_entry'",
    )
    assert found == [
        (
            "2017-12-18 16:06:24.660001+00",
            "subprocessor",
            "view_content",
            "projects/123/approvalRequests/abcdef12345",
            "CUSTOMER_INITIATED_SUPPORT: Case number: bar123",
        )
    ]


def test_entra_sign_ins(connection):
    """86 rows, 84 ok and 2 failed, from 6 addresses; an id that occurs again is the same sign-in."""
    read, loaded, duplicate, ignored, quarantined = counts(connection, "aad_logons")
    assert (read, loaded + duplicate, ignored, quarantined) == (86, 86, 0, 0)
    with (DATA / "msticpy_logons/aad_logons.csv").open() as file:
        frame = list(csv.DictReader(file))
    assert loaded == len({row["Id"] for row in frame})
    first = {row["Id"]: row for row in reversed(frame)}
    expected = sorted(
        (row["Id"], row["CreatedDateTime"], row["UserPrincipalName"].lower(), row["IPAddress"], "success" if row["ResultType"] == "0" else "failure")
        for row in first.values()
    )
    found = rows(
        connection,
        "select event_id, strftime(event_time, '%Y-%m-%d %H:%M:%S'), user_id, source_ip, event_outcome from access_events where event_provider = 'aad_logons' order by event_id",
    )
    assert found == expected
    assert rows(connection, "select count(distinct source_ip) from access_events where event_provider = 'aad_logons'") == [(6,)]


def test_cloudtrail_in_every_wrapper(connection):
    """840 events one after the other, of which one lacks two brackets; the others one a line, and in a folder of packed objects.

    In the file as it stands, two brackets are closed that were not opened, and the 51st record's are missing: both are quarantined.
    """
    assert counts(connection, "samples-large") == (841, 839, 0, 0, 2)
    assert rows(
        connection,
        "select quarantine.line, reason, contains(text, 'eventID') from quarantine join loads using (load_id) where part = 'samples-large' order by quarantine.line",
    ) == [
        (3, "is not JSON: a bracket is closed that was not opened", False),
        (51, "is not JSON: Expecting property name enclosed in double quotes, at character 2309 of the record (text shortened to 2,000 characters)", True),
    ]
    (known,) = [one for one in formats.read_differences(sql.roots())[1] if one.answers == "cloudtrail_opensearch"]
    quarantined = "select reason from quarantine join loads using (load_id) where part = 'samples-large' and quarantine.line = 51"
    assert (known.numbers(), known.fate, [(known.ours,)]) == ([51], "quarantined", rows(connection, quarantined))
    assert counts(connection, "trail_lines") == (839, 839, 0, 0, 0)
    assert rows(connection, "select sum(rows_read), sum(rows_loaded), count(*) from loads where part = 'trail_folder'") == [(839, 839, 4)]
    names = ", ".join(
        name
        for (name,) in rows(
            connection, "select column_name from (describe access_events) where column_name not in ('load_id', 'line', 'origin', 'event_provider')"
        )
    )
    for other in ("trail_lines", "trail_folder"):
        assert rows(
            connection,
            f"select count(*) from (select {names} from access_events where event_provider = 'samples-large' except select {names} from access_events where event_provider = '{other}')",
        ) == [(0,)]
    assert rows(
        connection,
        "select count(distinct event_id), count(*) filter (where event_action = 'sign_in'), min(event_time)::varchar, max(event_time)::varchar from access_events where event_provider = 'samples-large'",
    ) == [(839, 0, "2021-12-02 22:11:17+00", "2021-12-02 22:16:30+00")]
    events = [json.loads(text) for text in cloudtrail_texts()]
    names_of = [event["aws"]["cloudtrail"]["eventName"] if "aws" in event else event["eventName"] for event in events]
    assert names_of.count("AssumeRole") == 65


def test_aws_backups(connection):
    """26 RDS, 8 cluster and 8 + 3 pending EBS snapshots, 27 recovery points, 2022-08-21 to 08-31 one a day."""
    found = dict(rows(connection, "select format, sum(events_loaded) from loads where table_name = 'backups' group by format"))
    assert (found["aws_rds_snapshots"], found["aws_ebs_snapshots"], found["aws_recovery_points"]) == (26 + 8, 8, 27)
    assert rows(connection, "select sum(rows_ignored) from loads where format = 'aws_ebs_snapshots'") == [(3,)]
    days = rows(
        connection,
        "select count(distinct taken_at::date), min(taken_at::date)::varchar, max(taken_at::date)::varchar from history.backups join loads using (load_id) where part like '%dynamodb-weekly'",
    )
    assert days == [(11, "2022-08-21", "2022-08-31")]
    assert rows(
        connection,
        "select bool_and(kind = 'scheduled') from history.backups join loads using (load_id) where format = 'aws_rds_snapshots' and contains(backup_id, 'snapshot:rds:')",
    ) == [(True,)]


def test_aws_retention(connection):
    """No retentionInDays is for ever; rules that only move to GLACIER delete nothing; a bucket without rules keeps for ever."""
    days = "select list(max_days order by max_days nulls last) from history.retention_rules join loads using (load_id) where part like '%log-groups.{}'"
    assert rows(connection, days.format("seven")) == [([14, 14, 90, None, None, None, None],)]
    assert rows(connection, days.format("before")) == [([None] * 3,)]
    assert rows(connection, days.format("after-set-14-days")) == [([14],)]
    assert rows(connection, "select count(*) from history.retention_rules join loads using (load_id) where part like '%log-groups.page-_'") == [(11,)]
    assert [counts(connection, f"logs.describe-log-groups.delete-{when}")[:2] for when in ("before", "after")] == [(3, 3), (0, 0)]
    found = rows(
        connection,
        "select split(part, '.')[-1], counts_from, max_days from history.retention_rules join loads using (load_id) where format = 'aws_bucket_lifecycle'",
    )
    assert sorted(found, key=str) == [
        ("last", "creation", None), ("noncurrent", "creation", None), ("noncurrent", "trashing", 14), ("none", "creation", None),
        ("one-rule", "creation", None), ("two-rules", "creation", None), ("two-rules", "creation", None),
    ]  # fmt: skip


def test_credential_reports(connection):
    """21 + 8 + 1 users, of which user-05 stands twice; a user without a password that has a key is a service."""
    assert [counts(connection, f"credential_report_{day}")[:3] for day in ("2016-11-25", "2017-02-22", "2018-12-02")] == [(8, 8, 0), (21, 20, 1), (1, 1, 0)]
    with (DATA / "people_iam_custodian/credential_report_2017-02-22.csv").open() as file:
        report = list(csv.DictReader(file))
    services = {
        row["arn"]
        for row in report
        if row["password_enabled"] == "false" and "true" in (row["access_key_1_active"], row["access_key_2_active"], row["cert_1_active"], row["cert_2_active"])
    }
    found = rows(connection, "select person_id, kind from history.people join loads using (load_id) where part = 'credential_report_2017-02-22'")
    assert {person for person, kind in found if kind == "service"} == services
    assert [person for person, kind in found if kind == "shared"] == ["arn:aws:iam::644160558196:root"]


def test_scim(connection):
    found = rows(
        connection,
        "select person_id, user_ids, job_title, time_zone, kind from history.people join loads using (load_id) where format = 'scim_users' and part like '%enterprise_user'",
    )
    assert found == [("2819c223-7f76-453a-919d-413861904646", ["bjensen@example.com"], "Tour Guide", "America/Los_Angeles", "staff")]
    assert rows(connection, "select count(*), count(kind) from history.people join loads using (load_id) where part like '%partial_attributes'") == [(2, 0)]


def test_stripe(connection):
    """Canceled as of ended_at; ended and yet active contradicts itself: no status; a superseded row is ignored."""
    found = rows(
        connection,
        "select account_id, status, valid_from_at::varchar from history.accounts join loads using (load_id) where part = 'stripe' and status = 'canceled'",
    )
    assert found == [("cus_00000000000000", "canceled", "2022-03-26 18:41:37+00")]
    assert counts(connection, "stripe")[0] == 11
    assert rows(connection, "select count(*), count(status) from history.accounts join loads using (load_id) where part = 'subscription_data'") == [(2, 0)]
    assert counts(connection, "subscription_history_data") == (2, 1, 0, 1, 0)


def test_tickets(connection):
    """10 tickets: 7 closed, 2 deleted, 1 solved; from 2020-02-13 21:43:58 to 2020-12-22 00:19:23."""
    found = rows(
        connection,
        "select count(*), count(closed_at), min(opened_at)::varchar, max(opened_at)::varchar from history.cases join loads using (load_id) where part = 'ticket_data'",
    )
    assert found == [(10, 7, "2020-02-13 21:43:58+00", "2020-12-22 00:19:23+00")]


def test_incidents(connection):
    """One of three is resolved, at 06:51:44; the normalised tables of another tool have the same moments."""
    with (DATA / "incidents_devlake/pagerduty/snapshot_tables/issues.csv").open() as file:
        expected = sorted(
            (read_moment(row["created_date"][:19]), read_moment(row["resolution_date"][:19])) for row in csv.DictReader(file) if row["status"] == "DONE"
        )
    found = rows(
        connection,
        "select opened_at::varchar, closed_at::varchar from history.cases join loads using (load_id) where part = 'pagerduty' and closed_at is not null",
    )
    assert (
        [tuple(map(datetime.fromisoformat, row)) for row in found]
        == expected
        == [(datetime(2022, 11, 3, 6, 45, 36, tzinfo=UTC), datetime(2022, 11, 3, 6, 51, 44, tzinfo=UTC))]
    )


def test_privacy_requests(connection):
    """9 requests: 5 pending, 3 complete, 1 error; all access. The erasure that failed in one store is open."""
    found = rows(
        connection,
        "select kind, outcome, count(*) from history.privacy_requests join loads using (load_id) where part = 'privacy-requests.list' group by all order by all",
    )
    assert found == [("access", "fulfilled", 3), ("access", None, 6)]
    found = rows(
        connection,
        "select kind, outcome, verified_at::varchar from history.privacy_requests join loads using (load_id) where part = 'privacy-requests.with-logs'",
    )
    assert [(kind, outcome, verified[:19]) for kind, outcome, verified in found] == [("delete", None, "2025-04-07 17:46:42")]


def test_tls_scans(connection):
    found = rows(
        connection,
        "select target, port, tls_versions, is_certificate_valid, has_hsts, certificate_expires_at::varchar from history.public_checks order by target",
    )
    assert found == [
        ("app.example.test", 8443, ["TLSv1.2", "TLSv1.3"], True, True, "2027-02-22 08:24:00+00"),
        ("legacy.example.test", 9443, ["TLSv1.0", "TLSv1.1", "TLSv1.2"], False, False, "2026-02-09 00:00:00+00"),
    ]
    assert [counts(connection, f"{name}.example.test")[0] for name in ("app", "legacy")] == [73, 70]


def test_cookies(connection):
    """6 cookies; two of 180 days and one of 243.5 days; the last has no httpOnly and no secure; Do Not Track was not sent."""
    found = rows(
        connection,
        "select cookie_name, round(max_age_seconds / 86400.0, 1)::varchar, is_http_only, is_secure, is_do_not_track_sent from history.cookie_scans order by all",
    )
    assert found == [
        ("PREF", "243.5", None, None, False), ("VISITOR_INFO1_LIVE", "180.0", True, True, False), ("VISITOR_PRIVACY_METADATA", "180.0", True, True, False),
        ("YSC", None, True, True, False), ("foo", None, False, False, False), ("foo2", None, False, False, False),
    ]  # fmt: skip


def test_selfhosted_backups(connection):
    """restic 70 then 35, borg 73 then 32, pgBackRest 36 then 29; how many are older than 30 days at 2026-06-30 12:00."""

    def of(part: str, what: str = "count(*)") -> list[tuple]:
        return rows(connection, f"select {what} from history.backups join loads using (load_id) where part = '{part}'")

    assert [of(f"restic-snapshots-{when}") for when in ("before", "after")] == [[(70,)], [(35,)]]
    assert [of(f"borg-list-{when}") for when in ("before", "after")] == [[(73,)], [(32,)]]
    assert [of(f"info-2026-06-{day}") for day in ("07", "30")] == [[(36,)], [(29,)]]
    old = "list(taken_at::date::varchar order by taken_at) filter (where taken_at < timestamptz '2026-06-30 12:00Z' - interval 30 days)"
    assert of("restic-snapshots-after", old) == [(["2026-05-12", "2026-05-20", "2026-05-31"],)]
    assert of("borg-list-after", "count(*) filter (where taken_at < timestamptz '2026-06-30 12:00Z' - interval 30 days)") == [(1,)]
    assert of("info-2026-06-07", "date_diff('day', min(taken_at), timestamptz '2026-06-07 12:00Z')") == [(35,)]
    assert of("info-2026-06-30", "count(*) filter (where base_backup_id is null)")[0][0] > 0


def test_purge_jobs(connection):
    """ANSWERS.csv, account by account and store by store: rows before and left, moment; 48 purges, 21,802 rows before."""
    with (DATA / "purge_jobs_rails_run/ANSWERS.csv").open() as file:
        answers = list(csv.DictReader(file))
    expected = sorted(
        (row["account_id"], row["store"], int(row["rows_before"]), int(row["rows_remaining"]), read_moment(row["purged_at"]))
        for row in answers
        if row["purged_at"]
    )
    found = rows(connection, "select account_id, store_id, rows_before, rows_remaining, purged_at::varchar from history.purges order by all")
    assert [(*row[:4], datetime.fromisoformat(row[4])) for row in found] == expected
    assert (len(found), sum(row[2] for row in found), sum(row[2] - row[3] for row in found)) == (48, 21_802, 21_799)
    last = rows(connection, "select split(job_run_id, '/')[1], arg_max(status, started_at), count(*) from history.job_runs group by 1")
    outcomes = {jid: (status, attempts) for jid, status, attempts in last}
    words = {"purged": "ok", "purged_on_retry": "ok", "purged_incomplete": "partial", "dead_after_3_attempts": "failed", "started_never_ended": None}
    assert outcomes == {row["jid"]: (words[row["outcome"]], int(row["attempts"])) for row in answers}
    assert rows(connection, "select count(distinct started_at::date) from history.job_runs where started_at::date = date '2026-06-28'") == [(0,)]
