/*
id         = "LOG-01c"
title      = "Logs that record the same access path count the same accesses in each hour"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "critical"
kind       = "hybrid"
tests      = "one access path and UTC hour (path / hour) that the files of a primary and of an independent log cover"
population = """
  select hours.hour_at as item_at
  from (select unnest(access_paths) as path, * from stores) as log
  join log_hours as hours on hours.event_provider = log.event_provider
  where log.log_role in ('primary', 'independent')
    and not hours.is_session_store
    and hours.hour_at >= log.valid_from_at
    and (log.valid_to_at is null or hours.hour_at < log.valid_to_at)
  group by log.path, hours.hour_at
  having count(distinct log.log_role) = 2
"""
needs      = ["access_events", "stores", "loads"]
may_use    = ["holidays"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "An access path without an independent log is no item: a log can't prove its own completeness. Each log must have one row per access; a session store, which has one per session, is left to LOG-01b. Logs whose lists of paths differ can't be compared: unknown. Accesses at the turn of an hour may fall in different hours of two logs; the tolerance is for them. Equal counts may hide a loss in both. That all access paths are listed is an attestation."
[clauses]
dpf  = ["II.4.a", "III.7"]
gdpr = ["32(1)(b)", "5(1)(f)"]
ccpa = ["Regs 7123(c)(7)"]
[parameters.tolerance_events]
type    = "integer"
default = 0
unit    = "events"
source  = "policy"
meaning = "Difference between the counts of one hour that is put down to clocks; 0, since the policy says all access"
[reasons]
counts_agree    = "Both logs count the same, within the tolerance"
fewer_logged    = "The access log has fewer events than the independent log"
fewer_witnessed = "The independent log has fewer events than the access log"
paths_differ    = "The two logs do not record the same access paths, so their counts can't be compared"
[columns]
logged          = "Events of the primary logs in the hour, together"
least_witnessed = "Events of the independent log that has fewest"
most_witnessed  = "Events of the independent log that has most"
*/
with
counted as (    -- one row per path, hour and log
  select distinct
    log.path,
    log.log_role,
    log.event_provider,
    log.paths,
    hours.hour_at,
    hours.events
  from (
    select unnest(access_paths) as path, list_sort(access_paths) as paths, *
    from stores
    where log_role in ('primary', 'independent')
  ) as log
  join log_hours as hours
    on hours.event_provider = log.event_provider
    and not hours.is_session_store
    and hours.hour_at >= log.valid_from_at
    and (log.valid_to_at is null or hours.hour_at < log.valid_to_at)
),
compared as (
  select
    path,
    hour_at,
    sum(events) filter (where log_role = 'primary')::bigint as logged,
    min(events) filter (where log_role = 'independent') as least_witnessed,
    max(events) filter (where log_role = 'independent') as most_witnessed,
    count(distinct paths) as path_lists
  from counted
  group by path, hour_at
  having count(distinct log_role) = 2
),
judged as (
  select
    *,
    case
      when path_lists > 1 then 'paths_differ'
      when greatest(most_witnessed - logged, logged - least_witnessed) <= tolerance_events() then 'counts_agree'
      when most_witnessed - logged > tolerance_events() then 'fewer_logged'
      else 'fewer_witnessed'
    end as reason
  from compared
)
select
  format('{} / {}', path, strftime(hour_at, '%Y-%m-%dT%H:00Z')) as item,
  hour_at as item_at,
  path as subject,
  case
    when reason = 'counts_agree' then 'pass'
    when reason = 'paths_differ' then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('{} events in the access log, {} in the independent log{}', logged, least_witnessed,
    case when least_witnessed < most_witnessed then format(' that has fewest, {} in the one that has most', most_witnessed) else '' end) as detail,
  path as cause,
  []::varchar[] as lines,
  logged,
  least_witnessed,
  most_witnessed
from judged
