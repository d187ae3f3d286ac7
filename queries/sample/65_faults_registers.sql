/* Faults of job runs, of the register of accounts, of counts, of rights and reviews, and of the tables themselves. */
delete from job_runs where job_run_id = 'purge-logs-20260822';
update job_runs set status = 'skipped', started_at = null, ended_at = null, expected_count = null, deleted_count = null, error_count = null
where job_run_id = 'purge-accounts-20260912';
delete from job_runs where job_id = 'purge-manual';
insert into job_runs
select
  'purge-manual-' || place,
  'purge-manual',
  status,
  null,
  started_at,
  started_at + to_minutes(minutes),
  expected_count,
  deleted_count,
  error_count
from (values
  (1, 'failed', timestamptz '2026-08-20 10:00:00+00', 50, 9, 0, 1),
  (2, 'ok', timestamptz '2026-08-24 10:00:00+00', 50, 30, 25, 0),
  (3, 'ok', timestamptz '2026-08-25 10:00:00+00', 50, 12, 12, 2),
  (4, 'ok', timestamptz '2026-08-26 10:00:00+00', 50, 20, 20, 0),
  (5, 'ok', timestamptz '2026-08-27 10:00:00+00', 50, null, 7, 0),
  (6, 'ok', timestamptz '2026-08-28 10:00:00+00', 50, 5, 8, 0),
  (7, 'ok', timestamptz '2026-08-31 10:00:00+00', -50, 6, 6, 0),
  (8, 'skipped', null, 0, null, null, null)
) as runs(place, status, started_at, minutes, expected_count, deleted_count, error_count);
insert into jobs values
  ('purge-manual', 'Purge started by hand', 'deletion', 'db-main', 'purge', ['account_content', 'profile'], null, false, false, first_moment()),
  ('purge-exports', 'Nightly purge of old exports', 'deletion', 'recordings', 'purge', ['account_content'], 24, false, false, timestamptz '2026-06-01 00:00:00+00');

insert into answers values
  ('RET-06b', 'purge-logs / 2026-08-22T04:00Z', 'exception', 'missing', 'The night''s run is not on record'),
  ('RET-06b', 'purge-accounts-20260912', 'exception', 'not_ok', 'Skipped'),
  ('RET-06b', 'purge-manual-1', 'exception', 'not_ok', 'Failed'),
  ('RET-06b', 'purge-manual-2', 'exception', 'too_few', 'Deleted 25 of 30 rows'),
  ('RET-06b', 'purge-manual-3', 'exception', 'errors', 'Ended ok with two errors'),
  ('RET-06b', 'purge-manual-4', 'exception', 'other_sum', 'Says 20 rows; its purge removed 14'),
  ('RET-06b', 'purge-manual-5', 'unknown', 'not_counted', 'Nobody knows how many rows it should delete'),
  ('RET-06b', 'purge-manual-6', 'unknown', 'too_many', 'Deleted 8 rows, should delete 5'),
  ('RET-06b', 'purge-manual-7', 'unknown', 'contradiction', 'Ended before it started'),
  ('RET-06b', 'purge-manual-8', 'unknown', 'undated', 'Nobody knows when it was due'),
  ('RET-06b', 'purge-exports', 'unknown', 'never_ran', 'Has a schedule, and no run on record');

update account_rows set valid_from_at = null where plant = 'cancel undated' and status = 'canceled';
update account_rows set status = 'cancelled' where plant = 'cancel misspelt' and status = 'canceled';
update account_rows set created_via = 'partner' where plant = 'sign-up in an unknown way';
update account_rows set created_via = 'api' where plant = 'sign-up contradictory' and status = 'active';
update account_rows set created_at = null where plant = 'sign-up undated';

update row_counts set row_count = 5 where account_id = planted('purge found') and store_id = 'warehouse';
update row_counts set row_count = 4 where account_id = planted('rows again') and store_id = 'warehouse';
update row_counts set row_count = 3 where account_id = planted('purge residue') and store_id = 'db-main';
update row_counts set row_count = 40 where account_id = planted('nothing removed') and store_id = 'db-replica';
delete from row_counts where account_id = planted('purge missed');

