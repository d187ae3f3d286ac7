/*
title      = "Okta System Log"
table      = "access_events"
provider   = "okta"
records    = "json"
file_names = ["*okta*log*", "*okta*event*"]
recognise  = "field(object_of(text), 'eventType') is not null and has_keys(text, ['actor', 'published'])"
origin     = "Okta: sign-ins of the company's staff, second factors, changes of passwords and rights, and what administrators do."
export     = "System Log API: `GET /api/v1/logs?since=…&until=…`, all pages, as Okta gives them (a list, or one event a line). A System Log stream into a bucket has the same objects. Keep `uuid` and `published`."
limits     = "Who acts as User is taken for staff: an Okta tenant of customers needs a source of its own. A session begins with `user.session.start`; steps towards it, and the opening of applications, are events of their own. A challenge is neither success nor failure: unknown. Changes that are none of the known kinds are `change_settings`. Events of Okta itself (rate limits, agents, imports) are ignored. Account, grant and number of records are not in this log."
# Sample: made up for these tests (CC0)
*/
with
events as (
  select
    line,
    object_of(text) as event,
    field(object_of(text), 'eventType') as kind,
    coalesce(object_of(text)->'authenticationContext', object_of(text)->'authenticationcontext') as authentication,
    from_json(object_of(text)->'actor', '{"alternateId": "VARCHAR", "id": "VARCHAR", "type": "VARCHAR"}') as actor,
    from_json(object_of(text)->'client', '{"ipAddress": "VARCHAR", "userAgent": {"rawUserAgent": "VARCHAR"}}') as client,
    from_json(object_of(text)->'outcome', '{"result": "VARCHAR", "reason": "VARCHAR"}') as outcome,
    from_json(object_of(text)->'target', '[{"alternateId": "VARCHAR", "id": "VARCHAR", "type": "VARCHAR"}]') as targets,
    from_json(object_of(text)->'request', '{"ipChain": [{"ip": "VARCHAR"}]}') as request
  from records
),
actions as (
  select
    *,
    case
      when kind = 'user.session.start' then 'sign_in'
      when kind in ('user.session.end', 'user.session.clear') then 'sign_out'
      when kind = 'user.authentication.sso' then 'application_sign_in'
      when kind in ('user.authentication.auth_via_mfa', 'user.mfa.okta_verify.deny_push', 'user.mfa.attempt_bypass', 'user.authentication.verify') then 'second_factor'
      when kind like 'user.authentication.%' or kind in ('policy.evaluate_sign_on', 'user.account.lock', 'user.account.lock.limit') then 'sign_in_step'
      when kind = 'user.session.impersonation.initiate' then 'impersonate'
      when kind in ('user.account.reset_password', 'user.account.unlock_by_admin') then 'password_reset'
      when kind in ('user.account.update_password', 'user.account.expire_password') then 'password_change'
      when kind in ('user.account.update_primary_email', 'user.account.update_secondary_email') then 'email_change'
      when kind like 'user.mfa.factor.%' or kind like 'system.mfa.factor.%' then 'second_factor_change'
      when kind in ('system.api_token.create', 'system.api_token.enable') then 'api_key_create'
      when kind in (
        'user.account.privilege.grant', 'group.privilege.grant', 'group.user_membership.add', 'application.user_membership.add',
        'user.session.impersonation.grant', 'user.session.impersonation.extend', 'iam.resourceset.bindings.add', 'iam.role.create'
      ) then 'right_grant'
      when kind = 'application.user_membership.show_password' then 'view_secret'
      when kind in ('system.log_stream.lifecycle.deactivate', 'system.log_stream.lifecycle.delete') then 'log_disable'
      when kind = 'system.log_stream.lifecycle.update' then 'log_rule_change'
      when kind like 'system.org.rate_limit.%' or kind like 'system.agent.%' or kind like 'system.import.%' or kind like 'system.email.%'
        or kind like 'system.sms.%' or kind like 'system.voice.%' or kind like 'system.push.%' or kind like 'core.concurrency.%' then null
      else 'change_settings'
    end as action
  from events
)
select
  line,
  event->>'uuid' as event_id,
  moment(in_utc(event->>'published')) as event_time,
  case when action in ('impersonate', 'right_grant', 'log_disable', 'log_rule_change') then 'staff' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when kind = 'user.mfa.okta_verify.deny_push' then 'failure'
    when outcome.result in ('SUCCESS', 'ALLOW') then 'success'
    when outcome.result in ('FAILURE', 'DENY') then 'failure'
    else 'unknown'
  end as event_outcome,
  outcome.reason as event_reason,
  case when actor.type <> 'User' then 'service' when actor.type is null or coalesce(actor.alternateId, actor.id) = 'unknown' then 'anonymous' else 'staff' end as user_kind,
  nullif(coalesce(actor.alternateId, actor.id), 'unknown') as user_id,
  case
    when action in ('right_grant', 'password_reset', 'password_change', 'email_change', 'second_factor_change', 'impersonate')
      then list_filter(targets, lambda one: one.type = 'User')[1].alternateId
  end as user_target_id,
  nullif(authentication->>'externalSessionId', 'unknown') as session_id,
  case when action = 'second_factor' and outcome.result = 'SUCCESS' then true end as is_mfa,
  host(client.ipAddress) as source_ip,
  case when len(request.ipChain) > 1 then array_to_string(list_transform(request.ipChain, lambda hop: hop.ip), ', ') end as network_forwarded_ip,
  client.userAgent.rawUserAgent as user_agent,
  case
    when event is null then 'is no JSON object'
    when kind is null then 'is no Okta event: no eventType'
    when time_fault(in_utc(event->>'published')) is not null then time_fault(in_utc(event->>'published'))
  end as refused,
  case when kind is not null and action is null then 'event of Okta itself: ' || kind end as ignored
from actions
