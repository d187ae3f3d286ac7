/* Faults and traps of automatic cancellation, of what is reachable after a cancellation or in the trash, and of the retention rules. */
delete from account_rows
where status = 'active' and plant in ('outstays trial', 'outstayed trial', 'trial undated', 'trial in time');
update account_rows
set valid_to_at = (select any_value(canceled_at) from accounts where accounts.plant = account_rows.plant)
where status = 'trial' and plant in ('outstays trial', 'outstayed trial', 'trial undated', 'trial in time');
update account_rows set status_cause = 'automatic' where status = 'canceled' and plant in ('outstayed trial', 'outstayed unused', 'trial in time');
update account_rows set trial_ends_at = null where plant = 'trial undated';
update account_rows set plan = 'free', first_used_at = '2023-05-16 09:00:00+00', last_active_at = '2023-08-14 12:00:00+00' where plant = 'outstayed unused';
update account_rows set valid_to_at = '2026-02-10 15:00:00+00' where plant = 'outstays frozen' and status = 'active';
insert into account_rows
select * replace ('frozen' as status, timestamptz '2026-02-10 15:00:00+00' as valid_from_at, null as valid_to_at)
from account_rows
where plant = 'outstays frozen' and status = 'active';

insert into answers values
  ('RET-02a', planted('outstays trial') || ' / 2026-08-19', 'exception', 'limbo', 'The trial ended in July, and still the account is on trial'),
  ('RET-02a', planted('outstays frozen') || ' / 2026-08-09', 'exception', 'limbo', 'Unpaid since February, and not canceled'),
  ('RET-02a', planted('outstayed trial') || ' / 2026-07-08', 'exception', 'outstayed', 'Canceled a month too late'),
  ('RET-02a', planted('outstayed unused') || ' / 2026-08-13', 'exception', 'outstayed', 'A free account that nobody used for three years'),
  ('RET-02a', planted('trial undated') || ' / undated', 'unknown', 'undated', 'Nobody knows when the trial ends'),
  ('RET-02a', 'every trial account / 2026-08-20', 'pass', 'none_stayed', 'Trap: canceled in the evening of the last day');

/* The purges that were missed are all of accounts that were canceled automatically. */
update account_rows
set status_cause = case plant when 'purge day 60' then 'owner' else 'automatic' end
where status = 'canceled'
  and plant in ('purge late', 'purge overdue', 'purge residue', 'purge found', 'purge held late', 'purge day 61', 'purge missed', 'purge day 60');
insert into answers values
  ('RET-02b', 'automatic', 'exception', 'missed_more', 'Purges are late after automatic cancellations only'),
  ('RET-02b', 'owner', 'pass', 'none_missed', 'Trap: one of them was purged on day 60 at 23:59:59');

create or replace table planted_records as
select
  'rec-planted-' || replace(name, ' ', '-') as record_id,
  *,
  timestamptz '2026-01-12 10:00:00+00' as created_at
from (values
  ('open', 'record open', 'recordings', 'account_content', null::timestamptz, null::timestamptz, true, true),
  ('unclear', 'record unclear', 'recordings', 'account_content', null, null, null, true),
  ('read', 'trash', 'recordings', 'account_content', '2026-08-03 15:00:00+00', '2026-08-28 15:00:00+00', false, true),
  ('read before', 'trash', 'recordings', 'account_content', '2026-08-04 15:00:00+00', '2026-08-29 15:00:00+00', false, true),
  ('trash open', 'trash', 'recordings', 'account_content', '2026-09-14 15:00:00+00', null, true, true),
  ('trash unclear', 'trash', 'recordings', 'account_content', '2026-09-15 15:00:00+00', null, null, true),
  ('without paths', 'trash', 'recordings', 'account_content', '2026-09-16 15:00:00+00', null, false, false),
  ('old', 'trash', 'recordings', 'account_content', '2026-07-01 15:00:00+00', null, false, true),
  ('picture', 'trash', 'db-main', 'profile_picture', '2026-09-10 15:00:00+00', null, false, true),
  ('day 30', 'trash', 'db-main', 'account_content', '2026-08-01 10:00:00+00', '2026-08-31 23:59:59+00', false, true)
) as listed(name, plant, store_id, data_class_id, trashed_at, deleted_at, is_accessible, has_paths);

insert into content_records by name
select
  record_id,
  data_class_id,
  store_id,
  planted(plant) as account_id,
  created_at,
  trashed_at,
  deleted_at,
  case when deleted_at is not null then 'retention_rule' end as deletion_reason,
  is_accessible,
  case when has_paths then ['/recordings/' || record_id] end as url_paths
from planted_records;

insert into app_events by name
select
  'planted ' || row as event_key,
  seen_at as event_time,
  devices.user_id,
  devices.account_id,
  url_path,
  200 as http_status,
  devices.home_address as source_ip,
  devices.desktop_agent as user_agent
from (values
  (1, 'reads after', timestamptz '2026-08-20 15:00:00+00', '/recordings'),
  (2, 'invoices after', '2026-08-21 15:00:00+00', '/invoices/2026-08'),
  (3, 'trash', '2026-08-10 15:00:00+00', '/recordings/rec-planted-read'),
  (4, 'trash', '2026-08-04 14:59:59+00', '/recordings/rec-planted-read-before')
) as listed(row, plant, seen_at, url_path)
join accounts using (plant)
join user_devices as devices on devices.person = accounts.number * 16;

