-- One row per logical data store, log or copy of a log, and time in which its facts hold.
create table stores (
  store_id          varchar     not null,  -- id of the store
  name              varchar     not null,  -- what people call it
  owner_person_id   varchar     not null,  -- person who answers for it -> people
  vendor_id         varchar,               -- vendor whose system it is -> vendors
  kind              varchar     not null check (kind in ('database', 'replica', 'object_storage', 'search_index', 'cache', 'warehouse', 'log', 'security_log', 'analytics', 'help_desk', 'files', 'staging', 'vendor_system')),  -- what it is; security_log: SIEM
  data_class_ids    varchar[]   not null,  -- classes of data that lie in it -> data_classes
  is_in_purge_scope boolean     not null,  -- must be empty of a canceled account's data
  event_provider    varchar,               -- log: its name in access_events
  log_role          varchar     check (log_role in ('primary', 'independent', 'copy')),  -- log: accesses are counted by primary logs; independent: records the same accesses on its own
  access_paths      varchar[],             -- log: what it records, an open list: web, api, mobile, admin_console, database_shell, …; logs that share a path are reconciled
  valid_from_at     timestamptz not null,  -- from when this row's facts hold, UTC
  valid_to_at       timestamptz,           -- until when they hold, not included, UTC; null: still
  constraint log_has_a_name_and_a_role check (kind <> 'log' or (event_provider is not null and log_role is not null)),
  constraint log_has_its_access_paths check (kind <> 'log' or access_paths is not null),
  unique (store_id, valid_from_at)
);
