/*
title      = "Microsoft 365 unified audit log"
table      = "access_events"
provider   = "m365"
records    = "json"
file_names = ["*AuditLog*", "*unified*audit*", "*m365*"]
recognise  = "field(object_of(text), 'CreationTime') is not null and field(object_of(text), 'Operation') is not null and field(object_of(text), 'RecordType') is not null or field(object_of(text), 'AuditData') is not null"
origin     = "Microsoft Purview's audit of Exchange, SharePoint, OneDrive, Teams and Entra ID: what staff, administrators, services and Microsoft's own operators did."
export     = "Management Activity API (`Audit.Exchange`, `Audit.SharePoint`, `Audit.AzureActiveDirectory`, `Audit.General`), or `Search-UnifiedAuditLog … | Select -ExpandProperty AuditData`: the objects as they are, as a list or one a line. Objects that carry them as text in `AuditData` are read too."
limits     = "Times are UTC, as Microsoft documents, without saying so. Whether a mailbox or a file holds a customer's data the log does not say: reading one is view_content of staff without an account; load only the workloads that hold customers' data, or ignore the rest in a source of your own. Microsoft's operators (DcAdmin) are a subprocessor's staff. Operations of no known kind are view_metadata."
# The sample: events of panther-labs/panther-analysis (Apache-2.0), and some that we made (CC0).
*/
with
documents as (
  select line, coalesce(object_of(field(object_of(text), 'AuditData')), object_of(text)) as event from records
),
events as (
  select
    *,
    field(event, 'Operation') as operation,
    field(event, 'ResultStatus') as result,
    field(event, 'UserType') as user_type,
    field(event, 'UserId') as login,
    from_json(coalesce(event->'ExtendedProperties', event->'extendedproperties'), '[{"Name": "VARCHAR", "Value": "VARCHAR"}]') as properties
  from documents
),
actions as (
  select
    *,
    case
      when operation in ('UserLoggedIn', 'UserLoginFailed') then 'sign_in'
      when operation in ('MailItemsAccessed', 'FileAccessed', 'FileAccessedExtended', 'FilePreviewed', 'MessageRead', 'MessageHostedContentRead', 'ChatRetrieved') then 'view_content'
      when operation in ('FileDownloaded', 'FileSyncDownloadedFull', 'FileSyncDownloadedPartial', 'SearchExportDownloaded', 'New-MailboxExportRequest', 'ExportReport') then 'export'
      when operation in ('FileUploaded', 'FileModified', 'FileModifiedExtended', 'FileCopied', 'FileMoved', 'FileRenamed', 'Create', 'Update', 'Send', 'SendAs', 'SendOnBehalf', 'Move') then 'change_data'
      when operation in ('FileDeleted', 'FileRecycled', 'FileVersionsAllDeleted', 'HardDelete', 'SoftDelete', 'MoveToDeletedItems') then 'delete_data'
      when operation in ('SearchStarted', 'SearchCreated', 'New-ComplianceSearch', 'Start-ComplianceSearch') then 'run_query'
      when operation in ('Add member to role.', 'Add eligible member to role.', 'Add app role assignment grant to user.', 'Add delegated permission grant.',
          'Consent to application.', 'Add-MailboxPermission', 'Add-RecipientPermission', 'Add-MailboxFolderPermission', 'New-ManagementRoleAssignment',
          'SharingSet', 'AddedToSecureLink', 'SecureLinkCreated', 'AnonymousLinkCreated', 'SiteCollectionAdminAdded', 'Add member to group.', 'AddedToGroup') then 'right_grant'
      when operation = 'Set-AdminAuditLogConfig' then 'log_rule_change'
      when operation = 'Set-Mailbox' and lower(event::varchar) like '%auditenabled%' then 'log_rule_change'
      when operation in ('Change user password.', 'Set force change user password.') then 'password_change'
      when operation in ('Reset user password.', 'Reset password (self-service)') then 'password_reset'
      when operation in ('Disable Strong Authentication.', 'Enable Strong Authentication.', 'User registered security info', 'User deleted security info')
        or operation = 'Update user.' and event::varchar like '%StrongAuthentication%' then 'second_factor_change'
      when operation in ('Add service principal credentials.', 'Update application – Certificates and secrets management ') then 'api_key_create'
      else 'view_metadata'
    end as action
  from events
)
select
  line,
  field(event, 'Id') as event_id,
  moment(in_utc(field(event, 'CreationTime'))) as event_time,
  case when action in ('sign_in', 'password_change', 'password_reset', 'second_factor_change', 'api_key_create') then 'auth' else 'staff' end as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case
    when operation = 'UserLoginFailed' or lower(result) in ('failed', 'failure', 'false') then 'failure'
    when lower(result) in ('success', 'succeeded', 'true') or result is null and operation is not null and action not in ('sign_in') then 'success'
    else 'unknown'
  end as event_outcome,
  nullif(field(event, 'LogonError'), '') as event_reason,
  case when user_type in ('3', 'DcAdmin') then 'subprocessor' when user_type in ('4', '5', '6', '7', 'System', 'Application', 'ServicePrincipal', 'CustomPolicy') then 'service' else 'staff' end as user_kind,
  lower(nullif(login, '')) as user_id,
  case
    when action in ('right_grant', 'password_change', 'password_reset', 'second_factor_change')
      then lower(nullif(coalesce(field(event, 'TargetUserOrGroupName'), case when not contains(field(event, 'ObjectId'), '://') then field(event, 'ObjectId') end), ''))
  end as user_target_id,
  nullif(coalesce(event->'AppAccessContext'->>'AADSessionId', field(event, 'SessionId')), '') as session_id,
  try_cast(field(event, 'OperationCount') as bigint) as record_count,
  host(coalesce(nullif(field(event, 'ClientIP'), ''), nullif(field(event, 'ActorIpAddress'), ''), nullif(field(event, 'ClientIPAddress'), ''))) as source_ip,
  nullif(coalesce(field(event, 'UserAgent'), list_filter(properties, lambda one: one.Name = 'UserAgent')[1].Value, field(event, 'ClientInfoString')), '') as user_agent,
  case
    when event is null then 'is no JSON object'
    when operation is null then 'is no audit event: no Operation'
    when time_fault(in_utc(field(event, 'CreationTime'))) is not null then time_fault(in_utc(field(event, 'CreationTime')))
  end as refused,
  null::varchar as ignored
from actions
