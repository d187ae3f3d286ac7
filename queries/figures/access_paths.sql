/*
title = "Ways into the product and its data, the log that must hold each access, and what watches it independently"
needs = ["access_events", "stores"]
[columns]
access_path      = "Way in, as the register of stores names it"
primary_logs     = "Logs that must hold each access by it"
independent_logs = "Logs of another origin that see the same accesses; null: nothing independent watches it"
session_logs     = "Of these, the logs with session ids, by which single accesses can be told apart"
accesses         = "Accesses of the period on record in its primary logs, attempts that failed left out"
*/
with
logs as (
  select distinct unnest(access_paths) as access_path, event_provider, log_role
  from stores
  where log_role in ('primary', 'independent')
    and event_provider is not null
    and coalesce(valid_from_at < until(), true)
    and coalesce(valid_to_at > since(), true)
),
counts as (
  select event_provider, count(*) as accesses, count(session_id) > 0 as has_sessions
  from access_events
  where event_time >= since() and event_time < until() and event_outcome is distinct from 'failure'
  group by event_provider
)
select
  logs.access_path,
  string_agg(logs.event_provider, ', ' order by logs.event_provider) filter (where logs.log_role = 'primary') as primary_logs,
  string_agg(logs.event_provider, ', ' order by logs.event_provider) filter (where logs.log_role = 'independent' and counts.accesses > 0) as independent_logs,
  string_agg(logs.event_provider, ', ' order by logs.event_provider) filter (where logs.log_role = 'independent' and counts.has_sessions) as session_logs,
  coalesce(sum(counts.accesses) filter (where logs.log_role = 'primary'), 0)::bigint as accesses
from logs
left join counts using (event_provider)
group by logs.access_path
order by independent_logs is not null, session_logs is not null, accesses desc, logs.access_path
