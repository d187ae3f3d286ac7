/*
Faults of staff access. Each planted access has a ticket, consent and grant of its own, all in order; then one thing
is put wrong. So each is one entry of one control, unless the note says what else it is.
*/
create or replace table planted_accesses as
select
  *,
  timestamptz '2026-07-06 15:00:00+00' + to_days((row - 1)::integer) + seconds(3000 * fraction('planted access', name)) as seen_at,
  'T-' || (90000 + row) as case_id,
  'c-' || token('planted consent', name)[:10] as consent_id,
  'g-' || token('planted grant', name)[:10] as grant_id,
  'sa-' || token('planted look', name) as event_id
from (values
  (1, 'no basis', 'ACC-01', 'exception', 'no_basis', 'Nothing permits it'),
  (2, 'before grant', 'ACC-01', 'exception', 'before_grant', 'Two minutes before the grant begins'),
  (3, 'after expiry', 'ACC-01', 'exception', 'after_expiry', 'In the very moment in which the grant ends'),
  (4, 'last moment', 'ACC-01', 'pass', 'fits', 'Trap: one second before the grant ends'),
  (5, 'after revocation', 'ACC-01', 'exception', 'after_revocation', 'A minute after the grant was revoked'),
  (6, 'other action', 'ACC-01', 'exception', 'other_action', 'Content, where the grant allows metadata only'),
  (7, 'self approved', 'ACC-01', 'exception', 'self_approved', 'Approved by who uses it'),
  (8, 'approved late', 'ACC-01', 'exception', 'approved_late', 'Approved an hour after the access'),
  (9, 'other person', 'ACC-01', 'exception', 'other_person', 'A colleague''s grant'),
  (10, 'other account', 'ACC-01', 'exception', 'other_account', 'A grant for another account'),
  (11, 'shared login', 'ACC-01', 'exception', 'shared_login', 'The login of the whole night shift'),
  (12, 'service by hand', 'ACC-01', 'exception', 'service_by_hand', 'A service account, with a browser'),
  (13, 'break-glass in time', 'ACC-01', 'exception', 'break_glass_in_time', 'Approved within a day; a waiver covers it'),
  (14, 'break-glass late', 'ACC-01', 'exception', 'break_glass_late', 'Approved after two days'),
  (15, 'break-glass unapproved', 'ACC-01', 'exception', 'break_glass_unapproved', 'Never approved'),
  (16, 'paper fails', 'ACC-01', 'exception', 'paper_fails', 'The authority''s paper was rejected'),
  (17, 'paper missing', 'ACC-01', 'unknown', 'paper_missing', 'No paper is named'),
  (18, 'account unnamed', 'ACC-01', 'unknown', 'account_unnamed', 'A database shell that names no account'),
  (19, 'grant missing', 'ACC-01', 'unknown', 'grant_missing', 'Cites a grant that nobody knows'),
  (20, 'grant unclear', 'ACC-01', 'unknown', 'grant_unclear', 'The grant stands twice, with different ends'),
  (21, 'grant incomplete', 'ACC-01', 'unknown', 'grant_incomplete', 'The grant has no basis'),
  (22, 'login unknown', 'ACC-01', 'unknown', 'login_unknown', 'A login in no register'),
  (23, 'login of several', 'ACC-01', 'unknown', 'login_of_several', 'A login that two people hold'),
  (24, 'not support', 'ACC-02', 'exception', 'not_support', 'The case is an incident'),
  (25, 'ticket of another', 'ACC-02', 'exception', 'ticket_of_another', 'The ticket is another account''s'),
  (26, 'before ticket', 'ACC-02', 'exception', 'before_ticket', 'The ticket was opened a minute later'),
  (27, 'after ticket', 'ACC-02', 'exception', 'after_ticket', 'In the very second in which the ticket was closed'),
  (28, 'not granted', 'ACC-02', 'exception', 'not_granted', 'The owner said no'),
  (29, 'other purpose', 'ACC-02', 'exception', 'other_purpose', 'The consent is to marketing'),
  (30, 'other ticket', 'ACC-02', 'exception', 'other_ticket', 'The consent was given for another ticket'),
  (31, 'other customer', 'ACC-02', 'exception', 'other_customer', 'The consent is another account''s'),
  (32, 'consent late', 'ACC-02', 'exception', 'consent_late', 'The consent came a second after the access'),
  (33, 'consent just in time', 'ACC-02', 'pass', 'consented', 'Trap: the consent came one second before the access'),
  (34, 'consent withdrawn', 'ACC-02', 'exception', 'consent_withdrawn', 'In the very second in which the consent was withdrawn'),
  (35, 'weak method', 'ACC-02', 'exception', 'weak_method', 'Ticked in advance'),
  (36, 'no evidence', 'ACC-02', 'exception', 'no_evidence', 'A reply by e-mail that nobody kept'),
  (37, 'giver not entitled', 'ACC-02', 'exception', 'giver_not_entitled', 'A member of another account consented'),
  (38, 'consent missing', 'ACC-02', 'unknown', 'consent_missing', 'The grant names no consent'),
  (39, 'ticket missing', 'ACC-02', 'unknown', 'ticket_missing', 'The grant names no ticket'),
  (40, 'giver unnamed', 'ACC-02', 'unknown', 'giver_unnamed', 'Nobody is named who consented'),
  (41, 'facts missing', 'ACC-02', 'unknown', 'facts_missing', 'The consent does not say what was chosen')
) as listed(row, name, control, outcome, reason, note);

