/*
id         = "RET-06b"
title      = "Each run of a purge job took place and deleted all it should"
promise    = "your data are purged"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one run of a purge job that was made or due in the period (run; for a run that is missing: job, due moment; for a job that never ran: job)"
population = """
select null::timestamptz as item_at where false
"""
needs      = ["jobs", "job_runs", "purges"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Draft."
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
-- DRAFT: the header is final, the SQL comes. item: job_run_id; missing: job_id || ' / ' || due moment as 2026-08-13T03:00Z; never ran: job_id
select null as item, null::timestamptz as item_at, null as subject, null as outcome, null as reason, null as detail, null as cause, null as lines, null as expected_count, null as deleted_count, null as purged_count
where false
