/*
title      = "AWS CloudTrail"
table      = "access_events"
provider   = "cloudtrail"
records    = "json"
file_names = ["*CloudTrail*.json*"]
recognise  = "has_keys(text, ['eventName', 'eventSource', 'userIdentity']) or has_keys(text, ['aws']) and contains(text, '\"eventSource\"') or has_keys(text, ['EventId', 'CloudTrailEvent'])"
lists      = ["Records", "Events"]
origin     = "AWS CloudTrail: the calls to the company's AWS accounts by staff and services, sign-ins to the console included."
export     = "Deliver the objects of the trail's bucket as they are (`{\"Records\": […]}`, .json or .json.gz), or events as a list, one a line, or one after the other. The answer of `aws cloudtrail lookup-events`, which carries each event as text in `CloudTrailEvent`, is read too; it holds management events only."
limits     = "AWS accounts are not customer accounts: account_id stays empty. A call by an AWS service, or by a role that an instance or service assumed, is of kind service; all else is staff. A service's name instead of an address is no address. Which calls read customer content is told by their name: the list stands in the SQL."
*/
with
documents as (    -- some shippers put the event below aws.cloudtrail, lookup-events puts it into a text
  select
    line,
    coalesce(
      json_extract(object_of(text), '$.aws.cloudtrail'),
      object_of(json_extract_string(object_of(text), 'CloudTrailEvent')),
      object_of(text)
    ) as document
  from records
),
objects as (
  select
    line,
    case
      when json_type(document) = 'OBJECT' then from_json(document,
        '{"eventID": "VARCHAR", "eventTime": "VARCHAR", "eventName": "VARCHAR", "eventSource": "VARCHAR", "sourceIPAddress": "VARCHAR",
          "userAgent": "VARCHAR", "errorCode": "VARCHAR", "errorMessage": "VARCHAR",
          "userIdentity": {"type": "VARCHAR", "userName": "VARCHAR", "principalId": "VARCHAR", "arn": "VARCHAR", "accessKeyId": "VARCHAR",
            "invokedBy": "VARCHAR", "sessionContext": {"sessionIssuer": {"userName": "VARCHAR"}, "attributes": {"mfaAuthenticated": "VARCHAR"}}},
          "additionalEventData": {"MFAUsed": "VARCHAR"},
          "responseElements": {"ConsoleLogin": "VARCHAR"},
          "requestParameters": {"userName": "VARCHAR", "roleName": "VARCHAR", "groupName": "VARCHAR", "roleArn": "VARCHAR"}}')
    end as event
  from documents
),
calls as (
  select
    line,
    event,
    event.userIdentity.type as caller_kind,
    case
      when event.eventName = 'ConsoleLogin' then 'sign_in'
      when event.eventName in ('GetObject', 'SelectObjectContent', 'GetObjectTorrent', 'GetItem', 'BatchGetItem', 'Query', 'Scan', 'GetRecords') then 'view_content'
      when event.eventName in ('ExecuteStatement', 'BatchExecuteStatement', 'ExecuteSql', 'StartQueryExecution', 'ExecuteTransaction') then 'run_query'
      when event.eventName in ('StartExportTask', 'ExportTableToPointInTime', 'CreateExportTask') then 'export'
      when event.eventName in ('PutObject', 'CopyObject', 'PutItem', 'UpdateItem', 'BatchWriteItem', 'CompleteMultipartUpload') then 'change_data'
      when event.eventName in ('DeleteObject', 'DeleteObjects', 'DeleteItem', 'DeleteBucket', 'DeleteTable', 'DeleteDBInstance', 'DeleteDBSnapshot') then 'delete_data'
      when event.eventName in ('StopLogging', 'StopConfigurationRecorder', 'DisassociateResolverQueryLogConfig') then 'log_disable'
      when event.eventName in ('DeleteTrail', 'DeleteFlowLogs', 'DeleteLogGroup', 'DeleteLogStream', 'DeleteResolverQueryLogConfig', 'DeleteEventDataStore') then 'log_delete'
      when event.eventName in ('UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors', 'PutRetentionPolicy', 'DeleteRetentionPolicy') then 'log_rule_change'
      when event.eventName in (
        'AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy', 'PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'AddUserToGroup',
        'CreatePolicyVersion', 'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy', 'CreateLoginProfile', 'AddUserToAdminGroup'
      ) then 'right_grant'
      when event.eventName = 'CreateAccessKey' then 'api_key_create'
      when event.eventName in ('ChangePassword', 'UpdateLoginProfile') then 'password_change'
      when event.eventName in ('EnableMFADevice', 'DeactivateMFADevice', 'DeleteVirtualMFADevice', 'ResyncMFADevice') then 'second_factor_change'
      else 'view_metadata'
    end as action,
    coalesce(event.errorCode, event.errorMessage) as fault
  from objects
)
select
  line,
  event.eventID as event_id,
  moment(event.eventTime) as event_time,
  case when action in ('sign_in', 'api_key_create', 'password_change', 'second_factor_change') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when action = 'sign_in' then lower(coalesce(event.responseElements.ConsoleLogin, case when fault is null then 'unknown' else 'failure' end))
    when fault is not null then 'failure'
    else 'success'
  end as event_outcome,
  fault as event_reason,
  case
    when caller_kind = 'AWSService' or event.userIdentity.invokedBy is not null then 'service'
    when caller_kind = 'AssumedRole' and regexp_matches(event.userIdentity.principalId, ':i-[0-9a-f]+$') then 'service'
    when caller_kind = 'AWSAccount' and event.userIdentity.principalId = 'ANONYMOUS_PRINCIPAL' then 'anonymous'
    else 'staff'
  end as user_kind,
  case
    when caller_kind = 'Root' then 'root'
    when caller_kind = 'AssumedRole' then split(coalesce(event.userIdentity.arn, event.userIdentity.principalId), case when event.userIdentity.arn is null then ':' else '/' end)[-1]
    else coalesce(event.userIdentity.userName, event.userIdentity.invokedBy, split(event.userIdentity.arn, '/')[-1], event.userIdentity.principalId)
  end as user_id,
  coalesce(event.userIdentity.sessionContext.sessionIssuer.userName, split(event.requestParameters.roleArn, '/')[-1]) as user_effective_id,
  case
    when action in ('right_grant', 'api_key_create', 'password_change', 'second_factor_change')
      then coalesce(event.requestParameters.userName, event.requestParameters.roleName, event.requestParameters.groupName)
  end as user_target_id,
  case when starts_with(event.userIdentity.accessKeyId, 'ASIA') then event.userIdentity.accessKeyId end as session_id,
  coalesce(
    case event.additionalEventData.MFAUsed when 'Yes' then true when 'No' then false end,
    try_cast(event.userIdentity.sessionContext.attributes.mfaAuthenticated as boolean)
  ) as is_mfa,
  case
    when event.sourceIPAddress like '%.amazonaws.com' or event.sourceIPAddress like 'AWS Internal%' then null
    else host(event.sourceIPAddress)
  end as source_ip,
  event.userAgent as user_agent,
  case
    when event is null then 'is no JSON object'
    when event.eventName is null then 'is no CloudTrail event: no eventName'
    when time_fault(event.eventTime) is not null then time_fault(event.eventTime)
  end as refused,
  null::varchar as ignored
from calls
