/*
id         = "ACC-05a"
title      = "Every standing right to customer data is approved by a second person and ends with the job"
promise    = "(supports ACC-01: only people who are authorised and still in the job can reach customer data)"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one standing right on an internal system that can reach customer data, in force at any moment of the period: entitlement"
repeats    = true
needs      = ["entitlements", "people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed rights on systems; roles on customer accounts are the customers' own. A fault at any moment of the period \
counts, also one that was put right within it. An approval without a date is believed. A right held before the first day in the job is \
no fault here. The last day ends at midnight where the person works."""
[clauses]
dpf  = ["II.4.a"]
gdpr = ["32(1)(b)", "32(4)"]
ccpa = ["Regs 7123(c)(3)"]
[reasons]
in_order       = "Approved by a second person, and held only while in the job"
after_leaving  = "In force after the person's last day in the job"
unapproved     = "Nobody approved it"
self_approved  = "Approved by its own holder"
approved_late  = "In force in the period before it was approved"
reach_unknown  = { text = "Nobody says whether the right can reach customer data", stays_open = true }
right_unclear  = { text = "Its start is missing, it ends before it starts, or it stands on record more than once with different facts", stays_open = true }
person_unknown = { text = "The holder is not in the register of people", stays_open = true }
job_unclear    = { text = "The holder's days in the job contradict each other", stays_open = true }
zone_unknown   = { text = "The right ended about the end of the last day, and nobody knows the holder's time zone", stays_open = true }
[columns]
asset_id    = "System"
role        = "Role on it"
valid_to_at = "When the right was revoked"
ended_on    = "Last day in the job"
*/
with
rights as (
  select
    *,
    greatest(valid_from_at, since()) as seen_from_at,
    least(valid_to_at, until()) as seen_to_at,
    count(*) over (partition by entitlement_id) > 1 or valid_from_at is null or valid_to_at < valid_from_at as is_unclear
  from entitlements
  where asset_id is not null
  qualify row_number() over (partition by entitlement_id order by origin) = 1
),
standing_rights as (
  select *
  from rights
  where (has_customer_data_access is distinct from false and seen_from_at < seen_to_at) or is_unclear
),
away as (    -- was it in force at a moment at which its holder had left, surely or perhaps?
  select
    entitlement.entitlement_id,
    absence.is_unclear as is_job_unclear,
    bool_or(
      greatest(entitlement.seen_from_at, absence.left_at) < least(entitlement.seen_to_at, absence.back_first_at)
    ) as is_away,
    bool_or(
      greatest(entitlement.seen_from_at, absence.left_first_at) < least(entitlement.seen_to_at, absence.back_at)
    ) as may_be_away,
    max(absence.ended_on) as ended_on,
    list(absence.origin order by absence.origin) as origins
  from standing_rights as entitlement
  join absences as absence using (person_id)
  group by entitlement.entitlement_id, absence.is_unclear    -- the same in all rows of a person
),
known_people as (
  select distinct person_id from people
),
judged as (
  select
    entitlement.*,
    away.ended_on,
    away.origins,
    case
      when entitlement.is_unclear then 'right_unclear'
      when entitlement.has_customer_data_access is null then 'reach_unknown'
      when away.is_away and not away.is_job_unclear then 'after_leaving'
      when entitlement.approved_by_person_id is null then 'unapproved'
      when entitlement.approved_by_person_id = entitlement.person_id then 'self_approved'
      when entitlement.approved_at > entitlement.seen_from_at then 'approved_late'
      when known.person_id is null then 'person_unknown'
      when away.is_job_unclear then 'job_unclear'
      when away.may_be_away then 'zone_unknown'
      when entitlement.approved_by_person_id <> entitlement.person_id then 'in_order'
    end as reason
  from standing_rights as entitlement
  left join away using (entitlement_id)
  left join known_people as known using (person_id)
)
select
  entitlement_id as item,
  valid_from_at as item_at,
  person_id as subject,
  case
    when reason = 'in_order' then 'pass'
    when reason in ('after_leaving', 'unapproved', 'self_approved', 'approved_late') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('{} on {} held by {} from {} to {}, approved by {} at {}; last day in the job {}',
    role, asset_id, person_id, coalesce(strftime(valid_from_at, '%Y-%m-%d %H:%M:%S'), 'unknown'),
    coalesce(strftime(valid_to_at, '%Y-%m-%d %H:%M:%S'), 'now'), coalesce(approved_by_person_id, 'nobody'),
    coalesce(strftime(approved_at, '%Y-%m-%d %H:%M:%S'), 'no known moment'), coalesce(ended_on::varchar, 'not over')) as detail,
  null as cause,
  list_prepend(origin, origins) as lines,
  asset_id,
  role,
  valid_to_at,
  ended_on
from judged
