/* Faults of deletion, of backups and of preserved copies. What a fault causes elsewhere is an entry too. */
delete from purges where account_id = planted('purge overdue') and store_id = 'recordings';
delete from purges where account_id = planted('purge held');
delete from purges where account_id = planted('purge held late') and store_id = 'warehouse';
delete from purges where account_id = planted('purge hold unclear') and store_id = 'warehouse';
delete from purges where account_id = planted('purge missed') and store_id = 'search';
update purges set purged_at = timestamptz '2026-07-25 03:24:00+00' where account_id = planted('purge late') and store_id = 'search';
update purges set rows_before = greatest(rows_before, 12), rows_remaining = 3 where account_id = planted('purge residue') and store_id = 'db-main';
update purges set purged_at = date_trunc('day', timestamptz '2026-08-20 00:00:00+00') + (purged_at - date_trunc('day', purged_at))
where account_id = planted('purge held over');
update purges set method = 'deidentify' where account_id = planted('purge deidentified') and store_id = 'warehouse';
update purges set rows_remaining = null where account_id = planted('purge uncounted') and store_id = 'search';
update purges set purged_at = timestamptz '2026-07-29 23:59:59+00', job_id = null where account_id = planted('purge day 60') and store_id = 'search';
update purges set purged_at = timestamptz '2026-07-31 00:00:00+00', job_id = null where account_id = planted('purge day 61') and store_id = 'search';
update purges set purged_at = timestamptz '2026-06-26 00:00:00+00' + (purged_at - date_trunc('day', purged_at)) where account_id = planted('copy slow');
update purges set purged_at = timestamptz '2026-07-08 00:00:00+00' + (purged_at - date_trunc('day', purged_at)) where account_id = planted('copy lingering');

insert into legal_holds by name
select * from (values
  ('h-2', 'Inquiry 26-114', 'emp-0104', planted('purge held'), null, null, timestamptz '2026-06-20 15:00:00+00', null::timestamptz),
  ('h-3', 'Inquiry 26-121', 'emp-0104', planted('purge held late'), null, null, timestamptz '2026-07-12 16:00:00+00', null),
  ('h-4', 'Inquiry 26-098', 'emp-0104', planted('purge held over'), null, null, timestamptz '2026-06-12 14:00:00+00', timestamptz '2026-08-20 01:00:00+00'),
  ('h-5', 'Inquiry 26-101', null, planted('purge hold unclear'), 'warehouse', null, timestamptz '2026-06-01 14:00:00+00', null),
  ('h-6', 'Inquiry 26-130', 'emp-0104', null, null, 'bk-helpdesk-20260713', timestamptz '2026-07-20 14:00:00+00', null),
  ('h-7', 'Inquiry 26-131', 'emp-0104', null, null, 'bk-helpdesk-20260720', timestamptz '2026-07-27 14:00:00+00', timestamptz '2026-09-01 12:00:00+00'),
  ('h-8', 'Inquiry 26-132', null, null, null, 'bk-helpdesk-20260727', timestamptz '2026-07-30 14:00:00+00', null),
  ('h-9', 'Inquiry 26-140', 'emp-0104', null, null, 'bk-helpdesk-20260803', timestamptz '2026-09-05 14:00:00+00', null)
) as placed(legal_hold_id, basis, approved_by_person_id, account_id, store_id, backup_id, valid_from_at, valid_to_at)
cross join (select 'https://counsel.conferencing.example/holds' as evidence_uri);

insert into answers
select 'RET-01', purge_item(plant, store), outcome, reason, note
from (values
  ('purge late', 'search', 'exception', 'late', 'Purged six days late'),
  ('purge overdue', 'recordings', 'exception', 'overdue', 'Never purged'),
  ('purge residue', 'db-main', 'exception', 'residue', 'The purge itself reports three rows that remained'),
  ('purge found', 'warehouse', 'exception', 'residue', 'A count in October finds five rows'),
  ('purge held late', 'warehouse', 'exception', 'overdue', 'A hold placed after the last day cures nothing'),
  ('purge deidentified', 'warehouse', 'manual', 'not_erased', 'Rows were deidentified'),
  ('purge uncounted', 'search', 'unknown', 'not_counted', 'Nobody counted what remained, and the index can''t be counted by account'),
  ('purge day 60', 'search', 'pass', 'in_time', 'Trap: purged on day 60 at 23:59:59'),
  ('purge day 61', 'search', 'exception', 'late', 'Purged on day 61 at 00:00:00'),
  ('purge missed', 'search', 'exception', 'missed', 'Not purged by the last day; the account came back afterwards'),
  ('purge hold unclear', 'warehouse', 'unknown', 'hold_unclear', 'Nobody approved the hold that would excuse it')
) as found(plant, store, outcome, reason, note);

