/*
What the detections watch for among our own people. A stocktaking in June, under one approved grant for each person, gives five
support engineers the days that a baseline needs; it lies before the quarter looked at. Each later access has a ticket,
consent and grant of its own, all in order: nothing but its time, its number of accounts or its number of records is odd.
*/
create or replace table watch_grants as
select
  'g-w-' || person_id as grant_id,
  person_id,
  planted('desk') as account_id,
  'service_error' as basis,
  'I-901' as case_id,
  null::varchar as consent_id,
  null::varchar[] as actions,
  person_id as requested_by_person_id,
  'emp-0128' as granted_by_person_id,
  'emp-0128' as approved_by_person_id,
  timestamptz '2026-06-01 06:00:00+00' as valid_from_at,
  timestamptz '2026-06-26 18:00:00+00' as valid_to_at,
  timestamptz '2026-06-01 05:30:00+00' as requested_at,
  timestamptz '2026-06-01 06:00:00+00' as approved_at,
  null::timestamptz as revoked_at,
  false as is_break_glass
from (values ('emp-0109'), ('emp-0110'), ('emp-0111'), ('emp-0112'), ('emp-0113')) as listed(person_id);

create or replace table watch_accesses as
select
  'stock' as plan,
  person_id,
  day::timestamptz + to_hours(15) + seconds(1800 * fraction('stocktaking', person_id || day::date)) as seen_at,
  planted('desk') as account_id,
  'view_content' as action,
  30 as rows,
  'g-w-' || person_id as grant_id
from watch_grants
cross join generate_series(timestamp '2026-06-01', timestamp '2026-06-25', interval 1 day) as days(day)
where isodow(day) < 6 or person_id in ('emp-0109', 'emp-0113') and day < timestamp '2026-06-15'
union all
select
  'many accounts',
  'emp-0110',
  timestamptz '2026-07-15 17:00:00+00' + to_minutes(9 * row_number() over (order by account_id)),
  account_id,
  'view_content',
  20,
  'g-w-many-' || row_number() over (order by account_id)
from (from customers where created_at < timestamptz '2026-06-01 00:00:00+00' order by place limit 11)
union all
select
  'one grant',
  'emp-0112',
  timestamptz '2026-07-16 17:00:00+00' + to_minutes(9 * row_number() over (order by account_id)),
  account_id,
  'view_content',
  20,
  'g-w-one'
from (from customers where created_at < timestamptz '2026-06-01 00:00:00+00' order by place limit 11)
union all
select *
from (values
  ('night', 'emp-0111', timestamptz '2026-07-08 10:10:00+00', planted('desk'), 'view_content', 12, 'g-w-night'),
  ('export', 'emp-0109', timestamptz '2026-07-21 15:10:00+00', planted('desk'), 'export', 60000, 'g-w-export'),
  ('named export', 'emp-0109', timestamptz '2026-07-23 15:10:00+00', planted('desk'), 'export', 50000, 'g-w-named'),
  ('canceled', 'emp-0112', timestamptz '2026-08-12 17:00:00+00', planted('run gone'), 'view_content', 3, 'g-w-canceled')
) as listed(plan, person_id, seen_at, account_id, action, rows, grant_id);

create or replace table watch_tickets as
select
  access.*,
  'T-' || (92000 + row_number() over (order by grant_id)) as case_id,
  'c-w-' || token('watch consent', grant_id)[:8] as consent_id,
  owners.person_id as owner_person_id
from watch_accesses as access
join users as owners on owners.account_id = access.account_id and owners.seat = 0
where plan not in ('stock', 'one grant');

insert into cases by name
select case_id, 'support' as kind, account_id, owner_person_id as opened_by_person_id, seen_at - to_hours(2) as opened_at,
  seen_at - to_minutes(50) as first_responded_at, seen_at + to_hours(6) as closed_at
from watch_tickets
union all by name
select *
from (values
  ('I-901', 'incident', timestamptz '2026-06-01 05:00:00+00', timestamptz '2026-06-26 18:00:00+00', timestamptz '2026-06-29 10:00:00+00'),
  ('I-902', 'incident', '2026-07-16 15:00:00+00', '2026-07-16 23:00:00+00', '2026-07-20 10:00:00+00')
) as listed(case_id, kind, opened_at, closed_at, root_cause_recorded_at);
update cases set process = 'recording transcoder', root_cause_uri = 'https://wiki.conferencing.example/root-causes/' || case_id where case_id in ('I-901', 'I-902');

insert into consents by name
select consent_id, account_id, owner_person_id as given_by_person_id, 'support_access' as purpose, 'granted' as choice,
  seen_at - to_minutes(30) as given_at, seen_at - to_minutes(30) as applied_at, 'click' as method, case_id
from watch_tickets;

insert into access_grants by name
select * from watch_grants
union all by name
select
  grant_id, person_id, account_id, 'support_consent' as basis, case_id, consent_id,
  case when plan = 'named export' then ['export'] end as actions,
  person_id as requested_by_person_id, 'emp-0107' as granted_by_person_id, 'emp-0107' as approved_by_person_id,
  seen_at - to_minutes(20) as valid_from_at, seen_at + to_hours(7) as valid_to_at,
  seen_at - to_minutes(25) as requested_at, seen_at - to_minutes(20) as approved_at, false as is_break_glass