create or replace table planted_cases as
select
  case_id,
  'support' as kind,
  planted('desk') as account_id,
  planted_owner('desk') as opened_by_person_id,
  seen_at - to_hours(2) as opened_at,
  seen_at - to_minutes(50) as first_responded_at,
  seen_at + to_hours(6) as closed_at,
  name
from planted_accesses
where name not in ('no basis', 'shared login', 'service by hand', 'grant missing', 'login unknown', 'login of several', 'other account',
  'paper fails', 'paper missing', 'account unnamed', 'break-glass in time', 'break-glass late', 'break-glass unapproved');

update planted_cases set account_id = planted('desk 2') where name = 'ticket of another';
update planted_cases set opened_at = seen_at + to_minutes(1) from planted_accesses as access where access.case_id = planted_cases.case_id and access.name = 'before ticket';
update planted_cases set closed_at = date_trunc('second', seen_at) from planted_accesses as access where access.case_id = planted_cases.case_id and access.name = 'after ticket';
update planted_cases set kind = 'incident', account_id = null, opened_by_person_id = null where name = 'not support';

insert into cases by name
select case_id, kind, account_id, opened_by_person_id, opened_at, first_responded_at, closed_at from planted_cases;

create or replace table planted_consents as
select
  name,
  consent_id,
  planted('desk') as account_id,
  planted_owner('desk') as given_by_person_id,
  'support_access' as purpose,
  'granted' as choice,
  seen_at - to_minutes(30) as given_at,
  null::timestamptz as withdrawn_at,
  'click' as method,
  case_id,
  null::varchar as evidence_uri,
  seen_at
from planted_accesses
where case_id in (select case_id from planted_cases) and name not in ('consent missing');

update planted_consents set choice = 'denied' where name = 'not granted';
update planted_consents set purpose = 'marketing_email' where name = 'other purpose';
update planted_consents set case_id = (select case_id from planted_accesses where name = 'before grant') where name = 'other ticket';
update planted_consents set account_id = planted('desk 2') where name = 'other customer';
update planted_consents set given_at = seen_at + to_seconds(1) where name = 'consent late';
update planted_consents set given_at = seen_at - to_seconds(1) where name = 'consent just in time';
update planted_consents set withdrawn_at = date_trunc('second', seen_at) where name = 'consent withdrawn';
update planted_consents set method = 'pre_ticked' where name = 'weak method';
update planted_consents set method = 'email_reply' where name = 'no evidence';
update planted_consents set given_by_person_id = planted_owner('desk 2') where name = 'giver not entitled';
update planted_consents set given_by_person_id = null where name = 'giver unnamed';
update planted_consents set choice = null where name = 'facts missing';

insert into consents by name
select consent_id, account_id, given_by_person_id, purpose, choice, given_at, given_at as applied_at, withdrawn_at, method, case_id, evidence_uri
from planted_consents;

create or replace table planted_grants as
select
  name,
  seen_at,
  grant_id,
  case when row % 2 = 0 then 'emp-0109' else 'emp-0113' end as person_id,
  planted('desk') as account_id,
  'support_consent' as basis,
  case when name in (select name from planted_cases) and name <> 'ticket missing' then case_id end as case_id,
  case when name in (select name from planted_consents) then consent_id end as consent_id,
  null::varchar as legal_request_id,
  null::varchar[] as actions,
  case when row % 2 = 0 then 'emp-0109' else 'emp-0113' end as requested_by_person_id,
  'emp-0107' as granted_by_person_id,
  'emp-0107' as approved_by_person_id,
  seen_at - to_minutes(20) as valid_from_at,
  seen_at + to_hours(7) as valid_to_at,
  seen_at - to_minutes(25) as requested_at,
  seen_at - to_minutes(20) as approved_at,
  null::timestamptz as revoked_at,
  false as is_break_glass
