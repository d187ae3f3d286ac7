-- One row per complaint, inquiry or demand for a paper about personal data, at one forum.
create table complaints (
  complaint_id             varchar     not null,  -- id of the complaint
  channel                  varchar     not null,  -- way it came
  person_id                varchar,               -- person who complains -> people
  vendor_id                varchar,               -- vendor whose contract is asked for -> vendors
  escalates_complaint_id   varchar,               -- complaint one forum lower -> complaints
  kind                     varchar     not null check (kind in ('complaint', 'inquiry', 'contract_copy', 'verification_statement')),  -- what is wanted; contract_copy, verification_statement: asks to see them
  forum                    varchar     not null check (forum in ('company', 'dispute_provider', 'supervisory_authority', 'us_government', 'arbitration')),  -- who hears it
  forum_name               varchar,               -- name of the forum, such as PrivacyTrust
  forum_reference          varchar,               -- the forum's case number
  framework                varchar     check (framework in ('eu_us', 'uk_extension', 'swiss_us')),  -- part of the Data Privacy Framework; null: no DPF complaint
  received_at              timestamptz not null,  -- first receipt in any channel, UTC
  acknowledged_at          timestamptz,           -- receipt confirmed, UTC
  responded_at             timestamptz,           -- answer, or paper given, UTC
  decided_at               timestamptz,           -- the forum's decision, UTC
  remedied_at              timestamptz,           -- decision complied with, UTC
  is_merit_stated          boolean,               -- answer to an authority: says whether it has merit, and the remedy
  is_determination_refused boolean,               -- we refused the final determination
  is_persistent_failure    boolean,               -- the forum found persistent failure
  due_on                   date,                  -- a date that the forum wrote
  outcome                  varchar     check (outcome in ('resolved', 'unresolved', 'rejected', 'withdrawn')),  -- how it ended; null: open
  constraint outside_forum_has_name_and_reference check (forum = 'company' or (forum_name is not null and forum_reference is not null)),
  unique (complaint_id)
);
