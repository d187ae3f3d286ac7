-- One row per successful access of a person of ours to a customer account, as a staff log recorded it.
-- person_id is null where login_fault says why nobody knows, or nobody may know, who acted.
-- Mutation kept: `when login.is_shared then 'shared_login'` and `when login.is_service then 'service_by_hand'` swapped — some row is shared or all are service, never both
-- Mutation kept: `when login.people_count > 1 then 'login_of_several'` and `when login.user_id is null then 'login_unknown'` swapped — a login that is not there has no holders
select
  event.event_id,
  event.event_time,
  event.event_action,
  event.account_id,
  event.grant_id,
  event.user_id,
  case when login.people_count = 1 and not login.is_shared and not login.is_service then login.person_id end as person_id,
  case
    when login.is_shared then 'shared_login'
    when login.is_service then 'service_by_hand'
    when login.people_count > 1 then 'login_of_several'
    when login.user_id is null then 'login_unknown'
  end as login_fault,
  event.origin
from access_events as event
left join logins as login using (user_id)
where event.event_dataset = 'staff'
  and event.user_kind = 'staff'
  and event.event_outcome = 'success'
  and coalesce(event.event_action, '') not in ('right_grant', 'log_disable', 'log_delete', 'log_rule_change')
  -- a list of machines is no customer's data; a shell that names no account may reach any
  and (event.account_id is not null or event.event_action is distinct from 'view_metadata')
  -- nothing but a browser shows that a person worked through a service account
  and (login.is_service is not true or event.user_agent like 'Mozilla/%')
