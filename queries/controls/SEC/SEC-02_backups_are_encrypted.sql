/*
id         = "SEC-02"
title      = "Every copy of the data is encrypted with an active key of our own, and made by a job that was in force"
promise    = "The database backups are also encrypted."
source     = "How we secure your data"
severity   = "critical"
kind       = "data"
tests      = "one copy taken in the period: backup"
population = """
  select taken_at as item_at
  from backups
  qualify row_number() over (partition by coalesce(backup_id, origin) order by origin) = 1"""
needs      = ["backups", "jobs"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed copies alone: a dump on a laptop only if somebody lists it. What is not said to be encrypted counts as not encrypted. \
The facts of a key are those at the export, also for a copy that is long gone. A copy made by hand, a dump or an export is in order if a job made it; \
a preserved copy needs no job. Whether a copy was destroyed in time is BKP-01's (a preserved one: DIS-09's)."""
[clauses]
dpf  = ["II.4.a"]
gdpr = ["32(1)(a)"]
ccpa = ["1798.150", "Regs 7123(c)(2)", "Regs 7123(c)(18)"]
[reasons]
encrypted       = "Encrypted with an active key of our own, and made by a job in force or preserved"
not_encrypted   = "Not encrypted"
not_said        = "Nobody says whether it is encrypted"
key_not_active  = "Encrypted with a key that is disabled or about to be deleted"
default_key     = "Encrypted with a default key, not with one of our own"
off_schedule    = "Made outside the schedule: by no job, or by one that is not on record or was not in force"
key_unclear     = { text = "Whether its key is active and our own is not known", stays_open = true }
undated         = { text = "Nobody knows when it was taken", stays_open = true }
contradiction   = { text = "Its rows or moments contradict each other, or its kind is unknown", stays_open = true }
[columns]
copy_kind = "Kind of the copy"
location  = "Where the copy lies"
key_id    = "Key with which it is encrypted"
*/
with
copies as (    -- of two rows with one id the first is shown, and neither believed
  select
    * exclude (backup_id),
    coalesce(backup_id, origin) as backup_id,
    count(*) over same > 1 or destroyed_at < taken_at as is_contradictory,
    list_sort(list(origin) over same) as lines
  from backups
  window same as (partition by coalesce(backup_id, origin))
  qualify row_number() over (partition by coalesce(backup_id, origin) order by origin) = 1
),
schedules as (
  select copy.backup_id, min(job.origin) as origin
  from copies as copy
  join jobs as job
    on job.job_id = copy.job_id
    and coalesce(job.valid_from_at, '-infinity') <= copy.taken_at
    and coalesce(job.valid_to_at, 'infinity') > copy.taken_at
  group by copy.backup_id
),
judged as (
  select
    copy.*,
    schedule.origin as job_origin,
    case
      when copy.is_contradictory then 'contradiction'
      when copy.taken_at is null then 'undated'
      when copy.is_encrypted is null then 'not_said'
      when not copy.is_encrypted then 'not_encrypted'
      when copy.key_status in ('disabled', 'pending_deletion') then 'key_not_active'
      when copy.is_default_key then 'default_key'
      when copy.kind in ('scheduled', 'manual', 'dump', 'export') and schedule.backup_id is null then 'off_schedule'
      when coalesce(copy.kind, '') not in ('scheduled', 'manual', 'dump', 'export', 'preserved_copy') then 'contradiction'
      when copy.key_status = 'active' and not copy.is_default_key then 'encrypted'
      else 'key_unclear'
    end as reason
  from copies as copy
  left join schedules as schedule on schedule.backup_id = copy.backup_id
)
select
  backup_id as item,
  taken_at as item_at,
  store_id as subject,
  case reason
    when 'encrypted' then 'pass'
    when 'not_encrypted' then 'exception'
    when 'not_said' then 'exception'
    when 'key_not_active' then 'exception'
    when 'default_key' then 'exception'
    when 'off_schedule' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    '{} of {} taken {}: {}, key {} ({}{}), job {}',
    coalesce(kind, 'copy of an unknown kind'),
    coalesce(store_id, 'an unknown store'),
    coalesce(strftime(taken_at, '%Y-%m-%d %H:%M'), 'nobody knows when'),
    case when is_encrypted then 'encrypted' when not is_encrypted then 'not encrypted' else 'not said to be encrypted' end,
    coalesce(key_id, 'not named'),
    coalesce(key_status, 'status unknown'),
    case when is_default_key then ', default' when not is_default_key then '' else ', default or not is unknown' end,
    case when job_id is null then 'none' when job_origin is null then job_id || ' not in force' else job_id end
  ) as detail,
  case
    when reason in ('key_not_active', 'default_key', 'key_unclear') then key_id
    when reason in ('not_encrypted', 'not_said', 'off_schedule') then job_id
  end as cause,
  list_append(lines, job_origin) as lines,
  kind as copy_kind,
  location,
  key_id
from judged
