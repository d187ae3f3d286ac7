-- One row per place where a single datum is asked or kept.
create table data_fields (
  data_field_id    varchar     not null,  -- id of the field
  container        varchar     not null,  -- table, form, event or site that it is in
  name             varchar     not null,  -- its name there
  kind             varchar     not null check (kind in ('column', 'form_field', 'event_property', 'vendor_attribute', 'file_metadata', 'cookie')),  -- what sort of place it is; file_metadata: EXIF and the like
  store_id         varchar,               -- store that it lies in -> stores
  vendor_id        varchar,               -- vendor in whose system it lies -> vendors
  data_class_id    varchar,               -- class of the data -> data_classes
  label            varchar,               -- text that people see
  purpose          varchar,               -- purpose declared
  data_category    varchar,               -- Fideslang key such as user.contact.email; null: not classified
  value_form       varchar     check (value_form in ('plain', 'truncated', 'hashed', 'salted_hash', 'encrypted')),  -- form in which values are kept
  is_identity      boolean     not null,  -- part of the sign-up or account tables
  is_required      boolean     not null,  -- must be filled
  is_free_text     boolean     not null,  -- open text
  filled_count     bigint,                -- rows with a value
  scanned_count    bigint,                -- open-text rows sampled
  scan_match_count bigint,                -- of the sampled rows, those with sensitive content
  max_age_seconds  bigint,                -- cookie: declared lifetime, seconds
  first_seen_at    timestamptz not null,  -- first seen, UTC
  last_seen_at     timestamptz,           -- last seen, UTC; null: still there
  constraint cookie_has_a_purpose check (kind <> 'cookie' or purpose is not null),
  unique (data_field_id)
);
