-- One row per capture of one framework's entry in the Data Privacy Framework List, ours or a vendor's, or per submission of ours.
create table dpf_certifications (
  vendor_id              varchar,               -- vendor whose entry it is; null: our own entry -> vendors
  kind                   varchar     not null check (kind in ('list_entry', 'submission')),  -- what was captured
  framework              varchar     not null check (framework in ('eu_us', 'uk_extension', 'swiss_us')),  -- part of the Data Privacy Framework
  status                 varchar     not null check (status in ('active', 'inactive', 'withdrawn', 'absent', 'submitted')),  -- what the entry says; absent: no entry
  original_on            date,                  -- day first certified, as the entry or submission says
  last_certified_on      date,                  -- day last certified, as the entry or submission says
  next_due_on            date,                  -- day the next certification is due, as the entry or submission says
  policy_effective_on    date,                  -- day from which the policy holds, as the entry or submission says
  covered_data           varchar[]   check (list_has_all(['hr', 'non_hr'], covered_data)),  -- data that it covers
  recourse_mechanism     varchar,               -- who hears complaints, as the entry or submission says
  verification_method    varchar     check (verification_method in ('self_assessment', 'outside_review')),  -- how compliance is verified
  reviewer_name          varchar,               -- outside review: who does it
  policy_url             varchar,               -- where the policy is published
  submitted_by_person_id varchar,               -- who submitted it -> people
  captured_at            timestamptz not null,  -- captured or submitted, UTC
  evidence_uri           varchar     not null,  -- where the captured page, or submission, lies
  evidence_sha256        varchar     not null,  -- SHA-256 of that proof, hexadecimal
  unique (vendor_id, framework, kind, captured_at)
);
