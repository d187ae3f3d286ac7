/*
title      = "Teleport audit events"
table      = "access_events"
provider   = "teleport"
records    = "json"
file_names = ["*teleport*"]
recognise  = "has_keys(text, ['event', 'code', 'time', 'uid'])"
origin     = "Teleport: sign-ins of staff, sessions on servers, databases, applications and clusters, access requests, and changes of roles."
export     = "The audit log of the auth service (`events.log`, one object a line), or `tctl` and the events API. Keep `uid`: it is the event's id."
limits     = "A session (`run_command`, `run_query`) may reach customers' data of any account: account_id is empty. Commands of an enhanced recording are events of their own. Bots and the cluster itself are services. Who took part in a session recorded elsewhere is not told. Resizing a terminal, ends of sessions and heartbeats are ignored."
# Sample: made up for these tests (CC0)
*/
with
events as (
  select
    line,
    object_of(text) as document,
    from_json(object_of(text),
      '{"uid": "VARCHAR", "event": "VARCHAR", "code": "VARCHAR", "time": "VARCHAR", "ei": "VARCHAR", "user": "VARCHAR", "login": "VARCHAR", "success": "VARCHAR",
        "error": "VARCHAR", "message": "VARCHAR", "sid": "VARCHAR", "user_agent": "VARCHAR", "addr.remote": "VARCHAR", "addr_remote": "VARCHAR", "src_addr": "VARCHAR",
        "mfa_device": "JSON", "with_mfa": "VARCHAR", "db_user": "VARCHAR", "reason": "VARCHAR", "name": "VARCHAR", "updated_by": "VARCHAR",
        "identity": {"user": "VARCHAR", "bot_name": "VARCHAR"}, "user_kind": "VARCHAR", "return_code": "VARCHAR", "state": "VARCHAR"}') as event
  from records
),
actions as (
  select
    *,
    coalesce(
      event.success = 'false' or event.event = 'session.rejected' or event.event = 'auth' and event.success is distinct from 'true'
        or upper(event.code) like '%E' or upper(event.code) like 'T3007W', false) as has_failed,
    coalesce(event."addr.remote", event.addr_remote) as address,
    coalesce(event.event in ('access_request.update', 'access_request.review') or event.code in ('T5001I', 'T5002I') or event.event like 'access_request.%' and event.updated_by <> '', false) as is_answer,    -- to a request: user made it
    case
      when event.event = 'user.login' then 'sign_in'
      when event.event in ('auth', 'session.rejected') then 'sign_in'
      when event.event in ('session.start', 'app.session.start', 'windows.desktop.session.start', 'kube.request', 'session.command', 'exec', 'session.join', 'windows.desktop.session.join') then 'run_command'
      when event.event in ('db.session.start', 'db.session.query', 'db.session.postgres.statements.execute') then 'run_query'
      when event.event in ('scp', 'sftp', 'session.disk', 'desktop.directory.read') then 'view_content'
      when event.event in ('session.network') then 'connect'
      when event.event in ('access_request.create', 'access_request.review') then 'access_request'
      when event.event = 'access_request.update' then case when event.state = 'APPROVED' then 'right_grant' else 'access_request' end
      when event.event in ('role.created', 'role.updated', 'user.create', 'user.update', 'access_list.member.create', 'saml.created', 'oidc.created', 'github.created') then 'right_grant'
      when event.event in ('mfa.add', 'mfa.delete') then 'second_factor_change'
      when event.event in ('user.password_change') then 'password_change'
      when event.event in ('reset_password_token.create', 'recovery_token.create') then 'password_reset'
      when event.event in ('cert.create', 'join_token.create', 'bot.join') then 'api_key_create'
      when event.event in ('auth_preference.update', 'session_recording_config.update', 'cluster_networking_config.update') then 'log_rule_change'
      when event.event in ('resize', 'session.end', 'session.leave', 'session.data', 'session.upload', 'print', 'app.session.end', 'app.session.chunk', 'db.session.end',
        'windows.desktop.session.end', 'session.recording.access', 'instance.join', 'client.disconnect', 'x11-forward', 'port', 'subsystem') then null
      when event.event is not null then 'change_settings'
    end as action
  from events
)
select
  line,
  event.uid as event_id,
  moment(in_utc(event.time)) as event_time,
  case when action in ('sign_in', 'second_factor_change', 'password_change', 'password_reset', 'api_key_create', 'access_request', 'connect', 'change_settings') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when has_failed then 'failure' else 'success' end as event_outcome,
  nullif(coalesce(event.error, case when has_failed then event.reason end, case when event.success = 'false' then event.message end), '') as event_reason,
  case when event.user like 'bot-%' or event.user = 'system' or event.identity.bot_name <> '' or event.user_kind = '2' then 'service' when nullif(coalesce(event.user, event.identity.user), '') is null then 'anonymous' else 'staff' end as user_kind,
  nullif(case when is_answer then event.updated_by else coalesce(event.user, event.identity.user) end, '') as user_id,
  coalesce(nullif(event.login, ''), nullif(event.db_user, '')) as user_effective_id,
  case
    when is_answer then nullif(event.user, '')
    when event.event in ('user.create', 'user.update', 'access_list.member.create', 'reset_password_token.create', 'recovery_token.create') then nullif(event.name, '')
  end as user_target_id,
  nullif(event.sid, '') as session_id,
  case when action = 'sign_in' and event.success = 'true' then json_type(event.mfa_device) = 'OBJECT' end as is_mfa,
  case when starts_with(address, '[') then host(address) when regexp_full_match(address, '[0-9.]+:\d+') then split(address, ':')[1] else host(address) end as source_ip,
  nullif(event.user_agent, '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when event.event is null then 'is no event of Teleport: no event'
    when time_fault(in_utc(event.time)) is not null then time_fault(in_utc(event.time))
  end as refused,
  case when event.event is not null and action is null then 'event ' || event.event end as ignored
from actions