from planted_accesses
where name not in ('no basis', 'shared login', 'service by hand', 'grant missing', 'login unknown', 'login of several');

update planted_grants set valid_from_at = seen_at + to_minutes(2) where name = 'before grant';
update planted_grants set valid_to_at = seen_at where name = 'after expiry';
update planted_grants set valid_to_at = seen_at + to_seconds(1) where name = 'last moment';
update planted_grants set revoked_at = seen_at - to_minutes(1) where name = 'after revocation';
update planted_grants set actions = ['view_metadata'] where name = 'other action';
update planted_grants set approved_by_person_id = person_id where name = 'self approved';
update planted_grants set approved_at = seen_at + to_hours(1) where name = 'approved late';
update planted_grants set person_id = 'emp-0110', requested_by_person_id = 'emp-0110' where name = 'other person';
update planted_grants set basis = 'abuse_investigation', case_id = 'A-501' where name in ('other account', 'account unnamed');
update planted_grants set account_id = planted('desk 2') where name = 'other account';
update planted_grants set basis = 'service_error', case_id = 'I-101', is_break_glass = true where name like 'break-glass %';
update planted_grants set approved_at = seen_at + to_hours(5) where name = 'break-glass in time';
update planted_grants set approved_at = seen_at + to_hours(48) where name = 'break-glass late';
update planted_grants set approved_at = null, approved_by_person_id = null where name = 'break-glass unapproved';
update planted_grants set basis = 'legal_requirement' where name like 'paper %';
update planted_grants set legal_request_id = 'L-90' where name = 'paper fails';
update planted_grants set basis = null where name = 'grant incomplete';

insert into access_grants by name
select * exclude (name, seen_at) from planted_grants
union all by name
select * exclude (name, seen_at, valid_to_at), valid_to_at + to_hours(24) as valid_to_at from planted_grants where name = 'grant unclear';

insert into support_events by name
select
  access.event_id,
  access.seen_at as event_time,
  case when row % 2 = 0 then 'emp-0109' else 'emp-0113' end as person_id,
  colleagues.login as actor,
  'console' as tool,
  'view_content' as action,
  planted(case access.name when 'no basis' then 'desk 2' else 'desk' end) as account,
  1 + pick('planted rows', access.name, 60) as rows,
  case when access.name in ('no basis', 'shared login', 'service by hand', 'login unknown', 'login of several') then null else access.grant_id end as grant_id,
  'ticket ' || access.case_id as reason,
  'sid-' || token('planted session', access.name)[:12] as sid,
  colleagues.home_address as ip,
  colleagues.agent,
  'success' as result,
  'staff' as kind,
  0 as skipped_numbers,
  false as is_unnumbered
from planted_accesses as access
join colleagues on colleagues.person_id = case when row % 2 = 0 then 'emp-0109' else 'emp-0113' end;

update support_events set actor = 'nightshift@conferencing.example' where event_id = (select event_id from planted_accesses where name = 'shared login');
update support_events set actor = 'svc-deploy' where event_id = (select event_id from planted_accesses where name = 'service by hand');
update support_events set actor = 'temp.worker@conferencing.example' where event_id = (select event_id from planted_accesses where name = 'login unknown');
update support_events set actor = 'frontline@conferencing.example' where event_id = (select event_id from planted_accesses where name = 'login of several');
update support_events set tool = 'db-shell', action = 'run_query', account = null where event_id = (select event_id from planted_accesses where name = 'account unnamed');

insert into answers
select control, event_id, outcome, reason, note from planted_accesses;

insert into answers values
  ('ACC-02', (select event_id from planted_accesses where name = 'grant unclear'), 'unknown', 'grant_unclear', 'The grant stands twice, with different ends'),
  ('IPE-02', 'access_events/support/inputs/support/staff_access-2026-07.jsonl / reference:access_grants', 'exception', 'orphan', 'The access that cites a grant that nobody knows'),
  ('IPE-02', 'temp.worker@conferencing.example', 'unknown', 'not_in_people', 'The login of the access by a login in no register'),
  ('IPE-02', path_of('access_grants.parquet') || ' / key', 'exception', 'repeated_key', 'The grant that stands twice'),
  ('IPE-02', path_of('access_grants.parquet') || ' / required', 'exception', 'missing_value', 'The grant without a basis'),
  ('IPE-02', path_of('consents.csv') || ' / required', 'exception', 'missing_value', 'The consent without a choice');
