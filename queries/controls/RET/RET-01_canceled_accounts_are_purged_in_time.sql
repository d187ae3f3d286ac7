/*
id         = "RET-01"
title      = "Each store is purged of a canceled account within the promised days"
promise    = "We also delete your data after an account is canceled … your data are purged within 60 days"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one canceled span of an account (account, day of cancellation) and one store in purge scope, whose last day falls in the period"
population = """
select due_on::timestamptz as item_at
from purge_deadlines
where is_due and not is_login
"""
needs      = ["accounts", "stores", "purges", "legal_holds"]
may_use    = ["data_classes", "row_counts", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Sees recorded purges and counts of what is left, in listed stores: a purge on record is believed (RET-06 tests it), and a zero count without a purge proves none. Login rows are LOG-04's. Purges before the cancellation, and of one person's rows, do not count; a hold on one person or on a backup does not defer. A hold placed after the last day cures nothing; a purge that needed a hold is deferred, never a pass, and belongs to the day to which the hold moved it. A store is in scope as on the original last day; the strictest policy rule for any of its classes decides. An account that comes back, or is merged, before the last day is left out."
[clauses]
dpf  = ["II.5.b", "II.7.a.ii", "III.7.a"]
gdpr = ["5(1)(e)", "17(1)(a)"]
ccpa = ["1798.100(a)(3)", "Regs 7123(c)(16)"]
[parameters.purge_days]
type    = "integer"
default = 60
unit    = "days"
source  = "policy"
meaning = "From the day of cancellation, which does not count, to the last day on which data of the account may exist"
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
in_time       = "Purged by the last day, and no rows were seen since"
late          = "Purged only after the last day"
overdue       = { text = "Not purged, and the last day is over", stays_open = true }
residue       = { text = "Purged, but rows remained or were found again", stays_open = true }
missed        = "Not purged by the last day; the account has come back since"
held          = { text = "Kept by a legal hold placed by the last day", stays_open = true }
held_over     = "Purged after the last day, by the one to which a legal hold moved it"
not_erased    = "Rows were deidentified or aggregated, not erased: somebody must judge whether they still concern a person"
not_counted   = { text = "Purged by the last day, but nobody counted what remained", stays_open = true }
hold_unclear  = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the account was canceled", stays_open = true }
contradiction = { text = "The account's, the store's or the purge's rows contradict each other or hold an unknown code", stays_open = true }
[columns]
last_on        = "Last day on which rows may exist, as the rule in force at the cancellation has it"
moved_on       = "The same, as legal holds moved it; null: a hold is open"
purged_on      = "Day on which the last of the rows went; null: they have not gone, or not for good"
newest_last_on = "Last day under the policy of today, where the rule was another then"
*/
with
judged as (
  select
    *,
    case
      when canceled_on is null then 'undated'
      when is_contradictory then 'contradiction'
      when purged_at is not null and not is_counted then 'not_counted'
      when purged_at is not null and not is_erased then 'not_erased'
      when purged_on <= last_on then 'in_time'
      when purged_at is not null then 'held_over'
      when moved_on = 'infinity' then 'held'
      when least(gone_on, (least(ended_at, as_of()) at time zone company_time_zone())::date) <= possible_on then 'hold_unclear'
      when gone_on < 'infinity' then 'late'
      when ended_at < 'infinity' then 'missed'
      when is_purged then 'residue'
      else 'overdue'
    end as reason
  from (select *, (purged_at at time zone company_time_zone())::date as purged_on from purged_stores)
  where is_due and not is_login
),
outcomes_given as (
  select
    *,
    case reason
      when 'in_time' then 'pass'
      when 'late' then 'exception'
      when 'overdue' then 'exception'
      when 'residue' then 'exception'
      when 'missed' then 'exception'
      when 'held' then 'deferred'
      when 'held_over' then 'deferred'
      when 'not_erased' then 'manual'
      else 'unknown'
    end as outcome
  from judged
),
failed_everywhere as (    -- then the account is the cause, such as a cancellation that no purge job saw; else the store
  select account_id, canceled_on
  from outcomes_given
  group by account_id, canceled_on
  having bool_and(outcome = 'exception') and count(*) > 1
)
select
  concat_ws(' / ', account_id, coalesce(canceled_on::varchar, 'undated'), store_id) as item,
  due_on::timestamptz as item_at,
  account_id as subject,
  outcome,
  reason,
  format(
    'canceled {}, last day {}{}, {}',
    coalesce(canceled_on::varchar, 'on an unknown day'),
    coalesce(last_on::varchar, 'unknown'),
    case when moved_on = 'infinity' then ', held' when moved_on > last_on then ', moved by a hold to ' || moved_on else '' end,
    case
      when purged_on is not null then 'purged ' || purged_on || case when is_counted then '' else ', not counted after' end
      when gone_on < 'infinity' then format('purged for good {}, {} days late', gone_on, gone_on - moved_on)
      when is_purged then 'purged, but rows remained or were found again'
      else 'not purged'
    end
  ) as detail,
  case
    when (account_id, canceled_on) in (from failed_everywhere) then account_id
    when outcome = 'exception' then store_id
  end as cause,
  lines,
  last_on,
  nullif(moved_on, 'infinity') as moved_on,
  coalesce(purged_on, nullif(gone_on, 'infinity')) as purged_on,
  nullif(canceled_on + purge_days(), last_on) as newest_last_on
from outcomes_given
