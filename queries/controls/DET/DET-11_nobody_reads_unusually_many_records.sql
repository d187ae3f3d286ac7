/*
id         = "DET-11"
title      = "Nobody of ours reads or exports far more records than on the own busiest day before"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one person of ours and UTC day with accesses to customer data (person / day); records count on the day on which the window ends"
needs      = ["access_events", "people", "access_grants"]
rests_on   = ["IPE-01", "IPE-02"]
needs_nobody = ["short_baseline"]
limits     = """A lead, never certain: what no basis permits is ACC-01's exception. The window slides with each access; one exactly one window \
before is inside. The baseline is the person's own busiest UTC day in the days before. Below the floor nothing is unusual; above it, with too \
few days of the own to compare with, the day is unknown. Records of an action that an approved grant of the person names for the account, such \
as the export that a warrant asks for, are not counted. Counts what the log counts: an access without a number of records counts none, an \
export without one is unknown. Public rule sets: Microsoft Sentinel's hunting query 8699df3f-e89e-431f-9dea-056c4ce7014a, User returning more \
data than daily average; MITRE ATT&CK's detection strategy DET0500 leaves the threshold open."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["5(1)(f)", "32(1)(d)", "32(4)"]
[parameters.many_records_hours]
type    = "integer"
default = 24
unit    = "hours"
source  = "management"
meaning = "Length of the window in which records are counted; a day, as in Microsoft Sentinel's query 8699df3f on returned rows"
[parameters.many_records_floor]
type    = "integer"
default = 10000
unit    = "records"
source  = "management"
meaning = "Records in one window below which nothing is unusual; the baseline of the same query"
[parameters.many_records_factor]
type    = "integer"
default = 5
unit    = "times"
source  = "management"
meaning = "More than this many times the own busiest day before is unusual; the factor of the same query"
[parameters.records_span_days]
type    = "integer"
default = 90
unit    = "days"
source  = "management"
meaning = "Days before that make the baseline; the same query takes 7 times the span looked at"
[parameters.records_active_days]
type    = "integer"
default = 10
unit    = "days"
source  = "management"
meaning = "Days with accesses in that span below which the baseline is too short; Microsoft Sentinel's UEBA takes 10 days for rare activities"
[reasons]
few_records    = "Fewer records than the floor in every window"
like_before    = "Many records, but not unusual for the person"
named_export   = "Many records, but few beyond those that an approved grant names by its action"
many_records   = "Far more records than on the person's busiest day before"
short_baseline = "More records than the floor, and the person had accesses on too few days before"
uncounted      = { text = "An export of which the log does not say how many records it took", stays_open = true }
[columns]
records       = "Most records in one window that ends on the day, without those that a grant names"
first_at      = "First access of that window"
last_at       = "Last access of that window"
busiest       = "Records of the person's busiest day in the span before"
baseline_days = "Days with accesses in the span before"
*/
with
named as (    -- a grant that lists its actions was approved for just these
  select distinct work.event_id
  from staff_work as work
  join access_grants as permit
    on permit.person_id = work.person_id
    and list_contains(permit.actions, work.event_action)
    and coalesce(permit.account_id, work.account_id) is not distinct from work.account_id
    and permit.approved_by_person_id <> permit.person_id
    and permit.valid_from_at <= work.event_time
    and least(permit.valid_to_at, permit.revoked_at) > work.event_time
),
accesses as (
  select
    work.person_id,
    work.event_time,
    work.event_time::date as day,
    case when named.event_id is null then coalesce(work.record_count, 0) else 0 end as records,
    coalesce(work.record_count, 0) as all_records,
    work.event_action = 'export' and work.record_count is null as is_uncounted,
    work.origin
  from staff_work as work
  left join named using (event_id)
  where work.is_access
),
days as (
  select
    person_id,
    day,
    sum(records)::bigint as records,
    sum(all_records)::bigint as all_records,
    bool_or(is_uncounted) as is_uncounted
  from accesses
  group by person_id, day
),
compared as (
  select
    *,
    (sum(all_records) over reach)::bigint as most_records,
    max(records) over earlier as busiest,
    count(*) over earlier as baseline_days
  from days
  window
    reach as (partition by person_id order by day range between to_days((many_records_hours() + 23) // 24) preceding and current row),
    earlier as (partition by person_id order by day range between to_days(records_span_days()) preceding and interval 1 day preceding)
),
windows as (
  select
    accesses.*,
    (sum(records) over recent)::bigint as window_records,
    (sum(all_records) over recent)::bigint as window_all_records,
    min(event_time) over recent as first_at
  from accesses
  where person_id in (select person_id from compared where most_records >= many_records_floor())    -- only they need the windows
  window recent as (partition by person_id order by event_time range between to_hours(many_records_hours()) preceding and current row)
),
fullest as (
  select person_id, day, window_records as records, first_at, event_time as last_at
  from windows
  where window_all_records >= many_records_floor()
  qualify row_number() over (partition by person_id, day order by window_records desc, event_time) = 1
),
shown as (
  select fullest.person_id, fullest.day, list(windows.origin order by windows.event_time, windows.origin) as origins
  from fullest
  join windows
    on windows.person_id = fullest.person_id
    and windows.event_time >= fullest.first_at
    and windows.event_time <= fullest.last_at
  group by fullest.person_id, fullest.day
),
judged as (
  select
    compared.person_id,
    compared.day,
    coalesce(fullest.records, compared.records) as records,
    fullest.first_at,
    fullest.last_at,
    compared.busiest,
    compared.baseline_days,
    shown.origins,
    case
      when fullest.records >= many_records_floor() and compared.baseline_days >= records_active_days()
        and fullest.records > many_records_factor() * compared.busiest then 'many_records'
      when compared.is_uncounted then 'uncounted'
      when fullest.records >= many_records_floor() and compared.baseline_days < records_active_days() then 'short_baseline'
      when fullest.records >= many_records_floor() then 'like_before'
      when fullest.records < many_records_floor() then 'named_export'
      else 'few_records'
    end as reason
  from compared
  left join fullest using (person_id, day)
  left join shown using (person_id, day)
)
select
  format('{} / {}', person_id, day) as item,
  day::timestamptz as item_at,
  person_id as subject,
  case
    when reason in ('few_records', 'like_before', 'named_export') then 'pass'
    when reason = 'many_records' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  coalesce(
    format('{} records in {} hours, from {} to {}; busiest day before {}, of {} days',
      records, many_records_hours(), first_at, last_at, coalesce(busiest::varchar, 'none'), baseline_days),
    format('{} records', records)) as detail,
  null as cause,
  origins as lines,
  records,
  first_at,
  last_at,
  busiest,
  baseline_days
from judged
