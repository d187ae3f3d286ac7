/*
title      = "Lifecycle rules of Amazon S3 buckets"
table      = "retention_rules"
provider   = "aws_bucket_lifecycle"
records    = "json"
file_names = ["*bucket-lifecycle*", "*bucket_lifecycle*"]
recognise  = "((object_of(text)->'Rules'->0->>'Status') is not null and (object_of(text)->'Rules'->0) is not null) or (object_of(text)->'Error'->>'Code') = 'NoSuchLifecycleConfiguration'"
origin     = "Amazon S3: after how many days a bucket deletes its objects, and their earlier versions."
export     = "For each bucket `aws s3api get-bucket-lifecycle-configuration --bucket NAME`, with the bucket's name added, since the answer lacks it: `jq '. + {Bucket: \"NAME\"}'`; one after the other in one file. For a bucket without rules write `{\"Bucket\": \"NAME\", \"Error\": {\"Code\": \"NoSuchLifecycleConfiguration\"}}`. State when it was taken as extracted_at."
limits     = "A rule that deletes nothing, or a bucket without rules, keeps for ever: max_days is empty. A rule for earlier versions counts from when an object was deleted or overwritten (trashing). A rule for a day in the calendar has no number of days and is ignored, as are rules that are switched off. To which prefix or tag a rule is limited stands in the raw line. Without the added name store_id is empty. data_class_id, owner_person_id, basis, basis_kind, control_ids and valid_from_at S3 does not tell."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select
    line,
    object_of(text) as document,
    coalesce(object_of(text)->>'Bucket', object_of(text)->'Error'->>'BucketName') as bucket,
    object_of(text)->'Error'->>'Code' as fault
  from records
),
listed_rules as (
  select
    *,
    unnest(case when fault is null then listed(document, 'Rules') else [null] end) as item
  from documents
),
rules as (
  select
    line,
    document,
    bucket,
    fault,
    from_json(item,
      '{"ID": "VARCHAR", "Status": "VARCHAR", "Expiration": {"Days": "VARCHAR", "Date": "VARCHAR"}, "NoncurrentVersionExpiration": {"NoncurrentDays": "VARCHAR"}}') as rule
  from listed_rules
),
clocks as (
  select *, 'creation' as counts_from, rule.Expiration.Days as days from rules
  union all
  select *, 'trashing', rule.NoncurrentVersionExpiration.NoncurrentDays from rules where rule.NoncurrentVersionExpiration.NoncurrentDays is not null
)
select
  line,
  concat_ws('/', bucket, coalesce(rule.ID, case when fault is not null then 'no rule' end), case when counts_from = 'trashing' then 'earlier versions' end) as retention_rule_id,
  bucket as store_id,
  counts_from,
  try_cast(days as integer) as max_days,
  case
    when document is null then 'is no JSON object'
    when fault <> 'NoSuchLifecycleConfiguration' then 'is an error answer: ' || fault
    when fault is null and rule.Status is null then 'is no lifecycle rule: no Status'
    when days is not null and not regexp_full_match(days, '\d{1,6}') then 'days is no whole number: ' || left(days, 40)
  end as refused,
  case
    when rule.Status = 'Disabled' then 'rule is switched off'
    when rule.Expiration.Date is not null then 'rule for a day of the calendar'
  end as ignored
from clocks
