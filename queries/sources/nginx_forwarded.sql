/*
title      = "nginx, with the server name or forwarded addresses before the host"
table      = "access_events"
provider   = "web"
records    = "lines"
general    = 2
file_names = ["access*log*"]
recognise  = '''regexp_matches(text, '^.* - .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} (\d+|-) ".*" ".*"\s*$')'''
origin     = "nginx with a `log_format` that puts `$host` or `$http_x_forwarded_for` before the combined format: `example.com 198.51.100.4, 10.20.3.3 10.20.0.5 - anna [time] \"request\" …`; the list with quotes or without."
export     = "Deliver the files as the server wrote them, rotated ones too. The last address before ` - ` is the host that connected; those before it are the forwarded list; a name or address with no comma before the list is the server's own."
limits     = "The server name is not kept. A forwarded address counts only where the host that connected is one of `own_proxies` in audit.toml: anyone else can write that header; then it is the right-most one that isn't such a proxy. A connection by a Unix socket has `unix:` for an address. Who signed in is taken for a customer. Status 400 and above is a failure."
# The sample: made for this project (CC0).
*/
with
pieces as (
  select
    line,
    split(text, ' - ')[1] as origin_text,
    split(
      replace(replace(substr(text, length(split(text, ' - ')[1]) + 4), '\\', chr(2)), '\"', chr(1)), '"'
    ) as piece    -- an escaped quote or backslash must not end a field
  from records
),
fields as (    -- what stands in quotes before the host is the list: as words with commas and the host behind them
  select
    line,
    len(piece) as piece_count,
    split(replace(replace(replace(origin_text, '" ', ','), '"', ''), ', ', ','), ' ') as origin,
    split(piece[1], '[')[-1] as time_text,
    trim(left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 1)) as login,
    split(piece[2], ' ') as request,
    split(trim(piece[3]), ' ') as answer,
    trim(piece[5]) as between_text,
    concat(piece[7], piece[9], piece[11]) as later_text,
    nullif(piece[6], '-') as agent
  from pieces
),
chains as (
  select
    *,
    list_filter(
      split(array_to_string(case when len(origin) > 1 and not contains(origin[1], ',') then origin[2:] else origin end, ','), ','),
      lambda hop: hop not in ('', '-')
    ) as hops
  from fields
),
accesses as (
  select
    line,
    piece_count,
    between_text,
    later_text,
    len(origin) as word_count,
    strptime_moment(rtrim(time_text, '] '), '%d/%b/%Y:%H:%M:%S %z') as event_time,
    rtrim(time_text, '] ') as time_text,
    hops,
    host(hops[-1]) as remote,
    nullif(array_to_string(hops[:-2], ', '), '') as forwarded,
    login,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    try_cast(answer[1] as integer) as http_status,
    answer[2] as size_text,
    len(answer) as answer_count,
    agent
  from chains
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
  case
    when is_own_proxy(remote) then
      coalesce(list_filter(list_reverse(list_transform(hops, lambda hop: host(hop))), lambda hop: hop is not null and not is_own_proxy(hop))[1], remote)
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
    when piece_count < 7 or piece_count % 2 = 0 or between_text <> '' or answer_count <> 2 or word_count > 3 then 'is no whole line of this format'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or http_status not between 100 and 999 then 'has no status code'
    when size_text is null or not regexp_full_match(size_text, '\d+|-') then 'has no size'
    when remote is null then 'has no host'
    when not regexp_full_match(remote, 'localhost|unix:|(\d{1,3}\.){3}(\d{1,3}|x+|\*)|[0-9a-fA-F:.%]*:[0-9a-fA-F:.%]*') then 'has no address before the user'
    when not regexp_full_match(coalesce(forwarded, ''), '(((\d{1,3}\.){3}(\d{1,3}|x+|\*)(:\d+)?|[0-9a-fA-F:.%]*:[0-9a-fA-F:.%]*|\[[0-9a-fA-F:.%]*:[0-9a-fA-F:.%]*\](:\d+)?|unknown|localhost)(, |$))*') then 'has a list of addresses that holds other words'
    when login = '' then 'has no field for the user'
    when contains(later_text, '[') or later_text <> '' and not starts_with(later_text, ' ') then 'is two lines in one'
  end as refused,
  null::varchar as ignored
from accesses
