-- One row per finding of a review, with what became of it.
create table findings (
  finding_id          varchar     not null,  -- id of the finding
  review_id           varchar     not null,  -- review that it belongs to -> reviews
  control_id          varchar     not null,  -- control that found it
  reason              varchar     not null,  -- reason code of the control
  cause               varchar,               -- what has to be put right; null: one item
  item                varchar,               -- item of the control
  subject_person_id   varchar,               -- person whose act it is -> people
  severity            varchar     not null check (severity in ('critical', 'high', 'medium', 'low')),  -- how grave it is
  opened_at           timestamptz not null,  -- opened, UTC
  closed_at           timestamptz,           -- closed, UTC; null: open
  disposition         varchar     check (disposition in ('unauthorized', 'authorized', 'false_alarm', 'fixed', 'accepted')),  -- what became of it; null: open
  closed_by_person_id varchar,               -- who closed it -> people
  case_id             varchar,               -- case that follows it up -> cases
  note                varchar,               -- the reviewer's words
  evidence_uri        varchar,               -- where the proof lies
  unique (finding_id)
);
