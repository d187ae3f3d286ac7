/*
title      = "Fides privacy requests"
table      = "privacy_requests"
provider   = "fides_privacy_requests"
records    = "json"
lists      = ["items"]
file_names = ["*privacy-requests*", "*privacy_requests*"]
recognise  = "has_keys(text, ['id', 'policy', 'status', 'identity_verified_at'])"
origin     = "Fides (Ethyca): requests of data subjects as its privacy center and its operators handle them."
export     = "`GET /api/v1/privacy-request?verbose=false&size=…`, all pages (each `{\"items\": […]}`), one after the other in one file. State when they were drawn as extracted_at."
limits     = "Whose data is told by external_id, or by a custom field `account_id`, only: e-mail addresses are left in the raw line. requester_kind is not told; channel only where the person used the privacy center (form). jurisdiction is unknown. responded_at of a completed request is when processing finished; for access and portability that is also delivered_at; of a denied one when it was reviewed. That an erasure was done in each store stands in its log, not here. A request whose processing failed is open. Reasons of a denial, contact, fees, extensions: not told."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
requests as (
  select
    line,
    document,
    document->'custom_privacy_request_fields'->'account_id'->>'value' as account,
    from_json(document,
      '{"id": "VARCHAR", "created_at": "VARCHAR", "reviewed_at": "VARCHAR", "finished_processing_at": "VARCHAR", "identity_verified_at": "VARCHAR", "status": "VARCHAR",
        "external_id": "VARCHAR", "source": "VARCHAR", "policy": {"key": "VARCHAR", "drp_action": "VARCHAR", "rules": [{"action_type": "VARCHAR"}]}}') as request
  from documents
),
kinds as (
  select
    *,
    unnest(coalesce(nullif(list_distinct(list_transform(request.policy.rules, lambda rule: rule.action_type)), []), [null])) as action,
    len(list_distinct(list_transform(request.policy.rules, lambda rule: rule.action_type))) as actions
  from requests
)
select
  line,
  case when actions > 1 then request.id || '/' || action else request.id end as privacy_request_id,
  case when request.source = 'Privacy Center' then 'form' end as channel,
  nullif(request.external_id, '') as person_id,
  account as account_id,
  case
    when request.policy.drp_action = 'portability' then 'portability'
    when request.policy.drp_action in ('sale:opt_out', 'sale:opt-out') then 'opt_out'
    when action = 'access' then 'access'
    when action = 'erasure' then 'delete'
    when action = 'update' then 'correct'
    when action = 'consent' then 'opt_out'
  end as kind,
  'unknown' as jurisdiction,
  moment(request.created_at) as received_at,
  case request.status when 'complete' then moment(request.finished_processing_at) when 'denied' then moment(request.reviewed_at) end as responded_at,
  case when request.status = 'complete' and action = 'access' then moment(request.finished_processing_at) end as delivered_at,
  moment(request.identity_verified_at) as verified_at,
  case request.status when 'complete' then 'fulfilled' when 'denied' then 'denied' when 'canceled' then 'withdrawn' end as outcome,
  case
    when document is null then 'is no JSON object'
    when request.id is null or request.status is null then 'is no privacy request: no id or no status'
    when time_fault(request.created_at) is not null then time_fault(request.created_at)
  end as refused,
  null::varchar as ignored
from kinds
