/*
title      = "BorgBackup archives"
table      = "backups"
provider   = "borg_archives"
records    = "json"
file_names = ["*borg*"]
recognise  = "json_type(object_of(text)->'archives') = 'ARRAY' and has_keys(text, ['repository'])"
origin     = "BorgBackup: the archives of one repository."
export     = "`borg info --json --last 1000000 REPOSITORY` (it has the hosts), or `borg list --json REPOSITORY`. Borg writes local times without a zone: declare time_zone in audit.toml. State when it was taken as extracted_at."
limits     = "store_id is the host of the archive, which `borg list` does not tell: it is empty then. country and region are not told; kind and job_id neither, since names follow no rule. Each archive stands alone. destroyed_at is empty: a listing shows what is there."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select
    line,
    object_of(text) as listing,
    unnest(listed(object_of(text), 'archives')) as document
  from records
),
archives as (
  select
    line,
    document,
    listing->'repository'->>'location' as location,
    listing->'encryption'->>'mode' as mode,
    from_json(document, '{"id": "VARCHAR", "name": "VARCHAR", "start": "VARCHAR", "time": "VARCHAR", "hostname": "VARCHAR"}') as archive
  from documents
)
select
  line,
  archive.id as backup_id,
  archive.hostname as store_id,
  location,
  moment(coalesce(archive.start, archive.time)) as taken_at,
  case when mode is not null then mode not in ('none', 'authenticated', 'authenticated-blake2') end as is_encrypted,
  case
    when is_empty_list(document) then null
    when document is null then 'is no JSON object'
    when archive.id is null then 'is no archive: no id'
    when time_fault(coalesce(archive.start, archive.time)) is not null then time_fault(coalesce(archive.start, archive.time))
  end as refused,
  case when is_empty_list(document) then 'empty list' end as ignored
from archives
