/*
id         = "SEC-04c"
title      = "Our people reach customer accounts from the US, or from a country that management approved"
promise    = "all data infrastructure are located in the US"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one successful access of a person of ours to a customer account: event"
population = "select event_time as item_at from staff_accesses"
needs      = ["access_events", "people", "addresses"]
may_use    = ["assets"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Only what staff logs show: where the infrastructure itself stands is judged in SEC-04a and SEC-04b. A look from abroad is a transfer, though the data stay \
where they are; management may approve countries, and the reason says so. The country is that of the address as a database has it: who works abroad through a tunnel \
ends in the tunnel's country, which for own networks is the one in the inventory. An exit of an anonymizer or hosting company says nothing of the person: manual. Attempts that failed reached no data."""
[clauses]
dpf  = ["II.7.a.ii"]
gdpr = ["44", "30(1)(e)"]
[parameters.staff_countries]
type    = "varchar[]"
default = []
source  = "management"
meaning = "Countries besides the US (ISO 3166-1 alpha-2) from which management approved that our people reach customer accounts; the policy names the US alone"
[reasons]
domestic         = "From the US"
approved_country = "From a country that management approved"
abroad           = "From another country"
exit_network     = "Through an exit of an anonymizer or hosting company, so that nobody knows from where"
address_missing  = { text = "The log has no full address", stays_open = true }
country_unknown  = { text = "No database and no inventory knows the country of the address", stays_open = true }
databases_differ = { text = "The databases disagree whether the country is the US or an approved one", stays_open = true }
[columns]
person_id = "Who accessed"
country   = "Country of the address"
*/
with
networks as (    -- of own networks: countries in which the inventory has stood them
  select
    address.address,
    asset.country,
    asset.valid_from_at,
    asset.valid_to_at,
    asset.origin
  from (select address, unnest(asset_ids) as asset_id from addresses) as address
  join assets as asset using (asset_id)
  where asset.kind = 'network' and asset.country is not null
),
sources as (
  select
    event.event_id,
    event.source_ip,
    count(distinct network.country) as network_countries,
    min(network.country) as network_country,
    min(network.origin) as network_origin
  from access_events as event
  semi join staff_accesses as access on access.event_id = event.event_id
  left join networks as network
    on network.address = event.source_ip
    and network.valid_from_at <= event.event_time
    and (network.valid_to_at is null or network.valid_to_at > event.event_time)
  group by event.event_id, event.source_ip
),
located as (
  select
    access.*,
    source.source_ip,
    source.network_countries,
    source.network_origin,
    address.address_form,
    address.network_kind,
    coalesce(source.network_country, address.country) as country,
    case when source.network_country is null then list_append(address.other_countries, address.country) else [source.network_country] end as countries
  from staff_accesses as access
  join sources as source using (event_id)
  left join addresses as address on address.address = source.source_ip
),
judged as (
  select
    *,
    case
      when coalesce(address_form, '') not in ('full', 'suspect') then 'address_missing'
      when network_countries > 1 then 'databases_differ'
      when network_countries = 0 and network_kind in ('anonymizer', 'hosting') then 'exit_network'
      when country is null then 'country_unknown'
      when len(list_filter(countries, lambda one: one <> 'US' and not list_contains(staff_countries(), one))) = 0
        and country = 'US' then 'domestic'
      when len(list_filter(countries, lambda one: one <> 'US' and not list_contains(staff_countries(), one))) = 0 then 'approved_country'
      when len(list_filter(countries, lambda one: one = 'US' or list_contains(staff_countries(), one))) > 0 then 'databases_differ'
      else 'abroad'
    end as reason
  from located
)
select
  event_id as item,
  event_time as item_at,
  account_id as subject,
  case
    when reason in ('domestic', 'approved_country') then 'pass'
    when reason = 'abroad' then 'exception'
    when reason = 'exit_network' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('{} at {} by {} from {}, {}',
    coalesce(event_action, 'access of an unknown kind'), strftime(event_time, '%Y-%m-%d %H:%M:%S'),
    coalesce(person_id, 'login ' || user_id, 'an unnamed login'), coalesce(source_ip, 'no address'), coalesce(country, 'country unknown')) as detail,
  case when reason = 'abroad' then country end as cause,
  [origin, network_origin] as lines,
  person_id,
  country
from judged