insert into answers
select
  'RET-01',
  case plant when 'cancel undated' then planted(plant) || ' / undated / ' || store_id else purge_item(plant, store_id) end,
  outcome,
  reason,
  note
from (values
  ('purge held', 'deferred', 'held', 'Trap: a hold placed before the last day defers, it excuses nothing'),
  ('purge held over', 'deferred', 'held_over', 'Purged on the day on which the hold was released'),
  ('cancel undated', 'unknown', 'undated', 'Nobody knows when the account was canceled'),
  ('cancel misspelt', 'unknown', 'contradiction', 'The status is misspelt, so it may mean canceled')
) as found(plant, outcome, reason, note)
cross join stores
where stores.is_in_purge_scope and stores.classes <> 'login_log';

insert into answers
select control, case plant when 'cancel undated' then planted(plant) || ' / undated' else span_item(plant) end, outcome, reason, note
from (values
  ('BKP-02a', 'copy slow', 'exception', 'late', 'Purged on day 45: the backups of the days before outlive day 60'),
  ('BKP-02b', 'copy slow', 'pass', 'gone', 'Trap: purged by day 60, and the last copy gone by day 90'),
  ('BKP-02a', 'copy lingering', 'exception', 'late', 'Held by the backup that lingered until 18 September'),
  ('BKP-02b', 'copy lingering', 'exception', 'late', 'Held by the backup that lingered until 18 September'),
  ('BKP-02a', 'purge held over', 'exception', 'late', 'The hold moved the purge; the copies outlive day 60'),
  ('BKP-02b', 'purge held over', 'deferred', 'held_over', 'The hold moved the purge; the copies went within 30 days of it'),
  ('BKP-02a', 'cancel undated', 'unknown', 'undated', 'Nobody knows when the account was canceled'),
  ('BKP-02b', 'cancel undated', 'unknown', 'undated', 'Nobody knows when the account was canceled'),
  ('BKP-02a', 'cancel misspelt', 'unknown', 'contradiction', 'The status is misspelt, so it may mean canceled'),
  ('BKP-02b', 'cancel misspelt', 'unknown', 'contradiction', 'The status is misspelt, so it may mean canceled')
) as found(control, plant, outcome, reason, note);

/* Purges whose record is wrong. They are of accounts whose day 60 comes after the quarter. */
update purges set job_id = 'purge-manual', job_run_id = 'purge-manual-1', rows_before = 9 where account_id = planted('run failed') and store_id = 'db-replica';
update purges set rows_before = 40, rows_remaining = 40 where account_id = planted('nothing removed') and store_id = 'db-replica';
update purges set rows_remaining = null where account_id = planted('not recounted') and store_id = 'search';
update purges set job_id = null, job_run_id = 'purge-manual-99' where account_id = planted('run gone') and store_id = 'db-replica';
update purges set job_id = null, purged_at = null where account_id = planted('purge undated') and store_id = 'db-replica';
update purges set job_id = null where account_id = planted('purge twice') and store_id = 'db-replica';
insert into purges
select * replace (rows_before + 3 as rows_before) from purges where account_id = planted('purge twice') and store_id = 'db-replica';
insert into purges by name
select
  'pu-' || token('purge by hand', place)[:12] as purge_id,
  store_id,
  account_id,
  'account_canceled' as reason,
  'erase' as method,
  purged_at,
  5 as rows_before,
  0 as rows_remaining
