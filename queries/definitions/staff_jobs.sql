-- One row per person of ours and job: title and zone that held from its first day on.
-- The zone is null where it is missing or no IANA name. Where two rows of a job contradict each other, neither is believed.
-- Mutation kept: `min(` to `max(` in `min(job_title)` — used where there is one title only
-- Mutation kept: `min(` to `max(` in `min(try_cast('2026-01-01 00:00 ' || time_zone as timestamptz)) is not null` — asked where there is one zone only
-- Mutation kept: `min(` to `max(` in `min(time_zone)` — used where there is one zone only
-- Mutation kept: `coalesce(started_on, date '1900-01-01')` to `started_on` (place 2) — jobs without a first day are one group either way
select
  person_id,
  coalesce(started_on, date '1900-01-01') as started_on,
  case when count(distinct job_title) = 1 then min(job_title) end as job_title,
  case when count(distinct time_zone) = 1 and min(try_cast('2026-01-01 00:00 ' || time_zone as timestamptz)) is not null then min(time_zone) end as time_zone
from people
where kind in ('staff', 'contractor', 'vendor_staff')
group by person_id, coalesce(started_on, date '1900-01-01')
