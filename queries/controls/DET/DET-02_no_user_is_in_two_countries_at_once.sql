/*
id         = "DET-02"
title      = "No user signs in from two countries closer together than anyone travels"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one user and UTC day with successful sign-ins whose country is known (user / day); a pair counts on the day of its second sign-in"
population = """
  select date_trunc('day', event.event_time) as item_at
  from access_events as event
  join addresses as address on address.address = event.source_ip
  where event.event_action = 'sign_in' and event.event_outcome = 'success'
    and event.user_id is not null and address.country is not null
  group by event.user_id, date_trunc('day', event.event_time)
"""
needs      = ["access_events", "addresses"]
may_use    = ["people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Knows countries, not distances or places. Certain (exception) only where the address databases at hand agree on both countries, none names an exit of an anonymizer or hosting company, nobody gets from one country to the other in the time by road or ferry, and the login is of one person; else a lead (manual). A tunnel that no database names looks like travel. Addresses without a country are left out."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.travel_minutes]
type    = "integer"
default = 60
unit    = "minutes"
source  = "management"
meaning = "Two countries within this time, without a border or crossing between them, is no travel; Datadog's rule on impossible travel asks 500 km at 1,000 km/h (half an hour), Microsoft Sentinel's two countries within 3 hours"
[reasons]
no_travel        = "All sign-ins within the time are from one country"
two_countries    = "Two countries within the time, by all databases, and no way between them"
databases_differ = "Two countries within the time, but the databases disagree on one of them"
exit_network     = "Two countries within the time, but one address is an exit of an anonymizer or hosting company"
neighbors        = "Two countries within the time, with a border or crossing between them"
shared_login     = "Two countries within the time, but the login is a service or of several people"
[columns]
sign_ins  = "Successful sign-ins of the day with a known country"
countries = "Countries of the day, in alphabetical order"
*/
with
sightings as (
  select
    event.user_id,
    epoch_us(event.event_time) // 86400000000 as day,
    event.event_time,
    event.event_id,
    event.origin,
    event.user_kind,
    address.country,
    len(address.other_countries) > 0 as is_disputed,
    address.network_kind in ('anonymizer', 'hosting') as is_exit
  from access_events as event
  join addresses as address on address.address = event.source_ip
  where event.event_action = 'sign_in'
    and event.event_outcome = 'success'
    and event.user_id is not null
    and address.country is not null
),
travelers as (    -- only they can show a pair
  select user_id
  from sightings
  group by user_id
  having min(country) <> max(country)
),
moves as (    -- buckets of one window's length: a pair lies in one or in two neighboring buckets
  select sightings.*, epoch_us(event_time) // 60000000 // travel_minutes() as bucket
  from sightings
  semi join travelers using (user_id)
),
shared_logins as (
  select unnest(user_ids) as user_id from people where kind in ('shared', 'service')
),
pairs as (
  select
    later.user_id,
    later.day,
    later.event_time,
    format('{} at {}, {} at {}', earlier.country, earlier.event_time, later.country, later.event_time) as sentence,
    [earlier.origin, later.origin] as origins,
    case
      when earlier.is_disputed or later.is_disputed then 'databases_differ'
      when earlier.is_exit or later.is_exit then 'exit_network'
      when concat(least(earlier.country, later.country), '-', greatest(earlier.country, later.country))
        in (select pair from neighboring_countries) then 'neighbors'
      when later.user_kind = 'service' or later.user_id in (select user_id from shared_logins) then 'shared_login'
      else 'two_countries'
    end as reason
  from moves as later
  join (select *, unnest([bucket, bucket + 1]) as reach from moves) as earlier
    on earlier.user_id = later.user_id
    and earlier.reach = later.bucket
    and earlier.country <> later.country
    and earlier.event_time <= later.event_time
    and later.event_time <= earlier.event_time + to_minutes(travel_minutes())
),
travels as (
  select
    user_id,
    day,
    max(reason) as reason,    -- in alphabetical order the certain one is last
    list(sentence order by event_time, sentence) as sentences,
    flatten(list(origins order by event_time, sentence)) as origins
  from pairs
  group by user_id, day
),
days as (
  select user_id, day, count(*) as sign_ins, list_sort(list(distinct country)) as countries
  from sightings
  group by user_id, day
),
judged as (
  select
    days.*,
    make_timestamptz(days.day * 86400000000) as day_at,
    travels.sentences,
    travels.origins,
    case
      when travels.reason is null then 'no_travel'
      else travels.reason
    end as reason
  from days
  left join travels using (user_id, day)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason = 'no_travel' then 'pass'
    when reason = 'two_countries' then 'exception'
    else 'manual'
  end as outcome,
  reason,
  coalesce(
    format('{} pairs: {}', len(sentences), array_to_string(list_slice(sentences, 1, 5), '; ')),
    format('{} sign-ins from {}', sign_ins, array_to_string(countries, ', '))) as detail,
  null as cause,
  origins as lines,
  sign_ins,
  countries
from judged
