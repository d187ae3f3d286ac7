/*
title = "What is overdue and what becomes due in the next 90 days, by store, owner and day, and how long such work has taken"
needs = ["accounts", "stores", "purges"]
[columns]
kind            = "purge: an account's rows in a store; backup; preserved copy"
store_id        = "Store"
owner_person_id = "Person who answers for the store"
state           = "overdue: still there past the last day; ahead: due within 90 days after the audit; held: a legal hold keeps it"
due_on          = "Last day; null: overdue or held"
items           = "Purges not made, backups and copies not destroyed"
at_risk         = "Of those ahead: it has waited longer than nine of ten before it did, or nine of ten have taken longer than it may"
median_days     = "Half of those done in the year before the audit took as many days or fewer, from cancellation or copy"
slow_days       = "Nine of ten of them did"
done            = "How many were done in that year"
*/
with
looked_from as (
  select (as_of() at time zone company_time_zone())::date as today
),
tasks as (    -- of holds nobody learns how long the work takes
  select
    'purge' as kind,
    store_id,
    canceled_on as started_on,
    moved_on as due_on,
    gone_on,
    moved_on > last_on as is_held
  from purged_stores
  where canceled_on is not null
    and not is_contradictory
    and (gone_on < 'infinity' or ended_at = 'infinity')
  union all
  select 'backup', store_id, data_on, moved_on, greatest(gone_on, base_gone_on), moved_on > last_on
  from backup_copies
  where data_on is not null and not is_contradictory and not is_origin_missing
  union all
  select
    'preserved copy',
    store_id,
    (taken_at at time zone company_time_zone())::date,
    due_on,
    case when destroyed_at < as_of() then (destroyed_at at time zone company_time_zone())::date else 'infinity' end,
    false
  from preserved_copies
  where due_on is not null and not is_repeated
),
speeds as (
  select
    task.kind,
    task.store_id,
    quantile_disc(task.gone_on - task.started_on, 0.5) as median_days,
    quantile_disc(task.gone_on - task.started_on, 0.9) as slow_days,
    count(*) as done
  from tasks as task
  join looked_from on task.gone_on < 'infinity' and task.gone_on >= looked_from.today - 365 and task.gone_on >= task.started_on
  where not task.is_held
  group by task.kind, task.store_id
),
waiting as (
  select
    task.kind,
    task.store_id,
    case when task.due_on = 'infinity' then 'held' when task.due_on < looked_from.today then 'overdue' else 'ahead' end as state,
    case when task.due_on < 'infinity' and task.due_on >= looked_from.today then task.due_on end as due_on,
    count(*) as items,
    count(*) filter (
      where task.due_on >= looked_from.today
        and (looked_from.today - task.started_on > speed.slow_days or speed.slow_days > task.due_on - task.started_on)
    ) as at_risk
  from tasks as task
  cross join looked_from
  left join speeds as speed on speed.kind = task.kind and speed.store_id = task.store_id and task.due_on < 'infinity'
  where task.gone_on = 'infinity' and (task.due_on = 'infinity' or task.due_on <= looked_from.today + 90)
  group by all
),
owners as (
  select store_id, max_by(owner_person_id, valid_from_at) as owner_person_id
  from stores
  where valid_from_at <= as_of()
  group by store_id
)
select
  waiting.kind,
  waiting.store_id,
  owners.owner_person_id,
  waiting.state,
  waiting.due_on,
  waiting.items,
  case when waiting.state = 'ahead' then waiting.at_risk else 0 end as at_risk,
  speeds.median_days,
  speeds.slow_days,
  coalesce(speeds.done, 0) as done
from waiting
left join owners using (store_id)
left join speeds using (kind, store_id)
order by waiting.kind, waiting.store_id, waiting.state, waiting.due_on
