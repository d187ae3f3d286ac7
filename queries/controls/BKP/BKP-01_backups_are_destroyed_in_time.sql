/*
id         = "BKP-01"
title      = "Every backup is destroyed within the promised days"
promise    = "some backups of our application databases, which are kept for up to another 30 days"
source     = "What happens when you delete data in your product accounts"
severity   = "critical"
kind       = "data"
tests      = "one backup whose last day falls in the period"
population = """
select null::timestamptz as item_at where false
"""
needs      = ["backups", "legal_holds"]
may_use    = ["retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Draft."
[clauses]
dpf  = ["II.5.b", "II.7.a.ii", "III.7.a"]
gdpr = ["5(1)(e)"]
ccpa = ["Regs 7022(d)"]
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
in_time        = "Destroyed by its last day"
late           = "Destroyed after its last day"
remains        = { text = "Still there after its last day", stays_open = true }
base_remains   = { text = "Destroyed by its last day, but the base of its chain outlived that day", stays_open = true }
origin_missing = { text = "Its base, or the original that it was copied from, is not among the backups", stays_open = true }
held           = { text = "Kept by a legal hold placed by its last day", stays_open = true }
held_over      = "Destroyed after its last day, by the one to which a legal hold moved it"
hold_unclear   = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated        = { text = "Nobody knows when its data were taken", stays_open = true }
contradiction  = { text = "Its rows or moments contradict each other, or its kind is unknown", stays_open = true }
[columns]
last_on        = "Last day on which it may exist, as the rule in force when it was taken has it"
moved_on       = "The same, as legal holds moved it; null: a hold is open"
destroyed_on   = "Day on which it went"
newest_last_on = "Last day under the policy of today, where the rule was another then"
*/
-- DRAFT: the header is final, the SQL comes. item: backup_id
select null as item, null::timestamptz as item_at, null as subject, null as outcome, null as reason, null as detail, null as cause, null as lines, null as last_on, null as moved_on, null as destroyed_on, null as newest_last_on
where false
