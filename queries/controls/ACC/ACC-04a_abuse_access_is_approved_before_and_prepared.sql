/*
id         = "ACC-04a"
title      = "Every access in an abuse case came after other steps, and after a second person's approval"
promise    = "Accessing a customer's account when investigating potential abuse is a measure of last resort"
source     = "When we access or share your information"
severity   = "high"
kind       = "hybrid"
tests      = "one successful access that rests on a grant for an abuse investigation: event"
population = """
  select event_time as item_at
  from staff_accesses
  where event_id in (select event_id from access_grounds where basis = 'abuse_investigation' and (is_cited or reason = 'fits'))"""
needs      = ["access_events", "people", "access_grants", "cases"]
may_use    = ["legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """An access rests on a grant that the tool cited, whether or not that grant is valid, or, where none is cited, on every \
valid grant of the person for that account. The grant's person, account, span and action are ACC-01's; who approved it, and when, is judged \
here too, and here a grant without an approver is an exception. Break-glass is no excuse: an approval after the access is late. That steps are \
listed does not show that they were taken, nor that the access was the last resort: a sample of case files and an attestation do. An access after the case was \
closed, and a closed case without an outcome, are no faults."""
[clauses]
dpf  = ["II.5.a"]
gdpr = ["5(1)(a)", "5(1)(b)"]
[parameters.break_glass_hours]
type     = "integer"
unit     = "hours"
source   = "management"
meaning  = "From an access under break-glass to the last moment at which a second person may approve it; unset: no approval is in time"
optional = true
[reasons]
prepared        = "The case was open, less intrusive steps are on record, and a second person had approved"
no_case         = "The grant names no case"
not_abuse       = "The grant's case is no abuse case"
other_account   = "The abuse case is another account's"
before_case     = "The access came before the case was opened"
no_steps        = "No less intrusive step was taken first"
no_approver     = "Nobody approved it"
self_approved   = "Approved by who asked for the grant or who uses it"
approved_late   = "Approved after the access"
grant_unclear   = { text = "The grant stands on record more than once, with different facts", stays_open = true }
case_missing    = { text = "The abuse case that the grant names is not on record, or stands there twice", stays_open = true }
account_unnamed = { text = "The log does not say which account was touched", stays_open = true }
steps_unknown   = { text = "The case does not say whether steps were taken first", stays_open = true }
facts_missing   = { text = "The moment of approval, the requester, or the case's kind, account or opening is missing, or the case ends before it begins", stays_open = true }
[columns]
grant_id              = "Grant that the access rests on"
case_id               = "Its abuse case"
approved_by_person_id = "Who approved the grant"
*/
with
abuse_grounds as (
  select *
  from access_grounds
  where basis = 'abuse_investigation' and (is_cited or reason = 'fits')
),
permits as (    -- of a grant with two rows only the first is shown; neither is believed
  select *
  from access_grants
  qualify row_number() over (partition by grant_id order by load_id, line) = 1
),
abuse_cases as (    -- two rows of one id contradict each other: neither is believed
  select *
  from cases
  qualify count(*) over (partition by case_id) = 1
),
judged as (
  select
    ground.* exclude (reason),
    permit.approved_by_person_id,
    permit.approved_at,
    abuse.opened_at,
    abuse.steps_before_access,
    abuse.origin as case_origin,
    case
      when ground.copies > 1 then 'grant_unclear'
      when ground.case_id is null then 'no_case'
      when abuse.kind <> 'abuse' then 'not_abuse'
      when abuse.closed_at < abuse.opened_at then 'facts_missing'
      when abuse.account_id <> ground.account_id then 'other_account'
      when abuse.opened_at > ground.event_time then 'before_case'
      when len(abuse.steps_before_access) = 0 then 'no_steps'
      when permit.approved_by_person_id is null then 'no_approver'
      when permit.approved_by_person_id in (permit.requested_by_person_id, permit.person_id) then 'self_approved'
      when permit.approved_at > ground.event_time then 'approved_late'
      when abuse.case_id is null then 'case_missing'
      when ground.account_id is null then 'account_unnamed'
      when abuse.steps_before_access is null then 'steps_unknown'
      when abuse.kind = 'abuse'
        and abuse.account_id = ground.account_id
        and abuse.opened_at <= ground.event_time
        and permit.approved_by_person_id <> permit.requested_by_person_id
        and permit.approved_at <= ground.event_time then 'prepared'
      else 'facts_missing'
    end as reason
  from abuse_grounds as ground
  join permits as permit using (grant_id)
  left join abuse_cases as abuse on abuse.case_id = ground.case_id
),
classed as (
  select
    *,
    case
      when reason = 'prepared' then 'pass'
      when reason in ('grant_unclear', 'case_missing', 'account_unnamed', 'steps_unknown', 'facts_missing') then 'unknown'
      else 'exception'
    end as outcome
  from judged
)
-- several valid grants for abuse cases: the one that holds, else one that a missing fact may cure, else the newest
select
  event_id as item,
  event_time as item_at,
  account_id as subject,
  outcome,
  reason,
  format('case {} opened {}, steps before: {}; approved {} by {}; access {}',
    coalesce(case_id, 'not named'), coalesce(strftime(opened_at, '%Y-%m-%d %H:%M:%S'), 'at an unknown moment'),
    coalesce(len(steps_before_access)::varchar, 'unknown'),
    coalesce(strftime(approved_at, '%Y-%m-%d %H:%M:%S'), 'at an unknown moment'), coalesce(approved_by_person_id, 'nobody'),
    strftime(event_time, '%Y-%m-%d %H:%M:%S')) as detail,
  coalesce(case_id, grant_id) as cause,
  [origin, grant_origin, case_origin] as lines,
  grant_id,
  case_id,
  approved_by_person_id
from classed
qualify row_number() over (
  partition by event_id order by outcome = 'pass' desc, outcome = 'unknown' desc, valid_from_at desc nulls last, grant_origin
) = 1
