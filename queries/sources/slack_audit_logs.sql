/*
title      = "Slack audit logs"
table      = "access_events"
provider   = "slack"
records    = "json"
lists      = ["entries"]
file_names = ["*slack*audit*"]
recognise  = "has_keys(text, ['action', 'actor', 'context']) and (object_of(text)->'actor'->>'type') is not null"
origin     = "Slack Enterprise Grid: sign-ins of members, downloads and exports, roles, applications, legal holds and settings."
export     = "Audit Logs API `GET /audit/v1/logs`, all pages (each `{\"entries\": […]}`), one after the other, or one entry a line."
limits     = "Members are taken for staff, guests included. Reading of messages is not in this log. That a channel holds customers' data it does not say. Actions of no known kind are view_metadata."
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
    document->>'date_create' as told_at,
    from_json(document,
      '{"id": "VARCHAR", "action": "VARCHAR",
        "actor": {"type": "VARCHAR", "user": {"id": "VARCHAR", "email": "VARCHAR"}, "app": {"id": "VARCHAR", "name": "VARCHAR"}},
        "entity": {"type": "VARCHAR", "user": {"id": "VARCHAR", "email": "VARCHAR"}},
        "context": {"ip_address": "VARCHAR", "ua": "VARCHAR", "session_id": "VARCHAR"}}') as event
  from documents
),
actions as (
  select
    *,
    coalesce(epoch_moment(told_at), moment(in_utc(told_at))) as event_moment,
    case
      when event.action in ('user_login', 'user_login_failed') then 'sign_in'
      when event.action in ('user_logout', 'user_logout_compromised', 'user_session_invalidated') then 'sign_out'
      when event.action in ('file_downloaded', 'file_downloaded_blocked', 'manual_export_downloaded', 'scheduled_export_downloaded', 'corporate_exports_approved', 'manual_export_started', 'manual_export_completed', 'canvas_downloaded') then 'export'
      when event.action in ('message_deleted', 'file_deleted', 'public_channel_deleted', 'private_channel_deleted') then 'delete_data'
      when event.action in ('file_uploaded', 'message_edited') then 'change_data'
      when event.action like 'role_change_to_%' or event.action in ('owner_transferred', 'service_owner_transferred', 'permissions_assigned', 'role_assigned', 'user_added_to_usergroup',
        'app_installed', 'app_approved', 'app_scopes_expanded', 'app_resources_granted', 'app_resources_added', 'bot_token_upgraded', 'org_app_workspace_added') then 'right_grant'
      when event.action in ('pref.two_factor_auth_changed', 'user_two_factor_enabled', 'user_two_factor_disabled', 'user_tfa_changed') then 'second_factor_change'
      when event.action in ('user_email_updated') then 'email_change'
      when event.action in ('user_password_reset', 'bulk_password_reset_by_admin') then 'password_reset'
      when event.action in ('ekm_logging_config_set', 'audit_logs_config_updated') then 'log_rule_change'
      when event.action = 'anomaly' then null
      when event.action is not null then 'view_metadata'
    end as action
  from events
)
select
  line,
  event.id as event_id,
  event_moment as event_time,
  case when action in ('sign_in', 'sign_out', 'second_factor_change', 'email_change', 'password_reset') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when event.action in ('user_login_failed', 'file_downloaded_blocked') then 'failure' else 'success' end as event_outcome,
  case when event.actor.type = 'user' then 'staff' when event.actor.type is null then 'anonymous' else 'service' end as user_kind,
  coalesce(lower(event.actor.user.email), event.actor.user.id, event.actor.app.id) as user_id,
  case when action in ('right_grant', 'second_factor_change', 'email_change', 'password_reset') and event.entity.type = 'user' then coalesce(lower(event.entity.user.email), event.entity.user.id) end as user_target_id,
  nullif(event.context.session_id, '') as session_id,
  host(event.context.ip_address) as source_ip,
  nullif(event.context.ua, '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when event.action is null then 'is no audit entry: no action'
    when event_moment is null then time_fault(in_utc(told_at))
  end as refused,
  case when event.action is not null and action is null then 'action ' || event.action end as ignored
from actions
