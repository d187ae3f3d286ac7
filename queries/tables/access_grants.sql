-- One row per permission for one staff member to reach customer data for a time.
create table access_grants (
  grant_id               varchar     not null,  -- id of the grant
  person_id              varchar     not null,  -- who may use it -> people
  account_id             varchar,               -- account that it is limited to; null: not limited -> accounts
  store_id               varchar,               -- store that it is limited to; null: not limited -> stores
  basis                  varchar     not null check (basis in ('service_error', 'support_consent', 'abuse_investigation', 'legal_requirement')),  -- ground on which access is allowed
  case_id                varchar,               -- incident, ticket or abuse case that is the reason -> cases
  consent_id             varchar,               -- customer's consent that is the reason -> consents
  legal_request_id       varchar,               -- authority's paper that is the reason -> legal_requests
  actions                varchar[],             -- values of event_action allowed; null: not limited
  requested_by_person_id varchar     not null,  -- who asked for it -> people
  granted_by_person_id   varchar     not null,  -- who gave it -> people
  approved_by_person_id  varchar,               -- who approved it, a second person -> people
  valid_from_at          timestamptz not null,  -- start of the permission, UTC
  valid_to_at            timestamptz not null,  -- end of the permission, not included, UTC
  requested_at           timestamptz,           -- moment asked for, UTC
  approved_at            timestamptz,           -- moment approved, UTC
  revoked_at             timestamptz,           -- moment taken back before its end, UTC
  is_break_glass         boolean     not null,  -- taken first, approved after
  constraint basis_has_its_reason check (
    case
      when basis in ('service_error', 'abuse_investigation') then case_id is not null
      when basis = 'support_consent' then consent_id is not null
      when basis = 'legal_requirement' then legal_request_id is not null
    end
  ),
  unique (grant_id)
);
