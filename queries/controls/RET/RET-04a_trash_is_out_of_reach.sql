/*
id         = "RET-04a"
title      = "What was put in trash can't be reached"
promise    = "Anything you trash on your product accounts while they are active may be kept but not accessible."
source     = "What happens when you delete data in your product accounts"
severity   = "medium"
kind       = "data"
tests      = "one record that was in trash in the period, of an account that was not canceled all the while (record)"
repeats    = true
needs      = ["records", "access_events"]
may_use    = ["accounts"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees reads under the paths that a record names, in the period, and records that the export calls accessible. Reads are those of customers and of strangers without a login, whatever account they name, from the very moment of the trashing to the deletion; changes, such as bringing a record back, are not looked at. \
A record that was brought back is no longer trash, and what was read before is not seen. Our own people are ACC-01's, canceled accounts RET-03's. How long trash may be kept is RET-04b's."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)", "25"]
ccpa = ["1798.100(a)(3)"]
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
out_of_reach    = "Not accessible at the export, and not read in the period"
read            = "Read on the customer's side while it was in trash"
accessible      = { text = "In trash, and the account's users can reach it", stays_open = true }
outcome_unclear = "A read was tried while it was in trash, and nobody knows whether it succeeded"
reach_unknown   = { text = "Nobody says whether the account's users can reach it", stays_open = true }
paths_unknown   = { text = "Nobody says under which paths it was served, so reads can't be found", stays_open = true }
contradiction   = { text = "Its rows or moments contradict each other", stays_open = true }
[columns]
reads         = "Reads that succeeded in the period, while it was in trash"
first_read_at = "First of them"
deleted_at    = "Moment of its deletion; null: still there"
*/
with
trash as (
  select
    record_id,
    min(account_id) as account_id,
    min(store_id) as store_id,
    min(trashed_at) as trashed_at,
    case when count(deleted_at) = count(*) then max(deleted_at) end as deleted_at,
    bool_or(is_accessible) as is_accessible,
    min(url_paths) as url_paths,
    count(*) > 1 or bool_or(trashed_at < created_at or deleted_at < trashed_at) as is_contradictory,
    list_sort(list(origin)) as lines
  from records
  group by record_id
  having min(trashed_at) < until() and (count(deleted_at) < count(*) or max(deleted_at) > since())
),
items as (
  select *, coalesce(deleted_at, 'infinity') as gone_at
  from trash
  where not exists (
    from canceled_spans as span
    where span.account_id = trash.account_id
      and span.canceled_at <= greatest(trash.trashed_at, since())
      and span.ended_at >= least(trash.deleted_at, until())
  )
),
sightings as (
  select
    item.record_id,
    count(distinct read.event_id) filter (where read.event_outcome = 'success') as reads,
    min(read.event_time) filter (where read.event_outcome = 'success') as first_read_at,
    list_sort(list(distinct read.origin)) as lines
  from items as item
  join reads_out_of_reach as read
    on read.record_id = item.record_id
    and read.event_time >= greatest(item.trashed_at, since())
    and read.event_time < until()
  where not exists (
    from canceled_spans as span
    where span.account_id = item.account_id and read.event_time >= span.canceled_at and read.event_time < span.ended_at
  )
  group by item.record_id
),
standings as (    -- the export tells of what is kept today; in canceled accounts that is RET-03's
  select
    *,
    gone_at > as_of()
      and not exists (from canceled_spans as span where span.account_id = items.account_id and span.ended_at > as_of()) as is_standing
  from items
),
judged as (
  select
    item.*,
    coalesce(sighting.reads, 0) as reads,
    sighting.first_read_at,
    sighting.lines as read_lines,
    case
      when item.is_contradictory then 'contradiction'
      when sighting.reads > 0 then 'read'
      when item.is_standing and item.is_accessible then 'accessible'
      when sighting.reads = 0 then 'outcome_unclear'
      when item.is_standing and item.is_accessible is null then 'reach_unknown'
      when item.url_paths is null then 'paths_unknown'
      when sighting.reads is null then 'out_of_reach'
    end as reason
  from standings as item
  left join sightings as sighting on sighting.record_id = item.record_id
)
select
  record_id as item,
  trashed_at as item_at,
  account_id as subject,
  case
    when reason = 'out_of_reach' then 'pass'
    when reason in ('read', 'accessible') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'trashed {} UTC, {} reads since in the period, {}',
    strftime(trashed_at, '%Y-%m-%d %H:%M'),
    reads,
    case when deleted_at is null then 'not deleted' else format('deleted {}', strftime(deleted_at, '%Y-%m-%d %H:%M')) end
  ) as detail,
  case when reason = 'accessible' then store_id end as cause,
  list_concat(lines, read_lines) as lines,
  reads,
  first_read_at,
  deleted_at
from judged
