-- One row per order to keep data that would else be deleted, and time.
create table legal_holds (
  legal_hold_id         varchar     not null,  -- id of the hold
  basis                 varchar     not null,  -- law or matter
  approved_by_person_id varchar     not null,  -- who agreed -> people
  evidence_uri          varchar     not null,  -- where the proof lies
  account_id            varchar,               -- account that it covers; null: widens it to all -> accounts
  person_id             varchar,               -- person that it covers; null: widens it to all -> people
  store_id              varchar,               -- store that it covers; null: widens it to all -> stores
  backup_id             varchar,               -- backup that it covers; null: widens it to all -> backups
  legal_request_id      varchar,               -- request behind it -> legal_requests
  valid_from_at         timestamptz not null,  -- placed, UTC
  valid_to_at           timestamptz,           -- released, UTC; null: still in force
  unique (legal_hold_id)
);
