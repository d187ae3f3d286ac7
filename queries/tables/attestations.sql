-- One row per signed statement about a control, or about one item of it.
create table attestations (
  attestation_id            varchar     not null,  -- id of the statement
  control_id                varchar     not null,  -- control that it is about
  statement                 varchar     not null,  -- words signed
  signer_title              varchar     not null,  -- the signer's title
  item                      varchar,               -- item of the control that it is about; null: the control as a whole
  kind                      varchar     not null check (kind in ('statement', 'verification', 'inspection', 'explanation', 'outside_report')),  -- what it is
  status                    varchar     not null check (status in ('holds', 'does_not_hold', 'no_statement')),  -- what it says; no_statement: nothing either way
  signed_by_person_id       varchar,               -- who signed, of our people -> people
  signer_name               varchar,               -- who signed, for outsiders
  signer_role               varchar     not null check (signer_role in ('officer', 'authorized_representative', 'reviewer', 'counsel', 'other')),  -- right by which they signed
  authority_uri             varchar,               -- where the right to sign is on file
  stated_count              bigint,                -- a number that it states, such as requests received, to reconcile with
  method                    varchar     check (method in ('self_assessment', 'outside_review')),  -- verification: how it was done
  reviewer_name             varchar,               -- verification: outside reviewer
  assertions                varchar[]   check (list_has_all(['accurate', 'comprehensive', 'readily_available', 'conforms', 'completely_implemented', 'complaint_mechanisms', 'in_house_complaints', 'recourse_told', 'training', 'discipline', 'periodic_reviews'], assertions)),  -- verification: what is asserted, by the keys of the yearly DPF statement
  completed_on              date,                  -- verification: day the assessment or review was completed, an outside one successfully
  signed_at                 timestamptz not null,  -- signed, UTC
  covers_from_at            timestamptz,           -- start of the span judged, UTC
  covers_to_at              timestamptz,           -- end of the span judged, not included, UTC
  valid_to_at               timestamptz,           -- no longer valid from, UTC; null: still
  supersedes_attestation_id varchar,               -- statement that this one replaces -> attestations
  evidence_uri              varchar,               -- where the proof lies
  evidence_sha256           varchar,               -- SHA-256 of the proof, hexadecimal
  constraint has_a_signer check (signed_by_person_id is not null or signer_name is not null),
  constraint verification_has_a_method check (kind <> 'verification' or method is not null),
  constraint verification_has_its_assertions check (kind <> 'verification' or assertions is not null),
  constraint verification_has_its_day check (kind <> 'verification' or completed_on is not null),
  unique (attestation_id)
);
