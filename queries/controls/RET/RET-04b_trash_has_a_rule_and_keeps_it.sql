/*
id         = "RET-04b"
title      = "A rule says how long trash may be kept, and it is kept no longer"
promise    = "Anything you trash on your product accounts while they are active may be kept but not accessible."
source     = "What happens when you delete data in your product accounts"
severity   = "medium"
kind       = "data"
tests      = "one store and data class of which records were in trash in the period (store, class)"
repeats    = true
needs      = ["records", "retention_rules"]
may_use    = ["legal_holds"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """The policy sets no end to the keeping of trash (policy finding PF-3), so the company's own rule is looked for: one that counts from the trashing and states a number of days. Each record is judged by the rule in force when it was put in trash, or, if there was none, by the one at the end of the period; of several the shortest counts. \
A record longer there is an exception in each period in which it is. A legal hold excuses it if it began by the last day and covers what came after; several in a row are looked at one by one. What nobody listed as trash is not seen."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)", "25"]
ccpa = ["1798.100(a)(3)"]
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
kept_to       = "There is a rule, and no record was in trash for longer"
no_rule       = { text = "No rule in force says after how many days trash must be deleted", stays_open = true }
kept_longer   = { text = "There is a rule, and records were in trash for longer", stays_open = true }
held          = "What was in trash for longer than the rule allows is kept by legal holds"
hold_unclear  = { text = "A legal hold would excuse what was in trash for longer, but its start, approver or dates are missing or contradict each other", stays_open = true }
store_unknown = { text = "Nobody says in which store the trash lies", stays_open = true }
[columns]
records       = "Records that were in trash in the period"
kept_longer   = "Those that were there for longer than the rule allows, without a legal hold"
oldest_on     = "Day on which the oldest of them was put in trash"
max_days      = "Days that the rule in force at the end of the period allows"
*/
with
rules as (
  select
    *,
    valid_from_at < until() and coalesce(valid_to_at, 'infinity') >= until() as is_newest
  from retention_rules
  where counts_from = 'trashing' and max_days is not null
),
trash as (
  select
    row_number() over () as place,
    record_id,
    store_id,
    data_class_id,
    account_id,
    trashed_at,
    (trashed_at at time zone company_time_zone())::date as trashed_on,
    coalesce((deleted_at at time zone company_time_zone())::date, 'infinity') as gone_on,
    origin
  from records
  where trashed_at < until() and coalesce(deleted_at, 'infinity') > since()
),
kinds as (    -- one row per store and class of which something was in trash, with its shortest rule of today
  select
    trash.store_id,
    trash.data_class_id,
    trash.records,
    trash.oldest_on,
    trash.line,
    min(rule.max_days) as max_days,
    list_sort(list(rule.origin)) as rule_lines
  from (
    select store_id, data_class_id, count(*) as records, min(trashed_on) as oldest_on, min_by(origin, (trashed_at, origin)) as line
    from trash
    group by store_id, data_class_id
  ) as trash
  left join rules as rule
    on rule.store_id = trash.store_id and rule.data_class_id = trash.data_class_id and rule.is_newest
  group by all
),
rules_then as (    -- the rule in force when a record was put in trash
  select trash.place, min(rule.max_days) as max_days
  from trash
  join rules as rule
    on rule.store_id = trash.store_id
    and rule.data_class_id = trash.data_class_id
    and rule.valid_from_at <= trash.trashed_at
    and coalesce(rule.valid_to_at, 'infinity') > trash.trashed_at
  group by trash.place
),
overdue as (    -- in trash on a day after the last one allowed, and that day came before the period ended
  select
    trash.*,
    trash.trashed_on + coalesce(rule.max_days, kind.max_days) as last_on,
    (last_on + 1)::timestamp at time zone company_time_zone() as over_at
  from trash
  join kinds as kind on kind.store_id = trash.store_id and kind.data_class_id = trash.data_class_id
  left join rules_then as rule on rule.place = trash.place
  where trash.gone_on > last_on
    and over_at < until()
),
excused as (
  select overdue.place, bool_or(not hold.is_unclear) as is_sound, min(hold.origin) as origin
  from (select *, unnest([account_id, null]) as holder_id from overdue) as overdue    -- a hold on its account, or on all
  join holds as hold on hold.account_id is not distinct from overdue.holder_id
  where hold.person_id is null
    and hold.backup_id is null
    and coalesce(hold.store_id, overdue.store_id) = overdue.store_id
    and hold.from_on <= overdue.last_on
    and hold.until_on >= overdue.gone_on
  group by overdue.place
),
faults as (
  select
    overdue.store_id,
    overdue.data_class_id,
    count(*) filter (where excused.place is null) as kept_longer,
    count(*) filter (where not excused.is_sound) as unclear,
    count(*) filter (where excused.is_sound) as held,
    min(overdue.origin, 50) as lines,
    list_sort(list(distinct excused.origin)) as hold_lines
  from overdue
  left join excused on excused.place = overdue.place
  group by overdue.store_id, overdue.data_class_id
),
judged as (
  select
    kind.*,
    coalesce(fault.kept_longer, 0) as kept_longer,
    fault.held,
    list_concat(kind.rule_lines, coalesce(fault.lines, [kind.line]), fault.hold_lines) as lines,
    case
      when kind.store_id is null then 'store_unknown'
      when kind.max_days is null then 'no_rule'
      when fault.kept_longer > 0 then 'kept_longer'
      when fault.unclear > 0 then 'hold_unclear'
      when fault.held > 0 then 'held'
      when fault.store_id is null then 'kept_to'
    end as reason
  from kinds as kind
  left join faults as fault on fault.store_id = kind.store_id and fault.data_class_id = kind.data_class_id
)
select
  concat_ws(' / ', coalesce(store_id, 'unknown store'), data_class_id) as item,
  null::timestamptz as item_at,
  coalesce(store_id, data_class_id) as subject,
  case
    when reason = 'kept_to' then 'pass'
    when reason in ('no_rule', 'kept_longer') then 'exception'
    when reason = 'held' then 'deferred'
    else 'unknown'
  end as outcome,
  reason,
  format(
    '{} records in trash, the oldest since {}; {}{}',
    records,
    oldest_on,
    coalesce(format('allowed {} days, {} longer there', max_days, kept_longer), 'no rule in force'),
    case when held > 0 then format(', {} kept by legal holds', held) else '' end
  ) as detail,
  case when reason in ('no_rule', 'kept_longer') then store_id end as cause,
  lines,
  records,
  kept_longer,
  oldest_on,
  max_days
from judged
