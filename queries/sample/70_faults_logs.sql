/* Faults of the logs: guessed passwords, impossible journeys, bad addresses, gaps, silence, sessions that one log does not know. */
create or replace macro us_address(key) as address('73.158', 4, key);
create or replace table planted_events as
select
  row_number() over (order by plant, seen_at) as number,
  *
from (values
  ('guess', timestamptz '2026-08-11 09:00:00+00', 90, 6, false, null::varchar, 'first'),
  ('guess', '2026-08-11 09:12:00+00', 0, 1, true, null, 'first'),
  ('guess few', '2026-08-12 09:00:00+00', 90, 4, false, null, 'first'),
  ('guess few', '2026-08-12 09:12:00+00', 0, 1, true, null, 'first'),
  ('guess slow', '2026-08-13 10:00:00+00', 60, 5, false, null, 'first'),
  ('guess slow', '2026-08-13 10:24:30+00', 0, 1, true, null, 'first'),
  ('guess unclear', '2026-08-14 09:00:00+00', 90, 5, null, null, 'first'),
  ('guess unclear', '2026-08-14 09:12:00+00', 0, 1, true, null, 'first'),
  ('travel far', '2026-08-18 14:00:00+00', 0, 1, true, us_address('far'), 'first'),
  ('travel far', '2026-08-18 14:20:00+00', 0, 1, true, address('126.10', 4, 'far'), 'second'),
  ('travel near', '2026-08-19 14:00:00+00', 0, 1, true, address('84.140', 4, 'near'), 'first'),
  ('travel near', '2026-08-19 14:30:00+00', 0, 1, true, address('82.64', 4, 'near'), 'second'),
  ('travel shared', '2026-08-20 14:00:00+00', 0, 1, true, us_address('shared'), 'first'),
  ('travel shared', '2026-08-20 14:20:00+00', 0, 1, true, address('86.130', 4, 'shared'), 'second'),
  ('travel slow', '2026-08-21 14:00:00+00', 0, 1, true, us_address('slow'), 'first'),
  ('travel slow', '2026-08-21 15:00:01+00', 0, 1, true, address('126.10', 4, 'slow'), 'second'),
  ('exit one', '2026-08-24 14:00:00+00', 0, 1, true, us_address('exit'), 'first'),
  ('exit two', '2026-08-24 14:04:00+00', 0, 1, true, us_address('exit'), 'first'),
  ('address', '2026-09-01 15:00:00+00', 600, 8, true, us_address('address'), 'first'),
  ('witness', '2026-09-08 15:00:00+00', 600, 2, true, us_address('witness'), 'first'),
  ('witness', '2026-09-09 15:10:00+00', 60, 3, false, us_address('witness'), 'web only'),
  ('witness', '2026-09-10 15:10:00+00', 60, 2, false, us_address('witness'), 'product only')
) as listed(plant, seen_at, apart, times, is_success, ip, note);

insert into extra_events
with
each as (
  select
    *,
    unnest(range(times)) as turn
  from planted_events
)
select
  'si-' || token('planted event', each.number * 100 + turn),
  seen_at + to_seconds(apart * turn),
  'sign_in',
  is_success,
  case when not is_success then 'wrong_password' end,
  case each.plant when 'travel shared' then 'frontdesk@' || accounts.domain else devices.user_id end,
  devices.account_id,
  case when is_success then 's-' || token('planted session', each.number * 100 + turn) end as session_id,
  case when is_success then false end,
  coalesce(ip, devices.home_address),
  devices.desktop_agent,
  case
    when each.plant = 'address'
      then [null, '999.1.1.1', '73.158.x.x', '73.158.12', '73.158.12.0/24', '10.20.1.11', '192.168.1.20', '73.158.12.0'][1 + turn]
    else coalesce(ip, devices.home_address)
  end,
  case when not (each.plant = 'witness' and is_success and turn = 0) then session_id end,
  case when not (each.plant = 'witness' and is_success and turn = 1) then session_id end,
  note <> 'web only',
  note <> 'product only'
from each
join accounts using (plant)
join user_devices as devices on devices.person = accounts.number * 16;

create or replace macro planted_event(plant_name, which, turn) as (
  select 'si-' || token('planted event', number * 100 + turn) from planted_events where plant = plant_name and note = which and is_success
);
create or replace macro planted_session(plant_name, which, turn) as (
  select 's-' || token('planted session', number * 100 + turn) from planted_events where plant = plant_name and note = which and is_success
);

insert into answers
select
  'LOG-02',
  planted_event('address', 'first', turn),
  case when reason = 'suspect' then 'manual' else 'exception' end,
  reason,
  note
