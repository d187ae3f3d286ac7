/*
id         = "RET-02a"
title      = "No account outstays the day on which it is to be canceled automatically"
promise    = "This applies both for cases when an account owner directly cancels and for auto-canceled accounts."
source     = "What happens when you delete data in your product accounts"
severity   = "high"
kind       = "data"
tests      = "one account that should have been canceled automatically and was not by that day (account, day on which it was due); where accounts were due and none stayed, one rule and day passes"
needs      = ["accounts"]
may_use    = ["access_events"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """An account that is never canceled starts no clock, so its data are never due. Each of three rules is tested if management has set its days: a trial that is over, a time unpaid, a free account without use; \
an account that left that status by the day is no item, whatever it became. Paused and suspended accounts have no such day, nor have paid accounts that nobody uses. \
Last use is that of the register or of the access log, whichever is later; of an account used again since, an earlier time without use is not seen. The clock of the purge itself is RET-01's."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)"]
[parameters.trial_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the day on which a trial ends, which does not count, to the last day on which the account may still be on trial; unset: trials are not tested"
[parameters.frozen_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the day on which an unpaid account is frozen, which does not count, to the last day on which it may be frozen; unset: frozen accounts are not tested"
[parameters.inactive_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the day on which a free account was last used, or became free, which does not count, to the last day on which it may be active; unset: accounts without use are not tested"
[parameters.free_plans]
type    = "varchar[]"
default = ["free"]
source  = "management"
meaning = "Plans without payment, whose accounts are canceled if nobody uses them"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
none_stayed   = "Of the accounts that were due on the day by this rule, none had stayed"
limbo         = { text = "The day of its automatic cancellation is over, and it is not canceled", stays_open = true }
outstayed     = "It left its status only after the day of its automatic cancellation"
undated       = { text = "Nobody knows from when on the days of its automatic cancellation count", stays_open = true }
contradiction = { text = "Its rows overlap, or a moment lies before one that it must follow", stays_open = true }
days_unset    = "Management has set none of the three numbers of days, so nothing was tested"
[columns]
rule        = "What calls for the cancellation: trial, frozen or inactive"
counts_from = "Day from which the days count"
left_on     = "Day on which it left its status; null: it has not"
next_status = "Status that followed"
*/
with
uses as (
  select account_id, max(event_time) as used_at
  from access_events
  where event_outcome = 'success'
    and user_kind = 'customer'
    and event_time < as_of()
    and account_id in (select account_id from account_lives where status = 'active' and list_contains(free_plans(), plan))
  group by account_id
),
duties as (
  select life.*, 'trial' as rule, life.trial_ends_at as clock_at, trial_days() as days
  from account_lives as life
  where life.status = 'trial'
  union all
  select life.*, 'frozen', life.started_at, frozen_days()
  from account_lives as life
  where life.status = 'frozen'
  union all
  select
    life.*,
    'inactive',
    case when life.last_active_at is not null or uses.used_at is not null then greatest(life.last_active_at, uses.used_at, life.started_at) end,
    inactive_days()
  from account_lives as life
  left join uses on uses.account_id = life.account_id
  where life.status = 'active' and list_contains(free_plans(), life.plan)
),
clocks as (
  select
    *,
    (clock_at at time zone company_time_zone())::date as counts_from,
    (clock_at at time zone company_time_zone())::date + days as due_on,
    (due_on + 1)::timestamp at time zone company_time_zone() as over_at,
    (started_at at time zone company_time_zone())::date + days as earliest_on,
    (as_of() at time zone company_time_zone())::date as today
  from duties
  where days is not null
),
due as (
  select
    *,
    case
      when due_on is not null then ended_at >= over_at and coalesce(started_at < over_at, true)
      else ended_at > as_of() and coalesce(earliest_on < today, true)
    end as is_overdue
  from clocks
  where coalesce(due_on < today, true)
),
judged as (
  select
    *,
    case
      when is_contradictory or trial_ends_at < created_at and rule = 'trial' then 'contradiction'
      when due_on is null then 'undated'
      when ended_at > as_of() then 'limbo'
      else 'outstayed'
    end as reason
  from due
  where is_overdue
  qualify row_number() over (partition by account_id, due_on order by is_contradictory desc, rule, started_at) = 1
)
select
  concat_ws(' / ', account_id, coalesce(due_on::varchar, 'undated')) as item,
  due_on::timestamptz as item_at,
  account_id as subject,
  case when reason in ('limbo', 'outstayed') then 'exception' else 'unknown' end as outcome,
  reason,
  format(
    '{}: counts from {}, to be canceled by {}, {}',
    rule,
    coalesce(counts_from::varchar, 'an unknown day'),
    coalesce(due_on::varchar, 'an unknown day'),
    case when ended_at > as_of() then 'still ' || status else format('{} until {}', status, (ended_at at time zone company_time_zone())::date) end
  ) as detail,
  case when reason in ('limbo', 'outstayed') then rule end as cause,
  lines,
  rule,
  counts_from,
  case when ended_at <= as_of() then (ended_at at time zone company_time_zone())::date end as left_on,
  next_status
from judged
union all
select
  format('every {} account / {}', rule, due_on),
  due_on::timestamptz,
  rule,
  'pass',
  'none_stayed',
  format('{}: {} to be canceled by {}, none had stayed', rule, count(*), due_on),
  null,
  [min(lines[1])],
  rule,
  null,
  null,
  null
from due
where due_on is not null
group by rule, due_on
having not bool_or(is_overdue)
union all
select 'no days are set', null, null, 'unknown', 'days_unset', 'days of trials, of freezing and of time without use are all unset', null, [min(origin)], null, null, null, null
from accounts
where trial_days() is null and frozen_days() is null and inactive_days() is null
having count(*) > 0
