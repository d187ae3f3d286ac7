/*
title      = "Heralding honeypot, CSV"
table      = "access_events"
provider   = "heralding"
records    = "csv"
file_names = ["log_auth*.csv*", "log_session*.csv*", "heralding*.csv*"]
recognise  = '''list_has_all(columns, ['session_id', 'source_ip', 'protocol', 'password', 'auth_id']) or list_has_all(columns, ['session_id', 'source_ip', 'protocol', 'num_auth_attempts'])'''
origin     = "Heralding, a honeypot that collects attempts to sign in: `log_auth.csv` (one row an attempt) and `log_session.csv` (one row a connection)."
export     = "Deliver both files as they are."
limits     = "Times are UTC, as Heralding writes them. Nobody can sign in to a honeypot: each attempt is a failure. The passwords tried are in the raw line alone. Those who tried are unknown, so user_id is the name they gave, of kind anonymous."
# The sample: made for this project (CC0).
*/
select
  line,
  coalesce(cells['auth_id'], cells['session_id']) as event_id,
  zoned(cells['timestamp'] || '+00') as event_time,
  case when cells['auth_id'] is null then 'session' else 'auth' end as event_dataset,
  file_provider() as event_provider,
  case when cells['auth_id'] is null then 'session_start' else 'sign_in' end as event_action,
  case when cells['auth_id'] is null then 'success' else 'failure' end as event_outcome,
  'by ' || cells['protocol'] as event_reason,
  'anonymous' as user_kind,
  cells['username'] as user_id,
  cells['session_id'] as session_id,
  host(cells['source_ip']) as source_ip,
  case
    when cells['timestamp'] is null then 'no time'
    when zoned(cells['timestamp'] || '+00') is null or not is_dated(cells['timestamp']) then 'no moment: ' || left(cells['timestamp'], 40)
    when cells['session_id'] is null then 'has no session_id'
    when map_contains(cells, 'auth_id') and cells['auth_id'] is null then 'has no auth_id'
  end as refused,
  null::varchar as ignored
from records
