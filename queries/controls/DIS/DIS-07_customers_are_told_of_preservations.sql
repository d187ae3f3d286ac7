/*
id         = "DIS-07"
title      = "The customer is told of a preservation as soon as possible, unless the law forbids it"
promise    = "In these situations, we notify affected customers as soon as possible unless we are legally prohibited from doing so."
source     = "When we access or share your information"
severity   = "medium"
kind       = "data"
tests      = "one preservation request about an account, not refused, whose last day for the notice falls in the period: request"
needs      = ["legal_requests", "notices"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed papers and notices. "As soon as possible" has no number in the policy: management's days, from the receipt or from the end of a gag. \
A notice counts if it names the request and its account and did not come back; what it says is not read. A gag counts with a law behind it, and if it was there by the last day: \
a letter under Section 2703(f) carries none. An order on the process that followed forbids to speak of the preservation, too. Refused requests, requests about none of our accounts \
and renewals are no items; notices of requests for data are DIS-03's. Papers of which no details may leave the store are left out (DIS-05)."""
[clauses]
dpf  = ["II.7.a.ii", "III.16.a"]
gdpr = ["13"]
[parameters.asap_days]
type    = "integer"
default = 7
unit    = "days"
source  = "management"
meaning = "From the receipt of a preservation request, or from the end of a gag, to the last day on which the customer may be told: the policy says 'as soon as possible'"
[parameters.gag_recheck_days]
type    = "integer"
default = 365
unit    = "days"
source  = "management"
meaning = "From the start of a gag without end, or from the last look at it, to the day by which somebody must see again that it holds"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
told           = "Told by the last day"
told_after_gag = "Told after the last day, while a gag was in force or within the days after it"
late           = "Told after the last day"
not_told       = { text = "Not told, and the last day is over", stays_open = true }
bounced        = { text = "Every notice came back, and the last day is over", stays_open = true }
gagged         = { text = "Not told, since an order with a law behind it forbids it", stays_open = true }
recheck_due    = { text = "Not told, since an order without end forbids it; nobody has looked for long whether it still holds", stays_open = true }
withdrawn      = "Not told; the request was withdrawn, and somebody must judge whether the customer was affected"
gag_unclear    = { text = "A gag would excuse it, but its law, state, start or dates are missing or contradict each other", stays_open = true }
undated        = { text = "Nobody knows when the request was received, or when the notice was sent", stays_open = true }
contradiction  = { text = "The rows or moments contradict each other, or its state is unknown", stays_open = true }
[columns]
last_on  = "Last day for the notice, from the receipt"
moved_on = "The same, as gags moved it; null: a gag is in force"
told_on  = "Day on which the first notice that did not come back was sent"
*/
with
papers as (    -- of two rows with one id the first is shown, and neither believed
  select
    *,
    coalesce(legal_request_id, origin) as request_id,
    count(*) over same > 1 as is_repeated,
    bool_or(kind = 'preservation') over same as is_preservation,
    coalesce(bool_or(instrument in ('national_security_letter', 'fisa_order')) over same, false) as is_secret,
    list_sort(list(origin) over same) as lines
  from legal_requests
  window same as (partition by coalesce(legal_request_id, origin))
  qualify row_number() over (partition by coalesce(legal_request_id, origin) order by origin) = 1
),
requests as (
  select
    *,
    (received_at at time zone company_time_zone())::date + asap_days() as last_on,
    (as_of() at time zone company_time_zone())::date as seen_on
  from papers
  where is_preservation and not is_secret and account_id is not null and status is distinct from 'rejected'
),
covered as (
  select
    request.request_id,
    request.last_on,
    gag.from_on,
    gag.until_on + asap_days() as until_on,
    gag.until_on = 'infinity' and (gag.checked_at at time zone company_time_zone())::date + gag_recheck_days() < request.seen_on as is_stale,
    gag.origin,
    reading.is_possible
  from requests as request
  join gags as gag on gag.legal_request_id = request.request_id
  cross join (select unnest([true, false]) as is_possible) as reading
  where gag.until_on + asap_days() > request.last_on and (reading.is_possible or not gag.is_unclear)
),
linked as (    -- a gag counts if it began by the last day, or by the one to which the gags before it moved it
  select
    *,
    from_on <= coalesce(max(until_on) over (chain rows between unbounded preceding and 1 preceding), last_on) as is_linked
  from covered
  window chain as (partition by request_id, is_possible order by from_on)
),
counted as (
  select *, bool_and(is_linked) over (partition by request_id, is_possible order by from_on) as is_counted
  from linked
),
moved as (
  select
    request_id,
    max(until_on) filter (where not is_possible) as moved_on,
    bool_and(is_stale) filter (where not is_possible and until_on = 'infinity') as is_stale,
    max(until_on) as possible_on,
    list_sort(list(distinct origin)) as lines
  from counted
  where is_counted
  group by request_id
),
told as (
  select
    request.request_id,
    min(notice.sent_at) filter (where notice.bounced_at is null) as told_at,
    bool_or(notice.sent_at is null and notice.bounced_at is null) as is_undated,
    bool_or(notice.bounced_at is not null) as is_bounced,
    list_sort(list(notice.origin)) as lines
  from requests as request
  join notices as notice on notice.legal_request_id = request.request_id and notice.account_id = request.account_id
  where coalesce(notice.sent_at < as_of(), true)
  group by request.request_id
),
clocks as (
  select
    request.* exclude (lines),
    coalesce(moved.moved_on, request.last_on) as moved_on,
    moved.possible_on,
    moved.is_stale,
    told.told_at,
    (told.told_at at time zone company_time_zone())::date as told_on,
    told.is_undated,
    told.is_bounced,
    case when moved.moved_on < 'infinity' then moved.moved_on else request.last_on end as due_on,
    list_concat(request.lines, moved.lines, told.lines) as lines
  from requests as request
  left join moved on moved.request_id = request.request_id
  left join told on told.request_id = request.request_id
),
judged as (
  select
    *,
    case
      when is_repeated or told_at < received_at or coalesce(status, '') not in ('open', 'complied', 'withdrawn') then 'contradiction'
      when received_at is null then 'undated'
      when told_on <= last_on then 'told'
      when told_on <= moved_on then 'told_after_gag'
      when is_stale then 'recheck_due'
      when moved_on = 'infinity' then 'gagged'
      when coalesce(told_on, 'infinity') <= possible_on then 'gag_unclear'
      when is_undated then 'undated'
      when told_on is not null then 'late'
      when is_bounced then 'bounced'
      when status = 'withdrawn' then 'withdrawn'
      else 'not_told'
    end as reason
  from clocks
  where due_on is null or due_on < seen_on
)
select
  request_id as item,
  due_on::timestamptz as item_at,
  account_id as subject,
  case reason
    when 'told' then 'pass'
    when 'told_after_gag' then 'pass'
    when 'late' then 'exception'
    when 'not_told' then 'exception'
    when 'bounced' then 'exception'
    when 'gagged' then 'deferred'
    when 'recheck_due' then 'manual'
    when 'withdrawn' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'request received {}, last day {}{}, told {}',
    coalesce(strftime(received_at, '%Y-%m-%d %H:%M'), 'nobody knows when'),
    coalesce(last_on::varchar, 'unknown'),
    case when moved_on = 'infinity' then ', gagged' when moved_on > last_on then ', moved by a gag to ' || moved_on else '' end,
    coalesce(told_on::varchar, case when is_bounced then 'not: the notice came back' when is_undated then 'on an unknown day' else 'not' end)
  ) as detail,
  case when reason not in ('told', 'told_after_gag') then letter_reference end as cause,
  lines,
  last_on,
  nullif(moved_on, 'infinity') as moved_on,
  told_on
from judged
