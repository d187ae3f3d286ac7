/*
title      = "Web server log, combined format"
table      = "access_events"
provider   = "web"
records    = "lines"
file_names = ["access*log*", "*access_log*", "apache_logs*"]
recognise  = '''regexp_matches(text, '^[^ ,"]+ [^ .:]+ .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} (\d+|-) ".*" ".*"\s*$')'''
origin     = "Apache httpd (`LogFormat … combined`), nginx (`log_format combined`) and servers that write the same."
export     = "Deliver the files as the server wrote them, rotated ones too (`access.log`, `access.log.1`, `access.log.2.gz`). A further last field in quotes is read as X-Forwarded-For, one after that as the session."
limits     = "A forwarded address counts only where the host that connected is one of `own_proxies` in audit.toml: anyone else can write that header. The log does not name the account, nor whether a user is a customer: who signed in is taken for one. Status 400 and above is a failure. A line that breaks off in the user agent is loaded without it, unless one of the own proxies wrote it: then the client is unknown."
*/
with
pieces as (    -- an escaped quote or backslash must not end a field
  select
    line,
    split(
      case when contains(text, '\') then replace(replace(text, '\\', chr(2)), '\"', chr(1)) else text end,
      '"'
    ) as piece
  from records
),
fields as (
  select
    line,
    len(piece) as piece_count,
    split(piece[1], '[')[-1] as time_text,
    left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 1) as origin_text,
    split(piece[2], ' ') as request,
    split(ltrim(piece[3]), ' ') as answer,
    trim(piece[5]) as between_text,
    concat(piece[7], piece[9], piece[11]) as later_text,    -- between the fields behind the agent
    case when len(piece) <> 6 then piece[6] end as agent,    -- the line broke off in it: what is left is not the agent
    case
      when piece[8] <> '-' and regexp_full_match(piece[8], '[0-9A-Za-z.:,%_\[\] -]+') and regexp_matches(piece[8], '[.:]') then piece[8]
    end as forwarded,
    piece[8] as last_text,
    piece[10] as session
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    between_text,
    later_text,
    strptime_moment(rtrim(time_text, '] '), '%d/%b/%Y:%H:%M:%S %z') as event_time,
    rtrim(time_text, '] ') as time_text,
    contains(split(origin_text, ' ')[1], ',') or regexp_matches(split(origin_text, ' ')[2], '[.:]') as has_more_hosts,
    host(split(origin_text, ' ')[1]) as remote,
    trim(array_to_string(split(origin_text, ' ')[3:], ' ')) as login,
    split(origin_text, ' ')[1] = '' or split(origin_text, ' ')[1] like '%_-' or split(origin_text, ' ')[2] like '-_%' or regexp_matches(trim(array_to_string(split(origin_text, ' ')[3:], ' ')), '^- | -$') as is_shifted,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    try_cast(answer[1] as integer) as http_status,
    answer[2] as size_text,
    nullif(agent, '-') as agent,
    forwarded,
    last_text,
    nullif(session, '-') as session
  from fields
),
clients as (
  select *, is_own_proxy(remote) as is_proxied from accesses
)
select
  line,
  event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status < 400 then 'success' else 'failure' end as event_outcome,
  case when login in ('-', '') then 'anonymous' else 'customer' end as user_kind,
  replace(replace(nullif(nullif(login, '-'), ''), chr(1), '"'), chr(2), '\') as user_id,
  session as session_id,
  case
    when is_proxied and forwarded is not null then
      coalesce(
        list_filter(
          list_reverse(list_transform(split(forwarded, ','), lambda hop: host(hop))), lambda hop: hop is not null and not is_own_proxy(hop)
        )[1],
        remote
      )
    else remote
  end as source_ip,
  forwarded as network_forwarded_ip,
  replace(replace(agent, chr(1), '"'), chr(2), '\') as user_agent,
  http_method,
  case
    when http_method is not null
      then replace(replace(split(array_to_string(path_words, ' '), '?')[1], chr(1), '"'), chr(2), '\')
  end as url_path,
  http_status,
  try_cast(size_text as bigint) as http_bytes,
  case
    when piece_count < 6 or piece_count % 2 = 0 and (piece_count <> 6 or is_proxied) or between_text <> ''
      then 'is no whole line of the combined format'
    when has_more_hosts then 'has a virtual host or several addresses before the user: the format is apache_vhost or nginx_forwarded'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or http_status not between 100 and 999 then 'has no status code'
    when size_text is null or not regexp_full_match(size_text, '\d+|-') then 'has no size'
    when login = '' then 'has no field for the user'
    when is_shifted then 'has a word too many, or a space too few, before the user'
    when contains(later_text, '[') or later_text <> '' and not starts_with(later_text, ' ') then 'is two lines in one'
    when is_proxied and forwarded is null and regexp_matches(last_text, '(\d+\.){3}\d|::') then 'has a list of addresses that holds other words'
  end as refused,
  null::varchar as ignored
from clients
