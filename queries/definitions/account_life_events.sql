-- One row per event of an account's life: account_id, event_at (UTC), kind, store_id (null: the account as a whole),
-- what happened in words, origin. Purges of all accounts are there where the account's purge rests on them.
-- Of the backups that held its data only the last to go is an event; of its accesses and invoices only the last.
-- Restores are those of backups that held the data of an account that was canceled at some time.
-- Papers of which no details may leave the store are left out.
with
statuses as (
  select
    *,
    row_number() over history as place,
    lag(status) over history as status_before,
    lead(valid_from_at) over history as next_from_at,
    count(*) filter (where status = 'canceled') over (history rows between unbounded preceding and 1 preceding) as cancellations_before
  from accounts
  window history as (partition by account_id order by valid_from_at, valid_to_at)
),
signed_up as (
  select account_id, created_at as event_at, 'signed_up' as kind, 'Signed up, by ' || replace(created_via, '_', ' ') as what, origin
  from statuses
  where place = 1
),
status_changes as (
  select
    account_id,
    valid_from_at as event_at,
    coalesce(status, 'unknown') as kind,
    case
      when status = 'trial' then 'Trial began'
      when status = 'active' and status_before = 'canceled' then 'Reactivated'
      when status = 'active' and status_before = 'suspended' then 'Suspension lifted'
      when status = 'active' and status_before in ('paused', 'frozen') then 'Active again'
      when status = 'active' then 'Became active'
      when status = 'paused' then 'Paused by the owner'
      when status = 'frozen' then 'Frozen, since it was not paid for'
      when status = 'suspended' then 'Suspended by the company'
      when status = 'merged' then 'Merged into ' || coalesce(merged_into_account_id, 'an account that is not named')
      when status = 'canceled' then
        'Canceled' || case when cancellations_before > 0 then ' again' else '' end || case status_cause
          when 'owner' then ' by the owner'
          when 'automatic' then ' automatically'
          when 'company' then ' by the company, for broken terms'
          when 'erasure_request' then ' on a request for erasure'
          else ', the cause is not on record'
        end
      else 'A status that is not known: ' || coalesce(status, 'none')
    end as what,
    origin
  from statuses
  where not (place = 1 and status = 'active' and valid_from_at is not distinct from created_at)
),
status_ends as (    -- a time without a status follows
  select account_id, valid_to_at as event_at, 'status_ended' as kind, 'No status is on record from here on' as what, origin
  from statuses
  where valid_to_at < coalesce(next_from_at, as_of())
),
activities as (
  select account_id, last_active_at as event_at, 'active_last' as kind, 'Last activity that the register knows' as what, origin
  from statuses
  where place = 1 and last_active_at is not null
),
mergers as (
  select merged_into_account_id as account_id, valid_from_at as event_at, 'took_over' as kind, 'Took over account ' || account_id as what, origin
  from accounts
  where status = 'merged'
),
vanished as (
  select
    past.account_id,
    (select max(extracted_at) from loads where table_name = 'accounts' and extracted_at <= as_of()) as event_at,
    'vanished' as kind,
    'The register of accounts no longer has it' as what,
    max_by(past.origin, load.extracted_at) as origin
  from history.accounts as past
  join loads as load on load.load_id = past.load_id and load.extracted_at <= as_of()
  where past.account_id not in (select account_id from accounts)
  group by past.account_id
),
secret_papers as (
  select legal_request_id from legal_requests where instrument in ('national_security_letter', 'fisa_order') and legal_request_id is not null
),
covering_holds as (    -- a hold without account, person and backup covers each account
  select
    hold.* replace (
      coalesce(hold.account_id, known.account_id) as account_id,
      case when hold.legal_request_id in (from secret_papers) then 'its basis may not leave the store' else hold.basis end as basis
    )
  from legal_holds as hold
  left join (select distinct account_id from accounts) as known on hold.account_id is null
  where hold.person_id is null and hold.backup_id is null
),
held as (
  select
    account_id,
    valid_from_at as event_at,
    'hold_placed' as kind,
    store_id,
    format(
      'Legal hold {} placed on {}: {}',
      legal_hold_id,
      case when store_id is null then 'all stores' else 'this store' end,
      coalesce(basis, 'no basis on record')
    ) as what,
    origin
  from covering_holds
  union all
  select account_id, valid_to_at, 'hold_released', store_id, format('Legal hold {} released', legal_hold_id), origin
  from covering_holds
  where valid_to_at < as_of()
),
general_purges as (
  select distinct span.account_id, purge.*
  from (select account_id, unnest(lines) as origin from purged_stores) as span
  join (select * exclude (account_id) from purges where account_id is null) as purge on purge.origin = span.origin
),
every_purge as (
  select account_id, store_id, data_class_id, person_id, reason, method, purged_at, rows_before, rows_remaining, origin, false as is_general
  from purges
  union all
  select account_id, store_id, data_class_id, person_id, reason, method, purged_at, rows_before, rows_remaining, origin, true
  from general_purges
),
purged as (
  select
    account_id,
    purged_at as event_at,
    case when rows_remaining > 0 then 'purge_left_rows' when rows_remaining is null then 'purge_uncounted' else 'purged' end as kind,
    store_id,
    concat(
      case method when 'deidentify' then 'Deidentified' when 'aggregate' then 'Aggregated' when 'erase' then 'Purged' else 'Purged in an unknown way' end,
      case when data_class_id is not null then ', ' || data_class_id || ' only' end,
      case when person_id is not null then ', rows of one person only' end,
      case reason
        when 'restore' then ' again after a restore'
        when 'erasure_request' then ' on a request for erasure'
        when 'legal' then ' for a legal reason'
      end,
      case when is_general then ', with those of all accounts' end,
      ': ',
      case when rows_before is not null then format('{:,} row{} before, ', rows_before, case when rows_before = 1 then '' else 's' end) end,
      case
        when rows_remaining is null then 'not counted after'
        when rows_remaining = 0 then 'none left'
        else format('{:,} left', rows_remaining)
      end
    ) as what,
    origin
  from every_purge
),
counted as (
  select
    account_id,
    counted_at as event_at,
    case when row_count > 0 then 'rows_counted' else 'none_counted' end as kind,
    store_id,
    format(
      'Counted by {}{}: {}',
      case counted_by when 'suite' then 'the suite' when 'store_owner' then 'the owner of the store' else 'a scanner' end,
      case when data_class_id is null then '' else ', ' || data_class_id || ' only' end,
      case when row_count > 0 then format('{:,} row{}', row_count, case when row_count > 1 then 's' else '' end) else 'no rows' end
    ) as what,
    origin
  from row_counts
),
holders as (    -- how long the account's data may have been in a store
  select account_id, store_id, min(created_at) as created_at, max(coalesce(emptied_at, as_of())) as emptied_at
  from purged_stores
  group by account_id, store_id
),
restored_copies as (
  select restore.*, coalesce(restore.account_id, holder.account_id) as held_account_id, backup.data_on
  from restores as restore
  join backup_copies as backup on backup.backup_id = restore.backup_id
  left join holders as holder
    on restore.account_id is null
    and holder.store_id = backup.store_id
    and backup.data_at between coalesce(holder.created_at, '-infinity') and holder.emptied_at
),
restored as (
  select
    held_account_id as account_id,
    started_at as event_at,
    'restored' as kind,
    target_store_id as store_id,
    format('Backup {} with data of {} restored into this store, for {}', backup_id, data_on, purpose) as what,
    origin
  from restored_copies
  union all
  select held_account_id, target_destroyed_at, 'restore_destroyed', target_store_id, format('What restore {} put there was destroyed', restore_id), origin
  from restored_copies
  where target_destroyed_at < as_of()
),
last_copies as (
  select copy.account_id, backup.* exclude (account_id)
  from (select distinct account_id, gone.backup_id as backup_id from store_copies) as copy
  join backups as backup on backup.backup_id = copy.backup_id
),
copied as (
  select
    account_id,
    taken_at as event_at,
    'copy_taken' as kind,
    store_id,
    format('Backup {} taken, the last to go of those that hold its data', backup_id) as what,
    origin
  from last_copies
  union all
  select account_id, destroyed_at, 'copy_gone', store_id, format('Backup {} destroyed, the last that held its data', backup_id), origin
  from last_copies
  where destroyed_at < as_of()
  union all
  select account_id, taken_at, 'preserved', store_id, format('Preserved copy {} taken for request {}', backup_id, coalesce(legal_request_id, 'that is not named')), origin
  from backups
  where kind = 'preserved_copy'
  union all
  select account_id, destroyed_at, 'preserved_gone', store_id, format('Preserved copy {} destroyed', backup_id), origin
  from backups
  where kind = 'preserved_copy' and destroyed_at < as_of()
),
asked as (
  select
    account_id,
    received_at as event_at,
    'asked' as kind,
    format('Privacy request {} received: {}', privacy_request_id, replace(kind, '_', ' ')) as what,
    origin
  from privacy_requests
  union all
  select
    account_id,
    responded_at,
    'answered',
    format('Privacy request {} answered: {}', privacy_request_id, coalesce(replace(outcome, '_', ' '), 'still open')),
    origin
  from privacy_requests
  where responded_at < as_of()
  union all
  select
    account_id,
    received_at,
    'paper_received',
    format('Paper {} received from {}: {}', legal_request_id, authority, replace(case instrument when 'none' then kind else instrument end, '_', ' ')),
    origin
  from legal_requests
  where legal_request_id not in (from secret_papers)
),
used as (
  select
    account_id,
    max(event_time) as event_at,
    'accessed_last' as kind,
    case when count(*) = 1 then 'The only access that the logs hold' else format('The last of {:,} accesses that the logs hold', count(*)) end as what,
    max_by(origin, event_time) as origin
  from access_events
  group by account_id
  union all
  select account_id, max(issued_on)::timestamptz, 'invoiced_last', 'Last invoice', max_by(origin, issued_on)
  from invoices
  group by account_id
)
select * from signed_up
union all by name
select * from status_changes
union all by name
select * from status_ends
union all by name
select * from activities
union all by name
select * from mergers
union all by name
select * from vanished
union all by name
select * from held
union all by name
select * from purged
union all by name
select * from counted
union all by name
select * from restored
union all by name
select * from copied
union all by name
select * from asked
union all by name
select * from used
