-- One row per choice or agreement of a person or account about one purpose.
create table consents (
  consent_id         varchar     not null,  -- id of the choice
  person_id          varchar,               -- person whose choice it is -> people
  account_id         varchar,               -- account whose choice it is -> accounts
  given_by_person_id varchar,               -- who gave it, if for another -> people
  purpose            varchar     not null,  -- what it is about, an open list: interview_recording, marketing_mention, marketing_email, sale_or_sharing, support_access, authorized_agent, document (acceptance), all, …
  choice             varchar     not null check (choice in ('granted', 'denied', 'restricted')),  -- what was chosen; denied: opt-out; restricted: restriction or objection
  scope              varchar[],             -- parts that it covers; marketing: name, logo, quote; else as the form says
  given_at           timestamptz not null,  -- moment given, UTC
  applied_at         timestamptz,           -- moment from which the systems followed it, UTC
  withdrawn_at       timestamptz,           -- moment ended, UTC; null: still
  method             varchar     not null check (method in ('click', 'written', 'email_reply', 'signature', 'power_of_attorney', 'spoken_recorded', 'implied', 'pre_ticked', 'unknown')),  -- how it was given
  case_id            varchar,               -- support access: its ticket -> cases
  privacy_request_id varchar,               -- agent, restriction: the request -> privacy_requests
  document_id        varchar,               -- acceptance: version of the document -> documents
  evidence_uri       varchar,               -- where the proof lies
  evidence_sha256    varchar,               -- SHA-256 of the proof, hexadecimal
  constraint of_a_person_or_an_account check (person_id is not null or account_id is not null),
  constraint support_access_has_a_ticket check (purpose <> 'support_access' or case_id is not null),
  constraint agent_or_restriction_has_a_request check ((purpose <> 'authorized_agent' and choice <> 'restricted') or privacy_request_id is not null),
  constraint acceptance_has_a_document check (purpose <> 'document' or document_id is not null),
  unique (consent_id)
);
