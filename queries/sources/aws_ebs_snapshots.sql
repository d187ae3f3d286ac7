/*
title      = "Amazon EBS snapshots"
table      = "backups"
provider   = "aws_ebs_snapshots"
records    = "json"
lists      = ["Snapshots"]
file_names = ["*describe-snapshots*", "*ebs_snapshots*", "*ebs-snapshots*"]
recognise  = "has_keys(text, ['SnapshotId', 'VolumeId', 'StartTime'])"
origin     = "Amazon EC2: snapshots of volumes, those behind machine images included."
export     = "For each region, all pages, in one file: `aws ec2 describe-snapshots --owner-ids self --query 'Snapshots[]'`. Add the region to each (`jq 'map(. + {Region: \"us-east-1\"})'`): the answer does not name it. State when it was taken as extracted_at."
limits     = "store_id is the volume: name the store so, or translate it in a source of your own. Region and country are empty where neither the export nor the key's name tells them. Who made the snapshot is known only by the tags of Data Lifecycle Manager and AWS Backup (scheduled); else kind is empty. destroyed_at is empty: a listing shows what is there. Snapshots that failed are ignored."
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
      '{"SnapshotId": "VARCHAR", "VolumeId": "VARCHAR", "StartTime": "VARCHAR", "State": "VARCHAR", "Encrypted": "VARCHAR", "KmsKeyId": "VARCHAR", "Region": "VARCHAR",
        "Description": "VARCHAR", "Tags": [{"Key": "VARCHAR", "Value": "VARCHAR"}]}') as snapshot
  from documents
),
placed as (
  select
    *,
    coalesce(snapshot.Region, nullif(split(snapshot.KmsKeyId, ':')[4], '')) as region,
    list_filter(snapshot.Tags, lambda tag: tag.Key in ('aws:dlm:lifecycle-policy-id', 'aws:backup:source-resource'))[1] as maker
  from snapshots
)
select
  line,
  snapshot.SnapshotId as backup_id,
  snapshot.VolumeId as store_id,
  region_country(region) as country,
  region,
  case when maker is not null then 'scheduled' end as kind,
  moment(snapshot.StartTime) as taken_at,
  case when maker.Key = 'aws:dlm:lifecycle-policy-id' then maker.Value end as job_id,
  nullif(regexp_extract(snapshot.Description, '^\[Copied (snap-[0-9a-f]+) from ', 1), '') as copied_from_backup_id,
  snapshot.KmsKeyId as key_id,
  try_cast(snapshot.Encrypted as boolean) as is_encrypted,
  case
    when document is null then 'is no JSON object'
    when snapshot.SnapshotId is null then 'is no snapshot: no SnapshotId'
    when snapshot.StartTime is not null and moment(snapshot.StartTime) is null then time_fault(snapshot.StartTime)
  end as refused,
  case when snapshot.State in ('error', 'pending') then 'state ' || snapshot.State end as ignored
from placed
