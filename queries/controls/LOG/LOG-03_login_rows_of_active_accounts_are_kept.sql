/*
id         = "LOG-03"
title      = "The login rows of an active account are kept from its beginning"
promise    = "We keep this login data for as long as your product account is active."
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one account that is neither canceled nor merged at the moment looked from, and one primary log of logins (account / store), once the days for its first row are over"
repeats    = true
needs      = ["accounts", "access_events", "stores", "purges", "row_counts", "data_classes"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """What is kept is told by the latest count of each account and month, since the events that this suite loaded stay with it; without counts by month nothing is said. \
A deletion is a purge on record, or a month that a later count finds smaller; rows that were never counted and vanish without a record are not seen. Copies and independent logs need not keep the rows. Purges of an \
active account as canceled are RET-06a's. An account that came back, or is older than the cut-over, begins anew there: a late first row then may be sleep, and is unknown. Standing: a loss is told in each period until it is waived."""
[clauses]
dpf  = ["II.5", "III.7"]
gdpr = ["5(1)(e)"]
[parameters.first_event_days]
type    = "integer"
default = 7
unit    = "days"
source  = "management"
meaning = "From the day an account is created, or comes back, to the last day on which its first login row is expected (the catalogue's 7 days; the policy names none)"
[parameters.log_epoch]
type     = "varchar"
optional = true
unit     = "day"
source   = "management"
meaning  = "Day (YYYY-MM-DD) from which on the log is complete, after a migration; unset: from each account's beginning"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
kept             = "Its rows reach back to its beginning, nothing was deleted, and no month has grown smaller"
deleted          = { text = "Login rows were deleted while the account was active, without an erasure request or a legal reason", stays_open = true }
fewer            = { text = "A later count finds fewer login rows of a month, and no lawful deletion lies between", stays_open = true }
nothing_kept     = { text = "The account was used, and no login row of it is kept", stays_open = true }
starts_late      = { text = "The first login row that is kept is later than the account's beginning allows", stays_open = true }
start_unclear    = { text = "The account came back or is older than the cut-over, and its first row since is late: it may have slept", stays_open = true }
not_datable      = { text = "Rows of the first month are kept, but no event tells from which day on", stays_open = true }
no_use_known     = { text = "No row is kept, and the register knows of no use", stays_open = true }
not_counted      = { text = "Nobody counted the store's rows by account and month", stays_open = true }
deletion_unclear = { text = "Rows were deleted, for a reason that the dictionary does not know", stays_open = true }
contradiction    = { text = "The account's rows contradict each other, or hold an unknown status", stays_open = true }
undated          = { text = "Nobody knows when the account was created", stays_open = true }
[columns]
due_on        = "Last day on which its first row is expected"
first_kept_on = "Day of the first row kept; the first day of its month where no event tells more"
*/
with
logs as (
  select distinct store_id, event_provider
  from stores
  where log_role = 'primary'
    and list_has_any(data_class_ids, (select list(data_class_id) from data_classes where kind = 'login_log'))
    and valid_from_at <= as_of()
    and (valid_to_at is null or valid_to_at > as_of())
),
standings as (
  select
    *,
    coalesce(valid_from_at <= as_of() and (valid_to_at is null or valid_to_at > as_of()), false) as is_in_force,
    coalesce(status, '') not in ('trial', 'active', 'paused', 'frozen', 'suspended', 'canceled', 'merged') as is_odd
  from accounts
),
lives as (
  select
    account_id,
    min(created_at) as created_at,
    max(valid_to_at) filter (where status in ('canceled', 'merged')) as returned_at,
    min(first_used_at) as first_used_at,
    max(last_active_at) as last_active_at,
    count(distinct created_at) > 1 or count(*) filter (where is_in_force) > 1 or bool_or(is_in_force and is_odd) as is_unclear,
    min(origin) filter (where is_in_force) as origin
  from standings
  group by account_id
  having bool_or(is_in_force and status not in ('canceled', 'merged')) or bool_or(is_in_force and is_odd)
),
floors as (
  select
    *,
    greatest(created_at, returned_at, log_epoch()::date::timestamp at time zone company_time_zone()) as floor_at,
    (floor_at at time zone company_time_zone())::date as floor_on,
    floor_at > created_at as is_moved,
    greatest(
      floor_on + first_event_days(),
      case when not is_moved then (first_used_at at time zone company_time_zone())::date end
    ) as due_on
  from lives
),
items as (
  select floors.*, logs.store_id, logs.event_provider
  from floors
  cross join logs
  where created_at is null or due_on < (as_of() at time zone company_time_zone())::date
),
exports as (    -- one row per store, month and moment at which it was counted account by account
  select distinct store_id, data_from_on, data_to_on, counted_at
  from login_counts
  where data_from_on is not null and data_to_on is not null
),
latest_exports as (
  select store_id, data_from_on, data_to_on, max(counted_at) as counted_at, count(*) as times
  from exports
  group by store_id, data_from_on, data_to_on
),
months as (    -- months counted more than once, of which a count named the account
  select distinct counted.store_id, counted.account_id, counted.data_from_on, counted.data_to_on
  from login_counts as counted
  semi join (from latest_exports where times > 1) as export
    on export.store_id = counted.store_id and export.data_from_on = counted.data_from_on and export.data_to_on = counted.data_to_on
  where counted.account_id is not null
),
histories as (    -- an account that a count of its month does not name has no rows in it
  select
    month.*,
    export.counted_at,
    coalesce(counted.row_count, 0) as row_count,
    counted.origin,
    lag(coalesce(counted.row_count, 0)) over earlier as row_count_before,
    lag(export.counted_at) over earlier as counted_before_at
  from months as month
  join exports as export
    on export.store_id = month.store_id and export.data_from_on = month.data_from_on and export.data_to_on = month.data_to_on
  left join login_counts as counted
    on counted.store_id = month.store_id
    and counted.account_id = month.account_id
    and counted.data_from_on = month.data_from_on
    and counted.data_to_on = month.data_to_on
    and counted.counted_at = export.counted_at
  window earlier as (partition by month.store_id, month.account_id, month.data_from_on, month.data_to_on order by export.counted_at)
),
deletions as (    -- of login rows that were there, in the account's time
  select
    item.account_id,
    item.store_id,
    purge.purged_at,
    purge.reason,
    purge.purge_id,
    purge.origin
  from items as item
  join (select *, unnest([account_id, null]) as holder_id from (select distinct account_id from items) as listed) as holder
    on holder.account_id = item.account_id
  join purges as purge
    on purge.store_id = item.store_id
    and purge.account_id is not distinct from holder.holder_id
  where purge.purged_at >= item.floor_at
    and (purge.account_id is not null or purge.person_id is null or purge.reason in ('erasure_request', 'legal'))
    and (purge.rows_before is null or purge.rows_before > coalesce(purge.rows_remaining, 0))
    and (purge.data_class_id is null or purge.data_class_id in (select data_class_id from data_classes where kind = 'login_log'))
),
unlawful as (
  select
    account_id,
    store_id,
    bool_or(reason in ('restore', 'retention_rule', 'unknown')) as is_certain,
    min_by(purge_id, (purged_at, purge_id)) as purge_id,
    min_by(purged_at, (purged_at, purge_id)) as purged_at,
    min_by(origin, (purged_at, purge_id)) as origin
  from deletions
  where coalesce(reason, '') not in ('erasure_request', 'legal', 'account_canceled')
  group by account_id, store_id
),
losses as (
  select item.account_id, item.store_id, min(history.data_from_on) as lost_from_on, min_by(history.origin, history.data_from_on) as origin
  from items as item
  join histories as history
    on history.account_id = item.account_id
    and history.store_id = item.store_id
    and history.row_count < history.row_count_before
    and history.counted_before_at >= item.floor_at
    and history.data_to_on > item.floor_on
  where not exists (
    from deletions as deletion
    where deletion.account_id = item.account_id
      and deletion.store_id = item.store_id
      and deletion.reason in ('erasure_request', 'legal')
      and deletion.purged_at >= history.counted_before_at
      and deletion.purged_at < history.counted_at
  )
  group by item.account_id, item.store_id
),
kept_months as (
  select counted.store_id, counted.account_id, counted.data_from_on, counted.data_to_on, counted.origin
  from login_counts as counted
  semi join latest_exports as export
    on export.store_id = counted.store_id
    and export.data_from_on = counted.data_from_on
    and export.data_to_on = counted.data_to_on
    and export.counted_at = counted.counted_at
  where counted.account_id is not null and counted.row_count > 0
  qualify row_number() over (partition by counted.store_id, counted.account_id order by counted.data_from_on, counted.data_to_on) = 1
),
first_events as (
  select kept.store_id, kept.account_id, min(event.event_time) as event_time
  from kept_months as kept
  join logs on logs.store_id = kept.store_id
  join access_events as event
    on event.account_id = kept.account_id
    and event.event_provider = logs.event_provider
    and event.event_time >= kept.data_from_on
    and event.event_time < kept.data_to_on
  group by kept.store_id, kept.account_id
),
facts as (
  select
    item.*,
    coalesce((first.event_time at time zone company_time_zone())::date, kept.data_from_on) as first_kept_on,
    coalesce((first.event_time at time zone company_time_zone())::date, kept.data_to_on - 1) as surely_kept_on,
    item.store_id in (select store_id from exports) as is_counted,
    unlawful.is_certain,
    unlawful.purge_id,
    unlawful.purged_at,
    loss.lost_from_on,
    list_sort(list_distinct([item.origin, unlawful.origin, loss.origin, kept.origin])) as lines
  from items as item
  left join unlawful on unlawful.account_id = item.account_id and unlawful.store_id = item.store_id
  left join losses as loss on loss.account_id = item.account_id and loss.store_id = item.store_id
  left join kept_months as kept on kept.account_id = item.account_id and kept.store_id = item.store_id
  left join first_events as first on first.account_id = item.account_id and first.store_id = item.store_id
),
judged as (
  select
    *,
    case
      when is_unclear then 'contradiction'
      when created_at is null then 'undated'
      when is_certain then 'deleted'
      when lost_from_on is not null then 'fewer'
      when not is_counted then 'not_counted'
      when purge_id is not null then 'deletion_unclear'
      when first_kept_on is null and greatest(last_active_at, first_used_at) >= floor_at then 'nothing_kept'
      when first_kept_on is null then 'no_use_known'
      when first_kept_on > due_on and is_moved then 'start_unclear'
      when first_kept_on > due_on then 'starts_late'
      when surely_kept_on <= due_on then 'kept'
      else 'not_datable'
    end as reason
  from facts
)
select
  account_id || ' / ' || store_id as item,
  created_at as item_at,
  account_id as subject,
  case
    when reason = 'kept' then 'pass'
    when reason in ('deleted', 'fewer', 'nothing_kept', 'starts_late') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('first row expected by {}, kept from {}{}{}',
    coalesce(due_on::varchar, 'an unknown day'), coalesce(first_kept_on::varchar, 'no day'),
    coalesce(format(', deleted {} by {}', purged_at::date, purge_id), ''),
    coalesce(format(', fewer rows of the days from {} than before', lost_from_on), '')) as detail,
  case when reason in ('deleted', 'deletion_unclear') then purge_id when reason <> 'kept' then store_id end as cause,
  lines,
  due_on,
  first_kept_on
from judged
