/*
title      = "OpenSSH, sudo, su and login in a syslog file"
table      = "access_events"
provider   = "bastion"
records    = "lines"
general    = 1
file_names = ["auth*log*", "secure*", "sshd*log*"]
recognise  = '''regexp_matches(text, '^(<\d{1,3}>)?([A-Z][a-z][a-z] {1,2}\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) \S+ [^ :\[]+(\[\d+\])?: |^<\d{1,3}>1 \d{4}-\d\d-\d\dT\S+ \S+ \S+ \S+ \S+ (-|\[)')'''
origin     = "`/var/log/auth.log` (Debian, Ubuntu) or `/var/log/secure` (Red Hat): sign-ins by ssh and on the console, and who became whom by sudo and su. Traditional times, ISO 8601, or RFC 5424."
export     = "Deliver the files as syslog wrote them. Traditional times have no year and no zone: state both in audit.toml (`year` of the file's first line, `time_zone`); a year in the file's name will do."
limits     = "One attempt at one method is one event: `Accepted …` and `Failed …` of sshd, and each repetition that syslog counted in `message repeated N times`, at the time of that line. A command by sudo, or a su, is one event `switch_user`: user_id became user_effective_id; the command itself stays in the raw line. Messages about the connection, the PAM session that goes with these, and other programs are no accesses. Logins are taken for staff. A year ends where the month falls back by more than six."
*/
with
written as (    -- without priority, RFC 5424 in the words of the other forms, a day of one digit with its space
  select
    line,
    case
      when starts_with(text, '<') and regexp_matches(text, '^<\d{1,3}>1 ') then
        array_to_string(split(text, ' ')[2:3], ' ') || ' ' || split(text, ' ')[4]
        || case when split(text, ' ')[5] <> '-' then '[' || split(text, ' ')[5] || ']' else '' end || ': '
        || ltrim(
          case
            when split(text, ' ')[7] = '-' then array_to_string(split(text, ' ')[8:], ' ')
            else array_to_string(split(array_to_string(split(text, ' ')[7:], ' '), '] ')[2:], '] ')
          end, ' ' || chr(65279))
      when starts_with(text, '<') then regexp_replace(text, '^<\d{1,3}>', '')
      when text[4] = ' ' and text[6] = ' ' and text[9] = ':' then left(text, 4) || ' ' || substr(text, 5)
      else text
    end as text
  from records
),
dated as (
  select
    line,
    text,
    text[4] = ' ' and text[7] = ' ' and text[10] = ':' and text[16] = ' ' as is_traditional,
    case
      when text[4] = ' ' and (strpos('JanFebMarAprMayJunJulAugSepOctNovDec', left(text, 3)) - 1) % 3 = 0
        then (strpos('JanFebMarAprMayJunJulAugSepOctNovDec', left(text, 3)) + 2) // 3
    end as month,
    split(text, ' ')[1] as first_word
  from written
),
neighbors as (
  select
    line,
    month,
    lag(month, 1, file_month()) over (order by line) as month_before,
    lead(month) over (order by line) as month_after
  from dated
  where is_traditional and month is not null
),
turns as (    -- a late line of December among those of January turns the year back, as does a damaged month that the next line undoes
  select
    line,
    case
      when month - month_before < -6 then 1
      when month - month_before = 11 or (month - month_before > 6 and month_after = month_before) then -1
      else 0
    end as turn
  from neighbors
),
years as (
  select
    line,
    file_year() + sum(turn) over (order by line) as year
  from turns
),
messages as (
  select
    dated.line,
    dated.is_traditional,
    case
      when dated.is_traditional
        then local_moment(strptime_moment(years.year || ' ' || left(dated.text, 15), '%Y %b %d %H:%M:%S'))
      else moment(dated.first_word)
    end as event_time,
    case
      when dated.is_traditional and dated.month is not null and (file_year() is null or file_time_zone() is null)
        then 'undeclared: ' || concat_ws(', ', case when file_year() is null then 'year' end, case when file_time_zone() is null then 'time_zone' end)
      when dated.is_traditional
        then coalesce(local_fault(strptime_moment(years.year || ' ' || left(dated.text, 15), '%Y %b %d %H:%M:%S')), 'no moment: ' || left(dated.text, 15))
      else time_fault(dated.first_word)
    end as time_fault,
    case when dated.is_traditional then substr(dated.text, 17) else substr(dated.text, length(dated.first_word) + 2) end as rest
  from dated
  left join years using (line)
),
tagged as (
  select
    line,
    event_time,
    case when event_time is null then time_fault end as time_fault,
    substr(rest, strpos(rest, ' ') + 1) as body
  from messages
),
spoken as (
  select
    line,
    event_time,
    time_fault,
    body,
    split(split(body, ': ')[1], '[')[1] as program,
    case when contains(body, ': ') then ltrim(substr(body, strpos(body, ': ') + 2)) end as message
  from tagged
),
repeated as (
  select
    *,
    program in ('sshd', 'sshd-session', 'sshd-auth') as is_sshd,
    case
      when starts_with(message, 'message repeated ')
        then regexp_extract(message, '^message repeated (\d{1,9}) times: \[ ?(.*)\]$', ['times', 'message'])
      else {'times': '1', 'message': message}
    end as said
  from spoken
),
attempts as (
  select
    line,
    event_time,
    time_fault,
    body,
    program,
    message,
    is_sshd,
    try_cast(said.times as bigint) as times,
    is_sshd and (starts_with(said.message, 'Accepted ') or starts_with(said.message, 'Failed ')) and not starts_with(said.message, 'Failed none ') as is_ssh,
    case
      when is_sshd and (starts_with(said.message, 'Accepted ') or starts_with(said.message, 'Failed '))
        then regexp_extract(
          said.message,
          '^(Accepted|Failed) (\S+) for (invalid user )?(.*) from (\S+) port \d+( |$)',
          ['result', 'method', 'no_user', 'login', 'address']
        )
      when program = 'sudo' and contains(said.message, ' : ') and contains(said.message, ' ; ') and not contains(said.message, '(command continued)')
        then regexp_extract(said.message, '^\s*(.*?) : (?:([^;=]*[^;= ]) ; )?(?:[A-Z]+=.*? ; )*?USER=(.*?) ; ', ['login', 'fault', 'became'])
      when program = 'su' and regexp_matches(said.message, '^(Successful|FAILED) su for ')
        then regexp_extract(said.message, '^(Successful|FAILED) su for (.*) by (.*)$', ['result', 'became', 'login'])
      when program = 'su' and regexp_matches(said.message, '^(FAILED SU )?\(to ')
        then regexp_extract(said.message, '^(FAILED SU )?\(to (.*?)\) (.*) on \S+$', ['result', 'became', 'login'])
      when program = 'login' and regexp_matches(said.message, '^(FAILED LOGIN |LOGIN ON |ROOT LOGIN )')
        then regexp_extract(said.message, '^(FAILED LOGIN|LOGIN|ROOT LOGIN) .*?(?:(?:BY|FOR) ''?(.*?)''?(?:, .*)?)?$', ['result', 'login'])
    end as attempt
  from repeated
),
accesses as (
  select
    *,
    coalesce(is_ssh or attempt.login is not null and not is_sshd, false) as is_access,
    attempt.became is not null and not is_sshd and program <> 'login' as is_switch
  from attempts
),
judged as (
  select
    *,
    case
      when time_fault is not null then time_fault
      when starts_with(body, 'last message repeated ') then 'repeats the line before it, which this format does not resolve'
      when message is null and body <> '-- MARK --' then 'has no program and message'
      when regexp_matches(message, '([A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) \S+ [^ :\[]+(\[\d+\])?: |<\d{1,3}>1 \d{4}-\d\d-\d\dT') then 'is two messages in one line'
      when times is null then 'says that a message was repeated, but not how'
      when is_ssh and attempt.result = '' then 'is an attempt to sign in that is cut off or of an unknown form'
      when is_ssh and regexp_matches(attempt.login, ' port \d+ ssh2\S') then 'is two messages in one line'
      when is_switch and attempt.became = '' then 'says that a user became another, but not whom'
      when times > 10000 then 'repeats a message more than 10,000 times'
    end as refused
  from accesses
)
select
  line,
  event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  case when is_switch then 'switch_user' else 'sign_in' end as event_action,
  case
    when is_sshd then case when attempt.result = 'Accepted' then 'success' else 'failure' end
    when attempt.result like 'FAILED%' or attempt.fault <> '' then 'failure'
    else 'success'
  end as event_outcome,
  case
    when is_sshd and attempt.result = 'Failed' then attempt.method || case when attempt.no_user <> '' then ', no such user' else '' end
    else nullif(attempt.fault, '')
  end as event_reason,
  'staff' as user_kind,
  case when attempt.result = 'ROOT LOGIN' then 'root' else nullif(attempt.login, '') end as user_id,
  case when is_switch then nullif(attempt.became, '') end as user_effective_id,
  host(attempt.address) as source_ip,
  refused,
  case
    when refused is not null or is_access then null
    when is_sshd then 'sshd: no attempt to sign in'
    when program in ('sudo', 'su') then program || ': goes with another line'
    when program in ('CRON', 'cron', 'systemd', 'systemd-logind', 'useradd', 'userdel', 'usermod', 'groupadd', 'passwd', 'chpasswd', 'login', 'polkitd')
      then program || ': no sign-in'
    else 'another program: no sign-in'
  end as ignored
from (
  select *, unnest(range(case when refused is null and is_access then times else 1 end)) as repetition
  from judged
)
