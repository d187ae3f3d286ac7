/*
title      = "AWS Classic Load Balancer"
table      = "access_events"
provider   = "elb"
records    = "lines"
file_names = ["*_elasticloadbalancing_*", "*elb*.log*", "*alb*.log*"]
recognise  = '''regexp_matches(text, '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*Z \S+ \S+:\d+ \S+ -?[0-9.]+ -?[0-9.]+ -?[0-9.]+ ')'''
origin     = "Access logs of an AWS Classic Load Balancer in its S3 bucket: one file per node and 5 or 60 minutes."
export     = "Deliver the objects as they are, all nodes of the period. The logs are best effort, as AWS says: a request may be missing."
limits     = "The time is when the request came in. The log has no user and no forwarding header. TCP and SSL listeners log connections, which are no requests. Status 400 and above, or none, is a failure."
# The sample: made for this project (CC0).
*/
with
pieces as (
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
    case when len(piece) > 3 then trim(piece[3]) end as between_text,
    split(trim(piece[1]), ' ') as word,
    trim(piece[2]) as request_text,
    split(piece[2], ' ') as request,
    nullif(piece[4], '-') as agent
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    between_text,
    len(word) as word_count,
    request_text = '- - -' as is_connection,
    word[1] as time_text,
    host(left(word[3], length(word[3]) - length(split(word[3], ':')[-1]) - 1)) as remote,
    try_cast(word[8] as integer) as http_status,
    word[8] as status_text,
    try_cast(word[11] as bigint) as http_bytes,
    case when regexp_full_match(request[1], '[A-Za-z_-]{2,20}') then request[1] end as http_method,
    array_to_string(request[2:-2], ' ') as target,
    agent
  from fields
)
select
  line,
  moment(time_text) as event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status between 100 and 399 then 'success' else 'failure' end as event_outcome,
  'anonymous' as user_kind,
  remote as source_ip,
  replace(replace(agent, chr(1), '"'), chr(2), '\') as user_agent,
  http_method,
  case
    when http_method is null then null
    when contains(target, '://') then
      '/' || array_to_string(split(split(split(target, '?')[1], '://')[2], '/')[2:], '/')
    else split(target, '?')[1]
  end as url_path,
  http_status,
  http_bytes,
  case
    when word_count <> 11 or piece_count not in (3, 5) or between_text <> '' then 'is no whole line of the load balancer''s format'
    when time_fault(time_text) is not null then time_fault(time_text)
    when not is_connection and (http_status is null or http_status not between 0 and 999) then 'has no status code'
  end as refused,
  case when refused is null and is_connection then 'a connection, no request' end as ignored
from accesses
