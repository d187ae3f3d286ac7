/*
What the controls of retention look at besides: recordings with their life in the trash, the log of the servers that show them,
and the rules for trash, for preserved copies and for the test environment.
*/
insert into systems values ('app', 'app', 'log of the content servers', 'svc-deploy');
insert into data_classes values ('content_log', 'Requests for content', 'request_log', true, 'security', null);
insert into stores values
  ('log-app', 'Log of the content servers', 'log', 'emp-0138', null, 'content_log', false, 'app', 'primary', 'content', null, null);

create or replace table content_records as    -- of a lasting account: one kept, one deleted from the trash, one in the trash
with
placed as (
  select *, unnest(range(3)) as turn
  from customers
  where created_at < timestamptz '2026-03-01 00:00:00+00' and place <= 400
),
dated as (
  select
    *,
    created_at + seconds(86400 * (1 + 20 * fraction('recorded', number * 8 + turn))) as recorded_at,
    case turn
      when 1 then timestamptz '2026-07-03 00:00:00+00' + seconds(86400 * 60 * fraction('trashed', number * 8 + turn))
      when 2 then timestamptz '2026-09-08 00:00:00+00' + seconds(86400 * 20 * fraction('trashed', number * 8 + turn))
    end as trashed_at
  from placed
),
lives as (
  select
    number * 8 + turn as record,
    account_id,
    recorded_at,
    trashed_at,
    case turn when 1 then trashed_at + seconds(86400 * (10 + 19 * fraction('emptied', number * 8 + turn))) end as deleted_at,
    'retention_rule' as deletion_reason,
    turn = 0 as is_accessible
  from dated
  union all    -- of a canceled account: there until the purge, for nobody to see
  select
    accounts.number * 8,
    accounts.account_id,
    accounts.created_at + seconds(86400 * 5),
    null,
    purges.purged_at,
    'account_purge',
    false
  from accounts
  left join purges on purges.number = accounts.number and purges.store_id = 'recordings' and purges.purged_at > accounts.canceled_at
  where accounts.canceled_at >= timestamptz '2026-06-01 00:00:00+00' and accounts.reactivated_at is null and accounts.plant is null
)
select
  'rec-' || token('record', record)[:12] as record_id,
  'account_content' as data_class_id,
  'recordings' as store_id,
  account_id,
  recorded_at as created_at,
  trashed_at,
  deleted_at,
  case when deleted_at is not null then deletion_reason end as deletion_reason,
  is_accessible,
  ['/recordings/' || record_id, '/api/recordings/' || record_id] as url_paths
from lives;

create or replace table app_events as    -- each recording was looked at once, an hour after it was made
select
  record.record_id as event_key,
  record.created_at + to_hours(1) as event_time,
  devices.user_id,
  devices.account_id,
  record.url_paths[1 + pick('by program', record.record_id, 2)] as url_path,
  200 as http_status,
  devices.home_address as source_ip,
  devices.desktop_agent as user_agent
from content_records as record
join accounts using (account_id)
join user_devices as devices on devices.person = accounts.number * 16
where record.created_at > first_moment() and record.created_at < least(coalesce(accounts.canceled_at, last_moment()), last_moment()) - to_hours(2);

create or replace table special_rules as
select
  'rr-' || store_id || '-' || data_class_id || '-' || counts_from as retention_rule_id,
  store_id,
  data_class_id,
  (select any_value(owner_person_id) from stores where stores.store_id = listed.store_id) as owner_person_id,
  'emp-0102' as approved_by_person_id,
  counts_from,
  basis_kind,
  basis,
  min_days,
  max_days,
  false as is_kept_while_active,
  control_ids,
  timestamptz '2024-09-16 14:00:00+00' as valid_from_at,
  null::timestamptz as valid_to_at
from (values
  ('recordings', 'account_content', 'trashing', 'management', 'Retention schedule 2026', 0, 30, ['RET-04b']),
  ('vault', 'account_content', 'copy_taken', 'law', '18 U.S.C. 2703(f)', 90, 180, ['DIS-09', 'RET-05']),
  ('restore-test', 'account_content', 'copy_taken', 'management', 'Retention schedule 2026', 0, 7, ['BKP-03', 'RET-05']),
  ('restore-test', 'profile', 'copy_taken', 'management', 'Retention schedule 2026', 0, 7, ['BKP-03', 'RET-05'])
) as listed(store_id, data_class_id, counts_from, basis_kind, basis, min_days, max_days, control_ids);

create or replace view "records.content.csv" as
select * replace (case when url_paths is not null then listed(url_paths) end as url_paths)
from content_records
order by created_at, record_id;

create or replace view "retention_rules.special.csv" as
select * replace (listed(control_ids) as control_ids) from special_rules order by retention_rule_id, max_days;

create or replace view "../app/access_events.app.csv" as
select
  'ap-' || token('content', event_key) as event_id,
  event_time,
  'http' as event_dataset,
  'app' as event_provider,
  'request' as event_action,
  'success' as event_outcome,
  'customer' as user_kind,
  user_id,
  account_id,
  source_ip,
  user_agent,
  'GET' as http_method,
  url_path,
  http_status
from app_events
order by event_time, event_id;
