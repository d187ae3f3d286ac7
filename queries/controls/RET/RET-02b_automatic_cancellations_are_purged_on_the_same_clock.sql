/*
id         = "RET-02b"
title      = "Data of automatically canceled accounts are purged as punctually as those of accounts that owners cancel"
promise    = "This applies both for cases when an account owner directly cancels and for auto-canceled accounts."
source     = "What happens when you delete data in your product accounts"
severity   = "high"
kind       = "data"
tests      = "one kind of cancellation (kind: owner, automatic; unknown, where rows do not say) of whose accounts a last day for a store fell in the period"
repeats    = true
needs      = ["accounts", "stores", "purges", "legal_holds"]
may_use    = ["data_classes", "row_counts", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Compares shares: of RET-01's last days in the period, those by which the store was not purged. Each of these is RET-01's exception; here only that automatic cancellations have the larger share is one, \
so the owners' share is the measure and passes. One last day more or less may decide where there are few. Left out: what a hold keeps or might keep, what contradicts itself, and cancellations by the company or for an erasure request. \
The kind is that of the row with which the time canceled began."""
[clauses]
dpf  = ["II.5.b"]
gdpr = ["5(1)(e)"]
[parameters.purge_days]
type    = "integer"
default = 60
unit    = "days"
source  = "policy"
meaning = "From the day of cancellation, which does not count, to the last day on which data of the account may exist"
[parameters.hold_grace_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the release of a legal hold to the last day for what it kept; unset: the day of the release"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
none_missed  = "Every store was purged by its last day"
measure      = "The share to which the other kind is compared; each last day missed is RET-01's"
no_worse     = "The share of last days missed is no larger than after cancellations by owners"
missed_more  = "The share of last days missed is larger than after cancellations by owners"
no_measure   = "Last days were missed, and there is no cancellation by an owner to compare with"
kind_unknown = "Rows do not say who canceled, or say it in an unknown word"
[columns]
last_days = "Last days in the period, each of one account and store"
missed    = "Those by which the store was not purged for good"
accounts  = "Accounts concerned"
*/
with
last_days as (
  select
    case
      when life.status_cause in ('owner', 'automatic', 'company', 'erasure_request') then life.status_cause
      else 'unknown'
    end as kind,
    store.account_id,
    store.purged_at is null as is_missed,
    store.lines[1] as line
  from purged_stores as store
  join canceled_spans as span
    on span.account_id = store.account_id and span.canceled_on = store.canceled_on
  join account_lives as life
    on life.account_id = span.account_id and life.started_at = span.canceled_at and life.status = 'canceled'
  where store.is_due
    and not store.is_login
    and not store.is_contradictory
    and store.due_on >= since()
    and store.due_on < until()
    and (store.purged_at is not null or coalesce(store.gone_on > store.possible_on, true))    -- else a hold keeps it, or might
),
kinds as (
  select
    kind,
    count(*) as last_days,
    count(*) filter (where is_missed) as missed,
    count(distinct account_id) as accounts,
    min(line, 100) filter (where is_missed) as lines
  from last_days
  where kind not in ('company', 'erasure_request')
  group by kind
),
judged as (
  select
    counted.*,
    case
      when counted.kind = 'unknown' then 'kind_unknown'
      when counted.missed = 0 then 'none_missed'
      when counted.kind = 'owner' then 'measure'
      when measure.kind is null then 'no_measure'
      when counted.missed * measure.last_days > measure.missed * counted.last_days then 'missed_more'
      when counted.missed * measure.last_days <= measure.missed * counted.last_days then 'no_worse'
    end as reason
  from kinds as counted
  left join kinds as measure on measure.kind = 'owner'
)
select
  kind as item,
  null::timestamptz as item_at,
  kind as subject,
  case
    when reason in ('none_missed', 'measure', 'no_worse') then 'pass'
    when reason = 'missed_more' then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format('{} of {} last days missed, {} accounts', missed, last_days, accounts) as detail,
  null as cause,
  lines,
  last_days,
  missed,
  accounts
from judged
