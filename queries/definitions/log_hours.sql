/*
title = "Events of each log in each hour that a loaded file covers, and the count usual for it"
*/
-- One row per log and hour (UTC) that one of its files covers or has events of.
-- Usual: median of the same weekday and hour in the last 4 weeks, holidays left out; null where there is none.
with
counted as (
  select event_provider, epoch_us(event_time) // 3600000000 as hour, count(*) as events, bool_or(event_dataset = 'session') as has_sessions
  from access_events
  group by event_provider, hour
),
covered as (    -- a file without a stated span covers the hours from its first to its last event
  select
    part as event_provider,
    unnest(range(
      epoch_us(coalesce(covers_from_at, first_at)) // 3600000000,
      coalesce((epoch_us(covers_to_at) - 1) // 3600000000, epoch_us(last_at) // 3600000000) + 1
    )) as hour
  from loads
  where table_name = 'access_events'
),
hours as (
  select
    grid.event_provider,
    grid.hour,
    make_timestamptz(grid.hour * 3600000000) as hour_at,
    coalesce(counted.events, 0) as events
  from (select event_provider, hour from counted union select event_provider, hour from covered) as grid
  left join counted using (event_provider, hour)
),
usual as (    -- each hour bears on the same hour of the next 4 weeks
  select hours.event_provider, hours.hour + 168 * weeks.later as hour, median(hours.events) as usual_count
  from hours
  cross join generate_series(1, 4) as weeks(later)
  where hours.hour_at::date not in (select holiday_on from holidays)
  group by all
)
select
  hours.event_provider,
  hours.hour_at,
  hours.events,
  hours.event_provider in (select event_provider from counted where has_sessions) as is_session_store,
  usual.usual_count
from hours
left join usual using (event_provider, hour)
