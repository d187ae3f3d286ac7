/* Faults and traps of requests, correspondence, surveys and web analytics. Each request is of an asker whom the clean rows do not use. */
create or replace table planted_requests as
select
  *,
  'pr-' || (100 + row) as privacy_request_id
from (values
  (13, 'unproven', timestamptz '2026-06-10 09:00:00+00', null::timestamptz, timestamptz '2026-06-28 15:00:00+00'),
  (14, 'late', '2026-06-11 09:00:00+00', null, '2026-06-29 15:00:00+00'),
  (15, 'not told', '2026-06-12 09:00:00+00', null, '2026-06-30 15:00:00+00'),
  (16, 'extension', '2026-06-15 09:00:00+00', '2026-07-16 09:00:00+00', '2026-07-03 15:00:00+00'),
  (17, 'held', '2026-06-16 09:00:00+00', null, '2026-07-04 15:00:00+00'),
  (18, 'seen again', '2026-06-18 09:00:00+00', null, '2026-07-06 15:00:00+00'),
  (19, 'deidentified', '2026-06-19 09:00:00+00', null, '2026-07-07 15:00:00+00'),
  (20, 'last second', '2026-06-22 09:00:00+00', null, '2026-07-10 15:00:00+00'),
  (21, 'not counted', '2026-06-23 09:00:00+00', null, '2026-07-11 15:00:00+00'),
  (22, 'lost store', '2026-06-24 09:00:00+00', null, '2026-07-12 15:00:00+00'),
  (23, 'confirmed late', '2026-06-25 09:00:00+00', null, '2026-07-13 15:00:00+00'),
  (24, 'message left', '2026-06-26 09:00:00+00', null, '2026-07-14 15:00:00+00')
) as listed(row, fault, received_at, extended_at, responded_at);
create or replace macro request_of(name) as (select privacy_request_id from planted_requests where fault = name);
create or replace macro place_item(name, place) as request_of(name) || ' / ' || place;

insert into privacy_requests by name
select
  privacy_request_id,
  'email' as channel,
  person_id,
  account_id,
  person_id as requester_person_id,
  'delete' as kind,
  'account_holder' as requester_kind,
  'US' as jurisdiction,
  received_at,
  received_at + to_hours(20) as acknowledged_at,
  extended_at,
  case when extended_at is not null then 'Data of several products had to be searched' end as extension_reason,
  responded_at,
  received_at + to_hours(44) as verified_at,
  ['account_email', 'account_name'] as verified_elements,
  'fulfilled' as outcome
from planted_requests
join askers on askers.place = row;

create or replace table planted_erasures as
select privacy_request_id, person_id, received_at, responded_at - to_hours(50) as carried_out_at
from privacy_requests
semi join planted_requests using (privacy_request_id);

insert into request_actions by name
select
  'ra-' || privacy_request_id || '-' || store_id as request_action_id, privacy_request_id, store_id, 'delete' as action,
  received_at + to_hours(48) as instructed_at, case when has_rows then carried_out_at + to_minutes(30) end as done_at, exemption
from planted_erasures
cross join erasure_stores
union all by name
select
  'ra-' || privacy_request_id || '-' || vendor_id as request_action_id, privacy_request_id, vendor_id, 'delete' as action,
  received_at + to_hours(50) as instructed_at, received_at + to_hours(50 + 24 * 6) as done_at
from planted_erasures
cross join (values ('v-01'), ('v-02'), ('v-03')) as vendors(vendor_id);

insert into erasure_purges by name
select
  'pe-' || privacy_request_id || '-' || store_id as purge_id, store_id, person_id, 'erasure_request' as reason, 'erase' as method, privacy_request_id,
  carried_out_at as purged_at, carried_out_at + to_minutes(5) as recounted_at, 2 + pick('erased', privacy_request_id || store_id, 60) as rows_before,
  0 as rows_remaining
from planted_erasures
cross join erasure_stores
where has_rows;

update messages set deleted_at = carried_out_at, deletion_reason = 'erasure_request'
from planted_erasures as erasure
where list_contains(person_ids, erasure.person_id) and created_at < received_at;

