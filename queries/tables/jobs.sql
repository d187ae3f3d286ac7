-- One row per automated job or decision system and time in which its facts hold.
create table jobs (
  job_id                varchar     not null,  -- id of the job
  name                  varchar     not null,  -- what people call it
  purpose               varchar     not null,  -- what it is run for
  input_store_id        varchar,               -- store that it reads from -> stores
  vendor_id             varchar,               -- vendor who does it -> vendors
  operation             varchar     not null,  -- what it does, an open list: purge, backup, transform, thumbnail, metadata_removal, face_recognition, embedding, text_recognition, labeling, moderation, transcription, training, analytics, advertising, decision, …
  input_data_class_ids  varchar[]   not null,  -- classes of data that it takes in -> data_classes
  run_every_hours       integer,               -- schedule, hours from run to run; null: on demand
  is_automated_decision boolean     not null,  -- decides without a human
  has_human_review      boolean     not null,  -- a human can overturn it
  decision_effect       varchar     check (decision_effect in ('none', 'legal', 'similarly_significant')),  -- decision: what it means for the person
  decision_basis        varchar     check (decision_basis in ('contract', 'law', 'explicit_consent', 'none')),  -- decision: its ground
  valid_from_at         timestamptz not null,  -- from when this row's facts hold, UTC
  valid_to_at           timestamptz,           -- until when they hold, not included, UTC; null: still
  constraint decision_has_effect_and_basis check (not is_automated_decision or (decision_effect is not null and decision_basis is not null)),
  unique (job_id, valid_from_at)
);
