-- One row per account and uninterrupted time in one status.
create table accounts (
  account_id             varchar     not null,  -- id of the account
  status                 varchar     not null check (status in ('trial', 'active', 'paused', 'frozen', 'suspended', 'canceled', 'merged')),  -- status in this span; paused: by the owner; frozen: unpaid; suspended: by us
  status_cause           varchar     check (status_cause in ('owner', 'automatic', 'company', 'erasure_request')),  -- who or what ended the account; company: terms broken
  valid_from_at          timestamptz not null,  -- start of the status, UTC; canceled: the effective cancellation, not the failed payment
  valid_to_at            timestamptz,           -- end of the status, not included, such as a reactivation, UTC; null: still
  kind                   varchar     not null check (kind in ('customer', 'internal', 'decoy')),  -- whose account it is; decoy: nobody has business there
  created_via            varchar     not null check (created_via in ('web', 'invitation', 'single_sign_on', 'api', 'staff', 'import')),  -- way in which it was created
  created_at             timestamptz not null,  -- creation, the same in all rows of an account, UTC
  trial_ends_at          timestamptz,           -- end of the trial, the same in all rows of an account, UTC
  first_used_at          timestamptz,           -- first use, the same in all rows of an account, UTC
  last_active_at         timestamptz,           -- latest activity, the same in all rows of an account, UTC
  plan                   varchar,               -- plan as on invoices
  data_role              varchar     check (data_role in ('processor', 'controller')),  -- our role for its data
  merged_into_account_id varchar,               -- account that took it over -> accounts
  regions                varchar[]   check (list_has_all(['EEA', 'UK', 'CH', 'US-CA', 'US', 'other'], regions)),  -- regions whose people's data the account holds
  constraint canceled_has_a_cause check (status <> 'canceled' or status_cause is not null),
  unique (account_id, valid_from_at)
);
