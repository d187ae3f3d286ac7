/*
title      = "AWS IAM credential report"
table      = "people"
provider   = "aws_credential_report"
records    = "csv"
file_names = ["*credential_report*", "*credential-report*"]
recognise  = "list_has_all(columns, ['user', 'arn', 'user_creation_time', 'mfa_active', 'access_key_1_active'])"
origin     = "AWS IAM: the users of one account, its root included, with the state of their passwords, keys and second factors."
export     = "`aws iam generate-credential-report`, then `aws iam get-credential-report --query Content --output text | base64 -d` for each account, each with a provider of its own in audit.toml. State as extracted_at when the report was generated (GeneratedTime)."
limits     = "Who knows only logins takes the login: person_id is the user's ARN; join persons in a source of your own. A user with a password is a human or shared login, which AWS does not tell: kind is empty; one that has none and holds a key is taken for a service; the root is a login that several can use (shared). Job, training and their days AWS does not know: started_on and ended_on are empty, since user_creation_time is when the login was made. Roles and federated staff are in no report. Passwords, keys and second factors stand in the raw line. A user may occur twice in a report."
# Sample: made up for these tests (CC0)
*/
select
  line,
  cells['arn'] as person_id,
  case
    when cells['user'] = '<root_account>' then 'shared'
    when cells['password_enabled'] = 'false' and (cells['access_key_1_active'] = 'true' or cells['access_key_2_active'] = 'true' or cells['cert_1_active'] = 'true' or cells['cert_2_active'] = 'true') then 'service'
  end as kind,
  [case when cells['user'] = '<root_account>' then 'root' else cells['user'] end] as user_ids,
  case when coalesce(cells['arn'], cells['user']) is null then 'is no user: no arn' end as refused,
  null::varchar as ignored
from records
