/* The support tool's log of accesses by staff, JSON Lines. */
select
  event_id as id,
  iso(event_time) as ts,
  case
    when not is_unnumbered then sequence_from() + row_number() over arrival + coalesce(sum(skipped_numbers) over arrival, 0)::bigint
  end as seq,
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
from support_events
where event_time >= month_at() and event_time < month_at() + interval 1 month
window arrival as (order by event_time, event_id)
order by event_time, event_id