from watch_tickets
union all by name
select 'g-w-one' as grant_id, 'emp-0112' as person_id, 'service_error' as basis, 'I-902' as case_id, 'emp-0112' as requested_by_person_id,
  'emp-0128' as granted_by_person_id, 'emp-0128' as approved_by_person_id, timestamptz '2026-07-16 16:00:00+00' as valid_from_at,
  timestamptz '2026-07-16 22:00:00+00' as valid_to_at, timestamptz '2026-07-16 15:50:00+00' as requested_at,
  timestamptz '2026-07-16 16:00:00+00' as approved_at, false as is_break_glass;

insert into support_events by name
select
  'sa-' || token('watch look', plan || person_id || seen_at::varchar) as event_id,
  access.seen_at as event_time,
  access.person_id,
  colleagues.login as actor,
  'console' as tool,
  access.action,
  access.account_id as account,
  access.rows,
  access.grant_id,
  access.plan as reason,
  'sid-' || token('watch session', plan || person_id || seen_at::date::varchar)[:12] as sid,
  colleagues.home_address as ip,
  colleagues.agent,
  'success' as result,
  'staff' as kind,
  0 as skipped_numbers,
  false as is_unnumbered
from watch_accesses as access
join colleagues using (person_id);

insert into extra_people values
  ('emp-0160', null, 'staff', ['nora.quist@conferencing.example', 'nquist'], 'Database Engineer', 'Europe/Stockholm', [], '2026-08-17', null, '2026-08-24', true, 4),
  ('emp-0161', null, 'staff', ['otto.lindgren@conferencing.example', 'olindgren'], 'Database Engineer', 'Europe/Stockholm', [], '2026-08-17', null, '2026-08-24', true, 4);

insert into entitlements by name
select 'en-sys-cloud-emp-0124-watch' as entitlement_id, 'emp-0124' as person_id, 'emp-0128' as approved_by_person_id, 'sys-cloud' as asset_id,
  'reader' as role, false as has_customer_data_access, timestamptz '2026-07-27 14:00:00+00' as valid_from_at, timestamptz '2026-07-26 09:00:00+00' as approved_at;

create or replace macro watch_home(person) as (select home_address from colleagues where person_id = person);
create or replace macro watch_login(person) as (select login from colleagues where person_id = person);
create or replace table watch_calls as
select
  *,
  uuid_of('watch call', row) as event_id
from (values
  (1, timestamptz '2026-08-16 21:30:00+00', 'ConsoleLogin', 'nora.quist@conferencing.example', 'IAMUser', address('90.224', 4, 'nora'), true, null),
  (2, '2026-08-16 22:10:00+00', 'ConsoleLogin', 'otto.lindgren@conferencing.example', 'IAMUser', address('90.224', 4, 'otto'), true, null),
  (3, '2026-07-22 15:00:00+00', 'ConsoleLogin', 'victor.osei@conferencing.example', 'IAMUser', watch_home('emp-0136'), false, null),
  (4, '2026-07-23 09:00:00+00', 'ConsoleLogin', watch_login('emp-0126'), 'IAMUser', watch_home('emp-0126'), true, '{"factor": "No"}'),
  (5, '2026-08-19 01:50:00+00', 'StopLogging', watch_login('emp-0125'), 'IAMUser', watch_home('emp-0125'), true, '{"name": "audit"}'),
  (6, '2026-08-20 16:00:00+00', 'DeleteTrail', watch_login('emp-0125'), 'IAMUser', watch_home('emp-0125'), false, '{"name": "audit"}'),
  (7, '2026-08-20 16:00:40+00', 'DeleteTrail', watch_login('emp-0125'), 'IAMUser', watch_home('emp-0125'), false, '{"name": "audit"}'),
  (8, '2026-08-21 09:00:00+00', 'PutEventSelectors', watch_login('emp-0124'), 'IAMUser', watch_home('emp-0124'), true, '{"trailName": "audit"}'),
  (9, '2026-09-05 03:20:00+00', 'UpdateTrail', watch_login('emp-0124'), 'IAMUser', watch_home('emp-0124'), true, '{"name": "audit"}'),
  (10, '2026-07-29 09:00:00+00', 'ConsoleLogin', 'svc-deploy', 'IAMUser', watch_home('emp-0127'), true, null),
  (11, '2026-07-30 14:00:00+00', 'DescribeDBSnapshots', 'svc-backup', 'AssumedRole', watch_home('emp-0123'), true, '{"dBInstanceIdentifier": "db-main"}'),
  (12, '2026-07-30 14:10:00+00', 'ConsoleLogin', watch_login('emp-0123'), 'IAMUser', watch_home('emp-0123'), true, null),
  (13, '2026-07-27 15:00:00+00', 'AttachUserPolicy', watch_login('emp-0140'), 'IAMUser', watch_home('emp-0140'), true, format('{{"userName": "{}"}}', watch_login('emp-0140'))),
  (14, '2026-07-28 12:00:00+00', 'AttachUserPolicy', watch_login('emp-0140'), 'IAMUser', watch_home('emp-0140'), true, format('{{"userName": "{}"}}', watch_login('emp-0127'))),
  (15, '2026-07-28 12:04:00+00', 'ConsoleLogin', watch_login('emp-0127'), 'IAMUser', watch_home('emp-0127'), true, null),
  (16, '2026-07-29 12:00:00+00', 'AttachUserPolicy', watch_login('emp-0140'), 'IAMUser', watch_home('emp-0140'), true, format('{{"userName": "{}"}}', watch_login('emp-0124'))),
  (17, '2026-07-29 12:03:00+00', 'ConsoleLogin', watch_login('emp-0124'), 'IAMUser', watch_home('emp-0124'), true, null)
) as listed(row, event_time, event_name, user_name, user_type, ip, is_success, parameters);

