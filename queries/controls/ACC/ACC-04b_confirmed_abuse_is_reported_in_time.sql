/*
id         = "ACC-04b"
title      = "Every confirmed restricted use is reported to the authorities within the days that management set"
promise    = "we will report the incident to the appropriate authorities"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one abuse case that confirmed a restricted use, whose day for the report falls in the period: case"
needs      = ["cases"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """The policy names no deadline: the days are management's, and without them nothing is tested. They run from the close of the case, \
whose day does not count. A case that is confirmed, reported and still open has no day yet and is left out. Whether the authority was the appropriate one, and whether a \
case that was closed as not confirmed should have been confirmed, is not in the data."""
[clauses]
dpf  = ["II.5.a"]
gdpr = ["5(1)(a)", "5(1)(b)"]
[parameters.abuse_report_days]
type    = "integer"
unit    = "days"
source  = "management"
meaning = "From the day an abuse case is closed to the last day for its report to the authorities (the policy names none)"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
reported        = "Reported by its last day"
late            = "Reported after its last day"
not_reported    = { text = "Not reported, and its last day is over", stays_open = true }
not_closed      = { text = "A restricted use is confirmed and not reported, but the case is not closed, so its days do not run", stays_open = true }
outcome_unknown = { text = "The outcome of the case is none that the dictionary knows", stays_open = true }
case_unclear    = { text = "The case stands on record more than once, ends before it begins, or was reported before it began", stays_open = true }
[columns]
due_on = "Last day for the report"
*/
with
abuse_cases as (    -- two rows of one id contradict each other: the earlier close gives the day, neither is believed
  select
    *,
    count(*) over (partition by case_id) > 1 or closed_at < opened_at or reported_at < opened_at as is_unclear
  from cases
  where kind = 'abuse'
  qualify bool_or(outcome <> 'not_confirmed') over (partition by case_id)
    and row_number() over (partition by case_id order by closed_at, origin) = 1
),
clock as (
  select
    *,
    (closed_at at time zone company_time_zone())::date + abuse_report_days() as due_on,
    (reported_at at time zone company_time_zone())::date as reported_on
  from abuse_cases
),
judged as (
  select
    *,
    case
      when is_unclear then 'case_unclear'
      when outcome <> 'restricted_use_confirmed' then 'outcome_unknown'
      when due_on is null then 'not_closed'
      when reported_on is null then 'not_reported'
      when reported_on > due_on then 'late'
      when reported_on <= due_on then 'reported'
    end as reason
  from clock
  where due_on < (as_of() at time zone company_time_zone())::date
    or (due_on is null and (reported_on is null or is_unclear))
)
select
  case_id as item,
  due_on::timestamptz as item_at,
  coalesce(account_id, case_id) as subject,
  case reason
    when 'reported' then 'pass'
    when 'late' then 'exception'
    when 'not_reported' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('closed {}, last day for the report {}, reported {}',
    coalesce((closed_at at time zone company_time_zone())::date::varchar, 'not yet'), coalesce(due_on::varchar, 'not set'),
    coalesce(reported_on || ' to ' || coalesce(reported_to, 'an authority not named'), 'not')) as detail,
  null as cause,
  [origin] as lines,
  due_on
from judged
