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
exempt        = "What was not deleted in time lies in a store for which the register names a ground not to erase"
late          = "A message was deleted only after the last day"
remains       = { text = "A message is still there, and the last day is over", stays_open = true }
held          = { text = "A message is kept by a legal hold placed by the last day", stays_open = true }
held_over     = "A message was deleted after the last day, by the one to which a legal hold moved it"
hold_unclear  = { text = "A legal hold would excuse what is late, but its start, approver or dates are missing or contradict each other", stays_open = true }
undated       = { text = "Nobody knows when the request was received", stays_open = true }
contradiction = { text = "Rows of the request, a message or the exemption contradict each other or hold an unknown code", stays_open = true }
[columns]
due_on   = "Last day of the request"
moved_on = "The same for the message that decides, as legal holds moved it; null: a hold is open"
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
    (coalesce(writer.deleted_at, 'infinity') at time zone company_time_zone())::date as gone_on,
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
  select
    privacy_request_id,
    store_id,
    bool_or(exemption not in ('legal_obligation', 'legal_claims', 'public_interest', 'free_expression', 'security', 'backup_until_next_use')) as is_unclear,
    min(origin) as origin
  from request_actions
  where exemption <> 'no_data_held'
  group by privacy_request_id, store_id
),
judged_messages as (
  select
    message.* exclude (lines),
    coalesce(hold.moved_on, rest.moved_on, message.due_on) as excused_on,
    list_concat(message.lines, [message.origin, exemption.origin], coalesce(hold.lines, rest.lines)) as lines,
    case
      when message.received_on is null then 'undated'
      when message.is_contradictory or message.is_message_unclear or exemption.is_unclear then 'contradiction'
      when message.gone_on <= message.due_on then 'erased'
      when exemption.privacy_request_id is not null then 'exempt'
      when message.gone_on <= excused_on and message.gone_on < 'infinity' then 'held_over'
      when excused_on >= (as_of() at time zone company_time_zone())::date then 'held'
      when message.gone_on <= coalesce(hold.possible_on, rest.possible_on) then 'hold_unclear'
      when message.gone_on < 'infinity' then 'late'
      else 'remains'
    end as reason
  from messages as message
  left join exemptions as exemption
    on exemption.privacy_request_id = message.request_id and exemption.store_id = message.store_id
  left join request_holds as hold on hold.request_id = message.request_id and hold.store_id = message.store_id
  left join request_holds as rest on rest.request_id = message.request_id and rest.store_id is null
),
threads as (    -- a thread is as bad as the worst of its messages
  select
    request_id,
    thread,
    any_value(due_on) as due_on,
    any_value(person_id) as person_id,
    max(gone_on) as gone_on,
    count(*) as messages,
    max_by({reason: reason, moved_on: excused_on, store_id: store_id}, (list_position(
      ['erased', 'exempt', 'held_over', 'held', 'hold_unclear', 'late', 'remains', 'contradiction', 'undated'], reason
    ), origin)) as worst,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from judged_messages
  group by request_id, thread
),
judged as (
  select *, worst.reason as reason
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
    'last day {}, messages: {}, {}',
    coalesce(due_on::varchar, 'unknown'),
    messages,
    case when gone_on < 'infinity' then 'the last deleted ' || gone_on else 'one still there' end
  ) as detail,
  case when reason in ('late', 'remains') then worst.store_id end as cause,
  lines,
  due_on,
  nullif(worst.moved_on, 'infinity') as moved_on,
  nullif(gone_on, 'infinity') as gone_on,
  messages
from judged