from (values
  (0, 'missing', 'No address'), (1, 'invalid', '999.1.1.1'), (2, 'masked', 'Two parts are hidden'), (3, 'truncated', 'The last part is cut off'),
  (4, 'range', 'A network of 256 addresses'), (5, 'own_proxy', 'The proxy instead of the client'), (6, 'not_global', 'A private address'),
  (7, 'suspect', 'Ends in .0')
) as bad(turn, reason, note);

insert into answers values
  ('DET-01', planted_login('guess') || ' / 2026-08-11', 'manual', 'after_guesses', 'Six failures, then a success'),
  ('DET-01', planted_login('guess few') || ' / 2026-08-12', 'pass', 'no_burst', 'Trap: four failures only'),
  ('DET-01', planted_login('guess slow') || ' / 2026-08-13', 'pass', 'no_burst', 'Trap: five failures, the last more than 20 minutes before'),
  ('DET-01', planted_login('guess unclear') || ' / 2026-08-14', 'unknown', 'unclear', 'Five attempts of which nobody knows how they ended'),
  ('DET-01', 'gstrand / 2026-09-03', 'manual', 'after_guesses', 'A line repeated five times, then a success'),
  ('DET-02', planted_login('travel far') || ' / 2026-08-18', 'exception', 'two_countries', 'United States and Japan within 20 minutes'),
  ('DET-02', planted_login('travel near') || ' / 2026-08-19', 'manual', 'neighbors', 'Germany and France within half an hour'),
  ('DET-02', 'frontdesk@' || (select domain from accounts where plant = 'travel shared') || ' / 2026-08-20', 'manual', 'shared_login', 'A login of several, in two countries'),
  ('DET-02', planted_login('travel slow') || ' / 2026-08-21', 'pass', 'no_travel', 'Trap: one second more than an hour apart'),
  ('DET-02', planted_login('exit one') || ' / 2026-08-24', 'pass', 'no_travel', 'Trap: two people behind one VPN exit'),
  ('DET-02', planted_login('exit two') || ' / 2026-08-24', 'pass', 'no_travel', 'Trap: two people behind one VPN exit'),
  ('LOG-01b', planted_session('witness', 'first', 0), 'exception', 'unlogged', 'The web server knows the session, the sign-in log does not'),
  ('LOG-01b', planted_session('witness', 'first', 1), 'exception', 'unwitnessed', 'The sign-in log knows the session, the web server does not'),
  ('LOG-01c', 'web / 2026-09-09T15:00Z', 'exception', 'fewer_logged', 'Three attempts stand in the web server''s log only'),
  ('LOG-01c', 'web / 2026-09-10T15:00Z', 'exception', 'fewer_witnessed', 'Two attempts stand in the sign-in log only');

insert into bastion_events
select
  tries.kind,
  timestamptz '2026-09-03 15:00:00+00' + to_seconds(later),
  'gstrand',
  home_address,
  4410,
  50112,
  repeats
from (values ('failed', 0, 0), ('failed', 40, 5), ('accepted', 75, 0)) as tries(kind, later, repeats)
join colleagues on person_id = 'emp-0128';

insert into cloud_events
select
  uuid_of('leaver', row),
  seen_at,
  'ConsoleLogin',
  'signin.amazonaws.com',
  login,
  'IAMUser',
  us_address('leaver' || login),
  (select agent from colleagues where person_id = 'emp-0128'),
  true,
  null
from (values
  (1, timestamptz '2026-07-14 15:00:00+00', 'victor.osei@conferencing.example'),
  (2, timestamptz '2026-08-15 06:40:00+00', 'walt.jennings@conferencing.example'),
  (3, timestamptz '2026-08-21 01:00:00+00', 'ravi.menon@conferencing.example'),
  (4, timestamptz '2026-08-17 15:00:00+00', 'ines.duarte@conferencing.example'),
  (5, timestamptz '2026-07-15 15:00:00+00', 'kim.larsen@conferencing.example')
) as signed_in(row, seen_at, login);
insert into answers values
  ('ACC-05c', uuid_of('leaver', 1), 'exception', 'after_leaving', 'Left in March'),
  ('ACC-05c', uuid_of('leaver', 2), 'pass', 'not_left', 'Trap: twenty minutes before the last local day ended'),
  ('ACC-05c', uuid_of('leaver', 3), 'unknown', 'zone_unknown', 'About the end of the last day, and nobody knows the zone'),
  ('ACC-05c', uuid_of('leaver', 4), 'pass', 'not_left', 'Trap: a login that was closed in March and opened anew in August'),
  ('ACC-05c', uuid_of('leaver', 5), 'unknown', 'job_unclear', 'The job ends before it starts');