from (values
  (1, planted('not canceled'), 'search', timestamptz '2026-08-26 11:00:00+00'),
  (2, 'acct-' || token('ghost', 1)[:10], 'db-main', timestamptz '2026-08-27 11:00:00+00')
) as made(place, account_id, store_id, purged_at);
update purges set job_id = 'purge-manual', job_run_id = 'purge-manual-' || (1 + place), rows_before = rows
from (values
  ('db-main', 1, 25), ('db-replica', 2, 12), ('recordings', 3, 14), ('search', 4, 7), ('warehouse', 5, 8), ('log-product', 6, 6)
) as runs(store_id, place, rows)
where purges.account_id = planted('by hand') and purges.store_id = runs.store_id;
update purges set purged_at = purged_at + to_days(1)
where job_id = 'purge-logs' and purged_at::date = date '2026-08-22' or job_id = 'purge-accounts' and purged_at::date = date '2026-09-12';

create or replace macro purge_of(name, store) as (select min(purge_id) from purges where account_id = planted(name) and store_id = store);

insert into answers values
  ('RET-06a', purge_of('purge residue', 'db-main'), 'pass', 'sound', 'Trap: it says itself that rows remained'),
  ('RET-06a', purge_of('run failed', 'db-replica'), 'exception', 'run_failed', 'Recorded as done by a run that failed'),
  ('RET-06a', purge_of('nothing removed', 'db-replica'), 'exception', 'nothing_removed', 'As many rows after as before'),
  ('RET-06a', purge_of('rows again', 'warehouse'), 'exception', 'rows_again', 'A count in October finds four rows'),
  ('RET-06a', purge_of('not recounted', 'search'), 'exception', 'not_recounted', 'Nobody counted what remained'),
  ('RET-06a', purge_of('not canceled', 'search'), 'exception', 'not_canceled', 'The account was active again'),
  ('RET-06a', 'pu-' || token('purge by hand', 2)[:12], 'unknown', 'account_unclear', 'The account is in no register'),
  ('RET-06a', purge_of('run gone', 'db-replica'), 'unknown', 'run_unknown', 'Its run is not among the runs'),
  ('RET-06a', purge_of('purge undated', 'db-replica'), 'unknown', 'undated', 'Nobody knows when it was made'),
  ('RET-06a', purge_of('purge twice', 'db-replica'), 'unknown', 'contradiction', 'Stands twice, with different counts'),
  ('IPE-02', 'acct-' || token('ghost', 1)[:10], 'unknown', 'not_in_accounts', 'Named by a purge, in no register'),
  ('IPE-02', path_of('purges.csv') || ' / reference:job_runs', 'exception', 'orphan', 'The purge whose run is not among the runs'),
  ('IPE-02', path_of('purges.csv') || ' / required', 'exception', 'missing_value', 'The purge without a moment'),
  ('IPE-02', path_of('purges.csv') || ' / key', 'exception', 'repeated_key', 'The purge that stands twice'),
  ('IPE-02', path_of('legal_holds.csv') || ' / required', 'exception', 'missing_value', 'Holds that nobody approved'),
  ('IPE-02', path_of('accounts.csv') || ' / required', 'exception', 'missing_value', 'Accounts without the moment of cancellation, or of creation'),
  ('IPE-02', path_of('accounts.csv') || ' / code', 'unknown', 'unknown_code', 'A misspelt status, and an unknown way of signing up');

/* Backups. A few days too long harm no account; the one that lingered from 5 July to 18 September holds many. */
create or replace macro backup_on(store, day) as 'bk-' || store || '-' || strftime(day, '%Y%m%d');
update backups set destroyed_at = timestamptz '2026-07-28 05:20:00+00' where backup_id = 'bk-recordings-20260625';
update backups set destroyed_at = timestamptz '2026-09-18 05:20:00+00' where backup_id = 'bk-recordings-20260705';
update backups set destroyed_at = timestamptz '2026-08-31 23:59:59+00' where backup_id = 'bk-recordings-20260801';
update backups set destroyed_at = timestamptz '2026-09-02 00:00:00+00' where backup_id = 'bk-recordings-20260802';
update backups set destroyed_at = timestamptz '2026-07-31 05:10:00+00' where backup_id = 'bk-main-20260628';
update backups set copied_from_backup_id = 'bk-helpdesk-20260230' where backup_id = 'bk-helpdesk-20260824';
update backups set destroyed_at = null where backup_id in ('bk-helpdesk-20260706', 'bk-helpdesk-20260713', 'bk-helpdesk-20260727', 'bk-helpdesk-20260803');
update backups set destroyed_at = timestamptz '2026-09-01 15:00:00+00' where backup_id = 'bk-helpdesk-20260720';
update backups set taken_at = null where backup_id = 'bk-helpdesk-20260810';
update backups set destroyed_at = timestamptz '2026-08-16 05:00:00+00' where backup_id = 'bk-helpdesk-20260817';