/* What goes wrong. */
create or replace macro purge_at(name, store) as 'pe-' || request_of(name) || '-' || store;
delete from erasure_purges where purge_id in (purge_at('unproven', 'db-replica'), purge_at('held', 'help-desk'));
update erasure_purges set purged_at = timestamptz '2026-07-12 00:00:00+00', recounted_at = timestamptz '2026-07-12 00:05:00+00' where purge_id = purge_at('late', 'search');
update erasure_purges set purged_at = timestamptz '2026-08-20 03:00:00+00', recounted_at = timestamptz '2026-08-20 03:05:00+00' where purge_id = purge_at('extension', 'search');
update erasure_purges set method = 'deidentify' where purge_id = purge_at('deidentified', 'db-replica');
update erasure_purges set purged_at = timestamptz '2026-07-22 23:59:59+00', recounted_at = timestamptz '2026-07-23 00:05:00+00' where purge_id = purge_at('last second', 'search');
update erasure_purges set rows_remaining = null where purge_id = purge_at('not counted', 'search');
delete from request_actions where privacy_request_id = request_of('not told') and vendor_id = 'v-02';
update request_actions set done_at = instructed_at + to_days(31) where privacy_request_id = request_of('confirmed late') and vendor_id = 'v-03';
insert into request_actions by name
select 'ra-' || request_of('lost store') || '-old-crm' as request_action_id, request_of('lost store') as privacy_request_id, 'old-crm' as store_id,
  'delete' as action, timestamptz '2026-06-26 09:00:00+00' as instructed_at, timestamptz '2026-07-01 09:00:00+00' as done_at;
insert into person_counts by name
select 'db-replica' as store_id, person_id, 'any' as address_form, 'store_owner' as counted_by, 2 as row_count, timestamptz '2026-10-04 13:00:00+00' as counted_at
from planted_erasures
where privacy_request_id = request_of('seen again');
insert into legal_holds by name
select 'h-r-1' as legal_hold_id, 'Inquiry 26-150' as basis, 'emp-0104' as approved_by_person_id, 'https://counsel.conferencing.example/holds' as evidence_uri,
  person_id, 'help-desk' as store_id, timestamptz '2026-06-20 15:00:00+00' as valid_from_at
from planted_erasures
where privacy_request_id = request_of('held');

/* Correspondence: messages that should be there or gone. */
update messages set deleted_at = null, deletion_reason = null
from planted_erasures as erasure
where list_contains(person_ids, erasure.person_id) and messages.thread_id like 'M-%'
  and erasure.privacy_request_id in (request_of('held'), request_of('message left'));
insert into messages by name
select
  record_id,
  'correspondence' as data_class_id,
  'help-desk' as store_id,
  account_id,
  'M-90' as thread_id,
  reply_to_record_id,
  [person_id] as person_ids,
  created_at,
  deleted_at,
  reason as deletion_reason,
  has_email,
  false as is_accessible
from (values
  ('msg-M-90-1', null, timestamptz '2026-07-14 10:00:00+00', timestamptz '2026-08-19 10:00:00+00', 'retention_rule', true),
  ('msg-M-90-3', 'msg-M-90-2', '2026-07-15 10:00:00+00', null, null, true),
  ('msg-M-90-4', 'msg-M-90-3', '2026-07-16 10:00:00+00', null, null, false),
  ('msg-M-90-5', 'msg-M-90-4', '2026-07-17 10:00:00+00', '2026-07-31 10:00:00+00', 'legal', true)
) as listed(record_id, reply_to_record_id, created_at, deleted_at, reason, has_email)
cross join (from askers where place = 8);

/* Surveys. */
insert into survey_answers by name
select
  'sv-planted-' || row as record_id,
  'survey_product' as data_class_id,
  'forms' as store_id,
  account_id,
  [person_id] as person_ids,
  timestamptz '2025-08-20 12:00:00+00' as created_at,
  deleted_at,
  case when deleted_at is not null then 'retention_rule' end as deletion_reason,
  false as is_accessible
from (values (1, null), (2, timestamptz '2026-08-21 00:00:00+00'), (3, '2026-08-20 23:59:59+00')) as listed(row, deleted_at)
cross join (from askers where place = 9);
insert into survey_classes values ('survey_beta', 'Survey of the beta', true, null), ('survey_pulse', 'Anonymous survey', false, null);

/* Web analytics. */
update visit_counts set address_form = 'full' where store_id = 'warehouse' and data_from_on = date '2026-05-20';
update visit_counts set address_form = 'hashed' where store_id = 'warehouse' and data_from_on = date '2026-06-02';
insert into visit_counts
select store_id, 'web_analytics', day, day + 1, 'full', 'store_owner', 310, counted_at
from (values
  ('site-analytics', date '2026-06-01', timestamptz '2026-09-15 19:00:00+00'),
  ('warehouse', date '2026-07-02', timestamptz '2026-09-30 19:00:00+00')
) as listed(store_id, day, counted_at);
update request_rules set valid_to_at = timestamptz '2026-08-01 00:00:00+00' where store_id = 'site-analytics' and counts_from = 'address_logged';
update request_rules set valid_to_at = timestamptz '2026-07-15 00:00:00+00' where store_id = 'warehouse';
insert into request_rules
select * replace (retention_rule_id || '-2' as retention_rule_id, valid_to_at as valid_from_at, null as valid_to_at)
from request_rules
where store_id = 'warehouse';