insert into cloud_events by name
select
  calls.*  exclude (row),
  case event_name
    when 'ConsoleLogin' then 'signin.amazonaws.com'
    when 'AttachUserPolicy' then 'iam.amazonaws.com'
    when 'DescribeDBSnapshots' then 'rds.amazonaws.com'
    else 'cloudtrail.amazonaws.com'
  end as event_source,
  coalesce(
    (select services.agent from services where services.person_id = calls.user_name and calls.user_type = 'AssumedRole'),
    (select colleagues.agent from colleagues where colleagues.person_id = 'emp-0128')
  ) as agent
from watch_calls as calls;

insert into extra_events
select
  'si-' || token('watch visit', 1), timestamptz '2026-08-13 14:00:00+00', 'sign_in', true, null, devices.user_id, planted('run gone'),
  's-' || token('watch visit session', 1), false, devices.home_address, devices.desktop_agent, devices.home_address,
  's-' || token('watch visit session', 1), 's-' || token('watch visit session', 1), true, true
from accounts
join user_devices as devices on devices.person = accounts.number * 16
where accounts.plant = 'desk 2';

insert into answers values
  ('DET-08', 'nora.quist@conferencing.example / 2026-08-16', 'exception', 'before_first_day', 'Half an hour before her first day began in Stockholm'),
  ('DET-08', 'otto.lindgren@conferencing.example / 2026-08-16', 'pass', 'in_the_job', 'Trap: ten minutes after his first day began in Stockholm, the day before in UTC'),
  ('DET-08', 'victor.osei@conferencing.example / 2026-07-22', 'manual', 'tried_after', 'Tried in vain after he had left'),
  ('DET-09', 'emp-0111 / 2026-07-08', 'manual', 'outside_pattern', 'At three in the night, who works by day'),
  ('DET-10', 'emp-0110 / 2026-07-15', 'manual', 'many_accounts', 'Eleven accounts within two hours, with a ticket for each'),
  ('DET-10', 'emp-0112 / 2026-07-16', 'pass', 'one_grant', 'Trap: eleven accounts within two hours, all for one incident'),
  ('DET-11', 'emp-0109 / 2026-07-21', 'manual', 'many_records', 'An export of 60,000 records, who reads 30 a day'),
  ('DET-11', 'emp-0109 / 2026-07-23', 'pass', 'named_export', 'Trap: the grant names the export'),
  ('DET-12', uuid_of('watch call', 4), 'exception', 'without_factor', 'Signed in to the console without a second factor'),
  ('DET-13', 'cloudtrail / ' || watch_login('emp-0125') || ' / 2026-08-19', 'exception', 'switched_off', 'The trail was stopped, before the hour in which it is silent'),
  ('DET-13', 'cloudtrail / ' || watch_login('emp-0125') || ' / 2026-08-20', 'manual', 'tried', 'Tried twice to delete the trail'),
  ('DET-13', 'cloudtrail / ' || watch_login('emp-0124') || ' / 2026-08-21', 'manual', 'rules_changed', 'The trail records less from then on'),
  ('DET-13', 'cloudtrail / ' || watch_login('emp-0124') || ' / 2026-09-05', 'pass', 'announced', 'Trap: changed during a maintenance that names the log'),
  ('DET-14', planted('run gone') || ' / 2026-08-12', 'manual', 'staff_inside', 'A colleague looked at the canceled account'),
  ('DET-14', planted('run gone') || ' / 2026-08-13', 'exception', 'customer_inside', 'Another customer signed in to the canceled account'),
  ('DET-15', 'svc-deploy / 2026-07-29', 'exception', 'by_hand', 'A service account at the console, with a browser'),
  ('DET-15', 'svc-backup / 2026-07-30', 'manual', 'persons_address', 'From the home of an engineer who was at work there'),
  ('DET-16', uuid_of('watch call', 13), 'exception', 'for_oneself', 'Gave a right to himself'),
  ('DET-16', uuid_of('watch call', 14), 'manual', 'used_at_once', 'Used four minutes after it was granted'),
  ('DET-16', uuid_of('watch call', 16), 'pass', 'approved', 'Trap: used three minutes after, but the Head of Infrastructure had approved it');
