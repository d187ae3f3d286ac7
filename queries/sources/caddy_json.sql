/*
title      = "Caddy access log, JSON"
table      = "access_events"
provider   = "web"
records    = "lines"
file_names = ["access*log*", "caddy*"]
recognise  = "has_keys(text, ['ts', 'request', 'status']) and contains(text, '\"remote_')"
origin     = "Caddy 2's access log (`log` in a site's block): one object a request."
export     = "Deliver the files as Caddy wrote them, rotated ones too. The lines of Caddy's own log in the same file are ignored."
limits     = "The client is `remote_ip`, the host that connected; X-Forwarded-For counts only where that is one of `own_proxies` in audit.toml. Caddy blots out most request headers that hold secrets, but not this one. Who signed in is taken for a customer. Status 400 and above is a failure; a status of 0 means that nothing was answered."
# The sample: made for this project (CC0).
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"ts": "VARCHAR", "msg": "VARCHAR", "user_id": "VARCHAR", "status": "VARCHAR", "size": "VARCHAR",
        "request": {"remote_ip": "VARCHAR", "remote_addr": "VARCHAR", "method": "VARCHAR", "uri": "VARCHAR",
          "headers": {"User-Agent": ["VARCHAR"], "X-Forwarded-For": ["VARCHAR"]}}}') as event
  from records
),
accesses as (
  select
    line,
    event,
    case
      when try_cast(event.ts as double) between 0 and 2.5e11 then make_timestamptz((try_cast(event.ts as decimal(20, 6)) * 1000000)::bigint)
      else moment(event.ts)
    end as event_time,
    host(coalesce(event.request.remote_ip, event.request.remote_addr)) as remote,
    nullif(array_to_string(event.request.headers."X-Forwarded-For", ', '), '') as forwarded,
    nullif(event.user_id, '') as login,
    try_cast(event.status as integer) as http_status
  from objects
)
select
  line,
  event_time,
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
  event.request.headers."User-Agent"[1] as user_agent,
  event.request.method as http_method,
  split(event.request.uri, '?')[1] as url_path,
  nullif(http_status, 0) as http_status,
  try_cast(event.size as bigint) as http_bytes,
  case
    when event is null then 'is no JSON object'
    when event_time is null then coalesce(time_fault(event.ts), 'no moment: ' || left(event.ts, 40))
    when event.request.method is not null and (http_status is null or http_status not between 0 and 999) then 'has no status code'
  end as refused,
  case when event.request.method is null and event.ts is not null then 'a message of the server, no request' end as ignored
from accesses
