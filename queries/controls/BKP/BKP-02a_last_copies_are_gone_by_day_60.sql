/*
id        = "BKP-02a"
title     = "The last copy of a canceled account's data is gone by day 60"
promise   = "your data are purged within 60 days"
source    = "What happens when you delete data in your product accounts"
severity  = "high"
kind      = "data"
tests     = "one canceled span of an account (account, day of cancellation) whose live data were purged in time and whose day 60 falls in the period"
needs     = ["accounts", "stores", "purges", "backups", "legal_holds"]
may_use   = ["data_classes", "row_counts", "retention_rules"]
rests_on  = ["IPE-01", "IPE-02"]
limits    = "Draft."
[clauses]
dpf  = ["II.5.b", "II.7.a.ii", "III.7.a"]
gdpr = ["5(1)(e)", "17"]
ccpa = ["Regs 7022(d)"]
[parameters.purge_days]
type    = "integer"
default = 60
unit    = "days"
source  = "policy"
meaning = "From the day of cancellation, which does not count, to the last day on which data of the account may exist"
[parameters.backup_days]
type    = "integer"
default = 30
unit    = "days"
source  = "policy"
meaning = "From the day on which a backup is taken, which does not count, to the last day on which it may exist"
[parameters.hold_grace_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the release of a legal hold to the last day for what it kept; unset: the day of the release"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
gone          = "The last copy that held the data was gone by the last day"
never_copied  = "No listed copy was taken of a store while the data were in it"
late          = "The last copy that held the data was destroyed after the last day"
remains       = { text = "A copy that holds the data is still there after the last day", stays_open = true }
held          = { text = "A legal hold on the copy, placed by the last day, keeps it or kept it until it went", stays_open = true }
hold_unclear  = { text = "A legal hold would excuse the copy, but its start, approver or dates are missing or contradict each other", stays_open = true }
copy_unclear  = { text = "A copy that outlived the last day may hold the data: when its data were taken is not known, or its rows contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the account was canceled", stays_open = true }
contradiction = { text = "The account's, the store's or the purge's rows contradict each other or hold an unknown code", stays_open = true }
[columns]
last_on      = "Last day on which data of the account may exist anywhere (day 60)"
purged_on    = "Day on which the last live rows went"
last_copy_on = "Day on which the last copy went; null: it is still there, or there was none"
*/
-- DRAFT: the header is final, the SQL comes. item: account_id || ' / ' || canceled_on
select null as item, null::timestamptz as item_at, null as subject, null as outcome, null as reason, null as detail, null as cause, null as lines, null as last_on, null as purged_on, null as last_copy_on
where false
