/*
title      = "Kubernetes ingress controller (ingress-nginx)"
table      = "access_events"
provider   = "ingress"
records    = "lines"
file_names = ["*ingress*", "access*log*"]
recognise  = '''regexp_matches(text, '^\S+ - .*\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ".*" \d{3} (\d+|-) ".*" ".*" \d+ [0-9.]+ \[[^\]]*\]( \[[^\]]*\])? \S')'''
origin     = "The access log of ingress-nginx in Kubernetes, in its default format (`log-format-upstream`): the combined format, then length and time of the request, the upstreams and the request's id."
export     = "Deliver the container's output as kubelet wrote it, without its own prefix, or the controller's `access-log-path`. Turn `use-forwarded-headers` on only behind a proxy of your own: then the host is the client's address."
limits     = "The id of the request may come from the client (`X-Request-ID`), so it is not taken as the event's. The log does not name the account. Who signed in by basic authentication is taken for a customer. Status 400 and above is a failure."
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
fields as (
  select
    line,
    len(piece) as piece_count,
    split(piece[1], '[')[-1] as time_text,
    left(piece[1], length(piece[1]) - length(split(piece[1], '[')[-1]) - 1) as origin_text,
    split(piece[2], ' ') as request,
    split(trim(piece[3]), ' ') as answer,
    nullif(piece[6], '-') as agent,
    len(split(trim(piece[7]), ' ')) as upstream_count
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    upstream_count,
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
    try_cast(answer[1] as integer) as http_status,
    answer[2] as size_text,
    agent
  from fields
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
  remote as source_ip,
  replace(replace(agent, chr(1), '"'), chr(2), '\') as user_agent,
  http_method,
  case
    when http_method is not null
      then replace(replace(split(array_to_string(path_words, ' '), '?')[1], chr(1), '"'), chr(2), '\')
  end as url_path,
  http_status,
  try_cast(size_text as bigint) as http_bytes,
  case
    when piece_count <> 7 or upstream_count < 8 then 'is no whole line of the ingress controller''s format'
    when event_time is null then 'no moment: ' || left(time_text, 40)
    when http_status is null or http_status not between 100 and 999 then 'has no status code'
    when size_text is null or not regexp_full_match(size_text, '\d+|-') then 'has no size'
    when remote is null then 'has no host'
    when login = '' then 'has no field for the user'
    when is_shifted then 'has a word too many, or a space too few, before the user'
  end as refused,
  null::varchar as ignored
from accesses
