/*
id         = "BKP-03"
title      = "What was purged does not come back by a restore: it is purged again within the hours promised, wherever it was restored"
promise    = "if you change your mind you'll need to do so before your data are deleted from our active servers"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one restore in the period and account that it brings back: restore, account (or 'every account'); a restore that brings nobody back: restore"
population = "select started_at as item_at from restored_accounts where is_due"
needs      = ["restores", "backups", "purges"]
may_use    = ["stores", "accounts", "legal_holds", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed restores, of tests and staging as of production. An account comes back if its rows were purged from the store between the moment of the backup's data \
(of a copy: its original's) and the start of the restore; one younger than the backup is left out. The hours run from the start of the restore. A purge while the restore still ran \
proves nothing, nor does one that nobody counted; a purge of all accounts, or the destruction of all that was restored, serves as well. What was purged class by class, or came back whole, must go class by class or whole. \
A single account restored after its purge is an exception even if it is purged again: the policy says that this is not done. Persons erased on request are DSR-03's."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["17", "32(1)(c)"]
ccpa = ["Regs 7022(d)"]
[parameters.repurge_hours]
type    = "integer"
default = 24
unit    = "hours"
source  = "management"
meaning = "From the start of a restore to the moment by which purged data that it brought back must be gone again"
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
nobody         = "Brings back nothing that was purged"
destroyed      = "All that was restored was destroyed in time"
purged_again   = "Purged again in time, with nothing remaining"
single_account = "A single account was restored after its purge"
late           = "Gone again only after the hours allowed"
remains        = { text = "Neither purged again nor destroyed", stays_open = true }
residue        = { text = "Purged again in time, but rows remained", stays_open = true }
not_counted    = "Purged again in time, but nobody counted what remained"
not_erased     = "Rows were deidentified or aggregated, not erased: somebody must judge whether they still concern a person"
backup_unknown = { text = "The backup is not on record, or nobody knows when its data were taken", stays_open = true }
undated        = { text = "Nobody knows when the restore began, or when the purge before it was made", stays_open = true }
contradiction  = { text = "The rows of the restore, of its backup or of a purge contradict each other or hold an unknown code", stays_open = true }
[columns]
target_store_id = "Store that was restored into"
purged_at       = "Moment of the purge that the restore undid"
gone_at         = "Moment at which the data were gone again; null: they were not"
*/
with
classes as (
  select restore_id, account_id, target_store_id, started_at, ended_at, due_at, unnest(class_ids) as class_id
  from restored_accounts
  where is_found
),
candidates as (    -- a purge of all tells what remained of one account only if nothing at all remained
  select
    class.restore_id,
    class.account_id,
    class.class_id,
    purge.purged_at,
    purge.purged_at <= class.due_at as is_in_time,
    case when purge.account_id is not null or class.account_id is null or purge.rows_remaining = 0 then purge.rows_remaining end as rows_remaining,
    purge.method,
    purge.purge_id,
    purge.origin
  from (select *, unnest([account_id, null]) as holder_id from classes) as class
  join purges as purge
    on purge.store_id = class.target_store_id
    and purge.account_id is not distinct from class.holder_id
    and coalesce(purge.data_class_id, class.class_id) = class.class_id
  where purge.person_id is null and purge.purged_at >= class.ended_at and purge.purged_at > class.started_at and purge.purged_at < as_of()
),
class_facts as (
  select
    class.restore_id,
    class.account_id,
    class.class_id,
    max_by(
      {
        rows_remaining: candidate.rows_remaining,
        method: candidate.method,
        is_repeated: candidate.purge_id in (select purge_id from repeated_purges),
        origin: candidate.origin
      },
      (candidate.purged_at, candidate.purge_id)
    ) filter (where candidate.is_in_time) as kept,
    min(candidate.purged_at) filter (where coalesce(candidate.rows_remaining, 0) = 0) as first_at
  from classes as class
  left join candidates as candidate
    on candidate.restore_id = class.restore_id
    and candidate.account_id is not distinct from class.account_id
    and candidate.class_id = class.class_id
  group by class.restore_id, class.account_id, class.class_id
),
facts as (
  select
    restore_id,
    account_id,
    bool_and(kept is not null) as is_kept,
    bool_and(first_at is not null) as is_gone,
    case when is_gone then max(first_at) end as gone_at,
    bool_or(kept.rows_remaining > 0) as has_residue,
    bool_and(coalesce(kept.rows_remaining = 0, false)) as is_counted,
    bool_or(kept.is_repeated or coalesce(kept.method, '') not in ('erase', 'deidentify', 'aggregate')) as is_unclear,
    bool_and(kept.method = 'erase') as is_erased,
    list_sort(list(distinct kept.origin)) as lines
  from class_facts
  group by restore_id, account_id
),
judged as (
  select
    item.* exclude (lines),
    least(fact.gone_at, item.target_destroyed_at) as gone_at,
    list_concat(item.lines, fact.lines) as lines,
    case
      when item.is_contradictory or item.is_repeated then 'contradiction'
      when item.started_at is null then 'undated'
      when item.data_at is null or item.is_origin_missing then 'backup_unknown'
      when not item.is_found then 'nobody'
      when item.target_destroyed_at <= item.due_at and not item.is_single then 'destroyed'
      when item.is_undated then 'undated'
      when item.is_single then 'single_account'
      when fact.is_kept and fact.has_residue then 'residue'
      when fact.is_kept and fact.is_unclear then 'contradiction'
      when fact.is_counted and fact.is_erased then 'purged_again'
      when fact.is_counted then 'not_erased'
      when fact.is_kept then 'not_counted'
      when fact.is_gone or item.target_destroyed_at is not null then 'late'
      else 'remains'
    end as reason
  from restored_accounts as item
  left join facts as fact
    on fact.restore_id = item.restore_id
    and fact.account_id is not distinct from item.account_id
  where item.is_due
)
select
  concat_ws(' / ', restore_id, case when is_everyone then 'every account' else account_id end) as item,
  started_at as item_at,
  account_id as subject,
  case reason
    when 'nobody' then 'pass'
    when 'destroyed' then 'pass'
    when 'purged_again' then 'pass'
    when 'single_account' then 'exception'
    when 'late' then 'exception'
    when 'remains' then 'exception'
    when 'residue' then 'exception'
    when 'not_erased' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'backup {} with data of {} restored into {} {}; purged {}, gone again {}',
    coalesce(backup_id, 'not named'),
    coalesce(strftime(data_at, '%Y-%m-%d %H:%M'), 'an unknown moment'),
    coalesce(target_store_id, 'an unknown store'),
    coalesce(strftime(started_at, '%Y-%m-%d %H:%M'), 'nobody knows when'),
    coalesce(strftime(purged_at, '%Y-%m-%d %H:%M'), case when is_found then 'nobody knows when' else 'nothing' end),
    coalesce(strftime(gone_at, '%Y-%m-%d %H:%M'), 'not')
  ) as detail,
  case when reason not in ('nobody', 'destroyed', 'purged_again') then restore_id end as cause,
  lines,
  target_store_id,
  purged_at,
  gone_at
from judged
