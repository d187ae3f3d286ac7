/*
title      = "Linux audit log (auditd): sign-ins"
table      = "access_events"
provider   = "auditd"
records    = "lines"
file_names = ["audit.log*", "audit/*"]
recognise  = '''regexp_matches(text, '(^| )type=[A-Z0-9_\[\]]+ msg=audit\(\d+\.\d{3}:\d+\):')'''
origin     = "`/var/log/audit/audit.log` of a Linux host: what its programs told the kernel about sign-ins (`USER_LOGIN`), checks of a password or key (`USER_AUTH`) and ends of sessions (`USER_LOGOUT`)."
export     = "Deliver the files as auditd wrote them, with `log_format = ENRICHED` (the default): then they hold the names of users beside their numbers."
limits     = "A sign-in by ssh makes one `USER_LOGIN` (here `sign_in`) and one or more `USER_AUTH` (here `check_credentials`, also made by sudo, su and screen locks): only the first are counted as sign-ins. `session_id` is the host's, with the node's name where the log has it. Other record types are ignored. Without names, user_id is the number. Logins are taken for staff."
# The sample: made for this project (CC0).
*/
with
divided as (    -- behind chr(29) stand the names that auditd added; a copy by hand may have lost that character
  select
    line,
    text,
    case when contains(text, chr(29)) then text else regexp_replace(text, '''.?UID="', chr(39) || chr(29) || 'UID="') end as whole
  from records
),
parts as (
  select
    line,
    text,
    split(whole, chr(29))[1] as body,
    split(whole, chr(29))[2] as added,
    split(split(text, 'msg=audit(')[2], '):')[1] as stamp,
    len(split(text, 'msg=audit(')) > 2 as is_joined,
    split(split(text, 'type=')[2], ' ')[1] as kind,
    case when starts_with(text, 'node=') then substr(split(text, ' ')[1], 6) end as node
  from divided
),
told as (
  select
    *,
    kind in ('USER_LOGIN', 'USER_AUTH', 'USER_LOGOUT') as is_access,
    case when kind in ('USER_LOGIN', 'USER_AUTH', 'USER_LOGOUT') then
      list_filter(split(replace(replace(replace(array_to_string(split(body, 'msg=')[3:], 'msg='), ')', ' '), '(', ' '), chr(39), ' '), ' '), lambda word: contains(word, '=')) end as word
  from parts
),
facts as (
  select
    *,
    list_filter(word, lambda one: starts_with(one, 'acct='))[1][6:] as account,
    list_filter(word, lambda one: starts_with(one, 'id='))[1][4:] as number,
    rtrim(list_filter(word, lambda one: starts_with(one, 'addr='))[1][6:], ',') as address,
    list_filter(word, lambda one: starts_with(one, 'res='))[-1][5:] as result,
    list_filter(word, lambda one: starts_with(one, 'exe='))[1][5:] as program,
    list_filter(split(body, ' '), lambda one: starts_with(one, 'ses='))[1][5:] as session,
    list_filter(split(body, ' '), lambda one: starts_with(one, 'auid='))[1][6:] as login_number,
    trim(list_filter(split(added, ' '), lambda one: starts_with(one, 'ID='))[1][4:], '"') as number_name,
    trim(list_filter(split(added, ' '), lambda one: starts_with(one, 'AUID='))[1][6:], '"') as login_name
  from told
),
accesses as (    -- a name that holds a space or quote is written as the hexadecimal digits of its bytes
  select
    *,
    case when regexp_full_match(split(stamp, ':')[1], '\d{1,11}\.\d{3}')
      then make_timestamptz((split(stamp, ':')[1]::decimal(18, 3) * 1000)::bigint * 1000) end as event_time,
    case
      when account = '?' then null
      when starts_with(account, '"') then trim(account, '"')
      when regexp_full_match(account, '([0-9A-F]{2})+') then try(decode(unhex(account)))
      else account
    end as account_name
  from facts
)
select
  line,
  event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  case kind when 'USER_LOGIN' then 'sign_in' when 'USER_LOGOUT' then 'sign_out' else 'check_credentials' end as event_action,
  case when result = 'success' then 'success' when result = 'failed' then 'failure' else 'unknown' end as event_outcome,
  case when kind = 'USER_AUTH' or result = 'failed' then 'by ' || split(trim(program, '"'), '/')[-1] end as event_reason,
  'staff' as user_kind,
  coalesce(
    nullif(account_name, '(unknown)'), nullif(number_name, 'unset'), nullif(nullif(number, '4294967295'), '-1'),
    nullif(login_name, 'unset'), nullif(nullif(login_number, '4294967295'), '-1')
  ) as user_id,
  case when session not in ('4294967295', '-1') then concat_ws('/', node, session) end as session_id,
  host(nullif(address, '?')) as source_ip,
  case
    when is_joined then 'is two records in one line'
    when not is_access and event_time is not null then null
    when event_time is null then 'no moment: ' || coalesce(left(stamp, 40), 'no audit stamp')
    when result is null or result not in ('success', 'failed') then 'has no result'
    when not regexp_full_match(number, '-?\d+|\?') then 'has an id that is no number: ' || left(number, 40)
    when starts_with(program, '"') and not ends_with(program, '"') then 'has a quote that is not closed'
  end as refused,
  case when not is_access and event_time is not null and not is_joined then coalesce(kind, 'a record without type') || ': no sign-in' end as ignored
from accesses
