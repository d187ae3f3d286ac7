/*
title      = "AWS Backup recovery points"
table      = "backups"
provider   = "aws_recovery_points"
records    = "json"
lists      = ["RecoveryPoints"]
file_names = ["*recovery-points*", "*recovery_points*"]
recognise  = "has_keys(text, ['RecoveryPointArn', 'CreationDate'])"
origin     = "AWS Backup: recovery points of databases, volumes, tables, file systems and buckets in backup vaults."
export     = "For each region and vault, all pages, in one file: `aws backup list-recovery-points-by-backup-vault --backup-vault-name NAME --query 'RecoveryPoints[]'`. The shorter answers of `list-recovery-points-by-resource` are read too. State when they were taken as extracted_at."
limits     = "store_id is the name of the resource copied (the last part of its ARN): empty in answers by resource. Country is that of the region in the ARN; some ARNs have none. destroyed_at is empty: a listing shows what is there. A recovery point with a plan is scheduled; without one, kind is empty. The lifecycle that AWS plans is no fact and not loaded. Expired points are still there and are loaded. In answers by resource an ARN may occur twice."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
points as (
  select
    line,
    document,
    from_json(document,
      '{"RecoveryPointArn": "VARCHAR", "BackupVaultName": "VARCHAR", "ResourceArn": "VARCHAR", "CreatedBy": {"BackupPlanId": "VARCHAR", "BackupRuleId": "VARCHAR"},
        "Status": "VARCHAR", "CreationDate": "VARCHAR", "IsEncrypted": "VARCHAR", "EncryptionKeyArn": "VARCHAR", "IsParent": "VARCHAR", "SourceBackupVaultArn": "VARCHAR"}') as point
  from documents
)
select
  line,
  point.RecoveryPointArn as backup_id,
  split(split(point.ResourceArn, '/')[-1], ':')[-1] as store_id,
  region_country(nullif(split(point.RecoveryPointArn, ':')[4], '')) as country,
  point.BackupVaultName as location,
  nullif(split(point.RecoveryPointArn, ':')[4], '') as region,
  case when point.CreatedBy.BackupPlanId is not null then 'scheduled' end as kind,
  coalesce(epoch_moment(point.CreationDate), moment(point.CreationDate)) as taken_at,
  point.CreatedBy.BackupRuleId as job_id,
  point.EncryptionKeyArn as key_id,
  coalesce(try_cast(point.IsEncrypted as boolean), case when point.EncryptionKeyArn is not null then true end) as is_encrypted,
  case
    when document is null then 'is no JSON object'
    when point.RecoveryPointArn is null then 'is no recovery point: no RecoveryPointArn'
    when point.CreationDate is not null and epoch_moment(point.CreationDate) is null and moment(point.CreationDate) is null then time_fault(point.CreationDate)
  end as refused,
  case when point.Status in ('CREATING', 'FAILED', 'ABORTED') then 'status ' || point.Status end as ignored
from points
