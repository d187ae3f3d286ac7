/*
id         = "ACC-05c"
title      = "Nobody of ours gets in after the last day in the job"
promise    = "(supports ACC-01: who has left reaches no customer data)"
source     = "When we access or share your information"
severity   = "critical"
kind       = "data"
tests      = "one success in any log with a login of a person of ours: event"
population = """
  select event_time as item_at
  from access_events
  where event_outcome = 'success'
    and user_id in (select unnest(user_ids) from people where kind in ('staff', 'contractor', 'vendor_staff'))"""
needs      = ["access_events", "people"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees successes of any log whose login stands in the register of people; attempts that failed are left out. The last day \
ends at midnight where the person works, and a rehire counts from the first day. Access before the first day passes here: a detection \
names it. Shared and service logins belong to no job. A success may be of a session that began in time."""
[clauses]
dpf  = ["II.4.a"]
gdpr = ["32(1)(b)", "32(4)"]
ccpa = ["Regs 7123(c)(3)"]
[reasons]
not_left         = "The person had not left, or was back"
after_leaving    = "After the person's last day in the job"
login_of_several = { text = "More than one person holds the login, and one of them had left", stays_open = true }
job_unclear      = { text = "The person's days in the job contradict each other", stays_open = true }
zone_unknown     = { text = "About the end of the last day, or the start of the next job, and nobody knows the person's time zone", stays_open = true }
[columns]
event_provider = "Log that recorded it"
event_action   = "What was done"
user_id        = "Login used"
ended_on       = "Last day in the job, of the last to leave of those who hold the login"
*/
with
successes as (
  select event.*, login.person_id, login.people_count
  from access_events as event
  join logins as login on login.user_id = event.user_id and login.is_ours
  where event.event_outcome = 'success'
),
holders as (
  select unnest(user_ids) as user_id, person_id
  from people
),
away as (
  select
    success.event_id,
    count(distinct absence.person_id) filter (
      where success.event_time >= absence.left_at and success.event_time < absence.back_first_at
    ) as people_away,
    max(absence.ended_on) as ended_on,
    min(absence.origin) as origin
  from successes as success
  join holders as holder using (user_id)
  join absences as absence
    on absence.person_id = holder.person_id
    and (absence.is_unclear or (success.event_time >= absence.left_first_at and success.event_time < absence.back_at))
  group by success.event_id
),
judged as (
  select
    success.*,
    away.ended_on,
    away.origin as absence_origin,
    case
      when away.event_id is null then 'not_left'
      when away.people_away = success.people_count then 'after_leaving'
      when success.people_count > 1 then 'login_of_several'
      when away.ended_on is null then 'job_unclear'
      else 'zone_unknown'
    end as reason
  from successes as success
  left join away using (event_id)
)
select
  event_id as item,
  event_time as item_at,
  case when people_count = 1 then person_id end as subject,
  case
    when reason = 'not_left' then 'pass'
    when reason = 'after_leaving' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('{} in {} at {} with login {}; last day in the job {}',
    event_action, event_provider, strftime(event_time, '%Y-%m-%d %H:%M:%S'), user_id, coalesce(ended_on::varchar, 'not over')) as detail,
  user_id as cause,
  [origin, absence_origin] as lines,
  event_provider,
  event_action,
  user_id,
  ended_on
from judged
