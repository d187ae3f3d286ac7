/*
title      = "AWS Application Load Balancer"
table      = "access_events"
provider   = "alb"
records    = "lines"
file_names = ["*_elasticloadbalancing_*", "*elb*.log*", "*alb*.log*"]
recognise  = '''regexp_matches(text, '^(http|https|h2|grpcs|ws|wss) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*Z \S+ \S+ ')'''
origin     = "Access logs of an AWS Application Load Balancer in its S3 bucket: one file per node and five minutes."
export     = "Deliver the objects as they are (`….log.gz`), all nodes of the period. The logs are best effort, as AWS says: a request may be missing."
limits     = "The time is when the answer was given. The log has no user and no forwarding header: behind CloudFront or another proxy, source_ip is the proxy's. Status 400 and above, or none, is a failure; the reason is the one that the balancer gives."
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
    len(list_filter(piece[5:], lambda part, place: place % 2 = 1 and len(split(trim(part), ' ')) > 4)) > 0 as is_joined,
    case when len(piece) > 3 then trim(piece[3]) end as between_text,
    split(trim(piece[1]), ' ') as word,
    split(piece[2], ' ') as request,
    nullif(piece[4], '-') as agent,
    nullif(nullif(piece[-6], '-'), '') as fault
  from pieces
),
accesses as (
  select
    line,
    piece_count,
    between_text,
    is_joined,
    len(word) as word_count,
    word[2] as time_text,
    host(left(word[4], length(word[4]) - length(split(word[4], ':')[-1]) - 1)) as remote,
    try_cast(word[9] as integer) as http_status,
    word[9] as status_text,
    try_cast(word[12] as bigint) as http_bytes,
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
    when word_count <> 12 or piece_count < 5 or between_text <> '' then 'is no whole line of the load balancer''s format'
    when is_joined then 'is two lines in one'
    when time_fault(time_text) is not null then time_fault(time_text)
    when status_text <> '-' and (http_status is null or http_status not between 0 and 999) then 'has no status code'
  end as refused,
  null::varchar as ignored
from accesses
