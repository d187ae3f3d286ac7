/*
id         = "COL-05a"
title      = "Correspondence is kept, with the e-mail address"
promise    = "we keep that correspondence, including the email address"
source     = "Voluntary correspondence"
severity   = "medium"
kind       = "data"
tests      = "one message of correspondence (message) that came, was deleted, or was answered without being on record, in the period"
needs      = ["records", "data_classes", "privacy_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees messages on record, and those that a message on record answers: what was lost with all its answers leaves no trace here. A message belongs to the period of its deletion; one \
that is there to that of its arrival; one that is missing to that of its first answer. Deletion with a canceled account and by law is believed. What must go is COL-05b's. The policy names no end; whether a canceled \
account's correspondence falls under the purge is a reading that it leaves open. Rows of an unknown class of data are IPE-02's."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)", "5(1)(f)"]
[reasons]
kept              = "Still there, with the e-mail address"
requested         = "Deleted on the request of its writer or account"
account_purged    = "Deleted with its canceled account"
by_law            = "Deleted because the law required it"
deleted           = "Deleted although neither a request, a cancellation nor the law called for it"
missing           = { text = "A message on record answers it, and it is not on record", stays_open = true }
no_email          = { text = "Still there, but without the e-mail address", stays_open = true }
email_unknown     = { text = "Whether the e-mail address was kept is not known", stays_open = true }
request_missing   = { text = "Deleted for a request for erasure that is not on record", stays_open = true }
undated           = { text = "Nobody knows when it came", stays_open = true }
contradiction     = { text = "Stands on record twice, was deleted before it came, or has a reason for its deletion that is missing, unknown or without a deletion", stays_open = true }
[columns]
thread_id  = "Thread that it belongs to"
deleted_at = "Moment of its deletion, UTC; null: still there"
*/
with
correspondence as (
  select coalesce(record_id, origin) as message_id, record.*
  from records as record
  where data_class_id in (select data_class_id from data_classes where kind = 'correspondence')
),
messages as (    -- of two rows with one id the first is shown
  select *, count(*) over (partition by message_id) > 1 as is_repeated
  from correspondence
  qualify row_number() over (partition by message_id order by created_at, origin) = 1
),
erased as (
  select message.message_id, min(request.origin) as origin
  from messages as message
  join privacy_requests as request
    on (list_contains(message.person_ids, request.person_id) or request.account_id = message.account_id)
    and request.received_at <= message.deleted_at
  where message.deletion_reason = 'erasure_request' and request.kind = 'delete'
  group by message.message_id
),
missing as (
  select reply_to_record_id as message_id, min_by(thread_id, (created_at, origin)) as thread_id, min(created_at) as created_at, min_by(origin, (created_at, origin)) as origin
  from messages
  where reply_to_record_id not in (select record_id from records where record_id is not null)
  group by reply_to_record_id
),
judged as (
  select
    message.message_id,
    message.thread_id,
    message.created_at,
    message.deleted_at,
    message.deletion_reason,
    message.person_ids[1] as person_id,
    message.store_id,
    [message.origin, erased.origin] as lines,
    case
      when message.is_repeated
        or message.deleted_at < message.created_at
        or (message.deleted_at is null) <> (message.deletion_reason is null)
        or message.deletion_reason not in
          ('user', 'erasure_request', 'account_purge', 'consent_withdrawn', 'retention_rule', 'legal', 'unknown') then 'contradiction'
      when message.created_at is null then 'undated'
      when message.deletion_reason = 'erasure_request' and erased.message_id is null then 'request_missing'
      when message.deletion_reason = 'erasure_request' then 'requested'
      when message.deletion_reason = 'account_purge' then 'account_purged'
      when message.deletion_reason = 'legal' then 'by_law'
      when message.deleted_at is not null then 'deleted'
      when not message.has_email then 'no_email'
      when message.has_email then 'kept'
      else 'email_unknown'
    end as reason
  from messages as message
  left join erased on erased.message_id = message.message_id
  union all
  select message_id, thread_id, created_at, null, null, null, null, [origin], 'missing'
  from missing
)
select
  message_id as item,
  coalesce(deleted_at, created_at) as item_at,
  coalesce(person_id, thread_id, message_id) as subject,
  case
    when reason in ('kept', 'requested', 'account_purged', 'by_law') then 'pass'
    when reason in ('deleted', 'missing', 'no_email') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  case
    when reason = 'missing' then format('answered on {}, and not on record', coalesce(strftime(created_at, '%Y-%m-%d %H:%M'), 'an unknown day'))
    else format(
      'came {}, {}',
      coalesce(strftime(created_at, '%Y-%m-%d %H:%M'), 'at an unknown moment'),
      coalesce(format('deleted {} for {}', strftime(deleted_at, '%Y-%m-%d %H:%M'), coalesce(deletion_reason, 'no reason given')), 'still there')
    )
  end as detail,
  case when reason in ('deleted', 'no_email') then store_id end as cause,
  lines,
  thread_id,
  deleted_at
from judged
