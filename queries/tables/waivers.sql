-- One row per approved exception from a control, or for one item of it, and time.
create table waivers (
  waiver_id              varchar     not null,  -- id of the waiver
  control_id             varchar     not null,  -- control that it is about
  justification          varchar     not null,  -- why the exception is accepted
  requested_by_person_id varchar     not null,  -- who asked for it -> people
  approved_by_person_id  varchar     not null,  -- who agreed, a different person -> people
  reason                 varchar,               -- reason code that it covers; null: widens it to all
  cause                  varchar,               -- cause that it covers; null: widens it to all
  item                   varchar,               -- item that it covers, break-glass: one waiver a grant; null: widens it to all
  evidence_uri           varchar,               -- where the proof lies
  approved_at            timestamptz not null,  -- moment agreed, UTC
  valid_from_at          timestamptz not null,  -- start, UTC
  valid_to_at            timestamptz not null,  -- end, not included, UTC; never open-ended
  unique (waiver_id)
);
