-- One row per company that may receive our data, and time in which its facts hold.
create table vendors (
  vendor_id        varchar     not null,  -- id of the vendor
  name             varchar     not null,  -- name of the company
  service          varchar     not null,  -- what it does for us
  parent_vendor_id varchar,               -- owner, or the vendor whose sub-vendor it is -> vendors
  role             varchar     not null check (role in ('processor', 'sub_vendor', 'third_party', 'none')),  -- its role for our data; third_party: decides for itself; none: no personal data
  purposes         varchar[]   not null,  -- what it is used for, an open list: hosting, support, analytics, advertising, transcription, payment, …
  countries        varchar[]   not null,  -- where it keeps data, ISO 3166-1 alpha-2
  aliases          varchar[],             -- brand and legal names
  hosts            varchar[],             -- its domains
  valid_from_at    timestamptz not null,  -- from when this row's facts hold, UTC
  valid_to_at      timestamptz,           -- until when they hold, not included, UTC; null: still
  unique (vendor_id, valid_from_at)
);
