/*
id         = "COL-06b"
title      = "Every answer to a survey is deleted by the last day that its rule allows"
promise    = "We also store any information you volunteer like surveys."
source     = "Voluntary correspondence"
severity   = "low"
kind       = "data"
tests      = "one answer to a survey (record) whose last day falls in the period"
needs      = ["records", "data_classes", "retention_rules"]
may_use    = ["legal_holds"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees answers on record. The rule in force when the answer was made decides, the strictest where there are several; where there was none yet, the first one after, and not before the day on which it came. \
Answers to a survey without a rule have no last day: the survey is COL-06a's. Those of an anonymous survey are left out unless they name somebody."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)"]
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
deleted       = "Deleted by its last day"
late          = "Deleted only after its last day"
remains       = { text = "Still there after its last day", stays_open = true }
held          = { text = "Kept by a legal hold placed by the last day", stays_open = true }
held_over     = "Deleted after the last day, by the one to which a legal hold moved it"
hold_unclear  = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated       = { text = "Nobody knows when it was made", stays_open = true }
contradiction = { text = "Stands on record twice, or was deleted before it was made", stays_open = true }
[columns]
last_on        = "Last day on which it may exist"
moved_on       = "The same, as legal holds moved it; null: a hold is open"
deleted_on     = "Day of its deletion; null: still there"
newest_last_on = "Last day under the rule of today, where that is another"
*/
with
surveys as (
  select data_class_id, bool_or(is_personal is distinct from false) as is_personal
  from data_classes
  where kind = 'survey'
  group by data_class_id
),
answers as (    -- of two rows with one id the first is shown
  select
    record.*,
    coalesce(record.record_id, record.origin) as answer_id,
    count(*) over (partition by coalesce(record.record_id, record.origin)) > 1 as is_repeated,
    (record.created_at at time zone company_time_zone())::date as made_on,
    (record.deleted_at at time zone company_time_zone())::date as deleted_on
  from records as record
  join surveys as survey on survey.data_class_id = record.data_class_id
  where survey.is_personal or record.person_ids <> []
  qualify row_number() over (partition by coalesce(record.record_id, record.origin) order by record.created_at, record.origin) = 1
),
rules as (
  select *, coalesce(valid_to_at, 'infinity') as until_at
  from retention_rules
  where counts_from = 'creation' and max_days is not null
),
timed as (
  select
    answer.answer_id,
    min(rule.max_days) filter (where rule.valid_from_at <= answer.created_at and rule.until_at > answer.created_at) as days,
    min({from_at: rule.valid_from_at, max_days: rule.max_days}) filter (where rule.valid_from_at > answer.created_at) as next_rule,
    min(rule.max_days) filter (where rule.valid_from_at <= as_of() and rule.until_at > as_of()) as newest_days,
    list_sort(list(rule.origin)) as lines
  from answers as answer
  join rules as rule
    on rule.data_class_id = answer.data_class_id
    and coalesce(rule.store_id = answer.store_id, true)
  group by answer.answer_id
),
clocks as (
  select
    answer.*,
    timed.lines as rule_lines,
    coalesce(
      made_on + timed.days,
      greatest(made_on + timed.next_rule.max_days, (timed.next_rule.from_at at time zone company_time_zone())::date)
    ) as last_on,
    made_on + timed.newest_days as newest_last_on
  from answers as answer
  join timed on timed.answer_id = answer.answer_id
),
covered as (
  select clock.answer_id, clock.last_on, hold.from_on, hold.until_on, hold.origin, reading.is_possible
  from clocks as clock
  join holds as hold
    on coalesce(list_contains(clock.person_ids, hold.person_id), hold.person_id is null)
    and coalesce(hold.account_id = clock.account_id, hold.account_id is null)
    and coalesce(hold.store_id = clock.store_id, hold.store_id is null)
  cross join (select unnest([true, false]) as is_possible) as reading
  where coalesce(clock.deleted_on > clock.last_on, true)
    and hold.backup_id is null
    and hold.released_at > clock.created_at
    and hold.until_on > clock.last_on
    and (reading.is_possible or not hold.is_unclear)
),
chains as (    -- a hold counts if it began by the last day, or by the one to which the holds before it moved it
  select
    answer_id,
    is_possible,
    list_reduce(
      list({from_on: from_on, until_on: until_on} order by from_on),
      lambda reached, hold: {
        from_on: reached.from_on,
        until_on: case when hold.from_on <= reached.until_on then greatest(reached.until_on, hold.until_on) else reached.until_on end
      },
      {from_on: any_value(last_on), until_on: any_value(last_on)}
    ).until_on as moved_on,
    list_sort(list(origin)) as lines
  from covered
  group by answer_id, is_possible
),
moved as (
  select
    answer_id,
    any_value(moved_on) filter (where not is_possible) as moved_on,
    max(moved_on) as possible_on,
    max_by(lines, is_possible) as lines
  from chains
  group by answer_id
),
judged as (
  select
    clock.* exclude (origin),
    coalesce(moved.moved_on, clock.last_on) as moved_on,
    list_concat([clock.origin], clock.rule_lines, moved.lines) as lines,
    case
      when clock.is_repeated or clock.deleted_at < clock.created_at then 'contradiction'
      when clock.created_at is null then 'undated'
      when clock.deleted_on <= clock.last_on then 'deleted'
      when clock.deleted_on <= moved.moved_on then 'held_over'
      when moved.moved_on >= (as_of() at time zone company_time_zone())::date then 'held'
      when coalesce(clock.deleted_on, 'infinity') <= moved.possible_on then 'hold_unclear'
      when clock.deleted_on is not null then 'late'
      else 'remains'
    end as reason
  from clocks as clock
  left join moved on moved.answer_id = clock.answer_id
  where coalesce(clock.last_on < (as_of() at time zone company_time_zone())::date, true)
)
select
  answer_id as item,
  last_on::timestamptz as item_at,
  coalesce(person_ids[1], answer_id) as subject,
  case
    when reason = 'deleted' then 'pass'
    when reason in ('late', 'remains') then 'exception'
    when reason in ('held', 'held_over') then 'deferred'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'answered {}, last day {}, {}',
    coalesce(made_on::varchar, 'on an unknown day'),
    coalesce(last_on::varchar, 'unknown'),
    coalesce('deleted ' || deleted_on, 'still there')
  ) as detail,
  case when reason in ('late', 'remains') then coalesce(store_id, data_class_id) end as cause,
  lines,
  last_on,
  nullif(moved_on, 'infinity') as moved_on,
  deleted_on,
  case when newest_last_on <> last_on then newest_last_on end as newest_last_on
from judged
