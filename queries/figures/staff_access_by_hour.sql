/*
title = "Accesses by staff for each hour of the week, with the exceptions among them"
needs = ["access_events"]
[columns]
weekday     = "1 Monday to 7 Sunday, UTC"
hour        = "Hour of the day, 0 to 23, UTC"
accesses    = "Successful accesses by staff in the period"
exceptions  = "Items of ACC controls that are exceptions"
unevaluated = "Items of ACC controls that could not be evaluated or need a person"
*/
with
service_logins as (    -- machines would hide the people
  select distinct unnest(user_ids) as user_id from people where kind = 'service'
),
accesses as (
  select isodow(event_time) as weekday, extract(hour from event_time) as hour, count(*) as accesses
  from access_events
  anti join service_logins using (user_id)
  where user_kind = 'staff' and event_outcome = 'success' and event_time >= since() and event_time < until()
  group by all
),
marks as (
  select
    isodow(item_at) as weekday,
    extract(hour from item_at) as hour,
    count(*) filter (where effective_outcome = 'exception') as exceptions,
    count(*) filter (where effective_outcome in ('unknown', 'manual')) as unevaluated
  from outcomes
  where control_id in ('ACC-01', 'ACC-02') and item_at >= since() and item_at < until()
  group by all
)
select
  weekday,
  hour,
  coalesce(accesses, 0) as accesses,
  coalesce(exceptions, 0) as exceptions,
  coalesce(unevaluated, 0) as unevaluated
from accesses
full join marks using (weekday, hour)
order by weekday, hour
