/*
id         = "COL-05b"
title      = "The correspondence of who asked to be erased is gone by the last day"
promise    = "that your personal information be erased from our possession"
source     = "Your rights with respect to your information"
severity   = "medium"
kind       = "data"
tests      = "one request for erasure and one thread of correspondence of that person from before the request (request, thread), whose last day falls in the period"
needs      = ["records", "data_classes", "privacy_requests"]
may_use    = ["legal_holds", "request_actions"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Judges messages that the person wrote, or the account's where the whole account asked; messages on record and what they say of their deletion. Whether the store was purged, and whether providers were told, is \
DSR-03's: what it finds of the store as a whole, this control finds thread by thread. Correspondence about the request itself, from its arrival on, is left out. Denied and withdrawn requests are left out. \
Whether a canceled account's correspondence must go without a request is left open by the policy."""
[clauses]
dpf  = ["II.5.b", "II.6.a"]
gdpr = ["5(1)(e)", "17"]
ccpa = ["1798.105"]
[parameters.clock_policy]
type    = "varchar"
default = "strictest"
source  = "policy"
meaning = "strictest: the shortest clock for everybody, since the policy gives all the same rights; by_law: each person's own"
[parameters.request_months]
type    = "integer"
default = 1
unit    = "months"
source  = "law"
meaning = "GDPR and UK: from the receipt to the last day to carry out a request"
[parameters.request_months_extended]
type    = "integer"
default = 3
unit    = "months"
source  = "law"
meaning = "GDPR and UK: the same after a notice of extension, from the receipt too"
[parameters.swiss_request_days]
type    = "integer"
default = 30
unit    = "days"
source  = "law"
meaning = "Switzerland: from the receipt to the last day to carry out a request"
[parameters.california_request_days]
type    = "integer"
default = 45
unit    = "days"
source  = "law"
meaning = "California: from the receipt to the last day to carry out a request"
[parameters.california_days_extended]
type    = "integer"
default = 90
unit    = "days"
source  = "law"
meaning = "California: the same after a notice of extension, from the receipt too"
[parameters.hold_grace_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the release of a legal hold to the last day for what it kept; unset: the day of the release"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
erased        = "Every message was deleted by the last day"
exempt        = "The register names a ground on which its store need not erase"
late          = "The last message was deleted only after the last day"
remains       = { text = "A message is still there, and the last day is over", stays_open = true }
held          = { text = "Kept by a legal hold placed by the last day", stays_open = true }
held_over     = "Deleted after the last day, by the one to which a legal hold moved it"
hold_unclear  = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the request was received", stays_open = true }
contradiction = { text = "Rows of the request or of a message contradict each other or hold an unknown code", stays_open = true }
[columns]
due_on   = "Last day of the request"
moved_on = "The same, as legal holds moved it; null: a hold is open"
gone_on  = "Day on which the last message was deleted; null: one is still there"
messages = "Messages of the thread that had to go"
*/
with
correspondence as (
  select *, count(*) over (partition by record_id) > 1 as is_repeated
  from records
  where data_class_id in (select data_class_id from data_classes where kind = 'correspondence')
),
writers as (
  select *, 'person ' || unnest(person_ids) as writer from correspondence
  union all
  select *, 'account ' || account_id from correspondence
),
messages as (
  select distinct
    request.* exclude (lines),
    writer.record_id,
    coalesce(writer.thread_id, writer.record_id, writer.origin) as thread,
    writer.store_id,
    writer.deleted_at,
    writer.is_repeated or writer.deleted_at < writer.created_at as is_message_unclear,
    request.lines,
    writer.origin
  from request_deadlines as request
  join writers as writer
    on writer.writer = coalesce('person ' || request.person_id, 'account ' || request.account_id)
  where request.is_erasure
    and coalesce(writer.created_at < request.received_at, true)
    and coalesce(request.due_on < (as_of() at time zone company_time_zone())::date, true)
),
exemptions as (
  select privacy_request_id, store_id, min(origin) as origin
  from request_actions
  where exemption <> 'no_data_held'
  group by privacy_request_id, store_id
),
threads as (
  select
    message.request_id,
    message.thread,
    any_value(message.received_on) as received_on,
    any_value(message.due_on) as due_on,
    any_value(message.person_id) as person_id,
    max((coalesce(message.deleted_at, 'infinity') at time zone company_time_zone())::date) as gone_on,
    min(coalesce(hold.moved_on, rest.moved_on, message.due_on)) as moved_on,
    min(case when hold.request_id is null then rest.possible_on else hold.possible_on end) as possible_on,
    bool_and(exemption.privacy_request_id is not null) as is_exempt,
    coalesce(bool_or(message.is_contradictory or message.is_message_unclear), false) as is_contradictory,
    min(message.store_id) as store_id,
    count(*) as messages,
    list_sort(list_distinct(flatten(list(list_concat(message.lines, [message.origin, exemption.origin], coalesce(hold.lines, rest.lines)))))) as lines
  from messages as message
  left join exemptions as exemption
    on exemption.privacy_request_id = message.request_id and exemption.store_id = message.store_id
  left join request_holds as hold on hold.request_id = message.request_id and hold.store_id = message.store_id
  left join request_holds as rest on rest.request_id = message.request_id and rest.store_id is null
  group by message.request_id, message.thread
),
judged as (
  select
    *,
    case
      when received_on is null then 'undated'
      when is_contradictory then 'contradiction'
      when is_exempt then 'exempt'
      when gone_on <= due_on then 'erased'
      when gone_on <= moved_on and gone_on < 'infinity' then 'held_over'
      when moved_on >= (as_of() at time zone company_time_zone())::date then 'held'
      when gone_on <= possible_on then 'hold_unclear'
      when gone_on < 'infinity' then 'late'
      else 'remains'
    end as reason
  from threads
)
select
  request_id || ' / ' || thread as item,
  due_on::timestamptz as item_at,
  coalesce(person_id, request_id) as subject,
  case
    when reason in ('erased', 'exempt') then 'pass'
    when reason in ('late', 'remains') then 'exception'
    when reason in ('held', 'held_over') then 'deferred'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'last day {}, {} messages, {}',
    coalesce(due_on::varchar, 'unknown'),
    messages,
    case when gone_on < 'infinity' then 'the last deleted ' || gone_on else 'one still there' end
  ) as detail,
  case when reason in ('late', 'remains') then store_id end as cause,
  lines,
  due_on,
  nullif(moved_on, 'infinity') as moved_on,
  nullif(gone_on, 'infinity') as gone_on,
  messages
from judged
