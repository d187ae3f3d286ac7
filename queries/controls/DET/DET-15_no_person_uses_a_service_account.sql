/*
id         = "DET-15"
title      = "No person uses a service account"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one service login and UTC day with its successes, but those that ACC-01 judges (login / day)"
needs      = ["access_events", "people", "addresses"]
rests_on   = ["IPE-01", "IPE-02"]
needs_nobody = ["short_baseline"]
limits     = """Certain (exception): a browser that a log calls staff used a service login. A lead (manual): the login came from an address new to it \
from which a person of ours was active within the minutes around; from an own network, or an exit that a database names as anonymizer or hosting, \
which several share, the reason says so. The baseline is the login's own addresses in the days before; where it is too short, such a day is unknown. \
Accesses of service logins to customer accounts by hand are ACC-01's exception (service_by_hand) and left out here. A person who works with a \
service's own program from its own address is not seen. Public rule sets: Elastic's AWS rules of type new terms look for a login's new address or \
agent in 10 to 14 days; MITRE ATT&CK T1078, Valid Accounts."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(b)", "32(1)(d)", "32(4)"]
[parameters.service_minutes]
type    = "integer"
default = 60
unit    = "minutes"
source  = "management"
meaning = "A person active at the same address this long before or after, or less, may be who used the service login"
[parameters.service_span_days]
type    = "integer"
default = 14
unit    = "days"
source  = "management"
meaning = "Days before in which an address was not used by the login make it new; the longer span of Elastic's new-terms rules on AWS"
[parameters.service_active_days]
type    = "integer"
default = 5
unit    = "days"
source  = "management"
meaning = "Active days of the login in that span below which the baseline is too short"
[reasons]
by_itself       = "No sign of a person"
by_hand         = "Used with a browser, by a person"
persons_address = "From an address new to it, where a person of ours was active at the same time"
shared_address  = "The same, but the address is an exit or network that several share"
short_baseline  = "A person of ours was active at its address at the same time, and the login was active on too few days before to know its addresses"
[columns]
successes = "Successes of the day"
signs     = "Those that show a person"
first_at  = "First of these"
last_at   = "Last of these"
people    = "People active at the address at the same time"
*/
with
uses as (
  select
    event.user_id,
    event.event_time::date as day,
    event.event_time,
    event.source_ip,
    coalesce(event.user_kind = 'staff' and event.user_agent like 'Mozilla/%', false) as is_by_hand,
    event.origin
  from access_events as event
  join logins as login on login.user_id = event.user_id and login.is_service
  where event.event_outcome = 'success'
    and event.event_id not in (select event_id from staff_accesses)
),
days as (
  select user_id, day, count(*) as successes
  from uses
  group by user_id, day
),
baselines as (
  select
    user_id,
    day,
    successes,
    count(*) over (
      partition by user_id order by day
      range between to_days(service_span_days()) preceding and interval 1 day preceding
    ) as active_days
  from days
),
places as (
  select
    user_id,
    source_ip,
    day,
    lag(day) over (partition by user_id, source_ip order by day) as earlier_day
  from (select distinct user_id, source_ip, day from uses where source_ip is not null)
),
colleagues as (
  select person_id, source_ip, event_time
  from staff_work
  where source_ip in (select source_ip from places)
),
meetings as (
  select uses.user_id, uses.day, uses.event_time, uses.origin, uses.source_ip, colleague.person_id
  from uses
  join places using (user_id, source_ip, day)
  join colleagues as colleague
    on colleague.source_ip = uses.source_ip
    and colleague.event_time >= uses.event_time - to_minutes(service_minutes())
    and colleague.event_time <= uses.event_time + to_minutes(service_minutes())
  where places.earlier_day is null or places.earlier_day < uses.day - service_span_days()
),
signs as (
  select user_id, day, event_time, origin, null::varchar as person_id, 'by_hand' as reason
  from uses
  where is_by_hand
  union all
  select
    meeting.user_id,
    meeting.day,
    meeting.event_time,
    meeting.origin,
    meeting.person_id,
    case
      when baseline.active_days < service_active_days() then 'short_baseline'
      when len(address.asset_ids) > 0 or address.network_kind in ('anonymizer', 'hosting') then 'shared_address'
      else 'persons_address'
    end
  from meetings as meeting
  join baselines as baseline using (user_id, day)
  left join addresses as address on address.address = meeting.source_ip
),
found as (
  select
    user_id,
    day,
    arg_min(reason, list_position(['by_hand', 'persons_address', 'shared_address', 'short_baseline'], reason)) as reason,
    count(distinct origin) as signs,
    min(event_time) as first_at,
    max(event_time) as last_at,
    list_sort(list(distinct person_id) filter (where person_id is not null)) as people,
    list_sort(list(distinct origin)) as origins
  from signs
  group by user_id, day
),
judged as (
  select
    days.user_id,
    days.day,
    days.successes,
    coalesce(found.signs, 0) as signs,
    found.first_at,
    found.last_at,
    found.people,
    found.origins,
    case when found.reason is null then 'by_itself' else found.reason end as reason
  from days
  left join found using (user_id, day)
)
select
  format('{} / {}', user_id, day) as item,
  day::timestamptz as item_at,
  user_id as subject,
  case
    when reason = 'by_itself' then 'pass'
    when reason = 'by_hand' then 'exception'
    when reason in ('persons_address', 'shared_address') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  coalesce(format('{} of {} successes, the first at {}, the last at {}', signs, successes, first_at, last_at), format('{} successes', successes)) as detail,
  user_id as cause,
  origins as lines,
  successes,
  signs,
  first_at,
  last_at,
  people
from judged
