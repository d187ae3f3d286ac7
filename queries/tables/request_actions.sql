-- One row per request and place, store or vendor, to which it had to be carried.
create table request_actions (
  request_action_id  varchar     not null,  -- id of the step
  privacy_request_id varchar     not null,  -- request that is carried out -> privacy_requests
  store_id           varchar,               -- store that it was carried to -> stores
  vendor_id          varchar,               -- vendor that it was carried to -> vendors
  action             varchar     not null check (action in ('correct', 'delete', 'restrict')),  -- what is to be done
  instructed_at      timestamptz,           -- owner or vendor told, UTC
  done_at            timestamptz,           -- applied, or confirmed by the vendor, UTC
  rechecked_at       timestamptz,           -- looked at again, UTC
  is_still_done      boolean,               -- at the recheck it still held
  exemption          varchar     check (exemption in ('legal_obligation', 'legal_claims', 'public_interest', 'free_expression', 'security', 'backup_until_next_use', 'no_data_held')),  -- why it need not be done
  evidence_uri       varchar,               -- where the reasons of an exemption, or the vendor's certificate, lie
  evidence_sha256    varchar,               -- SHA-256 of that proof, hexadecimal
  constraint at_one_place check ((store_id is null) <> (vendor_id is null)),
  unique (request_action_id)
);
