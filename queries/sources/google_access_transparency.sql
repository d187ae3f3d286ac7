/*
title      = "Google Access Transparency (Cloud Logging)"
table      = "access_events"
provider   = "google_access"
records    = "json"
file_names = ["*access_transparency*", "*access-transparency*"]
recognise  = "(object_of(text)->'jsonPayload'->>'@type') = 'type.googleapis.com/google.cloud.audit.TransparencyLog' or (object_of(text)->>'logName') like '%access_transparency'"
origin     = "Google Cloud: each access of Google's own staff to the company's data, with Google's reason."
export     = "Cloud Logging: a sink of `cloudaudit.googleapis.com%2Faccess_transparency` into a bucket, or `gcloud logging read … --format=json`."
limits     = "Google's staff are a subprocessor's; who it was is not told, only job title and country: user_id is empty. An entry may hold several accesses: each is a row. grant_id is the approval request; where Google approved itself there is none. The countries of desk and body, and what was read, stand in the raw line. No addresses are recorded."
# Sample: made up for these tests (CC0)
*/
with
entries as (
  select
    line,
    object_of(text) as document,
    from_json(object_of(text),
      '{"insertId": "VARCHAR", "timestamp": "VARCHAR", "receiveTimestamp": "VARCHAR",
        "jsonPayload": {"eventId": "VARCHAR", "principalJobTitle": "VARCHAR", "reason": [{"type": "VARCHAR", "detail": "VARCHAR"}],
          "permissionDetails": [{"permissionType": "VARCHAR"}],
          "accesses": [{"methodName": "VARCHAR", "resourceName": "VARCHAR"}], "accessApprovals": ["VARCHAR"]}}') as entry
  from records
),
accesses as (
  select line, document, entry, unnest(case when len(entry.jsonPayload.accesses) > 0 then entry.jsonPayload.accesses else [null] end) as access from entries
)
select
  line,
  coalesce(entry.jsonPayload.eventId, entry.insertId) as event_id,
  moment(entry.timestamp) as event_time,
  moment(entry.receiveTimestamp) as event_ingested,
  'staff' as event_dataset,
  file_provider() as event_provider,
  case
    when list_contains(list_transform(entry.jsonPayload.permissionDetails, lambda one: one.permissionType), 'DATA_WRITE') then 'change_data'
    when list_contains(list_transform(entry.jsonPayload.permissionDetails, lambda one: one.permissionType), 'DATA_READ') or entry.jsonPayload.permissionDetails is null then 'view_content'
    else 'view_metadata'
  end as event_action,
  'success' as event_outcome,
  array_to_string(list_transform(entry.jsonPayload.reason, lambda one: concat_ws(': ', one.type, nullif(one.detail, ''))), '; ') as event_reason,
  'subprocessor' as user_kind,
  entry.jsonPayload.accessApprovals[1] as grant_id,
  case
    when document is null then 'is no JSON object'
    when entry.jsonPayload is null then 'is no entry of Access Transparency: no jsonPayload'
    when time_fault(entry.timestamp) is not null then time_fault(entry.timestamp)
  end as refused,
  null::varchar as ignored
from accesses
