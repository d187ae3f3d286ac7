/*
title      = "Any access log, CSV"
table      = "access_events"
provider   = "generic"
records    = "csv"
general    = 9
recognise  = '''list_has_all(columns, ['event_time', 'event_action']) or list_has_any(columns, ['@timestamp']) and list_has_any(columns, ['event.action', 'http.request.method', 'http.response.status_code'])'''
origin     = "Any system that can export its log as a table with a header: a database query, a spreadsheet, Kibana."
export     = "CSV in UTF-8 with a header, divided by commas, semicolons or tabs. Columns of the table access_events by their own names, or by those of the Elastic Common Schema: event_id (event.id); event_time (@timestamp); event_ingested (event.ingested); event_sequence (event.sequence); http_bytes (http.response.body.bytes, http.response.bytes); event_action (event.action); event_outcome (event.outcome); event_reason (event.reason); user_id (user.name, user.email, user.id); user_effective_id (user.effective.name, user.effective.id); user_target_id (user.target.name, user.target.id); account_id (organization.id); session_id (session.id); source_ip (source.ip, client.ip, source.address); network_forwarded_ip (network.forwarded_ip); user_agent (user_agent.original); http_method (http.request.method); url_path (url.path, url.original); http_status (http.response.status_code); record_count, event_dataset, event_provider, user_kind, grant_id and is_mfa by their own."
limits     = "Without event_dataset, an event that has an HTTP method or status is a request, and one of the category authentication or with an action such as login is a sign-in; others are ignored. Without user_kind, who acts in the dataset staff is taken for staff, and any other user_id for a customer. Times without a zone need `time_zone` in audit.toml. A file that is named `access_events.PART.csv` needs no format at all, and is checked column by column."
# The sample: made for this project (CC0).
*/
with
fields as (
  select
    line,
    regexp_matches(text, '[\n\w]\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d') as is_joined,    -- a time glued to what stands before it begins another record
    coalesce(cells['event_id'], cells['event.id']) as event_id,
    coalesce(cells['event_time'], cells['@timestamp']) as event_time,
    coalesce(cells['event_ingested'], cells['event.ingested']) as event_ingested,
    coalesce(cells['event_sequence'], cells['event.sequence']) as event_sequence,
    coalesce(cells['http_bytes'], cells['http.response.body.bytes'], cells['http.response.bytes']) as http_bytes,
    cells['record_count'] as record_count,
    cells['event_dataset'] as event_dataset,
    cells['event_provider'] as event_provider,
    coalesce(cells['event_action'], cells['event.action']) as event_action,
    coalesce(cells['event_outcome'], cells['event.outcome']) as event_outcome,
    coalesce(cells['event_reason'], cells['event.reason']) as event_reason,
    coalesce(cells['event_category'], cells['event.category']) as category,
    cells['user_kind'] as user_kind,
    coalesce(cells['user_id'], cells['user.name'], cells['user.email'], cells['user.id']) as user_id,
    coalesce(cells['user_effective_id'], cells['user.effective.name'], cells['user.effective.id']) as user_effective_id,
    coalesce(cells['user_target_id'], cells['user.target.name'], cells['user.target.id']) as user_target_id,
    coalesce(cells['account_id'], cells['organization.id']) as account_id,
    coalesce(cells['session_id'], cells['session.id']) as session_id,
    cells['grant_id'] as grant_id,
    cells['is_mfa'] as is_mfa,
    coalesce(cells['source_ip'], cells['source.ip'], cells['client.ip'], cells['source.address']) as source_ip,
    coalesce(cells['network_forwarded_ip'], cells['network.forwarded_ip']) as network_forwarded_ip,
    coalesce(cells['user_agent'], cells['user_agent.original']) as user_agent,
    coalesce(cells['http_method'], cells['http.request.method']) as http_method,
    coalesce(cells['url_path'], cells['url.path'], cells['url.original']) as url_path,
    coalesce(cells['http_status'], cells['http.response.status_code']) as http_status
  from records
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
    when is_joined then 'is two records, as a quote between them is missing'
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
