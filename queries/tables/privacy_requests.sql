-- One row per request of a person about their data, owners' exports included.
create table privacy_requests (
  privacy_request_id      varchar     not null,  -- id of the request
  channel                 varchar     not null,  -- way it came, an open list: in_app, email, form, phone, post, social, …
  person_id               varchar,               -- person whose data it is about -> people
  account_id              varchar,               -- account whose data it is about -> accounts
  requester_person_id     varchar,               -- who wrote -> people
  kind                    varchar     not null check (kind in ('know', 'access', 'portability', 'correct', 'delete', 'restrict', 'object', 'opt_out', 'limit', 'automated_decision', 'owner_export')),  -- what is asked
  requester_kind          varchar     not null check (requester_kind in ('account_holder', 'non_account_holder', 'agent')),  -- what the writer is
  jurisdiction            varchar     not null check (jurisdiction in ('EEA', 'UK', 'CH', 'US-CA', 'US', 'other', 'unknown')),  -- region whose law applies
  subject_time_zone       varchar,               -- zone of the person, IANA name
  detail_level            varchar     check (detail_level in ('categories', 'specific_pieces')),  -- know: how much is asked
  received_at             timestamptz not null,  -- arrival in any mailbox or form, UTC
  acknowledged_at         timestamptz,           -- arrival confirmed to the person, UTC
  extended_at             timestamptz,           -- person told of the extension, UTC
  responded_at            timestamptz,           -- answer sent, UTC
  delivered_at            timestamptz,           -- data delivered, UTC
  identity_asked_at       timestamptz,           -- identity asked for, UTC
  verified_at             timestamptz,           -- last element checked, UTC
  new_elements_deleted_at timestamptz,           -- what was asked anew is deleted, UTC
  reauthenticated_at      timestamptz,           -- signed in anew, UTC
  declaration_signed_at   timestamptz,           -- declaration signed, UTC
  human_reviewed_at       timestamptz,           -- automated decision reviewed by a human, UTC
  verified_elements       varchar[],             -- kinds of elements that matched, a kind once, e-mail as account_email
  new_elements            varchar[],             -- kinds asked for that we did not hold before
  disputed_elements       varchar[],             -- correction: data in dispute
  demands                 varchar[]   check (list_has_all(['signed_permission', 'power_of_attorney', 'in_person'], demands)),  -- asked of an agent
  fee_cents               bigint,                -- asked for the answer, US cents
  verification_fee_cents  bigint,                -- asked for the verification, US cents
  is_contact_named        boolean,               -- denial names a contact
  is_fee_offered          boolean,               -- person offered to pay
  is_deletion_offered     boolean,               -- correction denied: deletion offered
  outcome                 varchar     check (outcome in ('fulfilled', 'partly_fulfilled', 'denied', 'withdrawn')),  -- how it ended; null: open
  extension_reason        varchar,               -- why the time was extended
  delivered_to_email      varchar,               -- address that the data went to, in the form of people.email
  denial_reason           varchar,               -- why it was denied, an open list: not_verified, legal_exception, unfounded, excessive, cost, not_resident, out_of_scope_law, …
  constraint about_a_person_or_an_account check (person_id is not null or account_id is not null),
  constraint denial_says_what_was_offered check (
    outcome <> 'denied'
      or (is_contact_named is not null and is_fee_offered is not null and is_deletion_offered is not null)
  ),
  constraint denial_has_a_reason check (outcome <> 'denied' or denial_reason is not null),
  unique (privacy_request_id)
);
