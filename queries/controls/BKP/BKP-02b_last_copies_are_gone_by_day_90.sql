/*
id        = "BKP-02b"
title     = "Purged by day 60, a canceled account's data are gone from the last copy by day 90"
promise   = "your data are purged within 60 days … backups of our application databases, which are kept for up to another 30 days"
source    = "What happens when you delete data in your product accounts"
severity  = "high"
kind      = "data"
tests     = "one canceled span of an account (account, day of cancellation) whose live data were purged in time and whose day 90 falls in the period"
needs     = ["accounts", "stores", "purges", "backups", "legal_holds"]
may_use   = ["data_classes", "row_counts", "retention_rules"]
rests_on  = ["IPE-01", "IPE-02"]
limits    = "Sees copies alone, of stores in purge scope: an account that was not purged in time, in every store and for good, is RET-01's exception (login rows: LOG-04's) and no item here. A copy holds an account's data if they were taken between its creation and the last removal of its rows; a copy of a copy holds what the original held. Preserved copies are DIS-09's. A hold on the account moves its purge, not the copies: only a hold that names the copy, the base of its chain, its store or everything, placed by the last day, defers. The last day is day 90, or 30 days after a purge that a hold moved; copies that needed the latter are deferred, never a pass. This is the milder of two readings of the policy: BKP-02a, all gone by day 60, decides the status. An account that comes back, or is merged, by the last day is left out."
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
held_over     = { text = "The purge was moved by a legal hold; the last copy went, or must go, within 30 days of it", stays_open = true }
hold_unclear  = { text = "A legal hold would excuse the copy, but its start, approver or dates are missing or contradict each other", stays_open = true }
copy_unclear  = { text = "A copy that outlived the last day may hold the data: when its data were taken is not known, or its rows contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the account was canceled", stays_open = true }
contradiction = { text = "The account's, the store's or the purge's rows contradict each other or hold an unknown code", stays_open = true }
[columns]
last_on      = "Last day on which a copy may exist (day 90)"
purged_on    = "Day on which the last live rows went"
last_copy_on = "Day on which the last copy went; null: it is still there, or there was none"
*/
with
deadlines as (    -- a purge that a hold moved moves the last day of its copies; a day that is not over breaks no promise
  select
    *,
    greatest(last_on, purged_on) + backup_days() as day_after_purge,
    case when day_after_purge < (as_of() at time zone company_time_zone())::date then day_after_purge end as last_day
  from store_copies
),
spans as (
  select
    account_id,
    canceled_on,
    ended_at,
    max(last_on) + backup_days() as last_on,
    max(purged_on) as purged_on,
    bool_and(purged_on is not null or is_contradictory) as is_purged,
    bool_or(is_contradictory) as is_contradictory,
    max(gone) as gone,
    max(possible) filter (where possible.until_on > last_day) as outliving,
    max(remaining) filter (where remaining.until_on > last_day) as remaining,
    max(unclear) filter (where unclear.until_on > last_day) as unclear,
    bool_or(free_until > last_day) as is_free,
    bool_or(gone.until_on > last_day) as is_there,
    bool_or(gone.until_on > last_on + backup_days()) as is_moved,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from deadlines
  group by account_id, canceled_on, ended_at
),
judged as (
  select
    *,
    coalesce(remaining.backup_id, outliving.backup_id, unclear.backup_id, gone.backup_id) as copy_id,
    case
      when canceled_on is null then 'undated'
      when is_contradictory then 'contradiction'
      when remaining is not null then 'remains'
      when outliving is not null then 'late'
      when unclear is not null then 'copy_unclear'
      when is_free then 'hold_unclear'
      when is_there then 'held'
      when is_moved then 'held_over'
      when gone is not null then 'gone'
      else 'never_copied'
    end as reason
  from spans
  where canceled_on is null
    or (
      is_purged
      and last_on < (as_of() at time zone company_time_zone())::date
      and (ended_at at time zone company_time_zone())::date > last_on
    )
)
select
  concat_ws(' / ', judged.account_id, coalesce(judged.canceled_on::varchar, 'undated')) as item,
  judged.last_on::timestamptz as item_at,
  judged.account_id as subject,
  case judged.reason
    when 'gone' then 'pass'
    when 'never_copied' then 'pass'
    when 'late' then 'exception'
    when 'remains' then 'exception'
    when 'held' then 'deferred'
    when 'held_over' then 'deferred'
    else 'unknown'
  end as outcome,
  judged.reason,
  format(
    'canceled {}, purged {}, last day {}, {}',
    coalesce(judged.canceled_on::varchar, 'on an unknown day'),
    coalesce(judged.purged_on::varchar, 'on an unknown day'),
    coalesce(judged.last_on::varchar, 'unknown'),
    case
      when judged.copy_id is null then 'no copy held its data'
      when backup.gone_on < 'infinity' then format('copy {} gone {}', judged.copy_id, backup.gone_on)
      else format('copy {} still there', judged.copy_id)
    end
  ) as detail,
  case when judged.reason not in ('gone', 'contradiction') then judged.copy_id end as cause,
  list_concat(backup.lines, case when judged.is_there then backup.held_lines end, judged.lines) as lines,
  judged.last_on,
  judged.purged_on,
  nullif(judged.gone.until_on, 'infinity') as last_copy_on
from judged
left join backup_copies as backup on backup.backup_id = judged.copy_id
