/* Purges of canceled accounts night by night, and the backups that hold what was purged until they age out. */
create or replace table purges as
with
canceled as (
  select
    number,
    account_id,
    canceled_at,
    reactivated_at,
    canceled_at::date + 14 + pick('night', number, 9)::integer as purged_on
  from accounts
  where canceled_at is not null
)
select
  'pu-' || token('purge', number || store_id)[:12] as purge_id,
  number,
  store_id,
  purge_job as job_id,
  account_id,
  'account_canceled' as reason,
  'erase' as method,
  purged_on::timestamp at time zone 'UTC' + to_hours(case purge_job when 'purge-accounts' then 3 else 4 end)
    + seconds(60 + 240 * purge_order + 200 * fraction('purged', number || store_id)) as purged_at,
  case when store_id in ('search', 'warehouse') and pick('empty', number || store_id, 5) = 0 then 0
    else 1 + pick('rows', number || store_id, 900) end as rows_before,
  0 as rows_remaining,
  null::varchar as job_run_id
from canceled
cross join stores
where stores.is_in_purge_scope
  and purged_on <= drawn_at()::date
  and (reactivated_at is null or reactivated_at::date > purged_on);

create or replace table backups as
with
days as (
  select unnest(generate_series(date '2024-10-01', date '2026-10-04', interval 1 day))::date as day
),
taken as (
  select
    'bk-main-' || strftime(day, '%Y%m%d') as backup_id,
    'db-main' as store_id,
    'backup-main' as job_id,
    day::timestamp at time zone 'UTC' + to_hours(2) + seconds(600 + 600 * fraction('dump', day)) as taken_at,
    case when dayofweek(day) > 0 then 'bk-main-' || strftime(day - dayofweek(day)::integer, '%Y%m%d') end as base_backup_id,
    null::varchar as copied_from_backup_id,
    day - dayofweek(day)::integer + 29 as destroyed_on,    -- a chain goes as one, with the base it hangs from
    'us-east-1' as region
  from days
  where day >= date '2024-10-06'
  union all
  select
    'bk-copy-' || strftime(day, '%Y%m%d'), 'db-main', 'copy-main', day::timestamp at time zone 'UTC' + to_hours(8) + seconds(900 * fraction('copy', day)),
    null, 'bk-main-' || strftime(day, '%Y%m%d'), day + 29, 'us-west-2'
  from days
  where day >= date '2024-10-06' and dayofweek(day) = 0
  union all
  select
    'bk-recordings-' || strftime(day, '%Y%m%d'), 'recordings', 'backup-recordings',
    day::timestamp at time zone 'UTC' + to_hours(1) + seconds(3000 * fraction('recordings', day)), null, null, day + 28, 'us-east-1'
  from days
  union all
  select
    'bk-warehouse-' || strftime(day, '%Y%m%d'), 'warehouse', 'backup-warehouse',
    day::timestamp at time zone 'UTC' + to_hours(5) + seconds(1800 * fraction('warehouse', day)), null, null, day + 27, 'us-east-1'
  from days
  where dayofweek(day) = 3
  union all
  select
    'bk-helpdesk-' || strftime(day, '%Y%m%d'), 'help-desk', 'export-help-desk',
    day::timestamp at time zone 'UTC' + to_hours(4) + seconds(1800 * fraction('help desk', day)), null, null, day + 21, 'us-east-1'
  from days
  where dayofweek(day) = 1
)
select
  backup_id,
  store_id,
  'US' as country,
  's3://conferencing-backups-' || region as location,
  region,
  case when store_id = 'help-desk' then 'export' else 'scheduled' end as kind,
  taken_at,
  case when destroyed_on::timestamp at time zone 'UTC' + to_hours(6) < drawn_at() - to_hours(1)
    then destroyed_on::timestamp at time zone 'UTC' + to_hours(5) + seconds(3000 * fraction('destroyed', backup_id)) end as destroyed_at,
  null::timestamptz as newest_record_at,
  job_id,
  base_backup_id,
  copied_from_backup_id,
  'key-' || store_id as key_id,
  'active' as key_status,
  true as is_encrypted,
  false as is_default_key,
  null::varchar as account_id,
  null::varchar as legal_request_id,
  null::varchar as kept_in_store_id
from taken;

create or replace table legal_requests as
select
  legal_request_id,
  'SW-' || (2100 + warrant) as letter_reference,
  account_id,
  'data' as kind,
  null::varchar as related_legal_request_id,
  null::varchar as legal_basis,
  'US District Court' as authority,
  'US' as country,
  'us_federal' as authority_kind,
  'warrant' as instrument,
  true as is_properly_served,
  'complied' as status,
  received_at,
  received_at + to_days(2) as decided_at,
  received_at as valid_from_at,
  null::timestamptz as valid_to_at,
  received_at::date - 2 as instrument_issued_on,
  null::date as preserve_until_on,
  ['account_content'] as scope_data_class_ids,
  'emp-0104' as decided_by_person_id,
  'https://counsel.conferencing.example/register/' || legal_request_id as evidence_uri
