/*
id         = "BKP-01"
title      = "Every backup is destroyed within the promised days"
promise    = "some backups of our application databases, which are kept for up to another 30 days"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one backup whose last day falls in the period"
population = """
select copy.due_on::timestamptz as item_at
from (select distinct coalesce(backup_id, origin) as backup_id from backups where kind is distinct from 'preserved_copy') as backup
left join backup_copies as copy on copy.backup_id = backup.backup_id
where copy.is_due is distinct from false
"""
needs      = ["backups", "legal_holds"]
may_use    = ["retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Sees listed backups, and judges their age alone: a backup outside the schedule (by hand, without a job, of a job that had ended) is SEC-02's exception, a preserved copy DIS-09's. The days run from the moment of the data: a copy, or a copy of a copy, counts from its original. A hold counts if it names the backup, the base of its chain, its whole store or everything; a hold on an account or person holds no backup, and one placed after the last day cures nothing. A backup that needed a hold is deferred, never a pass, and belongs to the day to which the hold moved its last one."
[clauses]
dpf  = ["II.5.b", "II.7.a.ii", "III.7.a"]
gdpr = ["5(1)(e)"]
ccpa = ["Regs 7022(d)"]
[parameters.backup_days]
type    = "integer"
default = 30
unit    = "days"
source  = "policy"
meaning = "From the day on which a backup is taken, which does not count, to the last day on which it may exist"
[parameters.hold_grace_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the release of a legal hold to the last day for what it kept; unset: the day of the release"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
in_time        = "Destroyed by its last day"
late           = "Destroyed after its last day"
remains        = { text = "Still there after its last day", stays_open = true }
base_remains   = "Destroyed by its last day, but the base of its chain outlived that day"
origin_missing = { text = "Its base, or the original that it was copied from, is not among the backups", stays_open = true }
held           = { text = "Kept by a legal hold placed by its last day", stays_open = true }
held_over      = "Destroyed after its last day, by the one to which a legal hold moved it"
hold_unclear   = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated        = { text = "Nobody knows when its data were taken", stays_open = true }
contradiction  = { text = "Its rows or moments contradict each other, or its kind is unknown", stays_open = true }
[columns]
last_on        = "Last day on which it may exist, as the rule in force when it was taken has it"
moved_on       = "The same, as legal holds moved it; null: a hold is open"
destroyed_on   = "Day on which it was destroyed; null: it was not"
newest_last_on = "Last day under the policy of today, where the rule was another then"
*/
with
judged as (
  select
    *,
    greatest(gone_on, base_gone_on) as all_gone_on,
    case
      when is_contradictory then 'contradiction'
      when data_at is null then 'undated'
      when is_origin_missing then 'origin_missing'
      when all_gone_on <= last_on then 'in_time'
      when all_gone_on <= moved_on and all_gone_on < 'infinity' then 'held_over'
      when moved_on = 'infinity' then 'held'
      when all_gone_on <= possible_on then 'hold_unclear'
      when gone_on <= moved_on then 'base_remains'
      when gone_on < 'infinity' then 'late'
      else 'remains'
    end as reason
  from backup_copies
  where is_due
)
select
  backup_id as item,
  due_on::timestamptz as item_at,
  store_id as subject,
  case reason
    when 'in_time' then 'pass'
    when 'late' then 'exception'
    when 'remains' then 'exception'
    when 'base_remains' then 'exception'
    when 'origin_missing' then 'exception'
    when 'held' then 'deferred'
    when 'held_over' then 'deferred'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'data of {}, last day {}{}, {}{}',
    coalesce(data_on::varchar, 'an unknown day'),
    coalesce(last_on::varchar, 'unknown'),
    case when moved_on = 'infinity' then ', held' when moved_on > last_on then ', moved by a hold to ' || moved_on else '' end,
    case when gone_on < 'infinity' then 'destroyed ' || gone_on else 'still there' end,
    case
      when base_gone_on = 'infinity' then format(', its base {} still there', base_id)
      when base_id is not null then format(', its base {} destroyed {}', base_id, base_gone_on)
      else ''
    end
  ) as detail,
  case when reason = 'base_remains' then base_id when reason <> 'in_time' then job_id end as cause,
  lines,
  last_on,
  nullif(moved_on, 'infinity') as moved_on,
  nullif(gone_on, 'infinity') as destroyed_on,
  nullif(data_on + backup_days(), last_on) as newest_last_on
from judged
