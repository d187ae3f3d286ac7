/*
title      = "Microsoft 365 unified audit log"
table      = "access_events"
provider   = "m365"
records    = "json"
file_names = ["*AuditLog*", "*unified*audit*", "*m365*"]
recognise  = "field(object_of(text), 'CreationTime') is not null and field(object_of(text), 'Operation') is not null and field(object_of(text), 'RecordType') is not null or field(object_of(text), 'AuditData') is not null"
origin     = "Microsoft Purview's audit of Exchange, SharePoint, OneDrive, Teams and Entra ID: what staff, administrators, services and Microsoft's own operators did."
export     = "Management Activity API (`Audit.Exchange`, `Audit.SharePoint`, `Audit.AzureActiveDirectory`, `Audit.General`), or `Search-UnifiedAuditLog … | Select -ExpandProperty AuditData`: the objects as they are, as a list or one a line. Objects that carry them as text in `AuditData` are read too."
limits     = "Times are UTC, as Microsoft documents, without saying so. Whether a mailbox or a file holds a customer's data the log does not say: reading one is view_content of staff without an account; load only the workloads that hold customers' data, or ignore the rest in a source of your own. Microsoft's operators (DcAdmin) are a subprocessor's staff. Operations of no known kind are view_metadata. Sign-ins also stand in Entra's own log: of both, one is the primary log."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, coalesce(object_of(field(object_of(text), 'AuditData')), object_of(text)) as document from records
),
exact as (
  select
    line,
    document,
    from_json(document,
      '{"Id": "VARCHAR", "CreationTime": "VARCHAR", "Operation": "VARCHAR", "ResultStatus": "VARCHAR", "UserType": "VARCHAR", "UserId": "VARCHAR", "LogonError": "VARCHAR",
        "TargetUserOrGroupName": "VARCHAR", "ObjectId": "VARCHAR", "SessionId": "VARCHAR", "AppAccessContext": {"AADSessionId": "VARCHAR"}, "OperationCount": "VARCHAR",
        "ClientIP": "VARCHAR", "ActorIpAddress": "VARCHAR", "ClientIPAddress": "VARCHAR", "UserAgent": "VARCHAR", "ClientInfoString": "VARCHAR",
        "ExtendedProperties": [{"Name": "VARCHAR", "Value": "VARCHAR"}]}') as event
  from documents
  where json_exists(document, 'Operation') or not coalesce(json_exists(document, 'operation'), false) or document is null
),
lowered as (    -- some collectors write all names in lower case
  select
    line,
    document,
    from_json(document,
      '{"id": "VARCHAR", "creationtime": "VARCHAR", "operation": "VARCHAR", "resultstatus": "VARCHAR", "usertype": "VARCHAR", "userid": "VARCHAR", "logonerror": "VARCHAR",
        "targetuserorgroupname": "VARCHAR", "objectid": "VARCHAR", "sessionid": "VARCHAR", "appaccesscontext": {"AADSessionId": "VARCHAR"}, "operationcount": "VARCHAR",
        "clientip": "VARCHAR", "actoripaddress": "VARCHAR", "clientipaddress": "VARCHAR", "useragent": "VARCHAR", "clientinfostring": "VARCHAR",
        "extendedproperties": [{"Name": "VARCHAR", "Value": "VARCHAR"}]}') as event
  from documents
  where not coalesce(json_exists(document, 'Operation'), false) and json_exists(document, 'operation')
),
events as (    -- a CASE over both would give structs of which DuckDB mixes up the names where all records are alike
  select line, document, event from exact
  union all
  select line, document, event from lowered
),
actions as (
  select
    *,
    event.Operation as operation,
    event.ResultStatus as result,
    event.UserType as user_type,
    case
      when event.Operation in ('UserLoggedIn', 'UserLoginFailed') then 'sign_in'
      when event.Operation in ('MailItemsAccessed', 'FileAccessed', 'FileAccessedExtended', 'FilePreviewed', 'MessageRead', 'MessageHostedContentRead', 'ChatRetrieved') then 'view_content'
      when event.Operation in ('FileDownloaded', 'FileSyncDownloadedFull', 'FileSyncDownloadedPartial', 'SearchExportDownloaded', 'New-MailboxExportRequest', 'ExportReport') then 'export'
      when event.Operation in ('FileUploaded', 'FileModified', 'FileModifiedExtended', 'FileCopied', 'FileMoved', 'FileRenamed', 'Create', 'Update', 'Send', 'SendAs', 'SendOnBehalf', 'Move') then 'change_data'
      when event.Operation in ('FileDeleted', 'FileRecycled', 'FileVersionsAllDeleted', 'HardDelete', 'SoftDelete', 'MoveToDeletedItems') then 'delete_data'
      when event.Operation in ('SearchStarted', 'SearchCreated', 'New-ComplianceSearch', 'Start-ComplianceSearch') then 'run_query'
      when event.Operation in ('Add member to role.', 'Add eligible member to role.', 'Add app role assignment grant to user.', 'Add delegated permission grant.',
          'Consent to application.', 'Add-MailboxPermission', 'Add-RecipientPermission', 'Add-MailboxFolderPermission', 'New-ManagementRoleAssignment',
          'SharingSet', 'AddedToSecureLink', 'SecureLinkCreated', 'AnonymousLinkCreated', 'SiteCollectionAdminAdded', 'Add member to group.', 'AddedToGroup') then 'right_grant'
      when event.Operation = 'Set-AdminAuditLogConfig' then 'log_rule_change'
      when event.Operation = 'Set-Mailbox' and lower(document::varchar) like '%auditenabled%' then 'log_rule_change'
      when event.Operation in ('Change user password.', 'Set force change user password.') then 'password_change'
      when event.Operation in ('Reset user password.', 'Reset password (self-service)') then 'password_reset'
      when event.Operation in ('Disable Strong Authentication.', 'Enable Strong Authentication.', 'User registered security info', 'User deleted security info')
        or event.Operation = 'Update user.' and document::varchar like '%StrongAuthentication%' then 'second_factor_change'
      when event.Operation in ('Add service principal credentials.', 'Update application – Certificates and secrets management ') then 'api_key_create'
      else 'view_metadata'
    end as action
  from events
)
select
  line,
  event.Id as event_id,
  moment(in_utc(event.CreationTime)) as event_time,
  case when action in ('sign_in', 'password_change', 'password_reset', 'second_factor_change', 'api_key_create') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when operation = 'UserLoginFailed' or lower(result) in ('failed', 'failure', 'false') then 'failure'
    when lower(result) in ('success', 'succeeded', 'true') or result is null and operation is not null and action not in ('sign_in') then 'success'
    else 'unknown'
  end as event_outcome,
  nullif(event.LogonError, '') as event_reason,
  case when user_type in ('3', 'DcAdmin') then 'subprocessor' when user_type in ('4', '5', '6', '7', 'System', 'Application', 'ServicePrincipal', 'CustomPolicy') then 'service' else 'staff' end as user_kind,
  lower(nullif(event.UserId, '')) as user_id,
  case
    when action in ('right_grant', 'password_change', 'password_reset', 'second_factor_change')
      then lower(nullif(coalesce(event.TargetUserOrGroupName, case when not contains(event.ObjectId, '://') then event.ObjectId end), ''))
  end as user_target_id,
  nullif(coalesce(event.AppAccessContext.AADSessionId, event.SessionId), '') as session_id,
  try_cast(event.OperationCount as bigint) as record_count,
  host(coalesce(nullif(event.ClientIP, ''), nullif(event.ActorIpAddress, ''), nullif(event.ClientIPAddress, ''))) as source_ip,
  nullif(coalesce(event.UserAgent, list_filter(event.ExtendedProperties, lambda one: one.Name = 'UserAgent')[1].Value, event.ClientInfoString), '') as user_agent,
  case
    when document is null then 'is no JSON object'
    when operation is null then 'is no audit event: no Operation'
    when time_fault(in_utc(event.CreationTime)) is not null then time_fault(in_utc(event.CreationTime))
  end as refused,
  null::varchar as ignored
from actions
