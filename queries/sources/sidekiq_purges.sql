/*
title      = "Purges in Sidekiq's job log"
table      = "purges"
provider   = "sidekiq_purges"
records    = "lines"
file_names = ["*purge*.log*"]
recognise  = "has_keys(text, ['ts', 'pid', 'tid', 'lvl', 'msg'])"
origin     = "Sidekiq with its JSON formatter: the lines in which a purge job says what it deleted."
export     = "The worker's log, one JSON object a line. The job has to write one line per account and store: `purged account_id=… store=… rows_before=… rows_deleted=… rows_remaining=…`. State when it was drawn as extracted_at. The same log gives job_runs: `source = [\"sidekiq_job_runs\", \"sidekiq_purges\"]` in audit.toml reads it for both."
limits     = "Which account and store is read from the job's own words; a job that writes others needs a source of its own. Why the account was purged the log does not say: reason is unknown. A purge is an erasure (rows_deleted). Rows without a count are empty. All other lines are ignored; that a job failed is in job_runs."
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
attempts as (    -- a run is named as in sidekiq_job_runs: by its job, from the second attempt on with its number
  select
    *,
    sum(case when entry.msg = 'start' then 1 else 0 end) over (partition by entry.ctx.jid order by line) as attempt
  from entries
),
purged as (
  select
    *,
    entry.ctx.jid || case when attempt > 1 then '/' || attempt else '' end as job_run_id,
    starts_with(entry.msg, 'purged ') as is_purge,
    try(map_from_entries(list_transform(list_filter(split(entry.msg, ' '), lambda word: contains(word, '=')), lambda word: {'key': split(word, '=')[1], 'value': split(word, '=')[2]}))) as facts
  from attempts
)
select
  line,
  concat_ws('/', job_run_id, facts['account_id'], facts['store']) as purge_id,
  facts['store'] as store_id,
  facts['account_id'] as account_id,
  facts['person_id'] as person_id,
  'unknown' as reason,
  'erase' as method,
  job_run_id,
  moment(entry.ts) as purged_at,
  try_cast(facts['rows_before'] as bigint) as rows_before,
  try_cast(facts['rows_remaining'] as bigint) as rows_remaining,
  case
    when document is null and contains(text, 'Sidekiq') then null
    when document is null then 'is no JSON object'
    when is_purge and facts is null then 'says a thing twice'
    when is_purge and facts['store'] is null then 'purged without store='
    when is_purge and time_fault(entry.ts) is not null then time_fault(entry.ts)
    when is_purge and (facts['rows_before'] is not null and not regexp_full_match(facts['rows_before'], '\d{1,18}') or facts['rows_remaining'] is not null and not regexp_full_match(facts['rows_remaining'], '\d{1,18}'))
      then 'rows_before or rows_remaining is no whole number'
  end as refused,
  case
    when document is null and contains(text, 'Sidekiq') then 'start of Sidekiq, no JSON'
    when not coalesce(is_purge, false) then 'no purge: ' || case when entry.msg in ('start', 'done', 'fail') then entry.msg else 'other words' end
  end as ignored
from purged
