-- One row per success of one known person of ours, as a staff log or a sign-in log recorded it.
-- is_access: an access to customers' data as ACC-01 counts it; else a sign-in, or a setting of rights or logs.
select
  event.event_id,
  event.event_time,
  event.event_action,
  event.account_id,
  event.grant_id,
  event.record_count,
  event.source_ip,
  login.person_id,
  event.event_dataset = 'staff'
    and coalesce(event.event_action, '') not in ('right_grant', 'log_disable', 'log_delete', 'log_rule_change')
    and (event.account_id is not null or event.event_action is distinct from 'view_metadata') as is_access,
  event.origin
from access_events as event
join logins as login on login.user_id = event.user_id and login.is_ours and login.people_count = 1
where event.user_kind = 'staff'
  and event.event_outcome = 'success'
  and event.event_dataset in ('staff', 'auth')
