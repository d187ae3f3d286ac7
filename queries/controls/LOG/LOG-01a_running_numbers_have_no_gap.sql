/*
id         = "LOG-01a"
title      = "The running numbers of each log have no gap"
promise    = "We log all access to all accounts by full IP address"
source     = "Geolocation data"
severity   = "critical"
kind       = "hybrid"
tests      = "one gap in the running numbers of a log (provider / first missing number; after a restart of the numbering also its run), and, where there is none, one log and UTC day (provider / day)"
population = """
  select coalesce(missing.event_time, day.day_at) as item_at
  from (
    select event_provider, date_trunc('day', event_time) as day_at
    from access_events
    where event_provider in (select event_provider from access_events where event_sequence is not null)
    group by all
  ) as day
  left join (select * from sequence_breaks where kind = 'gap') as missing
    on missing.event_provider = day.event_provider and date_trunc('day', missing.event_time) = day.day_at
"""
needs      = ["access_events"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "Sees logs that number their events; a log without numbers is no item here. Numbers before the first and after the last event loaded can't be missed. Number 1 begins the count anew; a count that begins anew elsewhere repeats numbers and is unknown. Rows that a lawful purge took out before the log was first delivered are gaps too. A gap belongs to the day of the event after it. That all logs are listed is an attestation."
[clauses]
dpf  = ["II.4.a", "III.7"]
gdpr = ["32(1)(b)", "5(1)(f)"]
ccpa = ["Regs 7123(c)(7)"]
[reasons]
no_gap     = "Every event of the day carries the number after the one before it"
gap        = "Numbers are missing between two events"
repeated   = "A number occurs twice without a restart, so a gap could hide behind it"
unnumbered = "Events of the day carry no number, though the log numbers its events"
[columns]
missing_count = "Numbers missing"
*/
with
days as (
  select event_provider, epoch_us(event_time) // 86400000000 as day, min(event_time)::date as day_on, count(*) as events
  from access_events
  where event_provider in (select event_provider from access_events where event_sequence is not null)
  group by event_provider, day
),
gaps as (
  select *, epoch_us(event_time) // 86400000000 as day
  from sequence_breaks
  where kind = 'gap'
),
unclear as (    -- all that breaks the sequence, day by day
  select
    event_provider,
    epoch_us(event_time) // 86400000000 as day,
    max(kind) as kind,
    count(*) as events,
    list(origin order by event_time, origin) as origins
  from sequence_breaks
  group by event_provider, day
),
judged as (
  select
    days.event_provider,
    days.day_on,
    days.events,
    gaps.run,
    gaps.first_missing,
    gaps.last_missing,
    gaps.event_time,
    unclear.events as unclear_events,
    case when gaps.origin is null then unclear.origins else [gaps.origin] end as origins,
    case
      when unclear.kind is null then 'no_gap'
      when gaps.first_missing is not null then 'gap'
      else unclear.kind
    end as reason
  from days
  left join gaps using (event_provider, day)
  left join unclear using (event_provider, day)
)
select
  concat_ws(' / ', event_provider, coalesce(first_missing::varchar, day_on::varchar),
    case when run > 1 then 'run ' || run end) as item,
  coalesce(event_time, day_on::timestamptz) as item_at,
  event_provider as subject,
  case
    when reason = 'no_gap' then 'pass'
    when reason = 'gap' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  case
    when first_missing = last_missing then format('number {} is missing before the event of {}', first_missing, event_time)
    when first_missing < last_missing then format('numbers {} to {} are missing before the event of {}', first_missing, last_missing, event_time)
    when reason = 'no_gap' then format('{} events', events)
    else format('{} of {} events', unclear_events, events)
  end as detail,
  event_provider as cause,
  origins as lines,
  last_missing - first_missing + 1 as missing_count
from judged
