-- One row per rule for one data class in one store and one start of the clock, and time.
create table retention_rules (
  retention_rule_id     varchar     not null,  -- id of the rule
  store_id              varchar     not null,  -- store that it binds -> stores
  data_class_id         varchar     not null,  -- class of data that it bounds -> data_classes
  owner_person_id       varchar     not null,  -- person who answers for it -> people
  approved_by_person_id varchar,               -- who agreed -> people
  counts_from           varchar     not null check (counts_from in ('account_cancellation', 'creation', 'trashing', 'copy_taken', 'address_logged')),  -- what starts the clock; address_logged: how long an IP address stays tied to the row
  basis_kind            varchar     not null check (basis_kind in ('policy', 'law', 'management')),  -- where the rule comes from
  basis                 varchar     not null,  -- its words or section
  min_days              integer,               -- floor, days from the start of the clock; null: none stated
  max_days              integer,               -- ceiling, days from the start of the clock; null: none stated
  is_kept_while_active  boolean     not null,  -- floor: as long as the account is active
  control_ids           varchar[]   not null,  -- controls that test it
  valid_from_at         timestamptz not null,  -- from when the rule holds, UTC
  valid_to_at           timestamptz,           -- until when it holds, not included, UTC; null: still
  unique (retention_rule_id)
);
