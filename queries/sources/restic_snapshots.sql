/*
title      = "restic snapshots"
table      = "backups"
provider   = "restic_snapshots"
records    = "json"
file_names = ["*restic*snapshots*"]
recognise  = "has_keys(text, ['time', 'tree', 'paths', 'hostname', 'id'])"
origin     = "restic: the snapshots of one repository."
export     = "`restic snapshots --json` for each repository. The repository is not named in it: give its file a provider of its own in audit.toml, and `jq 'map(. + {repository: \"NAME\"})'` adds it. State when it was taken as extracted_at."
limits     = "store_id is host and paths, as `host:/path`: translate it in a source of your own. country and region are not told. Who or what made a snapshot is told by tags that everybody uses in his own way: kind and job_id are empty. A repository is always encrypted. Each snapshot stands alone, whatever its parent. destroyed_at is empty: a listing shows what is there."
# Sample: made up for these tests (CC0)
*/
with
snapshots as (
  select
    line,
    object_of(text) as document,
    from_json(object_of(text), '{"time": "VARCHAR", "hostname": "VARCHAR", "paths": ["VARCHAR"], "id": "VARCHAR", "repository": "VARCHAR"}') as snapshot
  from records
)
select
  line,
  snapshot.id as backup_id,
  concat(snapshot.hostname, ':', array_to_string(snapshot.paths, ',')) as store_id,
  snapshot.repository as location,
  moment(snapshot.time) as taken_at,
  true as is_encrypted,
  case
    when document is null then 'is no JSON object'
    when snapshot.id is null then 'is no snapshot: no id'
    when time_fault(snapshot.time) is not null then time_fault(snapshot.time)
  end as refused,
  null::varchar as ignored
from snapshots
