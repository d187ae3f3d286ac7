/*
title      = "Web server log, common format"
table      = "access_events"
provider   = "web"
records    = "lines"
file_names = ["access*log*", "*access_log*"]
recognise  = '''regexp_matches(text, '^[^ ,"]+ [^ .:]+ .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} (\d+|-)\s*$')'''
origin     = "Apache httpd (`LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common`), and servers that write the NCSA common log format: Tomcat, Jetty, lighttpd."
export     = "Deliver the files as the server wrote them, rotated ones too. Where virtual hosts or several formats share one file, it is recognised as `apache_vhost`."
limits     = "The format has no user agent and no forwarded address: behind a proxy, source_ip is the proxy's. Log in the combined format instead, with X-Forwarded-For. A line that was cut inside the size can't be told from a whole one. Who signed in is taken for a customer. Status 400 and above is a failure."
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
fields as (    -- a server that escapes no quotes may write some into the request
  select
    line,
    len(piece) as piece_count,
    ends_with(piece[1], '] ') as is_begun,
    split(piece[1], '[')[-1] as time_text,
    left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 1) as origin_text,
    array_to_string(piece[2:-2], '"') as request_text,
    split(trim(piece[-1]), ' ') as answer
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    is_begun,
    strptime_moment(rtrim(time_text, '] '), '%d/%b/%Y:%H:%M:%S %z') as event_time,
    rtrim(time_text, '] ') as time_text,
    split(origin_text, ' ') as origin,
    split(origin_text, ' ')[1] = '' or split(origin_text, ' ')[1] like '%_-' or split(origin_text, ' ')[2] like '-_%' or regexp_matches(trim(array_to_string(split(origin_text, ' ')[3:], ' ')), '^- | -$') as is_shifted,
    trim(array_to_string(split(origin_text, ' ')[3:], ' ')) as login,
    request_text,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    try_cast(answer[1] as integer) as http_status,
    answer[2] as size_text,
    len(answer) as answer_count
  from (select *, split(request_text, ' ') as request from fields)
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
  host(origin[1]) as source_ip,
  http_method,
  case
    when http_method is not null
      then replace(replace(split(array_to_string(path_words, ' '), '?')[1], chr(1), '"'), chr(2), '\')
  end as url_path,
  http_status,
  try_cast(size_text as bigint) as http_bytes,
  case
    when piece_count < 3 or not is_begun or answer_count <> 2 or contains(origin[1], ',') or regexp_matches(origin[2], '[.:]') then 'is no line of the common format'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or http_status not between 100 and 999 then 'has no status code'
    when size_text is null or not regexp_full_match(size_text, '\d+|-') then 'has no size'
    when login = '' then 'has no field for the user'
    when is_shifted then 'has a word too many, or a space too few, before the user'
    when contains(request_text, '"') and regexp_matches(request_text, '\[\d\d/[A-Z][a-z][a-z]/|HTTP/\d(\.\d)?" \d{3} |\] "') then 'is two lines in one'
  end as refused,
  null::varchar as ignored
from accesses
