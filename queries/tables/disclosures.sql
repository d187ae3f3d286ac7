-- One row per handing over of customer data, or other help, to an authority or outsider.
create table disclosures (
  disclosure_id    varchar     not null,  -- id of the disclosure
  recipient        varchar     not null,  -- who received it
  legal_request_id varchar,               -- request behind it; null: there was none -> legal_requests
  account_id       varchar,               -- account whose data they are -> accounts
  backup_id        varchar,               -- preserved copy that it came from -> backups
  kind             varchar     not null check (kind in ('data', 'assistance')),  -- what was given
  data_class_ids   varchar[]   not null,  -- classes of data handed over -> data_classes
  disclosed_at     timestamptz not null,  -- moment handed over, UTC
  unique (disclosure_id)
);
