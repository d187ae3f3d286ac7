/*
id         = "ACC-02"
title      = "Every support access rests on the customer's consent, given before the first access on its ticket"
promise    = "If at any point we need to access your account to help you with a Support case, we will ask for your consent before proceeding."
source     = "When we access or share your information"
severity   = "critical"
kind       = "data"
tests      = "one successful access that rests on a grant of support consent: event"
population = """
  select event_time as item_at
  from staff_accesses
  where event_id in (select event_id from access_grounds where basis = 'support_consent' and (is_cited or reason = 'fits'))"""
needs      = ["access_events", "people", "access_grants", "cases", "consents", "entitlements"]
may_use    = ["legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """An access rests on a grant that the tool cited, whether or not that grant is valid, or, where none is cited, on every \
valid grant of the person for that account. Whether the grant itself is valid and who acted are ACC-01's. Only the consent that the \
grant names counts; a consent for all purposes covers support on any ticket. Ticket and consent end with the second in which they are \
closed or withdrawn. Whether the customer understood what was asked is not in the data."""
[clauses]
dpf  = ["II.2", "II.5"]
gdpr = ["6(1)(a)", "7"]
[parameters.break_glass_hours]
type     = "integer"
unit     = "hours"
source   = "management"
meaning  = "From an access under break-glass to the last moment at which a second person may approve it; unset: no approval is in time"
optional = true
[reasons]
consented          = "Consent for this customer and ticket was given before the first access on the ticket, by who may give it, and still stood"
not_support        = "The grant's case is no support ticket"
ticket_of_another  = "The ticket belongs to another account"
before_ticket      = "The access came before the ticket was opened"
after_ticket       = "The ticket was closed"
not_granted        = "The customer's choice was not to grant access"
other_purpose      = "The consent is for another purpose"
other_ticket       = "The consent was given for another ticket"
other_customer     = "The consent is another account's"
consent_late       = "The consent was given after the first access on the ticket"
consent_withdrawn  = "The consent was withdrawn"
weak_method        = "The consent was not expressed: implied, ticked in advance, or in no known way"
no_evidence        = "Consent by reply e-mail, and no evidence of it is on record"
giver_not_entitled = "Who consented was neither owner nor admin of the account at that moment"
grant_unclear      = { text = "The grant stands on record more than once, with different facts", stays_open = true }
consent_missing    = { text = "The grant names no consent, or one that is not on record or stands there twice", stays_open = true }
ticket_missing     = { text = "The grant names no ticket, or one that is not on record or stands there twice", stays_open = true }
account_unnamed    = { text = "The log does not say which account was touched", stays_open = true }
giver_unnamed      = { text = "Nobody is named who gave the consent", stays_open = true }
facts_missing      = { text = "A fact that ticket or consent must state is missing or unknown", stays_open = true }
[columns]
grant_id   = "Grant that the access rests on"
case_id    = "Its ticket"
consent_id = "Its consent"
*/
with
support_grounds as (
  select *
  from access_grounds
  where basis = 'support_consent' and (is_cited or reason = 'fits')
),
first_accesses as (
  select case_id, min(event_time) as first_at
  from support_grounds
  group by case_id
),
tickets as (    -- two rows of one id contradict each other: neither is believed
  select *
  from cases
  qualify count(*) over (partition by case_id) = 1
),
given as (
  select *, coalesce(given_by_person_id, person_id) as giver_person_id
  from consents
  qualify count(*) over (partition by consent_id) = 1
),
entitled as (    -- accounts for which the giver could speak when giving the consent
  select given.consent_id, entitlement.account_id, min(entitlement.origin) as origin
  from given
  join entitlements as entitlement on entitlement.person_id = given.giver_person_id
  where entitlement.role in ('owner', 'admin')
    and entitlement.valid_from_at <= given.given_at
    and (entitlement.valid_to_at is null or entitlement.valid_to_at > given.given_at)
  group by given.consent_id, entitlement.account_id
),
judged as (
  select
    ground.* exclude (reason),
    given.given_at,
    given.giver_person_id,
    ticket.opened_at,
    ticket.closed_at,
    first_access.first_at,
    ticket.origin as ticket_origin,
    given.origin as consent_origin,
    entitled.origin as entitlement_origin,
    case
      when ground.copies > 1 then 'grant_unclear'
      when ticket.kind <> 'support' then 'not_support'
      when ticket.account_id <> ground.account_id then 'ticket_of_another'
      when ground.event_time < ticket.opened_at then 'before_ticket'
      when ground.event_time >= date_trunc('second', ticket.closed_at) then 'after_ticket'
      when given.choice <> 'granted' then 'not_granted'
      when given.purpose not in ('support_access', 'all') then 'other_purpose'
      when given.case_id <> ground.case_id then 'other_ticket'
      when given.account_id <> ground.account_id then 'other_customer'
      when given.given_at > first_access.first_at then 'consent_late'
      when ground.event_time >= date_trunc('second', given.withdrawn_at) then 'consent_withdrawn'
      when given.method in ('implied', 'pre_ticked', 'unknown') then 'weak_method'
      when given.method = 'email_reply' and given.evidence_uri is null then 'no_evidence'
      when given.consent_id is null then 'consent_missing'
      when ticket.case_id is null then 'ticket_missing'
      when ground.account_id is null then 'account_unnamed'
      when given.giver_person_id is null then 'giver_unnamed'
      when given.given_at is not null and entitled.account_id is null then 'giver_not_entitled'
      when ticket.kind = 'support'
        and ticket.account_id = ground.account_id
        and ticket.opened_at <= ground.event_time
        and given.choice = 'granted'
        and (given.case_id = ground.case_id or given.purpose = 'all')
        and given.purpose is not null
        and given.given_at is not null
        and given.method in ('click', 'written', 'email_reply', 'signature', 'power_of_attorney', 'spoken_recorded') then 'consented'
      else 'facts_missing'
    end as reason
  from support_grounds as ground
  left join first_accesses as first_access using (case_id)
  left join tickets as ticket using (case_id)
  left join given using (consent_id)
  left join entitled on entitled.consent_id = given.consent_id and entitled.account_id = ground.account_id
),
classed as (
  select
    *,
    case
      when reason = 'consented' then 'pass'
      when reason in ('grant_unclear', 'consent_missing', 'ticket_missing', 'account_unnamed', 'giver_unnamed', 'facts_missing') then 'unknown'
      else 'exception'
    end as outcome
  from judged
)
-- several valid grants of support consent: the one whose consent holds, else one that a missing fact may cure, else the newest
select
  event_id as item,
  event_time as item_at,
  account_id as subject,
  outcome,
  reason,
  format('ticket {} open {} to {}, first access {}; consent {} given {} by {}; access {}',
    coalesce(case_id, 'not named'), coalesce(strftime(opened_at, '%Y-%m-%d %H:%M:%S'), 'unknown'),
    coalesce(strftime(closed_at, '%Y-%m-%d %H:%M:%S'), 'now'), coalesce(strftime(first_at, '%Y-%m-%d %H:%M:%S'), 'unknown'),
    coalesce(consent_id, 'not named'), coalesce(strftime(given_at, '%Y-%m-%d %H:%M:%S'), 'unknown'),
    coalesce(giver_person_id, 'nobody named'), strftime(event_time, '%Y-%m-%d %H:%M:%S')) as detail,
  coalesce(case_id, grant_id) as cause,
  [origin, grant_origin, ticket_origin, consent_origin, entitlement_origin] as lines,
  grant_id,
  case_id,
  consent_id
from classed
qualify row_number() over (
  partition by event_id order by outcome = 'pass' desc, outcome = 'unknown' desc, valid_from_at desc nulls last, grant_origin
) = 1
