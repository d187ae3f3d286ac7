-- One row per run of a purge job, planned or made.
create table job_runs (
  job_run_id     varchar     not null,  -- id of the run
  job_id         varchar     not null,  -- job that was to run -> jobs
  status         varchar     not null check (status in ('ok', 'partial', 'failed', 'skipped')),  -- how it ended
  scheduled_at   timestamptz,           -- moment planned, UTC
  started_at     timestamptz,           -- start, UTC; null: did not run
  ended_at       timestamptz,           -- end, UTC
  expected_count bigint,                -- rows to delete
  deleted_count  bigint,                -- rows deleted
  error_count    bigint,                -- rows that failed
  unique (job_run_id)
);
