/*
title      = "PostgreSQL server log: connections"
table      = "access_events"
provider   = "postgresql"
records    = "lines"
file_names = ["postgresql*.log*", "postgres*.log*", "error/postgresql*"]
recognise  = '''regexp_matches(text, '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [A-Z+-]\S*[ :].*(LOG|FATAL|ERROR|STATEMENT|DETAIL|HINT|CONTEXT|WARNING|NOTICE|INFO|PANIC|DEBUG[1-5]):  ') or starts_with(text, chr(9))'''
carries    = '''case when contains(text, 'LOG:  connection received: host=') then regexp_extract(split(text, 'LOG:  ')[1], '\[(\d+)', 1) end'''
origin     = "The server log of PostgreSQL 10 and later in its stderr format (also Amazon RDS and Aurora), with `log_connections = on`: who connected to which database, and who was turned away."
export     = "Deliver the files of `log_directory`. `log_line_prefix` must begin with the time (`%m` or `%t`), and hold the process in brackets (`[%p]`), as the default does. Set `log_timezone = 'UTC'`, or declare `time_zone` in audit.toml: the log's abbreviations (`CEST`) are not unique."
limits     = "A connection's address stands in a line of its own, `connection received`, and is found by the process number; with `%r` in the prefix it is taken from there. A connection that was turned away by a rule of pg_hba.conf, a wrong password or a missing role or database is a failure. Statements are not read. Logins are taken for staff; those that applications use must be listed as service accounts in `people`."
# The sample: made for this project (CC0).
*/
with
written as (
  select line, text, true as is_carried from carried
  union all
  select line, text, false from records
),
split_up as (
  select
    line,
    text,
    is_carried,
    regexp_extract(left(text, 400), '^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([^ :]+)(.*?)\b(LOG|FATAL|ERROR|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION|WARNING|NOTICE|INFO|PANIC|DEBUG[1-5]):  ',
      ['clock', 'zone', 'prefix', 'level']) as head
  from written
),
messages as (
  select
    line,
    is_carried,
    text,
    head,
    head.level <> '' as is_message,
    substr(text, strpos(text, head.level || ':  ') + length(head.level) + 3) as message,
    regexp_matches(text, '^.+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*\b(LOG|FATAL|ERROR|STATEMENT|DETAIL):  ') as is_joined,
    regexp_extract(head.prefix, '\[(\d+)', 1) as process,
    regexp_replace(
      regexp_extract(head.prefix, '((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8})\(\d+\)', 1), '^:([^:])', '\1'
    ) as prefix_address
  from split_up
),
received as (
  select
    *,
    case when starts_with(message, 'connection received: host=') then split(substr(message, 27), ' port=')[1] end as host_text,
    case
      when not is_message or is_carried then null
      when head.level = 'LOG' and starts_with(message, 'connection authorized: user=') then 'authorized'
      when head.level = 'FATAL' and regexp_matches(message, '^(\S+ authentication failed for user |no pg_hba.conf entry for |pg_hba.conf rejects connection for |role ".*" does not exist|role ".*" is not permitted to log in|database ".*" does not exist|permission denied for database |too many connections for role |password authentication failed)')
        then 'refused'
    end as kind
  from messages
),
located as (
  select
    *,
    last_value(case when host_text is not null then host_text end ignore nulls)
      over (partition by process order by line) as received_from
  from received
),
accesses as (
  select
    line,
    text,
    head,
    is_message,
    message,
    is_joined,
    kind,
    case
      when kind = 'authorized' then split(split(substr(message, 29), ' database=')[1], ' application_name=')[1]
      when kind = 'refused' then
        coalesce(
          nullif(regexp_extract(message, 'for user "(.*)"$', 1), ''), nullif(regexp_extract(message, ', user "(.*?)", ', 1), ''),
          nullif(regexp_extract(message, '^role "(.*)" (?:does not exist|is not permitted)', 1), ''), nullif(regexp_extract(message, 'for role "(.*)"', 1), ''))
    end as login,
    coalesce(nullif(regexp_extract(message, ' host "(.*?)", user ', 1), ''), nullif(prefix_address, ''), received_from) as client,
    process,
    local_moment(unzoned(head.clock)) as local_time,
    case
      when head.zone in ('UTC', 'GMT', 'Z') then zoned(head.clock || '+00')
      when regexp_full_match(head.zone, '[+-]\d\d(:?\d\d)?') then zoned(head.clock || head.zone)
    end as zoned_time
  from located
  where not is_carried
)
select
  line,
  coalesce(zoned_time, local_time) as event_time,
  'auth' as event_dataset,
  file_provider() as event_provider,
  'sign_in' as event_action,
  case when kind = 'authorized' then 'success' else 'failure' end as event_outcome,
  case when kind = 'refused' then message end as event_reason,
  'staff' as user_kind,
  login as user_id,
  case when client <> '[local]' then host(client) end as source_ip,
  case
    when not is_message and not starts_with(text, chr(9)) then 'has no time and level: log_line_prefix must begin with the time, and the level follow it'
    when is_joined then 'is two messages in one line'
    when kind is null then null
    when coalesce(zoned_time, local_time) is null and file_time_zone() is null and unzoned(head.clock) is not null then 'undeclared: time_zone'
    when zoned_time is null and head.zone not in ('UTC', 'GMT', 'Z') and file_time_zone() in ('UTC', 'Etc/UTC', 'GMT') then 'is in the zone ' || left(head.zone, 20) || ', audit.toml declares ' || file_time_zone()
    when coalesce(zoned_time, local_time) is null then coalesce(local_fault(unzoned(head.clock)), 'no moment: ' || head.clock)
    when kind = 'authorized' and coalesce(login, '') = '' then 'says that a connection was authorized, but not for whom'
  end as refused,
  case
    when refused is not null or kind is not null then null
    when not is_message then 'goes on from the line before'
    when starts_with(message, 'connection received') or starts_with(message, 'connection authenticated') or starts_with(message, 'disconnection')
      then 'a connection: told by another line'
    else 'another message, no connection'
  end as ignored
from accesses
