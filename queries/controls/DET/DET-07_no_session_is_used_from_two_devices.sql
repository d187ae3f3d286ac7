/*
id         = "DET-07"
title      = "No session is used from two addresses with two programs"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one session with accesses whose address and program are known (session); it belongs to the moment of its first switch, else of its last access"
needs      = ["access_events", "addresses"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Leads only. A switch is two accesses that follow each other in one log and differ in address and program (the user agent as logged): whoever takes a session over from elsewhere makes one, whoever updates the browser or changes from Wi-Fi to a mobile network changes one of the two only. A thief who copies the program's name, or sits behind the same address, is not seen. Within one second the log's running number decides, else the order of arrival. Each log is looked at alone, so a proxy's address in one log and the client's in another make no switch. Needs no baseline. Other rule sets: Panther's \"Okta Potentially Stolen Session\" takes a session with another operator and another browser or system, Salesforce's session hijacking event a changed browser fingerprint; Sigma, Elastic and CrowdSec have no rule on the session's number itself."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[reasons]
one_device   = "One address or one program only"
never_both   = "Address and program changed, but never both between two accesses"
alternating  = "Address and program changed both, and changed back: the session was in use at two places"
switched     = "Address and program changed both, once and for all"
exit_network = "Address and program changed both, but each time with an exit of an anonymizer or hosting company at one end"
[columns]
switches  = "Times at which address and program changed both"
addresses = "Addresses at both ends of the first switch"
first_at  = "First switch, UTC"
last_at   = "Last switch, UTC"
*/
with
steps as (
  select
    event.session_id,
    event.event_provider,
    event.event_time,
    event.source_ip,
    event.user_agent,
    event.user_id,
    event.event_sequence,
    event.load_id,
    event.line,
    event.origin,
    lag(event.source_ip) over arrival as before_ip,
    lag(event.user_agent) over arrival as before_agent,
    lag(event.origin) over arrival as before_origin
  from access_events as event
  semi join (from session_devices where is_mixed) as mixed on mixed.session_id = event.session_id
  where event.source_ip is not null and event.user_agent is not null
  window arrival as (
    partition by event.session_id, event.event_provider
    order by event.event_time, event.event_sequence, event.load_id, event.line
  )
),
exits as (
  select address from addresses where network_kind in ('anonymizer', 'hosting')
),
switches as (
  select
    *,
    source_ip in (from exits) or before_ip in (from exits) as is_exit,
    row_number() over (order by event_time, event_sequence, load_id, line) as number
  from steps
  where source_ip <> before_ip and user_agent <> before_agent
),
departures as (
  select session_id, event_provider, before_ip as source_ip, before_agent as user_agent, min(number) as number
  from switches
  group by session_id, event_provider, before_ip, before_agent
),
returns as (
  select distinct switches.session_id
  from switches
  join departures as departure
    on departure.session_id = switches.session_id
    and departure.event_provider = switches.event_provider
    and departure.source_ip = switches.source_ip
    and departure.user_agent = switches.user_agent
    and departure.number < switches.number
),
takeovers as (
  select
    session_id,
    count(*) as switches,
    bool_and(is_exit) as is_exit,
    min(event_time) as first_at,
    max(event_time) as last_at,
    arg_min([before_ip, source_ip], number) as addresses,
    arg_min(user_id, number) as user_id,
    flatten(list([before_origin, origin] order by number)) as origins
  from switches
  group by session_id
),
judged as (
  select
    sessions.session_id,
    sessions.accesses,
    sessions.seen_at,
    takeover.switches,
    takeover.addresses,
    takeover.first_at,
    takeover.last_at,
    takeover.user_id,
    takeover.origins,
    case
      when takeover.session_id is null and sessions.is_mixed then 'never_both'
      when takeover.session_id is null then 'one_device'
      when takeover.is_exit then 'exit_network'
      when takeover.session_id in (from returns) then 'alternating'
      else 'switched'
    end as reason
  from session_devices as sessions
  left join takeovers as takeover using (session_id)
)
select
  session_id as item,
  coalesce(first_at, seen_at) as item_at,
  coalesce(user_id, session_id) as subject,
  case
    when reason in ('one_device', 'never_both') then 'pass'
    when reason in ('alternating', 'switched', 'exit_network') then 'manual'
  end as outcome,
  reason,
  case
    when switches is null then format('{} accesses', accesses)
    else format('{} switches among {} accesses, the first at {} from {} to {}, the last at {}', switches, accesses, first_at, addresses[1], addresses[2], last_at)
  end as detail,
  null as cause,
  origins as lines,
  switches,
  addresses,
  first_at,
  last_at
from judged
