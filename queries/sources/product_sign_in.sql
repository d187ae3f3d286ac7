/*
title      = "The product's own sign-in log, JSON Lines"
table      = "access_events"
provider   = "product"
records    = "lines"
file_names = ["sign_in*", "sign-in*", "signin*"]
recognise  = "has_keys(text, ['id', 'time', 'action', 'result', 'user'])"
origin     = "The product's own authentication service: one JSON object a line for each sign-in, sign-out, second factor, reset of a password, sign-up and the like."
export     = "One file a month, `sign_in-YYYY-MM.jsonl`, with every event of the month by `time`, in the order of `seq`."
limits     = "Fields: id, time, ingested, seq, action, result, why, user, account, session, mfa, ip, agent, and kind where the user is no customer. Who acts without a user is anonymous."
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"id": "VARCHAR", "time": "VARCHAR", "ingested": "VARCHAR", "seq": "VARCHAR", "action": "VARCHAR", "result": "VARCHAR",
        "why": "VARCHAR", "user": "VARCHAR", "account": "VARCHAR", "session": "VARCHAR", "mfa": "VARCHAR", "ip": "VARCHAR",
        "agent": "VARCHAR", "kind": "VARCHAR"}') as event
  from records
)
select
  line,
  event.id as event_id,
  moment(event.time) as event_time,
  moment(event.ingested) as event_ingested,
  try_cast(event.seq as bigint) as event_sequence,
  case when event.action = 'sign_up' then 'signup' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  event.action as event_action,
  coalesce(event.result, 'unknown') as event_outcome,
  nullif(event.why, '') as event_reason,
  coalesce(event.kind, case when event.user is null then 'anonymous' else 'customer' end) as user_kind,
  event.user as user_id,
  event.account as account_id,
  event.session as session_id,
  try_cast(event.mfa as boolean) as is_mfa,
  host(event.ip) as source_ip,
  event.agent as user_agent,
  case
    when event is null then 'is no JSON object'
    when time_fault(event.time) is not null then time_fault(event.time)
    when event.ingested is not null and moment(event.ingested) is null then 'ingested is no moment: ' || left(event.ingested, 40)
    when event.action is null then 'has no action'
    when event.seq is not null and not regexp_full_match(event.seq, '\d{1,18}') then 'seq is no whole number: ' || left(event.seq, 40)
    when event.mfa is not null and event.mfa not in ('true', 'false') then 'mfa is not true or false: ' || left(event.mfa, 40)
  end as refused,
  null::varchar as ignored
from objects
