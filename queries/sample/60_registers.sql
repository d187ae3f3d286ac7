/* Registers that change little: jobs and their runs, systems, rights, reviews, statements, counts. */
create or replace table job_runs as
with
due as (
  select
    job_id,
    unnest(generate_series(timestamptz '2024-10-01 00:00:00+00', timestamptz '2026-10-05 00:00:00+00', interval 1 day)) + to_hours(hour) as scheduled_at
  from (values ('purge-accounts', 3), ('purge-logs', 4)) as jobs(job_id, hour)
),
done as (
  select job_id, purged_at::date as day, sum(rows_before - rows_remaining) as rows
  from purges
  where job_id is not null and rows_before is not null and rows_remaining is not null
  group by all
)
select
  due.job_id || '-' || strftime(scheduled_at, '%Y%m%d') as job_run_id,
  due.job_id,
  'ok' as status,
  scheduled_at,
  scheduled_at + seconds(2 + 5 * fraction('starts', due.job_id || scheduled_at::date)) as started_at,
  scheduled_at + seconds(2400 + 600 * fraction('ends', due.job_id || scheduled_at::date)) as ended_at,
  coalesce(done.rows, 0)::bigint as expected_count,
  coalesce(done.rows, 0)::bigint as deleted_count,
  0::bigint as error_count
from due
left join done on done.job_id = due.job_id and done.day = due.scheduled_at::date;

create or replace table jobs as
select
  *,
  false as is_automated_decision,
  false as has_human_review,
  first_moment() as valid_from_at
from (values
  ('purge-accounts', 'Nightly purge of canceled accounts', 'deletion', 'db-main', 'purge', ['account_content', 'profile'], 24),
  ('purge-logs', 'Nightly purge of log rows of canceled accounts', 'deletion', 'log-product', 'purge', ['login_log'], 24),
  ('backup-main', 'Daily backup of the product database', 'recovery', 'db-main', 'backup', ['account_content', 'profile'], 24),
  ('copy-main', 'Weekly copy of the database backup to a second region', 'recovery', 'db-main', 'backup', ['account_content', 'profile'], 168),
  ('backup-recordings', 'Daily backup of recordings', 'recovery', 'recordings', 'backup', ['account_content'], 24),
  ('backup-warehouse', 'Weekly backup of product analytics', 'recovery', 'warehouse', 'backup', ['web_analytics'], 168),
  ('export-help-desk', 'Weekly export of support tickets', 'recovery', 'help-desk', 'backup', ['correspondence'], 168),
  ('thumbnails', 'Small versions of profile pictures', 'service', 'db-main', 'thumbnail', ['profile_picture'], null)
) as listed(job_id, name, purpose, input_store_id, operation, input_data_class_ids, run_every_hours);

create or replace table assets as
select
  *,
  first_moment() as valid_from_at
from (values
  ('sys-support', 'system', 'US', null, 'own data center', null, null, null, null, 'management', null, null, null),
  ('sys-cloud', 'system', 'US', null, 'AWS', 'us-east-1', null, null, null, 'management', null, null, null),
  ('sys-bastion', 'system', 'US', null, 'AWS', 'us-east-1', null, null, null, 'management', null, null, null),
  ('sys-warehouse', 'system', 'US', null, 'AWS', 'us-east-1', null, null, null, 'management', null, null, null),
  ('db-main-1', 'database', 'US', 'db-main', 'AWS', 'us-east-1', null, null, null, 'private', true, false, null),
  ('recordings-bucket', 'bucket', 'US', 'recordings', 'AWS', 'us-east-1', null, null, null, 'private', true, false, null),
  ('id-host', 'endpoint', 'US', null, 'AWS', 'us-east-1', 'id.conferencing.example', null, null, 'public', null, null, true),
  ('net-proxies', 'network', null, null, null, null, null, '10.20.0.0/16', 'own_proxy', null, null, null, null)
) as listed(asset_id, kind, country, store_id, provider, region, host, address_range, network_use, network_zone, is_encrypted_at_rest, is_public, is_in_scope);

create or replace table entitlements as
select
  'en-' || token('seat', person)[:12] as entitlement_id,
  person_id,
  user_id,
  null::varchar as approved_by_person_id,
  account_id,
  null::varchar as asset_id,
  role,
  null::boolean as has_customer_data_access,
  joined_at as valid_from_at,
  null::timestamptz as valid_to_at,
  null::timestamptz as approved_at
from users
join (select number, canceled_at from accounts) as lives using (number)
where joined_at < least(coalesce(canceled_at, last_moment()), last_moment())
union all
select
  'en-' || system || '-' || person_id,
  person_id,
  login,
  case when person_id = approver then 'emp-0103' else approver end,
  null,
  system,
  role,
  reaches_content,
  greatest(started_on::timestamp at time zone time_zone, timestamptz '2024-06-03 12:00:00+00') + to_hours(10),
  ended_on::timestamp at time zone time_zone + to_hours(17),
  greatest(started_on::timestamp at time zone time_zone, timestamptz '2024-06-03 12:00:00+00') + to_hours(9)
from colleagues
join (values
  ('support', 'sys-support', 'agent', true, 'emp-0106'), ('support_lead', 'sys-support', 'lead', true, 'emp-0139'),
  ('trust', 'sys-support', 'analyst', true, 'emp-0131'), ('trust_lead', 'sys-support', 'lead', true, 'emp-0139'),
  ('legal', 'sys-support', 'counsel', true, 'emp-0139'), ('operations', 'sys-support', 'on-call', true, 'emp-0128'),
  ('operations', 'sys-cloud', 'operator', true, 'emp-0128'), ('operations_lead', 'sys-cloud', 'administrator', true, 'emp-0103'),
  ('security', 'sys-cloud', 'auditor', false, 'emp-0139'), ('it', 'sys-cloud', 'identity administrator', false, 'emp-0139'),
  ('operations', 'sys-bastion', 'shell', true, 'emp-0128'), ('engineering', 'sys-bastion', 'shell', true, 'emp-0128'),
  ('engineering', 'sys-warehouse', 'analyst', true, 'emp-0139')
) as rights(team, system, role, reaches_content, approver) using (team);

