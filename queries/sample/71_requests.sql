/*
Requests of persons about their data, and how those for erasure were carried out in each store and at each provider; correspondence,
answers to surveys, and counts of web analytics by form of the address. Persons are of lasting accounts, so that no cancellation meddles.
*/
create or replace table askers as
select
  users.person_id,
  users.account_id,
  case users.country when 'GB' then 'UK' when 'CH' then 'CH' else accounts.region end as jurisdiction,
  row_number() over (order by draw('asks', users.person_id)) as place
from users
join customers using (number)
join accounts using (number)
where users.joined_at < timestamptz '2026-04-01 00:00:00+00'
  and users.account_id not in (select account_id from legal_holds where account_id is not null);

create or replace table privacy_requests as
select
  'pr-' || (100 + row) as privacy_request_id,
  channel,
  person_id,
  account_id,
  person_id as requester_person_id,
  kind,
  'account_holder' as requester_kind,
  jurisdiction,
  received_at,
  received_at + to_hours(20) as acknowledged_at,
  extended_at,
  case when extended_at is not null then 'Data of several products had to be searched' end as extension_reason,
  responded_at,
  received_at + to_hours(44) as verified_at,
  ['account_email', 'account_name'] as verified_elements,
  outcome,
  denial_reason,
  case when outcome = 'denied' then true end as is_contact_named,
  case when outcome = 'denied' then false end as is_fee_offered,
  case when outcome = 'denied' then false end as is_deletion_offered
from (values
  (1, 'delete', 'email', timestamptz '2026-06-04 09:10:00+00', null::timestamptz, timestamptz '2026-06-22 15:00:00+00', 'fulfilled', null),
  (2, 'delete', 'in_app', '2026-06-17 16:45:00+00', null, '2026-07-08 10:00:00+00', 'fulfilled', null),
  (3, 'delete', 'form', '2026-06-05 11:20:00+00', '2026-07-01 09:00:00+00', '2026-08-11 14:00:00+00', 'fulfilled', null),
  (4, 'delete', 'email', '2026-07-20 08:05:00+00', null, '2026-08-05 15:00:00+00', 'fulfilled', null),
  (5, 'delete', 'email', '2026-08-14 13:30:00+00', null, '2026-09-01 15:00:00+00', 'fulfilled', null),
  (6, 'delete', 'in_app', '2026-07-02 13:30:00+00', null, '2026-07-15 09:00:00+00', 'denied', 'not_verified'),
  (7, 'delete', 'phone', '2026-08-03 10:00:00+00', null, null, 'withdrawn', null),
  (8, 'know', 'email', '2025-02-11 10:00:00+00', null, '2025-03-03 15:00:00+00', 'fulfilled', null),
  (9, 'access', 'form', '2025-09-02 10:00:00+00', null, '2025-09-22 15:00:00+00', 'fulfilled', null),
  (10, 'correct', 'email', '2026-07-07 10:00:00+00', null, '2026-07-17 15:00:00+00', 'fulfilled', null),
  (11, 'portability', 'in_app', '2026-08-10 10:00:00+00', null, '2026-08-20 15:00:00+00', 'fulfilled', null),
  (12, 'know', 'email', '2026-09-02 10:00:00+00', null, '2026-09-18 15:00:00+00', 'fulfilled', null)
) as listed(row, kind, channel, received_at, extended_at, responded_at, outcome, denial_reason)
join askers on askers.place = row;

/* What becomes of a request for erasure: in the first four stores rows go, elsewhere there is nothing, or a ground to keep it. */
create or replace table erasures as
select
  privacy_request_id,
  person_id,
  received_at,
  responded_at - to_hours(50) as carried_out_at
from privacy_requests
where kind = 'delete' and outcome = 'fulfilled';

create or replace table erasure_stores(store_id varchar, has_rows boolean, exemption varchar);
insert into erasure_stores values
  ('db-main', true, null), ('db-replica', true, null), ('search', true, null), ('help-desk', true, null),
  ('recordings', false, 'no_data_held'), ('warehouse', false, 'no_data_held'), ('site-analytics', false, 'no_data_held'),
  ('forms', false, 'no_data_held'), ('vault', false, 'no_data_held'), ('restore-test', false, 'no_data_held'),
  ('billing', false, 'legal_obligation'),
  ('log-product', false, 'security'), ('log-app', false, 'security'), ('log-web', false, 'security'), ('log-sessions', false, 'security'),
  ('log-support', false, 'no_data_held'), ('log-bastion', false, 'no_data_held'), ('log-cloudtrail', false, 'no_data_held');

