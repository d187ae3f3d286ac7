/*
id         = "LOG-02"
title      = "Every event carries the full address of the client"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one event that comes from a client"
population = "select event_time as item_at from access_events where event_action is null or event_action not in ('switch_user', 'check_credentials')"
needs      = ["access_events", "addresses"]
may_use    = ["assets"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Judges the address field as logged, not the forwarding header: a proxy's address is a fault even where the header names the client. A complete but false address is not seen. Private addresses count as faults, an office's own network too. An address that ends in .0 or in 80 zero bits may have been cut off: manual; one in 256 does by chance. A change of user and a check of a password on a machine itself have no client and are no items: the sign-in before them is."
[clauses]
dpf  = ["II.4.a"]
gdpr = ["5(1)(c)", "32"]
[reasons]
full       = "A full address of the public internet"
missing    = "No address"
invalid    = "Not an address"
masked     = "Parts of the address are hidden"
truncated  = "Part of the address is cut off"
range      = "A network instead of an address"
own_proxy  = "The address of one of our own proxies, not of the client"
not_global = "An address that is not of the public internet"
suspect    = "It ends in zeros, as a shortened address would"
unjudged   = "It could not be judged what the address is"
[columns]
source_ip = "Address as logged"
*/
with
proxies as (
  select address, list({'from_at': valid_from_at, 'to_at': valid_to_at}) as spans from own_proxy_addresses group by address
),
places as (    -- what can be said of an address is said once an address
  select address.address, address.reason, proxy.spans
  from judged_addresses as address
  left join proxies as proxy using (address)
),
judged as (
  select
    event.event_id,
    event.event_time,
    event.event_provider,
    event.account_id,
    event.user_id,
    event.source_ip,
    event.origin,
    case
      when event.source_ip is null then 'missing'
      when place.spans is not null
        and len(list_filter(place.spans, lambda span: span.from_at <= event.event_time and coalesce(span.to_at > event.event_time, true))) > 0 then 'own_proxy'
      else coalesce(place.reason, 'unjudged')
    end as reason
  from access_events as event
  left join places as place on place.address = event.source_ip
  where coalesce(event.event_action, '') not in ('switch_user', 'check_credentials')
)
select
  event_id as item,
  event_time as item_at,
  coalesce(account_id, user_id) as subject,
  case
    when reason = 'full' then 'pass'
    when reason = 'suspect' then 'manual'
    when reason = 'unjudged' then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('address {} in the log {}', coalesce(source_ip, 'none'), event_provider) as detail,
  event_provider as cause,
  [origin] as lines,
  source_ip
from judged
