/* One fault and one trap for each control of 68: accesses that are in order but for the incident, the case or the country behind them. */
create or replace table control_accesses as
select *, uuid_of('control access', row) as key
from (values
  (1, 'emp-0109', timestamptz '2026-09-02 15:00:00+00', 'service_error', 'I-911', null),
  (2, 'emp-0109', '2026-09-03 15:00:00+00', 'service_error', 'I-912', null),
  (3, 'emp-0109', '2026-09-08 15:00:00+00', 'abuse_investigation', 'A-911', null),
  (4, 'emp-0109', '2026-09-09 15:00:00+00', 'abuse_investigation', 'A-912', null),
  (5, 'emp-0109', '2026-09-10 15:00:00+00', 'service_error', 'I-913', address('177.32', 4, 'rio')),
  (6, 'emp-0113', '2026-09-11 10:00:00+00', 'service_error', 'I-914', null)
) as listed(row, person_id, seen_at, basis, case_id, elsewhere);

insert into cases by name
select
  case_id,
  kind,
  case when kind = 'abuse' then planted('desk') end as account_id,
  opened_at,
  closed_at,
  case when kind = 'incident' then 'calendar sync' end as process,
  case when kind = 'incident' then 'https://wiki.conferencing.example/root-causes/' || case_id end as root_cause_uri,
  case when kind = 'incident' then closed_at + to_days(3) end as root_cause_recorded_at,
  case when kind = 'abuse' then steps end as steps_before_access,
  outcome,
  reported_at,
  case when reported_at is not null then 'State Attorney General' end as reported_to
from (values
  ('I-911', 'incident', timestamptz '2026-09-02 15:30:00+00', timestamptz '2026-09-02 18:00:00+00', null::varchar[], null, null::timestamptz),
  ('I-912', 'incident', '2026-09-03 08:00:00+00', '2026-09-03 12:00:00+00', null, null, null),
  ('I-913', 'incident', '2026-09-10 12:00:00+00', '2026-09-10 20:00:00+00', null, null, null),
  ('I-914', 'incident', '2026-09-11 08:00:00+00', '2026-09-11 18:00:00+00', null, null, null),
  ('A-911', 'abuse', '2026-09-08 12:00:00+00', '2026-09-18 12:00:00+00', [], 'not_confirmed', null),
  ('A-912', 'abuse', '2026-09-09 12:00:00+00', '2026-09-19 12:00:00+00', ['asked the account owner'], 'not_confirmed', null),
  ('A-913', 'abuse', '2026-08-20 12:00:00+00', '2026-09-01 12:00:00+00', ['asked the account owner'], 'restricted_use_confirmed', null),
  ('A-914', 'abuse', '2026-08-21 12:00:00+00', '2026-09-02 12:00:00+00', ['asked the account owner'], 'restricted_use_confirmed', '2026-09-16 23:00:00+00')
) as listed(case_id, kind, opened_at, closed_at, steps, outcome, reported_at);

insert into access_grants by name
select
  'g-c-' || row as grant_id,
  person_id,
  planted('desk') as account_id,
  basis,
  case_id,
  person_id as requested_by_person_id,
  'emp-0128' as granted_by_person_id,
  'emp-0128' as approved_by_person_id,
  seen_at - to_minutes(20) as valid_from_at,
  seen_at + to_hours(4) as valid_to_at,
  seen_at - to_minutes(25) as requested_at,
  case row when 4 then seen_at else seen_at - to_minutes(20) end as approved_at,
  false as is_break_glass
from control_accesses;

insert into support_events by name
select
  'sa-' || key as event_id,
  access.seen_at as event_time,
  access.person_id,
  colleagues.login as actor,
  'console' as tool,
  'view_content' as action,
  planted('desk') as account,
  9 as rows,
  'g-c-' || row as grant_id,
  'case ' || case_id as reason,
  'sid-' || key[:12] as sid,
  coalesce(elsewhere, colleagues.home_address) as ip,
  colleagues.agent,
  'success' as result,
  'staff' as kind,
  0 as skipped_numbers,
  false as is_unnumbered
from control_accesses as access
join colleagues using (person_id);

create or replace table kept_accounts as    -- two lasting accounts with logins in early 2026
select account_id, row_number() over (order by draw('lost rows', account_id)) as row
from customers
where created_at < timestamptz '2026-01-01 00:00:00+00'
  and account_id in (select account_id from row_counts where data_from_on < date '2026-06-01' and row_count > 1)
qualify row <= 2;

insert into purges by name
select
  'pu-kept-' || row as purge_id,
  'log-product' as store_id,
  account_id,
  case row when 1 then 'retention_rule' else 'legal' end as reason,
  'erase' as method,
  timestamptz '2026-08-18 02:00:00+00' + to_days(row::integer) as purged_at,
  3 as rows_before,
  2 as rows_remaining
from kept_accounts;
update row_counts set row_count = row_count - 1
where counted_at = timestamptz '2026-10-04 18:00:00+00'
  and data_from_on < date '2026-06-01'
  and row_count > 1
  and account_id = (select account_id from kept_accounts where row = 2);

insert into reviews by name
select
  *,
  'emp-0138' as reviewed_by_person_id,
  'unauthorized_access' as kind
