/*
title = "Days from cancellation to purge, for every canceled account and store tested"
needs = ["purges"]
[columns]
control_id = "RET-01, or LOG-04 for sign-in records"
store_id   = "Store"
outcome    = "Effective outcome of the item"
reason     = "Reason of the item"
is_purged  = "A purge that left nothing is on record"
days       = "Days from the cancellation to that purge, or to the day of the audit; null where a date is missing"
items      = "How many accounts"
*/
with
items as (
  select
    control_id,
    split_part(item, ' / ', 1) as account_id,
    try_cast(split_part(item, ' / ', 2) as date) as canceled_on,
    split_part(item, ' / ', 3) as store_id,
    item_at::date as due_on,
    item,
    effective_outcome as outcome,
    reason
  from outcomes
  where control_id in ('RET-01', 'LOG-04')
),
purged as (    -- a purge that left rows does not stop the clock, nor does one in time after which rows were found again
  select items.control_id, items.item, min(purges.purged_at)::date as purged_on
  from (select *, unnest([account_id, null]) as holder_id from items) as items    -- a purge of it, or of all
  join purges
    on purges.store_id = items.store_id
    and purges.account_id is not distinct from items.holder_id
    and purges.purged_at::date >= items.canceled_on
    and coalesce(purges.rows_remaining, 0) = 0
    and (items.outcome <> 'exception' or purges.purged_at::date > items.due_on)
  group by items.control_id, items.item
)
select
  items.control_id,
  items.store_id,
  items.outcome,
  items.reason,
  purged.purged_on is not null as is_purged,
  coalesce(purged.purged_on, as_of()::date) - items.canceled_on as days,
  count(*) as items
from items
left join purged using (control_id, item)
group by all
order by all
