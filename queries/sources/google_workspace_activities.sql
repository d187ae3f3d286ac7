/*
title      = "Google Workspace: sign-ins, administrators and further activities"
table      = "access_events"
provider   = "google_workspace"
records    = "json"
lists      = ["items"]
file_names = ["*workspace*", "*gsuite*"]
recognise  = "(object_of(text)->'id'->>'applicationName') is not null"
origin     = "Google Workspace: sign-ins of staff, what administrators changed, accesses to files and mail, and Google's own staff (Access Transparency)."
export     = "Reports API: `GET /admin/reports/v1/activity/users/all/applications/APPLICATION` for `login`, `admin`, `user_accounts`, `saml`, `token`, `drive`, `gmail`, `access_transparency`, all pages, one after the other in one file. Also one activity a line, with its events in `events` or spread out."
limits     = "An activity may hold several events: each is a row. Whether a file or mail holds a customer's data the log does not say: reading one is view_content of staff without an account; deliver `drive` and `gmail` only where customers' data lie there. Delivery of mail, devices, rules, calendars and chats are ignored. Google's staff are a subprocessor's. Rights are those of administrators, not of files."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
activities as (
  select line, document, unnest(listed(document, 'events')) as event from documents
),
events as (
  select
    line,
    document,
    document->'id'->>'applicationName' as application,
    document->'id'->>'time' as told_at,
    document->'id'->>'uniqueQualifier' as qualifier,
    document->'actor'->>'email' as email,
    document->'actor'->>'profileId' as profile,
    document->>'ipAddress' as address,
    trim(event->>'name') as name,
    event->>'type' as type,
    case
      when json_type(event->'parameters') = 'ARRAY'
        then try(map_from_entries(list_transform(
          list_filter(
            from_json(event->'parameters', '[{"name": "VARCHAR", "value": "VARCHAR", "boolValue": "VARCHAR", "multiValue": ["VARCHAR"]}]'),
            lambda one: one.name is not null
          ),
          lambda one: {'key': one.name, 'value': coalesce(one.value, one.boolValue, one.multiValue[1])}
        )))
      else try(from_json(event->'parameters', '"MAP(VARCHAR, VARCHAR)"'))
    end as facts,
    coalesce(json_type(event->'parameters') in ('ARRAY', 'OBJECT'), false) as has_facts
  from activities
),
actions as (
  select
    *,
    case
      when application = 'login' and name in ('login_success', 'login_failure', 'suspicious_login', 'suspicious_login_less_secure_app', 'suspicious_programmatic_login') then 'sign_in'
      when application = 'saml' and name in ('login_success', 'login_failure') then 'application_sign_in'
      when application = 'login' and name = 'logout' then 'sign_out'
      when application = 'login' and name in ('login_challenge', 'login_verification') then 'second_factor'
      when name in ('password_edit', 'CHANGE_PASSWORD', 'CHANGE_PASSWORD_ON_NEXT_LOGIN') then 'password_change'
      when name in ('2sv_enroll', '2sv_disable', '2sv_change', 'titanium_enroll', 'titanium_unenroll', 'TURN_OFF_2_STEP_VERIFICATION', 'UNENROLL_USER_FROM_STRONG_AUTH', 'passkey_enrolled', 'passkey_removed') then 'second_factor_change'
      when name in ('recovery_email_edit', 'recovery_phone_edit', 'recovery_secret_qa_edit', 'CHANGE_RECOVERY_EMAIL', 'CHANGE_RECOVERY_PHONE') then 'email_change'
      when application = 'token' and name = 'authorize' then 'right_grant'
      when name in ('ASSIGN_ROLE', 'CREATE_ROLE', 'ADD_PRIVILEGE', 'GRANT_ADMIN_PRIVILEGE', 'GRANT_DELEGATED_ADMIN_PRIVILEGES', 'AUTHORIZE_API_CLIENT_ACCESS', 'ADD_GROUP_MEMBER', 'ADD_TRUSTED_DOMAINS') then 'right_grant'
      when name in ('CUSTOMER_TAKEOUT_CREATED', 'CUSTOMER_TAKEOUT_SUCCEEDED', 'CREATE_DATA_EXPORT', 'DOWNLOAD_EXPORT') then 'export'
      when application = 'access_transparency' then 'view_content'
      when application = 'drive' and name in ('view', 'preview') or application = 'gmail' and name = 'view' then 'view_content'
      when application in ('drive', 'gmail') and name in ('download', 'print', 'copy') then 'export'
      when application = 'drive' and name in ('trash', 'delete') or application = 'gmail' and name = 'trash' then 'delete_data'
      when application = 'drive' and name in ('edit', 'create', 'upload', 'rename', 'move') then 'change_data'
      when application = 'drive' and type = 'acl_change' then 'change_sharing'
      when application in ('admin', 'login', 'user_accounts', 'groups_enterprise', 'saml', 'token') then 'change_settings'
    end as action
  from events
)
select
  line,
  case when qualifier is not null then concat_ws('/', application, told_at, qualifier) end as event_id,
  moment(in_utc(told_at)) as event_time,
  case when application in ('drive', 'gmail', 'access_transparency') or action in ('right_grant', 'export') then 'staff' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when name = 'login_failure' or name in ('login_challenge', 'login_verification') and facts['login_challenge_status'] = 'Challenge Failed' then 'failure'
    when name in ('login_challenge', 'login_verification') and facts['login_challenge_status'] is distinct from 'Challenge Passed' then 'unknown'
    when name like 'suspicious_%' then 'unknown'
    else 'success'
  end as event_outcome,
  nullif(coalesce(facts['login_failure_type'], facts['JUSTIFICATIONS']), '') as event_reason,
  case when application = 'access_transparency' then 'subprocessor' when email is null and profile is null then 'service' else 'staff' end as user_kind,
  lower(coalesce(nullif(email, ''), profile)) as user_id,
  lower(case when application = 'admin' then coalesce(facts['USER_EMAIL'], facts['GROUP_EMAIL']) when application = 'drive' then facts['target_user'] end) as user_target_id,
  case when name in ('login_success', 'login_failure') then try_cast(facts['is_second_factor'] as boolean) end as is_mfa,
  facts['ACCESS_APPROVAL_REQUEST_IDS'] as grant_id,
  host(address) as source_ip,
  case
    when document is null then 'is no JSON object'
    when application is null then 'is no activity: no id.applicationName'
    when name is null then 'is no activity: no name of an event'
    when time_fault(in_utc(told_at)) is not null then time_fault(in_utc(told_at))
    when has_facts and facts is null then 'has a parameter twice'
  end as refused,
  case
    when application is not null and action is null then concat('application ', application, case when application in ('drive', 'gmail') then ': ' || coalesce(name, 'no name') end)
  end as ignored
from actions
