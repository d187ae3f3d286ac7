-- One row per human, shared login or service account, and, for staff, time in one job.
create table people (
  person_id            varchar   not null,  -- id of the person; who knows only logins takes the login
  email                varchar,             -- customers only: address in lower case, or a keyed hash of it, the same everywhere
  kind                 varchar   not null check (kind in ('customer', 'staff', 'contractor', 'vendor_staff', 'contact', 'shared', 'service')),  -- what the row stands for; contact: no login; shared: login of several
  user_ids             varchar[] not null,  -- all logins, as they occur in access events
  job_title            varchar,             -- what they do
  time_zone            varchar,             -- zone they work in, IANA name
  public_name          varchar,             -- name as published, only for a published function
  functions            varchar[],           -- duties that controls ask for, an open list: data_protection_officer, officer, authorized_signatory, counsel, …
  started_on           date,                -- first day in the job, included, in the person's zone
  ended_on             date,                -- last day in the job, included, in the person's zone: access ends with it; null: still
  privacy_trained_on   date,                -- day the privacy training was last completed
  is_training_required boolean,             -- must take that training
  constraint staff_have_a_job check (kind <> 'staff' or (job_title is not null and time_zone is not null)),
  constraint staff_have_a_first_day check (kind <> 'staff' or started_on is not null),
  constraint staff_training_is_known check (kind <> 'staff' or is_training_required is not null),
  unique (person_id, started_on)
);
