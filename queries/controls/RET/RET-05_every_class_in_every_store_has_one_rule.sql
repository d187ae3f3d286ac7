/*
id         = "RET-05"
title      = "Every class of data in every store has exactly one retention rule, with an owner and a basis"
promise    = "(schedule completeness: each promise to keep or to delete needs a rule for every place where the data lie)"
source     = "What happens when you delete data in your product accounts"
severity   = "high"
kind       = "data"
tests      = "one store that was in use in the period and class of data in it (store, class)"
repeats    = true
needs      = ["stores", "data_classes", "retention_rules"]
may_use    = ["audit_runs"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed stores and the classes that they are said to hold. A class may have several rules if they count from different moments; of one clock there may be one. Rules are those in force at the end of the period, or when the store went out of use. \
A floor is a number of days, or that data are kept as long as the account is active. Whether a rule is kept is for the controls that it names: one of them must have tested something in an earlier run of this period or of the one just before; on a first audit, without an earlier run, only that it names one is looked at. \
Rules for classes that no store is said to hold are not looked at."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)", "30(1)(f)"]
ccpa = ["1798.100(a)(3)", "Regs 7012(e)(4)", "Regs 7123(c)(16)"]
[parameters.purge_days]
type    = "integer"
default = 60
unit    = "days"
source  = "policy"
meaning = "From the day of cancellation, which does not count, to the last day on which data of the account may exist"
[reasons]
complete           = "One rule for each clock in force, with floor, ceiling, owner, basis and a control that tests it"
missing            = { text = "There is no rule", stays_open = true }
expired            = { text = "There was a rule, and it is no longer in force", stays_open = true }
duplicate          = { text = "Several rules in force count from the same moment", stays_open = true }
floor_over_ceiling = { text = "The rules demand to keep the data for longer than they allow, or state less than no days", stays_open = true }
against_policy     = { text = "A rule lets data of canceled accounts stay for longer than the policy promises", stays_open = true }
no_ceiling         = { text = "No rule says after how many days the data must go", stays_open = true }
no_floor           = { text = "No rule says how long the data must be kept", stays_open = true }
no_owner           = { text = "Nobody answers for the rule", stays_open = true }
no_basis           = { text = "The rule states no basis", stays_open = true }
no_control         = { text = "The rule names no control that tests it", stays_open = true }
not_tested         = "None of the controls that the rule names tested anything in an earlier run"
rule_unclear       = { text = "The rule holds an unknown code, lacks one, or shares its id with another", stays_open = true }
class_unknown      = { text = "The class of data is in no register", stays_open = true }
contents_unknown   = { text = "Nobody says which classes of data the store holds", stays_open = true }
[columns]
rule_ids = "Rules in force"
owners   = "Persons who answer for them"
min_days = "Longest floor among them"
max_days = "Shortest ceiling among them"
*/
with
contents as (
  select *, unnest(coalesce(data_class_ids, [null])) as data_class_id
  from stores
  where coalesce(valid_from_at < until(), true) and coalesce(valid_to_at > since(), true)
),
items as (
  select
    store_id,
    data_class_id,
    least(max(coalesce(valid_to_at, 'infinity')), until()) as looked_at,
    bool_or(is_in_purge_scope) as is_in_purge_scope,
    list_sort(list(origin)) as lines
  from contents
  group by store_id, data_class_id
),
repeated_rules as (
  select retention_rule_id
  from retention_rules
  group by retention_rule_id
  having count(*) > 1
),
tested as (    -- one row per control that tested something in an earlier run of this period or of the one just before
  select distinct unnest(controls_tested) as control_id
  from audit_runs
  where since_at < until() and until_at >= since() and as_of_at <= as_of() and exit_code in (0, 1)
),
rules as (
  select
    item.store_id,
    item.data_class_id,
    rule.retention_rule_id,
    rule.owner_person_id,
    rule.counts_from,
    rule.min_days,
    rule.max_days,
    rule.min_days is not null or rule.is_kept_while_active as has_floor,
    coalesce(rule.valid_to_at, 'infinity') >= item.looked_at as is_in_force,
    count(*) filter (where is_in_force) over (
      partition by item.store_id, item.data_class_id, rule.counts_from
    ) > 1 as is_duplicate,
    rule.min_days > rule.max_days or least(rule.min_days, rule.max_days) < 0 as is_reversed,
    rule.counts_from = 'account_cancellation'
      and item.is_in_purge_scope
      and greatest(rule.min_days, rule.max_days) > purge_days() as is_against_policy,
    rule.owner_person_id is null as is_unowned,
    rule.basis is null as is_baseless,
    len(rule.control_ids) = 0 as is_untestable,
    not list_has_any(rule.control_ids, (select list(control_id) from tested)) as is_untested,
    coalesce(rule.counts_from, '') not in ('account_cancellation', 'creation', 'trashing', 'copy_taken', 'address_logged')
      or coalesce(rule.basis_kind, '') not in ('policy', 'law', 'management')
      or rule.control_ids is null
      or rule.retention_rule_id in (from repeated_rules) as is_unclear,
    rule.origin
  from items as item
  join retention_rules as rule
    on rule.store_id = item.store_id
    and rule.data_class_id = item.data_class_id
    and rule.valid_from_at < item.looked_at
),
facts as (
  select
    store_id,
    data_class_id,
    count(*) filter (where is_in_force) as in_force,
    bool_or(is_unclear) filter (where is_in_force) as is_unclear,
    bool_or(is_duplicate) filter (where is_in_force) as is_duplicate,
    bool_or(is_reversed) filter (where is_in_force) as is_reversed,
    bool_or(is_against_policy) filter (where is_in_force) as is_against_policy,
    bool_or(has_floor) filter (where is_in_force) as has_floor,
    bool_or(is_unowned) filter (where is_in_force) as is_unowned,
    bool_or(is_baseless) filter (where is_in_force) as is_baseless,
    bool_or(is_untestable) filter (where is_in_force) as is_untestable,
    bool_or(is_untested) filter (where is_in_force) as is_untested,
    max(min_days) filter (where is_in_force) as min_days,
    min(max_days) filter (where is_in_force) as max_days,
    string_agg(retention_rule_id, ', ' order by retention_rule_id) filter (where is_in_force) as rule_ids,
    string_agg(distinct owner_person_id, ', ' order by owner_person_id) filter (where is_in_force) as owners,
    list_sort(list(origin)) as lines
  from rules
  group by store_id, data_class_id
),
judged as (
  select
    item.store_id,
    item.data_class_id,
    fact.rule_ids,
    fact.owners,
    fact.min_days,
    fact.max_days,
    coalesce(fact.in_force, 0) as in_force,
    list_concat(item.lines, fact.lines) as lines,
    case
      when item.data_class_id is null then 'contents_unknown'
      when item.data_class_id not in (select data_class_id from data_classes) then 'class_unknown'
      when fact.store_id is null then 'missing'
      when fact.in_force = 0 then 'expired'
      when fact.is_unclear then 'rule_unclear'
      when fact.is_duplicate then 'duplicate'
      when fact.is_reversed then 'floor_over_ceiling'
      when fact.is_against_policy then 'against_policy'
      when fact.max_days is null then 'no_ceiling'
      when not fact.has_floor then 'no_floor'
      when fact.is_unowned then 'no_owner'
      when fact.is_baseless then 'no_basis'
      when fact.is_untestable then 'no_control'
      when fact.is_untested then 'not_tested'
      when fact.has_floor then 'complete'
      else 'rule_unclear'    -- nobody says whether the data are kept while the account is active
    end as reason
  from items as item
  left join facts as fact on fact.store_id = item.store_id and fact.data_class_id = item.data_class_id
)
select
  concat_ws(' / ', store_id, coalesce(data_class_id, 'unknown contents')) as item,
  null::timestamptz as item_at,
  store_id as subject,
  case
    when reason = 'complete' then 'pass'
    when reason in ('rule_unclear', 'class_unknown', 'contents_unknown') then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format(
    '{} rules in force{}: kept at least {}, at most {} days',
    in_force,
    coalesce(format(' ({})', rule_ids), ''),
    coalesce(min_days::varchar, 'no number of'),
    coalesce(max_days::varchar, 'no number of')
  ) as detail,
  case when reason in ('missing', 'expired') then store_id when reason not in ('complete', 'class_unknown', 'contents_unknown') then rule_ids end as cause,
  lines,
  rule_ids,
  owners,
  min_days,
  max_days
from judged
