/* What the month's files draw on: the support tool's events with their running numbers, and the session store's rows. */
create or replace table numbered_support_events as
select
  * exclude (skipped_numbers, is_unnumbered),
  case when not is_unnumbered then row_number() over arrival + (sum(skipped_numbers) over arrival)::bigint end as seq
from support_events
window arrival as (order by event_time, event_id);

/* The session store's own rows, in the form of the dictionary: each session, when it began. */
create or replace table stored_sessions as
select
  'ss-' || token('store', session) as event_id,
  started_at as event_time,
  'session' as event_dataset,
  'sessions' as event_provider,
  'session_start' as event_action,
  'success' as event_outcome,
  'customer' as user_kind,
  user_id,
  account_id,
  's-' || token('session', session) as session_id,
  has_second_factor as is_mfa,
  case when is_in_office and not is_mobile then office_address else home_address end as source_ip,
  case when is_mobile then mobile_agent else desktop_agent end as user_agent
from sessions
join user_devices using (person)
union all
select
  'ss-' || token('store', event_id), event_time, 'session', 'sessions', 'session_start', 'success', 'customer',
  user_id, account_id, web_session_id, is_mfa, source_ip, user_agent
from extra_events
where action = 'sign_in' and is_success and web_session_id is not null;

create or replace view "../sessions/access_events.sessions.csv" as
select * from stored_sessions order by event_time, event_id;
