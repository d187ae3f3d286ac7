/* The product's own sign-in log, JSON Lines. */
select
  event_id as id,
  iso(event_time) as time,
  iso(event_time + to_milliseconds(900 + pick('ingested', event_id, 14000))) as ingested,
  (select coalesce(sum(records), 0)::bigint from files where folder = 'product') + row_number() over (order by event_time, event_id) as seq,
  action,
  case when is_success then 'success' when not is_success then 'failure' end as result,
  why,
  user_id as user,
  account_id as account,
  product_session_id as session,
  is_mfa as mfa,
  product_ip as ip,
  user_agent as agent
from month_events
where is_in_product
order by event_time, event_id
