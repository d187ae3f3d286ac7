-- One row per moment at which a purge job should have run: job_id, due_at; has_run: there is a run nearer to this
-- moment than to any other. The schedule counts from the job's first run while its row holds. due_at is null where a
-- job has a schedule and no run to count from. A moment counts once half an interval has passed since.
-- Mutation kept: `join` to `left join` before `runs` — a schedule without runs serves no moment either way
-- Mutation kept: `union all` to `union` in `moment.due_at union all` — a job that never ran has no due moments
with
runs as (
  select job_id, coalesce(scheduled_at, started_at) as ran_at
  from job_runs
),
schedules as (
  select
    job.job_id,
    job.valid_from_at,
    coalesce(job.valid_to_at, 'infinity') as valid_to_at,
    job.run_every_hours,
    min(run.ran_at) as first_at,
    min(job.origin) as origin
  from jobs as job
  left join runs as run
    on run.job_id = job.job_id
    and run.ran_at >= job.valid_from_at
    and run.ran_at < coalesce(job.valid_to_at, 'infinity')
  where job.operation = 'purge' and job.run_every_hours > 0
  group by job.job_id, job.valid_from_at, job.valid_to_at, job.run_every_hours
),
moments as (
  select *, unnest(generate_series(first_at, as_of() - to_minutes(30 * run_every_hours), to_hours(run_every_hours))) as due_at
  from schedules
),
served as (
  select
    schedule.job_id,
    schedule.first_at,
    time_bucket(
      to_hours(schedule.run_every_hours), run.ran_at + to_minutes(30 * schedule.run_every_hours), schedule.first_at
    ) as due_at
  from schedules as schedule
  join runs as run on run.job_id = schedule.job_id
)
select moment.job_id, moment.due_at, bool_or(served.job_id is not null) as has_run, min(moment.origin) as origin
from moments as moment
left join served on served.job_id = moment.job_id and served.first_at = moment.first_at and served.due_at = moment.due_at
where moment.due_at < moment.valid_to_at
group by moment.job_id, moment.due_at
union all
select job_id, null, false, min(origin)
from schedules
where first_at is null and valid_from_at + to_hours(run_every_hours) <= as_of()
group by job_id
