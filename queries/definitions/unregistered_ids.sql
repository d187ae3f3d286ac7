/*
title = "Accounts, persons and logins that rows name and the register of accounts or people does not have"
*/
-- One row per id, register and table that names it. A login counts once it succeeded: names that attackers try are none.
-- A register that was not delivered is not held against the rows. Whom an earlier snapshot of a register named must
-- still be in it: who vanished before the export would escape every control.
with
mentions as (
  select 'access_events' as table_name, [account_id] as account_ids, []::varchar[] as person_ids, []::varchar[] as login_ids, min(origin) as origin
  from access_events
  group by account_id
  union all
  select 'access_events', [], [], [user_id], min(origin)
  from access_events
  where event_outcome = 'success' and user_kind <> 'anonymous'
  group by user_id
  union all
  select 'accounts', [merged_into_account_id], [], [], origin from accounts
  union all
  select 'access_grants', [account_id], [person_id, requested_by_person_id, granted_by_person_id, approved_by_person_id], [], origin from access_grants
  union all
  select 'attestations', [], [signed_by_person_id], [], origin from attestations
  union all
  select 'backups', [account_id], [], [], origin from backups
  union all
  select 'cases', [account_id], [opened_by_person_id], [], origin from cases
  union all
  select 'complaints', [], [person_id], [], origin from complaints
  union all
  select 'consents', [account_id], [person_id, given_by_person_id], [], origin from consents
  union all
  select 'data_classes', [], [approved_by_person_id], [], origin from data_classes
  union all
  select 'data_uses', [account_id], [person_id], [], origin from data_uses
  union all
  select 'disclosures', [account_id], [], [], origin from disclosures
  union all
  select 'documents', [], [decided_by_person_id], [], origin from documents
  union all
  select 'dpf_certifications', [], [submitted_by_person_id], [], origin from dpf_certifications
  union all
  select 'entitlements', [account_id], [person_id, approved_by_person_id], [user_id], origin from entitlements
  union all
  select 'findings', [], [subject_person_id, closed_by_person_id], [], origin from findings
  union all
  select 'invoices', [account_id], [], [], origin from invoices
  union all
  select 'legal_holds', [account_id], [approved_by_person_id, person_id], [], origin from legal_holds
  union all
  select 'legal_requests', [account_id], [decided_by_person_id], [], origin from legal_requests
  union all
  select 'notices', [account_id], [person_id], [], origin from notices
  union all
  select 'privacy_requests', [account_id], [person_id, requester_person_id], [], origin from privacy_requests
  union all
  select 'purges', [account_id], [person_id], [], origin from purges
  union all
  select 'records', [account_id], person_ids, [], origin from records
  union all
  select 'restores', [account_id], [requested_by_person_id], [], origin from restores
  union all
  select 'retention_rules', [], [owner_person_id, approved_by_person_id], [], origin from retention_rules
  union all
  select 'reviews', [], [reviewed_by_person_id], [], origin from reviews
  union all
  select 'row_counts', [account_id], [person_id], [], origin from row_counts
  union all
  select 'stores', [], [owner_person_id], [], origin from stores
  union all
  select 'transfer_bases', [account_id], [], [], origin from transfer_bases
  union all
  select 'waivers', [], [requested_by_person_id, approved_by_person_id], [], origin from waivers
  union all
  select 'an earlier snapshot of accounts', [account_id], [], [], origin
  from history.accounts
  where load_id in (select load_id from loads where extracted_at <= as_of())
  union all
  select 'an earlier snapshot of people', [], [person_id], user_ids, origin
  from history.people
  where load_id in (select load_id from loads where extracted_at <= as_of())
),
ids as (
  select 'accounts' as register, unnest(account_ids) as id, table_name, origin from mentions
  union all
  select 'people', unnest(person_ids), table_name, origin from mentions
  union all
  select 'login', unnest(login_ids), table_name, origin from mentions
)
select
  case when ids.register = 'login' then 'people' else ids.register end as register,
  ids.id,
  ids.table_name,
  min(ids.origin) as origin
from ids
where ids.id is not null
  and case ids.register
    when 'accounts' then ids.id not in (select account_id from accounts)
    when 'people' then ids.id not in (select person_id from people)
    else ids.id not in (select unnest(user_ids) from people)
  end
group by all
-- Mutation kept: `union all` to `union` in `account_id union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `user_id union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `accounts union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `access_grants union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `attestations union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `backups union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `cases union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `complaints union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `consents union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `data_classes union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `data_uses union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `disclosures union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `documents union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `dpf_certifications union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `entitlements union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `findings union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `invoices union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `legal_holds union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `legal_requests union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `notices union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `privacy_requests union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `purges union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `records union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `restores union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `retention_rules union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `reviews union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `row_counts union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `stores union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `transfer_bases union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `waivers union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `load_id in (select load_id from loads where extracted_at <= as_of()) union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `mentions union all` — ids are grouped afterwards, so a row twice changes nothing
-- Mutation kept: `union all` to `union` in `mentions union all` (place 2) — ids are grouped afterwards, so a row twice changes nothing
