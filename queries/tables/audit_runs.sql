-- One row per run of the suite, with the state of its evidence pack.
create table audit_runs (
  audit_run_id             varchar     not null,  -- id of this run
  command                  varchar     not null,  -- command line that started it
  ran_by                   varchar     not null,  -- system user who ran it
  suite_version            varchar     not null,  -- version of audit_lib
  parameters_sha256        varchar     not null,  -- SHA-256 of all parameters with sources and approvers, hexadecimal
  since_at                 timestamptz not null,  -- start of the period, UTC
  until_at                 timestamptz not null,  -- end of the period, not included, UTC
  as_of_at                 timestamptz not null,  -- moment looked from, UTC
  started_at               timestamptz not null,  -- start of the run, UTC
  ended_at                 timestamptz,           -- end of the run, UTC; null: it broke off
  pack_verified_at         timestamptz,           -- last verification of its pack, UTC
  exit_code                integer,               -- 0: nothing to act on; 1: something needs a person; 2 and up: the audit did not take place
  controls_tested          varchar[]   not null,  -- controls that tested at least one item
  pack_faults              varchar[],             -- differences at the last verification: changed:PATH, missing:PATH, extra:PATH
  manifest_sha256          varchar,               -- SHA-256 of its pack's manifest, hexadecimal
  previous_manifest_sha256 varchar,               -- SHA-256 of the pack before, as the manifest states it
  pack_signature           varchar     check (pack_signature in ('valid', 'invalid', 'absent')),  -- signature of the pack when last verified
  pack_timestamp           varchar     check (pack_timestamp in ('valid', 'invalid', 'absent')),  -- time stamp of the pack when last verified
  unique (audit_run_id)
);
