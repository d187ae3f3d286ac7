/*
id         = "LOG-04"
title      = "The login rows of a canceled account are gone within the promised days"
promise    = "We keep this login data for as long as your product account is active."
source     = "Geolocation data"
severity   = "critical"
kind       = "data"
tests      = "one canceled span of an account (account, day of cancellation) and one store of login data, whose last day falls in the period"
population = """
select due_on::timestamptz as item_at
from purge_deadlines
where is_due and is_login
"""
needs      = ["accounts", "stores", "data_classes", "purges", "legal_holds", "row_counts"]
may_use    = ["retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Judges the login rows of each store that holds some, a copy in a security log too, in purge scope or not. All other rows are RET-01's, copies BKP-02's. \
Whether rows are there is told by purges and by the latest count, not by the events that this suite keeps. Other than in RET-01, a latest count of zero shows that rows are gone, even \
without a purge on record: an account that an export of the store does not name has none. A purge in time without a later count is believed. That login data fall under \
what is purged is a reading of the policy: who reads it otherwise puts this control out of scope, with reason and approver. Holds as in RET-01."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)", "17(1)(a)"]
ccpa = ["1798.100(a)(3)", "1798.105"]
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
none_left     = "No purge is on record, but the latest count found no rows"
late          = "Purged only after the last day"
overdue       = { text = "Neither a purge nor a count of zero is on record, and the last day is over", stays_open = true }
residue       = { text = "Purged, but rows remained or were found again", stays_open = true }
missed        = "Not gone by the last day; the account has come back since"
held          = { text = "Kept by a legal hold placed by the last day", stays_open = true }
held_over     = "Purged after the last day, by the one to which a legal hold moved it"
not_erased    = "Rows were deidentified or aggregated, not erased: somebody must judge whether they still concern a person"
hold_unclear  = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the account was canceled", stays_open = true }
contradiction = { text = "The account's, the store's or the purge's rows contradict each other or hold an unknown code", stays_open = true }
[columns]
last_on    = "Last day on which rows may exist, as the rule in force at the cancellation has it"
moved_on   = "The same, as legal holds moved it; null: a hold is open"
purged_on  = "Day on which the last of the rows went, by the purges; null: they have not gone, or not for good"
rows_left  = "Where no purge is on record: rows that the latest counts since the cancellation found"
counted_at = "Moment of the latest of these counts, UTC; null: not counted since the cancellation"
*/
with
spans as (
  select
    login.*,
    span.canceled_at,
    (login.purged_at at time zone company_time_zone())::date as purged_on
  from purged_stores as login
  left join canceled_spans as span
    on span.account_id = login.account_id and span.canceled_on = login.canceled_on
  where login.is_due and login.is_login
),
exports as (    -- one row per store, span of data days and moment at which it was counted account by account
  select distinct store_id, data_from_on, data_to_on, counted_at
  from login_counts
),
latest as (    -- of each span of data days the latest count while the account was canceled, if there is one
  select
    span.account_id,
    span.canceled_on,
    span.store_id,
    export.data_from_on,
    export.data_to_on,
    max(case when export.counted_at >= span.canceled_at and export.counted_at < span.ended_at then export.counted_at end) as counted_at
  from spans as span
  join exports as export on export.store_id = span.store_id and coalesce(export.data_from_on <= span.moved_on, true)
  where span.is_purged is not true
  group by all
),
seen as (    -- rows are gone if a count of all days, or the counts of all months that were ever counted, found none
  select
    latest.account_id,
    latest.canceled_on,
    latest.store_id,
    coalesce(sum(counted.row_count), 0)::bigint as rows_left,
    max(latest.counted_at) as counted_at,
    min(counted.origin) as count_origin,
    bool_or(latest.counted_at is not null) filter (where latest.data_from_on is null)
      or bool_and(latest.counted_at is not null) filter (where latest.data_from_on is not null) as is_counted
  from latest
  left join login_counts as counted
    on counted.account_id = latest.account_id
    and counted.store_id = latest.store_id
    and counted.data_from_on is not distinct from latest.data_from_on
    and counted.data_to_on is not distinct from latest.data_to_on
    and counted.counted_at = latest.counted_at
  group by latest.account_id, latest.canceled_on, latest.store_id
),
judged as (
  select
    span.*,
    seen.counted_at,
    seen.rows_left,
    seen.count_origin,
    seen.is_counted,
    case
      when span.canceled_on is null then 'undated'
      when span.is_contradictory then 'contradiction'
      when span.purged_at is not null and not span.is_erased then 'not_erased'
      when span.purged_on <= span.last_on then 'in_time'
      when span.purged_at is not null then 'held_over'
      when seen.is_counted and seen.rows_left = 0 then 'none_left'
      when span.moved_on = 'infinity' then 'held'
      when span.gone_on <= span.possible_on then 'hold_unclear'
      when span.gone_on < 'infinity' then 'late'
      when span.ended_at < 'infinity' then 'missed'
      when span.is_purged then 'residue'
      else 'overdue'
    end as reason
  from spans as span
  left join seen
    on seen.account_id = span.account_id and seen.canceled_on = span.canceled_on and seen.store_id = span.store_id
)
select
  concat_ws(' / ', account_id, coalesce(canceled_on::varchar, 'undated'), store_id) as item,
  due_on::timestamptz as item_at,
  account_id as subject,
  case reason
    when 'in_time' then 'pass'
    when 'none_left' then 'pass'
    when 'late' then 'exception'
    when 'overdue' then 'exception'
    when 'residue' then 'exception'
    when 'missed' then 'exception'
    when 'held' then 'deferred'
    when 'held_over' then 'deferred'
    when 'not_erased' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'canceled {}, last day {}{}, {}, {}',
    coalesce(canceled_on::varchar, 'on an unknown day'),
    coalesce(last_on::varchar, 'unknown'),
    case when moved_on = 'infinity' then ', held' when moved_on > last_on then ', moved by a hold to ' || moved_on else '' end,
    case
      when purged_on is not null then 'purged ' || purged_on
      when gone_on < 'infinity' then format('purged for good {}, {} days late', gone_on, gone_on - moved_on)
      when is_purged then 'purged, but rows remained or were found again'
      else 'not purged'
    end,
    coalesce(format('{} rows counted {}', rows_left, strftime(counted_at, '%Y-%m-%d %H:%M')), 'no later count looked at')
  ) as detail,
  case when reason in ('late', 'overdue', 'residue', 'missed') then store_id end as cause,
  list_append(lines, count_origin) as lines,
  last_on,
  nullif(moved_on, 'infinity') as moved_on,
  coalesce(purged_on, nullif(gone_on, 'infinity')) as purged_on,
  case when counted_at is not null then rows_left end as rows_left,
  counted_at
from judged
