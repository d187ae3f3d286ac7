-- One row per kind of data that the company holds.
create table data_classes (
  data_class_id         varchar     not null,  -- id of the class
  name                  varchar     not null,  -- what people call it
  approved_by_person_id varchar,               -- who approved its purposes -> people
  kind                  varchar     not null check (kind in ('account_content', 'profile', 'profile_picture', 'login_log', 'signup_address', 'web_analytics', 'correspondence', 'survey', 'interview_recording', 'billing', 'request_log', 'suppression_list', 'workforce', 'other')),  -- what data they are
  is_personal           boolean     not null,  -- personal data; false for an anonymous survey
  purposes              varchar[]   not null,  -- purposes declared
  compatible_purposes   varchar[]   not null,  -- further purposes approved as compatible
  approved_at           timestamptz,           -- approval of the purposes, UTC
  unique (data_class_id)
);
