/*
title = "How unlikely a sign-in is for its person: the risk score of Freeman and others, 2016"
*/
-- One row per successful sign-in in a primary log that is its user's first from its address or with its agent, and not
-- the user's first at all. Others are no surprise: they have no row. The higher the risk, the sooner somebody should look.
--
-- Source: Freeman, Jain, Dürmuth, Biggio, Giacinto: "Who Are You? A Statistical Approach to Measuring User Authenticity",
-- NDSS 2016, doi 10.14722/ndss.2016.23240, equation 7, without attack data of single members:
--
--   risk = p(address) / p(address | user)  ×  p(agent) / p(agent | user)  ×  (1 / users) / (n / all)
--
-- p(x)       share of x in all sign-ins of the store
-- p(x | user) the paper's smoothing: linear interpolation over a hierarchy, each coarser level handing its mass down as
--            everybody's sign-ins divide it:  sum over levels of  weight × share of level(x) in the user's sign-ins before × p(x | level(x))
-- levels     address → network (autonomous system, else operator, else country) → country → anywhere;
--            agent → agent without version numbers → its system (what stands first in brackets, without numbers) → any
-- weights    0.6, 0.3, 0.1 and 0.539, 0.268, 0.193: the authors' group in das-group/rba-algorithm (there a fourth level, the
--            device type, has 0.005, here the system's), each less a hundredth, which the last level has: nothing is impossible
-- users, all users and sign-ins of the store; n: sign-ins of this user before. Before: strictly earlier
-- Mutation kept: `union all` to `union` in `address union all` — one half names an address, the other a program, so no two rows are alike
-- Mutation kept: `1` to `0` in `regexp_extract(named.agent, '\(([^;)]*)', 1)` — with its bracket a system is the same system
-- Mutation kept: `join` to `left join` before `successes` (place 2) — the joins after it drop who did nothing before
-- Mutation kept: `join` to `left join` before `habits` — no history, no score, with an empty row or without
-- Mutation kept: `join` to `left join` before `successes` — what is new was seen
-- Mutation kept: `join` to `left join` before `places` — places has every address of sign_ins
-- Mutation kept: `join` to `left join` before `sign_in_programs` — sign_in_programs has every program of sign_ins
-- Mutation kept: `join` to `left join` before `programs` — programs has every agent of sign_ins
-- Mutation kept: `join` to `left join` before `places` (place 2) — as above
-- Mutation kept: `join` to `left join` before `programs` (place 2) — as above
-- Mutation kept: `join` to `left join` before `places` (place 3) — as above
-- Mutation kept: `join` to `left join` before `programs` (place 3) — as above
-- Mutation kept: `join` to `left join` before `networks` — networks has every network of places
-- Mutation kept: `join` to `left join` before `countries` — countries has every country of places
-- Mutation kept: `join` to `left join` before `families` — families has every family of programs
-- Mutation kept: `join` to `left join` before `systems` — systems has every system of programs
with
successes as (
  select event_id, user_id, event_time, source_ip as address, program
  from sign_ins
  where event_outcome = 'success' and source_ip is not null
),
address_counts as (
  select address, count(*) as times from successes group by address
),
places as (
  select
    address_counts.address,
    address_counts.times,
    coalesce('AS' || place.autonomous_system, place.network_name, place.country, '') as network,
    coalesce(place.country, '') as country
  from address_counts
  left join addresses as place on place.address = address_counts.address
),
networks as (
  select network, sum(times) as times from places group by network
),
countries as (
  select country, sum(times) as times from places group by country
),
program_counts as (
  select program, count(*) as times from successes group by program
),
programs as (
  select
    counted.program,
    counted.times,
    regexp_replace(named.agent, '[0-9][0-9._]*', '', 'g') as family,
    regexp_replace(regexp_extract(named.agent, '\(([^;)]*)', 1), '[0-9][0-9._]*', '', 'g') as system
  from program_counts as counted
  join sign_in_programs as named using (program)
),
families as (
  select family, sum(times) as times from programs group by family
),
systems as (
  select system, sum(times) as times from programs group by system
),
news as (
  select user_id, address, null as program, min(event_time) as event_time from successes group by user_id, address
  union all
  select user_id, null as address, program, min(event_time) as event_time from successes group by user_id, program
),
candidates as (
  select distinct success.*
  from news
  join successes as success
    on success.user_id = news.user_id
    and success.event_time = news.event_time
    and (success.address = news.address or success.program = news.program)
),
habits as (    -- what each candidate's user did before; who did nothing drops out
  select
    candidate.event_id,
    count(*) as sign_ins,
    count(*) filter (where earlier.address = candidate.address) as address_times,
    count(*) filter (where earlier_place.network = place.network) as network_times,
    count(*) filter (where earlier_place.country = place.country) as country_times,
    count(*) filter (where earlier.program = candidate.program) as agent_times,
    count(*) filter (where earlier_program.family = program.family) as family_times,
    count(*) filter (where earlier_program.system = program.system) as system_times
  from candidates as candidate
  join places as place on place.address = candidate.address
  join programs as program on program.program = candidate.program
  join successes as earlier on earlier.user_id = candidate.user_id and earlier.event_time < candidate.event_time
  join places as earlier_place on earlier_place.address = earlier.address
  join programs as earlier_program on earlier_program.program = earlier.program
  group by candidate.event_id
),
everybody as (
  select (select count(*) from successes) as sign_ins, (select count(distinct user_id) from successes) as users
),
shares as (
  select
    candidate.event_id,
    candidate.user_id,
    place.times / everybody.sign_ins as address_share,
    0.594 * habit.address_times / habit.sign_ins
      + 0.297 * habit.network_times / habit.sign_ins * place.times / network.times
      + 0.099 * habit.country_times / habit.sign_ins * place.times / country.times
      + 0.01 * place.times / everybody.sign_ins as own_address_share,
    program.times / everybody.sign_ins as agent_share,
    0.534 * habit.agent_times / habit.sign_ins
      + 0.265 * habit.family_times / habit.sign_ins * program.times / family.times
      + 0.191 * habit.system_times / habit.sign_ins * program.times / system.times
      + 0.01 * program.times / everybody.sign_ins as own_agent_share,
    everybody.sign_ins / everybody.users / habit.sign_ins as rarity
  from candidates as candidate
  join habits as habit using (event_id)
  join places as place on place.address = candidate.address
  join networks as network using (network)
  join countries as country using (country)
  join programs as program on program.program = candidate.program
  join families as family using (family)
  join systems as system using (system)
  cross join everybody
)
select
  event_id,
  user_id,
  address_share / own_address_share * agent_share / own_agent_share * rarity as risk
from shares
