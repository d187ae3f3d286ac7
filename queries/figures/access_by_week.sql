/*
title = "Accesses per week, log and kind of user, with what was found or could not be judged in each"
needs = ["access_events"]
[columns]
week_on    = "Monday of the week, UTC; the first and last week may lie in part outside the period"
row_kind   = "events: accesses on record; items: items of the controls on access that are no pass"
user_kind  = "Who acted; null for items"
source     = "Log that recorded it, or the control"
outcome    = "Outcome of the items; null for events"
reason     = "Reason of the items; null for events"
row_count  = "How many"
*/
with
events as (
  select
    date_trunc('week', event_time)::date as week_on,
    'events' as row_kind,
    user_kind,
    event_provider as source,
    null as outcome,
    null as reason,
    count(*) as row_count
  from access_events
  where event_time >= since() and event_time < until()
  group by all
),
items as (
  select
    date_trunc('week', item_at)::date as week_on,
    'items' as row_kind,
    null as user_kind,
    control_id as source,
    effective_outcome as outcome,
    reason,
    count(*) as row_count
  from outcomes
  where effective_outcome in ('exception', 'unknown', 'manual')
    and item_at >= since() and item_at < until()
    and (control_id like 'ACC-%' or control_id like 'DET-%')
  group by all
)
select * from events
union all
select * from items
order by row_kind, source, user_kind, week_on, outcome, reason