/* The register itself. */
update privacy_requests set outcome = null where privacy_request_id = 'pr-112';
insert into earlier_requests
select * replace ('pr-099' as privacy_request_id, received_at - to_days(300) as received_at) from earlier_requests where privacy_request_id = 'pr-109';

insert into answers
select 'DSR-03', place_item(plant, place), outcome, reason, note
from (values
  ('unproven', 'db-replica', 'exception', 'unproven', 'The register says done, and no purge proves it'),
  ('late', 'search', 'exception', 'late', 'Erased on day 31 at 00:00:00'),
  ('not told', 'v-02', 'exception', 'not_told', 'The help desk''s vendor was never told'),
  ('extension', 'search', 'exception', 'extension_invalid', 'The extension was told a day after the last day'),
  ('held', 'help-desk', 'deferred', 'held', 'Trap: a hold on the person for the help desk, placed before the last day'),
  ('seen again', 'db-replica', 'exception', 'residue', 'A count in October finds two rows'),
  ('deidentified', 'db-replica', 'manual', 'not_erased', 'Rows were deidentified'),
  ('last second', 'search', 'pass', 'erased', 'Trap: erased on day 30 at 23:59:59'),
  ('not counted', 'search', 'unknown', 'not_counted', 'Nobody counted what remained'),
  ('lost store', 'old-crm', 'unknown', 'place_unknown', 'The register names a store that no list has'),
  ('confirmed late', 'v-03', 'exception', 'confirmed_late', 'Confirmed on day 31 after it was told')
) as found(plant, place, outcome, reason, note);
insert into answers values
  ('RET-06a', purge_at('not counted', 'search'), 'exception', 'not_recounted', 'Nobody counted what remained'),
  ('RET-06a', purge_at('seen again', 'db-replica'), 'pass', 'sound', 'Trap: of a person, not of an account, whom RET-06 does not look for again'),
  ('IPE-02', path_of('request_actions.csv') || ' / reference:stores', 'exception', 'orphan', 'The step at a store that no list has'),
  ('COL-05a', 'msg-M-90-1', 'exception', 'deleted', 'Deleted by a rule of days, though the promise has no end'),
  ('COL-05a', 'msg-M-90-2', 'exception', 'missing', 'Answered, and not on record'),
  ('COL-05a', 'msg-M-90-4', 'exception', 'no_email', 'Kept without the address'),
  ('COL-05a', 'msg-M-90-5', 'pass', 'by_law', 'Trap: deleted because the law required it'),
  ('IPE-02', path_of('records.messages.csv') || ' / reference:records', 'exception', 'orphan', 'The answer to a message that is not on record'),
  ('COL-06a', 'survey_beta', 'exception', 'no_rule', 'A survey without a rule'),
  ('COL-06a', 'survey_pulse', 'pass', 'anonymous', 'Trap: no rule either, but its answers concern nobody'),
  ('COL-06b', 'sv-planted-1', 'exception', 'remains', 'Still there after day 365'),
  ('COL-06b', 'sv-planted-2', 'exception', 'late', 'Deleted on day 366 at 00:00:00'),
  ('COL-06b', 'sv-planted-3', 'pass', 'deleted', 'Trap: deleted on day 365 at 23:59:59'),
  ('COL-09a', 'site-analytics', 'exception', 'no_rule', 'Its rule ended in August'),
  ('COL-09a', 'warehouse', 'pass', 'limited', 'Trap: one rule ended, the next began in that moment'),
  ('COL-09b', 'warehouse / 2026-05-20', 'exception', 'tied', 'Full addresses in October'),
  ('COL-09b', 'warehouse / 2026-06-02', 'manual', 'linkable', 'Hashed addresses'),
  ('COL-09b', 'site-analytics / 2026-06-01', 'exception', 'late', 'Full addresses in September, none in October'),
  ('COL-09b', 'warehouse / 2026-07-02', 'pass', 'untied', 'Trap: full addresses were counted on the last day, none after it'),
  ('DSR-11a', 'pr-112', 'exception', 'incomplete', 'Answered, and nobody noted how'),
  ('DSR-11a', 'pr-107', 'pass', 'complete', 'Trap: withdrawn, so that it needed no answer'),
  ('DSR-11b', 'pr-099', 'exception', 'vanished', 'On record in July, not in October'),
  ('DSR-11b', 'pr-108', 'pass', 'kept', 'Trap: long answered, and still on record');
insert into answers
select 'COL-05b', privacy_request_id || ' / M-' || row, outcome, reason, note
from planted_requests
join (values
  ('held', 'deferred', 'held', 'Trap: the hold covers the thread, too'),
  ('message left', 'exception', 'remains', 'The help desk was purged, and a message is still there')
) as found(fault, outcome, reason, note) using (fault);