insert into answers values
  ('BKP-01', 'bk-recordings-20260625', 'exception', 'late', 'Destroyed on day 33'),
  ('BKP-01', 'bk-recordings-20260705', 'exception', 'late', 'Destroyed on day 75; it held accounts that had long to be gone'),
  ('BKP-01', 'bk-recordings-20260801', 'pass', 'in_time', 'Trap: destroyed on day 30 at 23:59:59'),
  ('BKP-01', 'bk-recordings-20260802', 'exception', 'late', 'Destroyed on day 31 at 00:00:00'),
  ('BKP-01', 'bk-main-20260628', 'exception', 'late', 'A base destroyed on day 33'),
  ('BKP-01', 'bk-main-20260629', 'exception', 'base_remains', 'Its base outlived its own last day'),
  ('BKP-01', 'bk-main-20260630', 'exception', 'base_remains', 'Its base outlived its own last day'),
  ('BKP-01', 'bk-helpdesk-20260824', 'exception', 'origin_missing', 'Copied from a backup that is not on record'),
  ('BKP-01', 'bk-helpdesk-20260706', 'exception', 'remains', 'Still there in October'),
  ('BKP-01', 'bk-helpdesk-20260713', 'deferred', 'held', 'Trap: a hold placed before its last day defers, it excuses nothing'),
  ('BKP-01', 'bk-helpdesk-20260720', 'deferred', 'held_over', 'Destroyed on the day on which its hold was released'),
  ('BKP-01', 'bk-helpdesk-20260727', 'unknown', 'hold_unclear', 'Nobody approved the hold that would excuse it'),
  ('BKP-01', 'bk-helpdesk-20260803', 'exception', 'remains', 'A hold placed after its last day cures nothing'),
  ('BKP-01', 'bk-helpdesk-20260810', 'unknown', 'undated', 'Nobody knows when it was taken'),
  ('BKP-01', 'bk-helpdesk-20260817', 'unknown', 'contradiction', 'Destroyed before it was taken'),
  ('IPE-02', path_of('backups.parquet') || ' / reference:backups', 'exception', 'orphan', 'The copy whose original is not on record'),
  ('IPE-02', path_of('backups.parquet') || ' / required', 'exception', 'missing_value', 'The backup without a moment'),
  ('IPE-02', path_of('backups.parquet') || ' / key', 'exception', 'repeated_key', 'The preserved copy that stands twice');

insert into answers
select
  reading.control,
  accounts.account_id || ' / ' || canceled_at::date,
  'exception',
  'late',
  'Held by the backup that lingered until 18 September'
from accounts
join purges using (number)
cross join (values ('BKP-02a', 60), ('BKP-02b', 90)) as reading(control, days)
where accounts.plant is null
  and purges.store_id = 'recordings'
  and purges.purged_at > (select taken_at from backups where backup_id = 'bk-recordings-20260705')
  and accounts.created_at <= (select taken_at from backups where backup_id = 'bk-recordings-20260705')
  and canceled_at::date + days >= date '2026-07-01'
  and canceled_at::date + days < date '2026-09-18';

/* Preserved copies. */
create or replace table planted_copies as
select
  *,
  'P-' || row as legal_request_id,
  'pc-' || row as backup_id,
  (select account_id from customers order by draw('preserved', row || account_id) limit 1) as account_id
