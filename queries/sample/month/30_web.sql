/* The web server's log of the sign-in host, combined format, with the forwarding header and the session's cookie. */
with
requests as (
  select
    * replace (coalesce(is_success, true) as is_success),
    pick('proxy', event_id, 100) as path,
    format('10.20.{}.{}', 1 + pick('proxy net', event_id, 4), 11 + pick('proxy host', event_id, 8)) as proxy
  from month_events
  where is_in_web
),
lines as (
  select
    event_time,
    event_id,
    format('{} - {} [{}] "{}" {} {} "{}" "{}" "{}" "{}"',
      case when path < 64 then proxy else source_ip end,
      case when action in ('sign_up', 'password_reset') or not is_success then '-' else user_id end,
      strftime(event_time, '%d/%b/%Y:%H:%M:%S +0000'),
      case action
        when 'sign_up' then 'POST /accounts HTTP/2.0'
        when 'password_reset' then 'POST /password-resets HTTP/2.0'
        when 'second_factor' then 'POST /session/second-factor HTTP/2.0'
        when 'sign_out' then 'DELETE /session HTTP/2.0'
        else 'POST /session HTTP/2.0'
      end,
      case when not is_success then 401 when action in ('sign_up', 'sign_in') then 302 when action = 'sign_out' then 204 else 200 end,
      case when action = 'sign_out' then 0 else 180 + pick('bytes', event_id, 2400) end,
      'https://id.conferencing.example/' || case action when 'sign_up' then 'join' when 'sign_out' then 'home' else 'sign-in' end,
      user_agent,
      case
        when path >= 64 then '-'
        when path < 5 then format('192.168.{}.{}, {}', pick('lan', event_id, 3), 2 + pick('lan host', event_id, 250), source_ip)
        when path < 12 then format('{}, 10.20.9.{}', source_ip, 2 + pick('second proxy', event_id, 8))
        else source_ip
      end,
      coalesce(web_session_id, '-')
    ) as line
  from requests
  union all
  select seen_at, '', line
  from malformed_lines
  where folder = 'web' and seen_at >= month_at() and seen_at < month_at() + interval 1 month
)
select line
from lines
order by date_trunc('second', event_time), event_id
