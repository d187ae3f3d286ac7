/*
title = "Hours without an event in a log that usually has some, and the maintenance that excuses them"
*/
-- Mutation kept: `log_hours.usual_count >= usual_events()` dropped from `log_hours.events = 0 and log_hours.usual_count >= usual_events()` — those who read it ask for the usual count too
-- One row per log and silent hour (UTC). maintenance_origin: a closed maintenance case that names the log and covers the hour.
select
  log_hours.event_provider,
  log_hours.hour_at,
  min(maintenance.origin) as maintenance_origin
from log_hours
left join cases as maintenance
  on maintenance.kind = 'maintenance'
  and list_contains(maintenance.event_providers, log_hours.event_provider)
  and maintenance.opened_at <= log_hours.hour_at
  and maintenance.closed_at >= log_hours.hour_at + interval 1 hour
where log_hours.events = 0 and log_hours.usual_count >= usual_events()
group by log_hours.event_provider, log_hours.hour_at
