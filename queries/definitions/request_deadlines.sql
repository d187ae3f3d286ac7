/*
title = "The clock of each request of a person about their data"
*/
-- One row per request (of two rows with one id the first is shown): received_on, the day of its arrival in the company's
-- zone or the person's, whichever is earlier; base_on, the last day to carry it out; due_on, the same where an extension
-- counts, told by base_on and with a reason; longest_on, where any extension would end. law_due_on is the person's own law's.
-- Months end on the same date, or on the last of a shorter month; an extension runs from the receipt. By the strictest
-- clock the first of all days counts, but no law is stretched: Switzerland knows no extension.
-- Mutation kept: `<` to `<=` in `received_at < subject_midnight_at` — at that midnight itself the branch before it takes the request
-- Mutation kept: `coalesce(extended_at < received_at, false)` to `extended_at < received_at` — what is not known counts as no contradiction wherever it is read
with
requests as (
  select
    * exclude (privacy_request_id),
    coalesce(privacy_request_id, origin) as request_id,
    count(*) over same > 1 as is_repeated,
    list_sort(list(origin) over same) as lines,
    (received_at at time zone company_time_zone())::date as company_on,
    try_cast(received_at::date || ' 00:00 ' || subject_time_zone as timestamptz) as subject_midnight_at,
    try_cast((received_at::date + 1) || ' 00:00 ' || subject_time_zone as timestamptz) as next_midnight_at,
    case
      when received_at >= next_midnight_at then received_at::date + 1
      when received_at >= subject_midnight_at then received_at::date
      when received_at < subject_midnight_at then received_at::date - 1
    end as subject_on
  from privacy_requests
  window same as (partition by coalesce(privacy_request_id, origin))
  qualify row_number() over (partition by coalesce(privacy_request_id, origin) order by received_at, origin) = 1
),
days as (
  select
    *,
    least(company_on, subject_on) as received_on,
    (received_on + to_months(request_months()))::date as month_on,
    (received_on + to_months(request_months_extended()))::date as months_on,
    received_on + swiss_request_days() as swiss_on,
    received_on + california_request_days() as california_on,
    received_on + california_days_extended() as california_longest_on
  from requests
),
clocks as (
  select
    *,
    least(month_on, swiss_on) as strict_on,
    case when jurisdiction = 'CH' then strict_on else least(months_on, california_longest_on) end as strict_longest_on,
    case jurisdiction
      when 'EEA' then month_on
      when 'UK' then month_on
      when 'CH' then swiss_on
      when 'US-CA' then california_on
      else strict_on
    end as law_on,
    case jurisdiction
      when 'EEA' then months_on
      when 'UK' then months_on
      when 'CH' then swiss_on
      when 'US-CA' then california_longest_on
      else strict_longest_on
    end as law_longest_on,
    (extended_at at time zone company_time_zone())::date as extended_on,
    trim(extension_reason) <> '' as is_reasoned,
    case when clock_policy() = 'by_law' then law_on else strict_on end as base_on,
    case when clock_policy() = 'by_law' then law_longest_on else strict_longest_on end as longest_on
  from days
)
select
  request_id,
  person_id,
  account_id,
  kind,
  outcome,
  jurisdiction,
  received_at,
  received_on,
  base_on,
  longest_on,
  case when extended_on <= base_on and is_reasoned then longest_on else base_on end as due_on,
  case when extended_on <= law_on and is_reasoned then law_longest_on else law_on end as law_due_on,
  extended_on,
  is_repeated
    or coalesce(jurisdiction, '') not in ('EEA', 'UK', 'CH', 'US-CA', 'US', 'other', 'unknown')
    or coalesce(kind, '') not in
      ('know', 'access', 'portability', 'correct', 'delete', 'restrict', 'object', 'opt_out', 'limit', 'automated_decision', 'owner_export')
    or coalesce(outcome, 'denied') not in ('fulfilled', 'partly_fulfilled', 'denied', 'withdrawn')
    or coalesce(person_id, account_id) is null
    or (subject_time_zone is not null and subject_on is null)
    or coalesce(responded_at < received_at, false)
    or coalesce(extended_at < received_at, false) as is_contradictory,
  coalesce(kind, '') not in
    ('know', 'access', 'portability', 'correct', 'restrict', 'object', 'opt_out', 'limit', 'automated_decision', 'owner_export')
    and coalesce(outcome, '') not in ('denied', 'withdrawn') as is_erasure,
  lines
from clocks
