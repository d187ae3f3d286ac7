/*
title      = "pgBackRest backups"
table      = "backups"
provider   = "pgbackrest_backups"
records    = "json"
file_names = ["*pgbackrest*"]
recognise  = "has_keys(text, ['backup', 'db', 'name', 'repo'])"
origin     = "pgBackRest: full, differential and incremental backups of PostgreSQL clusters, per stanza."
export     = "`pgbackrest info --output=json`. State when it was taken as extracted_at."
limits     = "store_id is the stanza. taken_at is when the backup began. base_backup_id is the backup it builds on (prior); a full one has none. country and region are not told; kind and job_id neither, since pgBackRest does not know who called it. A backup with an error is loaded. destroyed_at is empty: a listing shows what is there. location is the number of the repository."
# Sample: made up for these tests (CC0)
*/
with
stanzas as (
  select
    line,
    object_of(text) as stanza,
    unnest(listed(object_of(text), 'backup')) as document
  from records
),
backups as (
  select
    line,
    document,
    stanza->>'name' as name,
    stanza->>'cipher' as cipher,
    from_json(stanza->'repo', '[{"key": "VARCHAR", "cipher": "VARCHAR"}]') as repositories,
    from_json(document, '{"label": "VARCHAR", "prior": "VARCHAR", "timestamp": {"start": "VARCHAR"}, "database": {"repo-key": "VARCHAR"}}') as backup
  from stanzas
)
select
  line,
  name || '/' || backup.label as backup_id,
  name as store_id,
  'repository ' || backup.database."repo-key" as location,
  epoch_moment(backup.timestamp.start) as taken_at,
  name || '/' || backup.prior as base_backup_id,
  coalesce(list_filter(repositories, lambda one: one.key = backup.database."repo-key")[1].cipher, cipher) <> 'none' as is_encrypted,
  case
    when is_empty_list(document) then null
    when document is null then 'is no JSON object'
    when backup.label is null then 'is no backup: no label'
    when epoch_moment(backup.timestamp.start) is null then 'no moment: timestamp.start ' || coalesce(left(backup.timestamp.start, 40), 'is missing')
  end as refused,
  case when is_empty_list(document) then 'empty list' end as ignored
from backups
