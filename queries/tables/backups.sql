-- One row per copy of data apart from the live store.
create table backups (
  backup_id             varchar     not null,  -- id of the copy
  store_id              varchar     not null,  -- store that was copied -> stores
  country               varchar     not null,  -- where the copy lies, ISO 3166-1 alpha-2
  location              varchar,               -- bucket, host or laptop where the copy lies
  region                varchar,               -- the hosting company's name of the region where it lies
  kind                  varchar     not null check (kind in ('scheduled', 'manual', 'dump', 'export', 'preserved_copy')),  -- what sort of copy; BKP controls test all but preserved copies
  taken_at              timestamptz not null,  -- moment taken, UTC
  destroyed_at          timestamptz,           -- moment destroyed, UTC; null: still there
  newest_record_at      timestamptz,           -- preserved copy: its newest customer record, UTC
  job_id                varchar,               -- job that made it; null: outside the schedule -> jobs
  base_backup_id        varchar,               -- base of an increment -> backups
  copied_from_backup_id varchar,               -- original of a copy -> backups
  key_id                varchar,               -- encryption key
  key_status            varchar     check (key_status in ('active', 'disabled', 'pending_deletion')),  -- what has become of the key
  is_encrypted          boolean,               -- encrypted; null: not known
  is_default_key        boolean,               -- encrypted with the hosting company's default key; null: not known
  account_id            varchar,               -- preserved copy: its account -> accounts
  legal_request_id      varchar,               -- preserved copy: the preservation request -> legal_requests
  kept_in_store_id      varchar,               -- preserved copy: store that keeps it (whose backups hold it too) -> stores
  constraint preserved_copy_has_its_papers check (
    kind <> 'preserved_copy'
      or (account_id is not null and legal_request_id is not null and kept_in_store_id is not null)
  ),
  unique (backup_id)
);
