-- One row per person and time out of the job after a last day in it, until the next job begins.
-- Each edge is a local midnight. Where the zone is missing or no IANA name, the edge lies between its …_first_at (the earliest
-- on earth) and the moment beside it (the latest). is_unclear: the person's rows contradict each other, so that no day is believed.
-- Mutation kept: `union all` to `union` in `job.origin union all` — no row stands in both halves, nor twice in one
with
unclear_people as (
  select person_id, min(origin) as origin
  from people
  group by person_id
  having bool_or(ended_on < started_on) or count(*) > greatest(count(distinct started_on), 1)
),
jobs_held as (
  select
    person_id,
    started_on,
    ended_on,
    origin,
    try_cast((ended_on + 1) || ' 00:00 ' || time_zone as timestamptz) as left_at,
    try_cast(started_on || ' 00:00 ' || time_zone as timestamptz) as begun_at
  from people
  anti join unclear_people using (person_id)
),
last_days as (    -- after which no other job of the person ran on
  select job.*
  from jobs_held as job
  anti join jobs_held as other
    on other.person_id = job.person_id
    and other.started_on <= job.ended_on + 1
    and coalesce(other.ended_on > job.ended_on, true)
  where job.ended_on is not null
)
select
  job.person_id,
  false as is_unclear,
  coalesce(job.left_at, (job.ended_on + 1)::timestamptz - interval 14 hours) as left_first_at,
  coalesce(job.left_at, (job.ended_on + 1)::timestamptz + interval 12 hours) as left_at,
  coalesce(min(coalesce(next.begun_at, next.started_on::timestamptz - interval 14 hours)), 'infinity') as back_first_at,
  coalesce(min(coalesce(next.begun_at, next.started_on::timestamptz + interval 12 hours)), 'infinity') as back_at,
  job.ended_on,
  job.origin
from last_days as job
left join jobs_held as next on next.person_id = job.person_id and next.started_on > job.ended_on
group by job.person_id, job.left_at, job.ended_on, job.origin
union all
select person_id, true, null, null, null, null, null, origin
from unclear_people
