/*
title = "Sessions in the logs that share an access path, one of them independent"
*/
-- One row per session that such a log knows: whether a primary and an independent one do, and, where one side does not,
-- who does (providers) and the first line in each (origins). Attempts that failed are no access. Only logs that carry
-- sessions at all can witness one; a row counts where its log's store then shared a path with another's.
-- Mutation kept: `distinct` removed in `distinct log.event_provider` — what comes twice is grouped; it would only be slow
-- Mutation kept: `join` to `left join` before `logs` — the WHERE drops rows without a role
with
logs as (
  select event_provider, log_role, access_paths, valid_from_at, valid_to_at
  from stores
  where event_provider in (select event_provider from access_events where session_id is not null and event_outcome is distinct from 'failure')
),
watches as (    -- from when to when two logs watched one path
  select distinct
    log.event_provider,
    log.log_role,
    greatest(log.valid_from_at, other.valid_from_at) as from_at,
    least(log.valid_to_at, other.valid_to_at) as to_at    -- passes over nulls
  from logs as log
  join logs as other on list_has_any(other.access_paths, log.access_paths)
  where (log.log_role = 'primary' and other.log_role = 'independent')
    or (log.log_role = 'independent' and other.log_role = 'primary')
),
watched as not materialized (
  select event.session_id, event.event_provider, event.event_time, event.origin, watch.log_role
  from access_events as event
  join watches as watch
    on watch.event_provider = event.event_provider
    and watch.from_at <= event.event_time
    and (watch.to_at is null or watch.to_at > event.event_time)
  where event.session_id is not null and event.event_outcome is distinct from 'failure'
),
sessions as (
  select
    session_id,
    min(event_time) as first_at,
    bool_or(log_role = 'primary') as is_logged,
    bool_or(log_role = 'independent') as is_witnessed
  from watched
  group by session_id
),
first_lines as (    -- of few, so that only they are looked up again
  select session_id, event_provider, min(event_time) as first_at, arg_min(origin, (event_time, origin)) as origin
  from watched
  semi join (from sessions where is_logged <> is_witnessed) as lone using (session_id)
  group by session_id, event_provider
),
named as (
  select
    session_id,
    string_agg(event_provider, ', ' order by event_provider) as providers,
    list(origin order by first_at, origin) as origins
  from first_lines
  group by session_id
)
select sessions.*, named.providers, named.origins
from sessions
left join named using (session_id)
