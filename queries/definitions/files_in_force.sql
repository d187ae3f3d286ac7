/*
title = "Files that count in this period: the snapshots in force, and the log files whose span meets it"
*/
-- One row per file: the newest snapshot of a table and part drawn by as_of(), which replaces earlier ones as a whole; of a log,
-- each file as it was loaded last. A log's loads add up, so faults of those that a file went on from still count: load_ids.
-- A log file goes on under any name. Where rotation gave one name to several, all but the newest carry their load in the item.
-- Mutation kept: `union` to `union all` in `not is_past union` — a load goes on from one other at most, so none comes up twice
with recursive
dated as (
  select
    *,
    table_name = 'access_events' as is_log,
    load_id in (select previous_load_id from loads) is not distinct from true as is_past,
    last_found_at < (select max(last_found_at) from loads) as was_not_found
  from loads
  where table_name = 'access_events' or extracted_at <= as_of()
),
histories as (    -- each log file, and the loads that it went on from
  select load_id, load_id as past_load_id, previous_load_id, is_rewritten
  from dated
  where is_log and not is_past
  union
  select histories.load_id, earlier.load_id, earlier.previous_load_id, earlier.is_rewritten
  from histories
  join loads as earlier on earlier.load_id = histories.previous_load_id
),
logs as (
  select load_id, bool_or(is_rewritten) as was_rewritten, list_sort(list(past_load_id)) as load_ids
  from histories
  group by load_id
),
ranked as (
  select
    dated.*,
    logs.was_rewritten,
    logs.load_ids,
    row_number() over (
      partition by table_name, part, case when is_log then load_id end
      order by extracted_at desc, loaded_at desc, load_id desc
    ) as age,
    row_number() over (partition by table_name, part, file_name order by loaded_at desc, load_id desc) as name_age
  from dated
  left join logs using (load_id)
  where logs.load_id is not null or not is_log
)
select
  format('{}/{}/{}', table_name, part, file_name) || case when is_log and name_age > 1 then ' / ' || load_id else '' end as item,
  load_id,
  coalesce(load_ids, [load_id]) as load_ids,
  table_name,
  part,
  file_name,
  format,
  sha256,
  is_log,
  coalesce(was_rewritten, is_rewritten) as was_rewritten,
  coalesce(was_not_found, false) and not is_past as is_missing,
  rows_read,
  rows_loaded,
  rows_duplicate,
  rows_ignored,
  rows_quarantined,
  rows_loaded + rows_duplicate + rows_ignored + rows_quarantined as rows_accounted,
  control_total,
  extracted_at,
  last_found_at,
  covers_from_at,
  covers_to_at,
  first_at,
  last_at
from ranked
where age = 1
  and (
    not is_log
    or coalesce(covers_from_at < until(), first_at < until(), true)
    and coalesce(covers_to_at > since(), last_at >= since(), true)
  )
