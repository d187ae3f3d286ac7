/*
id         = "DET-03"
title      = "No address tries the passwords of many users"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one address and UTC day with sign-ins that did not succeed (address / day); a burst counts on each day on which it reaches the number of users"
needs      = ["access_events", "addresses"]
may_use    = ["assets", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Leads only: no fact here breaks a promise by itself. Counts primary logs and needs no baseline. The window slides with each attempt, and an event exactly one window before is inside. Sees one address text at a time: spraying that takes another address each time passes here, and DET-04 sees it only where one user is tried often. A spray slower than the window passes. Logins that do not exist count like others. A shared address is lowered only where an address database or the register of own networks names it. Other rule sets: Elastic's \"Potential Password Spraying of Microsoft 365 User Accounts\" counts 25 failures of any users in 30 minutes, Microsoft Sentinel's \"Potential Password Spray Attack\" (Okta) more than 15 users in 5 minutes, Sigma's \"Password Spray Activity\" takes Entra ID's verdict, CrowdSec's user enumeration (LePresidente/authelia-bf_user-enum) more than 5 users in a bucket that leaks."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.spray_users]
type    = "integer"
default = 5
unit    = "users"
source  = "management"
meaning = "Users whose sign-ins fail from one address that make a spray; default of Microsoft Sentinel's rule \"Password spray attack against Microsoft Entra ID application\" (SigninPasswordSpray: 5 accounts in 20 minutes)"
[parameters.spray_minutes]
type    = "integer"
default = 20
unit    = "minutes"
source  = "management"
meaning = "Length of the window; from the same rule"
[parameters.spray_tries]
type    = "integer"
default = 3
unit    = "failed sign-ins a user"
source  = "management"
meaning = "Failures a user, on average over the burst, up to which it is a spray; above, it is guessing at many users"
[reasons]
few_users      = "Not so many users failed from the address within the window"
sprayed        = "Many users failed from the address, few times each"
hammered       = "Many users failed from the address, many times each"
signed_in      = "Many users failed from the address, and one of them then signed in from it"
shared_address = "Many users failed from an address that many share: an own office or VPN, or an exit of an anonymizer, hosting company or mobile network"
unclear        = "How some sign-ins ended is not known; they may make a spray"
[columns]
users     = "Users who failed from the address between the first and the last failure of the day's bursts"
tries     = "Their failures"
first_at  = "First failure of the day's bursts, UTC"
last_at   = "Last failure of the day's bursts, UTC"
signed_in = "Users who failed in the bursts and then signed in from the address, at most one window later"
*/
with
targets as (    -- only they can show a spray, and windows over few rows are cheap
  select source_ip
  from sign_ins
  where event_outcome <> 'success' and source_ip is not null
  group by source_ip
  having count(distinct user_id) >= spray_users()
),
tried as (
  select
    *,
    load_id || ':' || line as origin,
    event_outcome = 'success' as is_success,
    event_outcome = 'failure' as is_failure
  from sign_ins
  semi join targets using (source_ip)
  where source_ip is not null
),
counted as (
  select
    source_ip,
    day_at,
    event_time,
    is_failure,
    count(distinct user_id) filter (where is_failure) over recent as users,
    count(distinct user_id) over recent as possible_users,
    min(event_time) filter (where is_failure) over recent as first_at
  from tried
  where not is_success
  window recent as (partition by source_ip order by event_time range between to_minutes(spray_minutes()) preceding and current row)
),
bursts as (    -- the failures of a day_at's bursts lie between first_at and last_at
  select
    source_ip,
    day_at,
    min(first_at) filter (where users >= spray_users()) as first_at,
    max(event_time) filter (where is_failure and users >= spray_users()) as last_at
  from counted
  where possible_users >= spray_users()
  group by source_ip, day_at
),
victims as (
  select
    burst.source_ip,
    burst.day_at,
    tried.user_id,
    count(*) filter (where tried.is_failure and tried.event_time <= burst.last_at) as tries,
    min(tried.event_time) filter (where tried.is_failure) as tried_at,
    max(tried.event_time) filter (where tried.is_success) as signed_in_at,
    list(tried.origin order by tried.event_time, tried.origin) filter (where tried.is_failure and tried.event_time <= burst.last_at) as origins,
    max((tried.event_time, tried.origin)) filter (where tried.is_success) as success
  from bursts as burst
  join tried
    on tried.source_ip = burst.source_ip
    and tried.event_time >= burst.first_at
    and tried.event_time <= burst.last_at + to_minutes(spray_minutes())
  group by burst.source_ip, burst.day_at, tried.user_id
),
sprays as (
  select
    source_ip,
    day_at,
    count(*) as users,
    sum(tries)::bigint as tries,
    count(*) filter (where signed_in_at >= tried_at) as signed_in,
    list(struct_extract(success, 2) order by user_id) filter (where signed_in_at >= tried_at) as success_origins,
    flatten(list(origins order by user_id)) as origins
  from victims
  where tries > 0
  group by source_ip, day_at
),
shared_addresses as (    -- by what a database or the register of own networks says of the day_at
  select burst.source_ip, burst.day_at, coalesce('own ' || min(own.network_use), min(address.network_kind)) as named
  from bursts as burst
  join addresses as address on address.address = burst.source_ip
  left join sign_in_own_networks as own
    on own.address = burst.source_ip
    and own.valid_from_at <= burst.last_at
    and (own.valid_to_at is null or own.valid_to_at > burst.last_at)
  where own.address is not null or address.network_kind in ('anonymizer', 'hosting', 'mobile')
  group by burst.source_ip, burst.day_at
),
days as (
  select source_ip, day_at, count(*) as attempts, count(distinct user_id) as users
  from sign_ins
  where event_outcome <> 'success' and source_ip is not null
  group by source_ip, day_at
),
judged as (
  select
    days.source_ip,
    days.attempts,
    days.users as day_users,
    days.day_at,
    spray.users,
    spray.tries,
    bursts.first_at,
    bursts.last_at,
    spray.signed_in,
    shared.named,
    list_concat(spray.success_origins, spray.origins) as origins,
    case
      when bursts.source_ip is null then 'few_users'
      when spray.source_ip is null then 'unclear'
      when shared.named is not null then 'shared_address'
      when spray.signed_in > 0 then 'signed_in'
      when spray.tries > spray_tries() * spray.users then 'hammered'
      else 'sprayed'
    end as reason
  from days
  left join bursts using (source_ip, day_at)
  left join sprays as spray using (source_ip, day_at)
  left join shared_addresses as shared using (source_ip, day_at)
)
select
  format('{} / {}', source_ip, day_at::date) as item,
  day_at as item_at,
  source_ip as subject,
  case
    when reason = 'few_users' then 'pass'
    when reason = 'unclear' then 'unknown'
    else 'manual'
  end as outcome,
  reason,
  case
    when users is null then format('{} attempts of {} users did not succeed', attempts, day_users)
    else format('{} failures of {} users from {} to {}; {} of them then signed in{}', tries, users, first_at, last_at, signed_in, coalesce('; ' || named, ''))
  end as detail,
  null as cause,
  origins as lines,
  users,
  tries,
  first_at,
  last_at,
  signed_in
from judged
