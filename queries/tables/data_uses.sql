-- One row per use of the data of a person or account that a choice or a law can forbid.
create table data_uses (
  data_use_id   varchar     not null,  -- id of the use
  person_id     varchar,               -- person whose data were used -> people
  account_id    varchar,               -- account whose data were used -> accounts
  kind          varchar     not null check (kind in ('message', 'publication', 'processing', 'transfer')),  -- what was done with the data
  purpose       varchar     not null,  -- as in consents; transfer, an open list: blog_comment, survey, job_application, …
  data_class_id varchar,               -- data that were used -> data_classes
  job_id        varchar,               -- job that used them -> jobs
  surface       varchar,               -- publication: where
  scope         varchar[]   check (list_has_all(['name', 'logo', 'quote'], scope)),  -- publication: what was shown
  started_at    timestamptz not null,  -- sent, run, transferred or published, UTC
  ended_at      timestamptz,           -- taken down, UTC; null: still
  region        varchar     check (region in ('EEA', 'UK', 'CH', 'US-CA', 'US', 'other')),  -- transfer: the person's region
  legal_basis   varchar,               -- transfer: its ground, an open list: article_49_1_b, …
  basis_note    varchar,               -- transfer: why it was necessary
  constraint of_a_person_or_an_account check (person_id is not null or account_id is not null),
  constraint publication_has_a_scope check (kind <> 'publication' or scope is not null),
  constraint transfer_has_a_ground check (kind <> 'transfer' or (region is not null and legal_basis is not null and basis_note is not null)),
  unique (data_use_id)
);