create or replace table request_actions as
select
  'ra-' || privacy_request_id || '-' || store_id as request_action_id,
  privacy_request_id,
  store_id,
  null::varchar as vendor_id,
  'delete' as action,
  received_at + to_hours(48) as instructed_at,
  case when has_rows then carried_out_at + to_minutes(30) end as done_at,
  exemption,
  case when exemption is not null then 'https://privacy.conferencing.example/requests/' || privacy_request_id end as evidence_uri
from erasures
cross join erasure_stores
union all by name
select
  'ra-' || privacy_request_id || '-' || vendor_id as request_action_id,
  privacy_request_id,
  vendor_id,
  'delete' as action,
  received_at + to_hours(50) as instructed_at,
  received_at + to_hours(50 + 24 * days) as done_at,
  'https://privacy.conferencing.example/certificates/' || privacy_request_id || '-' || vendor_id as evidence_uri
from erasures
cross join (values ('v-01', 6), ('v-02', 3), ('v-03', 11)) as vendors(vendor_id, days);

create or replace table erasure_purges as
select
  'pe-' || privacy_request_id || '-' || store_id as purge_id,
  store_id,
  person_id,
  'erasure_request' as reason,
  'erase' as method,
  privacy_request_id,
  carried_out_at as purged_at,
  carried_out_at + to_minutes(5) as recounted_at,
  2 + pick('erased', privacy_request_id || store_id, 60) as rows_before,
  0::bigint as rows_remaining
from erasures
cross join erasure_stores
where has_rows;

create or replace table person_counts as    -- what owners found of the persons in October
select
  store_id,
  person_id,
  'any' as address_form,
  'store_owner' as counted_by,
  0::bigint as row_count,
  timestamptz '2026-10-04 13:00:00+00' as counted_at
from erasures
cross join erasure_stores
where has_rows and store_id <> 'search';    -- the search index can't be counted by person

/* Correspondence: of tickets, and one thread of each asker from before the request; what was written by who is erased goes with the help desk. */
create or replace table messages as
with
threads as (
  select 'T-' || ticket as thread_id, opened_by_person_id as person_id, tickets.account_id, opened_at as written_at
  from tickets
  join customers using (number)
  where opened_at < timestamptz '2026-09-20 00:00:00+00'
  union all
  select 'M-' || place, person_id, account_id, timestamptz '2026-05-12 09:00:00+00' + to_hours(place)
  from askers
  where place <= 40
)
select
  'msg-' || thread_id || '-' || turn as record_id,
  'correspondence' as data_class_id,
  'help-desk' as store_id,
  thread.account_id,
  thread_id,
  case turn when 2 then 'msg-' || thread_id || '-1' end as reply_to_record_id,
  case turn when 1 then [thread.person_id] else []::varchar[] end as person_ids,
  written_at + to_minutes(45 * (turn - 1)) as created_at,
  case when turn = 1 and written_at < received_at then carried_out_at end as deleted_at,
  case when turn = 1 and written_at < received_at then 'erasure_request' end as deletion_reason,
  true as has_email,
  false as is_accessible
from threads as thread
left join erasures on erasures.person_id = thread.person_id
cross join (values (1), (2)) as turns(turn);

/* Surveys and their answers. */
create or replace table survey_classes as
select * from (values
  ('survey_product', 'Survey on the product', true, 365),
  ('survey_leaving', 'Survey of who left', true, 180)
) as listed(data_class_id, name, is_personal, max_days);

create or replace table survey_answers as
select
  'sv-' || data_class_id || '-' || place as record_id,
  data_class_id,
  'forms' as store_id,
  account_id,
  [person_id] as person_ids,
  answered_at as created_at,
  case when answered_at + to_days((max_days - 4)::integer) < timestamptz '2026-10-04 00:00:00+00' then answered_at + to_days((max_days - 4)::integer) end as deleted_at,
  case when answered_at + to_days((max_days - 4)::integer) < timestamptz '2026-10-04 00:00:00+00' then 'retention_rule' end as deletion_reason,
  false as is_accessible
from (
  select *, timestamptz '2026-10-20 12:00:00+00' - to_days((max_days - 2 * place)::integer) - to_days(pick('answers', data_class_id || place, 100)::integer) as answered_at
  from askers
  cross join survey_classes
  where place between 25 and 52
);

/* Web analytics: one count of all days in October, by form of the address. */
create or replace table visit_counts as
select
  store_id,
  'web_analytics' as data_class_id,
  day as data_from_on,
  day + 1 as data_to_on,
  case when day >= date '2026-07-06' then 'full' else 'none' end as address_form,
  'store_owner' as counted_by,
  (200 + pick('visits', store_id || day, 900))::bigint as row_count,
  timestamptz '2026-10-04 19:00:00+00' as counted_at
