/*
id         = "DET-08"
title      = "No login of ours is used before the first day in the job, or tried outside the job"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one login of a person of ours and UTC day with its successes or attempts in any log (login / day)"
needs      = ["access_events", "people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """The other half of ACC-05c, with no fact in both: a success after the last day is ACC-05c's exception and passes here; a \
success before the first day, which ACC-05c passes, is certain here (exception); an attempt that did not succeed, before the first day or \
after the last, is a lead (manual). The baseline is the register of people: days in the job begin and end at midnight where the person works. \
Shared and service logins belong to no job. A login of several people begins with the first of them; attempts after somebody's last day are \
looked for where one person holds the login. Public rule sets work without a register: Elastic's job auth_rare_user looks for names that are \
unusual in the log, Sigma has no rule; MITRE ATT&CK calls it T1078, Valid Accounts."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(b)", "32(1)(d)", "32(4)"]
ccpa = ["Regs 7123(c)(3)"]
[reasons]
in_the_job        = "Nothing before the first day in the job, and no attempt outside it"
before_first_day  = "Used before the first day in the job"
tried_before      = "Tried without success before the first day in the job"
tried_after       = "Tried without success after the last day in the job"
first_day_unclear = { text = "Used or tried, and the person's first day is missing or contradicted by the last one, or the time zone decides and nobody knows it", stays_open = true }
[columns]
people   = "People who hold the login"
outside  = "Successes before the first day, and attempts outside the job"
first_at = "First of them"
last_at  = "Last of them"
*/
with
jobs as (    -- where the zone is missing, the first day begins between its earliest and its latest midnight on earth
  select
    unnest(user_ids) as user_id,
    coalesce(try_cast(started_on || ' 00:00 ' || time_zone as timestamptz), started_on::timestamptz - interval 14 hours) as first_at,
    coalesce(try_cast(started_on || ' 00:00 ' || time_zone as timestamptz), started_on::timestamptz + interval 12 hours) as latest_first_at,
    ended_on < started_on as is_contradictory
  from people
  where kind in ('staff', 'contractor', 'vendor_staff')
),
starts as (
  select
    user_id,
    case when bool_or(first_at is null or is_contradictory) then '-infinity' else min(first_at) end as sure_until,
    case when bool_or(first_at is null) then 'infinity' else min(latest_first_at) end as perhaps_until
  from jobs
  group by user_id
),
uses as (
  select
    event.user_id,
    event.event_time::date as day,
    event.event_time,
    event.event_outcome = 'success' as is_success,
    event.origin,
    login.person_id,
    login.people_count
  from access_events as event
  join logins as login on login.user_id = event.user_id and login.is_ours
),
outside as (
  select
    uses.*,
    case
      when uses.event_time >= starts.sure_until then 'first_day_unclear'
      when uses.is_success then 'before_first_day'
      else 'tried_before'
    end as reason
  from uses
  join starts on starts.user_id = uses.user_id and uses.event_time < starts.perhaps_until
  union all
  select uses.*, 'tried_after'
  from uses
  join absences as absence
    on absence.person_id = uses.person_id
    and uses.event_time >= absence.left_first_at
    and uses.event_time < absence.back_at
  where not uses.is_success and uses.people_count = 1
),
found as (
  select
    user_id,
    day,
    min(reason) as reason,    -- in alphabetical order the certain comes first, then the unclear
    count(*) as outside,
    min(event_time) as first_at,
    max(event_time) as last_at,
    list(origin order by event_time, origin) as origins
  from outside
  group by user_id, day
),
days as (
  select user_id, day, min(people_count) as people, min(person_id) as person_id
  from uses
  group by user_id, day
),
judged as (
  select
    days.*,
    coalesce(found.outside, 0) as outside,
    found.first_at,
    found.last_at,
    found.origins,
    case when found.reason is null then 'in_the_job' else found.reason end as reason
  from days
  left join found using (user_id, day)
)
select
  format('{} / {}', user_id, day) as item,
  day::timestamptz as item_at,
  case when people = 1 then person_id end as subject,
  case
    when reason = 'in_the_job' then 'pass'
    when reason = 'before_first_day' then 'exception'
    when reason in ('tried_before', 'tried_after') then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  coalesce(format('{} outside the job, the first at {}, the last at {}', outside, first_at, last_at), 'none outside the job') as detail,
  user_id as cause,
  origins as lines,
  people,
  outside,
  first_at,
  last_at
from judged
