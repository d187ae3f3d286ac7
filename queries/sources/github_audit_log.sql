/*
title      = "GitHub audit log"
table      = "access_events"
provider   = "github"
records    = "json"
file_names = ["*github*audit*", "export-*.json*"]
recognise  = "has_keys(text, ['action', 'actor']) and ((object_of(text)->>'@timestamp') is not null or has_keys(text, ['org', 'created_at']) or has_keys(text, ['actor_id', 'org']) or (object_of(text)->>'p_log_type') = 'GitHub.Audit')"
origin     = "GitHub: what members, administrators, bots and applications did in an organization or enterprise; with Git events also what was cloned and pushed."
export     = "Organization settings, Audit log, Export (JSON and Git events), or `GET /orgs/ORG/audit-log?include=all`, all pages; or the stream to a bucket. One list, or one event a line."
limits     = "GitHub shows addresses only where the enterprise has switched that on. Sign-ins to GitHub are not in it where single sign-on is used: see the identity provider. A public address need not be known: actor_ip is null then. All that is no right, key, clone, or log setting is view_metadata. Account of a customer: not in this log."
# Sample: made up for these tests (CC0)
*/
with
events as (
  select
    line,
    object_of(text) as document,
    coalesce(object_of(text)->>'@timestamp', object_of(text)->>'created_at') as told_at,
    from_json(object_of(text),
      '{"_document_id": "VARCHAR", "action": "VARCHAR", "actor": "VARCHAR", "actor_ip": "VARCHAR", "actor_is_bot": "VARCHAR", "user": "VARCHAR",
        "user_agent": "VARCHAR", "programmatic_access_type": "VARCHAR"}') as event
  from records
),
actions as (
  select
    *,
    case
      when event.action in ('git.clone', 'git.fetch', 'repo.download_zip') then 'view_content'
      when event.action in ('git.push') then 'change_data'
      when event.action in ('repo.destroy', 'codespaces.destroy', 'gist.destroy') then 'delete_data'
      when event.action in (
        'org.add_member', 'org.invite_member', 'org.update_member', 'org.add_outside_collaborator', 'repo.add_member', 'repo.update_member', 'team.add_member', 'team.add_repository',
        'team.update_repository_permission', 'business.add_admin', 'business.invite_admin', 'organization_moderators.add_user', 'role.create', 'organization_role.assign',
        'integration_installation.create', 'oauth_authorization.create', 'org.invite_user', 'personal_access_token.access_granted'
      ) then 'right_grant'
      when event.action in ('personal_access_token.create', 'public_key.create', 'oauth_application.generate_client_secret', 'deploy_key.create', 'integration.generate_client_secret') then 'api_key_create'
      when event.action in ('two_factor_authentication.disabled', 'two_factor_authentication.enabled', 'two_factor_authentication.add_factor', 'two_factor_authentication.remove_factor') then 'second_factor_change'
      when event.action in ('user.login', 'user.failed_login', 'org.sso_response', 'business.sso_response') then 'sign_in'
      when event.action = 'user.logout' then 'sign_out'
      when event.action in ('audit_log_streaming.destroy', 'audit_log_streaming.disable') then 'log_disable'
      when event.action in ('audit_log_streaming.update', 'org.audit_log_git_event_export', 'business.set_actor_ip_logging') then 'log_rule_change'
      when event.action in ('org.audit_log_export', 'business.audit_log_export', 'migration.create', 'repo.export') then 'export'
      else 'view_metadata'
    end as action
  from events
)
select
  line,
  event._document_id as event_id,
  coalesce(epoch_moment(try_cast(told_at as bigint) / 1000.0), moment(in_utc(told_at))) as event_time,
  case when action in ('sign_in', 'sign_out', 'api_key_create', 'second_factor_change') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when event.action = 'user.failed_login' then 'failure' else 'success' end as event_outcome,
  case
    when event.actor_is_bot = 'true' or event.actor like '%[bot]' or event.programmatic_access_type like 'GitHub App%' then 'service'
    when nullif(event.actor, '') is null then 'anonymous'
    else 'staff'
  end as user_kind,
  nullif(event.actor, '') as user_id,
  case when action = 'right_grant' then nullif(event.user, '') end as user_target_id,
  host(event.actor_ip) as source_ip,
  nullif(event.user_agent, '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when event.action is null then 'is no audit event: no action'
    when epoch_moment(try_cast(told_at as bigint) / 1000.0) is null and time_fault(in_utc(told_at)) is not null then time_fault(in_utc(told_at))
  end as refused,
  null::varchar as ignored
from actions
