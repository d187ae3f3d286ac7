/*
id         = "DET-12"
title      = "Staff sign in with a second factor"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one successful sign-in of staff in a log that records second factors: event"
needs      = ["access_events", "people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Certain (exception) where the log says that no factor was used and no other row shows one: a successful second factor in the same \
session, or of the same person within the minutes before, in any log, such as an identity provider's. A lead (manual) where the sign-in took a role \
through another service, whose factor this log can't know, or where management sets no rule. Left out: logs in which no staff sign-in says whether \
a factor was used (sshd's, for example), service accounts, API keys. No baseline is needed. Public rule sets: Microsoft Sentinel's rule \
d25b1998-a592-4bc5-8a3a-92b39eedb1bc and CIS AWS Foundations 3.2 ask the same of the AWS console; Datadog's rule leaves SAML sign-ins out; \
MITRE ATT&CK T1078."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(b)", "32(1)(d)"]
[parameters.is_second_factor_required]
type    = "boolean"
default = true
unit    = "yes or no"
source  = "management"
meaning = "Staff must sign in with a second factor; CIS AWS Foundations asks it of everyone with a console password"
[parameters.second_factor_minutes]
type    = "integer"
default = 5
unit    = "minutes"
source  = "management"
meaning = "A second factor of the same person this long before a sign-in, or less, counts for it"
[reasons]
with_factor    = "The log says that a second factor was used"
factor_shown   = "Another row shows the second factor: of the same session, or of the same person shortly before"
without_factor = "No second factor was used"
not_required   = "No second factor was used, and management has not asked for one"
other_service  = "No second factor in this log, but the sign-in took a role through another service"
not_recorded   = { text = "This sign-in does not say whether a second factor was used, others of its log do", stays_open = true }
[columns]
person_id      = "Who signed in"
event_provider = "Log that recorded it"
user_id        = "Login used"
*/
with
steps as (
  select
    event.event_id,
    event.event_time,
    event.event_provider,
    event.event_action,
    event.session_id,
    event.user_id,
    event.user_effective_id,
    event.is_mfa,
    event.origin,
    case when login.people_count = 1 then login.person_id end as person_id,
    case when login.people_count = 1 then login.person_id else event.user_id end as holder
  from access_events as event
  left join logins as login using (user_id)
  where event.event_action in ('sign_in', 'second_factor')
    and event.event_outcome = 'success'
    and event.user_kind = 'staff'
    and login.is_service is not true
),
sign_ins as (
  select *
  from steps
  where event_action = 'sign_in'
    and event_provider in (select event_provider from steps where event_action = 'sign_in' and is_mfa is not null)
),
factors as (
  select holder, session_id, event_time, origin
  from steps
  where event_action = 'second_factor' or is_mfa
),
factor_rows as (
  select sign_in.event_id, factor.origin
  from sign_ins as sign_in
  join factors as factor on factor.session_id = sign_in.session_id
  where sign_in.is_mfa is not true
  union all
  select sign_in.event_id, factor.origin
  from sign_ins as sign_in
  join factors as factor
    on factor.holder = sign_in.holder
    and factor.event_time <= sign_in.event_time
    and factor.event_time >= sign_in.event_time - to_minutes(second_factor_minutes())
  where sign_in.is_mfa is not true
),
shown as (
  select event_id, min(origin) as origin
  from factor_rows
  group by event_id
),
judged as (
  select
    sign_ins.*,
    shown.origin as factor_origin,
    case
      when sign_ins.is_mfa then 'with_factor'
      when shown.event_id is not null then 'factor_shown'
      when sign_ins.user_effective_id is not null then 'other_service'
      when sign_ins.is_mfa is null then 'not_recorded'
      when is_second_factor_required() then 'without_factor'
      else 'not_required'
    end as reason
  from sign_ins
  left join shown using (event_id)
)
select
  event_id as item,
  event_time as item_at,
  coalesce(person_id, user_id) as subject,
  case
    when reason in ('with_factor', 'factor_shown') then 'pass'
    when reason = 'without_factor' then 'exception'
    when reason in ('not_required', 'other_service') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('sign-in to {} at {} with login {}', event_provider, event_time, coalesce(user_id, 'unknown')) as detail,
  user_id as cause,
  [origin, factor_origin] as lines,
  person_id,
  event_provider,
  user_id
from judged
