/*
title      = "PagerDuty incidents"
table      = "cases"
provider   = "pagerduty_incidents"
records    = "json"
lists      = ["incidents"]
file_names = ["*pagerduty*", "*incidents*.json*"]
recognise  = "has_keys(text, ['incident_number', 'created_at', 'status'])"
origin     = "PagerDuty: incidents with their first response and their end."
export     = "REST API `GET /incidents?statuses[]=triggered&statuses[]=acknowledged&statuses[]=resolved&include[]=acknowledgers`, all pages, one after the other in one file; add `log_entries` for the first response. State when they were drawn as extracted_at."
limits     = "An incident has no moment of its end of its own: closed_at is last_status_change_at (or resolved_at) of a resolved one. first_responded_at is the first acknowledgement that the export still has. Who opened it (mostly a monitor), root cause, breach of personal data, and which logs were down PagerDuty does not tell."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
incidents as (
  select
    line,
    document,
    from_json(document,
      '{"id": "VARCHAR", "incident_number": "VARCHAR", "created_at": "VARCHAR", "status": "VARCHAR", "last_status_change_at": "VARCHAR", "resolved_at": "VARCHAR",
        "acknowledgements": [{"at": "VARCHAR"}], "log_entries": [{"type": "VARCHAR", "created_at": "VARCHAR"}]}') as incident
  from documents
)
select
  line,
  incident.id as case_id,
  'incident' as kind,
  moment(incident.created_at) as opened_at,
  list_min(list_concat(
    list_transform(incident.acknowledgements, lambda one: moment(one.at)),
    list_transform(list_filter(incident.log_entries, lambda one: starts_with(one.type, 'acknowledge_log_entry')), lambda one: moment(one.created_at)))) as first_responded_at,
  case when incident.status = 'resolved' then moment(coalesce(incident.resolved_at, incident.last_status_change_at)) end as closed_at,
  case
    when document is null then 'is no JSON object'
    when incident.id is null then 'is no incident: no id'
    when time_fault(incident.created_at) is not null then time_fault(incident.created_at)
    when incident.status = 'resolved' and coalesce(incident.resolved_at, incident.last_status_change_at) is not null and moment(coalesce(incident.resolved_at, incident.last_status_change_at)) is null
      then time_fault(coalesce(incident.resolved_at, incident.last_status_change_at))
  end as refused,
  null::varchar as ignored
from incidents
