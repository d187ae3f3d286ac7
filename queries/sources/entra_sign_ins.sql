/*
title      = "Microsoft Entra sign-ins"
table      = "access_events"
provider   = "entra"
records    = "json"
lists      = ["value"]
file_names = ["*signIn*.json*", "*SignIn*.json*", "*sign_ins*.json*"]
recognise  = "has_keys(text, ['createdDateTime', 'userPrincipalName', 'status']) or (has_keys(text, ['category', 'properties']) and object_of(text)->>'category' like '%SignInLogs')"
origin     = "Microsoft Entra ID (Azure Active Directory): interactive and other sign-ins of the company's staff, and of service principals."
export     = "Graph: `GET /auditLogs/signIns?$filter=createdDateTime ge …`, all pages (each `{\"value\": […]}`), one after the other in one file. Or the diagnostic setting's `SignInLogs`, `NonInteractiveUserSignInLogs` and `ServicePrincipalSignInLogs` from the storage account (one object a line)."
limits     = "Users are taken for staff, guests included. What the portal calls interrupted (a second factor or consent was asked for) is unknown, no failure. That a second factor was used is told by the requirement that a successful sign-in met. Audit events of the directory are in the Microsoft 365 unified audit log."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
events as (
  select
    line,
    document,
    document->>'category' as category,
    document->>'time' as shipped,
    from_json(
      case when json_type(document->'properties') = 'OBJECT' then document->'properties' else document end,
      '{"id": "VARCHAR", "createdDateTime": "VARCHAR", "userPrincipalName": "VARCHAR", "userId": "VARCHAR", "servicePrincipalName": "VARCHAR",
        "servicePrincipalId": "VARCHAR", "ipAddress": "VARCHAR", "userAgent": "VARCHAR", "correlationId": "VARCHAR", "sessionId": "VARCHAR",
        "isInteractive": "VARCHAR", "authenticationRequirement": "VARCHAR",
        "status": {"errorCode": "VARCHAR", "failureReason": "VARCHAR"}}') as event
  from documents
)
select
  line,
  event.id as event_id,
  moment(in_utc(coalesce(event.createdDateTime, shipped))) as event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  'sign_in' as event_action,
  case
    when event.status.errorCode = '0' then 'success'
    when event.status.errorCode is null
      or event.status.errorCode in ('50055', '50058', '50059', '50072', '50074', '50076', '50079', '50097', '50125', '50127', '50129', '50140', '50143', '50144', '50158', '65001', '65004', '16000', '16001', '399218', '81010') then 'unknown'
    else 'failure'
  end as event_outcome,
  case when event.status.errorCode <> '0' then concat_ws(' ', event.status.errorCode, nullif(rtrim(event.status.failureReason, '.'), 'Other')) end as event_reason,
  case when nullif(event.userPrincipalName, '') is null and event.servicePrincipalId is not null then 'service' else 'staff' end as user_kind,
  lower(coalesce(nullif(event.userPrincipalName, ''), nullif(event.servicePrincipalName, ''), nullif(event.servicePrincipalId, ''), event.userId)) as user_id,
  nullif(event.sessionId, '') as session_id,
  case
    when event.status.errorCode = '0' and event.authenticationRequirement = 'multiFactorAuthentication' then true
    when event.status.errorCode = '0' and event.authenticationRequirement = 'singleFactorAuthentication' then false
  end as is_mfa,
  host(event.ipAddress) as source_ip,
  nullif(event.userAgent, '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when event.status is null then 'is no sign-in: no status'
    when time_fault(in_utc(coalesce(event.createdDateTime, shipped))) is not null then time_fault(in_utc(coalesce(event.createdDateTime, shipped)))
  end as refused,
  case when category not like '%SignInLogs' then 'category ' || category end as ignored
from events
