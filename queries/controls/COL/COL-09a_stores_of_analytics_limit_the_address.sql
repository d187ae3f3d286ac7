/*
id         = "COL-09a"
title      = "Every store of web analytics has a rule for how long rows stay tied to an IP address"
promise    = "tied temporarily to IP addresses"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
repeats    = true
tests      = "one store that holds web analytics at the moment looked from: store"
needs      = ["stores", "data_classes", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed stores. The policy says \"temporarily\" in one section and in the next ties web analytics to the address without an end, and gives no number: the rule must. \
Whether the days of a rule are few enough is not judged here; that addresses are gone by then is COL-09b's."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(c)", "5(1)(e)"]
ccpa = ["1798.100(a)(3)", "Regs 7012(e)(4)"]
[reasons]
limited       = "A rule in force says for how many days a row stays tied to its address"
no_rule       = { text = "No rule in force says how long a row stays tied to its address", stays_open = true }
no_days       = { text = "A rule is in force, but gives no number of days", stays_open = true }
unapproved    = { text = "A rule in force gives days, but nobody approved it", stays_open = true }
contradiction = { text = "Rows of the store overlap in time", stays_open = true }
[columns]
max_days = "Days of the strictest rule"
*/
with
analytics as (
  select data_class_id
  from data_classes
  where kind = 'web_analytics'
),
analytics_stores as (
  select store_id, min(valid_from_at) as valid_from_at, count(*) as rows, list_sort(list(origin)) as lines
  from stores
  where list_has_any(data_class_ids, (select list(data_class_id) from analytics))
    and coalesce(valid_from_at <= as_of(), true)
    and coalesce(valid_to_at > as_of(), true)
  group by store_id
),
rules as (
  select
    store_id,
    min(max_days) as max_days,
    bool_or(max_days is not null and approved_by_person_id is not null) as is_approved,
    list_sort(list(origin)) as lines
  from retention_rules
  where counts_from = 'address_logged'
    and data_class_id in (from analytics)
    and valid_from_at <= as_of()
    and coalesce(valid_to_at > as_of(), true)
  group by store_id
),
judged as (
  select
    store.* exclude (lines),
    rule.max_days,
    list_concat(store.lines, rule.lines) as lines,
    case
      when store.rows > 1 then 'contradiction'
      when rule.store_id is null then 'no_rule'
      when rule.max_days is null then 'no_days'
      when rule.is_approved then 'limited'
      else 'unapproved'
    end as reason
  from analytics_stores as store
  left join rules as rule on rule.store_id = store.store_id
)
select
  store_id as item,
  valid_from_at as item_at,
  store_id as subject,
  case
    when reason = 'limited' then 'pass'
    when reason in ('no_rule', 'no_days', 'unapproved') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  coalesce(format('tied to addresses for {} days', max_days), 'no days') as detail,
  null as cause,
  lines,
  max_days
from judged
