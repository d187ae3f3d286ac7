/*
id         = "DET-04"
title      = "No user's password is tried from many addresses"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one user and UTC day with sign-ins that did not succeed (user / day); a burst counts on each day on which it reaches the number of addresses"
needs      = ["access_events", "addresses"]
may_use    = ["stores"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Leads only: no fact here breaks a promise by itself. Counts primary logs and needs no baseline. The window slides with each attempt, and an event exactly one window before is inside. Addresses count by their text, so one device with changing IPv6 addresses looks like many; where a database names one operator for all of them, the lead is lowered. Guessing slower than the window passes, and so does guessing at many users with few tries for each. A sign-in afterwards may be the user's own. Other rule sets: Splunk's \"Azure AD Multi-Source Failed Authentications Spike\" counts users and addresses of all failures in 5 minutes; Sigma and CrowdSec count by address and have no rule for one user and many addresses."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.spread_addresses]
type    = "integer"
default = 10
unit    = "addresses"
source  = "management"
meaning = "Addresses from which one user's sign-ins fail that make spread guessing; Microsoft Sentinel's \"Distributed Password cracking attempts in Microsoft Entra ID\" (DistribPassCrackAttempt) asks more than 30 failures from 3 places in a day"
[parameters.spread_hours]
type    = "integer"
default = 24
unit    = "hours"
source  = "management"
meaning = "Length of the window; from the same rule"
[parameters.spread_tries]
type    = "integer"
default = 3
unit    = "failed sign-ins an address"
source  = "management"
meaning = "Failures an address, on average over the burst, up to which the guessing hides behind many addresses; above, it does not hide"
[reasons]
few_addresses = "The user did not fail from so many addresses within the window"
spread        = "The user failed from many addresses, few times from each"
hammered      = "The user failed from many addresses, many times from each"
signed_in     = "The user failed from many addresses, and then a sign-in succeeded"
one_network   = "The user failed from many addresses, all of one operator, as a phone or changing addresses at home would"
unclear       = "How some sign-ins ended is not known; they may make spread guessing"
[columns]
addresses = "Addresses from which the user failed between the first and the last failure of the day's bursts"
tries     = "Failures from them"
exits     = "Those of the addresses that a database names as exits of an anonymizer or hosting company"
first_at  = "First failure of the day's bursts, UTC"
last_at   = "Last failure of the day's bursts, UTC"
signed_in = "Sign-ins of the user that succeeded after the first failure, at most one window after the last one"
*/
with
targets as (    -- only they can show spread guessing, and windows over few rows are cheap
  select user_id
  from sign_ins
  where event_outcome <> 'success' and source_ip is not null
  group by user_id
  having count(distinct source_ip) >= spread_addresses()
),
tried as (
  select
    *,
    load_id || ':' || line as origin,
    event_outcome = 'success' as is_success,
    event_outcome = 'failure' as is_failure
  from sign_ins
  semi join targets using (user_id)
  where source_ip is not null
),
counted as (
  select
    user_id,
    day_at,
    event_time,
    is_failure,
    count(distinct source_ip) filter (where is_failure) over recent as addresses,
    count(distinct source_ip) over recent as possible_addresses,
    min(event_time) filter (where is_failure) over recent as first_at
  from tried
  where not is_success
  window recent as (partition by user_id order by event_time range between to_hours(spread_hours()) preceding and current row)
),
bursts as (    -- the failures of a day_at's bursts lie between first_at and last_at
  select
    user_id,
    day_at,
    min(first_at) filter (where addresses >= spread_addresses()) as first_at,
    max(event_time) filter (where is_failure and addresses >= spread_addresses()) as last_at
  from counted
  where possible_addresses >= spread_addresses()
  group by user_id, day_at
),
places as (
  select
    burst.user_id,
    burst.day_at,
    tried.source_ip,
    count(*) filter (where tried.is_failure and tried.event_time <= burst.last_at) as tries,
    count(*) filter (where tried.is_success) as signed_in,
    list(tried.origin order by tried.event_time, tried.origin) filter (where tried.is_failure and tried.event_time <= burst.last_at) as origins,
    list(tried.origin order by tried.event_time, tried.origin) filter (where tried.is_success) as success_origins
  from bursts as burst
  join tried
    on tried.user_id = burst.user_id
    and tried.event_time >= burst.first_at
    and tried.event_time <= burst.last_at + to_hours(spread_hours())
  group by burst.user_id, burst.day_at, tried.source_ip
),
guesses as (
  select
    place.user_id,
    place.day_at,
    count(*) filter (where place.tries > 0) as addresses,
    sum(place.tries)::bigint as tries,
    sum(place.signed_in)::bigint as signed_in,
    count(*) filter (where place.tries > 0 and address.network_kind in ('anonymizer', 'hosting')) as exits,
    count(distinct coalesce(address.autonomous_system::varchar, address.network_name)) filter (where place.tries > 0) = 1
      and count(*) filter (where place.tries > 0 and address.autonomous_system is null and address.network_name is null) = 0 as is_one_network,
    flatten(list(place.success_origins order by place.source_ip)) as success_origins,
    flatten(list(place.origins order by place.source_ip) filter (where place.tries > 0)) as origins
  from places as place
  left join addresses as address on address.address = place.source_ip
  group by place.user_id, place.day_at
),
days as (
  select user_id, day_at, count(*) as attempts, count(distinct source_ip) as addresses
  from sign_ins
  where event_outcome <> 'success' and source_ip is not null
  group by user_id, day_at
),
judged as (
  select
    days.user_id,
    days.attempts,
    days.addresses as day_addresses,
    days.day_at,
    guess.addresses,
    guess.tries,
    guess.exits,
    bursts.first_at,
    bursts.last_at,
    guess.signed_in,
    list_concat(guess.success_origins, guess.origins) as origins,
    case
      when bursts.user_id is null then 'few_addresses'
      when guess.user_id is null then 'unclear'
      when guess.is_one_network then 'one_network'
      when guess.signed_in > 0 then 'signed_in'
      when guess.tries > spread_tries() * guess.addresses then 'hammered'
      else 'spread'
    end as reason
  from days
  left join bursts using (user_id, day_at)
  left join guesses as guess using (user_id, day_at)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason = 'few_addresses' then 'pass'
    when reason = 'unclear' then 'unknown'
    else 'manual'
  end as outcome,
  reason,
  case
    when addresses is null then format('{} attempts from {} addresses did not succeed', attempts, day_addresses)
    else format('{} failures from {} addresses ({} exits) from {} to {}; {} sign-ins after the first', tries, addresses, exits, first_at, last_at, signed_in)
  end as detail,
  null as cause,
  origins as lines,
  addresses,
  tries,
  exits,
  first_at,
  last_at,
  signed_in
from judged
