/*
title = "Where the running numbers of a log jump, repeat or are missing"
*/
-- One row per event whose number does not follow the one before it in its run. Number 1 begins a new run.
-- In the very second of a restart, what stands in another file, or above it, came before.
-- Numbers are laid out in blocks of 64, a bit each: a block whose bits are one unbroken row needs no look at its events.
-- Mutation kept: `distinct` removed in `select distinct event_provider` — a semi join needs each log once, more do not matter
with
numbering as (
  select distinct event_provider from access_events where event_sequence is not null
),
restarts as (
  select event_provider, event_time, min(load_id) as load_id, min(line) as line,
    row_number() over (partition by event_provider order by event_time) as run,
    lead(event_time, 1, 'infinity') over (partition by event_provider order by event_time) as until_at
  from access_events
  where event_sequence = 1
  group by event_provider, event_time
),
placed as (
  select
    event.event_provider,
    event.event_time,
    event.event_sequence,
    event.load_id,
    event.line,
    event.event_sequence // 64 as block,
    case
      when event.event_time = restart.event_time
        and (event.load_id <> restart.load_id or event.line < restart.line) then restart.run - 1
      else coalesce(restart.run, 0)
    end as run
  from access_events as event
  semi join numbering using (event_provider)
  left join restarts as restart
    on restart.event_provider = event.event_provider
    and restart.event_time <= event.event_time
    and restart.until_at > event.event_time
),
blocks as (
  select
    event_provider,
    run,
    block,
    min(event_sequence) as first_number,
    max(event_sequence) as last_number,
    count(*) as events,
    bit_count(bit_or(case when event_sequence >= 0 then 1::ubigint << (event_sequence % 64) end)) as numbers
  from placed
  where event_sequence is not null
  group by event_provider, run, block
),
whole as (
  select * from blocks where events = numbers and last_number - first_number + 1 = numbers
),
pieces as (
  select event_provider, run, first_number, last_number, null::timestamptz as event_time, null as origin from whole
  union all
  select event_provider, run, event_sequence, event_sequence, event_time, load_id || ':' || line
  from placed
  anti join whole using (event_provider, run, block)
  where event_sequence is not null
),
followed as (
  select *, lag(last_number) over (partition by event_provider, run order by first_number, event_time, origin) as previous
  from pieces
),
breaks as (
  select * from followed where first_number <> previous + 1
)
select
  event.event_provider,
  event.run,
  'unnumbered' as kind,
  null::bigint as first_missing,
  null::bigint as last_missing,
  event.event_time,
  event.load_id || ':' || event.line as origin
from placed as event
where event.event_sequence is null
union all
select
  event.event_provider,
  event.run,
  case when event.event_sequence = breaks.previous then 'repeated' else 'gap' end as kind,
  breaks.previous + 1 as first_missing,
  event.event_sequence - 1 as last_missing,
  event.event_time,
  event.load_id || ':' || event.line as origin
from breaks
join placed as event
  on event.event_provider = breaks.event_provider
  and event.run = breaks.run
  and event.event_sequence = breaks.first_number
  and coalesce(event.load_id || ':' || event.line = breaks.origin, true)
