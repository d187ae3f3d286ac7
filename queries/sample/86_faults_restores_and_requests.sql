/*
Faults of restores, of the encryption of copies, of preservation requests, notices and disclosures. Each kind of row comes in a file of its own
beside the company's, as from a second system. Restores are of the help desk's exports, from which nothing else was purged.
*/
create or replace table planted_restores as
select
  *,
  'emp-0127' as requested_by_person_id
from (values
  ('re-91', 'bk-helpdesk-20260831', null::varchar, 'recovery', timestamptz '2026-09-03 13:00:00+00', timestamptz '2026-09-03 14:00:00+00', null::timestamptz),
  ('re-92', 'bk-helpdesk-20260831', null, 'test', '2026-09-10 13:00:00+00', '2026-09-10 14:00:00+00', '2026-09-11 13:00:00+00'),
  ('re-93', 'bk-helpdesk-20260907', planted('desk'), 'commercial', '2026-09-09 11:00:00+00', '2026-09-09 12:00:00+00', '2026-09-09 17:00:00+00'),
  ('re-94', 'bk-helpdesk-20260810', null, 'test', '2026-08-12 09:00:00+00', '2026-08-12 10:00:00+00', '2026-08-12 17:00:00+00'),
  ('re-95', 'bk-helpdesk-20260907', null, 'test', '2026-09-11 13:00:00+00', '2026-09-11 12:00:00+00', null),
  ('re-96', 'bk-helpdesk-20260907', null, 'test', null, null, null),
  ('re-97', 'bk-recordings-20260905', null, 'maintenance', '2026-09-05 02:00:00+00', '2026-09-05 02:30:00+00', null),
  ('re-98', 'bk-helpdesk-20260629', null, 'test', '2026-07-15 13:00:00+00', '2026-07-15 14:00:00+00', null)
) as listed(restore_id, backup_id, account_id, purpose, started_at, ended_at, target_destroyed_at);
create or replace view "restores.operations.csv" as
select *, 'restore-test' as target_store_id from planted_restores order by restore_id;

create or replace table repeated_purges as
select
  'pu-re-' || row as purge_id,
  store_id,
  planted(plant) as account_id,
  case when restore_id is null then 'retention_rule' else 'restore' end as reason,
  method,
  restore_id,
  purged_at,
  rows_before,
  rows_remaining
from (values
  (1, 'guess', 'help-desk', null::varchar, 'erase', timestamptz '2026-09-02 10:00:00+00', 12, 0),
  (2, 'guess few', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 5, 0),
  (3, 'guess slow', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 7, 0),
  (4, 'guess unclear', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 9, 0),
  (5, 'travel far', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 4, 0),
  (6, 'travel near', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 6, 0),
  (7, 'exit one', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 3, 0),
  (7, 'exit one', 'help-desk', null, 'erase', '2026-09-02 10:00:00+00', 5, 0),
  (8, 'desk', 'help-desk', null, 'erase', '2026-09-08 10:00:00+00', 8, 0),
  (9, 'travel shared', 'recordings', null, 'erase', null, 8, 0),
  (10, 'sign-up missing', 'help-desk', null, 'erase', '2026-07-14 10:00:00+00', 2, 0),
  (11, 'guess', 'restore-test', 're-91', 'erase', '2026-09-04 13:00:00+00', 12, 0),
  (12, 'guess few', 'restore-test', 're-91', 'erase', '2026-09-04 13:00:01+00', 5, 0),
  (13, 'guess unclear', 'restore-test', 're-91', 'erase', '2026-09-04 09:00:00+00', 9, 2),
  (14, 'travel far', 'restore-test', 're-91', 'erase', '2026-09-04 09:00:00+00', 4, null),
  (15, 'travel near', 'restore-test', 're-91', 'deidentify', '2026-09-04 09:00:00+00', 6, 0)
) as listed(row, plant, store_id, restore_id, method, purged_at, rows_before, rows_remaining);
create or replace view "purges.restores.csv" as
select *, purged_at + to_seconds(45) as recounted_at from repeated_purges order by purged_at, purge_id, rows_before;

