/*
id         = "ACC-03b"
title      = "Every error for which our people looked at data has its root cause recorded within the days allowed"
promise    = "unless an error occurs that stops an automated process"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one incident behind a grant for a service error, whose day for the root cause falls in the period: case"
needs      = ["cases", "access_grants"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees incidents that a grant for a service error names, whether or not anybody used the grant. The days run from the \
close of the incident, which does not count; one that is still open has no day yet. A record without a date is believed. \
Whether the incident came before the access is ACC-03a's, and whether the cause was found is in the record, not in the data."""
[clauses]
dpf  = ["II.5.a"]
gdpr = ["5(1)(b)"]
[parameters.root_cause_days]
type    = "integer"
default = 30
unit    = "days"
source  = "management"
meaning = "From the day an incident is closed to the last day for its root-cause record (the catalogue's 30 days; the policy names none)"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
recorded        = "The root cause was recorded by its last day, or on a day that nobody noted"
late            = "The root cause was recorded after its last day"
missing         = { text = "No root cause is on record, and its last day is over", stays_open = true }
place_unknown   = { text = "A day of recording is noted, but not where the record lies", stays_open = true }
incident_unclear = { text = "The incident stands on record more than once, or ends before it starts", stays_open = true }
[columns]
due_on = "Last day for the record"
*/
with
incidents as (    -- two rows of one id contradict each other: the earlier close gives the day, neither is believed
  select
    *,
    count(*) over (partition by case_id) > 1 or closed_at < opened_at as is_unclear
  from cases
  where kind = 'incident'
    and case_id in (select case_id from access_grants where basis = 'service_error')
  qualify row_number() over (partition by case_id order by closed_at, origin) = 1
),
clock as (
  select
    *,
    (closed_at at time zone company_time_zone())::date + root_cause_days() as due_on,
    (root_cause_recorded_at at time zone company_time_zone())::date as recorded_on
  from incidents
),
judged as (
  select
    *,
    case
      when is_unclear then 'incident_unclear'
      when root_cause_uri is not null and recorded_on > due_on then 'late'
      when root_cause_uri is not null then 'recorded'
      when recorded_on is not null then 'place_unknown'
      else 'missing'
    end as reason
  from clock
  where due_on < (as_of() at time zone company_time_zone())::date
)
select
  case_id as item,
  due_on::timestamptz as item_at,
  case_id as subject,
  case reason
    when 'recorded' then 'pass'
    when 'late' then 'exception'
    when 'missing' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('closed {}, last day for the root cause {}, recorded {}',
    closed_at::date, due_on, coalesce(recorded_on::varchar, case when root_cause_uri is null then 'not yet' else 'on a day not noted' end)) as detail,
  null as cause,
  [origin] as lines,
  due_on
from judged
