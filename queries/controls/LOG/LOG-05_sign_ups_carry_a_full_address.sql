/*
id         = "LOG-05"
title      = "Every account has the full address that signed it up"
promise    = "We also log full IP addresses used to sign up for a product account"
source     = "Geolocation data"
severity   = "medium"
kind       = "data"
tests      = "one account, in the period in which it was created"
needs      = ["accounts", "access_events", "addresses"]
may_use    = ["assets"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Looks for the address in sign-up events; one kept in the account table is loaded as such. Of several sign-up rows one good address is enough. Accounts created in a way that management exempted are left out, internal and decoy accounts are not. How long the address is kept is not judged: the policy does not say."
[clauses]
dpf  = ["II.5.a"]
gdpr = ["5(1)(c)"]
[parameters.exempt_created_via]
type    = "varchar[]"
default = []
unit    = "values of accounts.created_via"
source  = "management"
meaning = "Ways of creating an account in which nobody signs up from an address, such as invitation, single_sign_on, api, staff, import"
[reasons]
full          = "A full address of the public internet"
missing       = "No sign-up address"
invalid       = "Not an address"
masked        = "Parts of the address are hidden"
truncated     = "Part of the address is cut off"
range         = "A network instead of an address"
own_proxy     = "The address of one of our own proxies, not of the client"
not_global    = "An address that is not of the public internet"
suspect       = "It ends in zeros, as a shortened address would"
unjudged      = "It could not be judged what the address is"
unknown_way   = "No good address, and it is not known how the account came about, so it may be exempt"
undated       = "Nobody knows when the account was created"
contradictory = "The rows of the account differ in when or how it was created"
[columns]
created_via = "How the account was created"
source_ip   = "Best sign-up address"
*/
with
sign_ups as (
  select
    event.account_id,
    event.source_ip,
    event.event_time,
    event.origin,
    case
      when event.source_ip is null then 'missing'
      when exists (
        select proxy.address
        from own_proxy_addresses as proxy
        where proxy.address = event.source_ip
          and proxy.valid_from_at <= event.event_time
          and (proxy.valid_to_at is null or proxy.valid_to_at > event.event_time)
      ) then 'own_proxy'
      else coalesce(address.reason, 'unjudged')
    end as reason
  from access_events as event
  left join judged_addresses as address on address.address = event.source_ip
  where event.event_dataset = 'signup'
),
best as (    -- one good address is enough, one that can't be judged may be it
  select distinct on (account_id) account_id, source_ip, origin, reason
  from sign_ups
  order by
    account_id,
    list_position(['full', 'unjudged', 'suspect'], reason) nulls last,
    event_time,
    origin
),
register as (
  select
    account_id,
    min(created_at) as created_at,
    min(created_via) as created_via,
    count(distinct created_at) > 1 or count(distinct created_via) > 1 as is_contradictory,
    min(origin) as origin
  from accounts
  group by account_id
),
judged as (
  select
    register.*,
    best.source_ip,
    best.origin as sign_up_origin,
    case
      when is_contradictory then 'contradictory'
      when created_at is null then 'undated'
      when best.reason = 'full' then 'full'
      when created_via is null
        or created_via not in ('web', 'invitation', 'single_sign_on', 'api', 'staff', 'import') then 'unknown_way'
      else coalesce(best.reason, 'missing')
    end as reason
  from register
  left join best using (account_id)
  where is_contradictory or not coalesce(list_contains(exempt_created_via(), created_via), false)
)
select
  account_id as item,
  created_at as item_at,
  account_id as subject,
  case
    when reason = 'full' then 'pass'
    when reason = 'suspect' then 'manual'
    when reason in ('contradictory', 'undated', 'unknown_way', 'unjudged') then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('created {} by {}, signed up from {}', coalesce(created_at::varchar, 'unknown'),
    coalesce(created_via, 'unknown'), coalesce(source_ip, 'no address')) as detail,
  null as cause,
  [origin, sign_up_origin] as lines,
  created_via,
  source_ip
from judged
