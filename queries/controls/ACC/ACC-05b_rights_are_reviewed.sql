/*
id         = "ACC-05b"
title      = "The rights on every system with customer data were reviewed within the days allowed"
promise    = "(supports ACC-01: rights to reach customer data are reviewed, so that nobody keeps one without need)"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one internal system on which somebody held a right to customer data in the period: asset"
repeats    = true
needs      = ["entitlements", "reviews"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """The age of the last completed review is judged at the end of the period, in calendar days from its completion. \
A review that names no system counts for none, one that was not completed does not count, and a new system has no days of grace. \
Whether the reviewer looked well is not in the data. Systems on which no right is listed are unseen."""
[clauses]
dpf  = ["II.4.a"]
gdpr = ["32(1)(b)", "32(1)(d)"]
ccpa = ["Regs 7123(c)(3)"]
[parameters.entitlement_review_days]
type    = "integer"
unit    = "days"
source  = "management"
meaning = "From a completed review of a system's rights to the last day on which the next must be completed"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
reviewed      = "The last completed review is no older than allowed"
overdue       = "The last completed review is older than allowed"
not_reviewed  = "No completed review is on record"
reach_unknown = { text = "No recent review, and nobody says whether the rights on the system can reach customer data", stays_open = true }
[columns]
rights      = "Rights in force in the period that can reach customer data, or of which nobody says so"
reviewed_on = "Day on which the last review was completed"
*/
with
systems as (
  select
    asset_id,
    count(*) as rights,
    bool_or(has_customer_data_access is not null) as is_reaching,
    list(origin order by origin) as origins
  from entitlements
  where asset_id is not null
    and has_customer_data_access is distinct from false
    and valid_from_at < until()
    and (valid_to_at is null or valid_to_at > greatest(valid_from_at, since()))
  group by asset_id
),
last_reviews as (
  select
    asset_id,
    (max(completed_at) at time zone company_time_zone())::date as reviewed_on,
    max_by(origin, (completed_at, review_id)) as origin
  from reviews
  where kind = 'entitlements' and completed_at < until()
  group by asset_id
),
judged as (
  select
    system.*,
    review.reviewed_on,
    review.origin as review_origin,
    case
      when until()::date - review.reviewed_on <= entitlement_review_days() then 'reviewed'
      when not system.is_reaching then 'reach_unknown'
      when review.reviewed_on is not null then 'overdue'
      else 'not_reviewed'
    end as reason
  from systems as system
  left join last_reviews as review using (asset_id)
)
select
  asset_id as item,
  (reviewed_on + entitlement_review_days())::timestamptz as item_at,
  asset_id as subject,
  case
    when reason = 'reviewed' then 'pass'
    when reason in ('overdue', 'not_reviewed') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('{} rights in force in the period; last review completed {}, {} days before the period''s end, {} allowed',
    rights, coalesce(reviewed_on::varchar, 'never'), coalesce((until()::date - reviewed_on)::varchar, 'no'), entitlement_review_days()) as detail,
  null as cause,
  list_prepend(review_origin, origins) as lines,
  rights,
  reviewed_on
from judged
