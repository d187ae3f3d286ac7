-- One row per restore and account that it brings back: one whose rows were purged from the store between the moment of
-- the backup's data and the start of the restore, and that existed at the former. A restore that brings nobody back has
-- one row, without an account (is_found false). is_everyone: the purge was of all accounts' rows.
-- class_ids: classes of data that came back ('': not known by class). due_at: by when they must be gone again; is_due:
-- that moment is over. is_single: one account alone was restored. is_undated: no purge that may have been in between has a
-- moment. A purge that found no rows purged nothing, one of a person's rows purges no account. Of a preserved copy only its
-- account comes back. is_contradictory: the restore's or backup's rows or moments contradict each other, so that no account is looked for.
-- Mutation kept: `union all` to `union` in `backup_copies union all` — a copy stands in one of them only
-- Mutation kept: `::date` removed in `(any_value(destroyed_at) at time zone company_time_zone())::date` — a moment of a day is before the next day as well
-- Mutation kept: `::date` removed in `started_at::date` — the days are the same
-- Mutation kept: `purge.purged_at::date is not distinct from day.day` dropped from `purge.store_id = day.store_id and … is not distinct from day.day` — the moments are compared below; it would only be slow
-- Mutation kept: `where purge_id in (select purge_id from undone)` dropped — only these are asked for; it would only be slow
-- Mutation kept: `join` to `left join` before `stores` — a store that is not on record has no classes
with
listed as (    -- of two rows with one id the first is shown, and neither believed
  select
    * exclude (restore_id),
    coalesce(restore_id, origin) as restore_id,
    count(*) over same > 1 or ended_at < started_at or target_destroyed_at < started_at as is_unclear,
    list_sort(list(origin) over same) as lines
  from restores
  window same as (partition by coalesce(restore_id, origin))
  qualify row_number() over (partition by coalesce(restore_id, origin) order by origin) = 1
),
copies as (
  select backup_id, store_id, data_at, gone_on, null::varchar as account_id, is_contradictory, is_origin_missing, lines
  from backup_copies
  union all
  select
    backup_id,
    any_value(store_id),
    any_value(taken_at),
    coalesce((any_value(destroyed_at) at time zone company_time_zone())::date, 'infinity'),
    any_value(account_id),
    count(*) > 1,
    false,
    list_sort(list(origin))
  from backups
  where backup_id not in (select backup_id from backup_copies)    -- these are the preserved copies
  group by backup_id
),
uses as (
  select
    restore.restore_id,
    restore.backup_id,
    restore.target_store_id,
    restore.started_at,
    coalesce(restore.ended_at, restore.started_at) as ended_at,
    case when restore.target_destroyed_at < as_of() then restore.target_destroyed_at end as target_destroyed_at,
    restore.started_at + to_hours(repurge_hours()) as due_at,
    coalesce(due_at < as_of(), true) as is_due,
    restore.account_id is not null and copy.account_id is null as is_single,
    coalesce(restore.account_id, copy.account_id) as only_account_id,
    copy.store_id,
    copy.data_at,
    copy.is_origin_missing,
    coalesce(
      restore.is_unclear
        or copy.is_contradictory
        or copy.data_at > restore.started_at
        or copy.gone_on < (restore.started_at at time zone company_time_zone())::date,
      false
    ) as is_contradictory,
    list_concat(restore.lines, copy.lines) as lines
  from listed as restore
  left join copies as copy on copy.backup_id = restore.backup_id
),
days as (    -- so that restores and purges meet day by day; a purge without a moment may be of any day
  select *, unnest(list_append(generate_series(data_at::date, started_at::date, interval 1 day)::date[], null)) as day
  from uses
  where not is_contradictory and not is_origin_missing and data_at is not null and started_at is not null
),
created as (
  select account_id, min(created_at) as created_at
  from accounts
  group by account_id
),
undone as (
  select
    day.restore_id,
    coalesce(purge.account_id, day.only_account_id) as account_id,
    purge.purge_id,
    purge.purged_at,
    purge.data_class_id,
    purge.origin
  from days as day
  join purges as purge
    on purge.store_id = day.store_id and purge.purged_at::date is not distinct from day.day
  left join created on created.account_id = coalesce(purge.account_id, day.only_account_id)
  where purge.person_id is null
    and purge.rows_before is distinct from 0
    and coalesce(purge.purged_at >= day.data_at and purge.purged_at <= day.started_at, true)
    and coalesce(purge.account_id = day.only_account_id, true)
    and coalesce(created.created_at <= day.data_at, true)
),
found as (
  select
    restore_id,
    account_id,
    max(purged_at) as purged_at,
    bool_and(purged_at is null) as is_undated,
    bool_or(purge_id in (select purge_id from repeated_purges)) as is_repeated,
    bool_or(data_class_id is null) as is_whole,
    list(data_class_id) as class_ids,
    min(origin) as origin
  from undone
  group by restore_id, account_id
),
contents as (    -- classes in a store at the moment of the backup's data
  select uses.restore_id, list_distinct(flatten(list(store.data_class_ids))) as class_ids
  from uses
  join stores as store
    on store.store_id = uses.store_id
    and coalesce(store.valid_from_at, '-infinity') <= uses.data_at
    and coalesce(store.valid_to_at, 'infinity') > uses.data_at
  group by uses.restore_id
)
select
  uses.* exclude (lines),
  found.account_id,
  found.restore_id is not null as is_found,
  found.restore_id is not null and found.account_id is null as is_everyone,
  found.purged_at,
  found.is_undated,
  found.is_repeated,
  coalesce(
    nullif(list_distinct(list_concat(found.class_ids, case when found.is_whole then content.class_ids end)), []),
    ['']
  ) as class_ids,
  list_append(uses.lines, found.origin) as lines
from uses
left join found on found.restore_id = uses.restore_id
left join contents as content on content.restore_id = uses.restore_id
