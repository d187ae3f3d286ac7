/*
id         = "DET-06"
title      = "No login that was dormant for long is used again"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "medium"
kind       = "data"
tests      = "one user and UTC day with successful sign-ins (user / day)"
needs      = ["access_events", "addresses"]
may_use    = ["entitlements", "people", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
needs_nobody = ["log_too_short"]
limits     = "A lead, because people return from leave; certain (exception) only where management set a number of days after which unused staff logins must be disabled. Dormant means that no log of the store holds any success of the login, whatever it did, so a session that was kept alive is no dormancy. The first sign-in of a login on record is judged by when its rights began (entitlements, first day in the job); where that is not known, or no log reaches back so far, it is unknown. A login rests while its person works with another: that is no lead, but it can break the rule. What a leaver does is ACC-05c's. Other rule sets: CIS Controls 5.3 has dormant accounts disabled after 45 days, PCI DSS 8.2.6 within 90; Sigma, Elastic's prebuilt rules and CrowdSec have no rule of this kind over months."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.dormant_days]
type    = "integer"
default = 90
unit    = "days"
source  = "management"
meaning = "Days without any success of a login, counted in full days of 24 hours, from which on its return is a lead; the limit of PCI DSS 4.0, requirement 8.2.6, for inactive accounts"
[parameters.dormant_staff_days]
type     = "integer"
unit     = "days"
source   = "management"
meaning  = "Days without any success after which the company's rule has logins of staff disabled, so that a later sign-in breaks it; unset: no rule"
optional = true
[reasons]
in_use        = "The login was in use shortly before, or its rights had just begun"
person_active = "The login was dormant for long or is new, but its person was active with another login shortly before"
returned      = "The login was dormant for long and then used"
never_used    = "The login had its rights for long and was then used for the first time on record"
not_disabled  = "The login of one of our people was used after so long that the company's rule has it disabled"
log_too_short = "The first sign-in of the login on record, and no log reaches back far enough to call it dormant or not"
age_unknown   = "The first sign-in of the login on record, and nobody knows since when it had its rights"
[columns]
sign_ins       = "Successful sign-ins of the day"
last_active_at = "Last success of the login before the return, UTC"
dormant_for    = "Full days of 24 hours between it, or the begin of its rights, and the return"
risk           = "How unlikely the sign-in is for this person, by the score of Freeman and others 2016 (definition sign_in_risk): leads with the highest come first; empty where it can't be said"
*/
with
days as (
  select user_id, day_at, count(*) as sign_ins from sign_ins where event_outcome = 'success' group by user_id, day_at
),
spans as (    -- a long gap never lies within a span of its own length, so few rows need a window
  select user_id, epoch_us(event_time) // 86400000000 // dormant_days() as span, min(event_time) as first_at, max(event_time) as last_at
  from sign_ins
  where event_outcome = 'success'
  group by user_id, span
),
gaps as (
  select user_id, first_at as returned_at, lag(last_at) over (partition by user_id order by span) as left_at
  from spans
),
returns as (
  select user_id, returned_at, left_at
  from gaps
  where returned_at >= left_at + to_days(dormant_days())
),
firsts as (
  select user_id, returned_at from gaps where left_at is null
),
holders as (
  select unnest(user_ids) as user_id, person_id, kind, started_on::timestamptz as started_at from people
),
rights as (
  select user_id, valid_from_at as since_at from entitlements where user_id is not null
  union all
  select holder.user_id, entitlement.valid_from_at as since_at
  from entitlements as entitlement
  join holders as holder using (person_id)
  where entitlement.user_id is null
  union all
  select user_id, started_at as since_at from holders
),
ages as (
  select user_id, min(since_at) as since_at from rights group by user_id
),
reach as (
  select min(event_time) as reaches_at from access_events
),
unseen as (
  select
    first.user_id,
    first.returned_at,
    age.since_at,
    case
      when first.returned_at < age.since_at + to_days(dormant_days()) then 'in_use'
      when first.returned_at < reach.reaches_at + to_days(dormant_days()) then 'log_too_short'
      when age.since_at is null then 'age_unknown'
      else 'never_used'
    end as reason
  from firsts as first
  cross join reach
  left join ages as age using (user_id)
),
candidates as (
  select user_id, returned_at, null::timestamptz as since_at, 'returned' as reason from returns
  union all
  select user_id, returned_at, since_at, reason from unseen where reason <> 'in_use'
),
watched as (
  select user_id, returned_at, user_id as login from candidates
  union
  select candidate.user_id, candidate.returned_at, other.user_id as login
  from candidates as candidate
  join holders as holder on holder.user_id = candidate.user_id and holder.kind not in ('shared', 'service')
  join holders as other on other.person_id = holder.person_id
),
activities as (    -- anything that the login, or another of its person, did before in any log
  select
    watched.user_id,
    watched.returned_at,
    max(event.event_time) filter (where watched.login = watched.user_id) as last_active_at,
    max(event.event_time) as person_active_at
  from watched
  join access_events as event
    on event.user_id = watched.login
    and event.event_time < watched.returned_at
    and event.event_outcome = 'success'
  group by watched.user_id, watched.returned_at
),
dormancies as (
  select
    candidate.user_id,
    candidate.returned_at,
    activity.last_active_at,
    (epoch_us(candidate.returned_at) - epoch_us(coalesce(activity.last_active_at, candidate.since_at))) // 86400000000 as dormant_for,
    case
      when activity.person_active_at + to_days(dormant_days()) > candidate.returned_at then 'person_active'
      when activity.last_active_at is not null then 'returned'
      else candidate.reason
    end as reason
  from candidates as candidate
  left join activities as activity using (user_id, returned_at)
  where activity.last_active_at is null or activity.last_active_at + to_days(dormant_days()) <= candidate.returned_at
),
back as (
  select
    dormancy.user_id,
    sign_in.day_at,
    dormancy.reason,
    dormancy.last_active_at,
    dormancy.dormant_for,
    bool_or(sign_in.user_kind = 'staff') as is_ours,
    max(risk.risk) as risk,
    list(sign_in.load_id || ':' || sign_in.line order by sign_in.load_id || ':' || sign_in.line) as origins
  from dormancies as dormancy
  join sign_ins as sign_in
    on sign_in.user_id = dormancy.user_id
    and sign_in.event_time = dormancy.returned_at
    and sign_in.event_outcome = 'success'
  left join sign_in_risk as risk using (event_id)
  group by dormancy.user_id, sign_in.day_at, dormancy.reason, dormancy.last_active_at, dormancy.dormant_for
),
judged as (
  select
    days.user_id,
    days.sign_ins,
    days.day_at,
    back.last_active_at,
    back.dormant_for,
    back.risk,
    back.origins,
    case
      when back.reason is null then 'in_use'
      when back.is_ours and back.dormant_for >= dormant_staff_days() and back.reason in ('returned', 'never_used', 'person_active') then 'not_disabled'
      else back.reason
    end as reason
  from days
  left join back using (user_id, day_at)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason in ('in_use', 'person_active') then 'pass'
    when reason = 'not_disabled' then 'exception'
    when reason in ('returned', 'never_used') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  case
    when reason = 'in_use' then format('{} sign-ins', sign_ins)
    else format('{} sign-ins, the first after {} days; active before: {}', sign_ins, coalesce(dormant_for::varchar, 'nobody knows how many'), coalesce(last_active_at::varchar, 'never on record'))
  end as detail,
  null as cause,
  origins as lines,
  sign_ins,
  last_active_at,
  dormant_for,
  round(risk, 2) as risk
from judged
