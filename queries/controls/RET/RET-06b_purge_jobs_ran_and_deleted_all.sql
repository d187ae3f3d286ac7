/*
id         = "RET-06b"
title      = "Each run of a purge job took place and deleted all it should"
promise    = "your data are purged"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one run of a purge job that was made or due in the period (run; for a run that is missing: job, due moment; for a job that never ran: job)"
population = """
select min(coalesce(scheduled_at, started_at)) as item_at
from job_runs
where coalesce(job_id, '') not in (select job_id from jobs group by job_id having bool_and(operation <> 'purge'))
group by coalesce(job_run_id, origin)
union all
select due_at
from purge_schedule
where not has_run
"""
needs      = ["jobs", "job_runs", "purges"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Sees runs on record and the schedule of the register: a schedule counts from the job's first run while its row holds, so a job that began late, or runs on demand alone, misses nothing, and a job that never ran is unknown. A run serves the due moment nearest to it. Runs of jobs that are not in the register are judged by their own counts; a run's count is held against its purges where at least one names it and all were counted. A run that did not end ok is an exception even if a later one made up for it, and each purge that it marks done is one of RET-06a."
[clauses]
dpf  = ["II.7.a.ii", "III.7.a"]
gdpr = ["5(2)", "24"]
[reasons]
complete      = "Ended ok and deleted what it should, without errors"
missing       = "Due by the job's schedule, but there is no such run"
not_ok        = "Did not run, or did not end ok"
too_few       = "Ended ok, but deleted fewer rows than it should"
errors        = "Ended ok, but counted errors"
other_sum     = "Deleted another number of rows than its purges together"
too_many      = { text = "Deleted more rows than it should: expected or counted wrongly", stays_open = true }
not_counted   = { text = "Ended ok, but what it should delete, deleted or failed to delete was not counted", stays_open = true }
never_ran     = { text = "The job has a schedule, but no run is on record", stays_open = true }
undated       = { text = "Nobody knows when it was due or made", stays_open = true }
contradiction = { text = "Its rows or moments contradict each other, or its status is unknown", stays_open = true }
[columns]
expected_count = "Rows that it should delete"
deleted_count  = "Rows that it says it deleted"
purged_count   = "Rows that its purges removed together; null: none names the run, or one was not counted"
*/
with
runs as (
  select
    coalesce(job_run_id, origin) as run_id,
    min(job_id) as job_id,
    min(status) as status,
    min(coalesce(scheduled_at, started_at)) as ran_at,
    count(*) > 1
      or any_value(
        coalesce(
          status not in ('ok', 'partial', 'failed', 'skipped') or (status = 'ok' and started_at is null) or ended_at < started_at,
          status is null
        )
      ) as is_contradictory,
    min(expected_count) as expected_count,
    min(deleted_count) as deleted_count,
    max(error_count) as error_count,
    list_sort(list(origin)) as lines
  from job_runs
  where coalesce(job_id, '') not in (select job_id from jobs group by job_id having bool_and(operation <> 'purge'))
  group by run_id
),
purged as (
  select
    job_run_id,
    case
      when count(rows_before - rows_remaining) = count(*) and count(distinct purge_id) = count(*)
        then sum(rows_before - rows_remaining)::bigint
    end as purged_count
  from purges
  group by job_run_id
),
judged as (
  select
    run.run_id as item,
    run.ran_at as item_at,
    run.job_id,
    case
      when run.is_contradictory then 'contradiction'
      when run.ran_at is null then 'undated'
      when run.status <> 'ok' then 'not_ok'
      when run.deleted_count < run.expected_count then 'too_few'
      when run.error_count > 0 then 'errors'
      when run.deleted_count <> purged.purged_count then 'other_sum'
      when run.deleted_count > run.expected_count then 'too_many'
      when run.deleted_count = run.expected_count and run.error_count = 0 then 'complete'
      else 'not_counted'
    end as reason,
    format(
      '{}: {} of {} rows deleted, errors {}{}',
      coalesce(run.status, 'no status'),
      coalesce(run.deleted_count::varchar, 'not counted'),
      coalesce(run.expected_count::varchar, 'not counted'),
      coalesce(run.error_count::varchar, 'not counted'),
      case when purged.purged_count is null then '' else format(', its purges removed {}', purged.purged_count) end
    ) as detail,
    run.lines,
    run.expected_count,
    run.deleted_count,
    purged.purged_count
  from runs as run
  left join purged on purged.job_run_id = run.run_id
  union all
  select
    concat_ws(' / ', job_id, strftime(due_at, '%Y-%m-%dT%H:%MZ')),
    due_at,
    job_id,
    case when due_at is null then 'never_ran' else 'missing' end,
    case
      when due_at is null then 'has a schedule, but no run on record'
      else format('due {} UTC by its schedule, no run on record', strftime(due_at, '%Y-%m-%d %H:%M'))
    end,
    [origin],
    null,
    null,
    null
  from purge_schedule
  where not has_run
)
select
  item,
  item_at,
  job_id as subject,
  case reason
    when 'complete' then 'pass'
    when 'missing' then 'exception'
    when 'not_ok' then 'exception'
    when 'too_few' then 'exception'
    when 'errors' then 'exception'
    when 'other_sum' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  detail,
  case when reason <> 'complete' then job_id end as cause,
  lines,
  expected_count,
  deleted_count,
  purged_count
from judged