insert into answers values
  ('BKP-03', 're-91 / ' || planted('guess'), 'pass', 'purged_again', 'Trap: purged again in the last second of the 24 hours'),
  ('BKP-03', 're-91 / ' || planted('guess few'), 'exception', 'late', 'Purged again a second after the 24 hours'),
  ('BKP-03', 're-91 / ' || planted('guess slow'), 'exception', 'remains', 'Never purged again'),
  ('BKP-03', 're-91 / ' || planted('guess unclear'), 'exception', 'residue', 'Two rows remained'),
  ('BKP-03', 're-91 / ' || planted('travel far'), 'unknown', 'not_counted', 'Nobody counted what remained'),
  ('BKP-03', 're-91 / ' || planted('travel near'), 'manual', 'not_erased', 'Rows were deidentified'),
  ('BKP-03', 're-91 / ' || planted('exit one'), 'unknown', 'contradiction', 'The purge that the restore undid stands twice'),
  ('BKP-03', 're-92 / ' || planted('exit one'), 'unknown', 'contradiction', 'The purge that the restore undid stands twice'),
  ('BKP-03', 're-92 / ' || planted('guess slow'), 'pass', 'destroyed', 'Trap: restored into a test system, which was destroyed in the last second of the 24 hours'),
  ('BKP-03', 're-93 / ' || planted('desk'), 'exception', 'single_account', 'The account alone was restored the day after its purge, though destroyed again'),
  ('BKP-03', 're-94', 'unknown', 'backup_unknown', 'Nobody knows when the data of its backup were taken'),
  ('BKP-03', 're-95', 'unknown', 'contradiction', 'Ended before it began'),
  ('BKP-03', 're-96', 'unknown', 'undated', 'Nobody knows when it began'),
  ('BKP-03', 're-97 / ' || planted('travel shared'), 'unknown', 'undated', 'Nobody knows when the account was purged'),
  ('BKP-03', 're-98', 'pass', 'nobody', 'Trap: the account purged in between is younger than the backup'),
  ('RET-06a', 'pu-re-7', 'unknown', 'contradiction', 'Stands twice, with different counts'),
  ('RET-06a', 'pu-re-9', 'unknown', 'undated', 'Nobody knows when it was made'),
  ('RET-06a', 'pu-re-14', 'exception', 'not_recounted', 'Nobody counted what remained'),
  ('IPE-02', path_of('restores.operations.csv') || ' / required', 'exception', 'missing_value', 'The restore without a moment'),
  ('IPE-02', path_of('purges.restores.csv') || ' / required', 'exception', 'missing_value', 'The purge without a moment'),
  ('IPE-02', path_of('purges.restores.csv') || ' / key', 'exception', 'repeated_key', 'The purge that stands twice');

/* Preservation requests of the quarter, with what became of them: copy, gag, notice. */
create or replace table planted_papers as
select
  *,
  'P-' || row as legal_request_id,
  planted(case row % 3 when 0 then 'desk' when 1 then 'witness' else 'exit one' end) as account_id
from (values
  (31, 'section_2703f', null::boolean, 'us_federal', 'complied', timestamptz '2026-07-08 15:00:00+00', timestamptz '2026-07-08 15:00:00+00', timestamptz '2026-07-15 23:59:59+00'),
  (32, 'none', null, 'us_local', 'complied', '2026-07-10 15:00:00+00', '2026-07-10 14:00:00+00', '2026-07-18 00:00:00+00'),
  (33, 'warrant', true, 'us_federal', 'complied', '2026-07-14 15:00:00+00', '2026-07-14 14:00:00+00', null),
  (34, 'civil_subpoena', false, 'civil_party', 'complied', '2026-07-16 15:00:00+00', '2026-07-16 14:00:00+00', '2026-07-18 10:00:00+00'),
  (35, 'section_2703f', null, 'us_state', 'complied', '2026-07-20 15:00:00+00', '2026-08-02 11:00:00+00', null),
  (36, 'california_hold', null, 'us_state', 'complied', '2026-07-22 15:00:00+00', '2026-07-22 14:00:00+00', '2026-07-24 10:00:00+00'),
  (37, 'civil_subpoena', null, 'civil_party', 'complied', '2026-07-24 15:00:00+00', '2026-07-24 14:00:00+00', null),
  (38, 'section_2703f', null, 'us_federal', 'complied', '2026-07-27 15:00:00+00', null, '2026-08-17 23:59:59+00'),
  (39, 'none', null, 'us_local', 'rejected', '2026-07-28 15:00:00+00', null, null),
  (40, 'section_2703f', null, 'us_federal', 'withdrawn', '2026-07-29 15:00:00+00', null, null),
  (41, 'section_2703f', null, 'us_federal', 'complied', '2026-07-30 15:00:00+00', '2026-07-30 14:00:00+00', null),
  (42, 'section_2703f', null, 'us_federal', 'complied', null, null, null),
  (43, 'section_2703f', null, 'us_federal', 'complied', '2026-08-04 15:00:00+00', null, '2026-08-06 10:00:00+00'),
  (43, 'section_2703f', null, 'us_federal', 'rejected', '2026-08-04 16:00:00+00', null, null)
) as listed(row, instrument, is_properly_served, authority_kind, status, received_at, newest_record_at, told_at);

