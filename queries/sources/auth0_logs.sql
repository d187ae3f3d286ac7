/*
title      = "Auth0 tenant logs"
table      = "access_events"
provider   = "auth0"
records    = "json"
file_names = ["*auth0*"]
recognise  = "has_keys(text, ['log_id', 'data']) or has_keys(text, ['log_id', 'type', 'date', 'client_id'])"
origin     = "Auth0: sign-ins, sign-ups and changes of the product's customers; and what the tenant's administrators did through the Management API."
export     = "Management API `GET /api/v2/logs`, all pages (a list), or a log stream (one object a line, the event in `data`). Auth0 keeps logs for days: stream them."
limits     = "Users of a connection are taken for customers, callers of the Management API for staff, callers with a client alone for services. That a second factor was used is told by events of their own. Which customer account a user belongs to is not in this log. Sending of mails, rate limits and the like are ignored."
# Sample: made up for these tests (CC0)
*/
with
events as (
  select
    line,
    object_of(text) as document,
    from_json(
      case when json_type(object_of(text)->'data') = 'OBJECT' then object_of(text)->'data' else object_of(text) end,
      '{"log_id": "VARCHAR", "_id": "VARCHAR", "date": "VARCHAR", "type": "VARCHAR", "description": "VARCHAR", "client_id": "VARCHAR", "ip": "VARCHAR", "user_agent": "VARCHAR",
        "user_id": "VARCHAR", "user_name": "VARCHAR", "session_id": "VARCHAR",
        "details": {"error": {"message": "VARCHAR"},
          "response": {"statusCode": "VARCHAR"},
          "request": {"method": "VARCHAR", "path": "VARCHAR", "auth": {"user": {"user_id": "VARCHAR", "email": "VARCHAR"}}}}}') as event
  from records
),
actions as (
  select
    *,
    case
      when event.type in ('s', 'ssa', 'sepft', 'f', 'fp', 'fu', 'fsa', 'fepft', 'fc', 'fco', 'fcoa', 'limit_wc', 'limit_mu', 'limit_ui', 'pwd_leak', 'reset_pwd_leak', 'seacft', 'feacft') then
        case when event.type in ('seacft', 'feacft') then 'token_exchange' else 'sign_in' end
      when event.type in ('slo', 'flo', 'sslo', 'oidc_backchannel_logout_succeeded') then 'sign_out'
      when event.type in ('ss', 'fs', 'signup_pwd_leak') then 'sign_up'
      when event.type in ('gd_auth_succeed', 'gd_auth_failed', 'gd_auth_rejected', 'gd_otp_rate_limit_exceed', 'gd_recovery_succeed', 'gd_recovery_failed', 'mfar') then 'second_factor'
      when event.type in ('gd_enrollment_complete', 'gd_unenroll', 'gd_update_device_account', 'gd_start_enroll') then 'second_factor_change'
      when event.type in ('scp', 'fcp', 'scpn') then 'password_change'
      when event.type in ('scpr', 'fcpr') then 'password_reset'
      when event.type in ('sce', 'fce') then 'email_change'
      when event.type in ('sertft', 'ferrt', 'fertft') then 'token_exchange'
      when event.type in ('sapi', 'fapi', 'mgmt_api_read', 'sdu', 'fdu', 'gd_tenant_update') then 'management_call'
    end as kind
  from events
),
judged as (
  select
    *,
    case
      when kind is null or kind <> 'management_call' then kind
      when event.type in ('sdu', 'fdu') or event.details.request.method = 'delete' and event.details.request.path like '%/users/%' then 'delete_data'
      when event.details.request.path like '%/log-streams%' and event.details.request.method in ('delete', 'patch') then 'log_rule_change'
      when event.details.request.path like '%/roles%' and event.details.request.method = 'post' or event.details.request.path like '%/tenants/invitations%' and event.details.request.method = 'post' then 'right_grant'
      when event.details.request.path like '%/users/%' and event.details.request.method = 'get' then 'view_content'
      when event.details.request.path like '%/jobs/users-exports%' then 'export'
      else 'view_metadata'
    end as action
  from actions
)
select
  line,
  coalesce(event.log_id, event._id, document->>'log_id') as event_id,
  moment(in_utc(event.date)) as event_time,
  case when kind = 'management_call' then 'staff' when action = 'sign_up' then 'signup' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when event.type in ('fapi', 'fdu') or try_cast(event.details.response.statusCode as integer) >= 400 then 'failure'
    when event.type in ('pwd_leak', 'signup_pwd_leak', 'reset_pwd_leak') or event.type like 'limit%' or event.type like '%fail%' or event.type like '%reject%' or event.type like '%exceed%' then 'failure'
    when event.type like 'f%' then 'failure'
    when event.type in ('gd_start_enroll', 'mfar') then 'unknown'
    else 'success'
  end as event_outcome,
  case when event.type like 'f%' or event.type like 'limit%' or event.type like '%leak' then nullif(coalesce(event.details.error.message, event.description), '') end as event_reason,
  case
    when kind = 'management_call' then case when nullif(event.user_id, '') is null and event.details.request.auth.user.user_id is null then 'service' else 'staff' end
    when coalesce(nullif(event.user_id, ''), nullif(event.user_name, '')) is not null then 'customer'
    when event.client_id is not null and event.type in ('seacft', 'feacft') then 'service'
    else 'anonymous'
  end as user_kind,
  coalesce(nullif(event.user_id, ''), nullif(event.user_name, ''), event.details.request.auth.user.user_id, case when kind = 'management_call' or event.type in ('seacft', 'feacft') then event.client_id end) as user_id,
  nullif(event.session_id, '') as session_id,
  case when event.type in ('gd_auth_succeed', 'gd_recovery_succeed') then true end as is_mfa,
  host(event.ip) as source_ip,
  nullif(event.user_agent, '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when event.type is null then 'is no Auth0 event: no type'
    when time_fault(in_utc(event.date)) is not null then time_fault(in_utc(event.date))
  end as refused,
  case when event.type is not null and action is null then 'type ' || event.type end as ignored
from judged
