-- One row per file loaded.
create table loads (
  load_id          varchar     not null,  -- id of this load
  table_name       varchar     not null,  -- table that the file fills
  part             varchar     not null,  -- system or month within the table, whose earlier load this one replaces; all: the file name has none
  file_name        varchar     not null,  -- path of the file, from the project folder
  sha256           varchar     not null,  -- SHA-256 of the file, hexadecimal
  format           varchar     not null,  -- source query or file format by which it was read
  loaded_by        varchar     not null,  -- system user who ran the load
  suite_version    varchar     not null,  -- version of audit_lib that read it
  source_system    varchar,               -- system that it was drawn from, as the producer states
  extracted_by     varchar,               -- person or job that drew it, as the producer states
  query_sha256     varchar,               -- SHA-256 of the query that drew it, hexadecimal
  previous_load_id varchar,               -- earlier load of the same file, which has grown or changed since -> loads
  is_rewritten     boolean     not null,  -- lines of the earlier load are no longer as they were
  byte_count       bigint      not null,  -- size of the file, bytes
  rows_read        bigint      not null,  -- source records read = loaded + duplicate + ignored + quarantined
  rows_loaded      bigint      not null,  -- source records that made rows
  rows_duplicate   bigint      not null,  -- source records that were loaded before
  rows_ignored     bigint      not null,  -- source records that are valid, but no access
  rows_quarantined bigint      not null,  -- source records that could not be read
  events_loaded    bigint      not null,  -- rows made from the loaded records
  control_total    bigint,                -- source records that the file should hold, as the producer states
  loaded_at        timestamptz not null,  -- moment of the load, UTC
  last_found_at    timestamptz not null,  -- moment the file was last found in its place, UTC
  extracted_at     timestamptz,           -- moment the producer drew it, UTC; the snapshot is in force from then
  covers_from_at   timestamptz,           -- start of the span that the producer says it covers, UTC
  covers_to_at     timestamptz,           -- end of that span, not included, UTC
  first_at         timestamptz,           -- earliest event in it, UTC
  last_at          timestamptz,           -- latest event in it, UTC
  unique (load_id)
);
