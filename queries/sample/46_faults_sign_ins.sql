/*
Faults and traps of sign-ins. Every owner in whose account an access is planted signs in at home, every 25 days from the
first week on until the day before, so that what happens then is new, and nothing else is.
*/
create or replace table sign_in_habits as
select
  accounts.plant,
  devices.person,
  unnest(generate_series(accounts.created_at + to_days(6), listed.until_at, interval 25 days)) as seen_at
from (values
  ('desk', timestamptz '2026-08-10 00:00:00+00'),
  ('desk 2', '2026-08-12 00:00:00+00'),
  ('guess', '2026-08-10 00:00:00+00'),
  ('guess few', '2026-08-11 00:00:00+00'),
  ('guess slow', '2026-08-12 00:00:00+00'),
  ('guess unclear', '2026-08-13 00:00:00+00'),
  ('travel far', '2026-08-17 00:00:00+00'),
  ('travel near', '2026-08-18 00:00:00+00'),
  ('travel slow', '2026-08-20 00:00:00+00'),
  ('exit one', '2026-08-23 00:00:00+00'),
  ('exit two', '2026-08-23 00:00:00+00'),
  ('address', '2026-08-31 00:00:00+00'),
  ('witness', '2026-09-07 00:00:00+00'),
  ('new place', '2026-08-25 00:00:00+00'),
  ('dormant', '2026-05-26 16:00:00+00'),
  ('rested', '2026-05-20 00:00:00+00'),
  ('taken over', '2026-08-26 00:00:00+00'),
  ('moved', '2026-08-26 00:00:00+00'),
  ('updated', '2026-08-26 00:00:00+00'),
  ('spread', '2026-08-26 00:00:00+00'),
  ('forgetful', '2026-08-26 00:00:00+00')
) as listed(plant, until_at)
join accounts using (plant)
join user_devices as devices on devices.person = accounts.number * 16;

