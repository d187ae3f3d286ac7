/* One row per access of the product in the month month_at(): what both the product and the web server write down. */
create or replace temp table month_sessions as
select
  sessions.*,
  devices.user_id,
  devices.account_id,
  devices.has_second_factor,
  case when is_in_office and not is_mobile then office_address else home_address end as source_ip,
  case when is_mobile then mobile_agent else desktop_agent end as user_agent
from sessions
join user_devices as devices using (person)
where started_at >= month_at() - to_hours(6) and started_at < month_at() + interval 1 month + to_hours(1);

create or replace temp table month_events as
with
events as (
  select session, 4 as step, started_at as event_time, 'sign_in' as action, true as is_success, null::varchar as why
  from month_sessions
  union all
  select session, 1, started_at - seconds(75 + 30 * fraction('reset', session)), 'password_reset', true, null
  from month_sessions where has_reset
  union all
  select session, 2, started_at - seconds(14 + 40 * fraction('failed', session)), 'sign_in', false, 'wrong_password'
  from month_sessions where has_failure
  union all
  select session, 3, started_at - seconds(1 + 8 * fraction('factor', session)), 'second_factor', true, null
  from month_sessions where has_second_factor
  union all
  select session, 5, ended_at, 'sign_out', true, null
  from month_sessions where ended_at is not null
),
placed as (
  select
    'si-' || token('event', session * 8 + step) as event_id,
    events.* exclude (session, step),
    sessions.user_id,
    sessions.account_id,
    case when step in (3, 4, 5) then 's-' || token('session', session) end as session_id,
    case when step = 4 then sessions.has_second_factor end as is_mfa,
    sessions.source_ip,
    sessions.user_agent,
    sessions.source_ip as product_ip,
    session_id as product_session_id,
    session_id as web_session_id,
    true as is_in_product,
    true as is_in_web
  from events
  join month_sessions as sessions using (session)
  union all
  select
    'su-' || token('sign up', number),
    created_at,
    'sign_up',
    true,
    null,
    devices.user_id,
    devices.account_id,
    null,
    null,
    devices.office_address,
    devices.desktop_agent,
    case when fault.plant is null then devices.office_address else fault.product_ip end,
    null,
    null,
    coalesce(not fault.is_missing, true),
    coalesce(not fault.is_missing, true)
  from accounts
  join user_devices as devices on devices.person = accounts.number * 16
  left join sign_up_faults as fault on fault.plant = accounts.plant
  where created_via in ('web', 'api', 'single_sign_on')
  union all
  from extra_events
)
select
  *
from placed
where event_time >= month_at() and event_time < month_at() + interval 1 month
  and event_time >= first_moment() and event_time < last_moment();
