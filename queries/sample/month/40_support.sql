/* The support tool's log of accesses by staff, JSON Lines. */
select
  event_id as id,
  iso(event_time) as ts,
  seq,
  actor,
  tool,
  action,
  account,
  rows,
  grant_id as grant,
  reason,
  sid,
  ip,
  agent,
  result
from numbered_support_events
where event_time >= month_at() and event_time < month_at() + interval 1 month
order by event_time, event_id
