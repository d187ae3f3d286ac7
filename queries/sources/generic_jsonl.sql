/*
title      = "Any access log, JSON Lines"
table      = "access_events"
provider   = "generic"
records    = "lines"
general    = 9
recognise  = '''has_keys(text, ['event_time', 'event_action']) or has_keys(text, ['@timestamp']) and (contains(text, '"event.') or contains(text, '"event"') or contains(text, '"http'))'''
origin     = "Any system that can write one JSON object a line: an application's own log, an export of Elasticsearch or OpenSearch, Filebeat, Logstash, Vector."
export     = "Columns of the table access_events by their own names, or by those of the Elastic Common Schema: event_id (event.id); event_time (@timestamp); event_ingested (event.ingested); event_sequence (event.sequence); http_bytes (http.response.body.bytes, http.response.bytes); event_action (event.action); event_outcome (event.outcome); event_reason (event.reason); user_id (user.name, user.email, user.id); user_effective_id (user.effective.name, user.effective.id); user_target_id (user.target.name, user.target.id); account_id (organization.id); session_id (session.id); source_ip (source.ip, client.ip, source.address); network_forwarded_ip (network.forwarded_ip); user_agent (user_agent.original); http_method (http.request.method); url_path (url.path, url.original); http_status (http.response.status_code); record_count, event_dataset, event_provider, user_kind, grant_id and is_mfa by their own."
limits     = "Without event_dataset, an event that has an HTTP method or status is a request, and one of the category authentication or with an action such as login is a sign-in; others are ignored. Without user_kind, who acts in the dataset staff is taken for staff, and any other user_id for a customer. Times without a zone need `time_zone` in audit.toml. A file that is named `access_events.PART.jsonl` needs no format at all, and is checked column by column."
# The sample: made for this project (CC0).
*/
with
objects as (
  select line, object_of(text) as object from records
),
fields as (
  select
    line,
    object is null as is_broken,
    coalesce(object->>'$.event_id', object->>'$."event.id"', object->>'$.event.id') as event_id,
    coalesce(object->>'$.event_time', object->>'$."@timestamp"') as event_time,
    coalesce(object->>'$.event_ingested', object->>'$."event.ingested"', object->>'$.event.ingested') as event_ingested,
    coalesce(object->>'$.event_sequence', object->>'$."event.sequence"', object->>'$.event.sequence') as event_sequence,
    coalesce(object->>'$.http_bytes', object->>'$."http.response.body.bytes"', object->>'$.http.response.body.bytes', object->>'$."http.response.bytes"', object->>'$.http.response.bytes') as http_bytes,
    object->>'$.record_count' as record_count,
    object->>'$.event_dataset' as event_dataset,
    object->>'$.event_provider' as event_provider,
    coalesce(object->>'$.event_action', object->>'$."event.action"', object->>'$.event.action') as event_action,
    coalesce(object->>'$.event_outcome', object->>'$."event.outcome"', object->>'$.event.outcome') as event_outcome,
    coalesce(object->>'$.event_reason', object->>'$."event.reason"', object->>'$.event.reason') as event_reason,
    coalesce(object->>'$.event_category', object->>'$."event.category"', object->>'$.event.category') as category,
    object->>'$.user_kind' as user_kind,
    coalesce(object->>'$.user_id', object->>'$."user.name"', object->>'$.user.name', object->>'$."user.email"', object->>'$.user.email', object->>'$."user.id"', object->>'$.user.id') as user_id,
    coalesce(object->>'$.user_effective_id', object->>'$."user.effective.name"', object->>'$.user.effective.name', object->>'$."user.effective.id"', object->>'$.user.effective.id') as user_effective_id,
    coalesce(object->>'$.user_target_id', object->>'$."user.target.name"', object->>'$.user.target.name', object->>'$."user.target.id"', object->>'$.user.target.id') as user_target_id,
    coalesce(object->>'$.account_id', object->>'$."organization.id"', object->>'$.organization.id') as account_id,
    coalesce(object->>'$.session_id', object->>'$."session.id"', object->>'$.session.id') as session_id,
    object->>'$.grant_id' as grant_id,
    object->>'$.is_mfa' as is_mfa,
    coalesce(object->>'$.source_ip', object->>'$."source.ip"', object->>'$.source.ip', object->>'$."client.ip"', object->>'$.client.ip', object->>'$."source.address"', object->>'$.source.address') as source_ip,
    coalesce(object->>'$.network_forwarded_ip', object->>'$."network.forwarded_ip"', object->>'$.network.forwarded_ip') as network_forwarded_ip,
    coalesce(object->>'$."user_agent.original"', object->>'$.user_agent.original', object->>'$.user_agent') as user_agent,
    coalesce(object->>'$.http_method', object->>'$."http.request.method"', object->>'$.http.request.method') as http_method,
    coalesce(object->>'$.url_path', object->>'$."url.path"', object->>'$.url.path', object->>'$."url.original"', object->>'$.url.original') as url_path,
    coalesce(object->>'$.http_status', object->>'$."http.response.status_code"', object->>'$.http.response.status_code') as http_status
  from objects
),
accesses as (    -- an event of the Elastic Common Schema has no kind of access of ours: it is told by what it holds
  select
    *,
    case
      when event_dataset is not null then case when event_dataset in ('auth', 'staff', 'http', 'signup', 'session') then event_dataset end
      when http_method is not null or http_status is not null then 'http'
      when contains(category, 'authentication') or contains(category, 'session') or sign_in_word is not null then 'auth'
    end as kind
  from (
    select
      *,
      case
        when lower(replace(replace(event_action, '-', '_'), ' ', '_')) in
          ('sign_in', 'login', 'log_in', 'logon', 'logged_in', 'user_login', 'user_logged_in', 'ssh_login', 'authentication', 'authenticate', 'signin', 'user_signin')
          then 'sign_in'
        when lower(replace(replace(event_action, '-', '_'), ' ', '_')) in
          ('sign_out', 'logout', 'log_out', 'logoff', 'logged_out', 'logged_off', 'user_logout', 'user_logged_out', 'signout')
          then 'sign_out'
      end as sign_in_word
    from fields
  )
)
select
  line,
  event_id,
  moment(event_time) as event_time,
  moment(event_ingested) as event_ingested,
  try_cast(event_sequence as bigint) as event_sequence,
  try_cast(http_bytes as bigint) as http_bytes,
  try_cast(record_count as bigint) as record_count,
  kind as event_dataset,
  coalesce(event_provider, file_provider()) as event_provider,
  case
    when kind = 'http' and event_dataset is distinct from 'http' then 'request'
    when kind = 'auth' then coalesce(sign_in_word, event_action)
    else event_action
  end as event_action,
  coalesce(
    lower(event_outcome), case when try_cast(http_status as integer) < 400 then 'success' when http_status is not null then 'failure' end, 'unknown'
  ) as event_outcome,
  event_reason,
  coalesce(user_kind, case when kind = 'staff' then 'staff' when user_id is null then 'anonymous' else 'customer' end) as user_kind,
  user_id,
  user_effective_id,
  user_target_id,
  account_id,
  session_id,
  grant_id,
  case lower(is_mfa) when 'true' then true when 'false' then false end as is_mfa,
  host(source_ip) as source_ip,
  network_forwarded_ip,
  user_agent,
  http_method,
  split(url_path, '?')[1] as url_path,
  try_cast(http_status as integer) as http_status,
  case
    when is_broken then 'is no JSON object'
    when time_fault(event_time) is not null then time_fault(event_time)
    when event_ingested is not null and time_fault(event_ingested) is not null then 'event_ingested: ' || time_fault(event_ingested)
    when kind is null and event_dataset is not null then 'event_dataset is none of auth, staff, http, signup, session: ' || left(event_dataset, 40)
    when event_action is null and kind <> 'http' then 'has no event_action'
    when lower(is_mfa) not in ('true', 'false') then 'is_mfa is not true or false: ' || left(is_mfa, 40)
    when not regexp_full_match(coalesce(event_sequence, '0') || coalesce(http_bytes, '0') || coalesce(record_count, '0'), '\d+')
      then 'event_sequence, http_bytes or record_count is no whole number'
    when http_status is not null and (try_cast(http_status as integer) is null or try_cast(http_status as integer) not between 0 and 999)
      then 'http_status is no status code: ' || left(http_status, 40)
  end as refused,
  case when kind is null and event_dataset is null then 'of no kind of access: ' || coalesce(left(event_action, 60), 'no event.action') end as ignored
from accesses
