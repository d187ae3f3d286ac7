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
may_use    = ["attestations", "access_events"]
rests_on   = []
limits     = "Knows only files that were delivered; that a whole log was never delivered, no file shows. A count that the producer states is believed. Without one, nobody can say that the file is whole: manual. Rejected lines count as explained by an attestation of kind explanation whose item is the load or the file. Late events are judged only if management set a limit."
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
no_control_total    = "The producer states no count to reconcile with"
[columns]
rows_read     = "Source records read"
control_total = "Source records that the producer states"
late_events   = "Events that came later than the limit; empty: no limit set"
longest_delay = "Longest time from an event to its arrival, whole seconds; empty: none, or not recorded"
largest_skew  = "Furthest that an event lies after its arrival (clocks that differ), whole seconds; empty: none, or not recorded"
*/
with
rejects as (    -- lines that nobody has explained
  select file.load_id, count(*) as lines_rejected, list(rejected.origin order by rejected.load_id, rejected.line) as origins
  from files_in_force as file
  join quarantine as rejected on list_contains(file.load_ids, rejected.load_id)
  where not exists (
    select explanation.attestation_id
    from attestations as explanation
    where explanation.control_id = 'IPE-01'
      and explanation.kind = 'explanation'
      and explanation.status = 'holds'
      and explanation.item in (rejected.load_id, file.item)
      and explanation.signed_at <= as_of()
      and (explanation.valid_to_at is null or explanation.valid_to_at > as_of())
  )
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
spans as (    -- files of one log, in order: where did those before reach to, and where do all end
  select
    load_id,
    coalesce(
      max(covers_to_at) over (
        partition by part
        order by covers_from_at, load_id
        rows between unbounded preceding and 1 preceding
      ),
      since()
    ) as reached_at,
    max(covers_to_at) over (partition by part) as ends_at
  from files_in_force
  where is_log and covers_from_at is not null and covers_to_at is not null
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
      when file.rows_read <> file.control_total then 'total_differs'
      when rejects.load_id is not null then 'unexplained_rejects'
      when file.covers_from_at > spans.reached_at then 'not_covered'
      when file.covers_to_at = spans.ends_at and file.covers_to_at < until() then 'not_covered'
      when file.extracted_at < case when file.is_log then least(file.covers_to_at, until()) else until() end
        then 'extracted_early'
      when arrivals.late_events > 0 then 'late_events'
      when file.extracted_at is null then 'undated'
      when file.is_log and spans.load_id is null then 'no_span'
      when file.control_total is null then 'no_control_total'
      when file.rows_read = file.control_total then 'reconciled'
    end as reason
  from files_in_force as file
  left join rejects using (load_id)
  left join arrivals using (load_id)
  left join spans using (load_id)
)
select
  item,
  extracted_at as item_at,
  table_name as subject,
  case
    when reason = 'reconciled' then 'pass'
    when reason = 'no_control_total' then 'manual'
    when reason in ('undated', 'no_span') then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  concat_ws('; ',
    format('{} records read, {} stated by the producer', rows_read, coalesce(control_total::varchar, 'none')),
    format('{} rejected lines not explained', lines_rejected),
    format('covers {} to {}', covers_from_at, covers_to_at),
    format('drawn {}', coalesce(extracted_at::varchar, 'nobody says when'))) as detail,
  null as cause,
  origins as lines,
  rows_read,
  control_total,
  late_events,
  longest_delay,
  largest_skew
from judged
