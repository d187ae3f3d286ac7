-- One row per agreement, amendment or registration with one counterparty.
create table contracts (
  contract_id             varchar     not null,  -- id of the paper
  counterparty            varchar     not null,  -- who signed with us, by name
  vendor_id               varchar,               -- the vendor, if the counterparty is one -> vendors
  evidence_uri            varchar,               -- where the signed paper lies
  kind                    varchar     not null check (kind in ('services', 'data_processing', 'standard_clauses', 'controller', 'dispute_provider', 'arbitral_fund', 'merger')),  -- what it is
  signed_on               date        not null,  -- day signed
  effective_on            date        not null,  -- day it takes effect; merger: closing
  ended_on                date,                  -- last day; null: still in force
  fee_paid_on             date,                  -- day the fee or contribution was paid
  clauses                 varchar[],             -- clauses that it has, an open list: purpose_limit, consent_scope, same_protection, notify_inability, cease_or_remediate; of other lists gdpr_28_3_a, regs_7051_a_1, …
  data_class_ids          varchar[],             -- classes of data in its annex -> data_classes
  consideration_received  varchar     check (consideration_received in ('none', 'money', 'discount', 'data', 'service')),  -- what we get for data
  standard_clauses_module varchar     check (standard_clauses_module in ('1', '2', '3', '4')),  -- module of the standard clauses
  clauses_version         varchar,               -- edition of the clause lists
  data_transfer_at        timestamptz,           -- merger: when data go over, UTC
  is_entity_ending        boolean,               -- merger: we cease to be a legal entity
  constraint vendor_contract_has_clauses_and_classes check (vendor_id is null or (clauses is not null and data_class_ids is not null)),
  constraint vendor_contract_has_its_consideration check (vendor_id is null or consideration_received is not null),
  constraint merger_has_a_transfer check (kind <> 'merger' or data_transfer_at is not null),
  constraint merger_says_if_we_end check (kind <> 'merger' or is_entity_ending is not null),
  unique (contract_id)
);