insert into extra_people values
  ('emp-0145', null, 'staff', ['ines.duarte@conferencing.example', 'iduarte'], 'Support Engineer', 'Europe/Lisbon', [], '2025-01-13', '2026-03-31', '2026-02-02', true, 4),
  ('emp-0145', null, 'staff', ['ines.duarte@conferencing.example', 'iduarte'], 'Support Engineer', 'Europe/Lisbon', [], '2026-08-03', null, '2026-08-10', true, 4),
  ('emp-0146', null, 'contractor', ['frontline@conferencing.example', 'oscar.lund@conferencing.example'], 'Support Contractor', 'Europe/Stockholm', [], '2025-10-06', null, '2026-02-03', true, 4),
  ('emp-0147', null, 'contractor', ['frontline@conferencing.example', 'petra.simon@conferencing.example'], 'Support Contractor', 'Europe/Berlin', [], '2025-10-06', null, '2026-02-03', true, 4),
  ('emp-0148', null, 'staff', ['walt.jennings@conferencing.example', 'wjennings'], 'Site Reliability Engineer', 'America/Los_Angeles', [], '2025-02-03', '2026-08-14', '2026-02-04', true, 4),
  ('emp-0149', null, 'staff', ['mona.adler@conferencing.example', 'madler'], 'Database Engineer', 'America/New_York', [], '2025-02-10', '2026-07-17', '2026-02-04', true, 4),
  ('emp-0150', null, 'contractor', ['kim.larsen@conferencing.example', 'klarsen'], 'Database Contractor', 'America/New_York', [], '2026-05-11', '2026-05-01', '2026-05-20', true, 4),
  ('emp-0151', null, 'contractor', ['ravi.menon@conferencing.example', 'rmenon'], 'Database Contractor', null, [], '2026-02-09', '2026-08-20', '2026-02-20', true, 4),
  ('emp-0190', null, 'shared', ['nightshift@conferencing.example'], null, null, [], null, null, null, null, 4),
  ('p-frontdesk', null, 'shared', ['frontdesk@' || (select domain from accounts where plant = 'travel shared')], null, null, [], null, null, null, null, 4);

insert into entitlements by name
select
  'en-' || asset_id || '-' || person_id || suffix as entitlement_id,
  person_id,
  approved_by_person_id,
  asset_id,
  'operator' as role,
  reaches as has_customer_data_access,
  valid_from_at,
  valid_to_at,
  approved_at
from (values
  ('emp-0145', 'sys-support', '', 'emp-0106', true, timestamptz '2025-01-13 15:00:00+00', timestamptz '2026-03-31 16:00:00+00', timestamptz '2025-01-13 12:00:00+00'),
  ('emp-0145', 'sys-support', '-2', 'emp-0106', true, '2026-08-03 15:00:00+00', null, '2026-08-03 12:00:00+00'),
  ('emp-0148', 'sys-cloud', '', 'emp-0128', true, '2025-02-03 15:00:00+00', '2026-08-15 06:50:00+00', '2025-02-03 12:00:00+00'),
  ('emp-0149', 'sys-cloud', '', 'emp-0128', true, '2025-02-10 15:00:00+00', null, '2025-02-10 12:00:00+00'),
  ('emp-0122', 'sys-warehouse', '', null, true, '2026-03-02 15:00:00+00', null, null),
  ('emp-0128', 'sys-warehouse', '', 'emp-0128', true, '2026-03-02 15:00:00+00', null, '2026-03-02 12:00:00+00'),
  ('emp-0123', 'sys-warehouse', '', 'emp-0128', true, '2026-08-10 15:00:00+00', null, '2026-08-19 12:00:00+00'),
  ('emp-0124', 'sys-warehouse', '', 'emp-0128', null, '2026-03-02 15:00:00+00', null, '2026-03-02 12:00:00+00'),
  ('emp-0125', 'sys-warehouse', '', 'emp-0128', true, '2026-09-02 15:00:00+00', '2026-08-28 15:00:00+00', '2026-08-28 12:00:00+00'),
  ('emp-0199', 'sys-warehouse', '', 'emp-0128', true, '2026-03-02 15:00:00+00', null, '2026-03-02 12:00:00+00'),
  ('emp-0150', 'sys-warehouse', '', 'emp-0128', true, '2026-05-11 15:00:00+00', null, '2026-05-11 12:00:00+00'),
  ('emp-0151', 'sys-warehouse', '', 'emp-0128', true, '2026-02-09 15:00:00+00', '2026-08-21 03:00:00+00', '2026-02-09 12:00:00+00')
) as rights(person_id, asset_id, suffix, approved_by_person_id, reaches, valid_from_at, valid_to_at, approved_at);

