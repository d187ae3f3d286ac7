/*
id         = "DET-09"
title      = "Nobody of ours reaches customer data at a time that is outside the own working pattern"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "medium"
kind       = "data"
tests      = "one person of ours and UTC day with accesses to customer data (person / day)"
needs      = ["access_events", "people", "access_grants", "cases"]
rests_on   = ["IPE-01", "IPE-02"]
needs_nobody = ["short_baseline"]
limits     = """A lead, never certain: nobody is forbidden to work at night. The baseline is the person's own: on how many of the days before, \
of the same kind (Monday to Friday, or weekend) and in the zone of the job, the person was active in a staff or sign-in log within an hour of \
this time of day, round midnight too. So who works at night by habit passes. Ordinary hours count as one time of day: who worked in them \
on enough days is expected at any of them. With a baseline too short, ordinary hours pass and all others are unknown. An access while an incident is open that a grant of the person names passes: somebody was on call. Left out: accesses whose person is \
not known, which ACC-01 names. Leave and holidays are in no table. Public rule sets ask fixed hours (18 to 6 and weekends in the rules of \
CrowdSec's hub; 22 to 6 in many others) or learn them (Elastic's jobs auth_rare_hour_for_a_user, Microsoft Sentinel's UEBA)."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)", "32(4)"]
[parameters.pattern_minutes]
type    = "integer"
default = 60
unit    = "minutes"
source  = "management"
meaning = "Two times of day this far apart or less are the same time; Elastic's job auth_rare_hour_for_a_user takes the hour of the day"
[parameters.pattern_span_days]
type    = "integer"
default = 90
unit    = "days"
source  = "management"
meaning = "Days before the access that make the baseline; as long as the activity that Microsoft Sentinel's UEBA compares for users"
[parameters.pattern_active_days]
type    = "integer"
default = 10
unit    = "days"
source  = "management"
meaning = "Active days in that span below which the baseline is too short; Microsoft Sentinel's UEBA takes 10 days for rare activities"
[parameters.pattern_usual_days]
type    = "integer"
default = 2
unit    = "days"
source  = "management"
meaning = "Days in that span with activity at the same time of day that make it usual"
[parameters.office_from_hour]
type    = "integer"
default = 6
unit    = "hour of the day, where the person works"
source  = "management"
meaning = "Ordinary hours begin, Monday to Friday; the hours of CrowdSec's scenarios on sign-ins out of hours"
[parameters.office_to_hour]
type    = "integer"
default = 18
unit    = "hour of the day, where the person works"
source  = "management"
meaning = "Ordinary hours end, not included; from the same scenarios"
[reasons]
usual            = "At a time of day at which the person is usually active, or in ordinary hours, which the person keeps"
ordinary_hours   = "The baseline is too short, but all was in ordinary hours where the person works"
on_call          = "At an unusual time, while an incident was open that a grant of the person names"
outside_pattern  = "At a time of day at which the person is not usually active"
short_baseline   = "Outside ordinary hours, and the person was active on too few days before to know the pattern"
zone_unknown     = { text = "Nobody knows the time zone of the person's job", stays_open = true }
[columns]
accesses      = "Accesses of the day"
outside       = "Accesses of the day for which the reason holds"
first_at      = "First of them"
last_at       = "Last of them"
baseline_days = "Active days of the person in the span before"
*/
with
times as (    -- local day and time of day; a block is as long as the distance that makes two times the same
  select
    work.*,
    (work.event_time at time zone job.time_zone)::date as day,
    epoch_us(work.event_time at time zone job.time_zone) % 86400000000 as clock
  from staff_work as work
  asof left join staff_jobs as job on job.person_id = work.person_id and job.started_on <= work.event_time::date
),
placed as (
  select
    times.*,
    isodow(day) > 5 as is_weekend,
    isodow(day) < 6 and clock >= 3600000000 * office_from_hour() and clock < 3600000000 * office_to_hour() as is_ordinary,
    clock // (60000000 * pattern_minutes()::bigint) as block
  from times
),
blocks as (
  select
    person_id,
    day,
    is_weekend,
    block,
    min(clock) as first_clock,
    max(clock) as last_clock,
    bool_or(is_ordinary) as has_ordinary
  from placed
  where day is not null
  group by person_id, day, is_weekend, block
),
counted as (
  select
    *,
    count(*) over (
      partition by person_id, is_weekend, block order by day
      range between to_days(pattern_span_days()) preceding and interval 1 day preceding
    ) as same_block_days
  from blocks
),
active_days as (
  select
    person_id,
    day,
    count(*) over earlier as baseline_days,
    count(*) filter (where has_ordinary) over earlier as ordinary_days
  from (select person_id, day, bool_or(has_ordinary) as has_ordinary from blocks group by person_id, day)
  window earlier as (
    partition by person_id order by day
    range between to_days(pattern_span_days()) preceding and interval 1 day preceding
  )
),
rare as (    -- only they need the look beyond the edges of their block
  select placed.event_id, placed.person_id, placed.day, placed.is_weekend, placed.block, placed.clock
  from placed
  join counted using (person_id, day, block)
  join active_days as active using (person_id, day)
  where placed.is_access
    and counted.same_block_days < pattern_usual_days()
    and not (placed.is_ordinary and active.ordinary_days >= pattern_usual_days())
),
near as (
  select rare.event_id, count(distinct earlier.day) as usual_days
  from rare
  join blocks as earlier
    on earlier.person_id = rare.person_id
    and earlier.is_weekend = rare.is_weekend
    and earlier.day < rare.day
    and earlier.day >= rare.day - pattern_span_days()
  where least(abs(earlier.first_clock - rare.clock), 86400000000 - abs(earlier.first_clock - rare.clock)) <= 60000000 * pattern_minutes()::bigint
    or least(abs(earlier.last_clock - rare.clock), 86400000000 - abs(earlier.last_clock - rare.clock)) <= 60000000 * pattern_minutes()::bigint
  group by rare.event_id
),
duties as (
  select permit.person_id, incident.opened_at, coalesce(incident.closed_at, 'infinity') as closed_at
  from access_grants as permit
  join cases as incident on incident.case_id = permit.case_id and incident.kind = 'incident'
),
on_call as (
  select distinct rare.event_id
  from rare
  join placed using (event_id)
  join duties on duties.person_id = rare.person_id and placed.event_time >= duties.opened_at and placed.event_time < duties.closed_at
),
accesses as (
  select
    placed.person_id,
    placed.event_time::date as utc_day,
    placed.event_time,
    placed.origin,
    active.baseline_days,
    case
      when placed.day is null then 'zone_unknown'
      when rare.event_id is null or near.usual_days >= pattern_usual_days() then 'usual'
      when on_call.event_id is not null then 'on_call'
      when active.baseline_days >= pattern_active_days() then 'outside_pattern'
      when placed.is_ordinary then 'ordinary_hours'
      else 'short_baseline'
    end as reason
  from placed
  left join active_days as active using (person_id, day)
  left join rare using (event_id)
  left join near using (event_id)
  left join on_call using (event_id)
  where placed.is_access
),
days as (
  select
    *,
    count(*) over (partition by person_id, utc_day) as accesses,
    first_value(reason) over (
      partition by person_id, utc_day
      order by list_position(['outside_pattern', 'short_baseline', 'on_call', 'ordinary_hours'], reason)
    ) as day_reason
  from accesses
),
judged as (
  select
    person_id,
    utc_day as day,
    reason,
    min(accesses) as accesses,
    count(*) as outside,
    min(event_time) as first_at,
    max(event_time) as last_at,
    max(baseline_days) as baseline_days,
    list(origin order by event_time, origin) as origins
  from days
  where reason = day_reason
  group by person_id, utc_day, reason
)
select
  format('{} / {}', person_id, day) as item,
  day::timestamptz as item_at,
  person_id as subject,
  case
    when reason in ('usual', 'ordinary_hours', 'on_call') then 'pass'
    when reason = 'outside_pattern' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('{} of {} accesses, the first at {}, the last at {}; {} active days in the {} days before',
    outside, accesses, first_at, last_at, coalesce(baseline_days, 0), pattern_span_days()) as detail,
  null as cause,
  origins as lines,
  accesses,
  outside,
  first_at,
  last_at,
  baseline_days
from judged