from (values
  ('rv-access-extra', timestamptz '2026-08-01 00:00:00+00', timestamptz '2026-08-15 00:00:00+00', timestamptz '2026-08-15 12:00:00+00', timestamptz '2026-08-17 12:00:00+00'),
  ('rv-access-draft', '2026-07-01 00:00:00+00', '2026-10-01 00:00:00+00', '2026-10-02 09:00:00+00', null)
) as listed(review_id, covers_from_at, covers_to_at, started_at, completed_at);
update reviews set supersedes_review_id = 'rv-access-draft' where review_id = 'rv-access-202607';

insert into findings by name
select
  finding_id,
  'rv-access-202604' as review_id,
  'DET-12' as control_id,
  'without_factor' as reason,
  subject_person_id,
  severity,
  timestamptz '2026-07-03 11:00:00+00' as opened_at,
  closed_at,
  disposition,
  closed_by_person_id
from (values
  ('fi-11', 'emp-0124', 'high', timestamptz '2026-07-20 09:00:00+00', 'accepted', 'emp-0124'),
  ('fi-12', 'emp-0126', 'critical', null, null, null),
  ('fi-13', 'emp-0138', 'critical', '2026-08-02 23:30:00+00', 'fixed', 'emp-0139')
) as listed(finding_id, subject_person_id, severity, closed_at, disposition, closed_by_person_id);

update row_counts set row_count = 6 where account_id = planted('purge found') and store_id = 'log-web';
insert into row_counts by name
select 'log-sessions' as store_id, planted('purge found') as account_id, date '2026-09-01' as data_from_on, date '2026-10-01' as data_to_on,
  'any' as address_form, 'store_owner' as counted_by, 4 as row_count, timestamptz '2026-10-04 19:00:00+00' as counted_at;

insert into answers
select control, 'sa-' || key, outcome, reason, note
from control_accesses
join (values
  (1, 'ACC-03a', 'exception', 'incident_late', 'The incident began half an hour after the access'),
  (2, 'ACC-03a', 'pass', 'incident_before', 'Trap: the incident was over, but it began before'),
  (3, 'ACC-04a', 'exception', 'no_steps', 'No other step was taken first'),
  (4, 'ACC-04a', 'pass', 'prepared', 'Trap: approved in the very second of the access'),
  (5, 'SEC-04c', 'exception', 'abroad', 'From Brazil, which nobody approved'),
  (6, 'SEC-04c', 'pass', 'approved_country', 'Trap: from Ireland, which management approved')
) as listed(row, control, outcome, reason, note) using (row);

insert into answers values
  ('ACC-04b', 'A-913', 'exception', 'not_reported', 'Confirmed, and nobody was told'),
  ('ACC-04b', 'A-914', 'pass', 'reported', 'Trap: reported in the last hour of the last day'),
  ('LOG-03', (select account_id from kept_accounts where row = 1) || ' / log-product', 'exception', 'deleted', 'A rule of days deleted rows of an active account'),
  ('LOG-03', (select account_id from kept_accounts where row = 2) || ' / log-product', 'pass', 'kept', 'Trap: fewer rows than in July, but the law had them deleted'),
  ('LOG-06a', 'rv-access-extra', 'exception', 'premature', 'Drew its data before late events were in'),
  ('LOG-06a', 'rv-access-202607', 'pass', 'follows', 'Trap: an unfinished review of the same quarter, which it supersedes'),
  ('LOG-06b', 'fi-11', 'exception', 'closed_by_subject', 'He accepted his own act'),
  ('LOG-06b', 'fi-12', 'exception', 'overdue', 'Critical and open for months'),
  ('LOG-06b', 'fi-13', 'pass', 'closed', 'Trap: the reviewer''s own act, closed by another, half an hour before its last day ended'),
  ('LOG-03', planted('sign-up missing') || ' / log-product', 'unknown', 'not_datable', 'Its sign-up was counted, but it is not in the log delivered'),
  ('LOG-03', planted('cancel misspelt') || ' / log-product', 'unknown', 'contradiction', 'The status is misspelt, so it may mean canceled'),
  ('LOG-03', planted('sign-up undated') || ' / log-product', 'unknown', 'undated', 'Nobody knows when it was created'),
  ('LOG-04', purge_item('purge found', 'log-web'), 'exception', 'residue', 'A count in October finds six rows'),
  ('LOG-04', purge_item('purge found', 'log-sessions'), 'pass', 'in_time', 'Trap: rows were counted again, of days after the deadline'),
  ('LOG-03', planted('purge missed') || ' / log-product', 'unknown', 'no_use_known', 'Came back after its rows were purged, and has not been used since'),
  ('ACC-04a', (select event_id from planted_accesses where name = 'other account'), 'exception', 'other_account', 'The abuse case is another account''s, as the grant is'),
  ('ACC-04a', (select event_id from planted_accesses where name = 'account unnamed'), 'unknown', 'account_unnamed', 'A database shell that names no account');

insert into answers    -- what befalls all stores of an account befalls its login rows
select 'LOG-04', replace(item, 'log-product', store_id), outcome, reason, note
from answers
cross join (values ('log-product'), ('log-web'), ('log-sessions')) as logs(store_id)
where control = 'RET-01' and item like '%log-product';