create or replace view "legal_requests.counsel.csv" as
with
papers as (
  select
    legal_request_id, null::varchar as related_legal_request_id, 'preservation' as kind, null::varchar as legal_basis, authority_kind, instrument,
    is_properly_served, status, received_at, received_at as valid_from_at, null::timestamptz as valid_to_at, null::varchar as counsel_note_uri, row, account_id
  from planted_papers
  union all
  select
    'P-' || row || suffix, 'P-' || row, kind, legal_basis, 'us_federal', instrument, true, 'complied', came_at, came_at, ended_at, note,
    row, (select any_value(account_id) from planted_papers as paper where paper.row = added.row)
  from (values
    (35, '-G', 'nondisclosure_order', '18_usc_2705_b', 'none', timestamptz '2026-07-23 15:00:00+00', null::timestamptz, null::varchar),
    (37, '-G', 'nondisclosure_order', 'none', 'none', '2026-07-25 15:00:00+00', null, null),
    (38, '-G', 'nondisclosure_order', '18_usc_2705_b', 'none', '2026-07-28 15:00:00+00', '2026-08-10 12:00:00+00', null),
    (41, '-G', 'nondisclosure_order', 'other_statute', 'none', '2026-08-12 15:00:00+00', '2026-08-11 15:00:00+00', null),
    (31, '-O', 'data', null, 'court_order', '2026-08-20 15:00:00+00', null, null),
    (35, '-O', 'data', null, 'court_order', '2026-08-20 15:00:00+00', null, 'https://counsel.conferencing.example/notes/P-35-O')
  ) as added(row, suffix, kind, legal_basis, instrument, came_at, ended_at, note)
)
select
  * exclude (row),
  'PR-' || (600 + row) as letter_reference,
  case authority_kind when 'civil_party' then 'Superior Court of California' when 'us_local' then 'Police department' else 'US Attorney''s Office' end as authority,
  'US' as country,
  case when instrument = 'civil_subpoena' then date '2026-12-01' end as preserve_until_on,
  'emp-0104' as decided_by_person_id
from papers
order by legal_request_id, received_at;

create or replace view "notices.counsel.csv" as
select
  'no-' || legal_request_id as notice_id,
  account_id,
  'preservation' as kind,
  legal_request_id,
  'email' as channel,
  told_at as sent_at,
  case when row = 34 then told_at + to_seconds(20) end as bounced_at
from planted_papers
where told_at is not null
order by notice_id;

create or replace table planted_backups as
select
  'pc-' || row as backup_id,
  'db-main' as store_id,
  'preserved_copy' as kind,
  received_at + to_hours(22) as taken_at,
  null::timestamptz as destroyed_at,
  newest_record_at,
  null::varchar as job_id,
  'key-vault' as key_id,
  case when row = 36 then 'pending_deletion' else 'active' end as key_status,
  true as is_encrypted,
  false as is_default_key,
  account_id,
  legal_request_id,
  'vault' as kept_in_store_id
