/*
title      = "Microsoft Entra sign-ins, CSV of Log Analytics"
table      = "access_events"
provider   = "entra"
records    = "csv"
file_names = ["*SigninLogs*.csv*", "*signin*.csv*", "*aad*.csv*"]
recognise  = "list_has_all(columns, ['userprincipalname', 'resulttype', 'ipaddress']) and list_has_any(columns, ['createddatetime', 'timegenerated', 'timegenerated [utc]', 'createddatetime [utc]'])"
origin     = "Microsoft Entra ID: the tables SigninLogs and AADNonInteractiveUserSignInLogs of a Log Analytics workspace (Sentinel)."
export     = "A query such as `SigninLogs | where TimeGenerated between (…)` exported as CSV with all columns. Times are UTC."
limits     = "As for the JSON of Microsoft Entra: users are taken for staff, guests included; what was interrupted is unknown. Excel's own date forms are refused. The time is when the sign-in was made (CreatedDateTime, to the second), TimeGenerated only where that is missing."
# Sample: made up for these tests (CC0)
*/
with
events as (
  select
    line,
    cells,
    coalesce(cells['createddatetime'], cells['createddatetime [utc]'], cells['timegenerated'], cells['timegenerated [utc]']) as told_at,
    cells['resulttype'] as code
  from records
)
select
  line,
  coalesce(cells['id'], cells['correlationid']) as event_id,
  moment(in_utc(told_at)) as event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  'sign_in' as event_action,
  case
    when code = '0' then 'success'
    when code is null
      or code in ('50055', '50058', '50059', '50072', '50074', '50076', '50079', '50097', '50125', '50127', '50129', '50140', '50143', '50144', '50158', '65001', '65004', '16000', '16001', '399218', '81010') then 'unknown'
    else 'failure'
  end as event_outcome,
  case when code <> '0' then concat_ws(' ', code, nullif(rtrim(cells['resultdescription'], '.'), 'Other')) end as event_reason,
  case when cells['userprincipalname'] is null and cells['serviceprincipalid'] is not null then 'service' else 'staff' end as user_kind,
  lower(coalesce(cells['userprincipalname'], cells['serviceprincipalname'], cells['serviceprincipalid'], cells['userid'])) as user_id,
  case
    when code = '0' and cells['authenticationrequirement'] = 'multiFactorAuthentication' then true
    when code = '0' and cells['authenticationrequirement'] = 'singleFactorAuthentication' then false
  end as is_mfa,
  host(cells['ipaddress']) as source_ip,
  cells['useragent'] as user_agent,
  case when time_fault(in_utc(told_at)) is not null then time_fault(in_utc(told_at)) end as refused,
  null::varchar as ignored
from events