create or replace table planted_sign_ins as
with
listed as (
  select plant, seen_at, apart, times, action, is_success, place, is_on_phone, session
  from (values
    ('new place', timestamptz '2026-08-26 16:00:00+00', 0, 1, 'sign_in', true, 'Japan', false, 'own'),
    ('dormant', '2026-08-25 16:00:00+00', 0, 1, 'sign_in', true, 'home', false, 'own'),
    ('rested', '2026-05-28 16:00:00.500+00', 0, 1, 'sign_in', true, 'home', false, 'own'),
    ('rested', '2026-08-26 16:00:00.499+00', 0, 1, 'sign_in', true, 'home', false, 'own'),
    ('taken over', '2026-08-27 16:00:00+00', 0, 1, 'sign_in', true, 'home', false, 'one'),
    ('taken over', '2026-08-27 16:07:00+00', 0, 1, 'api_key_create', true, 'Germany', true, 'one'),
    ('taken over', '2026-08-27 16:30:00+00', 0, 1, 'sign_out', true, 'home', false, 'one'),
    ('moved', '2026-08-27 16:00:00+00', 0, 1, 'sign_in', true, 'home', false, 'one'),
    ('moved', '2026-08-27 16:30:00+00', 0, 1, 'sign_out', true, 'office', false, 'one'),
    ('updated', '2026-08-27 16:00:00+00', 0, 1, 'sign_in', true, 'home', false, 'one'),
    ('updated', '2026-08-27 16:30:00+00', 0, 1, 'sign_out', true, 'home', true, 'one'),
    ('spread', '2026-08-27 10:00:00+00', 1800, 11, 'sign_in', false, 'each', false, null),
    ('forgetful', '2026-08-27 10:00:00+00', 1800, 9, 'sign_in', false, 'each', false, null),
    ('forgetful', '2026-08-27 16:00:00+00', 0, 1, 'sign_in', true, 'home', false, 'own'),
    ('new place', '2026-08-28 09:00:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('dormant', '2026-08-28 09:02:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('rested', '2026-08-28 09:04:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('taken over', '2026-08-28 09:06:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('moved', '2026-08-28 09:08:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('updated', '2026-08-28 09:10:00+00', 0, 1, 'sign_in', false, 'spray', false, null),
    ('new place', '2026-08-31 09:00:00+00', 0, 1, 'sign_in', false, 'cafe', false, null),
    ('dormant', '2026-08-31 09:02:00+00', 0, 1, 'sign_in', false, 'cafe', false, null),
    ('rested', '2026-08-31 09:04:00+00', 0, 1, 'sign_in', false, 'cafe', false, null),
    ('taken over', '2026-08-31 09:06:00+00', 0, 1, 'sign_in', false, 'cafe', false, null)
  ) as listed(plant, seen_at, apart, times, action, is_success, place, is_on_phone, session)
  union all
  select plant, seen_at, 0, 1, 'sign_in', true, 'home', false, 'own' from sign_in_habits
)
select
  plant,
  seen_at + to_seconds(apart * turn) as seen_at,
  action,
  is_success,
  case place when 'each' then place || turn else place end as place,
  is_on_phone,
  case session when 'own' then seen_at::varchar else session end as session
from (select *, unnest(range(times)) as turn from listed);

create or replace macro sign_in_place(name) as address(case when name = 'Japan' then '126.10' when name = 'Germany' then '84.140' else '73.158' end, 4, 'sign-in place ' || name);

insert into extra_events
select
  'si-' || token('planted sign-in', plant || seen_at),
  seen_at,
  action,
  is_success,
  case when not is_success then 'wrong_password' end,
  devices.user_id,
  devices.account_id,
  case when session is not null then 's-' || token('planted sign-in session', plant || session) end as session_id,
  case when is_success and action = 'sign_in' then false end,
  case place when 'home' then home_address when 'office' then office_address else sign_in_place(place) end as place_address,
  case when is_on_phone then mobile_agent else desktop_agent end,
  place_address,
  session_id,
  session_id,
  true,
  true
from planted_sign_ins
join accounts using (plant)
join user_devices as devices on devices.person = accounts.number * 16;

insert into answers values
  ('DET-03', sign_in_place('spray') || ' / 2026-08-28', 'manual', 'sprayed', 'Six users from one address in ten minutes'),
  ('DET-03', sign_in_place('cafe') || ' / 2026-08-31', 'pass', 'few_users', 'Trap: four users from one address'),
  ('DET-04', planted_login('spread') || ' / 2026-08-27', 'manual', 'spread', 'One user from eleven addresses in a day'),
  ('DET-04', planted_login('forgetful') || ' / 2026-08-27', 'pass', 'few_addresses', 'Trap: nine addresses, and then the right password'),
  ('DET-05', planted_login('new place') || ' / 2026-08-26', 'manual', 'new_country', 'From Japan, after months at home'),
  ('DET-05', planted_login('travel far') || ' / 2026-08-18', 'manual', 'new_country', 'The journey of DET-02 ends in a country that is new as well'),
  ('DET-05', planted_login('travel near') || ' / 2026-08-19', 'manual', 'new_country', 'Germany and France are new as well'),
  ('DET-05', planted_login('travel slow') || ' / 2026-08-21', 'manual', 'new_country', 'Slow enough for DET-02, but Japan is new'),
  ('DET-06', planted_login('dormant') || ' / 2026-08-25', 'manual', 'returned', 'After more than 90 days'),
  ('DET-06', planted_login('rested') || ' / 2026-08-26', 'pass', 'in_use', 'Trap: a millisecond less than 90 days'),
  ('DET-06', 'frontdesk@' || (select domain from accounts where plant = 'travel shared') || ' / 2026-08-20', 'unknown', 'age_unknown', 'Nobody knows since when the login of several has its rights'),
  ('DET-06', 'victor.osei@conferencing.example / 2026-07-14', 'manual', 'never_used', 'The leaver of ACC-05c never signed in there before'),
  ('DET-06', 'walt.jennings@conferencing.example / 2026-08-15', 'manual', 'never_used', 'The leaver of ACC-05c never signed in there before'),
  ('DET-06', 'ravi.menon@conferencing.example / 2026-08-21', 'manual', 'never_used', 'The leaver of ACC-05c never signed in there before'),
  ('DET-06', 'ines.duarte@conferencing.example / 2026-08-17', 'manual', 'never_used', 'The trap of ACC-05c never signed in there before'),
  ('DET-07', 's-' || token('planted sign-in session', 'taken over' || 'one'), 'manual', 'alternating', 'A key is made from Germany with another program, and then home signs out'),
  ('DET-07', 's-' || token('planted sign-in session', 'moved' || 'one'), 'pass', 'one_device', 'Trap: from home to the office'),
  ('DET-07', 's-' || token('planted sign-in session', 'updated' || 'one'), 'pass', 'one_device', 'Trap: another program at home');