from planted_papers
where row not in (39, 40, 42, 43)
union all by name
select
  backup_id,
  'help-desk' as store_id,
  kind,
  timestamptz '2026-08-05 10:00:00+00' as taken_at,
  timestamptz '2026-08-26 10:00:00+00' as destroyed_at,
  job_id,
  'key-help-desk' as key_id,
  key_status,
  is_encrypted,
  is_default_key
from (values
  ('hd-1', 'export', 'export-help-desk', 'active', false, false),
  ('hd-2', 'export', 'export-help-desk', 'active', null, false),
  ('hd-3', 'export', 'export-help-desk', 'active', true, true),
  ('hd-4', 'dump', null, 'active', true, false),
  ('hd-5', 'dump', 'export-help-desk', 'active', true, false),
  ('hd-6', 'manual', 'export-help-desk', null, true, false)
) as copies(backup_id, kind, job_id, key_status, is_encrypted, is_default_key);
create or replace view "backups.by_hand.csv" as
select *, 'US' as country, 's3://conferencing-by-hand' as location from planted_backups order by backup_id;
update waivers set cause = 'key-vault' where waiver_id = 'w-1';    -- it speaks of the vault's key alone

create or replace view "disclosures.vault.csv" as
select
  'di-v-' || row as disclosure_id,
  'US District Court' as recipient,
  legal_request_id,
  (select any_value(account_id) from backups where backups.backup_id = listed.backup_id) as account_id,
  backup_id,
  'data' as kind,
  '[account_content]' as data_class_ids,
  disclosed_at
from (values
  (1, 'pc-5', 'P-5-W', timestamptz '2026-07-30 16:00:00+00'),
  (2, 'pc-5', null, '2026-07-30 15:59:59+00'),
  (3, 'pc-17', null, '2026-08-05 15:00:00+00'),
  (4, 'pc-12', 'P-12', '2026-08-10 15:00:00+00'),
  (5, 'pc-31', 'P-31-O', '2026-08-25 15:00:00+00'),
  (6, 'pc-35', null, '2026-08-25 15:00:00+00'),
  (7, 'pc-21', null, '2026-08-12 15:00:00+00'),
  (8, 'pc-16', 'P-16-W', null),
  (9, 'pc-16', 'P-16-W', '2026-08-13 15:00:00+00'),
  (9, 'pc-16', 'P-16-W', '2026-08-14 15:00:00+00'),
  (10, 'pc-16', 'P-16-X', '2026-08-15 15:00:00+00')
) as listed(row, backup_id, legal_request_id, disclosed_at)
order by disclosure_id, disclosed_at;

