/*
title      = "OpenSSH server in a syslog file"
table      = "access_events"
provider   = "bastion"
records    = "lines"
file_names = ["auth*log*", "secure*", "sshd*log*"]
recognise  = '''regexp_matches(text, '^([A-Z][a-z][a-z] [ 0-3]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) \S+ [^ :\[]+(\[\d+\])?: ')'''
origin     = "`/var/log/auth.log` (Debian, Ubuntu) or `/var/log/secure` (Red Hat) of a host that runs OpenSSH; traditional or ISO 8601 times."
export     = "Deliver the files as syslog wrote them. Traditional times have no year and no zone: state both in audit.toml (`year` of the file's first line, `time_zone`); a year in the file's name will do."
limits     = "One attempt at one method is one event: `Accepted …` and `Failed …`, and each repetition that syslog counted in `message repeated N times`, at the time of that line. Messages about the connection, sessions, and other programs are no attempts. Logins are taken for staff. A year ends where the month falls back by more than six."
*/
with
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
  from records
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
        then timezone(file_time_zone(), try_strptime(years.year || ' ' || left(dated.text, 15), '%Y %b %d %H:%M:%S'))
      else moment(dated.first_word)
    end as event_time,
    case
      when dated.is_traditional and dated.month is not null and (file_year() is null or file_time_zone() is null)
        then 'undeclared: ' || concat_ws(', ', case when file_year() is null then 'year' end, case when file_time_zone() is null then 'time_zone' end)
      when dated.is_traditional then 'no moment: ' || left(dated.text, 15)
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
    case when contains(body, ': ') then substr(body, strpos(body, ': ') + 2) end as message
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
    is_sshd and (starts_with(said.message, 'Accepted ') or starts_with(said.message, 'Failed ')) and not starts_with(said.message, 'Failed none ') as is_attempt,
    case
      when is_sshd and (starts_with(said.message, 'Accepted ') or starts_with(said.message, 'Failed '))
        then regexp_extract(
          said.message,
          '^(Accepted|Failed) (\S+) for (invalid user )?(.*) from (\S+) port \d+( |$)',
          ['result', 'method', 'no_user', 'login', 'address']
        )
    end as attempt
  from repeated
),
judged as (
  select
    *,
    case
      when time_fault is not null then time_fault
      when starts_with(body, 'last message repeated ') then 'repeats the line before it, which this format does not resolve'
      when message is null and body <> '-- MARK --' then 'has no program and message'
      when times is null then 'says that a message was repeated, but not how'
      when is_attempt and attempt.result = '' then 'is an attempt to sign in that is cut off or of an unknown form'
      when times > 10000 then 'repeats a message more than 10,000 times'
    end as refused
  from attempts
)
select
  line,
  event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  'sign_in' as event_action,
  case when attempt.result = 'Accepted' then 'success' else 'failure' end as event_outcome,
  case when attempt.result = 'Failed' then attempt.method || case when attempt.no_user <> '' then ', no such user' else '' end end as event_reason,
  'staff' as user_kind,
  nullif(attempt.login, '') as user_id,
  host(attempt.address) as source_ip,
  refused,
  case
    when refused is not null or is_attempt then null
    when is_sshd then 'sshd: no attempt to sign in'
    when program in ('CRON', 'cron', 'sudo', 'su', 'systemd', 'systemd-logind', 'useradd', 'userdel', 'usermod', 'groupadd', 'passwd', 'chpasswd', 'login', 'polkitd')
      then program || ': not a sign-in by ssh'
    else 'another program: not a sign-in by ssh'
  end as ignored
from (
  select *, unnest(range(case when refused is null and is_attempt then times else 1 end)) as repetition
  from judged
)
