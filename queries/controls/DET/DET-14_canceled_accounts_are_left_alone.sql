/*
id         = "DET-14"
title      = "Nobody gets into an account that is canceled or purged"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one canceled account and UTC day with successes of people in it (account / day)"
needs      = ["access_events", "accounts"]
may_use    = ["purges", "access_grants", "entitlements", "people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Certain (exception): customers or vendors in an account after its cancellation, and records read after a purge that left none. Leads \
(manual): a session that began before the cancellation and ran on, and our own people while data is still there; whether a basis permits them is \
ACC-01's. Left out: owners at the pages of their invoices (RET-03) and the sign-ins that lead there, services at work such as the purge, \
anonymous requests, attempts that failed, accounts merged. An item is a day rather than the whole account, so that a later access is not lost in an \
earlier period. The baseline is the register of accounts. Public rule sets have nothing like it: their nearest is MITRE ATT&CK T1078, \
Valid Accounts."""
[clauses]
dpf  = ["II.4.a", "II.5.b", "II.7.a.ii"]
gdpr = ["5(1)(e)", "32(1)(d)"]
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
on_authority    = "Only people of ours, on an approved grant for an authority's demand or an abuse case"
customer_inside = "A customer or vendor got in after the cancellation"
read_after_purge = "Records were read after a purge that left none"
session_ran_on  = "A session that began before the cancellation ran on"
staff_inside    = "People of ours looked into the canceled account"
status_unclear  = { text = "The account's rows contradict each other: nobody knows whether it was canceled", stays_open = true }
[columns]
canceled_at = "Moment of the cancellation"
events      = "Successes of people in the account on the day, for which the reason holds"
first_at    = "First of them"
last_at     = "Last of them"
*/
with
owners as (
  select role.account_id, unnest(case when role.user_id is null then person.user_ids else [role.user_id] end) as user_id
  from entitlements as role
  left join people as person using (person_id)
  where role.role = 'owner' and role.account_id is not null
),
visits as (
  select
    event.event_id,
    event.event_time,
    event.account_id,
    event.event_action,
    event.user_kind,
    event.session_id,
    event.record_count,
    event.origin,
    span.canceled_at,
    span.is_contradictory
  from access_events as event
  join canceled_spans as span
    on span.account_id = event.account_id
    and event.event_time >= span.canceled_at
    and event.event_time < span.ended_at
  where event.event_outcome = 'success'
    and event.user_kind in ('customer', 'staff', 'subprocessor')
    and not coalesce(
      (event.account_id, event.user_id) in (select (account_id, user_id) from owners)
      and (
        event.event_action in ('sign_in', 'second_factor', 'sign_out')
        or regexp_matches(coalesce(event.url_path, ''), '(invoice|billing)')
      ),
      false
    )
),
sessions as (
  select session_id, min(event_time) as began_at
  from access_events
  where session_id in (select session_id from visits)
  group by session_id
),
purged as (
  select account_id, min(purged_at) as purged_at
  from purges
  where rows_remaining = 0
  group by account_id
),
permitted as (
  select distinct visit.event_id
  from visits as visit
  join staff_work as work using (event_id)
  join access_grants as permit
    on permit.person_id = work.person_id
    and permit.account_id = visit.account_id
    and permit.basis in ('legal_requirement', 'abuse_investigation')
    and permit.approved_by_person_id <> permit.person_id
    and permit.valid_from_at <= visit.event_time
    and least(permit.valid_to_at, permit.revoked_at) > visit.event_time
),
facts as (
  select
    visits.*,
    visits.event_time::date as day,
    case
      when visits.is_contradictory then 'status_unclear'
      when visits.event_time > purged.purged_at and visits.record_count > 0 then 'read_after_purge'
      when permitted.event_id is not null then 'on_authority'
      when visits.user_kind = 'staff' then 'staff_inside'
      when sessions.began_at < visits.canceled_at then 'session_ran_on'
      else 'customer_inside'
    end as reason
  from visits
  left join sessions using (session_id)
  left join purged using (account_id)
  left join permitted using (event_id)
),
ranked as (
  select
    *,
    first_value(reason) over (
      partition by account_id, day
      order by list_position(['read_after_purge', 'customer_inside', 'session_ran_on', 'staff_inside'], reason)
    ) as day_reason
  from facts
),
judged as (
  select
    account_id,
    day,
    reason,
    max(canceled_at) as canceled_at,
    count(*) as events,
    min(event_time) as first_at,
    max(event_time) as last_at,
    list(origin order by event_time, origin) as origins
  from ranked
  where reason = day_reason
  group by account_id, day, reason
)
select
  format('{} / {}', account_id, day) as item,
  day::timestamptz as item_at,
  account_id as subject,
  case
    when reason = 'on_authority' then 'pass'
    when reason in ('customer_inside', 'read_after_purge') then 'exception'
    when reason in ('session_ran_on', 'staff_inside') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('{} successes from {} to {}; canceled {}', events, first_at, last_at, coalesce(canceled_at::varchar, 'unknown')) as detail,
  account_id as cause,
  origins as lines,
  canceled_at,
  events,
  first_at,
  last_at
from judged
