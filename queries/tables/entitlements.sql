-- One row per role of a person on a customer account or an internal system, and time.
create table entitlements (
  entitlement_id           varchar     not null,  -- id of the entitlement
  person_id                varchar     not null,  -- person who has the role -> people
  user_id                  varchar,               -- login that has it, where the person has several
  approved_by_person_id    varchar,               -- who agreed; null on a system: nobody approved it -> people
  account_id               varchar,               -- customer account that the role is on -> accounts
  asset_id                 varchar,               -- internal system that the role is on -> assets
  role                     varchar     not null,  -- accounts: owner, admin (may act for the owner), member; systems: their own role names
  has_customer_data_access boolean,               -- the role can reach customer content
  valid_from_at            timestamptz not null,  -- moment granted, UTC
  valid_to_at              timestamptz,           -- moment revoked, UTC; null: still
  approved_at              timestamptz,           -- moment approved, UTC
  constraint on_an_account_or_a_system check ((account_id is null) <> (asset_id is null)),
  constraint reach_of_a_system_role_is_known check (asset_id is null or has_customer_data_access is not null),
  constraint account_role_is_known check (account_id is null or role in ('owner', 'admin', 'member')),
  unique (entitlement_id)
);
