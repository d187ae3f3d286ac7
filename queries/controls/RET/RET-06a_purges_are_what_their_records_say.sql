/*
id         = "RET-06a"
title      = "A purge on record did what it says"
promise    = "your data are purged"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one purge made in the period"
population = """
  select purged_at as item_at
  from purges
  where purge_id is null or purge_id not in (select purge_id from repeated_purges)
  union all
  select min(purged_at)
  from purges
  where purge_id in (select purge_id from repeated_purges)
  group by purge_id"""
needs      = ["purges", "job_runs", "accounts"]
may_use    = ["row_counts"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Tests the record of each purge against itself, its run, the register and later counts; what no record tells, it can't see. Rows that the purge itself reports as remaining are RET-01's exception, not a fault of the record. A purge without a run, without a count before, or without the moment of its recount is no fault; one without a count after is, whatever was counted later. Only a count while the account is still canceled speaks against a purge; rows that a restore brought back and a purge after it removed do not."
[clauses]
dpf  = ["II.7.a.ii", "III.7.a"]
gdpr = ["5(2)", "24"]
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
sound            = "Fewer rows after than before, and nothing on record speaks against it"
nothing_there    = "There were no rows to purge, and none after"
run_failed       = "Recorded as done, but its run did not end ok"
nothing_removed  = "As many rows after as before, or more"
rows_again       = "Said that nothing remained, yet a later count found rows"
not_recounted    = "Nobody counted what remained"
not_canceled     = "Purged as canceled while the account was not canceled"
account_unclear  = { text = "Purged as canceled, but whether the account was canceled then is not known", stays_open = true }
run_unknown      = { text = "Names a run that is not among the runs, or that has an unknown or contradictory status", stays_open = true }
undated          = { text = "Nobody knows when it was made", stays_open = true }
contradiction    = { text = "Its rows or moments contradict each other, or its reason or method is unknown", stays_open = true }
*/
with
made as not materialized (    -- of rows with one id the first; not materialized, so that only those of the period are judged
  select
    purge.* exclude (purge_id),
    coalesce(purge.purge_id, purge.origin) as purge_id,
    case when purge.reason = 'account_canceled' then purge.account_id end as canceled_account_id,
    repeated.lines as repeated_lines
  from purges as purge
  left join repeated_purges as repeated on repeated.purge_id = purge.purge_id
  where purge.origin = coalesce(repeated.first_origin, purge.origin)
),
runs as (
  select job_run_id, min(status) as status, min(job_id) as job_id, count(*) > 1 as is_repeated, min(origin) as origin
  from job_runs
  group by job_run_id
),
purged_accounts as (
  select *, coalesce(valid_to_at, 'infinity') as until_at
  from accounts
  where account_id in (select account_id from purges where reason = 'account_canceled')
),
changes as (
  select account_id, valid_from_at as changed_at from purged_accounts
  union
  select account_id, until_at from purged_accounts
),
stretches as (
  select *, lead(changed_at, 1, 'infinity') over (partition by account_id order by changed_at) as until_at
  from changes
),
standings as (    -- what the register says of an account from one change to the next
  select
    stretch.account_id,
    stretch.changed_at,
    stretch.until_at,
    bool_and(account.status in ('canceled', 'merged')) as is_canceled,
    bool_and(account.status in ('trial', 'active', 'paused', 'frozen', 'suspended')) as is_in_use,
    list_sort(list(account.origin)) as lines
  from stretches as stretch
  join purged_accounts as account
    on account.account_id = stretch.account_id
    and account.valid_from_at <= stretch.changed_at
    and account.until_at > stretch.changed_at
  group by stretch.account_id, stretch.changed_at, stretch.until_at
),
repeats as (
  select account_id, store_id, max(purged_at) as repeated_at
  from purges
  where reason = 'restore'
  group by account_id, store_id
),
sightings as (
  select made.purge_id, max(counted.row_count) as row_count, min(counted.origin) as origin
  from made
  join row_counts as counted
    on counted.account_id = made.account_id
    and counted.store_id = made.store_id
    and coalesce(made.data_class_id, counted.data_class_id, '') = coalesce(counted.data_class_id, '')
    and counted.row_count > 0
    and counted.counted_at > made.purged_at
    and coalesce(counted.data_from_on <= made.purged_at at time zone company_time_zone(), true)
  join canceled_spans as span
    on span.account_id = made.account_id
    and span.canceled_at <= made.purged_at
    and span.ended_at > counted.counted_at
  left join repeats on repeats.account_id = made.account_id and repeats.store_id = made.store_id
  where made.person_id is null and coalesce(repeats.repeated_at < counted.counted_at, true)
  group by made.purge_id
),
judged as (
  select
    made.*,
    run.job_id,
    run.status,
    sighting.row_count as seen_count,
    run.origin as run_origin,
    sighting.origin as sighting_origin,
    standing.lines as standing_lines,
    case
      when made.repeated_lines is not null
        or made.recounted_at < made.purged_at
        or coalesce(made.method, '') not in ('erase', 'deidentify', 'aggregate')
        or coalesce(made.reason, '') not in
          ('account_canceled', 'erasure_request', 'restore', 'retention_rule', 'legal', 'unknown')
        then 'contradiction'
      when made.purged_at is null then 'undated'
      when run.status in ('partial', 'failed', 'skipped') and not run.is_repeated then 'run_failed'
      when made.rows_remaining >= made.rows_before and made.rows_remaining > 0 then 'nothing_removed'
      when made.rows_remaining = 0 and sighting.purge_id is not null then 'rows_again'
      when standing.is_in_use then 'not_canceled'
      when made.rows_remaining is null then 'not_recounted'
      when made.canceled_account_id is not null and standing.is_canceled is not true
        then 'account_unclear'
      when made.job_run_id is not null and (run.status = 'ok' and not run.is_repeated) is not true then 'run_unknown'
      when made.rows_before = 0 then 'nothing_there'
      else 'sound'
    end as reason_found
  from made
  left join runs as run on run.job_run_id = made.job_run_id
  left join standings as standing
    on standing.account_id = made.canceled_account_id
    and standing.changed_at <= made.purged_at
    and standing.until_at > made.purged_at
  left join sightings as sighting on sighting.purge_id = made.purge_id
)
select
  purge_id as item,
  purged_at as item_at,
  coalesce(account_id, person_id, store_id) as subject,
  case reason_found
    when 'sound' then 'pass'
    when 'nothing_there' then 'pass'
    when 'run_failed' then 'exception'
    when 'nothing_removed' then 'exception'
    when 'rows_again' then 'exception'
    when 'not_canceled' then 'exception'
    when 'not_recounted' then 'exception'
    else 'unknown'
  end as outcome,
  reason_found as reason,
  format(
    '{} purged {}: rows before {}, after {}{}{}',
    store_id,
    coalesce(strftime(purged_at, '%Y-%m-%d %H:%M'), 'at an unknown moment'),
    coalesce(rows_before::varchar, 'not counted'),
    coalesce(rows_remaining::varchar, 'not counted'),
    case when seen_count is not null then format(', {} counted later', seen_count) else '' end,
    case
      when job_run_id is null then ''
      else format(', run {} {}', job_run_id, coalesce(status, 'not on record'))
    end
  ) as detail,
  case when reason_found not in ('sound', 'nothing_there') then job_id end as cause,
  list_concat(coalesce(repeated_lines, [origin]), [run_origin, sighting_origin], standing_lines) as lines
from judged
