/* Faults of the files themselves: lines that can't be read, counts that differ, cells that break the dictionary's rules. */
insert into malformed_lines values
  ('web', timestamptz '2026-08-06 11:20:00+00', '10.20.2.13 - - [06/Aug/2026:11:20:00 +0000] "POST /session HT'),
  ('web', timestamptz '2026-08-06 11:21:00+00', 'worker process ' || chr(0) || chr(0) || ' exited on signal 9'),
  ('web', timestamptz '2026-08-06 11:22:00+00', '10.20.2.13 - - [36/Aug/2026:11:22:00 +0000] "POST /session HTTP/2.0" 302 512 "-" "-" "-" "-"'),
  ('bastion', timestamptz '2026-07-21 10:02:00+00', '2026-07-21T10:02:00.000000+00:00 bastion-1 sshd[2210]: Accepted publickey for');

create or replace macro log_item(provider, name) as format('access_events/{}/inputs/{}/{}', provider, provider, name);
insert into attestations by name
select
  'at-IPE-01-bastion' as attestation_id,
  'IPE-01' as control_id,
  'The line was cut off when the disk of bastion-1 was full on 21 July. The session is in the cloud audit trail.' as statement,
  'Security Engineer' as signer_title,
  log_item('bastion', 'auth.log-202607') as item,
  'explanation' as kind,
  'holds' as status,
  'emp-0138' as signed_by_person_id,
  'other' as signer_role,
  timestamptz '2026-07-30 14:00:00+00' as signed_at,
  'https://help.conferencing.example/incidents/disk-full' as evidence_uri;

insert into file_faults values
  ('tables', 'disclosures.csv', 2, false, null),
  ('tables', 'vendors.csv', 0, true, null),
  ('tables', 'documents.csv', 0, false, timestamptz '2026-09-20 06:00:00+00');

insert into consents by name
select 'c-planted-fax' as consent_id, planted('desk') as account_id, planted_owner('desk') as given_by_person_id, 'marketing_email' as purpose,
  'granted' as choice, timestamptz '2026-07-30 15:00:00+00' as given_at, 'fax' as method;

insert into answers values
  ('IPE-01', log_item('web', 'access-2026-08.log'), 'exception', 'unexplained_rejects', 'Three lines that can''t be read'),
  ('IPE-01', log_item('bastion', 'auth.log-202607'), 'pass', 'reconciled', 'Trap: a line that can''t be read, and somebody explained it'),
  ('IPE-01', path_of('disclosures.csv'), 'exception', 'total_differs', 'The producer states two records more'),
  ('IPE-01', path_of('vendors.csv'), 'manual', 'no_control_total', 'The producer states no count'),
  ('IPE-01', path_of('documents.csv'), 'exception', 'extracted_early', 'Drawn ten days before the quarter ended'),
  ('IPE-02', path_of('consents.csv') || ' / code', 'unknown', 'unknown_code', 'Consent by fax');
