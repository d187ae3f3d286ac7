/*
title = "Causes that several items share, whatever the control: one lingering snapshot, one store, one job, one account"
needs = []
[columns]
cause       = "What the items have in common"
kind        = "backup, store, job, account, request, or other"
store_id    = "Store of the backup, or the store itself"
place       = "Where the backup lies"
owner       = "Person who answers for the store"
controls    = "Controls whose items these are"
items       = "Items that are exceptions or could not be evaluated"
exceptions  = "Of them exceptions"
accounts    = "Accounts among their subjects"
first_on    = "Day of the first item"
last_on     = "Day of the last item"
findings    = "Numbers of the findings that hold these items, the first ten"
all_causes  = "Causes in all, shown or not"
all_items   = "Items in all, with or without a cause"
alone_items = "Items that share no cause with another"
*/
with
items as (    -- a backup that is still there is itself the cause of what its accounts wait for
  select
    control_id,
    item,
    item_at,
    subject,
    effective_outcome as outcome,
    reason,
    cause as own_cause,
    case when control_id = 'BKP-01' and reason in ('late', 'remains') then item else cause end as cause
  from outcomes
  where effective_outcome in ('exception', 'unknown')
    and regexp_matches(control_id, '^(RET|BKP|DIS|COL|DSR)-|^LOG-0[345]|^SEC-02')
),
grouped as (
  select
    cause,
    list_sort(list(distinct control_id)) as controls,
    count(*) as items,
    count(*) filter (where outcome = 'exception') as exceptions,
    count(distinct subject) filter (where subject in (select account_id from accounts)) as accounts,
    min(item_at)::date as first_on,
    max(item_at)::date as last_on
  from items
  where cause is not null
  group by cause
  having count(*) > 1
),
numbered as (
  select item.cause, list_sort(list(distinct finding.number))[:10] as findings
  from (select distinct cause, control_id, outcome, reason, own_cause from items where cause in (select cause from grouped)) as item
  join findings as finding
    on finding.control_id = item.control_id
    and finding.outcome = item.outcome
    and finding.reason = item.reason
    and (finding.cause = item.own_cause or finding.cause is null and finding.first_item = item.cause)
  group by item.cause
),
owners as (
  select store_id, max_by(owner_person_id, valid_from_at) as owner_person_id
  from stores
  where valid_from_at <= as_of()
  group by store_id
),
placed as (
  select backup_id, any_value(store_id) as store_id, any_value(coalesce(location, country)) as place
  from backups
  where backup_id in (select cause from grouped)
  group by backup_id
),
kinds as (
  select
    cause,
    case
      when cause in (select backup_id from placed) then 'backup'
      when cause in (select store_id from stores) then 'store'
      when cause in (select job_id from jobs) then 'job'
      when cause in (select account_id from accounts) then 'account'
      when cause in (select legal_request_id from legal_requests) then 'request'
      else 'other'
    end as kind
  from grouped
),
totals as (
  select
    (select count(*) from grouped) as all_causes,
    count(*) as all_items,
    count(*) - (select coalesce(sum(items), 0) from grouped)::bigint as alone_items
  from items
)
select
  grouped.cause,
  kinds.kind,
  coalesce(placed.store_id, case when kinds.kind = 'store' then grouped.cause end) as store_id,
  placed.place,
  owners.owner_person_id as owner,
  grouped.controls,
  grouped.items,
  grouped.exceptions,
  grouped.accounts,
  grouped.first_on,
  grouped.last_on,
  coalesce(numbered.findings, []) as findings,
  totals.all_causes,
  totals.all_items,
  totals.alone_items
from grouped
cross join totals
join kinds on kinds.cause = grouped.cause
left join placed on placed.backup_id = grouped.cause
left join owners on owners.store_id = coalesce(placed.store_id, case when kinds.kind = 'store' then grouped.cause end)
left join numbered on numbered.cause = grouped.cause
qualify row_number() over (order by grouped.accounts desc, grouped.items desc, grouped.cause) <= 50
order by grouped.accounts desc, grouped.items desc, grouped.cause
