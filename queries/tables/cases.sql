-- One row per support ticket, incident, maintenance window, abuse case or vendor's notice that it can't keep its duties.
create table cases (
  case_id                 varchar     not null,  -- id of the case
  kind                    varchar     not null check (kind in ('support', 'incident', 'maintenance', 'abuse', 'vendor_inability')),  -- what it is; vendor_inability: a vendor's notice that it cannot keep its duties
  account_id              varchar,               -- support, abuse: the account -> accounts
  vendor_id               varchar,               -- vendor's notice: the vendor -> vendors
  opened_by_person_id     varchar,               -- who opened it -> people
  opened_at               timestamptz not null,  -- start, or notice received, UTC
  first_responded_at      timestamptz,           -- first human answer, UTC
  closed_at               timestamptz,           -- end, or acted on, UTC; null: open
  process                 varchar,               -- incident: automated process that stopped
  root_cause_uri          varchar,               -- incident: where the root-cause record lies
  breach_assessment_uri   varchar,               -- breach: where the reasons for a late notice, or for no risk, lie
  is_breach_risk_unlikely boolean,               -- breach: judged unlikely to be a risk to persons
  root_cause_recorded_at  timestamptz,           -- incident: root-cause record written, UTC
  breach_known_at         timestamptz,           -- incident: breach of personal data known, UTC
  breach_notified_at      timestamptz,           -- incident: authority told of the breach, UTC
  reported_at             timestamptz,           -- abuse: reported to the authority, UTC
  event_providers         varchar[],             -- incident, maintenance: logs that were down, as in stores.event_provider
  steps_before_access     varchar[],             -- abuse: less intrusive steps taken first
  outcome                 varchar     check (outcome in ('restricted_use_confirmed', 'not_confirmed')),  -- abuse: what was found
  reported_to             varchar,               -- abuse: authority that it was reported to
  constraint kind_has_its_subject check (
    case
      when kind in ('support', 'abuse') then account_id is not null
      when kind = 'vendor_inability' then vendor_id is not null
      else true
    end
  ),
  unique (case_id)
);
