/*
id         = "DSR-11b"
title      = "The record of every request is kept for the months that the law asks for"
promise    = "(records duty)"
source     = "Your rights with respect to your information"
severity   = "medium"
kind       = "data"
repeats    = true
tests      = "one request that an earlier export of the register names and whose months are not over: request"
needs      = ["privacy_requests", "loads"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Compares the newest export of the register with all earlier ones that were loaded: without an earlier one there is nothing to test, and what came and went between two exports left no trace. The months count from the \
receipt; a record whose months were over on the day of the first export without it is left out. That it is used for nothing else is not in these data."""
[clauses]
dpf  = ["III.7.e"]
gdpr = ["5(2)"]
ccpa = ["Regs 7101(a)"]
[parameters.request_record_months]
type    = "integer"
default = 24
unit    = "months"
source  = "law"
meaning = "From the day a request is received to the last day on which its record must be kept"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
kept     = "In an earlier export, and in the newest"
vanished = { text = "In an earlier export, and not in the newest, though its months were not over", stays_open = true }
undated  = { text = "In an earlier export, not in the newest, and nobody knows when it was received", stays_open = true }
[columns]
keep_until_on = "Last day on which the record must be kept"
last_seen_at  = "Moment of the last export that names it, UTC"
missing_at    = "Moment of the first export after it, UTC; null: it is in the newest"
*/
with
exports as (
  select
    load_id,
    part,
    extracted_at,
    row_number() over (partition by part order by extracted_at, loaded_at, load_id) as place,
    count(*) over (partition by part) as places,
    lead(extracted_at) over (partition by part order by extracted_at, loaded_at, load_id) as next_at
  from loads
  where table_name = 'privacy_requests' and extracted_at <= as_of()
),
sightings as (
  select
    coalesce(request.privacy_request_id, request.origin) as request_id,
    max({place: export.place, part: export.part, seen_at: export.extracted_at, next_at: export.next_at, origin: request.origin}) as last_seen,
    bool_or(export.place < export.places) as was_before,
    bool_or(export.place = export.places) as is_there,
    min(request.received_at) as received_at
  from history.privacy_requests as request
  join exports as export on export.load_id = request.load_id
  group by all
),
judged as (
  select
    *,
    ((received_at at time zone company_time_zone())::date + to_months(request_record_months()))::date as keep_until_on,
    case when not is_there then last_seen.next_at end as missing_at,
    case
      when is_there then 'kept'
      when received_at is null then 'undated'
      when not is_there then 'vanished'
    end as reason
  from sightings
  where was_before
)
select
  request_id as item,
  received_at as item_at,
  request_id as subject,
  case reason
    when 'kept' then 'pass'
    when 'vanished' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'received {}, to be kept until {}, {}',
    coalesce(strftime(received_at, '%Y-%m-%d'), 'on an unknown day'),
    coalesce(keep_until_on::varchar, 'an unknown day'),
    coalesce('gone in the export of ' || strftime(missing_at, '%Y-%m-%d'), 'on record')
  ) as detail,
  null as cause,
  [last_seen.origin] as lines,
  keep_until_on,
  last_seen.seen_at as last_seen_at,
  missing_at
from judged
where coalesce(keep_until_on >= (coalesce(missing_at, as_of()) at time zone company_time_zone())::date, true)
