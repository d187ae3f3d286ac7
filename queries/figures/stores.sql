/*
title = "Each store: what lies in it, whether a retention rule covers it, and how its purges came out"
needs = ["stores"]
[columns]
store_id    = "Store"
kind        = "Kind of store"
is_in_scope = "It must be empty of a canceled account's data"
classes     = "Classes of data in it"
uncovered   = "Classes of data without a retention rule in force"
max_days    = "Longest time that its rules allow from the cancellation, in days; null: no rule says"
items       = "Items of RET-01 and LOG-04 stored for it"
passed      = "Items without an exception"
exceptions  = "Exceptions"
unknown     = "Not evaluated"
manual      = "Needs a person"
deferred    = "Deferred"
*/
with
current_stores as (
  select store_id, kind, is_in_purge_scope as is_in_scope, data_class_ids
  from stores
  where valid_from_at <= as_of() and coalesce(valid_to_at > as_of(), true)
),
classes as (
  select store_id, unnest(data_class_ids) as data_class_id from current_stores
),
covered as (
  select
    classes.store_id,
    classes.data_class_id,
    count(rules.retention_rule_id) as rules,
    max(rules.max_days) filter (where rules.counts_from = 'account_cancellation') as max_days
  from classes
  left join retention_rules as rules
    on coalesce(rules.store_id, classes.store_id) = classes.store_id
    and coalesce(rules.data_class_id, classes.data_class_id) = classes.data_class_id
    and rules.valid_from_at <= as_of() and coalesce(rules.valid_to_at > as_of(), true)
  group by all
),
coverage as (
  select store_id, count(*) as classes, count(*) filter (where rules = 0) as uncovered, max(max_days) as max_days
  from covered
  group by store_id
),
tested as (
  select
    split_part(item, ' / ', 3) as store_id,
    count(*) as items,
    count(*) filter (where effective_outcome = 'pass') as passed,
    count(*) filter (where effective_outcome = 'exception') as exceptions,
    count(*) filter (where effective_outcome = 'unknown') as unknown,
    count(*) filter (where effective_outcome = 'manual') as manual,
    count(*) filter (where effective_outcome = 'deferred') as deferred
  from outcomes
  where control_id in ('RET-01', 'LOG-04')
  group by all
)
select
  current_stores.store_id,
  current_stores.kind,
  current_stores.is_in_scope,
  coalesce(coverage.classes, 0) as classes,
  coalesce(coverage.uncovered, 0) as uncovered,
  coverage.max_days,
  coalesce(tested.items, 0) as items,
  coalesce(tested.passed, 0) as passed,
  coalesce(tested.exceptions, 0) as exceptions,
  coalesce(tested.unknown, 0) as unknown,
  coalesce(tested.manual, 0) as manual,
  coalesce(tested.deferred, 0) as deferred
from current_stores
left join coverage using (store_id)
left join tested using (store_id)
order by coalesce(tested.exceptions, 0) desc, current_stores.is_in_scope desc, current_stores.store_id
