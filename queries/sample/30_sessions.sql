/*
One row per signed-in session: who, when, from where. The events of a session are made month by month
(month/10_events.sql), so that ten million of them need no more room than one month does.
*/
create or replace table numbered_agents as
select
  agent,
  row_number() over (order by device, agent) - 1 as place
from agents;

create or replace table cells as
with
hours as (
  select unnest(generate_series(first_moment(), last_moment() - interval 1 hour, interval 1 hour)) as hour_at
),
placed as (
  select
    hours.hour_at,
    markets.market,
    markets.country,
    hours.hour_at at time zone markets.time_zone as local_at
  from hours
  cross join markets
),
weighed as (
  select
    placed.hour_at,
    placed.market,
    local_hours.weight
      * case dayofweek(local_at) when 0 then 14 when 6 then 18 when 1 then 98 when 5 then 88 else 104 end
      * coalesce(days_off.percent, 100)
      * case when month(local_at) = 8 and placed.country in ('FR', 'ES', 'IT') then 78 when month(local_at) = 8 then 94 else 100 end
      as weight
  from placed
  join local_hours on local_hours.hour = hour(local_at)
  left join days_off on days_off.day = local_at::date and days_off.country in ('all', placed.country)
),
peopled as (
  select
    weighed.*,
    coalesce(every.place + 1, 0) as accounts,
    coalesce(lasting.place + 1, 0) as lasting
  from weighed
  asof left join market_accounts as every on every.market = weighed.market and every.created_at <= weighed.hour_at
  asof left join lasting_accounts as lasting on lasting.market = weighed.market and lasting.created_at <= weighed.hour_at
)
select
  hour_at,
  market,
  accounts,
  lasting,
  sum(weight::hugeint * accounts) over (order by hour_at, market) - weight * accounts as mass_from,
  weight * accounts as mass
from peopled
where lasting > 0;

create or replace macro session_count() as greatest(40, (event_count() * 0.86 / 5.1)::bigint);

create or replace table sessions as
with
drawn as (
  select
    range as session,
    (((range + fraction('quantile', range)) / session_count()) * (select sum(mass) from cells))::hugeint as mass_from
  from range(session_count())
),
timed as (
  select
    drawn.session,
    cells.market,
    cells.hour_at + to_milliseconds(pick('moment', drawn.session, 3600000)) as started_at,
    pick('account', drawn.session, cells.accounts) as place,
    pick('account', drawn.session, cells.lasting) as lasting_place
  from drawn
  asof join cells on cells.mass_from <= drawn.mass_from
),
chosen as (
  select
    timed.session,
    timed.started_at,
    case
      when started_at >= account.canceled_at and (account.reactivated_at is null or started_at < account.reactivated_at)
        or started_at between account.frozen_at and account.frozen_at + to_days(20)
        then lasting.number
      else every.number
    end as number
  from timed
  join market_accounts as every on every.market = timed.market and every.place = timed.place
  join accounts as account on account.number = every.number
  join lasting_accounts as lasting on lasting.market = timed.market and lasting.place = timed.lasting_place
),
seated as (
  select
    chosen.*,
    case when pick('owner', session, 4) = 0 then 0 else pick('seat', session, accounts.user_count) end as seat,
    coalesce(accounts.reactivated_at, accounts.created_at) as since_at,
    case when accounts.reactivated_at is null or accounts.canceled_at > started_at then accounts.canceled_at end as until_at
  from chosen
  join accounts using (number)
)
select
  seated.session,
  seated.number * 16 + case when users.joined_at <= started_at then seated.seat else 0 end as person,
  started_at,
  case
    when pick('leaves', session, 100) < 55
      and coalesce(started_at + seconds(300 + 9000 * fraction('length', session)) < until_at, true)
      then started_at + seconds(300 + 9000 * fraction('length', session))
  end as ended_at,
  pick('fails', session, 100) < 7 and started_at > since_at + to_minutes(2) as has_failure,
  pick('resets', session, 100) = 0 and started_at > since_at + to_minutes(5) as has_reset,
  pick('place', session, 100) < 55 as is_in_office,
  pick('device', session, 100) < 16 as is_mobile
from seated
join users on users.number = seated.number and users.seat = seated.seat;

delete from sessions where session in (    -- who was away for a season does not come back in the last quarter: a return would be a lead of DET-06
  with
  gaps as (
    select
      sessions.session,
      sessions.person,
      sessions.started_at,
      sessions.started_at - lag(sessions.started_at, 1, greatest(users.joined_at, first_moment()))
        over (partition by sessions.person order by sessions.started_at, sessions.session) as gap
    from sessions
    join users on users.person = sessions.person
  )
  select session
  from gaps
  where started_at >= last_moment() - interval 3 months
  qualify max(gap) over (partition by person order by started_at, session rows unbounded preceding) > interval 80 days
);

create or replace macro address(head, version, key) as case version
  when 4 then format('{}.{}.{}', head, 1 + pick('octet', key, 254), 1 + pick('last octet', key, 254))
  else format('{}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}', head,
    4096 + pick('g1', key, 28672), 4096 + pick('g2', key, 28672), 4096 + pick('g3', key, 28672),
    4096 + pick('g4', key, 28672), 4096 + pick('g5', key, 28672), 4096 + pick('g6', key, 28672))
end;

create or replace table numbered_prefixes as
select
  *,
  row_number() over (partition by country order by head) - 1 as place,
  count(*) over (partition by country) as places
from prefixes;

create or replace table extra_events(   -- accesses that a fault adds; where product and web server write different things, both are stated
  event_id varchar, event_time timestamptz, action varchar, is_success boolean, why varchar, user_id varchar, account_id varchar,
  session_id varchar, is_mfa boolean, source_ip varchar, user_agent varchar, product_ip varchar, product_session_id varchar,
  web_session_id varchar, is_in_product boolean, is_in_web boolean
);
create or replace table sign_up_faults(plant varchar, product_ip varchar, is_missing boolean);

create or replace table user_devices as   -- a home, and an office that colleagues share
select
  users.person,
  users.person_id,
  users.user_id,
  users.account_id,
  users.has_second_factor,
  address(home.head, home.version, 'home' || users.person) as home_address,
  address(office.head, office.version, 'office' || users.number) as office_address,
  desktop.agent as desktop_agent,
  mobile.agent as mobile_agent
from users
join numbered_prefixes as home
  on home.country = users.country and home.place = pick('home', users.person, home.places)
join numbered_prefixes as office
  on office.country = users.country and office.place = pick('block', users.number, office.places)
join numbered_agents as desktop on desktop.place = users.desktop
join numbered_agents as mobile on mobile.place = users.mobile;
