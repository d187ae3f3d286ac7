/*
id         = "DET-02"
title      = "No user signs in from two places closer together in time than anyone travels"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one user and UTC day with successful sign-ins whose country is known (user / day); a pair counts on the day of its second sign-in"
needs      = ["access_events", "addresses"]
may_use    = ["people", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Where an address database gives both places with their circles of uncertainty, two sign-ins that follow each other are judged by the speed from the edge of one circle to the edge of the other; else by two countries within the time, whichever sign-ins they are. Certain (exception) only where the address databases at hand agree on both countries, none names an exit of an anonymizer or hosting company, nobody gets from one country to the other in the time by road or ferry (by countries), and the login is of one person; else a lead (manual). A tunnel that no database names looks like travel, and a circle holds the place often, not always. Addresses without a country are left out. Needs no baseline. Other rule sets: CrowdSec's impossible travel asks more than 1,000 km within 3 hours, Sigma's \"Impossible Travel\" takes Entra ID's verdict."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.travel_minutes]
type    = "integer"
default = 60
unit    = "minutes"
source  = "management"
meaning = "Two countries within this time, without a border or crossing between them, is no travel; Datadog's rule on impossible travel asks 500 km at 1,000 km/h (half an hour), Microsoft Sentinel's two countries within 3 hours"
[parameters.travel_speed_kmh]
type    = "integer"
default = 1000
unit    = "kilometers an hour"
source  = "management"
meaning = "Faster than this nobody travels; from Datadog's rule on impossible travel"
[parameters.travel_km]
type    = "integer"
default = 500
unit    = "kilometers"
source  = "management"
meaning = "Distance between the edges of the circles from which on speed is judged, since circles miss by some; from the same rule"
[reasons]
no_travel        = "No two sign-ins are from places too far apart for the time between them"
too_fast         = "Two sign-ins faster after each other than anyone travels between the circles in which they lie"
two_countries    = "Two countries within the time, by all databases, and no way between them"
databases_differ = "Two places too close in time, but the databases disagree on the country of one of them"
exit_network     = "Two places too close in time, but one address is an exit of an anonymizer or hosting company"
neighbors        = "Two countries within the time, with a border or crossing between them"
shared_login     = "Two places too close in time, but the login is a service or of several people"
[columns]
sign_ins  = "Successful sign-ins of the day with a known country"
countries = "Countries of the day, in alphabetical order"
speed     = "Highest speed of the day's leads that were judged by it, kilometers an hour; at one moment: empty"
risk      = "How unlikely the sign-in is for this person, by the score of Freeman and others 2016 (definition sign_in_risk): leads with the highest come first; empty where it can't be said"
*/
with
places as (    -- what can be said of an address is said once an address
  select
    address,
    country,
    len(other_countries) > 0 as is_disputed,
    network_kind in ('anonymizer', 'hosting') as is_exit,
    case when accuracy_radius_km is not null then latitude end as latitude,
    case when accuracy_radius_km is not null then longitude end as longitude,
    accuracy_radius_km
  from addresses
  where country is not null
),
visits as (
  select distinct user_id, source_ip from sign_ins where event_outcome = 'success'
),
travelers as (    -- only they can show a pair
  select visit.user_id
  from visits as visit
  join places as place on place.address = visit.source_ip
  group by visit.user_id
  having min(place.country) <> max(place.country) or min(place.latitude) <> max(place.latitude) or min(place.longitude) <> max(place.longitude)
),
moves as (    -- buckets of one window's length: a pair lies in one or in two neighboring buckets
  select
    sign_in.*,
    place.* exclude (address),
    load_id || ':' || line as origin,
    latitude is not null and longitude is not null as is_located,
    user_kind = 'service' or user_id in (select unnest(user_ids) from people where kind in ('shared', 'service')) as is_shared,
    epoch_us(event_time) // 60000000 // travel_minutes() as bucket
  from sign_ins as sign_in
  semi join travelers using (user_id)
  join places as place on place.address = sign_in.source_ip
  where sign_in.event_outcome = 'success'
),
pairs as (
  select
    later.user_id,
    later.day_at,
    later.event_time,
    later.event_id,
    format('{} at {}, {} at {}', earlier.country, earlier.event_time, later.country, later.event_time) as sentence,
    null::double as speed,
    [earlier.origin, later.origin] as origins,
    case
      when earlier.is_disputed or later.is_disputed then 'databases_differ'
      when earlier.is_exit or later.is_exit then 'exit_network'
      when concat(least(earlier.country, later.country), '-', greatest(earlier.country, later.country))
        in (select pair from neighboring_countries) then 'neighbors'
      when later.is_shared then 'shared_login'
      else 'two_countries'
    end as reason
  from moves as later
  join (select *, unnest([bucket, bucket + 1]) as reach from moves) as earlier
    on earlier.user_id = later.user_id
    and earlier.reach = later.bucket
    and earlier.country <> later.country
    and earlier.event_time <= later.event_time
    and later.event_time <= earlier.event_time + to_minutes(travel_minutes())
    and not (earlier.is_located and later.is_located)
),
legs as (    -- from each located sign-in to the next
  select
    *,
    [lag(origin) over trip, origin] as origins,
    lag(event_time) over trip as left_at,
    lag(country) over trip as left_country,
    lag(is_disputed) over trip as was_disputed,
    lag(is_exit) over trip as was_exit,
    -- haversine formula on a sphere of the earth's mean radius, less both circles; below zero they overlap
    2 * 6371.0088 * asin(sqrt(least(1, sin(radians(latitude - lag(latitude) over trip) / 2) ** 2
      + cos(radians(latitude)) * cos(radians(lag(latitude) over trip)) * sin(radians(longitude - lag(longitude) over trip) / 2) ** 2)))
      - accuracy_radius_km - lag(accuracy_radius_km) over trip as kilometers,
    (epoch_us(event_time) - epoch_us(lag(event_time) over trip)) / 3600000000 as hours
  from moves
  where is_located
  window trip as (partition by user_id order by event_time, event_sequence, load_id, line)
),
flights as (
  select
    user_id,
    day_at,
    event_time,
    event_id,
    format('{} at {}, {} at {}: {:.0f} km apart at least', left_country, left_at, country, event_time, kilometers) as sentence,
    case when hours > 0 then kilometers / hours end as speed,
    origins,
    case
      when is_disputed or was_disputed then 'databases_differ'
      when is_exit or was_exit then 'exit_network'
      when is_shared then 'shared_login'
      else 'too_fast'
    end as reason
  from legs
  where kilometers >= travel_km() and kilometers > travel_speed_kmh() * hours
),
travels as (
  select
    user_id,
    day_at,
    max(reason) as reason,    -- in alphabetical order the certain ones are last
    max(speed) as speed,
    max(risk.risk) as risk,
    list(sentence order by event_time, sentence) as sentences,
    flatten(list(origins order by event_time, sentence)) as origins
  from (from pairs union all by name from flights) as found
  left join (select event_id, risk from sign_in_risk) as risk using (event_id)
  group by user_id, day_at
),
days as (
  select sign_in.user_id, sign_in.day_at, count(*) as sign_ins, min(place.country) as country
  from sign_ins as sign_in
  join places as place on place.address = sign_in.source_ip
  where sign_in.event_outcome = 'success'
  group by sign_in.user_id, sign_in.day_at
),
itineraries as (    -- lists are dear, and most people stay where they are
  select user_id, day_at, list_sort(list(distinct country)) as countries from moves group by user_id, day_at
),
judged as (
  select
    days.user_id,
    days.sign_ins,
    days.day_at,
    coalesce(itineraries.countries, [days.country]) as countries,
    travels.sentences,
    travels.speed,
    travels.risk,
    travels.origins,
    case
      when travels.reason is null then 'no_travel'
      else travels.reason
    end as reason
  from days
  left join itineraries using (user_id, day_at)
  left join travels using (user_id, day_at)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason = 'no_travel' then 'pass'
    when reason in ('two_countries', 'too_fast') then 'exception'
    else 'manual'
  end as outcome,
  reason,
  coalesce(
    format('{} pairs: {}', len(sentences), array_to_string(list_slice(sentences, 1, 5), '; ')),
    format('{} sign-ins from {}', sign_ins, array_to_string(countries, ', '))) as detail,
  null as cause,
  origins as lines,
  sign_ins,
  countries,
  round(speed) as speed,
  round(risk, 2) as risk
from judged
