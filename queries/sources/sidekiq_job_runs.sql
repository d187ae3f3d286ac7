/*
title      = "Runs of jobs in Sidekiq's log"
table      = "job_runs"
provider   = "sidekiq_job_runs"
records    = "lines"
file_names = ["*job_runs*.log*", "*job-runs*.log*"]
recognise  = "has_keys(text, ['ts', 'pid', 'tid', 'lvl', 'msg'])"
origin     = "Sidekiq with its JSON formatter: when each job was started, and whether it was done or failed."
export     = "The worker's log, one JSON object a line; where it tells of purges too, `source = [\"sidekiq_job_runs\", \"sidekiq_purges\"]` in audit.toml. State when it was drawn as extracted_at."
limits     = "One row per start, at its line: the attempts of one job carry one jid, so a second one is `jid/2`. Its end is the next done or fail of that jid in the file, within some 30 MB. A start without an end has no end, and its status is empty: the worker was killed, or still runs. job_id is the job's class. What was scheduled, and how many rows were to be deleted, the log does not tell; deleted_count is summed over the purge lines of the attempt."
# Sample: made up for these tests (CC0)
*/
with
entries as (
  select
    line,
    text,
    object_of(text) as document,
    from_json(object_of(text), '{"ts": "VARCHAR", "msg": "VARCHAR", "ctx": {"class": "VARCHAR", "jid": "VARCHAR"}}') as entry
  from records
),
attempts as (
  select
    *,
    sum(case when entry.msg = 'start' then 1 else 0 end) over (partition by entry.ctx.jid order by line) as attempt
  from entries
),
ends as (
  select
    *,
    min(moment(entry.ts)) filter (where entry.msg in ('done', 'fail')) over (partition by entry.ctx.jid, attempt) as ended_at,
    bool_or(entry.msg = 'done') over (partition by entry.ctx.jid, attempt) as is_done,
    bool_or(entry.msg = 'fail') over (partition by entry.ctx.jid, attempt) as has_failed,
    sum(try_cast(nullif(regexp_extract(entry.msg, '\brows_deleted=(\d{1,18})\b', 1), '') as bigint)) over (partition by entry.ctx.jid, attempt) as deleted,
    sum(try_cast(nullif(regexp_extract(entry.msg, '\brows_remaining=(\d{1,18})\b', 1), '') as bigint)) over (partition by entry.ctx.jid, attempt) as remaining
  from attempts
)
select
  line,
  entry.ctx.jid || case when attempt > 1 then '/' || attempt else '' end as job_run_id,
  entry.ctx.class as job_id,
  case when has_failed then 'failed' when is_done and remaining > 0 then 'partial' when is_done then 'ok' end as status,
  moment(entry.ts) as started_at,
  ended_at,
  deleted::bigint as deleted_count,
  case
    when document is null and contains(text, 'Sidekiq') then null
    when document is null then 'is no JSON object'
    when entry.msg = 'start' and time_fault(entry.ts) is not null then time_fault(entry.ts)
  end as refused,
  case
    when document is null and contains(text, 'Sidekiq') then 'start of Sidekiq, no JSON'
    when entry.msg in ('done', 'fail') then 'end of a run, told at its start'
    when starts_with(entry.msg, 'purged ') then 'purge of a run, told at its start'
    when entry.msg is distinct from 'start' or entry.ctx.jid is null then 'no run'
  end as ignored
from ends