delete from reviews where asset_id = 'sys-bastion' and completed_at >= timestamptz '2026-05-01 00:00:00+00';
insert into entitlements by name
select 'en-sys-archive-emp-0128' as entitlement_id, 'emp-0128' as person_id, 'emp-0103' as approved_by_person_id, 'sys-archive' as asset_id,
  'administrator' as role, true as has_customer_data_access, timestamptz '2026-02-02 15:00:00+00' as valid_from_at, timestamptz '2026-02-02 12:00:00+00' as approved_at;
insert into assets by name
select 'sys-archive' as asset_id, 'system' as kind, 'US' as country, 'AWS' as provider, 'us-east-1' as region, 'management' as network_zone, timestamptz '2026-02-02 12:00:00+00' as valid_from_at;

insert into answers values
  ('ACC-05a', 'en-sys-support-emp-0145-2', 'pass', 'in_order', 'Trap: the rights of a person who left and came back'),
  ('ACC-05a', 'en-sys-cloud-emp-0149', 'exception', 'after_leaving', 'Left in July, the right still stands'),
  ('ACC-05a', 'en-sys-cloud-emp-0148', 'pass', 'in_order', 'Trap: revoked ten minutes before the last local day ended'),
  ('ACC-05a', 'en-sys-warehouse-emp-0122', 'exception', 'unapproved', 'Nobody approved it'),
  ('ACC-05a', 'en-sys-warehouse-emp-0128', 'exception', 'self_approved', 'Approved by its holder'),
  ('ACC-05a', 'en-sys-warehouse-emp-0123', 'exception', 'approved_late', 'Approved nine days after it began'),
  ('ACC-05a', 'en-sys-warehouse-emp-0124', 'unknown', 'reach_unknown', 'Nobody says whether it reaches customer data'),
  ('ACC-05a', 'en-sys-warehouse-emp-0125', 'unknown', 'right_unclear', 'Ends before it starts'),
  ('ACC-05a', 'en-sys-warehouse-emp-0199', 'unknown', 'person_unknown', 'The holder is in no register'),
  ('ACC-05a', 'en-sys-warehouse-emp-0150', 'unknown', 'job_unclear', 'The holder''s job ends before it starts'),
  ('ACC-05a', 'en-sys-warehouse-emp-0151', 'unknown', 'zone_unknown', 'Revoked about the end of the last day, and nobody knows the zone'),
  ('ACC-05b', 'sys-bastion', 'exception', 'overdue', 'Last reviewed in March'),
  ('ACC-05b', 'sys-archive', 'exception', 'not_reviewed', 'Never reviewed'),
  ('IPE-02', path_of('entitlements.csv') || ' / required', 'exception', 'missing_value', 'The right of which nobody says what it reaches'),
  ('IPE-02', 'emp-0199', 'unknown', 'not_in_people', 'Holds a right, in no register');

insert into waivers by name
select
  'w-2' as waiver_id, 'ACC-01' as control_id, 'Break-glass during the outage of 18 July; reviewed by the Head of Security' as justification,
  'emp-0128' as requested_by_person_id, 'emp-0139' as approved_by_person_id, 'break_glass_in_time' as reason,
  (select event_id from planted_accesses where name = 'break-glass in time') as item,
  timestamptz '2026-07-20 15:00:00+00' as approved_at, timestamptz '2026-07-18 00:00:00+00' as valid_from_at,
  timestamptz '2026-12-31 00:00:00+00' as valid_to_at, 'https://risk.conferencing.example/w-2' as evidence_uri;