/* Silence: the nightly backup always calls the cloud between two and three. */
delete from cloud_events
where event_time >= timestamptz '2026-08-19 02:00:00+00' and event_time < timestamptz '2026-08-19 03:00:00+00'
  or event_time >= timestamptz '2026-09-05 02:00:00+00' and event_time < timestamptz '2026-09-05 03:00:00+00';
insert into cases by name
select 'M-20260905' as case_id, 'maintenance' as kind, timestamptz '2026-09-05 01:30:00+00' as opened_at,
  timestamptz '2026-09-05 04:00:00+00' as closed_at, ['cloudtrail'] as event_providers;
insert into answers values
  ('LOG-01d', 'cloudtrail / 2026-08-19T02:00Z', 'exception', 'silent', 'The nightly backup left no trace'),
  ('LOG-01d', 'cloudtrail / 2026-09-05T02:00Z', 'pass', 'maintenance', 'Trap: a maintenance that names the log and covers the hour');

/* Running numbers of the support tool: three lost, one given twice, one not given, each on the day of a planted access. */
create or replace table numbering_faults as
select 'sa-' || token('planted look', name) as event_id, skip, is_unnumbered
from (values ('after expiry', 3, false), ('self approved', -1, false), ('break-glass late', -1, true)) as listed(name, skip, is_unnumbered);
update support_events set skipped_numbers = skip, is_unnumbered = fault.is_unnumbered
from numbering_faults as fault
where fault.event_id = support_events.event_id;

insert into answers
with
numbered as (
  select
    event_id,
    event_time::date as day,
    skipped_numbers,
    is_unnumbered,
    row_number() over arrival + sum(skipped_numbers) over arrival as number
  from support_events
  window arrival as (order by event_time, event_id)
)
select
  'LOG-01a',
  case when skipped_numbers > 0 then 'support / ' || number - skipped_numbers else 'support / ' || day end,
  case when skipped_numbers > 0 then 'exception' else 'unknown' end,
  case when skipped_numbers > 0 then 'gap' when is_unnumbered then 'unnumbered' else 'repeated' end,
  case when skipped_numbers > 0 then 'Three numbers are missing' when is_unnumbered then 'An event without a number' else 'A number given twice' end
from numbered
where skipped_numbers <> 0;

/* Sign-ups. A bad address at sign-up is an event with a bad address, too. */
insert into sign_up_faults values
  ('sign-up missing', null, true),
  ('sign-up truncated', '73.158.40', false),
  ('sign-up suspect', '73.158.40.0', false),
  ('sign-up in an unknown way', null, true),
  ('sign-up twice', '73.158.41.xxx', false);
insert into extra_events
select
  'su-' || token('second sign up', accounts.number), accounts.created_at + to_seconds(40), 'sign_up', true, null, devices.user_id, devices.account_id,
  null, null, home_address, desktop_agent, home_address, null, null, true, true
from accounts
join user_devices as devices on devices.person = accounts.number * 16
where plant = 'sign-up twice';

create or replace macro sign_up_of(name) as (select 'su-' || token('sign up', number) from accounts where plant = name);
insert into answers values
  ('LOG-05', planted('sign-up missing'), 'exception', 'missing', 'No sign-up event'),
  ('LOG-05', planted('sign-up truncated'), 'exception', 'truncated', 'The last part is cut off'),
  ('LOG-05', planted('sign-up suspect'), 'manual', 'suspect', 'Ends in .0'),
  ('LOG-05', planted('sign-up in an unknown way'), 'unknown', 'unknown_way', 'No address, and an unknown way of signing up'),
  ('LOG-05', planted('sign-up contradictory'), 'unknown', 'contradictory', 'Its rows differ in how it was created'),
  ('LOG-05', planted('sign-up undated'), 'unknown', 'undated', 'Nobody knows when it was created'),
  ('LOG-05', planted('sign-up twice'), 'pass', 'full', 'Trap: of two sign-ups one has a full address'),
  ('LOG-02', sign_up_of('sign-up truncated'), 'exception', 'truncated', 'The same event as in LOG-05'),
  ('LOG-02', sign_up_of('sign-up suspect'), 'manual', 'suspect', 'The same event as in LOG-05'),
  ('LOG-02', sign_up_of('sign-up twice'), 'exception', 'masked', 'Of two sign-ups one has a masked address');
