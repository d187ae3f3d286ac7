-- One row per flow of data to one destination, as seen by one method.
create table vendor_flows (
  vendor_flow_id varchar     not null,  -- id of the flow
  destination    varchar     not null,  -- host, payee or app
  vendor_id      varchar,               -- vendor who receives it; null: unknown vendor -> vendors
  purpose        varchar,               -- what it is for, as in vendors.purposes
  found_by       varchar     not null check (found_by in ('egress', 'dns', 'tag_scan', 'accounts_payable', 'single_sign_on')),  -- method that saw it
  is_personal    boolean,               -- carries personal data; null: not known
  has_free_text  boolean,               -- carries open text; null: not known
  is_real_time   boolean,               -- can be stopped at once; null: not known
  data_class_ids varchar[],             -- classes of data sent -> data_classes
  first_seen_at  timestamptz not null,  -- first seen, UTC
  last_seen_at   timestamptz not null,  -- last seen, UTC
  unique (vendor_flow_id)
);