from (select unnest(generate_series(date '2026-03-01', date '2026-10-03', interval 1 day))::date as day)
cross join (values ('warehouse'), ('site-analytics')) as listed(store_id);

create or replace table vendor_flows as
select
  'vf-' || vendor_id as vendor_flow_id,
  destination,
  vendor_id,
  purpose,
  'egress' as found_by,
  true as is_personal,
  false as has_free_text,
  true as is_real_time,
  data_class_ids,
  first_moment() + to_hours(5) as first_seen_at,
  drawn_at() - to_hours(9) as last_seen_at
from (values
  ('v-01', 's3.us-east-1.amazonaws.example', 'hosting', ['account_content', 'profile']),
  ('v-02', 'api.helpdesk.example', 'support', ['correspondence']),
  ('v-03', 'api.payments.example', 'payment', ['billing'])
) as listed(vendor_id, destination, purpose, data_class_ids);

create or replace table request_rules as
select
  'rr-' || store_id || '-' || data_class_id || '-' || counts_from as retention_rule_id,
  store_id,
  data_class_id,
  'emp-0144' as owner_person_id,
  'emp-0102' as approved_by_person_id,
  counts_from,
  'management' as basis_kind,
  'Retention schedule 2026' as basis,
  min_days,
  max_days,
  false as is_kept_while_active,
  control_ids,
  timestamptz '2024-09-16 14:00:00+00' as valid_from_at,
  null::timestamptz as valid_to_at
from (
  select 'forms' as store_id, data_class_id, 'creation' as counts_from, 0 as min_days, max_days, ['COL-06b'] as control_ids from survey_classes
  union all
  from (values
    ('site-analytics', 'web_analytics', 'creation', 0, 1095, ['RET-05']),
    ('site-analytics', 'web_analytics', 'address_logged', 0, 90, ['COL-09b']),
    ('warehouse', 'web_analytics', 'address_logged', 0, 90, ['COL-09b'])
  )
);

/* The register of requests as it was drawn in July, before the newest. */
create or replace table earlier_requests as
select
  * replace (
    case when responded_at < timestamptz '2026-07-03 00:00:00+00' then responded_at end as responded_at,
    case when responded_at < timestamptz '2026-07-03 00:00:00+00' then outcome end as outcome
  )
from privacy_requests
where received_at < timestamptz '2026-07-03 00:00:00+00';

insert into systems by name
select 'register-202607' as folder, null::varchar as provider, 'privacy request tool' as source_system, 'dana.kowalczyk@conferencing.example' as extracted_by;
insert into file_faults values ('register-202607', 'privacy_requests.csv', 0, false, timestamptz '2026-07-03 06:00:00+00');

create or replace view "../register-202607/privacy_requests.csv" as
select * replace (listed(verified_elements) as verified_elements) from earlier_requests order by received_at, privacy_request_id;
create or replace view "privacy_requests.csv" as
select * replace (listed(verified_elements) as verified_elements) from privacy_requests order by received_at, privacy_request_id;
create or replace view "request_actions.csv" as select * from request_actions order by instructed_at, request_action_id;
create or replace view "purges.erasures.csv" as select * from erasure_purges order by purged_at, purge_id;
create or replace view "row_counts.persons.csv" as select * from person_counts order by person_id, store_id, counted_at, row_count;
create or replace view "row_counts.visits.csv" as select * from visit_counts order by counted_at, store_id, data_from_on, address_form;
create or replace view "records.messages.csv" as
select * replace (listed(person_ids) as person_ids) from messages order by created_at, record_id;
create or replace view "records.answers.csv" as
select * replace (listed(person_ids) as person_ids) from survey_answers order by created_at, record_id;
create or replace view "data_classes.surveys.csv" as
select data_class_id, name, 'emp-0102' as approved_by_person_id, 'survey' as kind, is_personal, '[product]' as purposes, '[]' as compatible_purposes,
  timestamptz '2024-09-16 14:00:00+00' as approved_at
from survey_classes
order by data_class_id;
create or replace view "stores.requests.csv" as
select *, 'emp-0144' as owner_person_id, false as is_in_purge_scope, first_moment() as valid_from_at
from (values
  ('forms', 'Survey tool', 'files', '[survey_leaving, survey_product]'),
  ('site-analytics', 'Visits of the website', 'analytics', '[web_analytics]')
) as listed(store_id, name, kind, data_class_ids)
order by store_id;
create or replace view "retention_rules.requests.csv" as
select * replace (listed(control_ids) as control_ids) from request_rules order by retention_rule_id, valid_from_at;
create or replace view "vendor_flows.csv" as
select * replace (listed(data_class_ids) as data_class_ids) from vendor_flows order by vendor_flow_id;
