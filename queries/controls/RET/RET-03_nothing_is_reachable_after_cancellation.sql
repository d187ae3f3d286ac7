/*
id         = "RET-03"
title      = "After a cancellation nothing of the account can be reached in the product"
promise    = "there is no period of data being kept in accessible trash can"
source     = "What happens when you delete data in your product accounts"
severity   = "high"
kind       = "data"
tests      = "one canceled span of an account that lasted in the period (account, day of cancellation)"
repeats    = true
needs      = ["accounts", "access_events", "records"]
may_use    = ["data_classes"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees reads that the logs name by the account or by the path of a record, in the period, and records that the export calls accessible; what no log and no record shows is not seen. \
Reads are uses of the product by customers and by strangers without a login, from the very moment of the cancellation until a reactivation; changes are not looked at. Signing in alone is no read (DET-14 has it), nor are pages of invoices. \
Our own people are ACC-01's. Whether the data are purged is RET-01's. Standing: records still open are told anew in each period."""
[clauses]
dpf  = ["II.5", "II.5.b"]
gdpr = ["5(1)(e)"]
[parameters.paths_without_content]
type    = "varchar[]"
default = ["/invoices", "/billing", "/session", "/login", "/logout"]
source  = "management"
meaning = "Beginnings of the paths of pages that show no content and stay open after a cancellation: invoices, signing in and out"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
closed          = "No read on the customer's side in the period, and no record that is open"
reached         = "Content was read on the customer's side after the cancellation"
accessible      = { text = "A record of the account can still be reached by its users", stays_open = true }
outcome_unclear = "A read was tried after the cancellation, and nobody knows whether it succeeded"
reach_unknown   = { text = "Records are kept of which nobody says whether they can be reached", stays_open = true }
undated         = { text = "Nobody knows when the account was canceled", stays_open = true }
contradiction   = { text = "The account's rows contradict each other or hold an unknown status", stays_open = true }
[columns]
reads         = "Reads that succeeded in the period, after the cancellation"
first_read_at = "First of them"
last_read_at  = "Last of them"
open_records  = "Records still kept that its users can reach, at the export"
kept_records  = "Records still kept, invoices left out"
*/
with
spans as (
  select *
  from canceled_spans
  where coalesce(canceled_at < until(), true) and ended_at > since()
),
sightings as (
  select
    span.account_id,
    span.canceled_on,
    count(distinct read.event_id) filter (where read.event_outcome = 'success') as reads,
    min(read.event_time) filter (where read.event_outcome = 'success') as first_read_at,
    max(read.event_time) filter (where read.event_outcome = 'success') as last_read_at,
    list_sort(list(distinct read.origin)) as lines
  from spans as span
  join reads_out_of_reach as read
    on read.account_id = span.account_id
    and read.event_time >= greatest(span.canceled_at, since())
    and read.event_time < least(span.ended_at, until())
  group by span.account_id, span.canceled_on
),
kept as (    -- the export tells what can be reached today, so this is said of cancellations that last
  select
    account_id,
    count(*) as kept_records,
    count(*) filter (where is_accessible) as open_records,
    count(*) filter (where is_accessible is null) as unclear_records,
    min(store_id) filter (where is_accessible) as open_store_id,
    min(origin, 100) filter (where is_accessible is distinct from false) as lines
  from records
  where (deleted_at is null or deleted_at > as_of())
    and data_class_id not in (select data_class_id from data_classes where kind = 'billing')
  group by account_id
),
judged as (
  select
    span.account_id,
    span.canceled_on,
    coalesce(sighting.reads, 0) as reads,
    sighting.first_read_at,
    sighting.last_read_at,
    coalesce(kept.open_records, 0) as open_records,
    coalesce(kept.kept_records, 0) as kept_records,
    kept.open_store_id,
    list_concat(span.lines, sighting.lines, kept.lines) as lines,
    case
      when span.canceled_on is null then 'undated'
      when span.is_contradictory then 'contradiction'
      when sighting.reads > 0 then 'reached'
      when kept.open_records > 0 then 'accessible'
      when sighting.reads = 0 then 'outcome_unclear'
      when kept.unclear_records > 0 then 'reach_unknown'
      when sighting.reads is null then 'closed'
    end as reason
  from spans as span
  left join sightings as sighting on sighting.account_id = span.account_id and sighting.canceled_on = span.canceled_on
  left join kept on kept.account_id = span.account_id and span.ended_at > as_of()
)
select
  concat_ws(' / ', account_id, coalesce(canceled_on::varchar, 'undated')) as item,
  canceled_on::timestamptz as item_at,
  account_id as subject,
  case
    when reason = 'closed' then 'pass'
    when reason in ('reached', 'accessible') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'canceled {}, {} reads since in the period{}, {} of {} records kept are open',
    coalesce(canceled_on::varchar, 'on an unknown day'),
    reads,
    coalesce(format(' (the last {} UTC)', strftime(last_read_at, '%Y-%m-%d %H:%M')), ''),
    open_records,
    kept_records
  ) as detail,
  case when reason = 'accessible' then open_store_id end as cause,
  lines,
  reads,
  first_read_at,
  last_read_at,
  open_records,
  kept_records
from judged
