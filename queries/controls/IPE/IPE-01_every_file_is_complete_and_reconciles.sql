/*
id         = "IPE-01"
title      = "Every input file is complete, dated, and reconciles with its producer's count"
promise    = "(evidence completeness)"
source     = "No promise of the policy: what every other control rests on"
severity   = "critical"
kind       = "data"
tests      = "one file that counts in the period (table/part/path): a snapshot in force, or a log file whose span meets the period"
population = "select extracted_at as item_at from files_in_force"
repeats    = true
needs      = ["loads", "quarantine"]
may_use    = ["attestations", "access_events", "cases", "holidays"]
rests_on   = []
limits     = "Knows only files that were delivered; that a whole log was never delivered, no file shows. A count that the producer states is believed. Without one, nobody can say that the file is whole: manual. Rejected lines, and a file that is no longer in its place, count as explained by an attestation of kind explanation whose item is the load or the file; for a missing file it must be signed after the file was last found. Late events are judged only if management set a limit. Overlaps, jumps of running numbers and silent hours stand in the item's columns and are no fault here: records of an overlap count as duplicate, LOG-01a judges jumps, LOG-01d silence."
[clauses]
dpf  = ["III.7.e"]
gdpr = ["5(2)"]
ccpa = ["Regs 7122(d)", "Regs 7122(g)", "Regs 7123(e)(1)"]
[parameters.late_after_minutes]
type     = "integer"
unit     = "minutes"
source   = "management"
optional = true
meaning  = "An event that reaches the log later than this after it happened is late; unset: late events are counted nowhere and no fault"
[parameters.usual_events]
type    = "integer"
default = 7
unit    = "events an hour"
source  = "management"
meaning = "Usual count from which an empty hour is judged: an hour that usually has 7 is empty by chance less than once in a thousand"
[reasons]
reconciled          = "Whole by the producer's own count, drawn after the period, every line accounted for"
rewritten           = "Lines that had been loaded were changed or removed afterwards"
unbalanced          = "Records read are not loaded, duplicate, ignored and quarantined together"
total_differs       = "Not as many records as the producer states"
unexplained_rejects = "Lines could not be read, and nobody has explained them"
not_covered         = "The files of this log leave part of the period uncovered"
extracted_early     = "Drawn before the end of the period, or of the span that it is said to cover"
late_events         = "Events reached the log later than management allows"
undated             = "Nobody says when it was drawn"
no_span             = "Nobody says which span this log file covers"
missing             = "No longer in its place, and nobody has said where it is kept"
no_control_total    = "The producer states no count to reconcile with"
[columns]
rows_read              = "Source records read"
control_total          = "Source records that the producer states"
total_difference       = "Records read less those that the producer states; empty: none stated"
rows_loaded            = "Records that made rows"
rows_duplicate         = "Records that were loaded before"
rows_ignored           = "Records that are valid, but no access"
rows_quarantined       = "Records that could not be read"
first_at               = "Earliest event in the file"
last_at                = "Latest event in the file"
gap_before_seconds     = "Time between what the files of this log before it reach to, or the start of the period, and its own start, seconds; empty: no neighbor"
gap_after_seconds      = "Time from the end of the log's last file to the end of the period, seconds; empty: not the last, or no span stated"
overlap_before_seconds = "Time that the files of this log before it cover as well, seconds; empty: no neighbor"
numbers_missing        = "Running numbers that are missing before events of the file in the period; empty: no running numbers"
silent_hours           = "Hours of the file and period without an event that usually have some, maintenance left out; empty: no hour has a usual count"
times_loaded           = "Loads of the file: more than one where it grew or changed"
is_missing             = "It is no longer in its place"
was_rewritten          = "Lines of an earlier load of it are no longer as they were"
equal_files            = "The same bytes, also loaded as another log or table"
late_events            = "Events that came later than the limit; empty: no limit set"
longest_delay          = "Longest time from an event to its arrival, whole seconds; empty: none, or not recorded"
largest_skew           = "Furthest that an event lies after its arrival (clocks that differ), whole seconds; empty: none, or not recorded"
*/
with
explanations as (
  select item, signed_at
  from attestations
  where control_id = 'IPE-01'
    and kind = 'explanation'
    and status = 'holds'
    and signed_at <= as_of()
    and (valid_to_at is null or valid_to_at > as_of())
),
rejects as (    -- lines that nobody has explained
  select file.load_id, count(*) as lines_rejected, list(rejected.origin order by rejected.load_id, rejected.line) as origins
  from files_in_force as file
  join quarantine as rejected on list_contains(file.load_ids, rejected.load_id)
  where not exists (select item from explanations where item in (rejected.load_id, file.item))
  group by file.load_id
),
arrivals as (
  select
    loaded.load_id,
    case
      when late_after_minutes() is not null
        then count(*) filter (where event.event_ingested > event.event_time + to_minutes(late_after_minutes()))
    end as late_events,
    max(epoch_us(event.event_ingested) - epoch_us(event.event_time))
      filter (where event.event_ingested > event.event_time) // 1000000 as longest_delay,
    max(epoch_us(event.event_time) - epoch_us(event.event_ingested))
      filter (where event.event_time > event.event_ingested) // 1000000 as largest_skew
  from (select load_id, unnest(load_ids) as event_load_id from files_in_force) as loaded
  join access_events as event on event.load_id = loaded.event_load_id
  group by loaded.load_id
),
judged as (
  select
    file.*,
    rejects.lines_rejected,
    rejects.origins,
    arrivals.late_events,
    arrivals.longest_delay,
    arrivals.largest_skew,
    case
      when file.was_rewritten then 'rewritten'
      when file.rows_read <> file.rows_accounted then 'unbalanced'
      when file.total_difference <> 0 then 'total_differs'
      when rejects.load_id is not null then 'unexplained_rejects'
      when file.is_span_stated and file.gap_before_seconds > 0 then 'not_covered'
      when file.gap_after_seconds > 0 then 'not_covered'
      when file.extracted_at < case when file.is_log then least(file.covers_to_at, until()) else until() end
        then 'extracted_early'
      when arrivals.late_events > 0 then 'late_events'
      when file.extracted_at is null then 'undated'
      when file.is_log and not file.is_span_stated then 'no_span'
      when file.is_missing
        and not exists (
          select item
          from explanations
          where item in (file.load_id, file.item) and signed_at > file.last_found_at
        ) then 'missing'
      when file.control_total is null then 'no_control_total'
      when file.total_difference = 0 then 'reconciled'
    end as reason
  from file_reconciliation as file
  left join rejects using (load_id)
  left join arrivals using (load_id)
)
select
  item,
  extracted_at as item_at,
  table_name as subject,
  case
    when reason = 'reconciled' then 'pass'
    when reason in ('missing', 'no_control_total') then 'manual'
    when reason in ('undated', 'no_span') then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  concat_ws('; ',
    format('{} records read, {} stated by the producer', rows_read, coalesce(control_total::varchar, 'none')),
    format('{} rejected lines not explained', lines_rejected),
    format('covers {} to {}', covers_from_at, covers_to_at),
    case when is_span_stated and gap_before_seconds > 0
      then format('nothing covers the {} before', to_days((gap_before_seconds // 86400)::integer) + to_seconds(gap_before_seconds % 86400)) end,
    case when gap_after_seconds > 0
      then format('nothing covers the {} after', to_days((gap_after_seconds // 86400)::integer) + to_seconds(gap_after_seconds % 86400)) end,
    format('drawn {}', coalesce(extracted_at::varchar, 'nobody says when')),
    case when is_missing then format('last found {}', last_found_at) end) as detail,
  null as cause,
  origins as lines,
  rows_read,
  control_total,
  total_difference,
  rows_loaded,
  rows_duplicate,
  rows_ignored,
  rows_quarantined,
  first_at,
  last_at,
  gap_before_seconds,
  gap_after_seconds,
  overlap_before_seconds,
  numbers_missing,
  silent_hours,
  len(load_ids) as times_loaded,
  is_missing,
  was_rewritten,
  equal_files,
  late_events,
  longest_delay,
  largest_skew
from judged
