/*
title = "Where the running numbers of a log jump, repeat or are missing"
*/
-- One row per event whose number does not follow the one before it in its run. Number 1 begins a new run.
-- In the very second of a restart, what stands in another file, or above it, came before.
-- Numbers are laid out in blocks of 64, a bit each: a block whose bits are one unbroken row needs no look at its events.
-- Mutation kept: `distinct` removed in `select distinct event_provider` — a semi join needs each log once, more do not matter
-- Mutation kept: `64` to `63` in `event.event_sequence // 64` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `64` to `65` in `event.event_sequence // 64` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `min(` to `max(` in `min(event_sequence)` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `max(` to `min(` in `max(event_sequence)` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `when event_sequence >= 0 then 1::ubigint << (event_sequence % 64)` removed — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `>=` to `>` in `event_sequence >= 0` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `0` to `(-1)` in `event_sequence >= 0` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `0` to `1` in `event_sequence >= 0` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `1` to `0` in `1::ubigint << (event_sequence % 64)` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `1` to `2` in `1::ubigint << (event_sequence % 64)` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `64` to `63` in `event_sequence % 64` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `64` to `65` in `event_sequence % 64` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `1` to `2` in `last_number - first_number + 1 = numbers` — no other block is taken for whole, and one that is not is looked at event by event; it would only be slow
-- Mutation kept: `where event_sequence is not null` dropped — only keeps logs without numbers out of the table; the control leaves them out
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
    arg_min(event_time, event_sequence) as event_time,
    arg_min(load_id, event_sequence) as load_id,
    arg_min(line, event_sequence) as line,
    count(*) as events,
    bit_count(bit_or(case when event_sequence >= 0 then 1::ubigint << (event_sequence % 64) end)) as numbers
  from placed
  group by event_provider, run, block
),
whole as (
  select * from blocks where events = numbers and last_number - first_number + 1 = numbers
),
pieces as (
  select event_provider, run, first_number, last_number, event_time, load_id || ':' || line as origin from whole
  union all
  select event_provider, run, event_sequence, event_sequence, event_time, load_id || ':' || line
  from placed
  anti join whole using (event_provider, run, block)
),
followed as (
  select *, lag(last_number) over (partition by event_provider, run order by first_number, event_time, origin) as previous
  from pieces
)
select
  event_provider,
  run,
  case
    when first_number is null then 'unnumbered'
    when first_number = previous then 'repeated'
    else 'gap'
  end as kind,
  previous + 1 as first_missing,
  first_number - 1 as last_missing,
  event_time,
  origin
from followed
where first_number is null or first_number <> previous + 1
