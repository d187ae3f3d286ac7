/*
id         = "ACC-03a"
title      = "Every access for a service error has an incident that began before it"
promise    = "No Salesroom human looks at your data for these purposes unless an error occurs that stops an automated process"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one successful access that rests on a grant for a service error: event"
population = """
  select event_time as item_at
  from staff_accesses
  where event_id in (select event_id from access_grounds where basis = 'service_error' and (is_cited or reason = 'fits'))"""
needs      = ["access_events", "people", "access_grants", "cases", "accounts"]
may_use    = ["legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """An access rests on a grant that the tool cited, whether or not that grant is valid, or, where none is cited, on every \
valid grant of the person for that account. Whether the grant itself is valid and who acted are ACC-01's, the root cause is ACC-03b's. \
An access after the incident was closed is no fault. Whether the error stopped an automated process is not in the data beyond the name of \
the process. How rare such accesses are is told by month; only a limit that management set makes one too many."""
[clauses]
dpf  = ["II.5.a"]
gdpr = ["5(1)(b)"]
[parameters.break_glass_hours]
type     = "integer"
unit     = "hours"
source   = "management"
meaning  = "From an access under break-glass to the last moment at which a second person may approve it; unset: no approval is in time"
optional = true
[parameters.service_error_limit]
type     = "integer"
unit     = "accesses a month for each 10,000 accounts"
source   = "management"
meaning  = "Most accesses for service errors in a calendar month (UTC) for each 10,000 accounts that are neither canceled nor merged when the month begins; unset: rarity is told, not judged"
optional = true
[reasons]
incident_before  = "The incident began before the access, or with it"
no_incident      = "The grant names no incident"
not_incident     = "The grant's case is no incident"
incident_late    = "The incident began after the access"
other_account    = "The incident is another account's"
beyond_limit     = "The month had its limit of such accesses before this one"
grant_unclear    = { text = "The grant stands on record more than once, with different facts", stays_open = true }
incident_missing = { text = "The incident that the grant names is not on record, or stands there twice", stays_open = true }
account_unnamed  = { text = "The log does not say which account was touched, and the incident is one account's", stays_open = true }
facts_missing    = { text = "The incident's kind or beginning is missing, or it ends before it begins", stays_open = true }
[columns]
grant_id       = "Grant that the access rests on"
case_id        = "Its incident"
process        = "Automated process that stopped"
month_number   = "Which access for a service error it is in its calendar month (UTC)"
month_accounts = "Accounts that were neither canceled nor merged when the month began"
*/
with
error_grounds as (
  select *
  from access_grounds
  where basis = 'service_error' and (is_cited or reason = 'fits')
),
incidents as (    -- two rows of one id contradict each other: neither is believed
  select *
  from cases
  qualify count(*) over (partition by case_id) = 1
),
accesses as (
  select distinct event_id, event_time, date_trunc('month', event_time) as month_at
  from error_grounds
),
numbered as (
  select event_id, month_at, row_number() over (partition by month_at order by event_time, event_id) as month_number
  from accesses
),
months as (
  select month.month_at, count(distinct account.account_id) as month_accounts
  from (select distinct month_at from accesses) as month
  left join accounts as account
    on account.valid_from_at <= month.month_at
    and (account.valid_to_at is null or account.valid_to_at > month.month_at)
    and account.status in ('trial', 'active', 'paused', 'frozen', 'suspended')
  group by month.month_at
),
judged as (
  select
    ground.* exclude (reason),
    incident.opened_at,
    incident.process,
    incident.origin as incident_origin,
    numbered.month_number,
    months.month_accounts,
    case
      when ground.copies > 1 then 'grant_unclear'
      when ground.case_id is null then 'no_incident'
      when incident.kind <> 'incident' then 'not_incident'
      when incident.closed_at < incident.opened_at then 'facts_missing'
      when incident.account_id <> ground.account_id then 'other_account'
      when incident.opened_at > ground.event_time then 'incident_late'
      when numbered.month_number * 10000 > service_error_limit() * months.month_accounts then 'beyond_limit'
      when incident.case_id is null then 'incident_missing'
      when incident.account_id is not null and ground.account_id is null then 'account_unnamed'
      when incident.kind = 'incident' and incident.opened_at <= ground.event_time then 'incident_before'
      else 'facts_missing'
    end as reason
  from error_grounds as ground
  join numbered using (event_id)
  join months using (month_at)
  left join incidents as incident using (case_id)
),
classed as (
  select
    *,
    case
      when reason = 'incident_before' then 'pass'
      when reason in ('grant_unclear', 'incident_missing', 'account_unnamed', 'facts_missing') then 'unknown'
      else 'exception'
    end as outcome
  from judged
)
-- several valid grants for service errors: the one whose incident holds, else one that a missing fact may cure, else the newest
select
  event_id as item,
  event_time as item_at,
  account_id as subject,
  outcome,
  reason,
  format('incident {} ({}) began {}; access {}, number {} of its month among {} accounts',
    coalesce(case_id, 'not named'), coalesce(process, 'no process named'),
    coalesce(strftime(opened_at, '%Y-%m-%d %H:%M:%S'), 'at an unknown moment'), strftime(event_time, '%Y-%m-%d %H:%M:%S'),
    month_number, month_accounts) as detail,
  case when reason = 'beyond_limit' then 'month ' || strftime(event_time, '%Y-%m') else coalesce(case_id, grant_id) end as cause,
  [origin, grant_origin, incident_origin] as lines,
  grant_id,
  case_id,
  process,
  month_number,
  month_accounts
from classed
qualify row_number() over (
  partition by event_id order by outcome = 'pass' desc, outcome = 'unknown' desc, valid_from_at desc nulls last, grant_origin
) = 1
