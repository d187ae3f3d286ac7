-- One row per staff access and grant that could justify it, with what speaks for or against the grant alone.
-- The grant that the tool cited decides; where none is cited, every grant of the person for that account is tried.
-- is_unknown: a fact is missing, so that nobody can say whether the grant fits.
-- Mutation kept: `union all` to `union` in `permit.grant_id = access.grant_id union all` — a grant is cited or tried, never both
-- Mutation kept: `union all` to `union` in `access.grant_id is null union all` — a grant names the same account as the access or not, never both
with
permits as (
  select *, count(*) over (partition by grant_id) as copies
  from access_grants
),
papers as (    -- two rows of one id contradict each other: neither is believed
  select *
  from legal_requests
  qualify count(*) over (partition by legal_request_id) = 1
),
pairs as (
  select access, permit, true as is_cited
  from staff_accesses as access
  join permits as permit on permit.grant_id = access.grant_id
  union all
  select access, permit, false
  from staff_accesses as access
  join permits as permit
    on permit.person_id = access.person_id
    and permit.account_id is not distinct from access.account_id
  where access.grant_id is null
  union all    -- a grant for any account, or an access that names none; two equal keys, since an OR would compare all with all
  select access, permit, false
  from staff_accesses as access
  join permits as permit
    on permit.person_id = access.person_id
    and (permit.account_id is null) = (access.account_id is not null)
  where access.grant_id is null
),
judged as (
  select
    pairs.*,
    paper.origin as paper_origin,
    case
      when permit.copies > 1 then 'grant_unclear'
      when permit.person_id <> access.person_id then 'other_person'
      when permit.account_id <> access.account_id then 'other_account'
      when access.event_time < permit.valid_from_at then 'before_grant'
      when access.event_time >= permit.valid_to_at then 'after_expiry'
      when access.event_time >= permit.revoked_at then 'after_revocation'
      when not list_contains(permit.actions, access.event_action) then 'other_action'
      when permit.is_break_glass and permit.approved_by_person_id is null then 'break_glass_unapproved'
      when coalesce(permit.approved_by_person_id, permit.granted_by_person_id) = permit.person_id then 'self_approved'
      when permit.approved_by_person_id = permit.requested_by_person_id then 'self_approved'
      when permit.is_break_glass and permit.approved_at <= access.event_time + to_hours(break_glass_hours()) then 'break_glass_in_time'
      when permit.is_break_glass then 'break_glass_late'
      when permit.approved_at > access.event_time then 'approved_late'
      when permit.basis = 'legal_requirement' and paper.legal_request_id is null then 'paper_missing'
      when permit.basis = 'legal_requirement' and (
        paper.received_at > access.event_time
        or paper.status = 'rejected'
        or paper.account_id is null
        or paper.account_id <> access.account_id
        or paper.valid_from_at > access.event_time
        or paper.valid_to_at <= access.event_time
      ) then 'paper_fails'
      when access.account_id is null and coalesce(permit.account_id, paper.account_id) is not null then 'account_unnamed'
      when permit.valid_from_at is not null
        and permit.valid_to_at is not null
        and not permit.is_break_glass
        and (permit.actions is null or list_contains(permit.actions, access.event_action))
        and permit.requested_by_person_id is not null
        and coalesce(permit.approved_by_person_id, permit.granted_by_person_id) is not null
        and (
          permit.basis in ('service_error', 'support_consent', 'abuse_investigation')
          or permit.basis = 'legal_requirement' and paper.received_at <= access.event_time and paper.status is not null
        ) then 'fits'
      else 'grant_incomplete'
    end as reason
  from pairs
  left join papers as paper on paper.legal_request_id = permit.legal_request_id
)
select
  access.event_id,
  access.event_time,
  access.account_id,
  access.origin,
  permit.grant_id,
  permit.basis,
  permit.case_id,
  permit.consent_id,
  permit.copies,
  permit.valid_from_at,
  permit.valid_to_at,
  permit.origin as grant_origin,
  paper_origin,
  is_cited,
  reason,
  reason in ('grant_unclear', 'paper_missing', 'account_unnamed', 'grant_incomplete') as is_unknown
from judged
