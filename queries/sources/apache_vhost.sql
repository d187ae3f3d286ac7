/*
title      = "Apache httpd, with virtual hosts or several formats in one file"
table      = "access_events"
provider   = "web"
records    = "lines"
general    = 1
file_names = ["access*log*", "*access_log*", "*other_vhosts_access*"]
recognise  = '''regexp_matches(text, '^[^ ,"]+ [^ ,"]+ .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} (\d+|-)( ".*" ".*")?\s*$')'''
origin     = "Apache httpd: `vhost_combined` and `vhost_common` (`%v:%p` or `%v` before the host), and files into which lines of the common, combined and vhost formats go together."
export     = "Deliver the files as the server wrote them (`other_vhosts_access.log`, `access.log`), rotated ones too. A further last field in quotes is read as X-Forwarded-For, one after that as the session."
limits     = "The virtual host itself is not kept. Where the second word of a line holds a dot or colon, or is followed by ` - `, the first is taken for the virtual host. A forwarded address counts only where the host that connected is one of `own_proxies` in audit.toml. A combined line that was cut after the size can't be told from a common one; one that breaks off in the user agent is loaded without it, unless one of the own proxies wrote it. Who signed in is taken for a customer. Status 400 and above is a failure."
# The sample: made for this project (CC0).
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
ends as (    -- a server that escapes no quotes may write some into the request: its end is where status and size follow
  select
    line,
    piece,
    case
      when regexp_matches(piece[3], '^ \d{3} (\d+|-)( |$)') then 3
      else list_position(list_transform(piece, lambda part: regexp_matches(part, '^ \d{3} (\d+|-)( |$)')), true)
    end as answer_at
  from pieces
),
fields as (
  select
    line,
    split(piece[1], '[')[-1] as time_text,
    ends_with(piece[1], '] ') as is_begun,
    split(left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 2), ' ') as origin,
    array_to_string(piece[2:answer_at - 1], '"') as request_text,
    split(array_to_string(piece[2:answer_at - 1], '"'), ' ') as request,
    split(trim(piece[answer_at]), ' ') as answer,
    array_to_string(list_filter(piece[answer_at:], lambda part, place: place % 2 = 1), '') as between_text,    -- outside of quotes
    piece[answer_at + 1:] as rest
  from ends
),
hosts as (
  select
    *,
    len(origin) >= 4 and (regexp_matches(origin[2], '[.:]') or origin[2] <> '-' and origin[3] = '-') as has_vhost
  from fields
),
accesses as (
  select
    line,
    len(rest) as rest_count,
    is_begun,
    rest,
    between_text,
    request_text,
    strptime_moment(rtrim(time_text, '] '), '%d/%b/%Y:%H:%M:%S %z') as event_time,
    rtrim(time_text, '] ') as time_text,
    host(case when has_vhost then origin[2] else origin[1] end) as remote,
    trim(array_to_string(case when has_vhost then origin[4:] else origin[3:] end, ' ')) as login,
    list_has_any(list_transform(origin[1:2], lambda word: word like '%_-'), [true]) or origin[case when has_vhost then 3 else 2 end] like '-_%'
      or regexp_matches(trim(array_to_string(case when has_vhost then origin[4:] else origin[3:] end, ' ')), '^- | -$')
      or list_contains(origin[1:3], '')
      or not has_vhost and regexp_matches(origin[2], '[.:]')
      or not has_vhost and regexp_full_match(origin[1], '[^:\[]*[A-Za-z][^:]*:[^:]*|[^:\[]+:\d*[^\d:][^:]*') as is_shifted,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    try_cast(answer[1] as integer) as http_status,
    answer[2] as size_text,
    case when len(rest) >= 4 then nullif(rest[3], '-') end as agent,    -- where the line broke off in it, what is left is not the agent
    case
      when rest[5] <> '-' and regexp_full_match(rest[5], '[0-9A-Za-z.:,%_\[\] -]+') and regexp_matches(rest[5], '[.:]') then rest[5]
    end as forwarded,
    nullif(rest[7], '-') as session
  from hosts
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
    when size_text is null or not is_begun or rest_count not in (0, 3, 4, 6, 8) or rest_count = 3 and is_proxied or rest_count > 1 and trim(rest[2]) <> ''
      then 'is no whole line of the common, combined or vhost format'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or http_status not between 100 and 999 then 'has no status code'
    when remote is null then 'has no host'
    when login = '' then 'has no field for the user'
    when is_shifted then 'has a word too many, or a space too few, before the user'
    when contains(between_text, '[') or rest[4] <> '' and not starts_with(rest[4], ' ') then 'is two lines in one'
    when contains(request_text, '"') and regexp_matches(request_text, '\[\d\d/[A-Z][a-z][a-z]/|HTTP/\d(\.\d)?" \d{3} |\] "') then 'is two lines in one'
    when is_proxied and forwarded is null and regexp_matches(rest[5], '(\d+\.){3}\d|::') then 'has a list of addresses that holds other words'
  end as refused,
  null::varchar as ignored
from clients
