/*
id         = "COL-09b"
title      = "Web analytics rows older than the window hold no IP address"
promise    = "tied temporarily to IP addresses"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one store of web analytics and span of data days counted in it (store, first day), whose last day with addresses falls in the period"
needs      = ["row_counts", "stores", "data_classes"]
may_use    = ["retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """The policy gives no number: without days set by management nothing is tested. Sees spans that some count names, and only what counts after the last day found: between two counts it sees nothing. An export that reaches back to \
older days and does not name a span found no rows of it. A hashed or shortened address can still be linked and needs a person. A rule of the policy for the store, where there is one, takes the place of the days set."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(c)", "5(1)(e)"]
ccpa = ["1798.100(a)(3)", "Regs 7012(e)(4)"]
[parameters.analytics_ip_days]
type    = "integer"
unit    = "days"
source  = "management"
meaning = "From a day of web analytics, which does not count, to the last day on which its rows may hold an IP address; the policy says temporarily and gives no number"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
untied        = "The counts after the last day found no row with an address"
none_left     = "The counts after the last day found no rows at all"
tied          = { text = "The latest count after the last day found rows with a full address", stays_open = true }
late          = "A count after the last day found rows with a full address; later ones no more"
linkable      = { text = "Rows hold a hashed or shortened address: somebody must judge whether it can still be linked", stays_open = true }
not_counted   = { text = "Nobody counted the rows after the last day", stays_open = true }
form_unknown  = { text = "Rows were counted after the last day, but not whether they hold an address", stays_open = true }
store_unknown = { text = "The store is in no list of stores", stays_open = true }
contradiction = { text = "The span has no end, or ends before it begins, or a count has an unknown form of address or no number", stays_open = true }
[columns]
last_on    = "Last day on which rows may hold an address"
counted_at = "Moment of the latest count after that day, UTC"
full_rows  = "Rows with a full address that it found"
*/
with
analytics as (
  select data_class_id
  from data_classes
  where kind = 'web_analytics'
),
analytics_stores as (
  select store_id
  from stores
  where list_has_any(data_class_ids, (select list(data_class_id) from analytics))
),
counts as (
  select *
  from row_counts
  where account_id is null
    and person_id is null
    and data_from_on is not null
    and (
      data_class_id in (from analytics)
      or (data_class_id is null and store_id in (from analytics_stores))
    )
),
rules as (
  select store_id, valid_from_at, coalesce(valid_to_at, 'infinity') as until_at, max_days
  from retention_rules
  where counts_from = 'address_logged'
    and basis_kind = 'policy'
    and data_class_id in (from analytics)
),
spans as (
  select
    store_id,
    data_from_on,
    min(data_to_on) as data_to_on,
    bool_or(
      coalesce(data_to_on <= data_from_on, true)
      or row_count is null
      or row_count < 0
      or coalesce(address_form, '') not in ('any', 'full', 'truncated', 'hashed', 'none')
    ) or min(data_to_on) < max(data_to_on) as is_contradictory,
    min(origin) as origin
  from counts
  group by store_id, data_from_on
),
ruled as (    -- the strictest rule of the policy in force on the first of the days
  select span.*, min(rule.max_days) as max_days
  from spans as span
  left join rules as rule
    on rule.store_id = span.store_id
    and rule.valid_from_at <= span.data_from_on::timestamptz
    and rule.until_at > span.data_from_on::timestamptz
  group by all
),
clocks as (
  select
    *,
    data_to_on - 1 + coalesce(max_days, analytics_ip_days()) as last_on,
    (last_on + 1)::timestamp at time zone company_time_zone() as over_at
  from ruled
),
exports as (    -- one row per count of a store: how far back it reached
  select store_id, counted_at, min(data_from_on) as reach_on
  from counts
  group by store_id, counted_at
),
seen as (
  select
    clock.store_id,
    clock.data_from_on,
    export.counted_at,
    coalesce(sum(counted.row_count), 0) as rows,
    coalesce(sum(counted.row_count) filter (where counted.address_form = 'full'), 0) as full_rows,
    coalesce(sum(counted.row_count) filter (where counted.address_form in ('hashed', 'truncated')), 0) as linkable_rows,
    sum(counted.row_count) filter (where counted.address_form = 'any') * 2 > rows
      and not bool_or(counted.address_form = 'full') as is_form_unknown,
    max(counted.origin) as origin
  from clocks as clock
  join exports as export
    on export.store_id = clock.store_id
    and export.counted_at >= clock.over_at
    and export.reach_on <= clock.data_from_on
  left join counts as counted
    on counted.store_id = clock.store_id
    and counted.data_from_on = clock.data_from_on
    and counted.counted_at = export.counted_at
  group by clock.store_id, clock.data_from_on, export.counted_at
),
facts as (
  select
    store_id,
    data_from_on,
    max_by({counted_at: counted_at, rows: rows, full_rows: full_rows, linkable_rows: linkable_rows, is_form_unknown: is_form_unknown}, counted_at) as latest,
    bool_or(full_rows > 0) as was_tied,
    list_sort(list(origin)) as lines
  from seen
  group by store_id, data_from_on
),
judged as (
  select
    clock.* exclude (origin),
    fact.latest,
    list_sort(list_distinct(list_append(fact.lines, clock.origin))) as lines,
    case
      when clock.is_contradictory then 'contradiction'
      when clock.store_id not in (select store_id from stores) then 'store_unknown'
      when fact.latest.full_rows > 0 then 'tied'
      when fact.was_tied then 'late'
      when fact.latest.is_form_unknown then 'form_unknown'
      when fact.latest.linkable_rows > 0 then 'linkable'
      when fact.latest.rows = 0 then 'none_left'
      when fact.latest.full_rows = 0 then 'untied'
      else 'not_counted'
    end as reason
  from clocks as clock
  left join facts as fact on fact.store_id = clock.store_id and fact.data_from_on = clock.data_from_on
  where coalesce(clock.last_on < (as_of() at time zone company_time_zone())::date, true)
)
select
  store_id || ' / ' || data_from_on as item,
  last_on::timestamptz as item_at,
  store_id as subject,
  case
    when reason in ('untied', 'none_left') then 'pass'
    when reason in ('tied', 'late') then 'exception'
    when reason = 'linkable' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'data of {} to {}, last day with addresses {}, {}',
    data_from_on,
    coalesce((data_to_on - 1)::varchar, 'an unknown day'),
    coalesce(last_on::varchar, 'unknown'),
    coalesce(
      format('{} of {} rows with a full address counted {}', latest.full_rows, latest.rows, strftime(latest.counted_at, '%Y-%m-%d %H:%M')),
      'not counted since'
    )
  ) as detail,
  case when reason in ('tied', 'late') then store_id end as cause,
  lines,
  last_on,
  latest.counted_at as counted_at,
  latest.full_rows as full_rows
from judged
