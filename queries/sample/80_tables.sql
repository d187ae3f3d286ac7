/* The delivered tables: a view's name is its file's name, its columns are those of the dictionary. */
create or replace view "accounts.csv" as
select * exclude (number, plant) from account_rows order by number, valid_from_at nulls last, status;

create or replace view "people.jsonl" as
select * exclude (part)
from (
  select
    person_id,
    user_id as email,
    'customer' as kind,
    [user_id] as user_ids,
    null as job_title,
    null as time_zone,
    null as functions,
    null as started_on,
    null as ended_on,
    null as privacy_trained_on,
    null as is_training_required,
    1 as part
  from users
  union all
  select
    person_id, null, kind, [login, unix_name], job_title, time_zone, functions, started_on, ended_on,
    least(greatest(started_on + 14, date '2026-01-12' + pick('trained', person_id, 40)::integer), ended_on), true, 2
  from colleagues
  union all
  select person_id, null, 'service', [person_id], null, null, null, null, null, null, null, 3
  from services
  union all
  from extra_people
)
order by part, person_id, started_on nulls last;

create or replace view "entitlements.csv" as
select * from entitlements order by account_id nulls last, valid_from_at, entitlement_id;

create or replace view "cases.csv" as
select * replace (listed(event_providers) as event_providers, listed(steps_before_access) as steps_before_access)
from cases
order by opened_at, case_id;

create or replace view "consents.csv" as
select * replace (listed(scope) as scope) from consents order by given_at, consent_id;

create or replace view "access_grants.parquet" as
select * from access_grants order by valid_from_at, grant_id, valid_to_at;

create or replace view "stores.csv" as
select
  store_id,
  name,
  owner_person_id,
  vendor_id,
  kind,
  listed(string_split(classes, ' ')) as data_class_ids,
  is_in_purge_scope,
  event_provider,
  log_role,
  case when event_provider is not null then listed([access_paths]) end as access_paths,
  first_moment() as valid_from_at,
  null as valid_to_at
from stores
order by store_id;

create or replace view "data_classes.csv" as
select
  data_class_id,
  name,
  'emp-0102' as approved_by_person_id,
  kind,
  is_personal,
  listed([purposes]) as purposes,
  '[]' as compatible_purposes,
  timestamptz '2024-09-16 14:00:00+00' as approved_at
from data_classes
order by data_class_id;

create or replace view "retention_rules.csv" as
select
  'rr-' || store_id || '-' || data_class_id as retention_rule_id,
  store_id,
  data_class_id,
  owner_person_id,
  'emp-0102' as approved_by_person_id,
  case when days_after_cancellation is null then 'creation' else 'account_cancellation' end as counts_from,
  case when days_after_cancellation is null then 'management' else 'policy' end as basis_kind,
  case when days_after_cancellation is null then 'Retention schedule 2026' else 'What happens when you delete data in your product accounts' end as basis,
  case when days_after_cancellation is null then 365 end as min_days,
  coalesce(days_after_cancellation, 1095) as max_days,
  days_after_cancellation is not null as is_kept_while_active,
  case when days_after_cancellation is null then '[RET-05]' when data_class_id = 'login_log' then '[LOG-04]' else '[RET-01]' end as control_ids,
  timestamptz '2024-09-16 14:00:00+00' as valid_from_at,
  null as valid_to_at
from (select *, unnest(string_split(classes, ' ')) as data_class_id from stores where store_id not in ('vault', 'restore-test')) as held
join (select data_class_id, days_after_cancellation from data_classes) as classes using (data_class_id)
order by retention_rule_id;

create or replace view "assets.csv" as select * from assets order by asset_id;

create or replace view "purges.csv" as
select
  purge_id,
  store_id,
  account_id,
  reason,
  method,
  coalesce(job_run_id, job_id || '-' || strftime(purged_at, '%Y%m%d')) as job_run_id,
  purged_at,
  purged_at + to_seconds(45) as recounted_at,
  rows_before,
  rows_remaining
