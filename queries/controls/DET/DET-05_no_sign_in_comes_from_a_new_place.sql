/*
id         = "DET-05"
title      = "No user signs in from a country or network where the user never was before"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "medium"
kind       = "data"
tests      = "one user and UTC day with successful sign-ins whose country is known (user / day)"
needs      = ["access_events", "addresses"]
may_use    = ["assets", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
needs_nobody = ["no_baseline"]
limits     = "Leads only: people travel and change their provider. The baseline is all that the store holds of the user before, so it is longer for those who are longer with us; where it is too short, the first sign-in from a place is unknown, not a lead. Networks are seen only where an address database names operators. A tunnel into the user's own country passes. Counts primary logs; addresses without a country are left out. Other rule sets: Microsoft Sentinel's \"Authentication Attempt from New Country\" looks back 14 days, Elastic's new terms rules (such as \"First Occurrence of IP Address For GitHub User\") 14 days, Sigma's \"New Country\" takes Entra ID's verdict."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.baseline_days]
type    = "integer"
default = 14
unit    = "days"
source  = "management"
meaning = "Days since the user's first sign-in from which on a new place is a lead; as the look-back of Microsoft Sentinel's \"Authentication Attempt from New Country\" and of Elastic's new terms rules"
[parameters.baseline_sign_ins]
type    = "integer"
default = 10
unit    = "sign-ins"
source  = "management"
meaning = "Sign-ins before, from which on a new place is a lead even earlier; Microsoft Entra ID Protection learns a user's travel for 14 days or 10 sign-ins, whichever comes first"
[reasons]
known_place      = "Every country and network of the day was known of the user before"
new_country      = "First sign-in from this country"
new_network      = "First sign-in from this operator's network, in a known country"
databases_differ = "First sign-in from this country, but the databases disagree on it"
exit_network     = "First sign-in from this place, but through an exit of an anonymizer or hosting company"
own_network      = "First sign-in from this place, but through an own office or VPN"
no_baseline      = "First sign-in from this place, but too little is known of the user before to call it new"
[columns]
sign_ins  = "Successful sign-ins of the day with a known country"
places    = "New countries and networks of the day, in alphabetical order"
before    = "Sign-ins of the user before the first of them"
since_at  = "First sign-in of the user that the store holds, UTC"
risk      = "How unlikely the sign-in is for this person, by the score of Freeman and others 2016 (definition sign_in_risk): leads with the highest come first; empty where it can't be said"
*/
with
places as (    -- what can be said of an address is said once an address
  select
    address,
    country,
    coalesce('AS' || autonomous_system, network_name) as network,
    case
      when network_kind in ('anonymizer', 'hosting') then 'exit_network'
      when len(other_countries) > 0 then 'databases_differ'
    end as standing
  from addresses
  where country is not null
),
visits as (
  select sign_in.user_id, place.country, place.network, min(sign_in.event_time) as seen_at
  from sign_ins as sign_in
  join places as place on place.address = sign_in.source_ip
  where sign_in.event_outcome = 'success'
  group by sign_in.user_id, place.country, place.network
),
days as (
  select sign_in.user_id, sign_in.day_at, count(*) as sign_ins
  from sign_ins as sign_in
  semi join places as place on place.address = sign_in.source_ip
  where sign_in.event_outcome = 'success'
  group by sign_in.user_id, sign_in.day_at
),
beginnings as (
  select user_id, min(seen_at) as since_at from visits group by user_id
),
sightings as (    -- the first of each user in each country and network
  select user_id, 'country' as kind, country as place, min(seen_at) as seen_at
  from visits
  group by user_id, country
  union all
  select user_id, 'network' as kind, network as place, min(seen_at) as seen_at
  from visits
  where network is not null
  group by user_id, network
),
later_sightings as (    -- the others have no history to look for
  select sighting.*
  from sightings as sighting
  join beginnings on beginnings.user_id = sighting.user_id and beginnings.since_at < sighting.seen_at
),
histories as (
  select
    moment.user_id,
    moment.seen_at,
    count(*) as before
  from (select distinct user_id, seen_at from later_sightings) as moment
  join sign_ins as earlier
    on earlier.user_id = moment.user_id
    and earlier.event_time < moment.seen_at
    and earlier.event_outcome = 'success'
  semi join places as place on place.address = earlier.source_ip
  group by moment.user_id, moment.seen_at
),
news as (
  select
    sighting.user_id,
    sighting.kind,
    sighting.place,
    sighting.seen_at,
    beginnings.since_at,
    coalesce(history.before, 0) as before,
    history.before >= baseline_sign_ins() or (history.before is not null and sighting.seen_at >= beginnings.since_at + to_days(baseline_days())) as is_based
  from sightings as sighting
  join beginnings using (user_id)
  left join histories as history using (user_id, seen_at)
),
seen as (
  select
    news.user_id,
    sign_in.day_at,
    news.place,
    news.since_at,
    news.before,
    sign_in.load_id || ':' || sign_in.line as origin,
    sign_in.event_id,
    case
      when news.is_based is not true then 'no_baseline'
      when exists (
        from sign_in_own_networks as own
        where own.address = sign_in.source_ip
          and own.valid_from_at <= news.seen_at
          and (own.valid_to_at is null or own.valid_to_at > news.seen_at)
      ) then 'own_network'
      when place.standing = 'exit_network' then 'exit_network'
      when news.kind = 'network' then 'new_network'
      when place.standing = 'databases_differ' then 'databases_differ'
      else 'new_country'
    end as reason
  from news
  join sign_ins as sign_in
    on sign_in.user_id = news.user_id
    and sign_in.event_time = news.seen_at
    and sign_in.event_outcome = 'success'
  join places as place
    on place.address = sign_in.source_ip
    and case news.kind when 'country' then place.country else place.network end = news.place
),
ranks as (
  from (values ('no_baseline', 1), ('own_network', 2), ('exit_network', 3), ('new_network', 4), ('databases_differ', 5), ('new_country', 6)) as listed(reason, rank)
),
firsts as (
  select
    seen.user_id,
    seen.day_at,
    max_by(seen.reason, ranks.rank) as reason,
    list_sort(list(distinct seen.place)) as places,
    min(seen.before) as before,
    min(seen.since_at) as since_at,
    max(risk.risk) as risk,
    list(distinct seen.origin order by seen.origin) as origins
  from seen
  join ranks using (reason)
  left join sign_in_risk as risk using (event_id)
  group by seen.user_id, seen.day_at
),
judged as (
  select
    days.user_id,
    days.sign_ins,
    days.day_at,
    firsts.places,
    firsts.before,
    firsts.since_at,
    firsts.risk,
    firsts.origins,
    case
      when firsts.reason is null then 'known_place'
      else firsts.reason
    end as reason
  from days
  left join firsts using (user_id, day_at)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason = 'known_place' then 'pass'
    when reason = 'no_baseline' then 'unknown'
    else 'manual'
  end as outcome,
  reason,
  case
    when places is null then format('{} sign-ins from known places', sign_ins)
    else format('first sign-in from {}; {} sign-ins before, since {}', array_to_string(places, ', '), before, since_at::date)
  end as detail,
  null as cause,
  origins as lines,
  sign_ins,
  places,
  before,
  since_at,
  round(risk, 2) as risk
from judged
