/*
title      = "Cowrie honeypot, JSON Lines"
table      = "access_events"
provider   = "cowrie"
records    = "lines"
file_names = ["cowrie*.json*"]
recognise  = "has_keys(text, ['eventid', 'session', 'src_ip', 'timestamp']) and contains(text, '\"cowrie.')"
origin     = "Cowrie, an SSH and Telnet honeypot: `var/log/cowrie/cowrie.json`, one object an event."
export     = "Deliver the files as they are, rotated ones too (`cowrie.json.2026-07-01`)."
limits     = "Connections, attempts to sign in and ends of sessions are loaded; commands, downloads and the rest are ignored, counted by kind. A success means that the honeypot let somebody in. Passwords are in the raw line alone. Those who tried are unknown, so user_id is the name they gave, of kind anonymous."
# The sample: made for this project (CC0).
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"eventid": "VARCHAR", "timestamp": "VARCHAR", "session": "VARCHAR", "src_ip": "VARCHAR", "username": "VARCHAR"}') as event
  from records
),
events as (
  select
    line,
    event,
    case event.eventid
      when 'cowrie.login.success' then 'sign_in'
      when 'cowrie.login.failed' then 'sign_in'
      when 'cowrie.session.connect' then 'session_start'
      when 'cowrie.session.closed' then 'session_end'
    end as action
  from objects
)
select
  line,
  moment(event.timestamp) as event_time,
  case when action = 'sign_in' then 'auth' else 'session' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when event.eventid = 'cowrie.login.failed' then 'failure' else 'success' end as event_outcome,
  'anonymous' as user_kind,
  event.username as user_id,
  event.session as session_id,
  host(event.src_ip) as source_ip,
  case
    when event is null then 'is no JSON object'
    when event.eventid is null then 'is no event: no eventid'
    when action is not null and time_fault(event.timestamp) is not null then time_fault(event.timestamp)
  end as refused,
  case when event.eventid is not null and action is null then left(event.eventid, 60) || ': no sign-in' end as ignored
from events
