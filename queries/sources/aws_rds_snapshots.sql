/*
title      = "Amazon RDS and Aurora snapshots"
table      = "backups"
provider   = "aws_rds_snapshots"
records    = "json"
lists      = ["DBSnapshots", "DBClusterSnapshots"]
file_names = ["*db-snapshots*", "*db-cluster-snapshots*", "*db_snapshots*", "*db_cluster_snapshots*"]
recognise  = "has_keys(text, ['DBSnapshotIdentifier', 'DBInstanceIdentifier']) or has_keys(text, ['DBClusterSnapshotIdentifier', 'DBClusterIdentifier'])"
origin     = "Amazon RDS: automated and manual snapshots of database instances, and of Aurora and other clusters."
export     = "For each region, all pages, one after the other in one file: `aws rds describe-db-snapshots --query 'DBSnapshots[]'` and `aws rds describe-db-cluster-snapshots --query 'DBClusterSnapshots[]'`. Whole answers are read too. State when they were taken as extracted_at."
limits     = "store_id is the identifier of the instance or cluster: name the store so, or translate it in a source of your own. A listing shows what is there: destroyed_at is empty, and a snapshot that is gone appears in no row. With whom a snapshot is shared is another answer of AWS. Country is that of the region. Snapshots that failed or are being made are ignored. job_id is empty: RDS keeps its schedule in the instance."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
snapshots as (
  select
    line,
    document,
    from_json(document,
      '{"DBSnapshotIdentifier": "VARCHAR", "DBClusterSnapshotIdentifier": "VARCHAR", "DBInstanceIdentifier": "VARCHAR", "DBClusterIdentifier": "VARCHAR",
        "DBSnapshotArn": "VARCHAR", "DBClusterSnapshotArn": "VARCHAR", "SnapshotCreateTime": "VARCHAR", "OriginalSnapshotCreateTime": "VARCHAR", "SnapshotType": "VARCHAR", "Status": "VARCHAR",
        "Encrypted": "VARCHAR", "StorageEncrypted": "VARCHAR", "KmsKeyId": "VARCHAR", "SourceDBSnapshotIdentifier": "VARCHAR", "SourceDBClusterSnapshotArn": "VARCHAR"}') as snapshot
  from documents
),
named as (
  select *, coalesce(snapshot.DBSnapshotArn, snapshot.DBClusterSnapshotArn) as arn, coalesce(snapshot.DBSnapshotIdentifier, snapshot.DBClusterSnapshotIdentifier) as id
  from snapshots
)
select
  line,
  coalesce(arn, id) as backup_id,
  coalesce(snapshot.DBInstanceIdentifier, snapshot.DBClusterIdentifier) as store_id,
  region_country(split(arn, ':')[4]) as country,
  split(arn, ':')[4] as region,
  case when snapshot.SnapshotType in ('automated', 'awsbackup') then 'scheduled' when snapshot.SnapshotType = 'manual' then 'manual' end as kind,
  moment(snapshot.SnapshotCreateTime) as taken_at,
  coalesce(nullif(snapshot.SourceDBSnapshotIdentifier, ''), nullif(snapshot.SourceDBClusterSnapshotArn, '')) as copied_from_backup_id,
  snapshot.KmsKeyId as key_id,
  try_cast(coalesce(snapshot.Encrypted, snapshot.StorageEncrypted) as boolean) as is_encrypted,
  case
    when document is null then 'is no JSON object'
    when id is null then 'is no snapshot: no DBSnapshotIdentifier or DBClusterSnapshotIdentifier'
    when snapshot.SnapshotCreateTime is not null and moment(snapshot.SnapshotCreateTime) is null then time_fault(snapshot.SnapshotCreateTime)
  end as refused,
  case when snapshot.Status <> 'available' and snapshot.SnapshotCreateTime is null or snapshot.Status in ('failed', 'creating') then 'status ' || snapshot.Status end as ignored
from named