create or replace table reviews as
select
  'rv-' || asset_id || '-' || strftime(quarter, '%Y%m') as review_id,
  'emp-0139' as reviewed_by_person_id,
  'entitlements' as kind,
  asset_id,
  quarter::timestamp at time zone 'UTC' as covers_from_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' as covers_to_at,
  (quarter + interval 2 month + to_days(9))::timestamp at time zone 'UTC' + to_hours(14) as started_at,
  (quarter + interval 2 month + to_days(14))::timestamp at time zone 'UTC' + to_hours(15) as completed_at,
  'satisfactory' as result
from assets
cross join (select unnest(generate_series(date '2024-10-01', date '2026-07-01', interval 3 month))::date as quarter)
where kind = 'system'
union all by name
select
  'rv-access-' || strftime(quarter, '%Y%m') as review_id,
  'emp-0138' as reviewed_by_person_id,
  'unauthorized_access' as kind,
  quarter::timestamp at time zone 'UTC' as covers_from_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' as covers_to_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' + to_hours(40) as started_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' + to_hours(80) as completed_at,
  'satisfactory' as result
from (select unnest(generate_series(date '2024-10-01', date '2026-04-01', interval 3 month))::date as quarter);

create or replace table attestations as
select
  format('at-{}-{}', control_id, strftime(quarter, '%Y%m')) as attestation_id,
  control_id,
  'Customer accounts can be reached by the sign-in host, the support tool, the cloud console and the bastion, and by no other path. Each of them is logged.' as statement,
  'Chief Technology Officer' as signer_title,
  'statement' as kind,
  'holds' as status,
  'emp-0103' as signed_by_person_id,
  'officer' as signer_role,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' + to_hours(64) as signed_at,
  quarter::timestamp at time zone 'UTC' as covers_from_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' as covers_to_at,
  null::timestamptz as valid_to_at,
  null::varchar as item,
  'https://board.conferencing.example/statements/' || strftime(quarter, '%Y%m') as evidence_uri
from (values ('LOG-01a'), ('LOG-01b'), ('LOG-01c'), ('LOG-01d')) as hybrid(control_id)
cross join (select unnest(generate_series(date '2024-10-01', date '2026-07-01', interval 3 month))::date as quarter);

create or replace table waivers as
select
  'w-1' as waiver_id,
  'SEC-02' as control_id,
  'Key rotation of the vault is done by hand until the new key service is in use' as justification,
  'emp-0128' as requested_by_person_id,
  'emp-0103' as approved_by_person_id,
  null::varchar as reason,
  null::varchar as cause,
  null::varchar as item,
  timestamptz '2026-06-10 15:00:00+00' as approved_at,
  timestamptz '2026-06-15 00:00:00+00' as valid_from_at,
  timestamptz '2026-12-15 00:00:00+00' as valid_to_at,
  'https://risk.conferencing.example/w-1' as evidence_uri;

create or replace table row_counts as   -- what the store owners count on the day before the export
select
  stores.store_id,
  accounts.account_id,
  'any' as address_form,
  'store_owner' as counted_by,
  case when exists (from purges where purges.number = accounts.number and purges.store_id = stores.store_id and reactivated_at is null) then 0
    else 1 + pick('left', number || store_id, 700) end as row_count,
  timestamptz '2026-10-04 12:00:00+00' + to_minutes(coalesce(purge_order, 0)) as counted_at
from accounts
cross join stores
where canceled_at is not null and is_in_purge_scope and store_id <> 'search';    -- the search index can't be counted by account

create or replace table holidays as
select
  'us_federal' as calendar,
  '2026-01' as calendar_version,
  name,
  holiday_on
from (values
  ('Thanksgiving Day', date '2024-11-28'), ('Christmas Day', date '2024-12-25'), ('New Year''s Day', date '2025-01-01'),
  ('Birthday of Martin Luther King, Jr.', date '2025-01-20'), ('Memorial Day', date '2025-05-26'), ('Independence Day', date '2025-07-04'),
  ('Labor Day', date '2025-09-01'), ('Thanksgiving Day', date '2025-11-27'), ('Christmas Day', date '2025-12-25'), ('New Year''s Day', date '2026-01-01'),
  ('Birthday of Martin Luther King, Jr.', date '2026-01-19'), ('Memorial Day', date '2026-05-25'), ('Independence Day', date '2026-07-03'),
  ('Labor Day', date '2026-09-07')
) as listed(name, holiday_on);

/* The register of accounts as it is delivered, one row per account and time in one status. */
create or replace table account_rows as
with
use as (
  select number, min(started_at) as first_used_at, max(started_at) as last_active_at
  from sessions
  join users using (person)
  group by number
)
select
  number,
  plant,
  account_id,
  status,
  case when status = 'canceled' then status_cause end as status_cause,
  valid_from_at,
  valid_to_at,
  kind,
  created_via,
  created_at,
  trial_ends_at,
  first_used_at,
  last_active_at,
  plan,
  'processor' as data_role,
  listed([region]) as regions
from spans
join accounts using (number)
left join use using (number);


create or replace table extra_people(
  person_id varchar, email varchar, kind varchar, user_ids varchar[], job_title varchar, time_zone varchar, functions varchar[],
  started_on date, ended_on date, privacy_trained_on date, is_training_required boolean, part integer
);
