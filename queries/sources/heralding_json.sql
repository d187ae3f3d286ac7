/*
title      = "Heralding honeypot, JSON Lines"
table      = "access_events"
provider   = "heralding"
records    = "lines"
file_names = ["heralding*.json*", "log_session*.json*"]
recognise  = "has_keys(text, ['session_id', 'source_ip', 'protocol', 'auth_attempts'])"
origin     = "Heralding, a honeypot that collects attempts to sign in: one object a connection (`log_session.json`), with the attempts made in it."
export     = "Deliver the file as it is."
limits     = "Times are UTC, as Heralding writes them. A record makes one event for the connection and one for each attempt. Nobody can sign in to a honeypot: each attempt is a failure. The passwords tried are in the raw line alone. Those who tried are unknown, so user_id is the name they gave, of kind anonymous."
# The sample: made for this project (CC0).
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"timestamp": "VARCHAR", "session_id": "VARCHAR", "source_ip": "VARCHAR", "protocol": "VARCHAR",
        "auth_attempts": [{"timestamp": "VARCHAR", "username": "VARCHAR"}]}') as session
  from records
),
events as (
  select
    line,
    session,
    session.timestamp as time_text,
    null::varchar as login,
    null::bigint as attempt_number
  from objects
  union all
  select
    line,
    session,
    attempt.timestamp,
    attempt.username,
    attempt_number
  from (
    select line, session, unnest(session.auth_attempts) as attempt, generate_subscripts(session.auth_attempts, 1) as attempt_number
    from objects
  )
)
select
  line,
  concat_ws('/', session.session_id, attempt_number) as event_id,
  zoned(time_text || '+00') as event_time,
  case when attempt_number is not null then 'auth' else 'session' end as event_dataset,
  file_provider() as event_provider,
  case when attempt_number is not null then 'sign_in' else 'session_start' end as event_action,
  case when attempt_number is not null then 'failure' else 'success' end as event_outcome,
  'by ' || session.protocol as event_reason,
  'anonymous' as user_kind,
  login as user_id,
  session.session_id as session_id,
  host(session.source_ip) as source_ip,
  case
    when session is null then 'is no JSON object'
    when session.session_id is null then 'has no session_id'
    when time_text is null then 'no time'
    when not is_dated(time_text) or zoned(time_text || '+00') is null then 'no moment: ' || left(time_text, 40)
  end as refused,
  null::varchar as ignored
from events
