/*
id         = "DSR-11a"
title      = "The record of every request that was answered holds all that the law asks for"
promise    = "(records duty)"
source     = "Your rights with respect to your information"
severity   = "medium"
kind       = "data"
tests      = "one request of a person about their data that was answered or closed in the period: request"
needs      = ["privacy_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Asks for the day, nature and manner of the request, the day and nature of the answer, and the ground of a refusal, in whole or in part. An open request becomes an item when it is answered or closed; that it is overdue is \
DSR-01's and DSR-03's. One that was withdrawn needs no answer. Whether what the record says is true, and whether it is used for anything else, is not in these data."""
[clauses]
dpf  = ["III.7.e"]
gdpr = ["5(2)"]
ccpa = ["Regs 7101(a)", "Regs 7101(b)"]
[reasons]
complete      = "All that must be recorded is there"
incomplete    = { text = "Something that must be recorded is missing", stays_open = true }
contradiction = { text = "Stands on record twice, was answered before it came, or holds an unknown code", stays_open = true }
[columns]
missing = "What is missing"
*/
with
requests as (    -- of two rows with one id the first is shown
  select
    *,
    coalesce(privacy_request_id, origin) as request_id,
    count(*) over (partition by coalesce(privacy_request_id, origin)) > 1 as is_repeated
  from privacy_requests
  qualify row_number() over (partition by coalesce(privacy_request_id, origin) order by received_at, origin) = 1
),
judged as (
  select
    *,
    list_filter([
      case when received_at is null then 'date' end,
      case when kind is null then 'nature' end,
      case when channel is null then 'manner' end,
      case when responded_at is null and outcome <> 'withdrawn' then 'date of the answer' end,
      case when outcome is null then 'nature of the answer' end,
      case when outcome in ('denied', 'partly_fulfilled') and coalesce(trim(denial_reason), '') = '' then 'ground of the refusal' end
    ], lambda name: name is not null) as missing,
    case
      when is_repeated
        or responded_at < received_at
        or kind not in
          ('know', 'access', 'portability', 'correct', 'delete', 'restrict', 'object', 'opt_out', 'limit', 'automated_decision', 'owner_export')
        or outcome not in ('fulfilled', 'partly_fulfilled', 'denied', 'withdrawn') then 'contradiction'
      when missing <> [] then 'incomplete'
      when missing = [] then 'complete'
    end as reason
  from requests
  where responded_at is not null or outcome is not null
)
select
  request_id as item,
  coalesce(responded_at, received_at) as item_at,
  request_id as subject,
  case
    when reason = 'complete' then 'pass'
    when reason = 'incomplete' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  case
    when missing = [] then format('{} by {}, {}', kind, channel, outcome)
    else 'missing: ' || array_to_string(missing, ', ')
  end as detail,
  null as cause,
  [origin] as lines,
  missing
from judged
