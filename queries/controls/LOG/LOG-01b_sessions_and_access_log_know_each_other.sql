/*
id         = "LOG-01b"
title      = "Every session of an independent log is in the access log, and the other way round"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "critical"
kind       = "hybrid"
tests      = "one session of a primary log and an independent log that share an access path"
population = "select min(first_at) as item_at from session_sightings group by session_id"
needs      = ["access_events", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Compares logs of stores that share an access path, one primary, one independent, both with session ids; a path that no independent log with session ids watches is no item. Says that a session is known, not that each of its accesses is. Attempts that failed open no session. A session belongs to the period of its first row. That all access paths are listed is an attestation."
[clauses]
dpf  = ["II.4.a", "III.7"]
gdpr = ["32(1)(b)", "5(1)(f)"]
ccpa = ["Regs 7123(c)(7)"]
[reasons]
in_both     = "The access log and an independent log know it"
unlogged    = "An independent log knows it, the access log does not"
unwitnessed = "The access log knows it, the independent log does not"
*/
with
sessions as (
  select
    session_id,
    min(first_at) as first_at,
    bool_or(log_role = 'primary') as is_logged,
    bool_or(log_role = 'independent') as is_witnessed,
    string_agg(event_provider, ', ' order by event_provider) as providers,
    list(origin order by first_at, origin) as origins
  from session_sightings
  group by session_id
),
judged as (
  select
    *,
    case
      when is_logged and is_witnessed then 'in_both'
      when is_witnessed then 'unlogged'
      else 'unwitnessed'
    end as reason
  from sessions
)
select
  session_id as item,
  first_at as item_at,
  session_id as subject,
  case
    when reason = 'in_both' then 'pass'
    else 'exception'
  end as outcome,
  reason,
  format('known to {}, first row {}', providers, first_at) as detail,
  providers as cause,
  origins as lines
from judged
