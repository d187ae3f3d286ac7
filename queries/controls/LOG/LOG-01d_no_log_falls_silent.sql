/*
id         = "LOG-01d"
title      = "No log is silent in an hour in which it usually has events"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "critical"
kind       = "hybrid"
tests      = "one UTC hour of a log (provider / hour) that its files cover and whose usual count is high enough for silence to mean something"
population = "select hour_at as item_at from log_hours where usual_count >= usual_events()"
needs      = ["access_events", "loads"]
may_use    = ["cases", "holidays"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Usual is the median of the same weekday and hour (UTC) in the last 4 weeks, holidays left out of it; a quiet or a new log is not judged, nor an hour that no file covers. An hour with a single event is not silent. Only a maintenance case that names the log and covers the whole hour excuses it; an open case excuses nothing. That all logs are listed is an attestation."
[clauses]
dpf  = ["II.4.a", "III.7"]
gdpr = ["32(1)(b)", "5(1)(f)"]
ccpa = ["Regs 7123(c)(7)"]
[parameters.usual_events]
type    = "integer"
default = 7
unit    = "events an hour"
source  = "management"
meaning = "Usual count from which an empty hour is judged: an hour that usually has 7 is empty by chance less than once in a thousand"
[reasons]
active      = "It has events"
maintenance = "Silent during a maintenance of this log that covers the hour"
silent      = "No event in an hour that usually has some"
[columns]
events      = "Events in the hour"
usual_count = "Median of the same weekday and hour in the last 4 weeks"
*/
with
judged as (
  select
    log_hours.*,
    silent_hours.maintenance_origin,
    case
      when log_hours.events > 0 then 'active'
      when silent_hours.maintenance_origin is not null then 'maintenance'
      else 'silent'
    end as reason
  from log_hours
  left join silent_hours using (event_provider, hour_at)
  where log_hours.usual_count >= usual_events()
)
select
  format('{} / {}', event_provider, strftime(hour_at, '%Y-%m-%dT%H:00Z')) as item,
  hour_at as item_at,
  event_provider as subject,
  case
    when reason in ('active', 'maintenance') then 'pass'
    else 'exception'
  end as outcome,
  reason,
  format('{} events, usually {:g}', events, usual_count) as detail,
  event_provider as cause,
  [maintenance_origin] as lines,
  events,
  usual_count
from judged
