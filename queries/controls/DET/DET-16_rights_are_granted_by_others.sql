/*
id         = "DET-16"
title      = "Nobody grants rights to oneself, or to a login that is used minutes later"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one grant of a right, made or tried: event"
needs      = ["access_events", "people"]
may_use    = ["entitlements"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Certain (exception): a right given to the own login, to another login of the same person, or to the role in use, without an approval. \
Leads (manual): the same tried in vain; the right's login in use within the minutes after, whatever it did; a key, password or second factor made \
for it by who granted the right, within the minutes around. An approval is an entitlement of the person on a system that a third person approved, \
in the days before, and that was in force then. Sees the grants that a log records, not standing entitlements (ACC-05a). A right given to a \
group or role is not followed to its members. No baseline is needed. Public rule sets: Elastic's AWS IAM User Addition to Group and its rules on \
policies attached alert on every grant by somebody new to it in 14 days; MITRE ATT&CK T1098, Account Manipulation."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(b)", "32(1)(d)", "32(4)"]
[parameters.rights_minutes]
type    = "integer"
default = 10
unit    = "minutes"
source  = "management"
meaning = "A right used this long after it was granted, or less, was granted for the moment; the interval at which Elastic's AWS rules run"
[parameters.approval_days]
type    = "integer"
default = 30
unit    = "days"
source  = "management"
meaning = "An approval this many days before the grant, or fewer, stands behind it"
[reasons]
not_used          = "Granted to somebody else, and not used at once"
not_granted       = "Tried for somebody else, without success"
approved          = "Granted to oneself or used at once, but a third person had approved it"
for_oneself       = "Granted to oneself, and nobody had approved it"
tried_for_oneself = "Tried for oneself, without success"
used_at_once      = "Used within minutes of being granted"
key_made          = "Who granted the right made a key, password or second factor for the same login within minutes"
target_unknown    = { text = "The log does not say who got the right", stays_open = true }
[columns]
user_id        = "Login that granted"
user_target_id = "Login, role or group that got the right"
used_at        = "First use after it"
*/
with
rights as (
  select
    event.event_id,
    event.event_time,
    event.event_sequence,
    event.event_outcome,
    event.user_id,
    event.user_target_id,
    event.origin,
    case when granter.people_count = 1 then granter.person_id end as granter_person_id,
    case when target.people_count = 1 then target.person_id end as target_person_id,
    coalesce(
      event.user_target_id = event.user_id
      or event.user_target_id = event.user_effective_id
      or granter.people_count = 1 and target.people_count = 1 and granter.person_id = target.person_id,
      false
    ) as is_for_oneself
  from access_events as event
  left join logins as granter on granter.user_id = event.user_id
  left join logins as target on target.user_id = event.user_target_id
  where event.event_action = 'right_grant'
),
uses as (
  select
    granted.event_id,
    min(used.event_time) as used_at,
    arg_min(used.origin, (used.event_time, used.origin)) as origin
  from rights as granted
  join access_events as used
    on used.user_id = granted.user_target_id
    and used.event_time >= granted.event_time
    and used.event_time <= granted.event_time + to_minutes(rights_minutes())
  where used.event_outcome = 'success'
    and (used.event_time > granted.event_time or used.event_sequence > granted.event_sequence)
  group by granted.event_id
),
keys as (
  select granted.event_id, min(made.origin) as origin
  from rights as granted
  join access_events as made
    on made.user_target_id = granted.user_target_id
    and made.user_id = granted.user_id
    and made.event_time >= granted.event_time - to_minutes(rights_minutes())
    and made.event_time <= granted.event_time + to_minutes(rights_minutes())
  where made.event_action in ('api_key_create', 'password_change', 'second_factor_change')
    and made.event_outcome = 'success'
  group by granted.event_id
),
approvals as (
  select granted.event_id, min(role.origin) as origin
  from rights as granted
  join entitlements as role
    on role.person_id = granted.target_person_id
    and role.asset_id is not null
    and role.approved_by_person_id <> role.person_id
    and role.approved_by_person_id <> granted.granter_person_id
    and role.approved_at <= granted.event_time
    and role.approved_at >= granted.event_time - to_days(approval_days())
    and coalesce(role.valid_to_at, 'infinity') > granted.event_time
  group by granted.event_id
),
judged as (
  select
    rights.*,
    uses.used_at,
    [rights.origin, uses.origin, keys.origin, approvals.origin] as origins,
    case
      when rights.user_target_id is null then 'target_unknown'
      when rights.event_outcome <> 'success' then case when rights.is_for_oneself then 'tried_for_oneself' else 'not_granted' end
      when not rights.is_for_oneself and uses.event_id is null and keys.event_id is null then 'not_used'
      when approvals.event_id is not null then 'approved'
      when rights.is_for_oneself then 'for_oneself'
      when uses.event_id is not null then 'used_at_once'
      else 'key_made'
    end as reason
  from rights
  left join uses using (event_id)
  left join keys using (event_id)
  left join approvals using (event_id)
)
select
  event_id as item,
  event_time as item_at,
  coalesce(target_person_id, user_target_id) as subject,
  case
    when reason in ('not_used', 'not_granted', 'approved') then 'pass'
    when reason = 'for_oneself' then 'exception'
    when reason in ('tried_for_oneself', 'used_at_once', 'key_made') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('{} gave a right to {} at {}, with outcome {}; first use {}',
    coalesce(user_id, 'an unnamed login'), coalesce(user_target_id, 'an unnamed login'), event_time, event_outcome,
    coalesce(used_at::varchar, 'not within the minutes after')) as detail,
  user_id as cause,
  origins as lines,
  user_id,
  user_target_id,
  used_at
from judged
