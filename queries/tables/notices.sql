-- One row per message that tells one account, person or the Department of Commerce what we promised or must tell.
create table notices (
  notice_id           varchar     not null,  -- id of the message
  account_id          varchar,               -- account that was told; with person_id null: the Department of Commerce -> accounts
  person_id           varchar,               -- person who was told; with account_id null: the Department of Commerce -> people
  kind                varchar     not null check (kind in ('policy_change', 'legal_request', 'preservation', 'merger', 'complaint_referral', 'restriction_lifted', 'breach', 'dpf_withdrawal', 'dpf_affirmation', 'persistent_failure')),  -- what was told; complaint_referral: names PrivacyTrust, free of charge; to the Department: merger and the last three
  document_id         varchar,               -- policy change: the version -> documents
  legal_request_id    varchar,               -- legal request, preservation: the paper -> legal_requests
  contract_id         varchar,               -- merger: the contract -> contracts
  complaint_id        varchar,               -- complaint referral, persistent failure: the complaint -> complaints
  case_id             varchar,               -- breach: the incident -> cases
  privacy_request_id  varchar,               -- restriction lifted: the request -> privacy_requests
  channel             varchar     not null check (channel in ('email', 'in_app', 'post', 'phone', 'web_form')),  -- way it was sent
  is_data_fate_stated boolean,               -- to the Department: says what becomes of DPF data
  sent_at             timestamptz not null,  -- sent, UTC
  delivered_at        timestamptz,           -- arrived, UTC; null: not known
  bounced_at          timestamptz,           -- came back, UTC; null: not known
  evidence_uri        varchar,               -- where the text lies, as sent
  constraint kind_has_its_subject check (
    case
      when kind = 'policy_change' then document_id is not null
      when kind in ('legal_request', 'preservation') then legal_request_id is not null
      when kind = 'merger' then contract_id is not null
      when kind in ('complaint_referral', 'persistent_failure') then complaint_id is not null
      when kind = 'breach' then case_id is not null
      when kind = 'restriction_lifted' then privacy_request_id is not null
      else true
    end
  ),
  constraint about_one_thing check (
    (document_id is not null)::integer
      + (legal_request_id is not null)::integer
      + (contract_id is not null)::integer
      + (complaint_id is not null)::integer
      + (case_id is not null)::integer
      + (privacy_request_id is not null)::integer <= 1
  ),
  unique (notice_id)
);
