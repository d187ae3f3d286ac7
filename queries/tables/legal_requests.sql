-- One row per paper from an authority or outsider, split by account, and by data class where decided apart.
create table legal_requests (
  legal_request_id            varchar     not null,  -- id of this part of the paper
  letter_reference            varchar     not null,  -- reference that the parts of one letter share
  account_id                  varchar,               -- account that it is about; null: none of our accounts -> accounts
  kind                        varchar     not null check (kind in ('data', 'preservation', 'preservation_renewal', 'nondisclosure_order', 'informal')),  -- what is asked; nondisclosure_order: gag
  related_legal_request_id    varchar,               -- renewal, order: the request concerned; data: the preservation before it -> legal_requests
  legal_basis                 varchar     check (legal_basis in ('18_usc_2705_b', '18_usc_2709_c', 'other_statute', 'none')),  -- order: the law behind it; none: a mere wish
  authority                   varchar     not null,  -- who sent it
  country                     varchar     not null,  -- the sender's country, ISO 3166-1 alpha-2
  authority_kind              varchar     not null check (authority_kind in ('us_federal', 'us_state', 'us_local', 'foreign', 'civil_party', 'private')),  -- what the sender is
  instrument                  varchar     not null check (instrument in ('none', 'warrant', 'criminal_subpoena', 'court_order', 'civil_subpoena', 'section_2703f', 'california_hold', 'emergency', 'cloud_act_agreement', 'national_security_letter', 'fisa_order')),  -- form of the paper; california_hold: Civ. Code 1798.145(a)(1)(B); of the last two no details may leave the store
  is_properly_served          boolean,               -- served as the law asks; null: not known
  status                      varchar     not null check (status in ('open', 'complied', 'rejected', 'withdrawn')),  -- what has become of it
  received_at                 timestamptz not null,  -- received, UTC
  decided_at                  timestamptz,           -- decided, UTC
  valid_from_at               timestamptz,           -- start of the paper's force, UTC
  valid_to_at                 timestamptz,           -- end of the paper's force, not included, UTC; null: a gag without end
  rechecked_at                timestamptz,           -- last check that a gag holds, UTC
  instrument_issued_on        date,                  -- date on the paper
  preserve_until_on           date,                  -- end that a civil subpoena sets
  scope_data_class_ids        varchar[],             -- classes of data compelled -> data_classes
  mutual_assistance_reference varchar,               -- foreign: reference of the treaty request
  us_instrument_reference     varchar,               -- foreign: reference of the US paper that compels
  decided_by_person_id        varchar,               -- who decided -> people
  counsel_note_uri            varchar,               -- where counsel's note lies: why not appealed, emergency
  evidence_uri                varchar,               -- where the proof lies
  constraint renewal_or_order_names_its_request check (kind not in ('preservation_renewal', 'nondisclosure_order') or related_legal_request_id is not null),
  constraint order_has_a_legal_basis check (kind <> 'nondisclosure_order' or legal_basis is not null),
  unique (legal_request_id)
);
