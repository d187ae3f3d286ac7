/*
title      = "Windows security log, CSV: logons"
table      = "access_events"
provider   = "windows"
records    = "csv"
file_names = ["*logon*.csv*", "*security*.csv*", "SecurityEvent*.csv*"]
recognise  = '''list_has_all(columns, ['eventid', 'targetusername', 'logontype']) or list_has_all(columns, ['eventid', 'targetusername', 'ipaddress'])'''
origin     = "The Security log of Windows hosts and domain controllers as a CSV with the event's own field names: an export of the table `SecurityEvent` of Azure Log Analytics or Sentinel, of a collector, or of `Get-WinEvent` with the event's data as columns."
export     = "One row an event, with the columns EventID, TimeCreated (or TimeGenerated), Computer, TargetUserName, TargetDomainName, TargetLogonId, LogonType, IpAddress, Status, SubStatus, SubjectUserName, and EventRecordId where it can be had. Times as ISO 8601: a day-first or month-first date is refused, as nobody can tell which it is."
limits     = "4624 is a sign-in, 4625 a failed one, 4634 and 4647 a sign-out, 4648 (a password given for another account) a `switch_user`; other events are ignored. A column whose name has UTC in it, and TimeGenerated of Log Analytics, is UTC; other times without a zone need `time_zone` in audit.toml. Machine accounts (`…$`), SYSTEM and the like, and logons as batch or service are of kind service, all others staff. user_id is `DOMAIN\\name`. A logon id names a session on its computer until it is started anew."
# The sample: made for this project (CC0).
*/
with
rows as (
  select
    line,
    regexp_matches(text, '[\n\w]\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d') as is_joined,    -- a time glued to what stands before it begins another record
    cells,
    cells['eventid'] as event_number,
    cells['computer'] as computer,
    coalesce(cells['eventrecordid'], cells['recordid'], cells['recordnumber']) as record_number,
    coalesce(cells['timecreatedutc'], cells['timegenerated [utc]'], cells['timecreated [utc]'], cells['utctime'], cells['timegenerated']) as utc_text,
    coalesce(cells['timecreated'], cells['systemtime'], cells['time']) as local_text,
    nullif(cells['targetusername'], '-') as target_name,
    nullif(cells['targetdomainname'], '-') as target_domain,
    nullif(cells['subjectusername'], '-') as subject_name,
    nullif(cells['subjectdomainname'], '-') as subject_domain,
    nullif(cells['targetlogonid'], '0x0') as logon_id,
    try_cast(cells['logontype'] as integer) as logon_type,
    lower(coalesce(nullif(nullif(cells['substatus'], '0x0'), '-'), cells['status'])) as status
  from records
),
events as (
  select
    *,
    case
      when utc_text is not null and is_dated(utc_text) and not has_zone(utc_text) then zoned(utc_text || '+00')
      else moment(coalesce(utc_text, local_text))
    end as event_time,
    case when utc_text is not null and not has_zone(utc_text) then 'no moment: ' || left(utc_text, 40) else time_fault(coalesce(utc_text, local_text)) end as time_fault,
    case event_number
      when '4624' then 'sign_in' when '4625' then 'sign_in' when '4634' then 'sign_out' when '4647' then 'sign_out' when '4648' then 'switch_user'
    end as action
  from rows
)
select
  line,
  case when record_number is not null then concat_ws('/', computer, record_number, utc_text, local_text) end as event_id,
  event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  case when event_number = '4625' then 'failure' else 'success' end as event_outcome,
  case
    when event_number <> '4625' then null
    when status = '0xc000006a' then 'wrong password'
    when status = '0xc0000064' then 'no such user'
    when status = '0xc0000072' then 'account disabled'
    when status = '0xc000006f' then 'outside the permitted hours'
    when status = '0xc0000070' then 'from a computer that is not permitted'
    when status = '0xc0000071' then 'password expired'
    when status = '0xc0000193' then 'account expired'
    when status = '0xc0000224' then 'password must be changed'
    when status = '0xc0000234' then 'account locked'
    when status = '0xc000015b' then 'logon type not granted'
    else status
  end as event_reason,
  case
    when ends_with(target_name, '$') or logon_type in (0, 4, 5) or target_domain in ('NT AUTHORITY', 'Window Manager', 'Font Driver Host') then 'service'
    when upper(target_name) = 'ANONYMOUS LOGON' then 'anonymous'
    else 'staff'
  end as user_kind,
  case
    when action = 'switch_user' then concat_ws('\', subject_domain, subject_name)
    when target_name is not null then concat_ws('\', target_domain, target_name)
  end as user_id,
  case when action = 'switch_user' and target_name is not null then concat_ws('\', target_domain, target_name) end as user_effective_id,
  case when logon_id is not null then concat_ws('/', computer, logon_id) end as session_id,
  host(cells['ipaddress']) as source_ip,
  case
    when is_joined then 'is two records, as a quote between them is missing'
    when event_number is null then 'has no EventID'
    when not regexp_full_match(event_number, '\d{1,5}') then 'EventID is no number: ' || left(event_number, 40)
    when action is null then null
    when event_time is null then time_fault
  end as refused,
  case when refused is null and action is null then 'event ' || left(event_number, 10) || ': no logon' end as ignored
from events
