/*
title = "The accounts that were kept longest past their last day, and those on hold: cancellation, last day, purge, last backup"
needs = ["purges"]
[columns]
account_id   = "Account"
store_id     = "The store in which it was kept longest"
canceled_on  = "Day of cancellation"
due_on       = "Last day on which its data may be there"
purged_on    = "Day of the purge that left nothing; null: not yet"
copy_gone_on = "Day on which the last backup that holds it was destroyed; null: none known, or still there"
is_in_backup = "A backup taken before the purge is still there"
outcome      = "Effective outcome"
reason       = "Reason"
number       = "Number of the finding"
days_over    = "Days past the last day, at the purge or at the day of the audit"
*/
with
items as (
  select
    split_part(item, ' / ', 1) as account_id,
    try_cast(split_part(item, ' / ', 2) as date) as canceled_on,
    split_part(item, ' / ', 3) as store_id,
    item_at::date as due_on,
    effective_outcome as outcome,
    reason,
    cause
  from outcomes
  where control_id = 'RET-01' and effective_outcome in ('exception', 'deferred')
),
purged as (
  select
    items.* exclude (holder_id),
    min(purges.purged_at) as purged_at
  from (select *, unnest([account_id, null]) as holder_id from items) as items    -- a purge of it, or of all
  left join purges
    on purges.store_id = items.store_id
    and purges.account_id is not distinct from items.holder_id
    and purges.purged_at::date >= items.canceled_on
    and coalesce(purges.rows_remaining, 0) = 0
    and (items.outcome <> 'exception' or purges.purged_at::date > items.due_on)    -- in time, but rows were found again
  group by all
),
ranked as (
  select
    *,
    coalesce(purged_at, as_of())::date - due_on as days_over,
    row_number() over (partition by account_id order by coalesce(purged_at, as_of()) desc, store_id) as store_place
  from purged
  where canceled_on is not null and due_on is not null
),
worst as (
  select *, row_number() over (partition by outcome order by days_over desc, account_id) as place
  from ranked
  where store_place = 1
),
copies as (
  select
    worst.account_id,
    max(backups.destroyed_at)::date as copy_gone_on,
    bool_or(backups.destroyed_at is null) as is_in_backup
  from worst
  join backups on backups.store_id = worst.store_id and backups.taken_at <= coalesce(worst.purged_at, as_of())
  where worst.place <= 10 and backups.kind <> 'preserved_copy' and coalesce(backups.destroyed_at, as_of()) > worst.canceled_on
  group by worst.account_id
)
select
  worst.account_id,
  worst.store_id,
  worst.canceled_on,
  worst.due_on,
  worst.purged_at::date as purged_on,
  case when not coalesce(copies.is_in_backup, false) then copies.copy_gone_on end as copy_gone_on,
  coalesce(copies.is_in_backup, false) as is_in_backup,
  worst.outcome,
  worst.reason,
  min(findings.number) as number,
  worst.days_over
from worst
left join copies using (account_id)
left join findings
  on findings.control_id = 'RET-01'
  and findings.outcome = worst.outcome
  and findings.reason = worst.reason
  and findings.cause is not distinct from worst.cause
where worst.place <= case when worst.outcome = 'exception' then 9 else 3 end
group by all
order by worst.outcome desc, worst.days_over desc, worst.account_id
