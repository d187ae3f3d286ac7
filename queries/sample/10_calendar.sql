/*
One row per hour and market: how many sign-ins it draws, relative to the others.
The session with quantile q falls in the hour whose running sum holds q, so that an hour's
count is its expectation, give or take two: a busy hour is never silent by chance.
*/
create or replace macro draw(salt, key) as hash(seed(), salt, key);
create or replace macro fraction(salt, key) as (draw(salt, key) % 1000003)::double / 1000003;
create or replace macro pick(salt, key, choices) as (draw(salt, key) % (choices)::ubigint)::bigint;
create or replace macro token(salt, key) as format('{:016x}', draw(salt, key));
create or replace macro first_moment() as timestamptz '2024-10-01 00:00:00+00';
create or replace macro last_moment() as timestamptz '2026-10-01 00:00:00+00';
create or replace macro drawn_at() as timestamptz '2026-10-05 06:00:00+00';
create or replace macro iso(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ');
create or replace macro listed(items) as '[' || array_to_string(items, ', ') || ']';
create or replace macro seconds(count) as to_milliseconds((1000 * (count))::bigint);

-- Half of the day off; the clock times are the sample's own.
create or replace table local_hours as
select
  hour,
  weight
from (values
  (0, 3), (1, 2), (2, 2), (3, 2), (4, 3), (5, 6), (6, 14), (7, 35), (8, 80), (9, 118), (10, 124), (11, 112),
  (12, 74), (13, 98), (14, 120), (15, 112), (16, 92), (17, 62), (18, 36), (19, 26), (20, 20), (21, 15), (22, 9), (23, 5)
) as profile(hour, weight);

create or replace table days_off as
select *
from (values
  (date '2024-11-28', 'US', 55), (date '2024-11-29', 'US', 70), (date '2025-01-20', 'US', 80), (date '2025-05-26', 'US', 65),
  (date '2025-07-04', 'US', 65), (date '2025-09-01', 'US', 70), (date '2025-11-27', 'US', 55), (date '2025-11-28', 'US', 70),
  (date '2026-01-19', 'US', 80), (date '2026-05-25', 'US', 65), (date '2026-07-03', 'US', 75), (date '2026-09-07', 'US', 75),
  (date '2025-04-18', 'all', 70), (date '2025-04-21', 'all', 75), (date '2026-04-03', 'all', 70), (date '2026-04-06', 'all', 75),
  (date '2025-05-01', 'all', 85), (date '2026-05-01', 'all', 85)
) as listed(day, country, percent)
union all
select
  unnest(generate_series(date '2024-12-23', date '2025-01-01', interval 1 day))::date,
  'all',
  45
union all
select
  unnest(generate_series(date '2025-12-23', date '2026-01-01', interval 1 day))::date,
  'all',
  45;

/* What the faults must be found as; the steps that plant them add their rows. */
create or replace table answers(control varchar, item varchar, outcome varchar, reason varchar, note varchar);
create or replace table malformed_lines(folder varchar, seen_at timestamptz, line varchar);
create or replace table file_faults(folder varchar, file_name varchar, records_off bigint, is_total_missing boolean, extracted_at timestamptz);
create or replace table files(folder varchar, file_name varchar, records bigint, covers_from_at timestamptz, covers_to_at timestamptz);
create or replace table planted_accounts(
  number bigint, plant varchar, market bigint, created_at timestamptz, canceled_at timestamptz, reactivated_at timestamptz
);

/* What the producers state of each file, in the manifest beside it. */
create or replace view manifest as
select
  files.folder,
  files.file_name,
  systems.source_system,
  systems.extracted_by,
  coalesce(fault.extracted_at, drawn_at()) as extracted_at,
  sha256(files.folder || files.file_name) as query_sha256,
  files.covers_from_at,
  files.covers_to_at,
  case when not coalesce(fault.is_total_missing, false) then files.records + coalesce(fault.records_off, 0) end as control_total
from files
join systems on systems.folder = files.folder
left join file_faults as fault on fault.folder = files.folder and fault.file_name = files.file_name;
