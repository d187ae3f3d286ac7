-- One row per restore or other use of a backup, tests included.
create table restores (
  restore_id             varchar     not null,  -- id of the restore
  backup_id              varchar     not null,  -- backup that was used -> backups
  target_store_id        varchar     not null,  -- store that it was restored into -> stores
  account_id             varchar,               -- account, if only one was restored -> accounts
  requested_by_person_id varchar,               -- who asked for it -> people
  purpose                varchar     not null check (purpose in ('recovery', 'test', 'maintenance', 'disclosure', 'commercial')),  -- what it was for
  started_at             timestamptz not null,  -- start, UTC
  ended_at               timestamptz,           -- end, UTC
  target_destroyed_at    timestamptz,           -- restored data destroyed as a whole, UTC
  unique (restore_id)
);
