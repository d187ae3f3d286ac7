/*
title      = "1Password events"
table      = "access_events"
provider   = "onepassword"
records    = "json"
lists      = ["items"]
file_names = ["*1password*", "*onepassword*"]
recognise  = "has_keys(text, ['uuid', 'timestamp']) and (has_keys(text, ['category', 'target_user']) or has_keys(text, ['item_uuid', 'vault_uuid']) or has_keys(text, ['actor_uuid', 'object_type']))"
origin     = "1Password Business: sign-ins of the company's staff, each use of a secret, and what administrators changed."
export     = "Events API: `/api/v2/signinattempts`, `/api/v2/itemusages` and `/api/v2/auditevents`, all pages one after the other, or one event a line. Each kind may lie in a file of its own."
limits     = "The use of a secret (`use_secret`) is no access to customers' data by itself, and belongs to the sign-ins. Which secret it was stands in the raw line. In an audit event the actor is told by id, unless details were exported. Sign-ins name the second factor only where it failed."
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
      '{"uuid": "VARCHAR", "timestamp": "VARCHAR", "session_uuid": "VARCHAR", "category": "VARCHAR", "type": "VARCHAR", "action": "VARCHAR",
        "item_uuid": "VARCHAR", "actor_uuid": "VARCHAR", "object_type": "VARCHAR", "object_uuid": "VARCHAR", "aux_uuid": "VARCHAR",
        "actor_details": {"email": "VARCHAR"}, "object_details": {"email": "VARCHAR"},
        "target_user": {"email": "VARCHAR", "uuid": "VARCHAR"}, "user": {"email": "VARCHAR", "uuid": "VARCHAR"},
        "session": {"uuid": "VARCHAR", "ip": "VARCHAR"},
        "client": {"app_name": "VARCHAR", "app_version": "VARCHAR", "ip_address": "VARCHAR"}}') as event
  from documents
),
actions as (
  select
    *,
    case
      when event.category is not null then 'sign_in'
      when event.item_uuid is not null then 'use_secret'
      when event.action in ('grant', 'join', 'activate', 'uisas', 'provsn') and event.object_type in ('uva', 'gva', 'gm', 'user', 'vault', 'group', 'sa') then 'right_grant'
      when event.action in ('enblduo', 'disblduo', 'updatduo', 'enblmfa', 'disblmfa', 'updatmfa', 'dlgmfa', 'pvtmfa') or event.object_type in ('mfa', 'duo') then 'second_factor_change'
      when event.action in ('create', 'convert') and event.object_type in ('satoken', 'dlgsess') then 'api_key_create'
      when event.action in ('chngpsk', 'chngasec', 'changesk', 'begnr', 'cmpltr', 'propose') then 'password_change'
      when event.action is not null then 'change_settings'
    end as action
  from events
)
select
  line,
  event.uuid as event_id,
  moment(in_utc(event.timestamp)) as event_time,
  case when action = 'right_grant' then 'staff' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when action <> 'sign_in' or event.category = 'success' then 'success' when event.category like '%fail%' or event.category like '%blocked%' or event.category = 'modern_version_failed' then 'failure' else 'unknown' end as event_outcome,
  case when action = 'sign_in' and event.category <> 'success' then event.type end as event_reason,
  'staff' as user_kind,
  lower(coalesce(event.target_user.email, event.user.email, event.actor_details.email, event.target_user.uuid, event.user.uuid, event.actor_uuid)) as user_id,
  case when action in ('right_grant', 'second_factor_change', 'password_change') then lower(case when event.object_type = 'user' then coalesce(event.object_details.email, event.object_uuid) else event.aux_uuid end) end as user_target_id,
  coalesce(event.session_uuid, event.session.uuid) as session_id,
  host(coalesce(event.client.ip_address, event.session.ip)) as source_ip,
  nullif(concat_ws(' ', event.client.app_name, event.client.app_version), '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when action is null then 'is no event of 1Password: no category, item_uuid or action'
    when time_fault(in_utc(event.timestamp)) is not null then time_fault(in_utc(event.timestamp))
  end as refused,
  null::varchar as ignored
from actions
