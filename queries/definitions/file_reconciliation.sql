/*
title = "Each file that counts in this period, with all that it is reconciled by"
*/
-- One row per file in force. A span is what the producer states, else from the first to the last event; durations in whole
-- seconds, a begun one counts. Neighbors are files of the same log, by time; jumps and silent hours are those of the period.
-- Null: not known. No neighbor, no running numbers, no hour of the file that has a usual count.
with
spans as (
  select
    load_id,
    part,
    covers_from_at is not null and covers_to_at is not null as is_stated,
    coalesce(covers_from_at, first_at) as from_at,
    coalesce(covers_to_at, last_at) as to_at
  from files_in_force
  where is_log
),
neighbors as (
  select
    *,
    max(to_at) over (
      partition by part
      order by from_at, to_at, load_id
      rows between unbounded preceding and 1 preceding
    ) as before_at,
    max(to_at) over (partition by part) as ends_at
  from spans
  where from_at is not null
),
distances as (    -- microseconds; below zero is no distance
  select
    load_id,
    is_stated,
    epoch_us(from_at) - epoch_us(coalesce(before_at, case when is_stated then since() end)) as gap_before,
    case when is_stated and to_at = ends_at then epoch_us(until()) - epoch_us(to_at) end as gap_after,
    epoch_us(case when before_at is not null then least(before_at, to_at) end) - epoch_us(from_at) as overlap_before
  from neighbors
),
histories as (
  select load_id, unnest(load_ids) as event_load_id from files_in_force
),
numbered as (
  select distinct histories.load_id
  from histories
  join (select distinct load_id from access_events where event_sequence is not null) as loaded
    on loaded.load_id = histories.event_load_id
),
jumps as (
  select histories.load_id, sum(breaks.last_missing - breaks.first_missing + 1)::bigint as numbers_missing
  from histories
  join sequence_breaks as breaks on split_part(breaks.origin, ':', 1) = histories.event_load_id
  where breaks.kind = 'gap' and breaks.event_time >= since() and breaks.event_time < until()
  group by histories.load_id
),
hours as (
  select spans.load_id, count(silent_hours.hour_at) filter (where silent_hours.maintenance_origin is null) as silent_hours
  from spans
  join log_hours
    on log_hours.event_provider = spans.part
    and log_hours.hour_at >= spans.from_at
    and log_hours.hour_at < spans.to_at
  left join silent_hours using (event_provider, hour_at)
  where log_hours.usual_count >= usual_events() and log_hours.hour_at >= since() and log_hours.hour_at < until()
  group by spans.load_id
),
twins as (    -- the same bytes as another log or table: counted twice
  select file.load_id, list_sort(list(distinct format('{}/{}/{}', twin.table_name, twin.part, twin.file_name))) as equal_files
  from files_in_force as file
  join loads as twin
    on twin.sha256 = file.sha256
    and (twin.table_name, twin.part) <> (file.table_name, file.part)
  group by file.load_id
)
select
  file.*,
  file.rows_read - file.control_total as total_difference,
  coalesce(distances.is_stated, false) as is_span_stated,
  case when gap_before is not null then greatest(ceil(gap_before / 1000000)::bigint, 0) end as gap_before_seconds,
  case when gap_after is not null then greatest(ceil(gap_after / 1000000)::bigint, 0) end as gap_after_seconds,
  case when overlap_before is not null then greatest(ceil(overlap_before / 1000000)::bigint, 0) end as overlap_before_seconds,
  case when numbered.load_id is not null then coalesce(jumps.numbers_missing, 0) end as numbers_missing,
  hours.silent_hours,
  coalesce(twins.equal_files, []) as equal_files
from files_in_force as file
left join distances using (load_id)
left join numbered using (load_id)
left join jumps using (load_id)
left join hours using (load_id)
left join twins using (load_id)
