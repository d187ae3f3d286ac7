/*
title = "The same items, had we promised other days: 30, 45, 90, and what we do promise"
needs = ["accounts", "stores", "purges"]
[columns]
unit         = "stores: one account in one store; copies: one account purged in time, all its copies included"
promise_days = "Days from the cancellation to the last day"
is_ours      = "The number that we promise"
store_id     = "Store; null for copies"
in_time      = "Items that would be in time"
late         = "Items that would be late, or still there after the last day"
open         = "Items still there whose last day would not be over"
held         = "Items that a legal hold moved: left out of the other numbers"
*/
with
looked_from as (
  select (as_of() at time zone company_time_zone())::date as today
),
promises as (
  select distinct unnest([30, 45, 90, purge_days()]) as promise_days
),
lasted as (    -- how long data stayed, day by day: a few hundred rows, however many accounts
  select
    'stores' as unit,
    store_id,
    case when gone_on < 'infinity' then gone_on - canceled_on end as days,
    today - canceled_on as days_so_far,
    moved_on > last_on as is_held,
    count(*) as items
  from purged_stores
  cross join looked_from
  where is_due and canceled_on is not null and not is_contradictory and due_on >= since()::date and due_on < until()::date
  group by all
  union all
  select
    'copies',
    null,
    case when gone_on < 'infinity' then gone_on - canceled_on end,
    today - canceled_on,
    is_held,
    count(*)
  from (
    select
      canceled_on,
      greatest(max(purged_on), coalesce(max(gone.until_on), '-infinity')) as gone_on,
      bool_or(purged_on > last_on) as is_held
    from store_copies
    where canceled_on is not null
    group by account_id, canceled_on, ended_at
    having bool_and(purged_on is not null)
      and not bool_or(is_contradictory)
      and (ended_at at time zone company_time_zone())::date > max(last_on)
      and max(last_on) >= since()::date
      and max(last_on) < until()::date
      and max(last_on) < (select today from looked_from)
  ) as spans
  cross join looked_from
  group by all
)
select
  lasted.unit,
  promises.promise_days,
  promises.promise_days = purge_days() as is_ours,
  lasted.store_id,
  sum(lasted.items) filter (where not lasted.is_held and lasted.days <= promises.promise_days)::bigint as in_time,
  sum(lasted.items) filter (
    where not lasted.is_held and coalesce(lasted.days, lasted.days_so_far) > promises.promise_days
  )::bigint as late,
  sum(lasted.items) filter (
    where not lasted.is_held and lasted.days is null and lasted.days_so_far <= promises.promise_days
  )::bigint as open,
  sum(lasted.items) filter (where lasted.is_held)::bigint as held
from lasted
cross join promises
group by lasted.unit, promises.promise_days, lasted.store_id
order by lasted.unit desc, promises.promise_days, lasted.store_id
