/*
id         = "ACC-01"
title      = "Every access of our people to a customer account has a permitted basis at that moment"
promise    = "Our default practice is to not access your information. … No Salesroom human looks at your data for these purposes unless an error occurs that stops an automated process"
source     = "When we access or share your information"
severity   = "critical"
kind       = "data"
tests      = "one successful access of a person of ours to a customer account: event"
population = """
  select event_time as item_at
  from access_events
  where event_dataset = 'staff' and user_kind = 'staff' and event_outcome = 'success'
    and (event_action is null or event_action not in ('right_grant', 'log_disable', 'log_delete', 'log_rule_change'))
    and (account_id is not null or event_action is null or event_action <> 'view_metadata')
    and (user_agent like 'Mozilla/%' or user_id is null
      or user_id not in (select unnest(user_ids) from people where kind = 'service')
      or user_id in (select unnest(user_ids) from people where kind <> 'service'))"""
needs      = ["access_events", "people", "access_grants"]
may_use    = ["legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees what staff logs record as a success. Judges the grant alone: the consent behind it is ACC-02's, the incident \
ACC-03's, the abuse case ACC-04's. Left out: attempts that failed or whose success the log does not tell, settings of rights and logs, lists of machines that name no \
account, requests made under impersonation (the impersonation itself counts), service accounts unless a browser was used. \
Internal and decoy accounts count like any other. A grant's limit to a store is ignored, since events name no store. \
A grant without an approver passes if somebody else gave it. Where the tool cited a grant, no other can cure the access."""
[clauses]
dpf  = ["II.4.a", "II.5.a", "III.7"]
gdpr = ["5(1)(b)", "5(1)(f)", "32(4)"]
ccpa = ["1798.100(c)", "1798.100(e)"]
[parameters.break_glass_hours]
type     = "integer"
unit     = "hours"
source   = "management"
meaning  = "From an access under break-glass to the last moment at which a second person may approve it; unset: no approval is in time"
optional = true
[reasons]
fits                   = "A grant for this person and account was in force, and no fault of it is known"
no_basis               = "No grant for this person and account is on record"
other_person           = "The grant that the tool cited belongs to somebody else"
other_account          = "The grant that the tool cited is for another account"
before_grant           = "The access came before the grant began"
after_expiry           = "The access came when the grant had ended"
after_revocation       = "The access came when the grant had been revoked"
other_action           = "The grant does not allow what was done"
self_approved          = "No second person: approved by who asked for it or who uses it, or given to oneself without an approver"
approved_late          = "The grant was approved after the access"
break_glass_in_time    = "Taken first under break-glass; a second person approved it within the hours that management set"
break_glass_late       = "Taken first under break-glass; a second person's approval within the hours that management set is not shown"
break_glass_unapproved = { text = "Taken first under break-glass; nobody has approved it", stays_open = true }
paper_fails            = "The authority's paper came later, was rejected, was not in force or is not about this account"
shared_login           = "A login that several people share was used"
service_by_hand        = "A person used a service account, with a browser"
paper_missing          = { text = "The authority's paper behind the grant is not on record, or stands there twice", stays_open = true }
account_unnamed        = { text = "The log does not say which account was touched, and the grant is for one account", stays_open = true }
grant_missing          = { text = "The grant that the tool cited is not on record", stays_open = true }
grant_unclear          = { text = "The grant stands on record more than once, with different facts", stays_open = true }
grant_incomplete       = { text = "A fact that the grant must state is missing or unknown: its basis, span, action, requester, granter or break-glass", stays_open = true }
login_unknown          = { text = "Nobody knows whose login was used", stays_open = true }
login_of_several       = { text = "More than one person holds the login that was used", stays_open = true }
[columns]
person_id       = "Who accessed"
event_action    = "What was done"
grant_id        = "Grant that decides"
basis           = "Basis that this grant states"
fitting_grants  = "Grants that make the access valid"
*/
with
best_grounds as (    -- one grant decides: one that fits, else the one closest to fitting, the newest of these
  select *, count(*) filter (where reason = 'fits') over (partition by event_id) as fitting_grants
  from access_grounds
  qualify row_number() over (
    partition by event_id
    order by reason = 'fits' desc, is_unknown desc, reason = 'break_glass_in_time' desc, valid_from_at desc nulls last, grant_id
  ) = 1
),
judged as (
  select
    access.*,
    ground.grant_id as judged_grant_id,
    ground.basis,
    ground.valid_from_at,
    ground.valid_to_at,
    ground.grant_origin,
    ground.paper_origin,
    coalesce(ground.fitting_grants, 0) as fitting_grants,
    case
      when access.login_fault is not null then access.login_fault
      when ground.reason is not null then ground.reason
      when access.grant_id is not null then 'grant_missing'
      else 'no_basis'
    end as reason
  from staff_accesses as access
  left join best_grounds as ground using (event_id)
)
select
  event_id as item,
  event_time as item_at,
  account_id as subject,
  case
    when reason = 'fits' then 'pass'
    when reason in (
      'paper_missing', 'account_unnamed', 'grant_missing', 'grant_unclear', 'grant_incomplete', 'login_unknown', 'login_of_several'
    ) then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('{} at {} by {}, {}; {}',
    coalesce(event_action, 'access of an unknown kind'), strftime(event_time, '%Y-%m-%d %H:%M:%S'),
    coalesce(person_id, 'login ' || user_id, 'an unnamed login'),
    coalesce('account ' || account_id, 'no account named'),
    coalesce(
      format('grant {} ({}) valid {} to {}', judged_grant_id, coalesce(basis, 'no basis'),
        coalesce(strftime(valid_from_at, '%Y-%m-%d %H:%M:%S'), 'unknown'), coalesce(strftime(valid_to_at, '%Y-%m-%d %H:%M:%S'), 'unknown')),
      'grant ' || grant_id || ' is not on record', 'no grant')) as detail,
  coalesce(judged_grant_id, grant_id, person_id, user_id) as cause,
  [origin, grant_origin, paper_origin] as lines,
  person_id,
  event_action,
  coalesce(judged_grant_id, grant_id) as grant_id,
  basis,
  fitting_grants
from judged
