-- One row per review that people carried out.
create table reviews (
  review_id             varchar     not null,  -- id of the review
  reviewed_by_person_id varchar     not null,  -- who reviewed -> people
  kind                  varchar     not null check (kind in ('unauthorized_access', 'entitlements', 'vendor', 'privacy_program')),  -- what was reviewed
  asset_id              varchar,               -- entitlements: the system -> assets
  vendor_id             varchar,               -- vendor: the vendor -> vendors
  audit_run_id          varchar,               -- unauthorized access: run of the suite that it rests on -> audit_runs
  covers_from_at        timestamptz not null,  -- start of the period reviewed, UTC
  covers_to_at          timestamptz not null,  -- end of the period reviewed, not included, UTC
  started_at            timestamptz not null,  -- data drawn, UTC
  completed_at          timestamptz,           -- end of the review, UTC; null: not completed
  result                varchar     check (result in ('satisfactory', 'findings', 'unsatisfactory')),  -- what came of it
  supersedes_review_id  varchar,               -- earlier review of the same period -> reviews
  evidence_uri          varchar,               -- where the proof lies
  constraint kind_has_its_subject check (
    case kind
      when 'entitlements' then asset_id is not null
      when 'vendor' then vendor_id is not null
      else true
    end
  ),
  unique (review_id)
);
