/* OpenSSH's lines in auth.log of the bastion: traditional times before 2026, ISO 8601 from then on. */
with
lines as (
  select
    event_time,
    1 as step,
    process,
    case kind
      when 'accepted' then format('Accepted publickey for {} from {} port {} ssh2: ED25519 SHA256:{}', unix_name, ip, port, token('key', unix_name) || token('key 2', unix_name))
      else format('Failed password for {} from {} port {} ssh2', unix_name, ip, port)
    end as text,
    'sshd' as program
  from bastion_events
  where repeats = 0
  union all
  select
    event_time, 2, process,
    format('message repeated {} times: [ Failed password for {} from {} port {} ssh2]', repeats, unix_name, ip, port),
    'sshd'
  from bastion_events
  where repeats > 0
  union all
  select event_time, 3, process, format('pam_unix(sshd:session): session opened for user {}(uid={}) by (uid=0)', unix_name, 1000 + length(unix_name)), 'sshd'
  from bastion_events
  where kind = 'accepted'
  union all
  select
    day + to_minutes(17), 1, 900 + day_number, 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)', 'CRON'
  from (
    select unnest(generate_series(month_at(), month_at() + interval 1 month - interval 1 day, interval 1 day)) as day, unnest(range(31)) as day_number
  )
  where day is not null
  union all
  select seen_at, 1, 0, line, null
  from malformed_lines
  where folder = 'bastion'
)
select
  case when program is null then text else format('{} bastion-1 {}[{}]: {}',
    case when month_at() < timestamptz '2026-01-01 00:00:00+00'
      then strftime(event_time, '%b ') || lpad(day(event_time)::varchar, 2, ' ') || strftime(event_time, ' %H:%M:%S')
      else strftime(event_time, '%Y-%m-%dT%H:%M:%S.%f+00:00') end,
    program, process, text) end as line
from lines
where event_time >= month_at() and event_time < month_at() + interval 1 month
order by event_time, step, process, text