insert into answers values
  ('RET-03', span_item('reads after'), 'exception', 'reached', 'The owner saw the recordings eight days after the cancellation'),
  ('DET-14', planted('reads after') || ' / 2026-08-20', 'exception', 'customer_inside', 'The same read as in RET-03'),
  ('RET-03', span_item('invoices after'), 'pass', 'closed', 'Trap: the owner looked at an invoice only'),
  ('RET-03', span_item('record open'), 'exception', 'accessible', 'A recording of the canceled account is still open'),
  ('RET-03', span_item('record unclear'), 'unknown', 'reach_unknown', 'Nobody says whether the recording can be reached'),
  ('RET-03', planted('cancel undated') || ' / undated', 'unknown', 'undated', 'Nobody knows when the account was canceled'),
  ('RET-03', span_item('cancel misspelt'), 'unknown', 'contradiction', 'The status is misspelt, so it may mean canceled'),
  ('RET-04a', 'rec-planted-read', 'exception', 'read', 'Read a week after it was put in trash'),
  ('RET-04a', 'rec-planted-read-before', 'pass', 'out_of_reach', 'Trap: read one second before it was put in trash'),
  ('RET-04a', 'rec-planted-trash-open', 'exception', 'accessible', 'In the trash, and open'),
  ('RET-04a', 'rec-planted-trash-unclear', 'unknown', 'reach_unknown', 'Nobody says whether it can be reached'),
  ('RET-04a', 'rec-planted-without-paths', 'unknown', 'paths_unknown', 'Nobody says under which path it was'),
  ('RET-04b', 'recordings / account_content', 'exception', 'kept_longer', 'One recording is in the trash since July'),
  ('RET-04b', 'db-main / profile_picture', 'exception', 'no_rule', 'No rule for pictures in the trash'),
  ('RET-04b', 'db-main / account_content', 'pass', 'kept_to', 'Trap: deleted on day 30 at 23:59:59');

/* Rules. A store of which the general schedule has no rule gets one that is at fault, others get a second one. */
update stores set classes = classes || ' profile_picture' where store_id = 'restore-test';
update special_rules set valid_to_at = '2026-08-31 00:00:00+00' where store_id = 'vault';
update special_rules set max_days = null where store_id = 'restore-test' and data_class_id = 'account_content';
update special_rules set min_days = null where store_id = 'restore-test' and data_class_id = 'profile';
insert into special_rules by name
select
  'rr-planted-' || store_id as retention_rule_id,
  store_id,
  data_class_id,
  owner_person_id,
  counts_from,
  basis_kind,
  'Retention schedule 2026' as basis,
  min_days,
  max_days,
  false as is_kept_while_active,
  control_ids,
  timestamptz '2025-03-03 14:00:00+00' as valid_from_at
from (values
  ('db-main', 'account_content', 'emp-0128', 'trashing', 'management', 0, 30, ['RET-04b']),
  ('log-bastion', 'staff_log', 'emp-0138', 'creation', 'management', 365, 730, ['RET-05']),
  ('log-cloudtrail', 'staff_log', null, 'copy_taken', 'management', 0, 400, ['RET-05']),
  ('log-support', 'staff_log', 'emp-0138', 'copy_taken', 'management', 0, 400, []),
  ('log-app', 'content_log', 'emp-0138', 'copy_taken', 'habit', 0, 400, ['RET-05']),
  ('billing', 'billing', 'emp-0141', 'copy_taken', 'management', 400, 300, ['RET-05']),
  ('db-replica', 'profile_picture', 'emp-0128', 'trashing', 'management', 0, 30, ['RET-05'])
) as listed(store_id, data_class_id, owner_person_id, counts_from, basis_kind, min_days, max_days, control_ids);

insert into answers values
  ('RET-05', 'restore-test / profile_picture', 'exception', 'missing', 'No rule for the pictures in the test environment'),
  ('RET-05', 'vault / account_content', 'exception', 'expired', 'The rule ended in August'),
  ('RET-05', 'restore-test / account_content', 'exception', 'no_ceiling', 'No end is stated'),
  ('RET-05', 'restore-test / profile', 'exception', 'no_floor', 'No beginning is stated'),
  ('RET-05', 'log-bastion / staff_log', 'exception', 'duplicate', 'Two rules count from the creation'),
  ('RET-05', 'log-cloudtrail / staff_log', 'exception', 'no_owner', 'Nobody answers for the rule of copies'),
  ('RET-05', 'log-support / staff_log', 'exception', 'no_control', 'No control tests the rule of copies'),
  ('RET-05', 'billing / billing', 'exception', 'floor_over_ceiling', 'Copies are to be kept 400 days and to go after 300'),
  ('RET-05', 'log-app / content_log', 'unknown', 'rule_unclear', 'The basis is a word that the dictionary does not know'),
  ('RET-05', 'db-replica / profile_picture', 'pass', 'complete', 'Trap: two rules, each with a clock of its own'),
  ('IPE-02', path_of('retention_rules.special.csv') || ' / required', 'exception', 'missing_value', 'The rule that nobody answers for'),
  ('IPE-02', path_of('retention_rules.special.csv') || ' / code', 'unknown', 'unknown_code', 'The basis that is a habit');
