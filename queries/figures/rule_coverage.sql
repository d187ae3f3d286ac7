/*
title = "Each class of data in each store: the rules that bound it, and the tests of those rules"
needs = ["stores"]
[columns]
store_id      = "Store"
kind          = "Kind of store"
is_in_scope   = "It must be empty of a canceled account's data"
data_class_id = "Class of data"
rules         = "Retention rules in force for it"
min_days      = "Longest floor, days; null: none"
max_days      = "Shortest ceiling, days; null: none"
starts        = "What starts the clocks of the rules"
tests         = "Controls that test it: those that its rules name, and RET-01 or LOG-04 where an account's data must go"
worst         = "Worst status of those controls in this run; null: none ran"
*/
with
contents as (
  select store_id, kind, is_in_purge_scope as is_in_scope, unnest(data_class_ids) as data_class_id
  from stores
  where valid_from_at <= as_of() and coalesce(valid_to_at > as_of(), true)
),
classes as (
  select distinct on (content.store_id, content.data_class_id)
    content.*,
    content.data_class_id in (select data_class_id from data_classes where kind = 'login_log') as is_login
  from contents as content
  order by content.store_id, content.data_class_id
),
bounds as (
  select
    class.store_id,
    class.data_class_id,
    count(*) as rules,
    max(rule.min_days) as min_days,
    min(rule.max_days) as max_days,
    list_sort(list(distinct rule.counts_from)) as starts,
    flatten(list(rule.control_ids)) as tests
  from classes as class
  join retention_rules as rule on rule.store_id = class.store_id and rule.data_class_id = class.data_class_id
  where rule.valid_from_at <= as_of() and coalesce(rule.valid_to_at > as_of(), true)
  group by class.store_id, class.data_class_id
),
covered as (
  select
    class.store_id,
    class.kind,
    class.is_in_scope,
    class.data_class_id,
    coalesce(bound.rules, 0) as rules,
    bound.min_days,
    bound.max_days,
    coalesce(bound.starts, []) as starts,
    list_sort(list_distinct(list_concat(
      coalesce(bound.tests, []),
      case when class.is_login then ['LOG-04'] when class.is_in_scope then ['RET-01'] else [] end
    ))) as tests
  from classes as class
  left join bounds as bound on bound.store_id = class.store_id and bound.data_class_id = class.data_class_id
),
severities as (
  select unnest(['exception', 'unknown', 'not_tested', 'manual', 'waived', 'deferred', 'pass', 'not_applicable']) as status,
    generate_subscripts(['exception', 'unknown', 'not_tested', 'manual', 'waived', 'deferred', 'pass', 'not_applicable'], 1) as place
),
judged as (
  select tested.store_id, tested.data_class_id, min_by(severities.status, severities.place) as worst
  from (select store_id, data_class_id, unnest(tests) as control_id from covered) as tested
  join controls on controls.id = tested.control_id or regexp_replace(controls.id, '[a-h]$', '') = tested.control_id
  join severities on severities.status = controls.status
  group by tested.store_id, tested.data_class_id
)
select covered.*, judged.worst
from covered
left join judged using (store_id, data_class_id)
order by covered.is_in_scope desc, covered.store_id, covered.data_class_id