from (values
  (11, timestamptz '2026-05-05 15:00:00+00', 'section_2703f', 'complied', timestamptz '2026-08-20 17:00:00+00', 'exception', 'late', 'Destroyed 17 days after the lapse'),
  (12, '2026-06-10 15:00:00+00', 'section_2703f', 'complied', null, 'exception', 'remains', 'Still there after the lapse'),
  (13, '2026-05-12 15:00:00+00', 'section_2703f', 'complied', '2026-07-20 17:00:00+00', 'exception', 'early', 'Destroyed three weeks before the lapse'),
  (14, '2026-04-08 15:00:00+00', 'section_2703f', 'complied', '2026-09-30 17:00:00+00', 'exception', 'late', 'A renewal two days after the lapse revives nothing'),
  (15, '2026-01-25 15:00:00+00', 'section_2703f', 'complied', '2026-07-24 23:59:59+00', 'pass', 'destroyed_in_time', 'Trap: renewed on the last day at 23:59:59'),
  (16, '2026-05-08 15:00:00+00', 'section_2703f', 'complied', null, 'pass', 'process_in_time', 'Trap: a warrant on the day of the lapse'),
  (17, '2026-05-15 15:00:00+00', 'section_2703f', 'complied', null, 'exception', 'remains', 'The warrant that came in time was rejected'),
  (18, '2026-05-16 15:00:00+00', 'section_2703f', 'complied', '2026-08-14 17:00:00+00', 'unknown', 'paper_missing', 'The copy names no request'),
  (19, '2026-05-19 15:00:00+00', 'civil_subpoena', 'complied', '2026-08-17 17:00:00+00', 'unknown', 'undated', 'A civil subpoena that sets no end'),
  (20, '2026-05-18 15:00:00+00', 'section_2703f', 'complied', '2026-05-18 16:00:00+00', 'unknown', 'reversed', 'Destroyed before it was taken'),
  (21, '2026-05-21 15:00:00+00', 'section_2703f', 'complied', '2026-08-19 17:00:00+00', 'unknown', 'repeated', 'Stands twice, in two places'),
  (22, '2026-06-20 15:00:00+00', 'section_2703f', 'withdrawn', '2026-08-01 17:00:00+00', 'pass', 'withdrawn', 'Trap: destroyed early because the request was withdrawn')
) as listed(row, received_at, instrument, status, destroyed_at, outcome, reason, note);

insert into legal_requests by name
with
papers as (
  select legal_request_id, null::varchar as related_legal_request_id, 'preservation' as kind, instrument, status, received_at, row, account_id
  from planted_copies
  union all
  select legal_request_id || '-R', legal_request_id, 'preservation_renewal', instrument, 'complied',
    case row when 14 then timestamptz '2026-07-09 15:00:00+00' else timestamptz '2026-04-25 23:59:59+00' end, row, account_id
  from planted_copies
  where row in (14, 15)
  union all
  select legal_request_id || '-W', legal_request_id, 'data', 'warrant', case row when 17 then 'rejected' else 'complied' end,
    case row when 17 then timestamptz '2026-08-01 15:00:00+00' else timestamptz '2026-08-06 23:30:00+00' end, row, account_id
  from planted_copies
  where row in (16, 17)
  union all
  select 'L-90', null, 'data', 'warrant', 'rejected', timestamptz '2026-07-15 15:00:00+00', 90, planted('desk')
)
select
  papers.* exclude (row),
  'PR-' || (400 + row) as letter_reference,
  case instrument when 'civil_subpoena' then 'Superior Court of California' else 'US Attorney''s Office' end as authority,
  'US' as country,
  case instrument when 'civil_subpoena' then 'civil_party' else 'us_federal' end as authority_kind,
  true as is_properly_served,
  received_at + to_hours(20) as decided_at,
  received_at as valid_from_at,
  received_at::date - 1 as instrument_issued_on,
  ['account_content'] as scope_data_class_ids,
  'emp-0104' as decided_by_person_id,
  'https://counsel.conferencing.example/register/' || legal_request_id as evidence_uri
from papers;

insert into backups by name
select
  backup_id,
  'db-main' as store_id,
  'US' as country,
  's3://conferencing-vault' || case copy when 2 then '-two' else '' end as location,
  'us-east-1' as region,
  'preserved_copy' as kind,
  received_at + to_hours(22) as taken_at,
  destroyed_at,
  received_at - to_hours(1) as newest_record_at,
  'key-vault' as key_id,
  'active' as key_status,
  true as is_encrypted,
  false as is_default_key,
  account_id,
  case when row <> 18 then legal_request_id end as legal_request_id,
  'vault' as kept_in_store_id
from planted_copies
cross join (values (1), (2)) as copies(copy)
where copy = 1 or row = 21;

insert into answers
select 'DIS-09', backup_id, outcome, reason, note from planted_copies;
