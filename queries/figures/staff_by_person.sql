/*
title = "Accesses by people of ours for each login and log: the busiest ten, all with exceptions, and the others together"
needs = ["access_events"]
[columns]
place      = "Rank by accesses; null for the others together"
user_id    = "Login; null for the others together"
source     = "Log that recorded the access"
people     = "Logins in the row"
accesses   = "Successful accesses in the period"
exceptions = "Items of ACC-01 that are exceptions"
*/
with
service_logins as (    -- machines would hide the people
  select distinct unnest(user_ids) as user_id from people where kind = 'service'
),
accesses as (
  select user_id, event_provider as source, count(*) as accesses
  from access_events
  anti join service_logins using (user_id)
  where user_kind = 'staff' and event_outcome = 'success' and event_time >= since() and event_time < until()
  group by all
),
marks as (
  select events.user_id, events.event_provider as source, count(*) as exceptions
  from outcomes
  join access_events as events on events.event_id = outcomes.item
  where outcomes.control_id = 'ACC-01' and outcomes.effective_outcome = 'exception'
  group by all
),
totals as (
  select
    user_id,
    row_number() over (order by sum(accesses) desc, user_id) as place,
    sum(exceptions) as exceptions
  from accesses
  left join marks using (user_id, source)
  group by user_id
),
named as (
  select user_id, place
  from totals
  where place <= 10 or (exceptions > 0 and place <= 200)
)
select
  named.place,
  named.user_id,
  accesses.source,
  count(distinct accesses.user_id) as people,
  sum(accesses.accesses)::bigint as accesses,
  coalesce(sum(marks.exceptions), 0)::bigint as exceptions
from accesses
left join marks using (user_id, source)
left join named using (user_id)
group by all
order by named.place nulls last, accesses.source
