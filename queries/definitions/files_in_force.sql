/*
title = "Files that count in this period: the snapshots in force, and the log files whose span meets it"
*/
-- One row per file: the newest snapshot of a table and part drawn by as_of(); of a log, the newest load of each file.
-- A log's loads add up, so faults of its earlier loads still count; an earlier snapshot is replaced as a whole.
with
dated as (
  select
    *,
    table_name = 'access_events' as is_log,
    case when table_name = 'access_events' then file_name end as log_file
  from loads
  where table_name = 'access_events' or extracted_at <= as_of()
),
aged as (
  select
    *,
    bool_or(is_rewritten) over file as was_rewritten,
    list(load_id) over file as load_ids,
    row_number() over (
      partition by table_name, part, log_file
      order by extracted_at desc nulls last, loaded_at desc, load_id desc
    ) as age
  from dated
  window file as (partition by part, log_file)
)
select
  format('{}/{}/{}', table_name, part, file_name) as item,
  load_id,
  case when is_log then load_ids else [load_id] end as load_ids,
  table_name,
  part,
  is_log,
  case when is_log then was_rewritten else is_rewritten end as was_rewritten,
  rows_read,
  rows_loaded + rows_duplicate + rows_ignored + rows_quarantined as rows_accounted,
  control_total,
  extracted_at,
  covers_from_at,
  covers_to_at
from aged
where age = 1
  and (
    not is_log
    or coalesce(covers_from_at < until(), first_at < until(), true)
    and coalesce(covers_to_at > since(), last_at >= since(), true)
  )