from warrants;

/* Preservation: request, renewal or process, and the copy that is destroyed on the day on which the period lapses. */
create or replace table preservations as
select
  *,
  (select account_id from customers order by draw('preserved', row || account_id) limit 1) as account_id
from (values
  (1, timestamptz '2025-02-11 15:20:00+00', 'section_2703f', null::date, null::date, null::date, date '2025-05-12'),
  (2, timestamptz '2025-09-03 17:05:00+00', 'section_2703f', date '2025-12-01', null, null, date '2026-03-02'),
  (3, timestamptz '2026-04-14 14:40:00+00', 'section_2703f', null, null, null, date '2026-07-13'),
  (4, timestamptz '2026-02-09 16:10:00+00', 'section_2703f', date '2026-05-10', null, null, date '2026-08-08'),
  (5, timestamptz '2026-05-20 13:30:00+00', 'section_2703f', null, null, date '2026-07-30', null),
  (6, timestamptz '2026-06-01 18:00:00+00', 'civil_subpoena', null, date '2026-09-15', null, date '2026-09-15')
) as listed(row, received_at, instrument, renewed_on, preserve_until_on, process_on, destroyed_on);

insert into legal_requests by name
select
  'P-' || row as legal_request_id,
  'PR-' || (300 + row) as letter_reference,
  account_id,
  'preservation' as kind,
  case instrument when 'civil_subpoena' then 'Superior Court of California' else 'US Attorney''s Office' end as authority,
  'US' as country,
  case instrument when 'civil_subpoena' then 'civil_party' else 'us_federal' end as authority_kind,
  instrument,
  true as is_properly_served,
  'complied' as status,
  received_at,
  received_at + to_hours(20) as decided_at,
  received_at as valid_from_at,
  received_at::date - 1 as instrument_issued_on,
  preserve_until_on,
  ['account_content'] as scope_data_class_ids,
  'emp-0104' as decided_by_person_id,
  'https://counsel.conferencing.example/register/P-' || row as evidence_uri
from preservations
union all by name
select
  'P-' || row || '-R' as legal_request_id, 'PR-' || (300 + row) as letter_reference, account_id, 'preservation_renewal' as kind,
  'P-' || row as related_legal_request_id, 'US Attorney''s Office' as authority, 'US' as country, 'us_federal' as authority_kind,
  instrument, true as is_properly_served, 'complied' as status,
  renewed_on::timestamp at time zone 'UTC' + to_hours(15) as received_at,
  renewed_on::timestamp at time zone 'UTC' + to_hours(18) as decided_at,
  renewed_on::timestamp at time zone 'UTC' + to_hours(15) as valid_from_at,
  renewed_on as instrument_issued_on, ['account_content'] as scope_data_class_ids, 'emp-0104' as decided_by_person_id,
  'https://counsel.conferencing.example/register/P-' || row || '-R' as evidence_uri
from preservations
where renewed_on is not null
union all by name
select
  'P-' || row || '-W' as legal_request_id, 'PR-' || (300 + row) as letter_reference, account_id, 'data' as kind,
  'P-' || row as related_legal_request_id, 'US District Court' as authority, 'US' as country, 'us_federal' as authority_kind,
  'warrant' as instrument, true as is_properly_served, 'complied' as status,
  process_on::timestamp at time zone 'UTC' + to_hours(16) as received_at,
  process_on::timestamp at time zone 'UTC' + to_hours(40) as decided_at,
  process_on::timestamp at time zone 'UTC' + to_hours(16) as valid_from_at,
  process_on - 1 as instrument_issued_on, ['account_content'] as scope_data_class_ids, 'emp-0104' as decided_by_person_id,
  'https://counsel.conferencing.example/register/P-' || row || '-W' as evidence_uri
from preservations
where process_on is not null;

insert into backups by name
select
  'pc-' || row as backup_id,
  'db-main' as store_id,
  'US' as country,
  's3://conferencing-vault' as location,
  'us-east-1' as region,
  'preserved_copy' as kind,
  received_at + to_hours(22) as taken_at,
  destroyed_on::timestamp at time zone 'UTC' + to_hours(17) as destroyed_at,
  received_at - to_hours(1) as newest_record_at,
  'key-vault' as key_id,
  'active' as key_status,
  true as is_encrypted,
  false as is_default_key,
  account_id,
  'P-' || row as legal_request_id,
  'vault' as kept_in_store_id
from preservations;

create or replace table legal_holds as
select
  'h-1' as legal_hold_id,
  'Hartmann v. Example Conferencing Inc.' as basis,
  'emp-0104' as approved_by_person_id,
  'https://counsel.conferencing.example/holds/h-1' as evidence_uri,
  (select account_id from customers order by draw('held', account_id) limit 1) as account_id,
  null::varchar as person_id,
  null::varchar as store_id,
  null::varchar as backup_id,
  null::varchar as legal_request_id,
  timestamptz '2025-11-18 16:00:00+00' as valid_from_at,
  null::timestamptz as valid_to_at;
