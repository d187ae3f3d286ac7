/*
title      = "Zendesk audit logs"
table      = "access_events"
provider   = "zendesk"
records    = "json"
lists      = ["audit_logs"]
file_names = ["*zendesk*audit*"]
recognise  = "has_keys(text, ['action', 'source_type', 'actor_id', 'created_at'])"
origin     = "Zendesk: sign-ins of agents, exports, and changes of users, roles, tokens and settings by agents, administrators and Zendesk itself."
export     = "Support API `GET /api/v2/audit_logs`, all pages (each `{\"audit_logs\": […]}`), one after the other, or one entry a line."
limits     = "Reading of tickets is not in this log. Zendesk's own staff enter by account assumption: the log shows that it was allowed (right_grant), not what they did. Actor -1 is Zendesk's system. Changes of no known kind are view_metadata."
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
    from_json(document,
      '{"id": "VARCHAR", "action": "VARCHAR", "actor_id": "VARCHAR", "actor_name": "VARCHAR", "source_id": "VARCHAR", "source_type": "VARCHAR", "source_label": "VARCHAR",
        "change_description": "VARCHAR", "ip_address": "VARCHAR", "created_at": "VARCHAR"}') as event
  from documents
),
actions as (
  select
    *,
    case
      when event.action = 'login' then 'sign_in'
      when event.action = 'exported' or event.action = 'export' then 'export'
      when event.source_label = 'Account Assumption' and event.source_type = 'account_setting' then 'right_grant'
      when event.source_type = 'user' and lower(event.change_description) like '%role changed%' then 'right_grant'
      when event.source_type = 'account' and lower(event.change_description) like 'owner changed%' then 'right_grant'
      when event.source_type in ('api_token', 'oauth_client', 'oauth_token') and event.action = 'create' then 'api_key_create'
      when event.source_type in ('user_setting', 'account_setting') and lower(event.source_label) like '%two-factor%' then 'second_factor_change'
      when event.source_type = 'user' and lower(event.change_description) like '%password%' then 'password_change'
      when event.source_type = 'ticket' and event.action = 'destroy' or event.source_type = 'user' and event.action = 'destroy' then 'delete_data'
      when event.action is not null then 'view_metadata'
    end as action
  from events
)
select
  line,
  event.id as event_id,
  moment(in_utc(event.created_at)) as event_time,
  case when action in ('sign_in', 'api_key_create', 'second_factor_change', 'password_change') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  'success' as event_outcome,
  case when event.actor_id = '-1' then 'service' when event.actor_id is null then 'anonymous' else 'staff' end as user_kind,
  event.actor_id as user_id,
  case when action in ('right_grant', 'password_change') and event.source_type = 'user' then event.source_id end as user_target_id,
  host(event.ip_address) as source_ip,
  case
    when document is null then 'is no JSON object'
    when event.action is null then 'is no audit entry: no action'
    when time_fault(in_utc(event.created_at)) is not null then time_fault(in_utc(event.created_at))
  end as refused,
  null::varchar as ignored
from actions
