/*
id         = "DIS-09"
title      = "Every preserved copy is destroyed when its preservation lapses, and not before"
promise    = "unless we receive a proper warrant, court order, or subpoena before the required preservation period expires, we destroy any preserved copies we made of customer data once the preservation period lapses"
source     = "When we access or share your information"
severity   = "critical"
kind       = "data"
tests      = "one preserved copy whose preservation lapses in the period: backup"
population = """
  select lapse_on::timestamptz as item_at
  from preserved_copies
  where lapse_on is null or due_on < (as_of() at time zone company_time_zone())::date"""
needs      = ["backups", "legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed copies. The 90 days run from the day of receipt, since the statute names no day, and also for a copy made \
on neither Section 2703(f) nor a civil subpoena; a civil subpoena runs to its own date. A late renewal revives nothing. Process on the \
day of the lapse is in time; rejected, withdrawn or improperly served process is not proper. Backups of the store that kept a copy age \
out by their own days after it. Whether the copy should have been made, and grew, is DIS-06's; whether it was shared, DIS-08's."""
[clauses]
dpf  = ["II.5.b", "II.7.a.ii"]
gdpr = ["5(1)(e)"]
ccpa = ["1798.105(d)(8)", "1798.145(a)(1)(B)"]
[parameters.preservation_days]
type    = "integer"
default = 90
unit    = "days"
source  = "law"
meaning = "From the receipt of a preservation request to its lapse, and again for each renewal in time: 18 U.S.C. 2703(f)(2)"
[parameters.max_renewals]
type     = "integer"
unit     = "renewals"
source   = "law"
meaning  = "Renewals of one preservation request that count: 18 U.S.C. 2703(f)(2) speaks of one; unset: 1"
optional = true
[parameters.preservation_grace_days]
type     = "integer"
unit     = "days"
source   = "management"
meaning  = "From the lapse of a preservation to the last day on which the copy may exist; unset: 0"
optional = true
[parameters.backup_days]
type    = "integer"
default = 30
unit    = "days"
source  = "policy"
meaning = "From the day it is taken to the last day on which a backup may exist"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
destroyed_in_time = "Destroyed when its preservation lapsed"
process_in_time   = "Proper process came before the preservation lapsed"
withdrawn         = "Destroyed before the lapse; the request was withdrawn"
late              = "Destroyed after its last day"
remains           = { text = "Still there after its last day", stays_open = true }
early             = "Destroyed before the preservation lapsed"
backup_late       = "The copy was destroyed in time, a backup that held it was destroyed too late"
backup_remains    = { text = "The copy was destroyed in time, a backup that held it is still there", stays_open = true }
paper_missing     = { text = "The preservation request behind the copy is not on record, or stands there twice", stays_open = true }
undated           = { text = "Nobody knows when the preservation lapses, or when the copy was taken", stays_open = true }
reversed          = { text = "Destroyed before it was taken", stays_open = true }
repeated          = { text = "The copy stands on record more than once, with different facts", stays_open = true }
[columns]
lapse_on     = "Last day of the preservation"
due_on       = "Last day on which the copy may exist"
destroyed_on = "Day on which it was destroyed"
*/
with
processes as (
  select related_legal_request_id as legal_request_id, received_at, (received_at at time zone company_time_zone())::date as received_on, origin
  from legal_requests
  where kind = 'data'
    and instrument in ('warrant', 'court_order', 'criminal_subpoena', 'civil_subpoena')
    and status in ('open', 'complied')
    and is_properly_served is distinct from false
),
processed as (    -- copies that a process reached in time
  select copy.backup_id, min(process.origin) as origin
  from preserved_copies as copy
  join processes as process
    on process.legal_request_id = copy.legal_request_id
    and process.received_on <= copy.lapse_on
    and (copy.destroyed_at is null or process.received_at <= copy.destroyed_at)
  group by copy.backup_id
),
aged as (    -- backups that held the copy, and the last of them to go: still there is later than any moment
  select
    copy.backup_id,
    bool_or(backup.destroyed_at is null) as is_remaining,
    (max(backup.destroyed_at) at time zone company_time_zone())::date as gone_on,
    max_by(backup.origin, (backup.destroyed_at, backup.backup_id)) as origin
  from preserved_copies as copy
  join backups as backup
    on backup.store_id = copy.kept_in_store_id
    and backup.kind is distinct from 'preserved_copy'
    and backup.taken_at >= copy.taken_at
    and backup.taken_at < copy.destroyed_at
  group by copy.backup_id
),
clock as (
  select
    copy.*,
    (copy.destroyed_at at time zone company_time_zone())::date as destroyed_on,
    (as_of() at time zone company_time_zone())::date as seen_on
  from preserved_copies as copy
),
judged as (
  select
    clock.*,
    processed.origin as process_origin,
    aged.origin as aged_origin,
    aged.gone_on,
    case
      when is_repeated then 'repeated'
      when not has_paper then 'paper_missing'
      when lapse_on is null or taken_at is null then 'undated'
      when destroyed_at < taken_at then 'reversed'
      when processed.backup_id is not null then 'process_in_time'
      when destroyed_on > due_on then 'late'
      when destroyed_on is null then 'remains'
      when destroyed_on < lapse_on and paper_status = 'withdrawn' then 'withdrawn'
      when destroyed_on < lapse_on then 'early'
      when aged.is_remaining and seen_on > due_on + backup_days() then 'backup_remains'
      when aged.gone_on > due_on + backup_days() then 'backup_late'
      when destroyed_on <= due_on then 'destroyed_in_time'
    end as reason
  from clock
  left join processed using (backup_id)
  left join aged using (backup_id)
  where lapse_on is null or due_on < seen_on
)
select
  backup_id as item,
  lapse_on::timestamptz as item_at,
  account_id as subject,
  case
    when reason in ('destroyed_in_time', 'process_in_time', 'withdrawn') then 'pass'
    when reason in ('late', 'remains', 'early', 'backup_late', 'backup_remains') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('request {} received {}, preserved until {}, copy due {}, destroyed {}; last backup of it gone {}',
    coalesce(legal_request_id, 'not named'), coalesce(received_on::varchar, 'on an unknown day'), coalesce(lapse_on::varchar, 'an unknown day'),
    coalesce(due_on::varchar, 'on an unknown day'), coalesce(destroyed_on::varchar, 'not yet'), coalesce(gone_on::varchar, 'on no known day')) as detail,
  legal_request_id as cause,
  [origin, paper_origin, process_origin, aged_origin] as lines,
  lapse_on,
  due_on,
  destroyed_on
from judged
