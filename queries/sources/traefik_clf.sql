/*
title      = "Traefik access log, common log format"
table      = "access_events"
provider   = "traefik"
records    = "lines"
file_names = ["access*log*", "traefik*"]
recognise  = '''regexp_matches(text, '^\S+ - .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" (\d{1,3}|-) (\d+|-) .* \d+ (".*"|-) (".*"|-) \d+ms\s*$')'''
origin     = "Traefik's access log in its default format: the combined format, then the running number of the request, router, server and duration."
export     = "Deliver the file of `accessLog.filePath`. Prefer `format: json` (source `traefik_json`): it holds the forwarding header where it is kept."
limits     = "The time has whole seconds. The forwarding header is not in this format: behind another proxy, source_ip is the proxy's unless `forwardedHeaders.trustedIPs` names it. The number of the request starts anew with the process, so it is not kept as a running number. Who signed in is taken for a customer. Status 400 and above is a failure; status 0 or 499 means that the client hung up."
# Sample: made up for these tests (CC0)
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
fields as (    -- referrer and agent are in quotes, or a bare -: the words behind the request, each as one
  select
    line,
    split(piece[1], '[')[-1] as time_text,
    left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 1) as origin_text,
    split(piece[2], ' ') as request,
    len(piece) as piece_count,
    flatten(
      list_transform(
        piece[3:],
        lambda part, place: case when place % 2 = 1 then list_filter(split(trim(part), ' '), lambda word: word <> '') else [part] end
      )
    ) as word
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    len(word) as word_count,
    word,
    strptime_moment(rtrim(time_text, '] '), '%d/%b/%Y:%H:%M:%S %z') as event_time,
    rtrim(time_text, '] ') as time_text,
    host(split(origin_text, ' ')[1]) as remote,
    trim(array_to_string(split(origin_text, ' ')[3:], ' ')) as login,
    split(origin_text, ' ')[1] = '' or split(origin_text, ' ')[1] like '%_-' or split(origin_text, ' ')[2] like '-_%' or regexp_matches(trim(array_to_string(split(origin_text, ' ')[3:], ' ')), '^- | -$') as is_shifted,
    case
      when len(request) > 1 and (regexp_full_match(request[1], '[A-Z]{3,20}') or request[-1] like 'HTTP/%' and regexp_full_match(request[1], '[A-Za-z_-]{3,20}'))
        then request[1]
    end as http_method,
    case when request[-1] like 'HTTP/%' then request[2:-2] else request[2:] end as path_words,
    try_cast(word[1] as integer) as http_status
  from fields
)
select
  line,
  event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status between 100 and 399 then 'success' else 'failure' end as event_outcome,
  case when login in ('-', '') then 'anonymous' else 'customer' end as user_kind,
  replace(replace(nullif(nullif(login, '-'), ''), chr(1), '"'), chr(2), '\') as user_id,
  remote as source_ip,
  replace(replace(nullif(word[4], '-'), chr(1), '"'), chr(2), '\') as user_agent,
  http_method,
  case
    when http_method is not null
      then replace(replace(split(array_to_string(path_words, ' '), '?')[1], chr(1), '"'), chr(2), '\')
  end as url_path,
  nullif(http_status, 0) as http_status,
  try_cast(word[2] as bigint) as http_bytes,
  case
    when piece_count % 2 = 0 or word_count not in (2, 8) then 'is no whole line of Traefik''s format'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when word[1] <> '-' and (http_status is null or http_status not between 0 and 999) then 'has no status code'
    when not regexp_full_match(word[2], '\d+|-') then 'has no size'
    when remote is null then 'has no host'
    when login = '' then 'has no field for the user'
    when is_shifted then 'has a word too many, or a space too few, before the user'
  end as refused,
  null::varchar as ignored
from accesses
