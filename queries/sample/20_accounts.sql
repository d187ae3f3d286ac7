/* Accounts, their users and their time in each status; later steps read accounts, spans, users. */
create or replace table accounts as
with
numbers as (
  select
    range as number,
    null::varchar as plant,
    (range + fraction('born', range)) / account_count() as age,
    pick('market', range, 1000) as lot
  from range(account_count())
),
placed as (
  select
    numbers.*,
    markets.* exclude (share),
    1 + floor(case
      when age < 0.08 then 250 * age
      else 19 + 708 * pow((age - 0.08) / 0.92, 0.82)
    end)::integer as birth_day
  from numbers
  join (select *, sum(share) over (order by market) as upper_lot from markets) as markets
    on lot >= upper_lot - share and lot < upper_lot
),
born as (
  select
    * exclude (birth_day, lot, age, upper_lot),
    (
      (date '2024-10-01' + least(
        birth_day + case when dayofweek(date '2024-10-01' + birth_day) in (0, 6) and pick('weekend', number, 4) > 0 then 2 else 0 end,
        727
      )::integer)::timestamp + to_milliseconds(1000 * 60 * 480 + pick('minute', number, 11 * 3600 * 1000))
    ) at time zone time_zone as created_at
  from placed
  union all
  select
    account_count() + planted.number,
    planted.plant,
    markets.* exclude (share),
    planted.created_at
  from planted_accounts as planted
  join markets using (market)
),
fated as (
  select
    *,
    case when plant is null and number % 3 > 0 then fraction('fate', number) else 1 end as fate,
    created_at + to_days(14) as trial_ends_at,
    created_at + seconds(86400 * (20 + 520 * fraction('stay', number))) as left_at,
    created_at + seconds(86400 * (40 + 300 * fraction('freeze', number))) as frozen_at
  from born
),
ended as (
  select
    *,
    case
      when fate < 0.17 then trial_ends_at
      when fate < 0.50 then left_at
      else (select any_value(canceled_at) from planted_accounts as planted where planted.plant = fated.plant)
    end as possibly_canceled_at
  from fated
)
select
  number,
  plant,
  'acct-' || substr(token('account', number), 1, 10) as account_id,
  market,
  country,
  time_zone,
  region,
  created_at,
  trial_ends_at,
  case when number % 3 = 0 or plant is not null then null when fate >= 0.50 and fate < 0.56 and frozen_at < last_moment() - to_days(30) then frozen_at end as frozen_at,
  case when possibly_canceled_at < last_moment() then possibly_canceled_at end as canceled_at,
  case
    when plant is null and canceled_at is not null and fate >= 0.17 and pick('return', number, 14) = 0
      then canceled_at + seconds(86400 * (2 + 7 * fraction('returned', number)))
    else (select any_value(reactivated_at) from planted_accounts as planted where planted.plant = ended.plant)
  end as reactivated_at,
  case when fate < 0.17 then 'automatic' when pick('cause', number, 20) = 0 then 'company' else 'owner' end as status_cause,
  case when plant is null and number = 1 then 'internal' when plant is null and number = 2 then 'decoy' else 'customer' end as kind,
  case
    when plant is not null or pick('via', number, 100) < 86 then 'web'
    when pick('via', number, 100) < 94 then 'single_sign_on'
    else 'api'
  end as created_via,
  ['free', 'team', 'business', 'enterprise'][1 + case
    when pick('plan', number, 100) < 22 then 0 when pick('plan', number, 100) < 68 then 1 when pick('plan', number, 100) < 93 then 2 else 3
  end] as plan,
  1 + case plan when 'free' then pick('users', number, 2) when 'team' then 1 + pick('users', number, 4) else 2 + pick('users', number, 6) end as user_count,
  lower(head.word || '-' || tail.word) || case when number >= 6000 then (1 + number // 6000)::varchar else '' end || '.example' as domain,
  (draw('office', number) % 64) as office
from ended
join names as head
  on head.kind = 'head' and head.position = ((number * 37 + pick('company', 0, 6000)) % 6000) // 60
join names as tail
  on tail.kind = 'tail' and tail.position = ((number * 37 + pick('company', 0, 6000)) % 6000) % 60;

create or replace table market_accounts as   -- the draw of a session: the n-th account of a market, oldest first
select
  market,
  row_number() over (partition by market order by created_at, number) - 1 as place,
  number % 3 = 0 as is_lasting,
  number,
  created_at
from accounts
where kind <> 'decoy' and plant is null;

create or replace table lasting_accounts as  -- never canceled or frozen: they take the sessions of those who have left
select
  market,
  row_number() over (partition by market order by created_at, number) - 1 as place,
  number,
  created_at
from market_accounts
where is_lasting;

create or replace table spans as
with
moments as (
  select number, 'trial' as status, created_at as valid_from_at, 1 as step from accounts
  union all
  select number, 'active', trial_ends_at, 2 from accounts where trial_ends_at < coalesce(canceled_at, drawn_at())
  union all
  select number, 'frozen', frozen_at, 3 from accounts where frozen_at > trial_ends_at and canceled_at is null
  union all
  select number, 'active', frozen_at + to_days(19), 4 from accounts where frozen_at > trial_ends_at and canceled_at is null
  union all
  select number, 'canceled', canceled_at, 5 from accounts where canceled_at is not null
  union all
  select number, 'active', reactivated_at, 6 from accounts where reactivated_at is not null
)
select
  *,
  lead(valid_from_at) over (partition by number order by valid_from_at, step) as valid_to_at
from moments;

create or replace table users as
with
seats as (
  select
    accounts.*,
    unnest(range(user_count)) as seat
  from accounts
),
named as (
  select
    seats.*,
    number * 16 + seat as person,
    first.word as first_name,
    last.word as last_name
  from seats
  join names as first
    on first.kind = 'first' and first.position = (pick('first', number, 72) + seat * 5) % 72
  join names as last
    on last.kind = 'last' and last.position = pick('last', number * 16 + seat, 80)
)
select
  person,
  number,
  seat,
  'p-' || substr(token('person', person), 1, 10) as person_id,
  account_id,
  lower(first_name || '.' || last_name) || '@' || domain as user_id,
  case when seat = 0 then 'owner' when seat = 1 then 'admin' else 'member' end as role,
  created_at + case when seat = 0 then to_days(0) else seconds(3600 * (2 + 400 * fraction('joined', person))) end as joined_at,
  country,
  time_zone,
  office,
  pick('mfa', person, 100) < 58 as has_second_factor,
  pick('agent', person, 7) as desktop,
  7 + pick('phone', person, 3) as mobile
from named;
