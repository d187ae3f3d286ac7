/*
id         = "COL-06a"
title      = "Every survey has a purpose and a rule how long its answers are kept"
promise    = "We also store any information you volunteer like surveys."
source     = "Voluntary correspondence"
severity   = "low"
kind       = "data"
repeats    = true
tests      = "one survey in the record of data classes: class of data"
needs      = ["data_classes", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees surveys that are listed as a class of data of their own. The policy gives no period for answers: a survey without a rule is a gap of the policy that management must fill, not a fault of the data. \
A rule counts if it is in force at the moment looked from and gives days from the answer on. An anonymous survey needs no rule. Whether the days fit the purpose is for somebody to judge."""
[clauses]
dpf  = ["II.5.a", "II.5.b"]
gdpr = ["5(1)(b)", "5(1)(e)", "30(1)"]
[reasons]
stated        = "It has a purpose and a rule"
anonymous     = "It has a purpose, and answers concern nobody"
no_purpose    = { text = "No purpose is declared", stays_open = true }
no_rule       = { text = "No rule in force says for how many days answers are kept", stays_open = true }
contradiction = { text = "Stands on record twice, or whether answers concern a person is not known", stays_open = true }
[columns]
max_days = "Days that the strictest rule allows"
purposes = "Declared purposes"
*/
with
surveys as (    -- of two rows with one id the first is shown
  select *, count(*) over (partition by data_class_id) > 1 as is_repeated
  from data_classes
  where kind = 'survey'
  qualify row_number() over (partition by data_class_id order by origin) = 1
),
rules as (
  select data_class_id, min(max_days) as max_days, min_by(origin, (max_days, origin)) as origin
  from retention_rules
  where counts_from = 'creation'
    and valid_from_at <= as_of()
    and coalesce(valid_to_at > as_of(), true)
  group by data_class_id
),
judged as (
  select
    survey.*,
    rule.max_days,
    rule.origin as rule_origin,
    case
      when survey.is_repeated or survey.is_personal is null then 'contradiction'
      when coalesce(survey.purposes, []) = [] then 'no_purpose'
      when not survey.is_personal then 'anonymous'
      when rule.max_days is null then 'no_rule'
      else 'stated'
    end as reason
  from surveys as survey
  left join rules as rule on rule.data_class_id = survey.data_class_id
)
select
  data_class_id as item,
  approved_at as item_at,
  data_class_id as subject,
  case
    when reason in ('stated', 'anonymous') then 'pass'
    when reason in ('no_purpose', 'no_rule') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    '{}: {}, {}',
    coalesce(name, 'without a name'),
    case when coalesce(purposes, []) = [] then 'no purpose' else 'for ' || array_to_string(purposes, ', ') end,
    coalesce(format('{} days', max_days), 'no days')
  ) as detail,
  null as cause,
  [origin, rule_origin] as lines,
  max_days,
  purposes
from judged
