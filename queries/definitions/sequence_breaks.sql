/*
title = "Where the running numbers of a log jump, repeat or are missing"
*/
-- One row per event whose number does not follow the one before it in its run. Number 1 begins a new run.
-- In the very second of a restart, what stands in another file, or above it, came before.
-- Mutation kept: `distinct` removed in `select distinct event_provider` — a semi join needs each log once, more do not matter
-- Mutation kept: `where event_sequence is not null` dropped — only keeps logs without numbers out of the table; the control leaves them out
with
numbering as (
  select distinct event_provider from access_events where event_sequence is not null
),
restarts as (
  select event_provider, event_time, min(load_id) as load_id, min(line) as line,
    row_number() over (partition by event_provider order by event_time) as run
  from access_events
  where event_sequence = 1
  group by event_provider, event_time
),
placed as (
  select
    event.event_provider,
    event.event_time,
    event.event_sequence,
    event.origin,
    case
      when event.event_time = restart.event_time
        and (event.load_id <> restart.load_id or event.line < restart.line) then restart.run - 1
      else coalesce(restart.run, 0)
    end as run
  from access_events as event
  semi join numbering using (event_provider)
  asof left join restarts as restart
    on restart.event_provider = event.event_provider
    and restart.event_time <= event.event_time
),
followed as (
  select *, lag(event_sequence) over (partition by event_provider, run order by event_sequence, event_time, origin) as previous
  from placed
)
select
  event_provider,
  run,
  case
    when event_sequence is null then 'unnumbered'
    when event_sequence = previous then 'repeated'
    else 'gap'
  end as kind,
  previous + 1 as first_missing,
  event_sequence - 1 as last_missing,
  event_time,
  origin
from followed
where event_sequence is null or event_sequence <> previous + 1
