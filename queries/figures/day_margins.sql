/*
title = "By how many days each promise was kept or missed: items of the period by days between the last day and the day on which the data were gone"
needs = ["accounts", "stores", "purges"]
[columns]
control_id  = "The control whose items these are; BKP-02a: accounts that were purged in time"
margin_days = "Days from when the data were gone to the last day: 0 on the last day, negative too late; still there: as on the day of the audit; null: on hold, moved by one, or not measurable"
state       = "gone, there, held: a hold keeps it or kept it past the last day, or unclear: undated or contradictory"
items       = "How many"
*/
with
looked_from as (
  select (as_of() at time zone company_time_zone())::date as today
),
copied as (
  select
    account_id,
    canceled_on,
    max(last_on) as due_on,
    max(gone.until_on) as gone_on,
    bool_or(is_contradictory) as is_contradictory
  from store_copies
  where canceled_on is not null
  group by account_id, canceled_on, ended_at
  having bool_and(purged_on is not null) and (ended_at at time zone company_time_zone())::date > max(last_on) and max(gone.until_on) is not null
),
measured as (
  select
    case when is_login then 'LOG-04' else 'RET-01' end as control_id,
    due_on,
    last_on,
    gone_on,
    gone_on > last_on and (gone_on <= moved_on or moved_on = 'infinity') as is_held,
    canceled_on is null or is_contradictory as is_unclear
  from purged_stores
  where is_due
  union all
  select
    'BKP-01',
    due_on,
    last_on,
    greatest(gone_on, base_gone_on) as all_gone_on,
    all_gone_on > last_on and (all_gone_on <= moved_on or moved_on = 'infinity'),
    is_contradictory or is_origin_missing or data_on is null
  from backup_copies
  where is_due
  union all
  select 'BKP-02a', due_on, due_on, gone_on, false, is_contradictory
  from copied, looked_from
  where due_on < today
  union all
  select
    'DIS-09',
    due_on,
    due_on,
    case when destroyed_at < as_of() then (destroyed_at at time zone company_time_zone())::date else 'infinity' end,
    false,
    is_repeated or not has_paper or due_on is null
  from preserved_copies, looked_from
  where due_on < today or due_on is null
)
select
  measured.control_id,
  case
    when not measured.is_unclear and not measured.is_held then (measured.last_on - least(measured.gone_on, looked_from.today))::bigint
  end as margin_days,
  case
    when measured.is_unclear then 'unclear'
    when measured.is_held then 'held'
    when measured.gone_on = 'infinity' then 'there'
    else 'gone'
  end as state,
  count(*) as items
from measured
cross join looked_from
where measured.due_on is null or (measured.due_on >= since()::date and measured.due_on < until()::date)
group by all
order by all