from purges
order by purged_at, purge_id, rows_before;

create or replace view "jobs.csv" as
select * replace (listed(input_data_class_ids) as input_data_class_ids) from jobs order by job_id;

create or replace view "job_runs.csv" as select * from job_runs order by scheduled_at, job_run_id;

create or replace view "legal_holds.csv" as select * from legal_holds order by valid_from_at, legal_hold_id;

create or replace view "backups.parquet" as select * from backups order by taken_at, backup_id, location;

create or replace view "restores.csv" as
select
  're-' || strftime(day, '%Y%m%d') as restore_id,
  'bk-main-' || strftime(day, '%Y%m%d') as backup_id,
  'restore-test' as target_store_id,
  'emp-0127' as requested_by_person_id,
  'test' as purpose,
  day::timestamp at time zone 'UTC' + to_hours(13) as started_at,
  day::timestamp at time zone 'UTC' + to_hours(15) as ended_at,
  day::timestamp at time zone 'UTC' + to_hours(17) as target_destroyed_at
from (select unnest(generate_series(date '2024-11-13', date '2026-09-30', interval 91 day))::date as day)
order by restore_id;

create or replace view "legal_requests.csv" as
select * replace (listed(scope_data_class_ids) as scope_data_class_ids) from legal_requests order by received_at, legal_request_id;

create or replace view "disclosures.csv" as
select
  'di-' || legal_request_id as disclosure_id,
  'US District Court' as recipient,
  legal_request_id,
  account_id,
  'data' as kind,
  '[account_content]' as data_class_ids,
  received_at + to_days(5) as disclosed_at
from warrants
order by disclosed_at, disclosure_id;

create or replace view "notices.csv" as
select
  'no-' || legal_request_id as notice_id,
  account_id,
  case when kind = 'preservation' then 'preservation' else 'legal_request' end as kind,
  legal_request_id,
  'email' as channel,
  received_at + to_hours(26) as sent_at,
  received_at + to_hours(26) + to_seconds(8) as delivered_at,
  'https://counsel.conferencing.example/notices/' || legal_request_id as evidence_uri
from legal_requests
where kind in ('data', 'preservation')
order by sent_at, notice_id;

create or replace view "documents.csv" as
select
  document_id,
  version,
  sha256(version || body) as sha256,
  'https://conferencing.example/privacy' as url,
  'emp-0102' as decided_by_person_id,
  'privacy_policy' as kind,
  body,
  stated_on,
  valid_from_at,
  valid_to_at,
  false as is_significant_change,
  '[user.name, user.contact.email, user.contact.organization]' as identity_categories
from policy
cross join (values
  ('policy-2024-01', '1', date '2024-01-23', timestamptz '2024-01-23 17:00:00+00', timestamptz '2026-01-15 00:00:00+00'),
  ('policy-2026-01', '2', date '2026-01-15', timestamptz '2026-01-15 00:00:00+00', null)
) as versions(document_id, version, stated_on, valid_from_at, valid_to_at)
order by valid_from_at;

create or replace view "vendors.csv" as
select
  *,
  first_moment() as valid_from_at
from (values
  ('v-01', 'Amazon Web Services', 'Hosting', 'processor', '[hosting]', '[US]'),
  ('v-02', 'Helpdesk vendor', 'Support tickets', 'processor', '[support]', '[US]'),
  ('v-03', 'Payments vendor', 'Invoices', 'processor', '[payment]', '[US]')
) as listed(vendor_id, name, service, role, purposes, countries)
order by vendor_id;

create or replace view "attestations.csv" as select * from attestations order by signed_at, attestation_id;
create or replace view "waivers.csv" as select * from waivers order by waiver_id;
create or replace view "reviews.csv" as select * from reviews order by completed_at nulls last, review_id;
create or replace view "row_counts.csv" as select * from row_counts order by counted_at, account_id, store_id, data_from_on, row_count;
create or replace view "holidays.csv" as select * from holidays order by holiday_on;
