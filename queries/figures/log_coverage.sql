/*
title = "Events for each log and day, whether the files delivered cover the day, and what was found about the log on it"
needs = ["access_events", "loads"]
[columns]
source      = "Log (event_provider)"
day_on      = "Day, UTC"
events      = "Events on record"
hours       = "Hours of the day with at least one event"
is_covered  = "A file delivered spans the whole day"
exceptions  = "Items of LOG-01 about this log and day that are exceptions"
unevaluated = "Items of LOG-01 about this log and day that could not be evaluated"
*/
with
days as (
  select unnest(range(since()::date, until()::date, interval 1 day))::date as day_on
),
logs as (
  select distinct event_provider as source from access_events
),
counts as (
  select
    event_provider as source,
    event_time::date as day_on,
    count(*) as events,
    count(distinct extract(hour from event_time)) as hours
  from access_events
  where event_time >= since() and event_time < until()
  group by all
),
marks as (
  select
    split_part(item, ' / ', 1) as source,
    item_at::date as day_on,
    count(*) filter (where effective_outcome = 'exception') as exceptions,
    count(*) filter (where effective_outcome in ('unknown', 'manual')) as unevaluated
  from outcomes
  where control_id like 'LOG-01%' and effective_outcome in ('exception', 'unknown', 'manual')
  group by all
),
covered as (
  select distinct loads.part as source, days.day_on
  from loads
  join days
    on coalesce(loads.covers_from_at, loads.first_at)::date <= days.day_on
    and coalesce(loads.covers_to_at, loads.last_at) > days.day_on::timestamptz
  where loads.table_name = 'access_events'
)
select
  logs.source,
  days.day_on,
  coalesce(counts.events, 0) as events,
  coalesce(counts.hours, 0) as hours,
  covered.source is not null as is_covered,
  coalesce(marks.exceptions, 0) as exceptions,
  coalesce(marks.unevaluated, 0) as unevaluated
from logs
cross join days
left join counts using (source, day_on)
left join marks using (source, day_on)
left join covered using (source, day_on)
order by logs.source, days.day_on
