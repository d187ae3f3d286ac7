/*
id         = "LOG-01b"
title      = "Every session of an independent log is in the access log, and the other way round"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "critical"
kind       = "hybrid"
tests      = "one session of a primary log and an independent log that share an access path"
population = "select first_at as item_at from session_sightings"
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
judged as (
  select
    *,
    case
      when is_logged and is_witnessed then 'in_both'
      when is_witnessed then 'unlogged'
      else 'unwitnessed'
    end as reason
  from session_sightings
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
  format('known to {}, first row {}', coalesce(providers, 'both sides'), first_at) as detail,
  providers as cause,
  origins as lines
from judged
