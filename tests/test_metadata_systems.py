"""Retention and process metadata of real systems: each loads from its own files in ../shared/data as they are, without hand work.

audit.toml names the files where they lie; nothing is copied, renamed or cut. How many rows a file should give is read here
again with Python's own readers.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit_lib import load, store
from audit_lib.project import read_project

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def listed(*names: str) -> Callable[[Path], int]:
    """Members of the lists of these names in a JSON answer."""
    return lambda path: sum(len(json.loads(path.read_text()).get(name, ())) for name in names)


def csv_rows(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


# System: files, format, table, records of a file, rows of the table in all (fewer where a record is no fact of ours, see the docs)
SYSTEMS = {
    "RDS snapshots": ("backups_aws_custodian/rds.describe-db-snapshots.*.json", "aws_rds_snapshots", "backups", listed("DBSnapshots"), 26),
    "RDS cluster snapshots": ("backups_aws_custodian/rds.describe-db-cluster-snapshots.*.json", "aws_rds_snapshots", "backups", listed("DBClusterSnapshots"), 8),
    "EBS snapshots": ("backups_aws_custodian/ec2.describe-snapshots.*.json", "aws_ebs_snapshots", "backups", listed("Snapshots"), 8),
    "AWS recovery points": ("backups_aws_custodian/backup.list-recovery-points-by-resource.*.json", "aws_recovery_points", "backups", listed("RecoveryPoints"), 27),
    "log groups": ("retention_aws_custodian/logs.describe-log-groups.*.json", "aws_log_groups", "retention_rules", listed("logGroups"), 26),
    "bucket lifecycle": ("retention_aws_custodian/s3api.get-bucket-lifecycle-configuration.*.json", "aws_bucket_lifecycle", "retention_rules", lambda path: 1, 7),
    "Stripe events": ("subscriptions_stripe/events/customer.subscription.*.json", "stripe_events", "accounts", lambda path: 1, 3),
    "Stripe, a connector's table": ("subscriptions_stripe/fivetran/subscription_data.csv", "stripe_subscriptions", "accounts", csv_rows, 2),
    "SCIM users": ("people_scim_rfc/rfc7643-8.[123]-*.json", "scim_users", "people", lambda path: 1, 3),
    "AWS credential report": ("people_iam_custodian/credential_report_*.csv", "aws_credential_report", "people", csv_rows, 29),
    "Zendesk tickets": ("tickets_zendesk_fivetran/ticket_data.csv", "zendesk_tickets", "cases", csv_rows, 10),
    "Fides privacy requests": ("dsr_fides/privacy-requests.list.json", "fides_privacy_requests", "privacy_requests", listed("items"), 9),
    "testssl.sh": ("tls_scans_testssl_run/*.json", "testssl_scan", "public_checks", lambda path: len(json.loads(path.read_text())), 2),
    "EDPS cookie scan": ("cookie_scan_edps/inspection.json", "evidence_collector_cookies", "cookie_scans", lambda path: 1, 6),
    "restic": ("backups_selfhosted_run/restic/restic-snapshots-*.json", "restic_snapshots", "backups", lambda path: len(json.loads(path.read_text())), 105),
    "BorgBackup": ("backups_selfhosted_run/borg/borg-list-*.json", "borg_archives", "backups", lambda path: 1, 105),
    "pgBackRest": ("backups_selfhosted_run/pgbackrest/info-*.json", "pgbackrest_backups", "backups", lambda path: 1, 65),
    "Sidekiq, purges": ("purge_jobs_rails_run/sidekiq.log", "sidekiq_purges", "purges", lines, 48),
    "Sidekiq, job runs": ("purge_jobs_rails_run/sidekiq.log", "sidekiq_job_runs", "job_runs", lines, 53),
}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_loads_from_its_raw_files(system, tmp_path):
    """Recognised, filled into its table, each record accounted for."""
    pattern, kind, table, count, rows = SYSTEMS[system]
    paths = sorted(DATA.glob(pattern))
    if not paths:
        pytest.skip(f"needs ../shared/data/{pattern}, which this checkout lacks")
    source = f'source = "{kind}"\n' if system.startswith("Sidekiq") else ""  # its log is of two tables; audit.toml says which
    rules = [
        f'[[inputs]]\nfiles = "{path.as_posix()}"\nprovider = "{number}"\ntime_zone = "UTC"\nextracted_at = 2026-11-24T12:00:00Z\n{source}'
        for number, path in enumerate(paths)
    ]
    (tmp_path / "audit.toml").write_text('[company]\nname = "X"\n' + "".join(rules))
    load.load(read_project(tmp_path))
    connection = store.open_store(tmp_path / "store.duckdb")
    names = "part::int, format, table_name, rows_read, rows_loaded + rows_duplicate + rows_ignored + rows_quarantined, rows_quarantined"
    loads = connection.execute(f"select {names} from loads order by 1").fetchall()
    found = connection.execute(f"select count(*) from history.{table}").fetchall()[0][0]
    assert [load[:4] for load in loads] == [(number, kind, table, count(path)) for number, path in enumerate(paths)]
    assert all(read == accounted and not quarantined for *_, read, accounted, quarantined in loads)
    assert found == rows
    connection.close()
