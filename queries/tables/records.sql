-- One row per single thing kept: content item, message, survey answer or recording.
create table records (
  record_id          varchar     not null,  -- id of the thing kept
  data_class_id      varchar     not null,  -- class that tells what it is -> data_classes
  store_id           varchar,               -- store that it lies in -> stores
  account_id         varchar,               -- account that it belongs to -> accounts
  thread_id          varchar,               -- message: its thread
  reply_to_record_id varchar,               -- message: the message that it answers -> records
  person_ids         varchar[],             -- recording: all participants on the customer's side; message: its writer; answer: the respondent -> people
  created_at         timestamptz not null,  -- made, received or started, UTC
  stored_at          timestamptz,           -- kept from, UTC
  trashed_at         timestamptz,           -- put in trash by the user, UTC; null again if restored
  restricted_at      timestamptz,           -- locked by us, UTC
  deleted_at         timestamptz,           -- deleted, UTC; null: still there
  deletion_reason    varchar     check (deletion_reason in ('user', 'erasure_request', 'account_purge', 'consent_withdrawn', 'retention_rule', 'legal', 'unknown')),  -- why it was deleted
  has_email          boolean,               -- message: kept with its e-mail address
  is_accessible      boolean,               -- the account's users can reach it, at the export
  url_paths          varchar[],             -- content: paths under which web and API serve it, to find reads in access_events
  constraint deletion_has_a_reason check (deleted_at is null or deletion_reason is not null),
  unique (record_id)
);
