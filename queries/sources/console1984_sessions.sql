/*
title      = "console1984 and audits1984: sessions of the production console"
table      = "access_events"
provider   = "console1984"
records    = "json"
lists      = ["sessions"]
file_names = ["*console1984*", "*audits1984*", "sessions*.json"]
recognise  = "(object_of(text)->'session'->>'sensitive') is not null or has_keys(text, ['user', 'reason', 'sensitive', 'created_at'])"
origin     = "The console1984 gem records each session of the Rails console in production; audits1984 serves them: who, when, for what reason, which commands, whether protected data were decrypted."
export     = "The audits1984 API: `GET …/sessions/ID` for each session (`{\"session\": {…}}`), or the list of sessions, which lacks the commands; one after the other in one file."
limits     = "A session is one event (run_query) as of its start; each batch of commands in which protected data were decrypted is one more (view_content), at the same moment, with its justification. No command's own time, no address and no account are recorded. A list of sessions says only that one was sensitive: then one view_content. Audits are no accesses: they are reviews."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select
    line,
    case when json_type(object_of(text)->'session') = 'OBJECT' then object_of(text)->'session' else object_of(text) end as document
  from records
),
sessions as (
  select
    line,
    document,
    from_json(document,
      '{"id": "VARCHAR", "user": "VARCHAR", "reason": "VARCHAR", "created_at": "VARCHAR", "sensitive": "VARCHAR",
        "command_batches": [{"sensitive": "VARCHAR", "justification": "VARCHAR", "commands": ["VARCHAR"]}]}') as session
  from documents
),
accesses as (
  select line, document, session, 'run_query' as action, 'session/' || session.id as id, session.reason as reason, list_sum(list_transform(session.command_batches, lambda batch: len(batch.commands))) as commands
  from sessions
  union all
  select line, document, session, 'view_content', 'session/' || session.id || '/' || number, coalesce(batch.justification, session.reason), len(batch.commands)
  from (select *, unnest(session.command_batches) as batch, generate_subscripts(session.command_batches, 1) as number from sessions where session.command_batches is not null)
  where batch.sensitive = 'true'
  union all
  select line, document, session, 'view_content', 'session/' || session.id || '/sensitive', session.reason, null
  from sessions
  where session.command_batches is null and session.sensitive = 'true'
)
select
  line,
  id as event_id,
  moment(in_utc(session.created_at)) as event_time,
  'staff' as event_dataset,
  file_provider() as event_provider,
  action as event_action,
  'success' as event_outcome,
  nullif(reason, '') as event_reason,
  'staff' as user_kind,
  session.user as user_id,
  session.id as session_id,
  case
    when document is null then 'is no JSON object'
    when session.id is null or session.sensitive is null then 'is no session: no id or no sensitive'
    when time_fault(in_utc(session.created_at)) is not null then time_fault(in_utc(session.created_at))
  end as refused,
  null::varchar as ignored
from accesses
