/*
title      = "Traefik access log, JSON"
table      = "access_events"
provider   = "traefik"
records    = "lines"
file_names = ["access*log*", "access*.json*", "traefik*"]
recognise  = "has_keys(text, ['ClientHost', 'RequestMethod', 'DownstreamStatus'])"
origin     = "Traefik's access log with `format: json`: one object a request."
export     = "Deliver the file of `accessLog.filePath`. To see the client behind another proxy, keep the headers `X-Forwarded-For` and `User-Agent` (`accessLog.fields.headers.names`): Traefik drops headers unless told otherwise."
limits     = "A forwarded address counts only where the host that connected is one of `own_proxies` in audit.toml. Who signed in is taken for a customer. Status 400 and above is a failure; a status of 0 or 499 means that the client hung up."
# The sample: made for this project (CC0).
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"StartUTC": "VARCHAR", "time": "VARCHAR", "level": "VARCHAR", "ClientHost": "VARCHAR", "ClientUsername": "VARCHAR", "RequestMethod": "VARCHAR",
        "RequestPath": "VARCHAR", "DownstreamStatus": "VARCHAR", "DownstreamContentSize": "VARCHAR", "request_User-Agent": "VARCHAR",
        "request_X-Forwarded-For": "VARCHAR"}') as event
  from records
),
accesses as (
  select
    line,
    event,
    coalesce(event.StartUTC, event.time) as time_text,
    host(event.ClientHost) as remote,
    nullif(event."request_X-Forwarded-For", '-') as forwarded,
    nullif(nullif(event.ClientUsername, '-'), '') as login,
    try_cast(event.DownstreamStatus as integer) as http_status
  from objects
)
select
  line,
  moment(time_text) as event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status between 100 and 399 then 'success' else 'failure' end as event_outcome,
  case when login is null then 'anonymous' else 'customer' end as user_kind,
  login as user_id,
  case
    when forwarded is not null and is_own_proxy(remote) then
      coalesce(
        list_filter(
          list_reverse(list_transform(split(forwarded, ','), lambda hop: host(hop))), lambda hop: hop is not null and not is_own_proxy(hop)
        )[1],
        remote
      )
    else remote
  end as source_ip,
  forwarded as network_forwarded_ip,
  nullif(event."request_User-Agent", '-') as user_agent,
  event.RequestMethod as http_method,
  split(event.RequestPath, '?')[1] as url_path,
  nullif(http_status, 0) as http_status,
  try_cast(event.DownstreamContentSize as bigint) as http_bytes,
  case
    when event is null then 'is no JSON object'
    when event.RequestMethod is null then case when event.level is null then 'is no request: no RequestMethod' end
    when time_fault(time_text) is not null then time_fault(time_text)
    when http_status is null or http_status not between 0 and 999 then 'has no status code'
  end as refused,
  case when event.RequestMethod is null and event.level is not null then 'a message of Traefik, no request' end as ignored
from accesses
