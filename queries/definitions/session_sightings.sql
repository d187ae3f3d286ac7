/*
title = "Sessions in the logs that share an access path, one of them independent"
*/
-- One row per session and log that knows it. Attempts that failed are no access.
-- Only logs that carry sessions at all can witness one; a log counts while its store's facts hold.
-- Mutation kept: `join` to `left join` before `logs` — the WHERE drops rows without a role
-- Mutation kept: `join` to `left join` before `logs` (place 2) — the WHERE drops rows without a role
with
sighted as (
  select
    session_id,
    event_provider,
    min(event_time) as first_at,
    min(origin) as origin
  from access_events
  where session_id is not null and event_outcome is distinct from 'failure'
  group by session_id, event_provider
),
logs as (
  select event_provider, log_role, access_paths, valid_from_at, valid_to_at
  from stores
  where event_provider in (select event_provider from sighted)
)
select distinct
  sighted.session_id,
  sighted.event_provider,
  log.log_role,
  sighted.first_at,
  sighted.origin
from sighted
join logs as log
  on log.event_provider = sighted.event_provider
  and log.valid_from_at <= sighted.first_at
  and (log.valid_to_at is null or log.valid_to_at > sighted.first_at)
join logs as other
  on list_has_any(other.access_paths, log.access_paths)
  and other.valid_from_at <= sighted.first_at
  and (other.valid_to_at is null or other.valid_to_at > sighted.first_at)
where (log.log_role = 'primary' and other.log_role = 'independent')
  or (log.log_role = 'independent' and other.log_role = 'primary')