insert into answers values
  ('DIS-06', 'P-31', 'pass', 'compelled', 'Trap: its newest record is of the very second of the receipt'),
  ('DIS-06', 'P-32', 'exception', 'not_compelled', 'A mere letter'),
  ('DIS-06', 'P-33', 'exception', 'not_compelled', 'A warrant compels disclosure, not preservation'),
  ('DIS-06', 'P-34', 'exception', 'badly_served', 'A civil subpoena that was not properly served'),
  ('DIS-06', 'P-35', 'exception', 'grown', 'Holds records of August'),
  ('DIS-06', 'P-36', 'exception', 'california_hold', 'Lawful, but not named in the policy'),
  ('DIS-06', 'P-37', 'unknown', 'paper_unclear', 'Nobody knows whether the civil subpoena was properly served'),
  ('DIS-06', 'P-38', 'unknown', 'growth_unknown', 'Nobody knows its newest record'),
  ('DIS-06', 'P-39', 'pass', 'no_copy', 'Trap: a mere letter, refused'),
  ('DIS-06', 'P-42', 'unknown', 'undated', 'Nobody knows when it was received'),
  ('DIS-06', 'P-43', 'unknown', 'contradiction', 'Stands twice, with different states'),
  ('DIS-06', 'no request / pc-18', 'unknown', 'paper_missing', 'The copy names no request'),
  ('DIS-07', 'P-31', 'pass', 'told', 'Trap: told on day 7 at 23:59:59'),
  ('DIS-07', 'P-32', 'exception', 'late', 'Told on day 8 at 00:00:00'),
  ('DIS-07', 'P-33', 'exception', 'not_told', 'Nobody told the customer'),
  ('DIS-07', 'P-34', 'exception', 'bounced', 'The notice came back'),
  ('DIS-07', 'P-35', 'deferred', 'gagged', 'Trap: a court order without end forbids it'),
  ('DIS-07', 'P-37', 'exception', 'not_told', 'The wish that nobody be told has no law behind it'),
  ('DIS-07', 'P-38', 'pass', 'told_after_gag', 'Trap: told on the last of the seven days after the gag ended'),
  ('DIS-07', 'P-40', 'manual', 'withdrawn', 'Withdrawn, and the customer was not told'),
  ('DIS-07', 'P-41', 'unknown', 'gag_unclear', 'The order that would excuse it ends before it starts'),
  ('DIS-07', 'P-42', 'unknown', 'undated', 'Nobody knows when it was received'),
  ('DIS-07', 'P-43', 'unknown', 'contradiction', 'Stands twice, with different states'),
  ('DIS-08', 'di-v-1', 'pass', 'compelled', 'Trap: shared in the very second in which the warrant came'),
  ('DIS-08', 'di-v-2', 'exception', 'before_process', 'Shared a second before the warrant came'),
  ('DIS-08', 'di-v-3', 'exception', 'not_compelling', 'The warrant was rejected'),
  ('DIS-08', 'di-v-4', 'exception', 'no_process', 'Nothing but the preservation request'),
  ('DIS-08', 'di-v-5', 'exception', 'no_counsel_note', 'A court order, and no word why it was not appealed'),
  ('DIS-08', 'di-v-6', 'pass', 'compelled', 'Trap: a court order with counsel''s note, found by the preservation'),
  ('DIS-08', 'di-v-7', 'unknown', 'copy_unclear', 'The copy stands twice'),
  ('DIS-08', 'di-v-8', 'unknown', 'undated', 'Nobody knows when the data were shared'),
  ('DIS-08', 'di-v-9', 'unknown', 'contradiction', 'Stands twice, with different moments'),
  ('DIS-08', 'di-v-10', 'unknown', 'paper_unclear', 'Cites a paper that is not on record'),
  ('SEC-02', 'hd-1', 'exception', 'not_encrypted', 'Not encrypted'),
  ('SEC-02', 'hd-2', 'exception', 'not_said', 'Nobody says whether it is encrypted'),
  ('SEC-02', 'hd-3', 'exception', 'default_key', 'Encrypted with a default key'),
  ('SEC-02', 'hd-4', 'exception', 'off_schedule', 'A dump that no job made'),
  ('SEC-02', 'hd-5', 'pass', 'encrypted', 'Trap: a dump, but made by a job'),
  ('SEC-02', 'hd-6', 'unknown', 'key_unclear', 'Nobody knows whether its key is active'),
  ('SEC-02', 'pc-36', 'exception', 'key_not_active', 'Its key is about to be deleted; a waiver covers the vault''s key'),
  ('SEC-02', 'pc-31', 'pass', 'encrypted', 'Trap: a preserved copy needs no job'),
  ('SEC-02', 'bk-helpdesk-20260810', 'unknown', 'undated', 'Nobody knows when it was taken'),
  ('SEC-02', 'bk-helpdesk-20260817', 'unknown', 'contradiction', 'Destroyed before it was taken'),
  ('IPE-02', path_of('legal_requests.counsel.csv') || ' / required', 'exception', 'missing_value', 'The request without a moment'),
  ('IPE-02', path_of('legal_requests.counsel.csv') || ' / key', 'exception', 'repeated_key', 'The request that stands twice'),
  ('IPE-02', path_of('disclosures.vault.csv') || ' / required', 'exception', 'missing_value', 'The disclosure without a moment'),
  ('IPE-02', path_of('disclosures.vault.csv') || ' / key', 'exception', 'repeated_key', 'The disclosure that stands twice'),
  ('IPE-02', path_of('disclosures.vault.csv') || ' / reference:legal_requests', 'exception', 'orphan', 'The disclosure whose paper is not on record');
