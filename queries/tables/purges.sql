-- One row per deletion of the rows of one account or person in one store.
create table purges (
  purge_id           varchar     not null,  -- id of the deletion
  store_id           varchar     not null,  -- store it was done in -> stores
  account_id         varchar,               -- account whose rows went; null: rows of all accounts -> accounts
  person_id          varchar,               -- person whose rows went; null: rows of all persons -> people
  data_class_id      varchar,               -- class of data that went; null: rows of all classes -> data_classes
  reason             varchar     not null check (reason in ('account_canceled', 'erasure_request', 'restore', 'retention_rule', 'legal', 'unknown')),  -- what called for it
  method             varchar     not null check (method in ('erase', 'deidentify', 'aggregate')),  -- how it was done
  privacy_request_id varchar,               -- erasure: the request that called for it -> privacy_requests
  restore_id         varchar,               -- re-purge: the restore that called for it -> restores
  job_run_id         varchar,               -- run that did it -> job_runs
  purged_at          timestamptz not null,  -- moment done, UTC
  recounted_at       timestamptz,           -- moment counted after, UTC
  rows_before        bigint,                -- rows counted before; null: not counted
  rows_remaining     bigint,                -- rows counted after; null: not counted
  constraint reason_has_its_cause check (
    case reason
      when 'erasure_request' then privacy_request_id is not null
      when 'restore' then restore_id is not null
      else true
    end
  ),
  unique (purge_id)
);
