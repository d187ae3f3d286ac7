-- One row per ground on which data of one region may go to us or on to a vendor, and time.
create table transfer_bases (
  transfer_basis_id varchar     not null,  -- id of the ground
  account_id        varchar,               -- data of this account; with vendor_id null: every account -> accounts
  vendor_id         varchar,               -- on to this vendor; with account_id null: every account -> vendors
  region            varchar     not null check (region in ('EEA', 'UK', 'CH')),  -- region that the data come from
  basis             varchar     not null check (basis in ('eu_us', 'uk_extension', 'swiss_us', 'standard_clauses', 'uk_addendum', 'derogation')),  -- ground of the transfer
  fallback_basis    varchar,               -- ground that takes over, as in basis
  contract_id       varchar,               -- contract behind it -> contracts
  document_id       varchar,               -- published document behind it -> documents
  valid_from_at     timestamptz not null,  -- from when the ground holds, UTC
  valid_to_at       timestamptz,           -- until when it holds, not included, UTC; null: still
  unique (transfer_basis_id)
);
