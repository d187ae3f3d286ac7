/*
title      = "Retention of Amazon CloudWatch log groups"
table      = "retention_rules"
provider   = "aws_log_groups"
records    = "json"
lists      = ["logGroups"]
file_names = ["*log-groups*", "*log_groups*"]
recognise  = "has_keys(text, ['logGroupName', 'arn'])"
origin     = "Amazon CloudWatch Logs: for how many days each log group keeps its events."
export     = "For each region, all pages, in one file: `aws logs describe-log-groups --query 'logGroups[]'`. State when it was taken as extracted_at."
limits     = "A group without retentionInDays keeps its events for ever: max_days is empty. What lies in the group, who owns it, why it is kept, which control tests it and since when the setting holds, AWS does not say: data_class_id, owner_person_id, basis, basis_kind, control_ids and valid_from_at are empty. store_id is the group's name. Deletion may come up to three days after the last day."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
groups as (
  select line, document, from_json(document, '{"logGroupName": "VARCHAR", "arn": "VARCHAR", "retentionInDays": "VARCHAR"}') as setting from documents
)
select
  line,
  coalesce(setting.arn, setting.logGroupName) as retention_rule_id,
  setting.logGroupName as store_id,
  'creation' as counts_from,
  try_cast(setting.retentionInDays as integer) as max_days,
  case
    when document is null then 'is no JSON object'
    when setting.logGroupName is null then 'is no log group: no logGroupName'
    when setting.retentionInDays is not null and not regexp_full_match(setting.retentionInDays, '\d{1,6}') then 'retentionInDays is no whole number: ' || left(setting.retentionInDays, 40)
  end as refused,
  null::varchar as ignored
from groups
