-- One row per version of a published document.
create table documents (
  document_id           varchar     not null,  -- id of the version
  version               varchar     not null,  -- the version's number or name
  sha256                varchar     not null,  -- SHA-256 of the published text, hexadecimal
  url                   varchar,               -- where it is published
  previous_sha256       varchar,               -- SHA-256 of the version before, hexadecimal
  decided_by_person_id  varchar,               -- who decided whether the change is significant -> people
  kind                  varchar     not null check (kind in ('privacy_policy', 'terms', 'data_processing_addendum', 'subprocessor_list')),  -- what it is
  body                  varchar,               -- plain text, for word checks in SQL
  stated_on             date,                  -- “last updated” in the text
  valid_from_at         timestamptz not null,  -- published, in force from, UTC
  valid_to_at           timestamptz,           -- in force until, not included, UTC; null: still
  is_significant_change boolean,               -- changes what people were told; null: nobody decided
  identity_categories   varchar[],             -- policy: Fideslang keys that sign-up asks for
  vendor_ids            varchar[],             -- list: vendors on it -> vendors
  constraint policy_has_a_body check (kind <> 'privacy_policy' or body is not null),
  constraint kind_has_its_contents check (
    case kind
      when 'privacy_policy' then identity_categories is not null
      when 'subprocessor_list' then vendor_ids is not null
      else true
    end
  ),
  unique (document_id)
);
