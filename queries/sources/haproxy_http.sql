/*
title      = "HAProxy, HTTP log"
table      = "access_events"
provider   = "haproxy"
records    = "lines"
file_names = ["haproxy*"]
recognise  = '''regexp_matches(text, 'haproxy\[\d+\]: |^\S+:\d+ \[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] ')'''
origin     = "HAProxy with `option httplog` (or `httpslog`), as syslog wrote it or without syslog's prefix."
export     = "Deliver the files of the syslog facility that HAProxy logs to. State the zone of the machine in audit.toml (`time_zone`): the log's times have none."
limits     = "The time is when the connection was accepted. Captured headers and cookies are not read, as the log does not name them: where one is X-Forwarded-For, source_ip is still the host that connected. There is no user. Lines of TCP services, failed handshakes and messages of the proxy itself are no requests. Status 400 and above, or none, is a failure; the reason is HAProxy's state at the end."
# The sample: made for this project (CC0).
*/
with
messages as (
  select
    line,
    len(list_filter(split(text, '['), lambda part: part[3] = '/' and part[7] = '/' and part[12] = ':')) > 1 as is_joined,    -- two times, such as [01/Jul/2026:
    case when contains(text, 'haproxy[') then substr(text, strpos(text, ']: ') + 3) else text end as message
  from records
),
pieces as (    -- HAProxy writes a quote in a request as #22, so that quotes end fields
  select
    line,
    is_joined,
    message,
    split(message, '"') as piece,
    list_filter(split(split(message, '"')[1], ' '), lambda word: word <> '') as word
  from messages
),
fields as (    -- some write a captured name between the server and the timers
  select
    line,
    is_joined,
    message,
    word,
    split(piece[2], ' ') as request,
    len(piece) as piece_count,
    starts_with(word[2], '[') and ends_with(word[2], ']') as is_traffic,
    trim(word[2], '[]') as time_text,
    case when length(word[5]) - length(replace(word[5], '/', '')) = 4 then 0 else 1 end as shift
  from pieces
),
accesses as (
  select
    line,
    message,
    is_traffic,
    is_traffic and piece_count >= 3 as is_request,
    piece_count % 2 = 0 as is_unquoted,
    is_joined,
    is_traffic and piece_count < 3 and (piece_count = 2 or length(word[5 + shift]) - length(replace(word[5 + shift], '/', '')) = 4) as is_cut,
    not is_traffic and (piece_count > 1 or regexp_matches(message, '/\d{4}:\d\d:\d\d:')) as is_broken,
    time_text,
    local_moment(strptime_moment(time_text, '%d/%b/%Y:%H:%M:%S.%g')) as event_time,
    strptime_moment(time_text, '%d/%b/%Y:%H:%M:%S.%g') as local_time,
    host(nullif(left(word[1], length(word[1]) - length(split(word[1], ':')[-1]) - 1), '-')) as remote,
    try_cast(word[6 + shift] as integer) as http_status,
    word[5 + shift] as timers,
    word[7 + shift] as bytes_text,
    word[10 + shift] as state,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    word[4] as server
  from fields
)
select
  line,
  event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status between 100 and 399 then 'success' else 'failure' end as event_outcome,
  case when http_status not between 100 and 399 and not starts_with(state, '--') then 'state ' || state end as event_reason,
  'anonymous' as user_kind,
  remote as source_ip,
  http_method,
  case when http_method is not null then split(array_to_string(path_words, ' '), '?')[1] end as url_path,
  case when http_status between 100 and 999 then http_status end as http_status,
  try_cast(ltrim(bytes_text, '+') as bigint) as http_bytes,
  case
    when is_joined then 'is two lines in one'
    when is_cut then 'is cut off in the request'
    when is_broken then 'is a request of an unknown form'
    when not is_request then null
    when is_unquoted then 'has a quote that is not closed'
    when event_time is null and local_time is not null then local_fault(local_time)
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or (http_status not in (-1, 0) and http_status not between 100 and 999) then 'has no status code'
    when not regexp_full_match(timers, '\+?-?\d+(/\+?-?\d+){4}') then 'has no five timers'
    when bytes_text is null or not regexp_full_match(bytes_text, '\+?\d+') then 'has no size'
  end as refused,
  case
    when is_request or is_cut or is_broken or is_joined then null
    when starts_with(message, 'Connect from ') then 'a connection, no request'
    when is_traffic and contains(server, '/') then 'a connection of a TCP service, no request'
    when is_traffic then 'a connection that failed, no request'
    else 'a message of the proxy, no request'
  end as ignored
from accesses
