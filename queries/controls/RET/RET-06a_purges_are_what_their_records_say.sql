/*
id         = "RET-06a"
title      = "A purge on record did what it says"
promise    = "your data are purged"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one purge made in the period"
population = "select min(purged_at) as item_at from purges group by purge_id"
needs      = ["purges", "job_runs", "accounts"]
may_use    = ["row_counts"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Draft."
[clauses]
dpf  = ["II.7.a.ii", "III.7.a"]
gdpr = ["5(2)", "24"]
[reasons]
sound            = "Fewer rows after than before, and nothing on record speaks against it"
nothing_there    = "There were no rows to purge, and none after"
counted_later    = "The purge counted nothing, but a later count found no rows"
run_failed       = "Recorded as done, but its run did not end ok"
nothing_removed  = "As many rows after as before, or more"
rows_again       = "Said that nothing remained, yet a later count found rows"
not_recounted    = "Nobody counted what remained"
not_canceled     = "Purged as canceled while the account was not canceled"
account_unclear  = { text = "Purged as canceled, but whether the account was canceled then is not known", stays_open = true }
run_unknown      = { text = "Names a run that is not among the runs, or that has an unknown or contradictory status", stays_open = true }
undated          = { text = "Nobody knows when it was made", stays_open = true }
contradiction    = { text = "Its rows or moments contradict each other", stays_open = true }
*/
-- DRAFT: the header is final, the SQL comes. item: purge_id; item_at purged_at
select null as item, null::timestamptz as item_at, null as subject, null as outcome, null as reason, null as detail, null as cause, null as lines
where false
