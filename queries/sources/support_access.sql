/*
title      = "The support tool's log of staff access, JSON Lines"
table      = "access_events"
provider   = "support"
records    = "lines"
file_names = ["staff_access*", "staff-access*"]
recognise  = "has_keys(text, ['id', 'ts', 'actor', 'tool', 'action'])"
origin     = "The support tool through which staff reach customer accounts: its console, its database shell and impersonation."
export     = "One file a month, `staff_access-YYYY-MM.jsonl`, with every access of the month by `ts`, in the order of `seq`."
limits     = "Fields: id, ts, seq, actor, tool, action, account, rows, grant, reason, sid, ip, agent, result. In a database shell the log does not say which account was seen."
*/
with
objects as (
  select
    line,
    from_json(object_of(text),
      '{"id": "VARCHAR", "ts": "VARCHAR", "seq": "VARCHAR", "actor": "VARCHAR", "tool": "VARCHAR", "action": "VARCHAR",
        "account": "VARCHAR", "rows": "VARCHAR", "grant": "VARCHAR", "reason": "VARCHAR", "sid": "VARCHAR", "ip": "VARCHAR",
        "agent": "VARCHAR", "result": "VARCHAR"}') as event
  from records
)
select
  line,
  event.id as event_id,
  moment(event.ts) as event_time,
  try_cast(event.seq as bigint) as event_sequence,
  try_cast(event.rows as bigint) as record_count,
  'staff' as event_dataset,
  file_provider() as event_provider,
  event.action as event_action,
  coalesce(event.result, 'unknown') as event_outcome,
  nullif(event.reason, '') as event_reason,
  'staff' as user_kind,
  event.actor as user_id,
  event.account as account_id,
  event.sid as session_id,
  event.grant as grant_id,
  host(event.ip) as source_ip,
  event.agent as user_agent,
  case
    when event is null then 'is no JSON object'
    when time_fault(event.ts) is not null then time_fault(event.ts)
    when event.action is null then 'has no action'
    when event.seq is not null and not regexp_full_match(event.seq, '\d{1,18}') then 'seq is no whole number: ' || left(event.seq, 40)
    when event.rows is not null and not regexp_full_match(event.rows, '\d{1,18}') then 'rows is no whole number: ' || left(event.rows, 40)
  end as refused,
  null::varchar as ignored
from objects
